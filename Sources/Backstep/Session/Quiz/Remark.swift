// What to say about a wrong answer that no misconception explains: never so much that the right one
// could be worked out from it.

import BackstepTrace

extension QuizItem {
  /// What is right about an answer, what is not, and what is asked for.
  func remark(on given: Reading) -> Sentence {
    let first: Sentence =
      !given.isFinite
      ? "every derivative asked for here is a finite number."
      : given.shape == answer.shape && !answer.shape.isScalar
        ? entries(given)
        : answer.first == 0
          ? "is there anything that moves at all?" : Self.size(given.first, answer.first)
    return first + " " + reminder + " 'hint' helps, 'give up' shows the answer."
  }

  /// How a number compares with the right one, which is not 0.
  private static func size(_ given: Double, _ right: Double) -> Sentence {
    if given == 0 { return "it is not 0." }
    let ratio = (given / right).magnitude
    let isSign = (given < 0) == (right < 0)
    if isSign, (0.9...1.1).contains(ratio) {
      return "close, within a tenth of it. A formula as the answer needs no rounding."
    }
    let sign: Sentence = isSign ? "the sign is right" : "the sign is wrong"
    let joint = isSign ? ", but" : ", and"
    // Of 1 and -1 every number is some multiple.
    if right.magnitude == 1 { return sign + "\(joint) the size is not." }
    if Self.isPowerOfTen(ratio) {
      return sign + "\(joint) the decimal point is in the wrong place."
    }
    if Self.isPlain(ratio) || Self.isPlain(1 / ratio) {
      return sign + "\(joint) it is off by a whole factor: look at powers and at numbers like 2."
    }
    return sign + "\(joint) the size is too \(ratio > 1 ? "large" : "small")."
  }

  /// How the entries of a vector or a matrix compare.
  private func entries(_ given: Reading) -> Sentence {
    let scale = answer.elements.map(\.magnitude).max() ?? 0
    let isRight = zip(given.elements, answer.elements).map {
      ($0 - $1).magnitude <= 5e-4 * max(scale, .leastNormalMagnitude)
    }
    let count = isRight.count { $0 }
    guard count > 0, let wrong = isRight.firstIndex(of: false) else {
      let signs = zip(given.elements, answer.elements).allSatisfy { ($0 < 0) == ($1 < 0) }
      return signs
        ? "the signs are right, but no entry is." : "no entry is right, and not all signs are."
    }
    let place = answer.shape.index(of: wrong)
    return
      "\(count) of \(isRight.count) entries \(count == 1 ? "is" : "are") right; look at \(formula: place) again."
  }

  /// What is asked for, in a sentence without numbers.
  private var reminder: Sentence {
    switch subject {
    case .seed:
      let root = worked.name(worked.root)
      return "Asked is how fast \(name: root) moves with \(name: root)."
    case .local(let edge):
      let node = edge.node
      return """
        Asked is how fast \(name: worked.name(node)) moves with \(name: worked.name(operand(edge))) \
        in \(formula: "\(worked.name(node)) = \(worked.formula(node))"), whatever comes after it.
        """
    case .adjoint(let node):
      let root = worked.name(worked.root)
      let through: Sentence =
        uses.count > 1
        ? "through \(uses.count == 2 ? "both" : "all \(uses.count)") of its uses"
        : "through \(name: worked.name(uses.first?.node ?? worked.root))"
      return """
        Asked is how fast \(name: root) moves with \(name: worked.name(node)), \
        \(through).
        """
    }
  }

  private static func isPowerOfTen(_ ratio: Double) -> Bool {
    var power = 1.0
    for _ in 0..<6 {
      power *= 10
      for factor in [power, 1 / power] where (ratio / factor - 1).magnitude < 1e-3 { return true }
    }
    return false
  }

  /// Whether a number is 2, 3, … 12.
  private static func isPlain(_ ratio: Double) -> Bool {
    let whole = ratio.rounded()
    return (2...12).contains(whole) && (ratio / whole - 1).magnitude < 1e-3
  }
}
