// Lessons: how their scripts are read, that they are scripts, and that they can be done.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct LessonTests {
  @Test("a lesson is a script like any other", arguments: 1...Lessons.all.count)
  func runsAsScript(_ number: Int) throws {
    var conversation = Conversation()
    try conversation.run(try #require(Lessons.text(number)))
  }

  @Test("a lesson asks for much, with hints", arguments: 1...Lessons.all.count)
  func hasTasks(_ number: Int) throws {
    let script = try LessonScript(try #require(Lessons.text(number)))
    #expect(script.tasks >= 9)
    let tasks = script.steps.compactMap { step -> LessonScript.Task? in
      if case .task(let task) = step.step { task } else { nil }
    }
    let kinds = Set(tasks.map(\.kind))
    #expect(kinds.isSuperset(of: [.predict, .type, .choose, .say]))
    #expect(tasks.contains { !$0.hints.isEmpty })
    // What is asked is a prediction more often than not a thing to type.
    #expect(tasks.count { $0.kind == .predict || $0.kind == .choose } * 2 >= tasks.count)
  }

  @Test(
    "every lesson can be skipped through, and shows what would have been right",
    arguments: 1...Lessons.all.count)
  func canBeSkipped(_ number: Int) throws {
    var conversation = Conversation()
    let script = try LessonScript(try #require(Lessons.text(number)))
    conversation.host.answers = Array(repeating: "skip", count: script.tasks)
    conversation.session.isInteractive = true
    try conversation.run("lesson \(number)")
    #expect(
      conversation.host.lessonEvents.last
        == .end(tasks: script.tasks, done: 0, skipped: script.tasks, isComplete: true))
    #expect(conversation.host.complaints.isEmpty)
    #expect(throws: Diagnostic.self) { try conversation.run("L") }
  }

  @Test func `the lines of a script become steps`() throws {
    let script = try LessonScript(
      """
      # an author's comment
      #* Title
      #: One paragraph,
      #: on two lines.
      #:
      #: Another.
      w = (1 +
        2); v = 3
      # a comment in between
      u = 4

      #? What is w?
      #~ Add.
      #~ 1 + 2.
      #= 3 -- as any child knows
      #? Type it,
      #? please.
      x = w

      y = x
      #? Which?
      #+ this -- yes
      #- that
      #? Say why.
      #" Because.
      #.
      hidden = 1
      """)
    #expect(script.title == "Title")
    #expect(
      script.steps.map(\.step) == [
        .heading("Title"), .prose("One paragraph, on two lines."), .prose("Another."),
        .statements("w = (1 +\n  2); v = 3\nu = 4"),
        .task(
          .init(
            text: "What is w?", goal: .value("3"), remark: "as any child knows",
            hints: ["Add.", "1 + 2."], line: 12)),
        .task(.init(text: "Type it, please.", goal: .statements("x = w"), line: 16)),
        .statements("y = x"),
        .task(
          .init(
            text: "Which?",
            goal: .choice([
              .init(text: "this", remark: "yes", isRight: true),
              .init(text: "that", remark: "", isRight: false),
            ]), line: 21)),
        .task(.init(text: "Say why.", goal: .sentence("Because."), line: 24)),
        .hidden("hidden = 1"),
      ])
  }

  @Test(
    "a script that is no lesson says where",
    arguments: [
      ("w = 1", 1), ("#* T\n#= 3", 2), ("#* T\n\n#? Q\n#+ only one", 3),
      ("#* T\n#? Q\n#- a\n#- b", 2),
      ("#* T\n#? Q\n#= 1\n#\" or so", 2), ("#* T\n#? Q\nw = 1\n#~ too late", 4),
    ])
  func flaws(_ text: String, _ line: Int) {
    #expect { try LessonScript(text) } throws: { ($0 as? LessonScript.Flaw)?.line == line }
  }

  @Test func `what was done with an undone step counts as it stands`() throws {
    var conversation = Conversation()
    conversation.host.files["own"] = "#* T\nw = 1\n\n#? Store 2 in w.\nw := 2\n"
    conversation.host.answers = ["w := 3", "undo", "w = 1", "w := w + 1"]
    conversation.session.isInteractive = true
    try conversation.run("lesson own")
    #expect(
      conversation.host.lessonEvents.last == .end(tasks: 1, done: 1, skipped: 0, isComplete: true))
  }
}
