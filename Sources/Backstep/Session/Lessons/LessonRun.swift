// A lesson while it runs: step after step, and one task after the other.

import BackstepLanguage
import BackstepTrace

/// Runs a lesson in a session of its own.
struct LessonRun {
  let script: LessonScript
  /// The session in which the lesson's statements and the user's are run.
  var session: Session
  /// Whether somebody sits at a terminal, who wants to know what an empty line came to.
  let isTyped: Bool
  private(set) var progress = Progress()

  /// How far it has come.
  struct Progress {
    /// Tasks done by the user.
    var done = 0
    var skipped = 0
  }

  /// Why it stopped before its end.
  enum Failure: Error {
    case interrupted
    case flaw(LessonScript.Flaw)
  }

  /// What came of a task.
  private enum Outcome { case done, skipped, left }

  init(script: LessonScript, session: Session, isTyped: Bool) {
    self.script = script
    self.isTyped = isTyped
    self.session = session
  }

  /// Runs the lesson up to its end, or until the user leaves.
  mutating func run(_ host: any SessionHost) throws(Failure) {
    host.show(lesson: .begin(title: script.title))
    var number = 0
    var lastTask = -1
    var isComplete = true
    steps: for (index, (line, step)) in script.steps.enumerated() {
      guard case .task(let task) = step else {
        // The title has been shown.
        if index > 0 { try show(step, at: line, host) }
        continue
      }
      number += 1
      let context = script.steps[(lastTask + 1)..<index].map(\.step)
      switch try run(task, number, context, host) {
      case .done: progress.done += 1
      case .skipped: progress.skipped += 1
      case .left:
        isComplete = false
        break steps
      }
      lastTask = index
    }
    host.show(
      lesson: .end(
        tasks: script.tasks, done: progress.done, skipped: progress.skipped,
        isComplete: isComplete))
  }

  private mutating func show(
    _ step: LessonScript.Step, at line: Int, _ host: any SessionHost
  ) throws(Failure) {
    switch step {
    case .heading(let text): host.show(lesson: .heading(text))
    case .prose(let text): host.show(lesson: .prose(text))
    case .statements(let text): try perform(text, at: line, host)
    case .hidden(let text):
      session.isInteractive = false
      defer { session.isInteractive = true }
      try perform(text, at: line, isHidden: true, host)
    case .task: break
    }
  }

  /// Runs the lesson's own statements.
  private mutating func perform(
    _ text: String, at line: Int, isHidden: Bool = false, _ host: any SessionHost
  ) throws(Failure) {
    do {
      _ = try execute(text, host, showsStatements: !isHidden)
    } catch {
      if error.kind == .interrupted { throw .interrupted }
      throw .flaw(LessonScript.Flaw(line: line, message: error.message))
    }
  }

  // MARK: Tasks

  private mutating func run(
    _ task: LessonScript.Task, _ number: Int, _ context: [LessonScript.Step],
    _ host: any SessionHost
  ) throws(Failure) -> Outcome {
    var goals: [LessonGoal] = []
    if case .statements(let text) = task.goal {
      do {
        goals = try LessonGoal.goals(of: text, in: session, host)
      } catch {
        if error.kind == .interrupted { throw .interrupted }
        throw .flaw(LessonScript.Flaw(line: task.line, message: error.message))
      }
    }
    var hints = task.hints[...]
    ask(task, number, host)
    while let line = try nextLine(task, host) {
      let text = session.answerText(line)
      switch text.lowercased() {
      case "quit", "exit": return .left
      case "hint", "?":
        host.show(lesson: .hint(number: number, hints.popFirst() ?? lastHint(task)))
      case "again":
        for step in context { repeatStep(step, host) }
        ask(task, number, host)
      case "" where !task.skipsAtEnter:
        guard isTyped else { continue }
        host.show(
          lesson: .verdict(
            number: number, answer: "", right: nil,
            text: "Type a statement. 'hint' helps, 'skip' lets the lesson do it."))
      case "", "skip":
        try solve(task, number, host)
        return .skipped
      default:
        if try isDone(task, number, line, &goals, host) { return .done }
      }
    }
    return .left
  }

  /// Shows a step once more; of its statements those are run again that only show something.
  private func repeatStep(_ step: LessonScript.Step, _ host: any SessionHost) {
    switch step {
    case .heading(let text): host.show(lesson: .heading(text))
    case .prose(let text): host.show(lesson: .prose(text))
    case .hidden, .task: break
    case .statements(let text):
      var copy = session
      var isFirst = true
      do {
        copy.begin(file: nil)
        try copy.append((text + "\n").utf8)
        while true {
          var probe = copy
          guard let statement = try probe.parser.next() else { return }
          host.show(
            lesson: .statement(
              probe.parser.source.string(statement.range), isFirst: isFirst))
          isFirst = false
          switch statement.kind {
          case .command, .expression: _ = try copy.runNext(host)
          default: copy.parser.place = probe.parser.place
          }
        }
      } catch {
        // What a user's own definitions have made impossible is left out.
      }
    }
  }

