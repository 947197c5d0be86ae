// Hyperbolic functions and their inverses.

/// The hyperbolic sine.
enum Sinh: UnaryRule {
  static let label = "sinh"
  static let names = ["sinh"]
  static let summary = "hyperbolic sine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("(exp(x) - exp(-x))/2")
  static let partialFormulas = ["cosh(x)"]
  static let samples: [[Double]] = [[0], [0.5], [-2], [1e-10], [710]]
  static let seeAlso = ["cosh", "tanh", "asinh"]
  static let hint = Optional("sinh overflows beyond x = 710.47")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.sinh(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { T.cosh(x) }
}

/// The hyperbolic cosine.
enum Cosh: UnaryRule {
  static let label = "cosh"
  static let names = ["cosh"]
  static let summary = "hyperbolic cosine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("(exp(x) + exp(-x))/2")
  static let partialFormulas = ["sinh(x)"]
  static let samples: [[Double]] = [[0], [0.5], [-2], [1e-10], [710]]
  static let seeAlso = ["sinh", "tanh", "acosh"]
  static let hint = Optional("cosh overflows beyond x = 710.47")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.cosh(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { T.sinh(x) }
}

/// The hyperbolic tangent.
///
/// **Numbers** The derivative goes through e = exp(−2|x|), within 4 ULP everywhere; `1 - out^2`, the
/// form shown, has no correct digit left at x = 18.
enum Tanh: UnaryRule {
  static let label = "tanh"
  static let names = ["tanh"]
  static let summary = "hyperbolic tangent, from -1 to 1"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("(exp(x) - exp(-x))/(exp(x) + exp(-x))")
  static let partialFormulas = ["1 - out^2"]
  static let stablePartialFormulas = ["4*sigmoid(2*x)*sigmoid(-2*x)"]
  static let samples: [[Double]] = [[0], [0.5], [-2], [18], [-300]]
  static let notes = """
    The derivative is computed as 4*e/(1 + e)^2 with e = exp(-2*abs(x)), which stays accurate \
    where out rounds to 1; the formula shown is the textbook's.
    """
  static let seeAlso = ["sigmoid", "sinh", "atanh"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.tanh(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    let e = T.exp(x.primal < 0 ? 2 * x : -2 * x)
    return 4 * e / T.squareAboveOne(e)
  }
}

/// The inverse hyperbolic sine.
enum Asinh: UnaryRule {
  static let label = "asinh"
  static let names = ["asinh"]
  static let summary = "inverse hyperbolic sine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("log(x + sqrt(x^2 + 1))")
  static let partialFormulas = ["1/sqrt(x^2 + 1)"]
  static let stablePartialFormulas = ["1/hypot(x, 1)"]
  static let samples: [[Double]] = [[0], [0.5], [-3], [1e-10], [1e200]]
  static let seeAlso = ["sinh", "acosh"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.asinh(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { 1 / T.hypot(x, 1) }
}

/// The inverse hyperbolic cosine.
///
/// **Numbers** √(x − 1)·√(x + 1) neither overflows nor loses the digits of x² − 1 near 1.
enum Acosh: UnaryRule {
  static let label = "acosh"
  static let names = ["acosh"]
  static let summary = "inverse hyperbolic cosine"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(1, .infinity, includesLower: true))]
  static let formula = Optional("log(x + sqrt(x^2 - 1))")
  static let partialFormulas = ["1/sqrt(x^2 - 1)"]
  static let stablePartialFormulas = ["1/(sqrt(x - 1)*sqrt(x + 1))"]
  static let samples: [[Double]] = [[1.5], [1.000001], [10], [1e200]]
  static let notes = "At 1 the derivative is infinite; below, value and derivative are NaN."
  static let seeAlso = ["cosh", "asinh"]
  static let hint = Optional("acosh is defined from 1 on, and vertical there")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.acosh(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1 / (T.sqrt(x - 1) * T.sqrt(x + 1))
  }
}

/// The inverse hyperbolic tangent.
///
/// **Numbers** At ±1 the value is ±∞ and the derivative +∞.
enum Atanh: UnaryRule {
  static let label = "atanh"
  static let names = ["atanh"]
  static let summary = "inverse hyperbolic tangent"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(-1, 1, includesLower: true, includesUpper: true))]
  static let formula = Optional("log((1 + x)/(1 - x))/2")
  static let partialFormulas = ["1/(1 - x^2)"]
  static let stablePartialFormulas = ["1/((1 - x)*(1 + x))"]
  static let samples: [[Double]] = [[0], [0.5], [-0.9], [0.999999], [1e-10]]
  static let notes = """
    At -1 and 1 the value and the derivative are infinite; beyond, both are NaN, though 1/(1 - \
    x^2) is a number there.
    """
  static let seeAlso = ["tanh", "log1p"]
  static let hint = Optional("atanh is infinite at -1 and 1 and not defined beyond")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.atanh(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal.magnitude > 1 ? T(.nan) : 1 / ((1 - x) * (1 + x))
  }
}
