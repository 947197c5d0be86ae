// How a quiz is going: what was right, and what there is to practise.

import BackstepTrace

/// Counts answers and the misconceptions behind them.
struct QuizTally {
  private(set) var score = QuizScore(questions: 0)
  private var misconceptions: [Misconception: Int] = [:]
  /// The operations whose local derivative was missed, by the name that help knows them under.
  private var operations: [String: Int] = [:]
  private var others = 0

  /// Whether every question was answered right.
  var isComplete: Bool { score.first + score.later == score.questions }

  mutating func begin(_ questions: Int) { score.questions += questions }
  mutating func right(atOnce: Bool) {
    if atOnce { score.first += 1 } else { score.later += 1 }
  }
  mutating func giveUp() { score.givenUp += 1 }

  /// Notes a wrong answer, or one that was not known.
  mutating func miss(_ item: QuizItem, _ misconception: Misconception?) {
    if let misconception {
      misconceptions[misconception, default: 0] += 1
    } else if case .local(let edge) = item.subject {
      operations[
        item.worked.graph.operations[edge.node].entry?.names.first
          ?? item.worked.texts.operation(of: edge.node), default: 0] += 1
    } else {
      others += 1
    }
  }

  /// What to remember of an operation that is written as a sign, and so has no page of help.
  private static func advice(onOperator name: String) -> Sentence {
    switch name {
    case "add": "of a sum the local derivative is 1 for each operand"
    case "sub": "of a difference the local derivatives are 1 and -1"
    case "neg": "of -x the local derivative is -1"
    case "mul": "of a product the local derivative is the other operand"
    case "div": "of x/y the local derivatives are 1/y and -x/y^2"
    default: "its local derivatives"
    }
  }

  /// The score with what to practise, the most frequent first.
  var result: QuizScore {
    var topics = Misconception.allCases.compactMap { misconception in
      misconceptions[misconception].map {
        QuizScore.Topic(name: misconception.rawValue, count: $0, advice: misconception.advice)
      }
    }
    for (name, count) in operations.sorted(by: { $0.key < $1.key }) {
      let advice: Sentence =
        OperationTable.named(name) == nil
        ? Self.advice(onOperator: name)
        : "its local derivatives; \(formula: "help \(name)") has them"
      topics.append(QuizScore.Topic(name: name, count: count, advice: advice))
    }
    if others > 0 {
      topics.append(
        QuizScore.Topic(
          name: "chain rule", count: others,
          advice:
            "adjoint times local derivative, added up over all uses; see \(formula: "lesson 1")"))
    }
    var result = score
    result.practise = topics.enumerated()
      .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
    return result
  }
}
