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

/// The logarithm of the logistic function, finite where that rounds to 0.
enum LogSigmoid: UnaryRule {
  static let label = "logsigmoid"
  static let names = ["logsigmoid"]
  static let summary = "log(sigmoid(x)), without overflow"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("-log(1 + exp(-x))")
  static let partialFormulas = ["sigmoid(-x)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [36], [-700]]
  static let seeAlso = ["sigmoid", "softplus"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    return (x.primal < 0 ? x : 0) - T.log1p(e)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    return x.primal < 0 ? 1 / (1 + e) : e / (1 + e)
  }
}

/// The integral of the logistic function.
enum Softplus: UnaryRule {
  static let label = "softplus"
  static let names = ["softplus"]
  static let summary = "log(1 + exp(x)), a smooth relu"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("log(1 + exp(x))")
  static let partialFormulas = ["sigmoid(x)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [36], [-700]]
  static let seeAlso = ["relu", "sigmoid"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    return (x.primal < 0 ? 0 : x) + T.log1p(e)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    return x.primal < 0 ? e / (1 + e) : 1 / (1 + e)
  }
}

/// The rectified linear unit.
enum Relu: UnaryRule {
  static let label = "relu"
  static let names = ["relu"]
  static let summary = "x where it is positive, else 0"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("where(x > 0, x, 0)")
  static let partialFormulas = ["where(x > 0, 1, 0)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [40]]
  static let notes = """
    At 0 the derivative is 0.
    """
  static let seeAlso = ["leaky_relu", "softplus", "max"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    x.primal > 0 || x.primal.isNaN ? x : 0
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal.isNaN ? x : x.primal > 0 ? 1 : 0
  }
  static func remark(_ x: Double) -> Remark? { x == 0 ? .kink : nil }
}

/// A rectified linear unit that lets a little through.
enum LeakyRelu: BinaryRule {
  static let label = "leaky_relu"
  static let names = ["leaky_relu"]
  static let summary = "x where it is positive, else slope*x"
  static let family = Family.activations
  static let operands = [Operand("x"), Operand("slope", default: 0.01)]
  static let formula = Optional("where(x > 0, x, slope*x)")
  static let partialFormulas = ["where(x > 0, 1, slope)", "where(x > 0, 0, x)"]
  static let samples: [[Double]] = [[0.3, 0.01], [-2.5, 0.01], [-1, 0.2]]
  static let notes = """
    At 0 the derivative is the smaller of the two slopes.
    """
  static let seeAlso = ["relu", "elu"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ slope: T) -> T {
    x.primal > 0 ? x : slope * x
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ slope: T, _ out: T) -> (T, T) {
    if x.primal > 0 { return (1, 0) }
    if x.primal.isNaN { return (x, x) }
    let kink = T(min(1, max(0, slope.primal)))
    return (x.primal == 0 ? kink : slope, x)
  }
  static func remark(_ x: Double, _ slope: Double) -> Remark? { x == 0 && slope != 1 ? .kink : nil }
}

/// The exponential linear unit.
enum Elu: BinaryRule {
  static let label = "elu"
  static let names = ["elu"]
  static let summary = "x where it is positive, else alpha*(exp(x) - 1)"
  static let family = Family.activations
  static let operands = [Operand("x"), Operand("alpha", default: 1)]
  static let formula = Optional("where(x > 0, x, alpha*(exp(x) - 1))")
  static let partialFormulas = ["where(x > 0, 1, alpha*exp(x))", "where(x > 0, 0, exp(x) - 1)"]
  static let samples: [[Double]] = [[0.3, 1], [-2.5, 1], [-1, 0.2]]
  static let notes = """
    At 0 the derivative is the smaller of 1 and alpha.
    """
  static let seeAlso = ["relu"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ alpha: T) -> T {
    x.primal > 0 ? x : alpha * T.expm1(x)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ alpha: T, _ out: T) -> (T, T) {
    if x.primal > 0 { return (1, 0) }
    if x.primal == 0 { return (T(min(1, max(0, alpha.primal))), 0) }
    return (alpha * T.exp(x), T.expm1(x))
  }
  static func remark(_ x: Double, _ alpha: Double) -> Remark? { x == 0 && alpha != 1 ? .kink : nil }
}

/// The Gaussian error linear unit, in its exact form.
///
/// **Numbers** The tails go through erfc. The partial has a zero near −0.7518, where its digits
/// cancel.
enum Gelu: UnaryRule {
  static let label = "gelu"
  static let names = ["gelu"]
  static let summary = "x times the normal distribution function at x"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("x*(1 + erf(x/sqrt(2)))/2")
  static let partialFormulas = ["(1 + erf(x/sqrt(2)))/2 + x*exp(-x^2/2)/sqrt(2*pi)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [4], [-8]]
  static let notes = """
    This is the exact form, with erf, not the approximation by tanh.
    """
  static let seeAlso = ["silu", "erf"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    x * T.normalDistribution(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    T.normalDistribution(x) + x * T.normalDensity(x)
  }
}

/// The sigmoid linear unit, or swish.
///
/// **Numbers** The partial has a zero near −1.2785, where its digits cancel.
enum Silu: UnaryRule {
  static let label = "silu"
  static let names = ["silu"]
  static let summary = "x*sigmoid(x)"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("x*sigmoid(x)")
  static let partialFormulas = ["sigmoid(x)*(1 + x*(1 - sigmoid(x)))"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [36], [-700]]
  static let seeAlso = ["sigmoid", "gelu"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    return x.primal < 0 ? x * (e / (1 + e)) : x / (1 + e)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    let e = T.exp(x.primal < 0 ? x : -x)
    let inside = 1 / (1 + e)
    let outside = e / (1 + e)
    return x.primal < 0 ? outside * (1 + x * inside) : inside * (1 + x * outside)
  }
}
