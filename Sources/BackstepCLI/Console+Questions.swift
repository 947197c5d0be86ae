// Quizzes, lessons and mistakes at the console: questions asked, answers shown.

import Backstep
import BackstepRender
import BackstepTerminal
import BackstepTrace

extension Console {
  func ask(_ prompt: String) -> Answer {
    output.flush()
    let answer = answers.next(prompt)
    if case .line(let line) = answer, !answers.wasTyped { echo(line, after: prompt) }
    return answer
  }

  func echo(_ line: String, after prompt: String) {
    let text = line.drop { $0.isWhitespace }
    guard !display.json, let first = text.first, first != "#" else { return }
    write(QuestionText.answered(prompt, String(text), style: style))
  }

  func show(quiz event: QuizEvent) {
    if display.json {
      if let line = QuestionJSON.quiz(event, ascii: display.ascii) { write(line) }
    } else {
      write(QuizText.text(event, style: style))
    }
  }

  func show(lesson event: LessonEvent) {
    if display.json {
      if let line = QuestionJSON.lesson(event, ascii: display.ascii) { write(line) }
    } else {
      write(LessonText.text(event, style: style))
    }
  }

  func show(mistake report: MistakeReport) {
    write(
      display.json
        ? MistakeJSON.lines(report, ascii: display.ascii)
        : MistakeText.lines(report, style: style))
  }
}
