// Mutations that know the language: statements, formulas, names and numbers in place of others.

@testable import Backstep
@testable import BackstepLanguage

/// One mutation of a script.
struct Mutation {
  private var bytes: ContiguousArray<UInt8>
  private var random: Draw
  private var names: [String]

  init(_ bytes: ContiguousArray<UInt8>, random: Draw) {
    self.bytes = bytes
    self.random = random
    let own = Self.names(in: bytes)
    names = own.isEmpty ? ["x", "w", "L"] : own
  }

  /// The names a script mentions, or most of them.
  private static func names(in bytes: ContiguousArray<UInt8>) -> [String] {
    let words = bytes.split { byte in
      let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
      return !isLetter && !(0x30...0x39).contains(byte) && byte != UInt8(ascii: "_") && byte < 0x80
    }
    return words.prefix(60).filter { !(0x30...0x39).contains($0[$0.startIndex]) }
      .map { String(decoding: $0, as: UTF8.self) }
      .filter { !Vocabulary.wordSet.contains($0) }
  }

  /// The script after one to four changes.
  mutating func result() -> ContiguousArray<UInt8> {
    for _ in 0...random.below(4) { change() }
    return bytes
  }

  private mutating func change() {
    switch random.below(12) {
    case 0, 1, 2: insertLine(statement())
    case 3: insertLine(command())
    case 4: removeLine()
    case 5: insertLine(line(lineRange()))
    case 6: moveLine()
    case 7, 8, 9: replaceToken()
    case 10: insertToken()
    default: wrapLine()
    }
  }

  // MARK: Lines

