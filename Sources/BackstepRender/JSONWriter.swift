// JSON, a line at a time: strings escaped, commas where they belong.

import BackstepTrace

/// Writes one line of JSON after the other.
///
/// Commas are put where they are needed; that braces match is up to the caller.
public struct JSONWriter {
  /// Whether characters that are not ASCII are written as `\u` escapes.
  let ascii: Bool
  /// The text so far.
  public internal(set) var output = ByteBuffer()
  private var needsComma = false
  /// Writes numbers that come again and again; nil where few are written.
  let numbers: Numbers?

  /// A writer of numbers, which two writers of JSON share.
  final class Numbers {
    // Not checked at every access: what writes a number calls nothing that comes back.
    @exclusivity(unchecked) var writer = NumberWriter(nil)
  }

  /// Starts with nothing.
  ///
  /// - Parameter ascii: Whether characters that are not ASCII are escaped; readers of JSON see the
  ///   same text.
  public init(ascii: Bool = false) { self.init(ascii: ascii, numbers: nil) }

  /// Starts with nothing, for text with numbers that come again and again.
  init(ascii: Bool, numbers: Numbers?) {
    self.ascii = ascii
    self.numbers = numbers
  }

  /// Begins a line: `{"event":"…"`.
  public mutating func beginEvent(_ event: String) {
    open("{")
    key("event")
    string(event)
  }

  /// Ends a line.
  public mutating func endEvent() {
    close("}")
    output.append(byte: UInt8(ascii: "\n"))
    needsComma = false
  }

  /// Begins an object or an array.
  public mutating func open(_ bracket: StaticString) {
    separate()
    output.append(bracket)
    needsComma = false
  }

  /// Ends an object or an array.
  public mutating func close(_ bracket: StaticString) {
    output.append(bracket)
    needsComma = true
  }

  /// Writes a key; its value is next.
  public mutating func key(_ key: StaticString) {
    // A quotation mark, with a comma before it or not; then one with a colon behind it.
    if needsComma {
      output.append(0x222C, first: 2, key, 0x3A22, first: 2)
    } else {
      output.append(0x22, first: 1, key, 0x3A22, first: 2)
    }
    needsComma = false
  }

  /// Writes a key and a string.
  public mutating func member(_ key: StaticString, _ value: String) {
    self.key(key)
    string(value)
  }

  /// Writes a key and a whole number.
  public mutating func member(_ key: StaticString, _ value: Int) {
    self.key(key)
    item(value)
  }

  /// Writes a key and true or false.
  public mutating func member(_ key: StaticString, _ value: Bool) {
    self.key(key)
    separate()
    output.append(value ? "true" : "false")
  }

  /// Writes a key and a number or nested arrays.
  public mutating func member(_ key: StaticString, _ value: Reading) {
    self.key(key)
    reading(value)
  }

  /// Writes the key `shape` and the sizes.
  public mutating func member(shape: Shape) {
    key("shape")
    sizes(of: shape)
  }

  /// Writes the sizes of a shape.
  public mutating func sizes(of shape: Shape) {
    if shape.isScalar {
      separate()
      output.append("[]")
      return
    }
    open("[")
    for size in shape.sizes { item(size) }
    close("]")
  }

  /// Writes a whole number.
  public mutating func item(_ number: Int) {
    separate()
    output.append(number)
  }

  /// Writes a number: shortest digits, or `"NaN"`, `"Infinity"`, `"-Infinity"`.
  public mutating func number(_ number: Double) {
    separate()
    if let numbers {
      numbers.writer.append(number, to: &output)
    } else {
      output.appendJSON(number)
    }
  }

  /// Writes a number, an array of numbers, or an array of rows.
  public mutating func reading(_ reading: Reading) {
    if case .scalar(let number) = reading { return self.number(number) }
    guard case .tensor(let shape, let elements) = reading, !shape.isScalar else {
      number(reading.first)
      return
    }
    guard shape.rank == 2 else { return array(elements[...]) }
    open("[")
    for row in 0..<shape.rows {
      array(elements[row * shape.columns..<(row + 1) * shape.columns])
    }
    close("]")
  }

  private mutating func array(_ numbers: ArraySlice<Double>) {
    open("[")
    for number in numbers { self.number(number) }
    close("]")
  }

