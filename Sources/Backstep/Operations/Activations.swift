// The functions between the layers of a network.

/// The logistic function: every real number to between 0 and 1.
///
/// **Numbers** Value and partial go through e = exp(−|x|), within 3 ULP everywhere; `out*(1 - out)`,
/// the form shown, has no correct digit left at x = 36.
enum Sigmoid: UnaryRule {
  static let label = "sigmoid"
  static let names = ["sigmoid", "σ"]
  static let summary = "logistic function, from 0 to 1"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("1/(1 + exp(-x))")
  static let partialFormulas = ["out*(1 - out)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [36], [-700]]
  static let notes = """
    The derivative is computed as e/(1 + e)^2 with e = exp(-abs(x)), which stays accurate where \
    out rounds to 1; the formula shown is the textbook's.
    """
  static let seeAlso = ["logsigmoid", "tanh", "bce_logits"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    return x.primal < 0 ? e / (1 + e) : 1 / (1 + e)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    return e / ((1 + e) * (1 + e))
  }
}
