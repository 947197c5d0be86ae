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
    var text = ByteBuffer("⟨")
    for (axis, size) in shape.sizes.enumerated() {
      if axis > 0 { text.append("×") }
      text.append(size)
    }
    text.append("⟩")
    return text
  }
}
