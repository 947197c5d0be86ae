// Quizzes: right answers are accepted, wrong ones named; exercises; the passes that make mistakes.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct QuizTests {
  /// Computes the graph of the last formula.
  private func work(_ text: String) throws -> (WorkedGraph, RecordingHost) {
    var conversation = Conversation()
    try conversation.run(text)
    let host = conversation.host
    return (try conversation.session.work(nil, "quiz", host), host)
  }

  private func judge(_ answer: String, _ item: QuizItem, _ host: RecordingHost) throws -> Judgement
  {
    var sheet = AnswerSheet(item.worked, host)
    #expect(sheet.hasNames)
    return try sheet.judge(answer, for: item, digits: 6, host)
  }

  private func isRight(_ judgement: Judgement) -> Bool {
    if case .right = judgement { true } else { false }
  }

  static let formulas = [
    "w = 0.5; b = -1; const x = 2; const y = 1; a = sigmoid(w*x + b); L = bce(a, y)",
    "x = 3; y = x*x + x - x/2",
    "x = 0.7; u = sin(x)*exp(-x); v = log(u + 2); L = max(u, v)*hypot(u, x)^1.5",
    "W = [[1, -2], [0.5, 3]]; x = [2, -1]; z = tanh(W @ x); L = sum(z*z) + norm(x)",
    "A = [[1, 2], [3, 4]]; B = [[0, 1], [1, 1]]; L = sum((A @ B' + A)*softmax(B))",
    "e = 2; pi = 3; L = e*pi + sum([e, pi, 1e-3, -4])",
    "a = 2; b = -1; c = 1; L = where(c, a*b, a/b) + clamp(a, 0, 1)",
    "X = [[1, 2, 3], [4, 5, 6]]; b = [0.1, 0.2, 0.3]; L = mse(X + b, X*2)",
  ]

  @Test("the right number and the rule itself are right", arguments: formulas)
  func acceptsWhatIsRight(_ text: String) throws {
    let (worked, host) = try work(text)
    let items = QuizItem.all(worked)
    #expect(items.count > 2)
    for item in items {
      #expect(isRight(try judge(item.answer.literal, item, host)), "\(item.symbol) in \(text)")
      if case .local = item.subject {
        #expect(
          isRight(try judge(item.formula, item, host)), "\(item.symbol) = \(item.formula), \(text)")
      }
    }
  }

  @Test("no misconception gives the right answer", arguments: formulas)
  func suspectsAreWrong(_ text: String) throws {
    let (worked, _) = try work(text)
    for item in QuizItem.all(worked) {
      #expect(
        item.diagnosis { $0.isClose(to: item.answer, within: 1e-10) } == nil, "\(item.symbol)")
    }
  }

  /// A graph, the number of one of its questions, a wrong answer, and the misconception behind it.
  struct Slip: Sendable {
    var text: String
    var question: Int
    var answer: String
    var misconception: Misconception
  }

  private typealias Row = (
    text: String, question: Int, answer: String, misconception: Misconception
  )
  private static let rows: [Row] = [
    // L = u^2 with u = w·x = 3·4: ∂L/∂u = 24, ∂u/∂w = 4, ∂L/∂w = 96.
    ("w = 3; const x = 4; u = w*x; L = u^2", 0, "144", .seed),
    ("w = 3; const x = 4; u = w*x; L = u^2", 1, "-24", .sign),
    ("w = 3; const x = 4; u = w*x; L = u^2", 1, "144", .value),
    ("w = 3; const x = 4; u = w*x; L = u^2", 1, "12", .operandValue),
    ("w = 3; const x = 4; u = w*x; L = u^2", 1, "1/24", .reciprocal),
    ("w = 3; const x = 4; u = w*x; L = u^2", 2, "3", .otherOperand),
    ("w = 3; const x = 4; u = w*x; L = u^2", 2, "w", .otherOperand),
    ("w = 3; const x = 4; u = w*x; L = u^2", 2, "96", .adjointIncluded),
    ("w = 3; const x = 4; u = w*x; L = u^2", 2, "1", .asInSum),
    ("w = 3; const x = 4; u = w*x; L = u^2", 2, "0", .asConstant),
    ("w = 3; const x = 4; u = w*x; L = u^2", 3, "4", .noAdjoint),
    ("w = 3; const x = 4; u = w*x; L = u^2", 3, "24", .noLocal),
    ("w = 3; const x = 4; u = w*x; L = u^2", 3, "28", .addedFactors),
    ("w = 3; const x = 4; u = w*x; L = u^2", 3, "6", .divided),
    ("w = 3; const x = 4; u = w*x; L = u^2", 3, "192", .noZero),
    // x gets 1 from y, and 3 and 3 from x*x.
    ("x = 3; y = x*x + x", 3, "6", .bothUses),
    ("x = 3; y = x*x + x", 4, "3", .overwrite),
    ("x = 3; y = x*x + x", 4, "1", .missingUse),
    ("x = 3; y = x*x + x", 4, "6", .missingUse),
    ("x = 3; y = x*x + x", 4, "9", .multipliedUses),
    ("x = 3; y = x*x + x", 4, "7/3", .averagedUses),
    // u gets 2·1 and 2·5; without the 2 it would be 6.
    ("t = 4; u = t^2; v = 5*u; z = u + v; L = z*2", 6, "6", .noAdjoint),
    // W' [2, 2] = [8, 12]; W [2, 2] = [6, 14].
    ("W = [[1, 2], [3, 4]]; x = [1, 1]; z = W @ x; L = sum(z)*2", 5, "[6, 14]", .transpose),
    // ∂u/∂a = 7, and 3·7 is what u sends.
    ("a = 5; u = a*7; v = 3*u; L = v + 1", 4, "21", .adjointIncluded),
  ]
  static let slips = rows.map {
    Slip(text: $0.text, question: $0.question, answer: $0.answer, misconception: $0.misconception)
  }

  @Test("a wrong answer is named", arguments: slips)
  func namesMisconceptions(_ slip: Slip) throws {
    let (worked, host) = try work(slip.text)
    let items = QuizItem.all(worked)
    try #require(slip.question < items.count)
    let item = items[slip.question]
    guard case .wrong(_, let diagnosis) = try judge(slip.answer, item, host) else {
      Issue.record("\(slip.answer) is not wrong for \(item.symbol)")
      return
    }
    #expect(diagnosis?.misconception == slip.misconception, "\(slip.answer) for \(item.symbol)")
  }

  @Test(
    "what no misconception explains is compared with the answer",
    arguments: [
      // L = u^2 with u = 12: ∂L/∂u = 24.
      ("24.5", "close"), ("-23", "the sign is wrong, and the size is too small"),
      ("2.4", "the sign is right, but the decimal point"),
      ("-240", "the sign is wrong, and the dec"),
      ("72", "the sign is right, but it is off by a whole factor"),
      ("100", "the size is too large"),
      ("8", "it is off by a whole factor"), ("1/0", "a finite number"),
      ("3", "that is the value of w."), ("4", "that is the value of x."),
    ])
  func remarks(_ answer: String, _ words: String) throws {
    let (worked, host) = try work("w = 3; const x = 4; u = w*x; L = u^2")
    let item = QuizItem.all(worked)[1]
    guard case .wrong(let value, let diagnosis) = try judge(answer, item, host) else {
      Issue.record("\(answer) is not wrong")
      return
    }
    let text = spoken(diagnosis?.text ?? item.remark(on: value))
    #expect(text.contains(words), "\(text)")
  }

  private func spoken(_ sentence: Sentence) -> String {
    sentence.parts.map { part in
      switch part {
      case .words(let text), .name(let text), .formula(let text), .partial(let text),
        .adjoint(let text):
        text
      case .value(let reading): reading.literal
      }
    }.joined()
  }

  @Test("a wrong answer never tells what a later question asks for", arguments: formulas)
  func nothingIsAnsweredBefore(_ text: String) throws {
    let (worked, host) = try work(text)
    let items = QuizItem.all(worked)
    for (index, item) in items.enumerated() {
      for later in items[(index + 1)...] where later.answer.shape == item.answer.shape {
        guard
          case .wrong(_, let diagnosis?) = try judge(later.answer.literal, item, host),
          [.otherNode, .value].contains(diagnosis.misconception)
        else { continue }
        // The same number may stand at an earlier place as well.
        let isEarlier = items[..<index].contains { spoken(diagnosis.text).contains($0.symbol) }
        #expect(
          isEarlier || !spoken(diagnosis.text).contains(later.symbol),
          "\(item.symbol): \(spoken(diagnosis.text))")
      }
    }
  }

  @Test("neither hints nor remarks give the answer away", arguments: formulas)
  func nothingIsGivenAway(_ text: String) throws {
    let (worked, _) = try work(text)
    for item in QuizItem.all(worked) {
      let literal = item.answer.literal
      var sentences = item.hints
      for factor in [-3, 0, 0.25, 0.97, 1.5, 10, 1e6] {
        sentences.append(item.remark(on: item.answer.mapped { $0 * factor }))
        sentences.append(item.remark(on: item.answer.mapped { $0 + factor }))
      }
      for sentence in sentences {
        for part in sentence.parts {
          switch part {
          case .formula(let formula): #expect(formula != literal, "\(item.symbol) in \(text)")
          case .value(let reading):
            // Factors may stand there: a product with 1 has the answer among them.
            let isAlone = sentence.parts.count { if case .value = $0 { true } else { false } } == 1
            #expect(!isAlone || reading != item.answer, "\(item.symbol) in \(text)")
          default: break
          }
        }
      }
    }
  }

  @Test func `a formula that fits these numbers only is not accepted`() throws {
    let (worked, host) = try work("w = 2; x = 2; y = w*x")
    let item = QuizItem.all(worked)[1]
    #expect(isRight(try judge("x", item, host)))
    guard case .rightHereOnly = try judge("w", item, host) else {
      Issue.record("w was accepted for x")
      return
    }
  }

  @Test func `one number stands for all entries where the rule is one number`() throws {
    let (worked, host) = try work("A = [[1, 2], [3, 4]]; B = [[0, 1], [1, 1]]; L = sum(A + B)")
    let items = QuizItem.all(worked)
    #expect(items[2].symbol == "∂v1/∂A")
    #expect(isRight(try judge("1", items[2], host)))
    #expect(isRight(try judge("[[1, 1], [1, 1]]", items[2], host)))
    guard case .misshapen = try judge("1", items[1], host) else {
      Issue.record("1 was accepted for the four derivatives of a sum")
      return
    }
  }

  @Test func `the judge leaves no trace of the points it tried`() throws {
    let (worked, host) = try work("w = 2; x = 3; y = w*x + w")
    let item = QuizItem.all(worked)[3]
    var sheet = AnswerSheet(worked, host)
    for _ in 0..<3 {
      #expect(isRight(try sheet.judge("x", for: item, digits: 6, host)))
      #expect(try sheet.read("w*x + w", host).value == .scalar(8))
    }
  }

  @Test(
    "how close a number must be",
    arguments: [
      ("0.693147", true), ("0.69315", true), ("0.693", true), ("0.69", false), ("0.7", false),
      ("0.6931", true), ("0.694", false), ("6.93e-1", true), ("+0.693147", true), ("-0.693", false),
      ("0.693147180559945", true), ("0.69314718056", true), ("0.6931473", true), ("0.69316", false),
      ("log(2)", true),
    ])
  func closeness(_ text: String, _ isClose: Bool) throws {
    var conversation = Conversation()
    let value = try conversation.session.value(ofText: text, conversation.host).value
    #expect(
      Closeness(text, digits: 6, isFormula: false).agree(value, .scalar(0.6931471805599453))
        == isClose)
  }

  @Test func `exercises can all be answered, and a seed makes them again`() throws {
    for seed in 0..<40 as Range<UInt64> {
      var (one, other) = (Random(seed: seed), Random(seed: seed))
      let exercises = Exercise.all(&one)
      #expect(exercises.map(\.text) == Exercise.all(&other).map(\.text))
      for exercise in exercises {
        let (worked, host) = try work(exercise.text)
        for item in QuizItem.all(worked) {
          #expect(isRight(try judge(item.answer.literal, item, host)), "\(exercise.text)")
        }
      }
    }
  }

  // MARK: Passes that make mistakes

  @Test func `without a mistake the pass is backpropagation, to the last bit`() {
    for seed in 0..<100 as Range<UInt64> {
      let sample = SampleTensors(seed: seed)
      var built = sample.built
      Forward.sweep(&built, 0..<built.graph.count)
      var silence = Silence()
      let adjoints = Reverse.sweep(
        built, from: built.root, active: built.graph.varies, observer: &silence)
      var sweep = MistakenSweep(built, active: built.graph.varies, mistake: nil)
      sweep.run()
      for node in 0..<built.graph.count where built.graph.operations[node] == .input {
        let own = sweep.slots[node] ?? adjoints.reading(of: node).mapped { _ in 0 }
        #expect(own == adjoints.reading(of: node), "node \(node) of \(sample)")
      }
    }
  }

  @Test(
    "each mistake comes to the number worked out by hand",
    arguments: [
      // x·x + x at 3: only the last 3; then 7 + 1 + 2·3 + 2·3; 1 + 3 + 3 without adjoints.
      ("x = 3; y = x*x + x", Mistake.overwrite, 3.0), ("x = 3; y = x*x + x", .noZero, 20),
      ("x = 3; y = x*x + x", .order, 7), ("x = 3; y = x*x + x", .noAdjoint, 7),
      // u = x², L = u + 3u: u is passed on with 1 instead of 4.
      ("x = 3; u = x^2; v = 3*u; L = u + v", .order, 6),
      ("x = 3; u = x^2; v = 3*u; L = u + v", .overwrite, 18),
      ("x = 3; u = x^2; v = 3*u; L = u + v", .noAdjoint, 6),
      ("x = 3; u = x^2; v = 3*u; L = v + u", .order, 24),
      // (u·2)² with u = 3 first updated to 3 - 0.1·24 = 0.6: 12·0.6.
      ("v = 2; u = 3; o = u*v; L = o^2", .updatedWeights, 7.2),
    ])
  func mistakes(_ text: String, _ mistake: Mistake, _ expected: Double) throws {
    let (worked, _) = try work(text)
    var sweep = MistakenSweep(worked.built, active: worked.active, mistake: mistake)
    sweep.run()
    let inputs = worked.asked
    let asked = mistake == .updatedWeights ? inputs[1] : inputs[0]
    let number = try #require(sweep.slots[asked]?.elements.first)
    #expect(abs(number - expected) < 1e-12)
  }

  @Test func `every mistake in a pass is among the misconceptions but the one about steps`() {
    let named = Misconception.allCases.compactMap(\.mistake)
    #expect(Set(Mistake.allCases).subtracting(named) == [.updatedWeights])
  }

  // MARK: The conversation

  @Test func `an interruption leaves the session as it was`() throws {
    var conversation = Conversation()
    try conversation.run("w = 3; L = w^2; seed(5)")
    conversation.host.answers = ["1"]
    conversation.host.interruptsAtEnd = true
    #expect(throws: Diagnostic.self) { try conversation.run("quiz") }
    conversation.host.interruptsAtEnd = false
    let drawn = try conversation.value("rand()")
    try conversation.run("seed(5)")
    #expect(try conversation.value("rand()") == drawn)
    #expect(try conversation.value("L") == 9)
  }
}
