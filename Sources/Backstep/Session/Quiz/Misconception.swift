// What a wrong answer of a quiz shows: the one list of misconceptions.

import BackstepTrace

/// Why an answer is wrong, as far as the number tells.
enum Misconception: String, CaseIterable, Sendable {
  // Mistakes in the backward pass; `mistake` shows what each does to a whole trace.
  case overwrite
  case noZero = "no-zero"
  case order
  case transpose
  case noAdjoint = "no-adjoint"

  // Mistakes in one number.
  case missingUse = "missing-use"
  case noLocal = "no-local"
  case otherNode = "other-node"
  case addedFactors = "added-factors"
  case divided
  case multipliedUses = "multiplied-uses"
  case averagedUses = "averaged-uses"
  case sign
  case value
  case operandValue = "operand-value"
  case reciprocal
  case otherOperand = "other-operand"
  case adjointIncluded = "adjoint-included"
  case bothUses = "both-uses"
  case asInSum = "as-in-sum"
  case asConstant = "as-constant"
  case seed

  /// The mistake in a whole pass that it belongs to.
  var mistake: Mistake? { Mistake(rawValue: rawValue) }

  /// What to practise, in a line.
  var advice: Sentence {
    if let mistake {
      return "\(mistake.summary); \(formula: "mistake \(mistake.rawValue)") shows where that leads"
    }
    switch self {
    case .missingUse:
      return
        "a value that is used more than once gets a contribution for each use; see \(formula: "lesson 3")"
    case .noLocal, .otherNode:
      return
        "what is passed on is the adjoint times the local derivative; see \(formula: "lesson 1")"
    case .addedFactors, .divided:
      return
        "along one edge adjoint and local derivative are multiplied; see \(formula: "lesson 1")"
    case .multipliedUses, .averagedUses:
      return "over several uses the contributions are added up; see \(formula: "lesson 3")"
    case .sign: return "signs: look at each factor's, and at what a difference subtracts"
    case .value: return "the value of a node is one thing, its derivative another"
    case .operandValue, .otherOperand:
      return
        "of a product the derivative is the other operand; \(formula: "help NAME") has each function's"
    case .reciprocal:
      return "which way round: ∂z/∂x says how z moves when x does, not how x moves with z"
    case .adjointIncluded:
      return "a local derivative knows of its own operation only; the adjoint comes in afterwards"
    case .bothUses:
      return "a local derivative is about one use; what the uses send is added up in the adjoint"
    case .asInSum, .asConstant:
      return "the local derivatives of each operation; \(formula: "help NAME") has each function's"
    case .seed: return "the backward pass starts with 1, whatever the value of the output"
    case .overwrite, .noZero, .order, .transpose, .noAdjoint: return ""
    }
  }
}
