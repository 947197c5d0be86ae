// What the events of a trace are put together on: a writer of JSON, or, for most, memory for one event.

import BackstepTrace

/// JSON that is put together from stretches of it; see ``JSONWriter`` for what these do.
protocol JSONPieces {
  associatedtype Text: ByteSink
  mutating func literal(_ text: StaticString)
  mutating func part()
  mutating func item(_ number: Int)
  mutating func number(_ number: Double)
  mutating func reading(_ reading: Reading)
  mutating func endString()
  mutating func endPart()
  mutating func characters(
    ready: (inout Text) -> Bool, else write: (inout ByteBuffer) -> Void)
  mutating func member(shape: Shape)
}

extension JSONWriter: JSONPieces {
  /// Begins an object in an array.
  mutating func part() { open("{") }
  /// Ends an object in an array.
  mutating func endPart() { close("}") }
}

/// JSON in memory that is there; whatever takes more care makes it give up.
struct JSONCursor: JSONPieces {
  private(set) var text: ByteCursor
  private(set) var needsComma: Bool
  let numbers: JSONWriter.Numbers

  @inline(__always) mutating func literal(_ text: StaticString) {
    self.text.append(literal: text)
    needsComma = false
  }

  @inline(__always) mutating func part() {
    separate()
    text.append(byte: UInt8(ascii: "{"))
    needsComma = false
  }

  @inline(__always) mutating func item(_ number: Int) {
    separate()
    if number < 0 { text.giveUp() }
    text.append(digits: UInt64(number.magnitude))
  }

  @inline(__always) mutating func number(_ number: Double) {
    separate()
    numbers.writer.append(number, to: &text)
  }

  @inline(__always) mutating func reading(_ reading: Reading) {
    guard case .scalar(let number) = reading else { return text.giveUp() }
    self.number(number)
  }

  @inline(__always) mutating func endString() {
    text.append(byte: UInt8(ascii: "\""))
    needsComma = true
  }

  @inline(__always) mutating func endPart() {
    text.append(byte: UInt8(ascii: "}"))
    needsComma = true
  }

  @inline(__always) mutating func characters(
    ready: (inout ByteCursor) -> Bool, else write: (inout ByteBuffer) -> Void
  ) {
    if !ready(&text) { text.giveUp() }
  }

  mutating func member(shape: Shape) { text.giveUp() }

  @inline(__always) private mutating func separate() {
    if needsComma { text.append(byte: UInt8(ascii: ",")) }
    needsComma = true
  }
}
