// What TAB does with what could stand at the cursor.

/// One thing that could stand at the cursor.
public struct Candidate: Equatable, Sendable {
  /// What would be written.
  public var text: String

  /// A few words about it, for the list.
  public var summary: String

  /// What follows it when there is no other choice: `(` after a function, a blank, or nothing.
  public var suffix: String

  /// A candidate.
  public init(_ text: String, summary: String = "", suffix: String = "") {
    self.text = text
    self.summary = summary
    self.suffix = suffix
  }
}

/// The answer to a TAB.
public struct CompletionAnswer: Equatable, Sendable {
  /// The part of the line, in bytes of UTF-8, that a candidate takes the place of.
  public var replacing: Range<Int>

  /// The candidates, in the order in which they are listed.
  public var candidates: [Candidate]

  /// An answer.
  public init(replacing: Range<Int>, candidates: [Candidate]) {
    self.replacing = replacing
    self.candidates = candidates
  }
}

/// Answers a TAB: it is given the line and the cursor as an offset in its bytes.
public typealias Completer = (_ line: [UInt8], _ cursor: Int) -> CompletionAnswer

/// What a TAB comes to.
enum CompletionStep: Equatable {
  case nothing
  case replace(Range<Int>, with: String)
  case list([Candidate])

  /// One candidate is written out with its suffix, several as far as they agree; when that adds
  /// nothing they are listed.
  init(_ answer: CompletionAnswer, line: [UInt8]) {
    let range = answer.replacing
    guard let first = answer.candidates.first, Self.isBoundary(range.lowerBound, line),
      Self.isBoundary(range.upperBound, line)
    else {
      self = .nothing
      return
    }
    let typed = String(decoding: line[range], as: UTF8.self)
    if answer.candidates.count == 1 {
      // A suffix that stands there already is not written twice.
      let follows = line[range.upperBound...].starts(with: first.suffix.utf8)
      let text = first.text + (follows ? "" : first.suffix)
      self = text == typed ? .nothing : .replace(range, with: text)
      return
    }
    let common = Self.commonPrefix(answer.candidates.map(\.text))
    let extends =
      common.utf8.count > typed.utf8.count && common.utf8.starts(with: typed.utf8)
    self = extends ? .replace(range, with: common) : .list(answer.candidates)
  }

  private static func isBoundary(_ offset: Int, _ line: [UInt8]) -> Bool {
    offset == line.count || (line.indices.contains(offset) && line[offset] & 0xc0 != 0x80)
  }

  private static func commonPrefix(_ texts: [String]) -> String {
    guard var common = texts.first.map({ Array($0.unicodeScalars) }) else { return "" }
    for text in texts.dropFirst() {
      let agreed = zip(common, text.unicodeScalars).prefix { $0 == $1 }.count
      common.removeLast(common.count - agreed)
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: common)
    return String(result)
  }
}

/// How candidates are listed below the line.
public enum CompletionList {
  /// So many candidates are shown at most.
  static let most = 100

  /// Up to so many are shown one in a line, with their summaries.
  static let mostWithSummaries = 20

  /// The list as full lines, none wider than the terminal.
  ///
  /// - Parameters:
  ///   - candidates: What to list.
  ///   - width: The columns of the terminal.
  ///   - isUnicode: Whether the terminal shows more than ASCII.
  /// - Returns: Text to print from the first column on.
  public static func text(_ candidates: [Candidate], width: Int, isUnicode: Bool = true) -> String {
    let shown = candidates.prefix(most).map {
      Candidate(printable($0.text), summary: printable($0.summary))
    }
    let hasSummaries = shown.contains { !$0.summary.isEmpty }
    // The last column is left free: some terminals go to the next line by themselves there.
    let room = max(1, width - 1)
    var lines =
      shown.count <= mostWithSummaries && hasSummaries
      ? withSummaries(shown, room) : inColumns(shown, room)
    if candidates.count > most {
      lines.append("\(isUnicode ? "…" : "...") and \(candidates.count - most) more")
    }
    return lines.map { fitting($0, columns: room) + "\n" }.joined()
  }

  private static func withSummaries(_ candidates: [Candidate], _ room: Int) -> [String] {
    let widest = candidates.map { displayWidth($0.text) }.max() ?? 0
    return candidates.map {
      $0.summary.isEmpty ? $0.text : padded($0.text, to: widest + 2) + $0.summary
    }
  }

  /// Columns of one width, read downwards, as `ls` has them.
  private static func inColumns(_ candidates: [Candidate], _ room: Int) -> [String] {
    let column = (candidates.map { displayWidth($0.text) }.max() ?? 0) + 2
    let columns = max(1, (room + 2) / column)
    let rows = (candidates.count + columns - 1) / columns
    return (0..<rows).map { row in
      let line = stride(from: row, to: candidates.count, by: rows).map { candidates[$0].text }
      return line.dropLast().map { padded($0, to: column) }.joined() + (line.last ?? "")
    }
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - displayWidth(text)))
  }
}
