// The mistakes that people make in a backward pass, to be made on purpose.

/// A way to get backpropagation wrong.
///
/// `mistake` shows what each does, and a quiz names them when an answer fits.
enum Mistake: String, CaseIterable, Sendable {
  /// A slot is set where it should be added to.
  case overwrite
  /// The pass runs twice, and the slots are not set to zero in between.
  case noZero = "no-zero"
  /// A node is passed on before everything that uses it has been.
  case order
  /// The rules of matrices are applied without their transpose.
  case transpose
  /// A weight is updated while the pass still needs its old value.
  case updatedWeights = "updated-weights"
  /// What a node sends is its local derivative alone.
  case noAdjoint = "no-adjoint"

  /// What is done wrong, in a line.
  var summary: String {
    switch self {
    case .overwrite: "writes = where += belongs: a slot keeps the last contribution only"
    case .noZero: "runs backward twice and does not set the adjoint slots to zero in between"
    case .order: "passes a node on before all that use it have sent their contributions"
    case .transpose: "leaves the transpose out of the rules for matrix products"
    case .updatedWeights: "updates each weight at once, while the pass still needs the old value"
    case .noAdjoint: "sends the local derivative alone, without the adjoint that came in"
    }
  }

  /// The name as it is typed; nil where there is none such.
  init?(named name: String) { self.init(rawValue: name) }
}