  /// Writes a string with everything escaped that has to be.
  public mutating func string(_ text: String) {
    separate()
    output.append(byte: UInt8(ascii: "\""))
    let start = output.count
    output.append(text)
    escape(from: start)
    output.append(byte: UInt8(ascii: "\""))
  }

  /// Writes what a closure writes as a string with everything escaped that has to be.
  @inline(__always)
  public mutating func string(_ write: (inout ByteBuffer) -> Void) {
    separate()
    output.append(byte: UInt8(ascii: "\""))
    let start = output.count
    write(&output)
    escape(from: start)
    output.append(byte: UInt8(ascii: "\""))
  }

  /// Writes a stretch of JSON that stands in the program, commas and all; behind it stands a value, or
  /// the rest of one.
  @inline(__always) mutating func literal(_ text: StaticString) {
    output.append(literal: text)
    needsComma = false
  }

  /// Ends a string that ``literal(_:)`` has begun.
  @inline(__always) mutating func endString() {
    output.append(byte: UInt8(ascii: "\""))
    needsComma = true
  }

  /// Writes what stands between quotation marks: what `ready` writes, if it can, else what `write` writes,
  /// with everything escaped that has to be.
  @inline(__always)
  mutating func characters(
    ready: (inout ByteBuffer) -> Bool, else write: (inout ByteBuffer) -> Void
  ) {
    let start = output.count
    if ready(&output) { return }
    output.truncate(to: start)
    write(&output)
    escape(from: start)
  }

  /// Ends an event and the array at its end.
  mutating func endArrayAndEvent() {
    // `]`, `}` and the end of the line, the first character in the lowest byte.
    output.append(packed: 0x0A_7D5D, first: 3)
    needsComma = false
  }

  /// Adds what a closure puts together in memory that is there, where all of it is ready.
  ///
  /// - Returns: false, and nothing was added, where some of it is not.
  @inline(__always) mutating func compose(_ body: (inout JSONCursor) -> Void) -> Bool {
    guard let numbers else { return false }
    var needsComma = needsComma
    let isComplete = output.compose(upTo: 1024) { text in
      var json = JSONCursor(text: text, needsComma: needsComma, numbers: numbers)
      body(&json)
      (text, needsComma) = (json.text, json.needsComma)
    }
    if isComplete { self.needsComma = needsComma }
    return isComplete
  }

  /// A text as it stands between quotation marks; it replaces what was written from a place on.
  func escape(_ text: inout ByteBuffer, from start: Int) {
    var writer = JSONWriter(ascii: ascii)
    swap(&writer.output, &text)
    writer.escape(from: start)
    swap(&writer.output, &text)
  }

  /// Takes the text out and keeps the memory.
  public mutating func removeAll() { output.removeAll() }

  /// Writes a comma if something came before.
  private mutating func separate() {
    if needsComma { output.append(byte: UInt8(ascii: ",")) }
    needsComma = true
  }

  /// Escapes what was written from a place on.
  private mutating func escape(from start: Int) {
    if isPlain(from: start) { return }
    let text = output.string(from: start)
    output.truncate(to: start)
    for scalar in text.unicodeScalars { escape(scalar) }
  }

  private func isPlain(from start: Int) -> Bool {
    guard output.isPlain(from: start) else { return false }
    for place in start..<output.count {
      let byte = output[place]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
    }
    return true
  }

  private mutating func escape(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": output.append("\\\"")
    case "\\": output.append("\\\\")
    case "\n": output.append("\\n")
    case "\r": output.append("\\r")
    case "\t": output.append("\\t")
    // A terminal may be reading: what could harm it is escaped although JSON would allow it.
    case _ where scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7F:
      output.append(byte: UInt8(scalar.value))
    case _ where ascii || DisplayWidth.isUnsafe(scalar):
      for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { escape(unit: unit) }
    default: output.append(scalar.utf8)
    }
  }

  private mutating func escape(unit: UInt16) {
    let digits = String(unit, radix: 16)
    output.append("\\u")
    output.append(byte: UInt8(ascii: "0"), times: 4 - digits.utf8.count)
    output.append(digits)
  }
}
