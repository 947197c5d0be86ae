// Sentences as text: their parts in their roles, broken between words.

import BackstepTrace

extension FragmentLine {
  /// Adds a sentence; the line may be broken after each blank between its words.
  mutating func add(_ sentence: Sentence, numbers: NumberFormat, role: Role = .plain) {
    for part in sentence.parts {
      switch part {
      case .words(let words): addBroken(words, role)
      case .name(let name): add(name, .name)
      case .formula(let formula): add(formula, .formula)
      case .partial(let symbol): add(symbol, .partial)
      case .adjoint(let symbol): add(symbol, .adjoint)
      case .value(let reading):
        let inline = InlineValue(reading, limit: 60, numbers: numbers)
        add(inline?.text ?? InlineValue.shape(reading.shape), .value)
      }
    }
  }

  /// Adds words as they are; the line may be broken after each blank.
  private mutating func addBroken(_ words: String, _ role: Role) {
    for (index, word) in words.split(separator: " ", omittingEmptySubsequences: false).enumerated()
    {
      if index > 0 {
        add(" ", role)
        allowBreak()
      }
      if !word.isEmpty { add(String(word), role) }
    }
  }
}

extension Sentence {
  /// Text in which formulas stand between grave accents, to be kept in one piece.
  init(marked text: String) {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
    self.init(
      parts.compactMap { index, part in
        part.isEmpty ? nil : index % 2 == 0 ? .words(String(part)) : .formula(String(part))
      })
  }
}

/// What quizzes and lessons have in common.
public enum QuestionText {
  /// A question's prompt with the answer that the text of a script held.
  public static func answered(_ prompt: String, _ answer: String, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      var line = writer.line()
      line.add(prompt, .dim)
      line.add(answer)
      writer.write(line)
    }
  }

  /// The style, no wider than is good to read.
  static func readable(_ style: Style) -> Style {
    var style = style
    style.width = min(style.width, 88)
    return style
  }
}

extension LineWriter {
  /// Writes a sentence behind a label, indented; what is broken goes on below it.
  func write(
    _ sentence: Sentence, label: String = "", role: Role = .plain, indent: Int = 0, hang: Int? = nil
  ) {
    var line = line()
    line.pad(to: indent)
    if !label.isEmpty { line.add(label, role) }
    if !label.isEmpty, !sentence.isEmpty { line.add(" ") }
    line.add(sentence, numbers: style.numbers)
    line.hang = hang ?? indent
    write(line)
  }

  /// Writes short facts side by side, as many on a line as there is room for.
  func write(facts: [Sentence], indent: Int) {
    func begun() -> FragmentLine {
      var row = line()
      row.hang = indent + 2
      row.pad(to: indent)
      return row
    }
    var row = begun()
    var isEmpty = true
    for fact in facts {
      var entry = line()
      entry.add(fact, numbers: style.numbers)
      if !row.add(entry, isFirst: isEmpty, within: style.width) {
        write(row)
        row = begun()
        row.add(entry)
      }
      isEmpty = false
    }
    if !isEmpty { write(row) }
  }
}
