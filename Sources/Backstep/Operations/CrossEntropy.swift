// The cross-entropy of scores and classes, with softmax inside.

import BackstepTrace

/// The mean over rows of −log softmax(logits) at the class that is true.
///
/// **Shape** Logits [C] with an index, or with C probabilities; logits [N, C] with N indices, or with
/// N rows of C probabilities. The result is a scalar.
///
/// **Numbers** log_softmax takes the largest score out first, so that nothing overflows, and a
/// probability of 0 costs nothing.
///
/// **Source** Goodfellow, Bengio and Courville, *Deep Learning*, section 6.2.2.3.
enum CrossEntropy: StructuralRule {
  static let label = "cross_entropy"
  static let names = ["cross_entropy"]
  static let summary = "-log softmax(z) at the true class, the mean over the rows"
  static let family = Family.losses
  static let operands = [Operand("z"), Operand("y")]
  static let notes = """
    z holds the scores, called logits: a vector of classes, or a row for each sample. y says what \
    is true: an index counted from 1, a vector of indices, or probabilities in the shape of z, \
    such as one-hot rows. Where these do not add up to 1 the formula shown has their sum in it. \
    Over indices no derivative passes.
    """
  static let seeAlso = ["softmax", "log_softmax", "bce_logits", "onehot"]
  static let example = "z = [2, 1, 0.1]; const y = 1\nL = cross_entropy(z, y)\ntrace L"