  private func ask(_ task: LessonScript.Task, _ number: Int, _ host: any SessionHost) {
    var choices: [String] = []
    if case .choice(let list) = task.goal { choices = list.map(\.text) }
    host.show(
      lesson: .task(
        number: number, total: script.tasks, kind: task.kind, text: task.text, choices: choices))
  }

  /// The next line, and the lines after it where its last statement goes on.
  private mutating func nextLine(
    _ task: LessonScript.Task, _ host: any SessionHost
  ) throws(Failure) -> String? {
    while true {
      guard var text = try line(task.prompt, host) else { return nil }
      guard task.kind == .type || task.kind == .predict else { return text }
      do {
        while session.isIncomplete(text), let more = try line("  ...> ", host) {
          text += "\n" + more
        }
        return text
      } catch {
        // Ctrl-C in a statement of several lines drops the statement.
        if host.isInterrupted { throw error }
      }
    }
  }

  private mutating func line(
    _ prompt: String, _ host: any SessionHost
  ) throws(Failure) -> String? {
    do { return try session.ask(prompt, host) } catch { throw .interrupted }
  }

  private func lastHint(_ task: LessonScript.Task) -> String {
    switch task.goal {
    case .statements(let text): "Type: \(text)"
    case .value: "There are no more hints; 'skip' shows the answer."
    case .choice: "There are no more hints; 'skip' shows the answer."
    case .sentence: "Any sentence of your own will do."
    }
  }

  /// What would have been right; statements are run.
  private mutating func solve(
    _ task: LessonScript.Task, _ number: Int, _ host: any SessionHost
  ) throws(Failure) {
    switch task.goal {
    case .statements(let text): try perform(text, at: task.line, host)
    case .value(let text):
      let value = try value(of: text, task, host)
      host.show(
        lesson: .solution(number: number, "It is \(value: value)." + behind(task.remark)))
    case .choice(let choices):
      let right = choices.enumerated().first { $0.element.isRight }
      let letter = right.map { Self.letter($0.offset) } ?? ""
      host.show(
        lesson: .solution(
          number: number,
          "\(letter): \(right?.element.text ?? "")." + behind(right?.element.remark ?? "")))
    case .sentence(let text):
      if !text.isEmpty {
        host.show(lesson: .solution(number: number, "One way to say it: \(text)"))
      }
    }
  }

  /// A remark behind another sentence.
  func behind(_ remark: String) -> Sentence { remark.isEmpty ? "" : " \(remark)" }

  static func letter(_ index: Int) -> String {
    String(Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8(min(index, 25)))))
  }

  mutating func value(
    of text: String, _ task: LessonScript.Task, _ host: any SessionHost
  ) throws(Failure) -> Reading {
    do {
      return try session.value(ofText: text, host).value
    } catch {
      if error.kind == .interrupted { throw .interrupted }
      throw .flaw(LessonScript.Flaw(line: task.line, message: error.message))
    }
  }

  // MARK: Statements

  /// Runs what the user typed; nil where it is wrong, which is said.
  mutating func runTyped(
    _ line: String, _ host: any SessionHost
  ) throws(Failure) -> [LessonGoal.Typed]? {
    let before = session
    do {
      let typed = try execute(line, host)
      // What undo or reset has taken away the lesson will speak of again.
      let isGone = before.definitions.held.contains {
        session.definitions.definition(of: $0.name) == nil
      }
      if isGone {
        session = before
        session.dropText()
        host.show(lesson: .prose("The lesson goes on with what was defined, so that stays."))
      }
      return typed
    } catch {
      if error.kind == .interrupted { throw .interrupted }
      host.complain(error, at: session.location(of: error))
      session.dropText()
      return nil
    }
  }

  /// Runs statements one after the other; what they were.
  private mutating func execute(
    _ text: String, _ host: any SessionHost, showsStatements: Bool = false
  ) throws(Diagnostic) -> [LessonGoal.Typed] {
    var typed: [LessonGoal.Typed] = []
    session.reclaimText()
    session.begin(file: nil)
    try session.append((text + "\n").utf8)
    while true {
      let next = try LessonGoal.Typed(next: session, host)
      if showsStatements, let next {
        host.show(lesson: .statement(next.text, isFirst: typed.isEmpty))
      }
      switch try session.runNext(host) {
      case .ran: if let next { typed.append(next) }
      case .incomplete(_, let mistake): throw mistake
      case .end, .quit: return typed
      }
      if host.isInterrupted { throw Diagnostic(.interrupted, SourceRange(0, 0)) }
    }
  }
}

extension LessonScript.Task {
  var kind: LessonTask {
    switch goal {
    case .value: .predict
    case .statements: .type
    case .choice: .choose
    case .sentence: .say
    }
  }

  /// What stands before the line that is typed.
  fileprivate var prompt: String {
    switch kind {
    case .predict: "predict> "
    case .type: "lesson> "
    case .choose: "choose> "
    case .say: "say> "
    }
  }

  /// Whether Enter alone goes on: not where statements are to be typed.
  fileprivate var skipsAtEnter: Bool { kind != .type }
}
