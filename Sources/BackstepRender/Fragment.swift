// A line of text whose parts know what they are: the step between a trace and a terminal.

import BackstepTrace

/// A line of text in pieces, each with its role, and the places where the line may be broken.
///
/// Everything that reaches a terminal passes through here: characters that could do harm are
/// escaped, ASCII spelling is applied and columns are counted while the text is added.
public struct FragmentLine: Sendable {
  /// A stretch of text with one role.
  struct Run: Sendable {
    var role: Role
    /// Where it ends, as an offset into the text.
    var end: Int
  }

  /// A place where the line may go on below.
  struct Break: Sendable {
    var offset: Int
    var column: Int
  }

  /// Whether only ASCII may be written.
  let ascii: Bool
  /// The text.
  private(set) var text = ByteBuffer()
  /// How many columns it takes.
  public private(set) var columns = 0
  private(set) var runs: ContiguousArray<Run> = []
  private(set) var breaks: ContiguousArray<Break> = []
  /// The column where the line goes on when it is broken.
  var hang = 4

  /// Starts an empty line.
  ///
  /// - Parameter ascii: Whether only ASCII may be written.
  public init(ascii: Bool) { self.ascii = ascii }

  /// Whether there is nothing on the line.
  public var isEmpty: Bool { text.isEmpty }

  /// Adds a piece of text.
  public mutating func add(_ piece: String, _ role: Role = .plain) {
    append(piece.utf8)
    close(role)
  }

  /// Adds a piece of text.
  public mutating func add(_ piece: borrowing ByteBuffer, _ role: Role = .plain) {
    append(piece.bytes)
    close(role)
  }

  /// Adds a piece of text, with its middle left out where it is longer than `limit` columns.
  mutating func add(_ piece: borrowing ByteBuffer, _ role: Role, limit: Int) {
    let start = text.count
    let column = columns
    append(piece.bytes)
    if columns - column > limit { shorten(from: start, column: column, to: max(limit, 8)) }
    close(role)
  }

  /// Adds a number.
  mutating func add(_ number: Double, _ format: NumberFormat, _ role: Role) {
    let start = text.count
    format.append(number, to: &text)
    columns += text.count - start
    close(role)
  }

  /// Adds a whole number.
  mutating func add(_ number: Int, _ role: Role) {
    let start = text.count
    text.append(number)
    columns += text.count - start
    close(role)
  }

  /// Adds another line's pieces and the places where it may be broken.
  mutating func add(_ other: borrowing FragmentLine) {
    let offset = text.count
    for place in other.breaks {
      breaks.append(Break(offset: offset + place.offset, column: columns + place.column))
    }
    for run in other.runs { runs.append(Run(role: run.role, end: offset + run.end)) }
    text.append(other.text)
    columns += other.columns
  }

  /// Adds blanks up to a column; nothing if the line is there already.
  mutating func pad(to column: Int) {
    guard column > columns else { return }
    text.append(byte: UInt8(ascii: " "), times: column - columns)
    columns = column
    close(.plain)
  }

  /// Allows a break here, before what is added next.
  mutating func allowBreak() { breaks.append(Break(offset: text.count, column: columns)) }

  /// Whether all that stands from a column on is the other line's text.
  func ends(with other: borrowing FragmentLine, from column: Int) -> Bool {
    columns - column == other.columns
      && text.bytes.suffix(other.text.count).elementsEqual(other.text.bytes)
  }

  /// Starts again with an empty line and keeps the memory.
  mutating func removeAll() {
    text.removeAll()
    runs.removeAll(keepingCapacity: true)
    breaks.removeAll(keepingCapacity: true)
    columns = 0
    hang = 4
  }

  /// Replaces the middle of the text from `start` on by dots.
  private mutating func shorten(from start: Int, column: Int, to limit: Int) {
    let scalars = Array(String(decoding: text.bytes[start...], as: UTF8.self).unicodeScalars)
    let dots = ascii ? "..." : "…"
    let kept = limit - (ascii ? 3 : 1)
    text.truncate(to: start)
    columns = column
    var head = 0
    while head < scalars.count {
      let width = DisplayWidth.columns(of: scalars[head])
      guard columns - column + width <= kept * 2 / 3 else { break }
      text.append(scalars[head].utf8)
      columns += width
      head += 1
    }
    text.append(dots)
    columns += limit - kept
    var tail = scalars.count
    var room = limit - (columns - column)
    while tail > head, DisplayWidth.columns(of: scalars[tail - 1]) <= room {
      tail -= 1
      room -= DisplayWidth.columns(of: scalars[tail])
    }
    for scalar in scalars[tail...] {
      text.append(scalar.utf8)
      columns += DisplayWidth.columns(of: scalar)
    }
  }

  /// Ends the piece that was just added.
  private mutating func close(_ role: Role) {
    if let last = runs.last, last.role == role {
      runs[runs.count - 1].end = text.count
    } else {
      runs.append(Run(role: role, end: text.count))
    }
  }

  private mutating func append(_ piece: some Collection<UInt8>) {
    // Almost all text is plain ASCII, one column a byte.
    if piece.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      text.append(piece)
      columns += piece.count
      return
    }
    for scalar in String(decoding: piece, as: UTF8.self).unicodeScalars { append(scalar) }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    let start = text.count
    if scalar.isASCII, scalar.value >= 0x20, scalar.value < 0x7F {
      text.append(byte: UInt8(scalar.value))
    } else if DisplayWidth.isUnsafe(scalar) {
      Spelling.appendEscaped(scalar, to: &text)
    } else if ascii {
      Spelling.append(scalar, to: &text)
    } else {
      text.append(scalar.utf8)
      columns += DisplayWidth.columns(of: scalar)
      return
    }
    columns += text.count - start
  }
}
