// A quiz as text: the values, the questions, what came of the answers, the score.

import BackstepTrace

/// A quiz, part by part.
public enum QuizText {
  private static let indent = 4

  /// One part, as lines.
  public static func text(_ event: QuizEvent, style: Style) -> ByteBuffer {
    ResultText.text(QuestionText.readable(style)) { writer in
      switch event {
      case .begin(let sheet): write(sheet, writer)
      case .question(let question): write(question, writer)
      case .verdict(let verdict): write(verdict, writer)
      case .hint(_, let hint): writer.write(hint, label: "Hint:", role: .heading, indent: indent)
      case .solution(_, let solution, _):
        writer.write(solution, label: "The answer:", role: .heading, indent: indent)
      case .note(let note): writer.write(note, indent: indent)
      case .score(let score): write(score, writer)
      }
    }
  }

  private static func write(_ sheet: QuizSheet, _ writer: LineWriter) {
    let count = "\(sheet.questions) question\(sheet.questions == 1 ? "" : "s")"
    if let exercise = sheet.exercise {
      writer.writeBlank()
      writer.write(
        "\(count)", label: "Exercise \(exercise.number) of \(exercise.count): \(exercise.title),",
        role: .heading)
    } else {
      writer.write("\(count)", label: "Quiz on \(sheet.of),", role: .heading)
    }
    let inputs = sheet.rows.filter { $0.formula == nil }.map { row -> Sentence in
      "\(name: row.name) = \(value: row.value)" + (row.isData ? " (const)" : "")
    }
    writer.write(facts: inputs, indent: indent)
    let operations = sheet.rows.filter { $0.formula != nil }
    let names = operations.map { DisplayWidth.columns(of: $0.name) }.max() ?? 0
    let formulas =
      operations.map { DisplayWidth.columns(of: $0.formula ?? "") }
      .greatest(upTo: writer.style.width / 2)
    for row in operations {
      var line = writer.line()
      line.pad(to: indent)
      line.add(row.name, .name)
      line.pad(to: indent + names)
      line.add(" = ", .sign)
      line.add(row.formula ?? "", .formula)
      line.pad(to: indent + names + 3 + formulas)
      line.allowBreak()
      line.add(" = ", .sign)
      line.add("\(value: row.value)", numbers: writer.style.numbers)
      line.hang = indent + 4
      writer.write(line)
    }
  }

  private static func write(_ question: QuizQuestion, _ writer: LineWriter) {
    writer.writeBlank()
    var line = writer.line()
    line.add("\(question.number)/\(question.total)  ", .step)
    line.add(question.symbol, question.kind == .local ? .partial : .adjoint)
    line.add(" = ?", .heading)
    line.add("   ")
    line.allowBreak()
    line.add(question.text, numbers: writer.style.numbers)
    line.hang = indent
    writer.write(line)
    writer.write(facts: question.given, indent: indent)
  }

  private static func write(_ verdict: QuizVerdict, _ writer: LineWriter) {
    switch verdict.outcome {
    case .right: writer.write(verdict.text, label: "Right:", role: .heading, indent: indent)
    case .wrong:
      writer.write(verdict.text, label: "Not right:", role: .warning, indent: indent)
    case .unclear: writer.write(verdict.text, indent: indent)
    }
  }

  private static func write(_ score: QuizScore, _ writer: LineWriter) {
    writer.writeBlank()
    var parts = ["\(score.first) of \(score.questions) right at once"]
    if score.later > 0 { parts.append("\(score.later) right later") }
    if score.givenUp > 0 { parts.append("\(score.givenUp) given up") }
    if score.open > 0 { parts.append("\(score.open) not answered") }
    writer.write("\(parts.joined(separator: ", "))", label: "Score:", role: .heading)
    guard !score.practise.isEmpty else { return }
    writer.writeHeading("To practise")
    let width = score.practise.map { $0.name.count }.max() ?? 0
    for topic in score.practise {
      var line = writer.line()
      line.pad(to: 2)
      line.add(topic.name, .name)
      line.pad(to: width + 4)
      line.add("\(topic.count)\(writer.style.ascii ? "x" : "×")  ", .dim)
      line.add(topic.advice, numbers: writer.style.numbers)
      line.hang = width + 8
      writer.write(line)
    }
  }
}
