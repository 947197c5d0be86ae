// quiz: asks for each derivative before it shows it.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let quiz = Command(
    names: ["quiz"], usage: "quiz [E] [wrt a, b] [seed N]",
    summary: "asks for each derivative before it shows it",
    details: """
      Goes backwards through E and asks for each local derivative and each adjoint. An answer is a number, \
      as it would be shown or with three digits, or a formula in terms of the nodes, which is tried at other \
      values too. 'hint' helps, 'give up' shows the answer, 'again' repeats the question, 'quit' leaves; the \
      score at the end says what to practise. Without E there are exercises, the easiest first; the same seed, here or by seed(N) before, \
      makes the same ones. In a script the answers are the lines that follow, and the quiz fails unless all \
      are answered right in the end.
      """,
    example: "w = 3; L = w^2\nquiz L\n1\n2*w",
    form: .expression(clauses: ["wrt", "seed"]), completes: .expression,
    seeAlso: ["mistake", "lesson", "backward"]
  ) { session, call, host throws(Diagnostic) in
    try session.quiz(call, host)
  }
}

extension Session {
  fileprivate mutating func quiz(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic) {
    var tally = QuizTally()
    if call.expression != nil || call.has("wrt") {
      if let clause = call.clauses.first(where: { $0.word.text == "seed" }) {
        throw Diagnostic(
          .unexpectedArgument(command: "quiz E", found: "seed"), clause.word.range,
          advice: "seed draws the exercises of a quiz without E")
      }
      let worked = try work(call, "quiz", host)
      _ = try ask(about: worked, nil, &tally, host)
    } else {
      var random = try random(call, host)
      let exercises = Exercise.all(&random)
      for (index, exercise) in exercises.enumerated() {
        let worked = try work(exercise, host)
        let place = QuizExercise(
          title: exercise.title, number: index + 1, count: exercises.count)
        guard try ask(about: worked, place, &tally, host) else { break }
      }
      if call.clause("seed") == nil { builder.random = random }
    }
    host.show(quiz: .score(tally.result))
    if !tally.isComplete, !isInteractive {
      throw Diagnostic(
        .unfinished(
          "quiz", done: tally.score.first + tally.score.later, of: tally.score.questions),
        statementText,
        advice: tally.score.open > 0 ? "the answers are the lines after 'quiz', one each" : nil)
    }
  }

  /// Where the exercises are drawn from.
  private mutating func random(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) -> Random {
    guard let expressions = call.clause("seed") else { return builder.random }
    guard expressions.count == 1, let only = expressions.first else {
      throw Diagnostic(
        .unexpectedArgument(command: "seed", found: "several values"),
        expressions.last?.range ?? statementText)
    }
    guard case .number(let number) = try evaluate(only.syntax, host),
      let seed = Int64(exactly: number)
    else {
      throw Diagnostic(
        .notAnInteger(what: "a seed", found: parser.source.string(only.range)), only.range)
    }
    return Random(seed: UInt64(bitPattern: seed))
  }

  /// Computes an exercise in a session of its own.
  private func work(
    _ exercise: Exercise, _ host: any SessionHost
  ) throws(Diagnostic) -> WorkedGraph {
    var session = Session()
    session.begin(file: nil)
    try session.append(exercise.text.utf8)
    while case .ran = try session.runNext(host) {}
    return try session.work(nil, "quiz", host)
  }

  // MARK: Asking

  /// Asks all questions about a graph.
  ///
  /// - Returns: False where the user left, or no more answers come.
  private mutating func ask(
    about worked: WorkedGraph, _ exercise: QuizExercise?, _ tally: inout QuizTally,
    _ host: any SessionHost
  ) throws(Diagnostic) -> Bool {
    let items = QuizItem.all(worked)
    tally.begin(items.count)
    let introduction = introduction(worked, exercise, items.count)
    host.show(quiz: .begin(introduction))
    var sheet = AnswerSheet(worked, host)
    for (index, item) in items.enumerated() {
      let question = item.question(index + 1, of: items.count)
      host.show(quiz: .question(question))
      if index == 0, (exercise?.number ?? 1) == 1, isInteractive {
        host.show(quiz: .note(Self.whatToType))
      }
      guard try ask(item, question, introduction, &sheet, &tally, host) else { return false }
    }
    return true
  }

