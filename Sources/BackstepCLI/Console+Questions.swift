// Quizzes, lessons and mistakes at the console: questions asked, answers shown.

import Backstep
import BackstepRender
import BackstepTerminal
import BackstepTrace

extension Console {
  func ask(_ prompt: String) -> Answer {
    output.flush()
    var answer = answers.next(prompt)
    // One Ctrl-C drops the line, as at the prompt: nobody shall lose a lesson by a slip of the hand.
    if answer == .interrupted, answers.wasTyped, !isInterrupted, !prompt.hasSuffix("...> ") {
      output.complain("Ctrl-C once more leaves, and so does 'quit'.\n")
      answer = answers.next(prompt)
    }
    output.startPageOver()
    if case .line(let line) = answer, !answers.wasTyped { echo(line, after: prompt) }
    return answer
  }

  func echo(_ line: String, after prompt: String) {
    let text = line.drop { $0.isWhitespace }
    guard !display.json, let first = text.first, first != "#" else { return }
    write(QuestionText.answered(prompt, String(text), style: style))
  }

  /// What is read in a lesson does not leave the screen before it is read.
  private func stopAtFullScreens() {
    guard answers.areTyped, !display.json else { return }
    output.beginPages(prompt: display.ascii ? "-- any key goes on --" : "— any key goes on —")
  }

  func show(quiz event: QuizEvent) {
    switch event {
    case .begin: stopAtFullScreens()
    case .score: output.endPages()
    default: break
    }
    if display.json {
      if let line = QuestionJSON.quiz(event, ascii: display.ascii) { write(line) }
    } else {
      write(QuizText.text(event, style: style))
    }
  }

  func show(lesson event: LessonEvent) {
    switch event {
    case .begin: stopAtFullScreens()
    case .end: output.endPages()
    default: break
    }
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
