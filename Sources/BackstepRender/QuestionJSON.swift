// Quizzes and lessons as JSON Lines.

import BackstepTrace

/// Questions, answers and scores for programs.
public enum QuestionJSON {
  /// One part of a quiz; nil for what is said to people only.
  public static func quiz(_ event: QuizEvent, ascii: Bool = false) -> ByteBuffer? {
    switch event {
    case .begin(let sheet):
      ResultJSON.line("quiz", ascii) { json in
        json.member("of", sheet.of)
        if let exercise = sheet.exercise {
          json.member("title", exercise.title)
          json.member("exercise", exercise.number)
          json.member("exercises", exercise.count)
        }
        json.member("questions", sheet.questions)
      }
    case .question(let question):
      ResultJSON.line("question", ascii) { json in
        json.member("number", question.number)
        json.member("of", question.total)
        json.member("kind", question.kind.rawValue)
        json.member("node", question.node + 1)
        json.member("asked", question.symbol)
        json.member(shape: question.shape)
        json.member("text", question.text.text)
        json.key("given")
        json.open("[")
        for fact in question.given { json.string(fact.text) }
        json.close("]")
      }
    case .verdict(let verdict):
      ResultJSON.line("answer", ascii) { json in
        json.member("number", verdict.number)
        json.member("answer", verdict.answer)
        json.member("outcome", verdict.outcome.rawValue)
        if let misconception = verdict.misconception {
          json.member("misconception", misconception)
        }
        json.member("text", verdict.text.text)
      }
    case .hint(let number, let hint):
      ResultJSON.line("hint", ascii) { json in
        json.member("number", number)
        json.member("text", hint.text)
      }
    case .solution(let number, let solution, let value):
      ResultJSON.line("solution", ascii) { json in
        json.member("number", number)
        json.member("text", solution.text)
        json.member(shape: value.shape)
        json.member("value", value)
      }
    case .note: nil
    case .score(let score):
      ResultJSON.line("score", ascii) { json in
        json.member("questions", score.questions)
        json.member("first", score.first)
        json.member("later", score.later)
        json.member("givenUp", score.givenUp)
        json.member("open", score.open)
        json.key("practise")
        json.open("[")
        for topic in score.practise {
          json.open("{")
          json.member("topic", topic.name)
          json.member("count", topic.count)
          json.close("}")
        }
        json.close("]")
      }
    }
  }

  /// One part of a lesson; a line for each lesson of the list.
  public static func lesson(_ event: LessonEvent, ascii: Bool = false) -> ByteBuffer? {
    switch event {
    case .list(let titles):
      var output = ByteBuffer()
      for lesson in titles {
        output.append(
          ResultJSON.line("lesson", ascii) { json in
            json.member("number", lesson.number)
            json.member("title", lesson.title)
          })
      }
      return output
    case .begin(let title): return ResultJSON.line("lesson", ascii) { $0.member("title", title) }
    case .heading(let text), .prose(let text):
      return ResultJSON.message(event: "prose", text: text, ascii: ascii)
    case .statement(let text, _):
      return ResultJSON.message(event: "statement", text: text, ascii: ascii)
    case .task(let number, let total, let kind, let text, let choices):
      return ResultJSON.line("task", ascii) { json in
        json.member("number", number)
        json.member("of", total)
        json.member("kind", kind.rawValue)
        json.member("text", text)
        guard !choices.isEmpty else { return }
        json.key("choices")
        json.open("[")
        for choice in choices { json.string(choice) }
        json.close("]")
      }
    case .verdict(let number, let answer, let right, let text):
      return ResultJSON.line("answer", ascii) { json in
        json.member("number", number)
        json.member("answer", answer)
        json.member("outcome", right.map { $0 ? "right" : "wrong" } ?? "open")
        json.member("text", text.text)
      }
    case .hint(let number, let text):
      return ResultJSON.line("hint", ascii) { json in
        json.member("number", number)
        json.member("text", text)
      }
    case .solution(let number, let text):
      return ResultJSON.line("solution", ascii) { json in
        json.member("number", number)
        json.member("text", text.text)
      }
    case .end(let tasks, let done, let skipped, let isComplete):
      return ResultJSON.line("lessonEnd", ascii) { json in
        json.member("tasks", tasks)
        json.member("done", done)
        json.member("skipped", skipped)
        json.member("complete", isComplete)
      }
    }
  }
}