  private func line(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Where a random line stands, without its newline.
  private mutating func lineRange() -> Range<Int> {
    guard !bytes.isEmpty else { return 0..<0 }
    let place = random.below(bytes.count)
    let start = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return start..<(bytes[place...].firstIndex(of: 0x0A) ?? bytes.count)
  }

  private mutating func insertLine(_ text: String) {
    let range = lineRange()
    let place = random.below(3) == 0 ? bytes.count : range.lowerBound
    if place == bytes.count, bytes.last != 0x0A, !bytes.isEmpty { bytes.append(0x0A) }
    bytes.insert(contentsOf: (text + "\n").utf8, at: min(place, bytes.count))
  }

  private mutating func removeLine() {
    let range = lineRange()
    bytes.removeSubrange(range.lowerBound..<min(range.upperBound + 1, bytes.count))
  }

  private mutating func moveLine() {
    let range = lineRange()
    let text = line(range)
    bytes.removeSubrange(range.lowerBound..<min(range.upperBound + 1, bytes.count))
    insertLine(text)
  }

  /// Puts a command before the expression of a line, or behind it more of an expression.
  private mutating func wrapLine() {
    let range = lineRange()
    let text = line(range)
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let changed =
      switch random.below(4) {
      case 0: "\(random.pick(Command.all).names[0]) \(parts.last ?? "x")"
      case 1: text + clause(random.pick(Vocabulary.clauses))
      case 2 where parts.count == 2:
        "\(parts[0])= \(random.pick(Vocabulary.functions))(\(parts[1]))"
      default: text + " \(random.pick(Vocabulary.operators)) \(expression(2))"
      }
    bytes.replaceSubrange(range, with: changed.utf8)
  }

  // MARK: Tokens

  /// Where a random token stands: a word, a number, or a sign.
  private mutating func tokenRange() -> Range<Int> {
    guard !bytes.isEmpty else { return 0..<0 }
    func isWord(_ byte: UInt8) -> Bool {
      (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        || (0x30...0x39).contains(byte) || byte == 0x2E || byte == UInt8(ascii: "_") || byte >= 0x80
    }
    var start = random.below(bytes.count)
    var end = start + 1
    if isWord(bytes[start]) {
      while start > 0, isWord(bytes[start - 1]) { start -= 1 }
      while end < bytes.count, isWord(bytes[end]) { end += 1 }
    }
    return start..<end
  }

  private mutating func replaceToken() {
    let range = tokenRange()
    guard let first = bytes[range].first else { return insertToken() }
    let text: String
    switch first {
    case 0x30...0x39, 0x2E: text = random.below(3) == 0 ? expression(2) : number()
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
      UInt8(ascii: "^"), UInt8(ascii: "@"), UInt8(ascii: "<"), UInt8(ascii: ">"):
      text = random.pick(Vocabulary.operators)
    case 0x41...0x5A, 0x61...0x7A, 0x80...:
      switch random.below(4) {
      case 0: text = random.pick(names)
      case 1: text = random.pick(Vocabulary.functions)
      case 2: text = random.pick(Vocabulary.words)
      default: text = expression(2)
      }
    default: text = random.pick(Vocabulary.signs)
    }
    bytes.replaceSubrange(range, with: text.utf8)
  }

  private mutating func insertToken() {
    let place = tokenRange().upperBound
    let text =
      switch random.below(4) {
      case 0: random.pick(Vocabulary.signs)
      case 1: " \(random.pick(Vocabulary.words)) "
      case 2: " \(random.pick(Vocabulary.operators)) \(expression(1))"
      default: expression(2)
      }
    bytes.insert(contentsOf: text.utf8, at: place)
  }

  // MARK: Statements

  private mutating func statement() -> String {
    let name = random.below(3) == 0 ? random.pick(Vocabulary.names) : random.pick(names)
    switch random.below(10) {
    case 0: return "\(name) = \(number())"
    case 1: return "\(name) := \(expression(2))"
    case 2: return "\(name)(x, y) = \(expression(3))"
    case 3: return "const \(name) = \(expression(1))"
    case 4: return expression(3)
    case 5: return command()
    case 6: return "\(name) = \(tensor())"
    case 7: return "\(name) = \(expression(2)); \(command())"
    default: return "\(name) = \(expression(3))"
    }
  }

  private mutating func command() -> String {
    let command = random.pick(Command.all)
    var text = random.pick(command.names)
    var clauses = command.form.clauses
    switch command.form {
    case .words:
      for _ in 0..<random.below(4) { text += " " + random.pick(words(for: command)) }
    case .expression:
      if command.completes == .mistakes { text += " \(random.pick(Vocabulary.mistakes))" }
      if random.below(4) != 0 { text += " " + subject() }
    case .wordThenExpression:
      text += " " + random.pick(Vocabulary.files)
      if random.below(3) != 0 { text += " " + subject() }
    }
    while !clauses.isEmpty, random.below(3) == 0 {
      let form = clauses.remove(at: random.below(clauses.count))
      text += clause(form)
    }
    switch command.names[0] {
    case "quiz", "lesson":
      for _ in 0..<random.below(6) {
        text += "\n" + (random.below(2) == 0 ? number() : random.pick(Vocabulary.answers))
      }
    default: break
    }
    return text
  }

  private func words(for command: Command) -> [String] {
    switch command.completes {
    case .settings: Vocabulary.settings
    case .files: Vocabulary.files
    case .topics: Vocabulary.topics
    default: names + Vocabulary.settings
    }
  }

  private mutating func subject() -> String {
    random.below(2) == 0 ? random.pick(names) : expression(2)
  }

  private mutating func clause(_ form: ClauseForm) -> String {
    switch form.content {
    case .nothing: " \(form.name)"
    case .word: " \(form.name) \(random.pick(Vocabulary.clauseWords))"
    case .expressions:
      " \(form.name) " + (0...random.below(2)).map { _ in subject() }.joined(separator: ", ")
    }
  }

  // MARK: Expressions

  private mutating func number() -> String {
    if random.below(2) == 0 { return "\(random.below(10))" }
    return random.pick(Vocabulary.numbers)
  }

  private mutating func tensor() -> String {
    let columns = 1 + random.below(3)
    func row(_ random: inout Draw) -> String {
      let numbers = (0..<columns).map { _ in
        random.below(4) == 0 ? random.pick(Vocabulary.numbers) : "\(random.below(7) - 3)"
      }
      return "[" + numbers.joined(separator: ", ") + "]"
    }
    if random.below(2) == 0 { return row(&random) }
    let rows = (0...random.below(3)).map { _ in row(&random) }
    return "[" + rows.joined(separator: ", ") + "]"
  }

  private mutating func expression(_ depth: Int) -> String {
    guard depth > 0 else {
      switch random.below(6) {
      case 0, 1: return number()
      case 2: return random.below(3) == 0 ? tensor() : number()
      default: return random.pick(names)
      }
    }
    let inner = depth - 1
    switch random.below(12) {
    case 0, 1, 2:
      return "\(expression(inner)) \(random.pick(Vocabulary.operators)) \(expression(inner))"
    case 3: return "(\(expression(inner)))"
    case 4: return "-\(expression(inner))"
    case 5, 6:
      let count = random.below(6) == 0 ? random.below(5) : 1 + random.below(2)
      let arguments = (0..<count).map { _ in expression(inner) }
      return "\(random.pick(Vocabulary.functions))(\(arguments.joined(separator: ", ")))"
    case 7: return "\(random.pick(names))[\(index())]"
    case 8: return "grad(\(expression(inner)), \(random.pick(names)))"
    case 9: return "d\(random.pick(names))/d\(random.pick(names))"
    case 10: return "\(random.pick(names))(\(expression(inner)))"
    default: return expression(0)
    }
  }

  private mutating func index() -> String {
    switch random.below(5) {
    case 0: "\(random.below(4)), \(random.below(4))"
    case 1: "\(random.below(3)):\(random.below(4))"
    case 2: ":, \(random.below(4))"
    case 3: expression(1)
    default: "\(random.below(4))"
    }
  }
}