  /// Whether the target gives indices and not probabilities.
  static func hasIndices(_ logits: Shape, _ target: Shape) -> Bool { target.rank < logits.rank }

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    let (logits, target) = (operands[0], operands[1])
    switch (logits.rank, target.rank) {
    case (1, 0): return .scalar
    case (2, 1) where target.count == logits.rows: return .scalar
    case (1, 1) where target == logits, (2, 2) where target == logits: return .scalar
    case (0, _):
      throw ShapeProblem(
        "cross_entropy needs a vector of scores: %1",
        hint: "for two classes with one score use bce_logits(z, y)")
    case (1, _):
      throw ShapeProblem(
        "%1 but %2", hint: "the target is an index, or \(logits.count) probabilities")
    default:
      throw ShapeProblem(
        "%1 but %2",
        hint:
          "the target is \(logits.rows) \(logits.rows == 1 ? "index" : "indices"), or probabilities of shape \(logits)"
      )
    }
  }

  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    let (rows, classes) = sizes(x[0].shape)
    let isIndexed = hasIndices(x[0].shape, x[1].shape)
    var sum: T = 0
    for row in 0..<rows {
      let scores = Lane(start: x[0].start + row * classes, count: classes, stride: 1)
      let (shift, rest) = LogSumExp.parts(scores)
      if isIndexed {
        let place = index(x[1][row], classes)
        sum = sum + (place.map { rest - (scores[$0] - shift) } ?? T(.nan))
      } else {
        for column in 0..<classes {
          let weight = x[1][row * classes + column]
          sum = sum + T.weighted(weight, rest - (scores[column] - shift))
        }
      }
    }
    out[0] = sum / T(Double(rows))
  }

  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    let (rows, classes) = sizes(x[0].shape)
    let isIndexed = hasIndices(x[0].shape, x[1].shape)
    if slot == 1, isIndexed { return result.fill(0) }
    let count = T(Double(rows))
    for row in 0..<rows {
      let scores = Lane(start: x[0].start + row * classes, count: classes, stride: 1)
      let sent = Lane(start: result.start + row * classes, count: classes, stride: 1)
      if slot == 1 {
        let (shift, rest) = LogSumExp.parts(scores)
        for column in 0..<classes {
          sent[column] = adjoint[0] * ((rest - (scores[column] - shift)) / count)
        }
        continue
      }
      Softmax.map(scores, into: sent)
      if isIndexed {
        let place = index(x[1][row], classes)
        // p - 1 as minus the sum of the others: it keeps its digits where p is close to 1.
        if let place {
          sent[place] = 0
          sent[place] = -Sum.reduce(sent)
        }
        for column in 0..<classes {
          sent[column] = place == nil ? T(.nan) : adjoint[0] * (sent[column] / count)
        }
      } else {
        let targets = Lane(start: x[1].start + row * classes, count: classes, stride: 1)
        let weights = Sum.reduce(targets)
        let top = sent.top
        // As above, for the class that is most probable: its part and its target, less their sums, are
        // minus those of the others.
        var (others, targetsOfOthers): (T, T) = (0, 0)
        for column in 0..<classes where column != top {
          others = others + sent[column]
          targetsOfOthers = targetsOfOthers + targets[column]
        }
        for column in 0..<classes {
          let difference =
            column == top
            ? targetsOfOthers - others * weights : sent[column] * weights - targets[column]
          sent[column] = adjoint[0] * (difference / count)
        }
      }
    }
  }

  private static func sizes(_ logits: Shape) -> (rows: Int, classes: Int) {
    logits.rank == 2 ? (logits.rows, logits.columns) : (1, logits.count)
  }

  /// The place, from 0, of an index, from 1.
  private static func index<T: Scalar>(_ target: T, _ classes: Int) -> Int? {
    Int(exactly: target.primal).flatMap { (1...classes).contains($0) ? $0 - 1 : nil }
  }

  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    let (rows, classes) = sizes(operands[0])
    let share = rows == 1 ? "" : "/\(rows)"
    let isIndexed = hasIndices(operands[0], operands[1])
    if slot == 1 {
      return .local(isIndexed ? "0*y" : "-log_softmax(z)\(share)")
    }
    let target = isIndexed ? "onehot(y, \(classes))" : "y"
    let difference = "softmax(z) - \(target)"
    return .local(rows == 1 ? difference : "(\(difference))\(share)")
  }

  /// What is sent where weights do not add up to 1.
  static func weightedPullFormula(_ logits: Shape) -> PullFormula {
    let (rows, _) = sizes(logits)
    let difference = "\(sumOfRow("y", logits))*softmax(z) - y"
    return .local(rows == 1 ? difference : "(\(difference))/\(rows)")
  }

  /// The sum of each row of a text, to be combined with the row.
  private static func sumOfRow(_ text: String, _ logits: Shape) -> String {
    logits.rank == 1 ? "sum(\(text))" : "reshape(sum(\(text), axis=2), \(sizes(logits).rows), 1)"
  }

  /// Whether a node is a cross-entropy whose targets are weights, in some row of which they do not add up
  /// to 1.
  static func hasWeights(_ built: BuiltGraph, _ node: Int) -> Bool {
    guard built.graph.operations[node] == .crossEntropy else { return false }
    let logits = built.graph.shape(of: built.graph.operand(0, of: node))
    let target = built.graph.operand(1, of: node)
    guard !hasIndices(logits, built.graph.shape(of: target)) else { return false }
    let (rows, classes) = sizes(logits)
    let numbers = built.reading(of: target).elements
    return (0..<rows).contains { row in
      abs(numbers[row * classes..<(row + 1) * classes].reduce(0, +) - 1) > 1e-9
    }
  }

  /// As in `pull`: p - 1 is minus the sum of the other probabilities.
  static func stablePullFormula(
    slot: Int, _ operands: [Shape], _ attributes: Attributes, isSingular: Bool
  ) -> PullFormula {
    let (rows, classes) = sizes(operands[0])
    guard slot == 0 else { return pullFormula(slot: slot, operands, attributes) }
    func sum(_ text: String) -> String { sumOfRow(text, operands[0]) }
    let target = "onehot(y, \(classes))"
    let others = "(1 - \(target))*softmax(z)"
    let difference =
      hasIndices(operands[0], operands[1])
      ? "\(others) - \(target)*\(sum(others))" : "softmax(z)*\(sum("y")) - y"
    return .local(rows == 1 ? difference : "(\(difference))/\(rows)")
  }
}
