// lesson: a guided lesson, in which the user types statements and the lesson looks at them.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let lesson = Command(
    names: ["lesson"], usage: "lesson [N | FILE]",
    summary: "runs a guided lesson; without a number it lists them",
    details: """
      A lesson explains, asks, and looks at what is typed. Any statement and any command can be tried in it; \
      your own definitions stay as they are. 'hint' helps, 'skip' goes on, and so does Enter alone at a \
      prediction, 'again' repeats what was said, 'quit' leaves. A lesson is a script: FILE runs one of your own.
      """,
    example: "lesson",
    form: .words, completes: .files, seeAlso: ["quiz", "mistake"]
  ) { session, call, host throws(Diagnostic) in
    try session.lesson(call, host)
  }
}

extension Session {
  fileprivate mutating func lesson(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    try call.expectWords(0...1, "a number or a file name")
    guard let word = call.words.first else {
      host.show(lesson: .list(Self.titles))
      return
    }
    guard !isLesson else { throw Diagnostic(.lessonInLesson, statementText) }
    let script = try script(word, host)
    var inner = Session()
    inner.isInteractive = true
    inner.isLesson = true
    let isTyped = isInteractive
    let progress = try lendText(to: &inner) { (session: inout Session) throws(Diagnostic) in
      var run = LessonRun(script: script, session: session, isTyped: isTyped)
      defer { session = run.session }
      do throws(LessonRun.Failure) {
        try run.run(host)
      } catch {
        switch error {
        case .interrupted: throw Diagnostic(.interrupted, word.range)
        case .flaw(let flaw):
          throw Diagnostic(.lesson("\(word.text):\(flaw.line): \(flaw.message)"), word.range)
        }
      }
      return run.progress
    }
    if progress.done < script.tasks, !isInteractive {
      throw Diagnostic(
        .unfinished("lesson", done: progress.done, of: script.tasks), statementText,
        advice: progress.done + progress.skipped < script.tasks
          ? "what is typed in it are the lines after 'lesson'" : nil)
    }
  }

  private static var titles: [LessonTitle] {
    Lessons.all.indices.compactMap { index in
      Lessons.text(index + 1).flatMap { try? LessonScript($0) }
        .map { LessonTitle(number: index + 1, title: $0.title) }
    }
  }

  /// Reads the lesson of a number, or one of the user's own.
  private func script(_ word: Word, _ host: any SessionHost) throws(Diagnostic) -> LessonScript {
    let text: String
    if let number = Int(word.text) {
      guard let own = Lessons.text(number) else {
        throw Diagnostic(.unknownLesson(word.text, count: Lessons.all.count), word.range)
      }
      text = own
    } else {
      do {
        text = String(decoding: try host.read(file: word.text), as: UTF8.self)
      } catch {
        if host.isInterrupted { throw Diagnostic(.interrupted, word.range) }
        if case .file(let message) = error { throw Diagnostic(.file(message), word.range) }
        throw Diagnostic(.sandbox("reading files"), word.range)
      }
    }
    do {
      return try LessonScript(text)
    } catch {
      throw Diagnostic(.lesson("\(word.text):\(error.line): \(error.message)"), word.range)
    }
  }
}
