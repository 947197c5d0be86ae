// What the Tab key can offer at a place in a line.

import BackstepLanguage
import BackstepTrace

/// One way to complete a word.
public struct CompletionWord: Sendable, Equatable {
  /// The whole word.
  public var text: String
  /// What it is, in a few words.
  public var summary: String
  /// What follows it when it is the only one: `(` behind a function, a blank behind a command.
  public var suffix: String

  /// Describes one way to complete a word.
  public init(_ text: String, _ summary: String, suffix: String = "") {
    self.text = text
    self.summary = summary
    self.suffix = suffix
  }
}

/// What can stand at the cursor.
public enum CompletionOffer: Sendable, Equatable {
  /// One of these words, from this byte of the line on.
  case words(from: Int, [CompletionWord])
  /// The name of a file, from this byte of the line on.
  case file(from: Int)
}

extension Session {
  /// Finds what can stand at the end of the text before the cursor.
  public func complete(_ text: String, host: any SessionHost) -> CompletionOffer {
    let bytes = Array(text.utf8)
    let statement =
      (bytes.lastIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "\n") }
        .map { $0 + 1 }) ?? 0
    var start = bytes.count
    while start > statement, Self.isWordByte(bytes[start - 1]) { start -= 1 }
    let prefix = String(decoding: bytes[start...], as: UTF8.self)
    let before = String(decoding: bytes[statement..<start], as: UTF8.self)
    let words = before.split(whereSeparator: \.isWhitespace).map(String.init)

    guard let first = words.first, let command = Command.named(first) else {
      return .words(from: start, matching(prefix, words.isEmpty ? statementWords : formulaWords))
    }
    // Behind the file of export comes what it is about.
    if case .wordThenExpression = command.form, words.count > 1, before.last?.isWhitespace == true {
      return .words(from: start, matching(prefix, exportWords(words, command)))
    }
    switch command.completes {
    case .nothing: return .words(from: start, [])
    case .files:
      var from = bytes.count
      while from > statement, bytes[from - 1] != UInt8(ascii: " ") { from -= 1 }
      return .file(from: from)
    case .names: return .words(from: start, matching(prefix, definedNames { _ in true }))
    case .topics:
      return .words(from: start, matching(prefix, Help.words.map { CompletionWord($0, "") }))
    case .settings:
      return .words(from: start, matching(prefix, settingWords(words, host)))
    case .mistakes where words.count < 2 || words.count == 2 && before.last == "-":
      // Their names have hyphens in them.
      let from = start - (words.count == 2 ? words[1].utf8.count : 0)
      let kind = String(decoding: bytes[from...], as: UTF8.self)
      let kinds = Mistake.allCases.map { CompletionWord($0.rawValue, $0.summary, suffix: " ") }
      return .words(from: from, matching(kind, kinds))
    case .expression, .mistakes:
      let subject = command.completes == .mistakes ? 2 : 1
      if let clause = words.lastIndex(of: "wrt"), clause >= subject {
        return .words(
          from: start, matching(prefix, inputs(of: words[min(subject, words.count - 1)])))
      }
      let clauses = words.count > 1 ? clauseWords(command) : []
      return .words(from: start, matching(prefix, formulaWords + clauses))
    }
  }

  /// What can stand behind the file of `export`.
  private func exportWords(_ words: [String], _ command: Command) -> [CompletionWord] {
    switch words.last {
    case "as":
      return DocumentRequest.Form.allCases.map { CompletionWord($0.ending, "") }
        + [CompletionWord("lesson", "")]
    case "with": return DocumentRequest.frameworks.map { CompletionWord($0, "") }
    case "wrt": return inputs(of: words.count > 2 ? words[2] : "")
    default: return formulaWords + clauseWords(command)
    }
  }

  private func clauseWords(_ command: Command) -> [CompletionWord] {
    command.form.clauses.map { CompletionWord($0.name, "", suffix: " ") }
  }

  /// Letters, digits and everything beyond ASCII: a name may be cut anywhere.
  private static func isWordByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 97 < 26 || byte &- 48 < 10 || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private func matching(_ prefix: String, _ list: [CompletionWord]) -> [CompletionWord] {
    var seen: Set<String> = []
    return list.filter { $0.text.hasPrefix(prefix) && seen.insert($0.text).inserted }
  }

  private var statementWords: [CompletionWord] {
    Command.all.map { CompletionWord($0.names[0], $0.summary, suffix: " ") }
      + [CompletionWord("const", "marks data", suffix: " ")] + formulaWords
  }

  private var formulaWords: [CompletionWord] {
    definedNames { _ in true }
      + OperationTable.entries.compactMap(\.self).flatMap { entry in
        entry.names.map { CompletionWord($0, entry.summary, suffix: "(") }
      }
      + Constructor.all.map { CompletionWord($0.name, $0.summary, suffix: "(") }
  }

  private func definedNames(_ isWanted: (Definition) -> Bool) -> [CompletionWord] {
    definitions.held.filter(isWanted).map { definition in
      let name = parser.names.string(definition.name)
      switch definition.kind {
      case .input: return CompletionWord(name, "input")
      case .data: return CompletionWord(name, "const")
      case .formula: return CompletionWord(name, "formula")
      case .function: return CompletionWord(name, "function", suffix: "(")
      }
    }
  }

  /// The inputs an expression's name depends on; all inputs where the word is no formula.
  private func inputs(of word: String) -> [CompletionWord] {
    guard let name = parser.names.find(word), definitions.definition(of: name)?.kind == .formula
    else { return definedNames { $0.kind == .input } }
    var reached: Set<NameID> = [name]
    var stack = [name]
    while let next = stack.popLast() {
      guard let definition = definitions.definition(of: next), !definition.isValue else { continue }
      for mentioned in mentions(of: definition) where reached.insert(mentioned).inserted {
        stack.append(mentioned)
      }
    }
    return definedNames { $0.kind == .input && reached.contains($0.name) }
  }

  private func settingWords(_ words: [String], _ host: any SessionHost) -> [CompletionWord] {
    guard words.count > 1 else {
      return host.settings.map { CompletionWord($0.name, $0.expected, suffix: " ") }
    }
    let setting = host.settings.first { $0.name == words[1] }
    return (setting?.choices ?? []).map { CompletionWord($0, "") }
  }
}
