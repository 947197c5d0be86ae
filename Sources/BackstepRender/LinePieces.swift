// What the lines of a trace are put together on: a line, or, for most of them, memory for one.

import BackstepTrace

/// Text that names, formulas and numbers are written to.
protocol ByteSink {
  /// Where the text ends.
  var count: Int { get }
  mutating func append(packed word: UInt64, first count: Int)
  mutating func append(byte: UInt8)
  mutating func append(_ other: borrowing ByteBuffer, _ range: Range<Int>)
  mutating func append(digits number: UInt64)
  mutating func append(_ number: Double, by writer: inout NumberWriter)
  /// Takes the last bytes away again, down to `count` of them.
  mutating func truncate(to count: Int)
}

extension ByteBuffer: ByteSink {
  @inline(__always) mutating func append(_ number: Double, by writer: inout NumberWriter) {
    writer.append(number, to: &self)
  }
}

extension ByteCursor: ByteSink {
  @inline(__always) mutating func append(_ number: Double, by writer: inout NumberWriter) {
    writer.append(number, to: &self)
  }
}

/// A line that pieces are added to; see ``FragmentLine`` for what they do.
protocol LinePieces {
  associatedtype Text: ByteSink
  var columns: Int { get }
  var hang: Int { get set }
  var mark: FragmentLine.Mark { get }
  mutating func add(_ sign: borrowing FragmentLine.Sign, _ role: Role)
  mutating func add(_ piece: borrowing ByteBuffer, _ role: Role)
  mutating func add(_ number: Int, _ role: Role)
  mutating func addReady(_ role: Role, limit: Int, _ body: (inout Text) -> Int?) -> Bool
  mutating func addEquals(plus: Bool)
  mutating func write(_ role: Role, limit: Int, _ body: (inout ByteBuffer) -> Void)
  mutating func pad(to column: Int)
  mutating func allowBreak()
  mutating func rewind(to mark: FragmentLine.Mark)
  mutating func relabelEnd(_ role: Role)
  func isRepeated(
    from start: FragmentLine.Mark, to end: FragmentLine.Mark, after other: FragmentLine.Mark
  ) -> Bool
}

extension LinePieces {
  @inline(__always) mutating func addEquals() { addEquals(plus: false) }
}

extension FragmentLine: LinePieces {}

/// A line without colours while it is put together from pieces that are ready, in memory that is there.
///
/// Whatever takes more care makes it give up: the line is then put together as any other.
struct LineCursor: LinePieces {
  private(set) var text: ByteCursor
  private(set) var columns: Int
  var hang: Int
  private let breaks: UnsafeMutablePointer<UInt64>
  private(set) var breakCount: Int

  /// Goes on behind a line's text; `breaks` is memory for as many places as a line has within itself.
  init(
    _ text: ByteCursor, columns: Int, hang: Int, breaks: UnsafeMutablePointer<UInt64>,
    breakCount: Int
  ) {
    self.text = text
    self.columns = columns
    self.hang = hang
    self.breaks = breaks
    self.breakCount = breakCount
    if breakCount > SIMD8<UInt64>.scalarCount { self.text.giveUp() }
  }

  @inline(__always) mutating func add(_ sign: borrowing FragmentLine.Sign, _ role: Role) {
    if sign.count <= 8 {
      text.append(packed: sign.word, first: sign.count)
    } else {
      text.append(sign.text, 0..<sign.count)
    }
    columns &+= sign.columns
  }

  mutating func add(_ piece: borrowing ByteBuffer, _ role: Role) { text.giveUp() }

  @inline(__always) mutating func add(_ number: Int, _ role: Role) {
    let start = text.count
    text.append(digits: UInt64(number.magnitude))
    if number < 0 { text.giveUp() }
    columns &+= text.count &- start
  }

  @inline(__always)
  mutating func addReady(_ role: Role, limit: Int, _ body: (inout ByteCursor) -> Int?) -> Bool {
    if let width = body(&text), width <= limit {
      columns &+= width
    } else {
      text.giveUp()
    }
    return true
  }

  @inline(__always) mutating func addEquals(plus: Bool) {
    allowBreak(text.count &+ 1, columns &+ 1)
    text.append(packed: plus ? 0x203D_2B20 : 0x203D20, first: plus ? 4 : 3)
    columns &+= plus ? 4 : 3
  }

  mutating func write(_ role: Role, limit: Int, _ body: (inout ByteBuffer) -> Void) {
    text.giveUp()
  }

  @inline(__always) mutating func pad(to column: Int) {
    guard column > columns else { return }
    text.append(blanks: column &- columns)
    columns = column
  }

  @inline(__always) mutating func allowBreak() { allowBreak(text.count, columns) }

  @inline(__always) private mutating func allowBreak(_ offset: Int, _ column: Int) {
    guard breakCount < SIMD8<UInt64>.scalarCount else { return text.giveUp() }
    breaks[breakCount] = FragmentLine.Break(offset: offset, column: column).packed
    breakCount &+= 1
  }

  var mark: FragmentLine.Mark {
    FragmentLine.Mark(text: text.count, columns: columns, runs: 0, breaks: breakCount)
  }

  mutating func rewind(to mark: FragmentLine.Mark) {
    text.truncate(to: mark.text)
    columns = mark.columns
    breakCount = mark.breaks
  }

  mutating func relabelEnd(_ role: Role) {}

  func isRepeated(
    from start: FragmentLine.Mark, to end: FragmentLine.Mark, after other: FragmentLine.Mark
  ) -> Bool {
    let count = end.text - start.text
    return text.count - other.text == count
      && text.isRepeated(start.text, other.text, count: count)
  }
}
