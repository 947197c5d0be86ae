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

    /// Both in one word.
    @inline(__always) var packed: UInt64 {
      UInt64(truncatingIfNeeded: offset) << 32 | UInt64(truncatingIfNeeded: column)
    }
  }

  /// Text that is ready to be written: safe, spelled, its columns counted.
  struct Sign: Sendable {
    let text: ByteBuffer
    let count: Int
    let columns: Int
    /// The first bytes once more, the first one lowest.
    let word: UInt64

    init(_ text: String, ascii: Bool) {
      var line = FragmentLine(ascii: ascii)
      line.add(text)
      self.text = line.text
      count = line.text.count
      columns = line.columns
      word = line.text.bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// Whether only ASCII may be written.
  let ascii: Bool
  /// Whether roles are kept: only colours need them.
  let keepsRoles: Bool
  /// The text.
  private(set) var text = ByteBuffer()
  /// How many columns it takes.
  public private(set) var columns = 0
  private(set) var runs: ContiguousArray<Run> = []
  /// Where the line may be broken: the first places, each an offset and a column, within the line
  /// itself, since most lines have no more; the others behind them.
  private var firstBreaks: SIMD8<UInt64> = .zero
  private var moreBreaks: ContiguousArray<Break> = []
  /// How many places there are where the line may be broken.
  private(set) var breakCount = 0
  /// The column where the line goes on when it is broken.
  var hang = 4

  /// Starts an empty line.
  ///
  /// - Parameters:
  ///   - ascii: Whether only ASCII may be written.
  ///   - keepsRoles: Whether the pieces keep their roles, which only colours need.
  public init(ascii: Bool, keepsRoles: Bool = true) {
    self.ascii = ascii
    self.keepsRoles = keepsRoles
  }

  /// Whether there is nothing on the line.
  public var isEmpty: Bool { text.isEmpty }

  /// Adds a piece of text.
  public mutating func add(_ piece: String, _ role: Role = .plain) {
    write(role) { $0.append(piece) }
  }

  /// Adds a piece of text.
  public mutating func add(_ piece: borrowing ByteBuffer, _ role: Role = .plain) {
    let start = text.count
    text.append(piece)
    settle(from: start, limit: .max)
    close(role)
  }

  /// Adds what a closure writes, with its middle left out where it is longer than `limit` columns.
  @inline(__always)
  mutating func write(
    _ role: Role, limit: Int = .max, _ body: (inout ByteBuffer) -> Void
  ) {
    let start = text.count
    body(&text)
    settle(from: start, limit: limit)
    close(role)
  }

  /// Adds text that is ready.
  mutating func add(_ sign: borrowing Sign, _ role: Role) {
    if sign.count <= 8 {
      text.append(packed: sign.word, first: sign.count)
    } else {
      text.append(sign.text)
    }
    columns += sign.columns
    close(role)
  }

  /// Adds what a closure writes that is safe and spelled already, and whose columns it returns.
  ///
  /// - Returns: false, and the line is as before, where the closure returns nil or it would take more
  ///   than `limit` columns.
  @inline(__always)
  mutating func addReady(
    _ role: Role, limit: Int, _ body: (inout ByteBuffer) -> Int?
  ) -> Bool {
    let start = text.count
    guard let width = body(&text), width <= limit else {
      text.truncate(to: start)
      return false
    }
    columns += width
    close(role)
    return true
  }

  /// Adds what a closure puts together in memory that is there, a line of ordinary length without colours.
  ///
  /// - Returns: false, and the line is as before, where it is none of these.
  @inline(__always)
  mutating func compose(_ body: (inout LineCursor) -> Void) -> Bool {
    guard !keepsRoles else { return false }
    var (columns, hang, breaks, breakCount) = (columns, hang, firstBreaks, breakCount)
    let isComplete = withUnsafeMutableBytes(of: &breaks) { breaks in
      guard let places = breaks.baseAddress?.assumingMemoryBound(to: UInt64.self) else {
        return false
      }
      return text.compose(upTo: 1024) { text in
        var line = LineCursor(
          text, columns: columns, hang: hang, breaks: places, breakCount: breakCount)
        body(&line)
        (text, columns, hang, breakCount) = (line.text, line.columns, line.hang, line.breakCount)
      }
    }
    guard isComplete else { return false }
    (self.columns, self.hang, firstBreaks, self.breakCount) = (columns, hang, breaks, breakCount)
    return true
  }

  /// Adds ` = ` or ` += `, and allows a break after the first blank.
  mutating func addEquals(plus: Bool = false) {
    allowBreak(Break(offset: text.count + 1, column: columns + 1))
    // ` = ` and ` += `, the first character in the lowest byte.
    text.append(packed: plus ? 0x203D_2B20 : 0x203D20, first: plus ? 4 : 3)
    columns += plus ? 4 : 3
    close(.sign)
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
    var other = copy other
    add(emptying: &other)
  }

  /// Adds another line's pieces and empties it.
  mutating func add(emptying other: inout FragmentLine) {
    let offset = text.count
    for index in 0..<other.breakCount {
      let place = other.place(index)
      allowBreak(Break(offset: offset + place.offset, column: columns + place.column))
    }
    if keepsRoles {
      for run in other.runs { runs.append(Run(role: run.role, end: offset + run.end)) }
    }
    text.append(other.text)
    columns += other.columns
    other.removeAll()
  }

  /// Adds an entry three columns behind the one before it.
  ///
  /// - Returns: Whether there was room for it within the width; if not, nothing was added.
  mutating func add(
    _ entry: borrowing FragmentLine, isFirst: Bool, within width: Int
  ) -> Bool {
    if !isFirst {
      guard columns + 3 + entry.columns <= width else { return false }
      add("   ", .plain)
    }
    add(entry)
    return true
  }

  /// Adds blanks up to a column; nothing if the line is there already.
  mutating func pad(to column: Int) {
    guard column > columns else { return }
    text.append(byte: UInt8(ascii: " "), times: column - columns)
    columns = column
    close(.plain)
  }

  /// Allows a break here, before what is added next.
  mutating func allowBreak() { allowBreak(Break(offset: text.count, column: columns)) }

  @inline(__always) private mutating func allowBreak(_ place: Break) {
    if breakCount < SIMD8<UInt64>.scalarCount {
      let packed = place.packed
      let index = breakCount
      withUnsafeMutableBytes(of: &firstBreaks) {
        $0.storeBytes(of: packed, toByteOffset: 8 &* index, as: UInt64.self)
      }
    } else {
      moreBreaks.append(place)
    }
    breakCount += 1
  }

  /// A place where the line may be broken.
  @inline(__always) func place(_ index: Int) -> Break {
    let count = SIMD8<UInt64>.scalarCount
    guard index < count else { return moreBreaks[index - count] }
    let packed = firstBreaks[index]
    return Break(offset: Int(packed >> 32), column: Int(packed & 0xFFFF_FFFF))
  }

  /// Forgets the places from one on where the line may be broken.
  private mutating func forgetBreaks(from count: Int) {
    breakCount = count
    let more = max(0, count - SIMD8<UInt64>.scalarCount)
    if moreBreaks.count > more { moreBreaks.removeLast(moreBreaks.count - more) }
  }

  /// A place to come back to.
  struct Mark {
    var text: Int
    var columns: Int
    var runs: Int
    var breaks: Int
  }

  /// Where the line ends now.
  var mark: Mark {
    Mark(text: text.count, columns: columns, runs: runs.count, breaks: breakCount)
  }

  /// Takes away what was added since a mark; the piece before it must have had another role.
  mutating func rewind(to mark: Mark) {
    text.truncate(to: mark.text)
    columns = mark.columns
    runs.removeLast(runs.count - mark.runs)
    forgetBreaks(from: mark.breaks)
    if !runs.isEmpty { runs[runs.count - 1].end = mark.text }
  }

  /// Whether two stretches of the text are equal: between two marks, and from a third one on.
  func isRepeated(from start: Mark, to end: Mark, after other: Mark) -> Bool {
    let count = end.text - start.text
    return text.count - other.text == count
      && text.isRepeated(start.text, other.text, count: count)
  }

  /// Gives the last piece another role.
  mutating func relabelEnd(_ role: Role) {
    if !runs.isEmpty { runs[runs.count - 1].role = role }
  }

  /// Starts again with an empty line and keeps the memory.
  @inline(__always) mutating func removeAll() {
    text.removeAll()
    if keepsRoles { runs.removeAll(keepingCapacity: true) }
    if breakCount > SIMD8<UInt64>.scalarCount { moreBreaks.removeAll(keepingCapacity: true) }
    breakCount = 0
    columns = 0
    hang = 4
  }

  /// Replaces the middle of the text from `start` on by dots.
  private mutating func shorten(from start: Int, column: Int, to limit: Int) {
    let scalars = Array(text.string(from: start).unicodeScalars)
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
  @inline(__always) private mutating func close(_ role: Role) {
    if keepsRoles { closeRun(role) }
  }

  private mutating func closeRun(_ role: Role) {
    if let last = runs.last, last.role == role {
      runs[runs.count - 1].end = text.count
    } else {
      runs.append(Run(role: role, end: text.count))
    }
  }

  /// Makes what was written from a place on safe, spells it and counts its columns.
  private mutating func settle(from start: Int, limit: Int) {
    let column = columns
    // Almost all text is plain ASCII, one column a byte.
    if text.isPlain(from: start) {
      columns += text.count - start
    } else {
      let raw = text.string(from: start)
      text.truncate(to: start)
      for scalar in raw.unicodeScalars { append(scalar) }
    }
    if columns - column > limit { shorten(from: start, column: column, to: max(limit, 8)) }
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
