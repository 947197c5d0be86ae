// Lines that a command asks for: where they come from.

import BackstepLanguage
import BackstepTrace

/// Text that one session lends to another, and how much of it was used.
struct LentText: Sendable {
  var bytes: ContiguousArray<UInt8> = []
  var offset = 0
}

extension Session {
  /// The next line: what follows in the text of the script, else what the host brings.
  ///
  /// Behind the command on its own line answers may follow, separated by `;`; else each is a line
  /// of its own. In a file that is being loaded the questions go to whoever loads it.
  ///
  /// - Returns: The line, or nil where nothing more will come.
  mutating func ask(_ prompt: String, _ host: any SessionHost) throws(Diagnostic) -> String? {
    while true {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      guard let line = try nextLine(prompt, host) else { return nil }
      // Comments between the answers are for whoever reads the script.
      if line.first(where: { !$0.isWhitespace }) != "#" { return line }
    }
  }

  private mutating func nextLine(
    _ prompt: String, _ host: any SessionHost
  ) throws(Diagnostic) -> String? {
    if let line = takeLine() ?? lent.takeLine() {
      host.echo(line, after: prompt)
      return line
    }
    switch host.ask(prompt) {
    case .line(let line): return line
    case .end: return nil
    case .interrupted: throw Diagnostic(.interrupted, statementText)
    }
  }

  /// Runs another session, whose questions are answered from this one's text as well.
  mutating func lendText<Result>(
    to other: inout Session, _ body: (inout Session) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    let place = loading.isEmpty ? parser.place : outerPlace ?? parser.place
    let own = ContiguousArray(parser.source.bytes[place.offset..<place.limit])
    let length = own.count
    other.lent = LentText(bytes: own + lent.rest)
    defer {
      let used = other.lent.offset
      setUnread(place.offset + min(used, length), place.limit)
      lent.offset += max(0, used - length)
      other.lent = LentText()
    }
    return try body(&other)
  }

  /// The next line of this session's text, if any of it is unread.
  private mutating func takeLine() -> String? {
    let place = loading.isEmpty ? parser.place : outerPlace ?? parser.place
    let bytes = parser.source.bytes
    var start = place.offset
    let ownLine = start > 0 && start <= bytes.count && bytes[start - 1] != UInt8(ascii: "\n")
    if ownLine {
      // What is left of the command's own line, unless it is a comment or nothing.
      var next = start
      while next < place.limit, bytes[next] == 0x20 || bytes[next] == 0x09 { next += 1 }
      let isOver =
        next >= place.limit || bytes[next] == UInt8(ascii: "\n") || bytes[next] == UInt8(ascii: "#")
      if isOver {
        while next < place.limit, bytes[next] != UInt8(ascii: "\n") { next += 1 }
        start = min(next + 1, place.limit)
      }
    }
    guard start < place.limit else {
      setUnread(start, place.limit)
      return nil
    }
    let splits = ownLine && start == place.offset
    var end = start
    while end < place.limit, bytes[end] != UInt8(ascii: "\n"),
      !(splits && bytes[end] == UInt8(ascii: ";"))
    {
      end += 1
    }
    setUnread(min(end + 1, place.limit), place.limit)
    return line(bytes[start..<end])
  }

  private mutating func setUnread(_ offset: Int, _ limit: Int) {
    if loading.isEmpty {
      parser.place = (offset, limit)
      answersEnd = max(answersEnd, offset)
    } else {
      outerPlace = (offset, limit)
    }
  }
}

extension LentText {
  /// What has not been used.
  var rest: ContiguousArray<UInt8>.SubSequence { bytes[min(offset, bytes.count)...] }

  fileprivate mutating func takeLine() -> String? {
    guard offset < bytes.count else { return nil }
    let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    defer { offset = min(end + 1, bytes.count) }
    return line(bytes[offset..<end])
  }
}

/// A line as text, without a carriage return at its end.
private func line(_ bytes: ContiguousArray<UInt8>.SubSequence) -> String {
  String(decoding: bytes.last == 0x0D ? bytes.dropLast() : bytes, as: UTF8.self)
}
