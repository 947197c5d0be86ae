// All text the session has read, in one place, and where each piece of it came from.

/// A stretch of the source text, as byte offsets from its beginning.
public struct SourceRange: Hashable, Sendable {
  /// The first byte.
  public var start: Int
  /// One past the last byte.
  public var end: Int

  /// Marks the bytes from `start` up to, not including, `end`.
  public init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = max(start, end)
  }

  /// The smallest stretch that covers both.
  public func union(_ other: SourceRange) -> SourceRange {
    SourceRange(min(start, other.start), max(end, other.end))
  }
}

/// A place as people name it: file, line and column, counted from 1.
public struct SourceLocation: Sendable, Equatable {
  /// The file's name; nil for what was typed at the prompt.
  public var file: String?
  /// The line, counted from 1.
  public var line: Int
  /// The column in characters, counted from 1.
  public var column: Int
  /// The whole line, without its end.
  public var lineText: String
  /// How many characters of the line are meant; at least 1.
  public var length: Int

  /// Describes a place.
  public init(file: String?, line: Int, column: Int, lineText: String, length: Int) {
    self.file = file
    self.line = line
    self.column = column
    self.lineText = lineText
    self.length = length
  }
}

/// The text of all files and all lines typed so far, end to end.
///
/// Definitions refer to their text by offset, so that a million of them cost no strings.
public struct SourceText: Sendable {
  /// The bytes of all pieces.
  public private(set) var bytes: ContiguousArray<UInt8> = []
  private var pieces: [Piece] = []

  private struct Piece {
    var start: Int
    var file: String?
    var firstLine: Int
  }

  /// The most text a session can hold: offsets are kept in 32 bits.
  public static let capacity = Int(UInt32.max) - 1

  /// Starts with no text.
  public init() {}

  /// Makes room, so that a large file is read without copying it again and again.
  public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

  /// Begins a new piece: what is appended from here on comes from this file.
  public mutating func begin(file: String?, firstLine: Int) {
    // The last line of the piece before must end where the piece ends.
    if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    pieces.append(Piece(start: bytes.count, file: file, firstLine: firstLine))
  }

  /// Adds text to the current piece.
  public mutating func append(_ text: ArraySlice<UInt8>) { bytes.append(contentsOf: text) }

  /// Eight bytes from an offset on, the first one lowest; all of them must be there.
  @inline(__always) func word(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset + 8 <= bytes.count)
    return bytes.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
  }

  /// Forgets the text from an offset on.
  public mutating func truncate(to count: Int) {
    guard count < bytes.count else { return }
    bytes.removeLast(bytes.count - count)
    while let last = pieces.last, last.start > count { pieces.removeLast() }
  }

  /// The text of a range; malformed UTF-8 is replaced.
  public func string(_ range: SourceRange) -> String {
    let end = min(range.end, bytes.count)
    return String(decoding: bytes[min(range.start, end)..<end], as: UTF8.self)
  }

  /// The part of a range before the first such byte, without the blanks in between.
  public func prefix(of range: SourceRange, before byte: UInt8) -> SourceRange {
    var end = range.start
    while end < range.end, bytes[end] != byte { end += 1 }
    while end > range.start + 1, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return SourceRange(range.start, end)
  }

  /// The file that an offset belongs to.
  public func file(at offset: Int) -> String? { piece(at: offset)?.file }

  /// Finds file, line and column; takes time in proportion to the piece's length.
  public func location(of range: SourceRange) -> SourceLocation {
    let piece = piece(at: range.start)
    let first = piece?.start ?? 0
    let start = min(range.start, bytes.count)
    var line = piece?.firstLine ?? 1
    var lineStart = first
    for offset in first..<max(first, start) where bytes[offset] == UInt8(ascii: "\n") {
      line += 1
      lineStart = offset + 1
    }
    var lineEnd = start
    while lineEnd < bytes.count, bytes[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
    if lineEnd > lineStart, bytes[lineEnd - 1] == UInt8(ascii: "\r") { lineEnd -= 1 }
    let before = String(
      decoding: bytes[lineStart..<max(lineStart, min(start, lineEnd))], as: UTF8.self)
    let meant = String(
      decoding: bytes[min(start, lineEnd)..<max(min(start, lineEnd), min(range.end, lineEnd))],
      as: UTF8.self)
    return SourceLocation(
      file: piece?.file, line: line, column: before.count + 1,
      lineText: String(decoding: bytes[lineStart..<lineEnd], as: UTF8.self),
      length: max(1, meant.count))
  }

  /// The piece an offset lies in, found by bisection.
  private func piece(at offset: Int) -> Piece? {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? pieces[low - 1] : nil
  }
}
