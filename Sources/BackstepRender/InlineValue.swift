// A number or a tensor within a line of text.

import BackstepTrace

/// A value that is short enough to stand within a line, as it can be typed.
struct InlineValue {
  /// The longest tensor that is written out within a line among other things.
  static let columns = 24

  /// `0.5`, `[1, 2]` or `[[1, 2], [3, 4]]`.
  let text: ByteBuffer

  /// Writes the value; nil for a tensor that takes more than `limit` columns.
  init?(_ reading: Reading, limit: Int, numbers: NumberFormat) {
    var text = ByteBuffer()
    switch reading {
    case .scalar(let number): numbers.append(number, to: &text)
    case .tensor(let shape, let elements):
      guard elements.count <= limit / 2 else { return nil }
      Self.append(shape, elements, numbers, to: &text)
      guard text.count <= limit else { return nil }
    }
    self.text = text
  }

  /// A tensor within some columns: written out, with fewer digits where that helps; else its first
  /// numbers and its shape, `[[0.488, -1.11], …] ⟨12×2⟩`; else its shape.
  static func shortened(_ reading: Reading, room: Int, numbers: NumberFormat) -> ByteBuffer {
    for digits in digits(numbers) {
      if let value = InlineValue(reading, limit: room, numbers: digits) { return value.text }
    }
    let shape = Self.shape(reading.shape)
    guard case .tensor(let size, let elements) = reading, let digits = digits(numbers).last else {
      return shape
    }
    // The brackets of the shape and the dots take more bytes than columns, but never fewer.
    let isMatrix = size.rank == 2
    var text = ByteBuffer(isMatrix ? "[[" : "[")
    var best: ByteBuffer?
    for (place, element) in elements.prefix(max(0, room)).enumerated() {
      let isRowEnd = isMatrix && place % size.columns == 0 && place > 0
      if place > 0 { text.append(isRowEnd ? "], [" : ", ") }
      digits.append(element, to: &text)
      var whole = text
      let endsRow = (place + 1) % max(1, isMatrix ? size.columns : elements.count + 1) == 0
      whole.append(!isMatrix ? ", …] " : endsRow ? "], …] " : ", …], …] ")
      whole.append(shape)
      guard whole.count <= room + (isMatrix ? 5 : 4) else { break }
      best = whole
    }
    return best ?? shape
  }

  /// Ever fewer digits, but no fewer than three.
  static func digits(_ numbers: NumberFormat) -> [NumberFormat] {
    [numbers] + [4, 3].filter { $0 < numbers.digits }.map { NumberFormat(digits: $0) }
  }

  private static func append(
    _ shape: Shape, _ elements: [Double], _ numbers: NumberFormat, to text: inout ByteBuffer
  ) {
    let isMatrix = shape.rank == 2
    let columns = isMatrix ? shape.columns : shape.count
    if isMatrix { text.append("[") }
    for row in 0..<(isMatrix ? shape.rows : 1) {
      text.append(row == 0 ? "[" : ", [")
      for column in 0..<columns {
        if column > 0 { text.append(", ") }
        numbers.append(elements[row * columns + column], to: &text)
      }
      text.append("]")
    }
    if isMatrix { text.append("]") }
  }

  /// A shape in place of a value that is too long: `⟨2×3⟩`; in square brackets it would look like one.
  static func shape(_ shape: Shape) -> ByteBuffer {
    var text = ByteBuffer()
    shape.writeAngled(to: &text)
    return text
  }
}
