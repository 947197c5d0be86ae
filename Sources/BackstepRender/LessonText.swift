// A lesson as text: prose, the lesson's own statements, tasks, what came of them.

import BackstepTrace

/// A lesson, part by part.
public enum LessonText {
  private static let indent = 4

  /// One part, as lines.
  public static func text(_ event: LessonEvent, style: Style) -> ByteBuffer {
    ResultText.text(QuestionText.readable(style)) { writer in
      switch event {
      case .list(let titles): write(titles, writer)
      case .begin(let title):
        writer.writeHeading("Lesson: \(title)")
        var line = writer.line()
        line.hang = 0
        line.add(
          "'hint' helps, 'skip' goes on, 'again' repeats, 'quit' leaves.",
          numbers: writer.style.numbers, role: .dim)
        writer.write(line)
      case .heading(let title):
        writer.writeBlank()
        writer.writeHeading(title)
      case .prose(let text):
        writer.writeBlank()
        writer.write(Sentence(marked: text))
      case .statement(let text, let isFirst): write(statement: text, isFirst, writer)
      case .task(let number, let total, let kind, let text, let choices):
        writer.writeBlank()
        writer.write(
          Sentence(marked: text), label: "\(number)/\(total)  \(label(kind))", role: .heading,
          hang: indent)
        for (index, choice) in choices.enumerated() {
          let letter = Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8(min(index, 25))))
          writer.write(
            Sentence(marked: choice), label: "\(letter) ", role: .name, indent: indent,
            hang: indent + 3)
        }
      case .verdict(_, _, let right, let text): write(right, text, writer)
      case .hint(_, let text):
        writer.write(Sentence(marked: text), label: "Hint:", role: .heading, indent: indent)
      case .solution(_, let text): writer.write(text, indent: indent)
      case .end(let tasks, let done, let skipped, let isComplete):
        writer.writeBlank()
        var counts = "\(done) of \(tasks) tasks done"
        if skipped > 0 { counts += ", \(skipped) skipped" }
        writer.write(
          "\(counts).", label: isComplete ? "The end of the lesson:" : "You leave the lesson:",
          role: .heading)
      }
    }
  }

  private static func label(_ kind: LessonTask) -> String {
    switch kind {
    case .predict: "Predict."
    case .type: "Your turn."
    case .choose: "Choose."
    case .say: "In your words."
    }
  }

  private static func write(_ titles: [LessonTitle], _ writer: LineWriter) {
    for lesson in titles {
      var line = writer.line()
      line.add("  lesson \(lesson.number)  ", .name)
      line.add(lesson.title)
      line.hang = 12
      writer.write(line)
    }
  }

  private static func write(statement text: String, _ isFirst: Bool, _ writer: LineWriter) {
    if isFirst { writer.writeBlank() }
    for (index, part) in text.split(separator: "\n").enumerated() {
      var line = writer.line()
      line.add(index == 0 ? "backstep> " : "     ...> ", .dim)
      line.add(String(part), .formula)
      writer.write(line)
    }
  }

  private static func write(_ right: Bool?, _ text: Sentence, _ writer: LineWriter) {
    let marked = text.parts.flatMap { part -> [Sentence.Part] in
      if case .words(let words) = part { return Sentence(marked: words).parts }
      return [part]
    }
    switch right {
    case true?:
      var label = "Right."
      if case .value? = marked.first { label = "Right:" }
      writer.write(Sentence(marked), label: label, role: .heading, indent: indent)
    case false?: writer.write(Sentence(marked), label: "Not yet.", role: .warning, indent: indent)
    case nil: if !text.isEmpty { writer.write(Sentence(marked), indent: indent) }
    }
  }
}