  private static let whatToType: Sentence = """
    Answer with a number or a formula. 'hint' helps, 'give up' shows the answer, 'again' repeats the \
    question, 'quit' leaves.
    """

  private func introduction(
    _ worked: WorkedGraph, _ exercise: QuizExercise?, _ questions: Int
  ) -> QuizSheet {
    let nodes = (0...worked.root).filter { worked.graph.operations[$0] != .constant }
    let rows = nodes.map { node in
      QuizSheet.Row(
        name: worked.name(node),
        formula: worked.graph.operations[node].isLeaf ? nil : worked.formula(node),
        value: worked.value(node), isData: worked.graph.operations[node] == .data)
    }
    return QuizSheet(
      of: worked.text, exercise: exercise,
      rows: rows.filter { $0.formula == nil } + rows.filter { $0.formula != nil },
      questions: questions)
  }

  /// Asks one question until it is answered or given up.
  private mutating func ask(
    _ item: QuizItem, _ question: QuizQuestion, _ introduction: QuizSheet,
    _ sheet: inout AnswerSheet, _ tally: inout QuizTally, _ host: any SessionHost
  ) throws(Diagnostic) -> Bool {
    var isFirst = true
    var hints = item.hints[...]
    while let line = try ask("answer> ", host) {
      let text = answerText(line)
      switch text.lowercased() {
      case "" where !isInteractive: continue
      case "", "help": host.show(quiz: .note(Self.whatToType))
      case "again":
        host.show(quiz: .begin(introduction))
        host.show(quiz: .question(question))
      case "quit", "exit": return false
      case "hint", "?":
        host.show(
          quiz: .hint(
            number: question.number,
            hints.popFirst() ?? "There are no more hints: 'give up' shows the answer."))
        isFirst = false
      case "give up", "skip":
        tally.giveUp()
        tally.miss(item, nil)
        host.show(
          quiz: .solution(number: question.number, item.explanation, value: item.answer))
        return true
      default:
        let verdict = try judge(text, item, question, &sheet, host)
        if verdict.outcome == .right { tally.right(atOnce: isFirst) }
        if verdict.outcome == .wrong {
          tally.miss(item, verdict.misconception.flatMap(Misconception.init))
          isFirst = false
        }
        host.show(quiz: .verdict(verdict))
        if verdict.outcome == .right { return true }
      }
    }
    return false
  }

  private func judge(
    _ text: String, _ item: QuizItem, _ question: QuizQuestion, _ sheet: inout AnswerSheet,
    _ host: any SessionHost
  ) throws(Diagnostic) -> QuizVerdict {
    let digits = host.settings.first { $0.name == "digits" }.flatMap { Int($0.value) } ?? 6
    let outcome: QuizVerdict.Outcome
    var misconception: Misconception?
    let words: Sentence
    switch try sheet.judge(text, for: item, digits: digits, host) {
    case .right: (outcome, words) = (.right, item.explanation)
    case .wrong(let value, let diagnosis):
      outcome = .wrong
      misconception = diagnosis?.misconception
      words = diagnosis?.text ?? item.remark(on: value)
    case .rightHereOnly:
      (outcome, words) = (
        .unclear,
        "Right for these numbers, but not when the inputs change. Say it so that it always holds, or give the number."
      )
    case .misshapen(let shape):
      (outcome, words) = (
        .unclear,
        "\(adjoint: item.symbol) is \(described(item.answer.shape)), but this is \(described(shape))."
      )
    case .circular:
      (outcome, words) = (.unclear, "That is what is asked for. What is it made of?")
    case .unreadable(let mistake):
      (outcome, words) = (.unclear, "That cannot be read: \(mistake.message).")
    }
    return QuizVerdict(
      number: question.number, answer: text, outcome: outcome,
      misconception: misconception?.rawValue, text: words)
  }

  private func described(_ shape: Shape) -> String {
    switch shape.rank {
    case 0: "a number"
    case 1: "a vector of \(shape.count)"
    default: "a matrix of \(shape.rows) by \(shape.columns)"
    }
  }

  /// An answer without the comment behind it, and without blanks around it.
  func answerText(_ line: String) -> String {
    let text = line.prefix { $0 != "#" }
    let start = text.drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }
}
