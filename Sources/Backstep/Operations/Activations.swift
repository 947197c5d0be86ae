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
  static let stablePartialFormulas = ["out*sigmoid(-x)"]
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
    return e / T.squareAboveOne(e)
  }
}

/// The logarithm of the logistic function.
///
/// **Numbers** Through e = exp(−|x|), so it is x for very negative x, not log(0).
enum LogSigmoid: UnaryRule {
  static let label = "logsigmoid"
  static let names = ["logsigmoid"]
  static let summary = "log(sigmoid(x)) that never reaches log(0)"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("log(sigmoid(x))")
  static let partialFormulas = ["sigmoid(-x)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [36], [-1000], [700]]
  static let notes = "Computed from exp(-abs(x)), so it neither overflows nor reaches log(0)."
  static let seeAlso = ["sigmoid", "softplus", "bce_logits"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { -Softplus.value(-x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { Sigmoid.value(-x) }
}

/// A smooth relu.
///
/// **Numbers** Through e = exp(−|x|), so it is x for large x, not an overflow.
enum Softplus: UnaryRule {
  static let label = "softplus"
  static let names = ["softplus"]
  static let summary = "smooth relu, log(1 + exp(x)) without overflow"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("log(1 + exp(x))")
  static let partialFormulas = ["sigmoid(x)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [36], [1000], [-700]]
  static let notes = "Computed as max(x, 0) + log1p(exp(-abs(x))), which does not overflow."
  static let seeAlso = ["relu", "logsigmoid", "sigmoid"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    x.primal < 0 ? T.log1p(T.exp(x)) : x + T.log1p(T.exp(-x))
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { Sigmoid.value(x) }
}

/// The positive part.
///
/// **Numbers** The slope at 0 is 0, the subgradient of least norm.
enum Relu: UnaryRule {
  static let label = "relu"
  static let names = ["relu"]
  static let summary = "positive part: x above 0, else 0"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("where(x > 0, x, 0)")
  static let partialFormulas = ["where(x > 0, 1, 0)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [1e300], [-1e-300]]
  static let notes = """
    At 0, a kink with slopes 0 and 1 on its sides, the derivative is taken as 0. max(x, 0) \
    differs there: a tie of max gives each side a half.
    """
  static let seeAlso = ["leaky_relu", "softplus", "max"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { x.primal <= 0 ? 0 : x }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal > 0 ? 1 : x.primal <= 0 ? 0 : T(.nan)
  }
  static func remark(_ x: Double) -> Remark? { x == 0 ? .kink : nil }
}

/// The slope of least norm at a kink with slope 1 on the right.
@inline(__always) private func kinkSlope<T: Scalar>(left: T) -> T {
  left.primal <= 0 ? 0 : left.primal > 1 ? 1 : left
}

/// A relu that lets a little through below 0.
///
/// **Numbers** At 0 the slope is the one of least norm between `slope` and 1: for 0 <= slope <= 1
/// it is `slope`.
enum LeakyRelu: BinaryRule {
  static let label = "leaky_relu"
  static let names = ["leaky_relu"]
  static let summary = "x above 0, slope*x below"
  static let family = Family.activations
  static let operands = [Operand("x"), Operand("slope", default: 0.01)]
  static let formula = Optional("where(x > 0, x, slope*x)")
  static let partialFormulas = ["where(x > 0, 1, slope)", "where(x > 0, 0, x)"]
  static let stablePartialFormulas = [
    "where(x > 0, 1, where(x == 0, clamp(slope, 0, 1), slope))", "where(x > 0, 0, x)",
  ]
  static let samples: [[Double]] = [
    [0, 0.01], [0.3, 0.01], [-2.5, 0.01], [-1, 0.2], [-1e300, 0.5],
  ]
  static let notes = """
    At 0, a kink, the derivative is the smaller side: slope where it lies between 0 and 1, 0 \
    where it is negative, 1 where it is above 1.
    """
  static let seeAlso = ["relu", "elu"]

  /// Between 0 and 1 slope is the smaller slope at 0.
  static func stablePartialFormula(slot: Int, constants: [Double?]) -> String? {
    guard slot == 0, let slope = constants[1], (0...1).contains(slope) else { return nil }
    return "where(x > 0, 1, slope)"
  }

  @inline(__always) static func value<T: Scalar>(_ x: T, _ slope: T) -> T {
    if x.primal > 0 { return x }
    if x.primal == 0 { return T.edge(0, slope: kinkSlope(left: slope.primal), x) }
    return T.weighted(slope, x)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ slope: T, _ out: T) -> (T, T) {
    if x.primal > 0 { return (1, 0) }
    return (x.primal == 0 ? kinkSlope(left: slope) : x.primal.isNaN ? x : slope, x)
  }
  static func remark(_ x: Double, _ slope: Double) -> Remark? {
    x == 0 && slope != 1 ? .kink : nil
  }
}

/// The exponential linear unit.
///
/// **Numbers** Through expm1, exact near 0. At 0 it has a kink unless alpha is 1, and takes the
/// slope of least norm there.
enum Elu: BinaryRule {
  static let label = "elu"
  static let names = ["elu"]
  static let summary = "x above 0, alpha*(exp(x) - 1) below"
  static let family = Family.activations
  static let operands = [Operand("x"), Operand("alpha", default: 1)]
  static let formula = Optional("where(x > 0, x, alpha*expm1(x))")
  static let partialFormulas = ["where(x > 0, 1, alpha*exp(x))", "where(x > 0, 0, expm1(x))"]
  static let stablePartialFormulas = [
    "where(x > 0, 1, where(x == 0, clamp(alpha, 0, 1), alpha*exp(x)))", "where(x > 0, 0, expm1(x))",
  ]
  static let samples: [[Double]] = [
    [0, 1], [0.3, 1], [-2.5, 1], [-1, 0.5], [-1e-10, 2], [-700, 1],
  ]
  static let notes = """
    With alpha = 1 the derivative at 0 is 1 from both sides; otherwise 0 is a kink, and the \
    derivative there is the smaller side.
    """
  static let seeAlso = ["relu", "leaky_relu", "expm1"]

  /// Between 0 and 1 alpha is the smaller slope at 0.
  static func stablePartialFormula(slot: Int, constants: [Double?]) -> String? {
    guard slot == 0, let alpha = constants[1], (0...1).contains(alpha) else { return nil }
    return "where(x > 0, 1, alpha*exp(x))"
  }

  @inline(__always) static func value<T: Scalar>(_ x: T, _ alpha: T) -> T {
    if x.primal > 0 { return x }
    if x.primal == 0 { return T.edge(0, slope: kinkSlope(left: alpha.primal), x) }
    return alpha * T.expm1(x)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ alpha: T, _ out: T) -> (T, T) {
    if x.primal > 0 { return (1, 0) }
    return (x.primal == 0 ? kinkSlope(left: alpha) : product(alpha, x), T.expm1(x))
  }
  /// alpha*exp(x): where the exponential runs out of digits its root is multiplied twice.
  @inline(__always) private static func product<T: Scalar>(_ alpha: T, _ x: T) -> T {
    guard x.primal < -700 else { return alpha * T.exp(x) }
    let root = T.exp(0.5 * x)
    return alpha * root * root
  }
  static func remark(_ x: Double, _ alpha: Double) -> Remark? {
    x == 0 && alpha != 1 ? .kink : nil
  }
}

/// A number times the probability that a normal variable lies below it.
///
/// **Numbers** The exact form, with erfc in the left tail where 1 + erf would cancel. At the tail's
/// end exp(−x²/2) is subnormal, though x times it is not yet: there 2^64 times it is computed.
///
/// **Source** Hendrycks and Gimpel, *Gaussian Error Linear Units*, 2016; Laplace's continued
/// fraction, Abramowitz and Stegun, formula 26.2.14.
enum Gelu: UnaryRule {
  static let label = "gelu"
  static let names = ["gelu"]
  static let summary = "x times the normal distribution function, exact"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("x*(1 + erf(x/sqrt(2)))/2")
  static let partialFormulas = ["(1 + erf(x/sqrt(2)))/2 + x*exp(-x^2/2)/sqrt(2*pi)"]
  static let stablePartialFormulas = [
    "erfc(-0.7071067811865476*x)/2 + x*(0.3989422804014327*exp(-x^2/2))"
  ]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [10], [-10], [-30], [40]]
  static let notes = """
    The exact form, with erf, not the approximation with tanh. The left tail is computed with \
    erfc, where 1 + erf would cancel. The derivative crosses 0 at x = -0.7518; close to that \
    point its relative accuracy goes, though not its absolute one.
    """
  static let seeAlso = ["silu", "relu", "erf"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    if isAtTheEnd(x) { return bell(x, times: -x / fraction(x)) }
    return T.weighted(T.normal(x), x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    if isAtTheEnd(x) { return bell(x, times: x - 1 / fraction(x)) }
    return T.normal(x) + T.weighted(T(.oneOverSqrtTwoPi) * T.bell(x, width: 0.5), x)
  }

  /// Whether the bell curve is close to subnormal, or is; beyond, everything is 0.
  @inline(__always) private static func isAtTheEnd<T: Scalar>(_ x: T) -> Bool {
    x.primal < -37.5 && x.primal > -40
  }
  /// The normal density times a factor, without a subnormal number on the way.
  ///
  /// The exponent is −x²/2 + 64·log 2; what its parts were rounded by is made up for, as in ``Scalar/bell(_:width:)``.
  private static func bell<T: Scalar>(_ x: T, times factor: T) -> T {
    let (shift, shiftRest) = (44.3614195558365, 1.4841899608616317e-15)  // 64·log 2
    let power = T(-0.5) * (x * x)
    let exponent = power + T(shift)
    let square = x.primal * x.primal
    let squareRest = (-square).addingProduct(x.primal, x.primal)
    let rest = shift - (exponent.primal - power.primal) + shiftRest - 0.5 * squareRest
    let height = T.exp(exponent)
    return (T(.oneOverSqrtTwoPi) * factor) * (height + T(rest) * height) * T(0x1p-64)
  }
  /// The normal density divided by its distribution function, negated, for very negative x.
  private static func fraction<T: Scalar>(_ x: T) -> T {
    var value = x
    for level in stride(from: 7.0, through: 1, by: -1) { value = x + T(level) / value }
    return value
  }
}

/// A number times its logistic function; also called swish.
///
/// **Numbers** Value and derivative go through e = exp(−|x|). Below 0 the derivative is
/// e·(1 + x + e)/(1 + e)², in which only exact numbers and e cancel. Where e is subnormal, its root is
/// multiplied twice.
enum Silu: UnaryRule {
  static let label = "silu"
  static let names = ["silu"]
  static let summary = "x*sigmoid(x), also called swish"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("x*sigmoid(x)")
  static let partialFormulas = ["sigmoid(x)*(1 + x*(1 - sigmoid(x)))"]
  static let stablePartialFormulas = ["sigmoid(x)*(1 + x*sigmoid(-x))"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [36], [-36], [-700], [1000]]
  static let notes = """
    The derivative crosses 0 at x = -1.2785; close to that point its relative accuracy goes, \
    though not its absolute one.
    """
  static let seeAlso = ["gelu", "sigmoid", "relu"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    if isAtTheEnd(x) { return power(x, times: x) }
    let e = T.exp(x.primal < 0 ? x : -x)
    return x.primal < 0 ? T.weighted(e, x) / (1 + e) : x / (1 + e)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    if isAtTheEnd(x) { return power(x, times: 1 + x) }
    let e = T.exp(x.primal < 0 ? x : -x)
    let square = T.squareAboveOne(e)
    return x.primal < 0
      ? T.weighted(e, (1 + x) + e) / square : ((1 + e) + T.weighted(e, x)) / square
  }

  /// Whether exp(x) is subnormal, or 0.
  @inline(__always) private static func isAtTheEnd<T: Scalar>(_ x: T) -> Bool { x.primal < -708 }
  /// The exponential function times a factor, without a subnormal number on the way.
  private static func power<T: Scalar>(_ x: T, times factor: T) -> T {
    let root = T.exp(0.5 * x)
    return T.weighted(root, T.weighted(root, factor))
  }
}

/// The error function.
///
/// **Numbers** The derivative's exponential makes up for the rounding of x².
enum Erf: UnaryRule {
  static let label = "erf"
  static let names = ["erf"]
  static let summary = "error function, from -1 to 1"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let partialFormulas = ["2/sqrt(pi)*exp(-x^2)"]
  static let stablePartialFormulas = ["1.1283791670955126*exp(-x^2)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [6], [-26]]
  static let seeAlso = ["erfc", "gelu", "exp"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.erf(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    T(Double.twoOverSqrtPi) * T.bell(x, width: 1)
  }
}

/// The complement of the error function.
///
/// **Numbers** Accurate where erf(x) is so close to 1 that 1 - erf(x) has no digits left.
enum Erfc: UnaryRule {
  static let label = "erfc"
  static let names = ["erfc"]
  static let summary = "1 - erf(x), accurate where that is close to 0"
  static let family = Family.activations
  static let operands = [Operand("x")]
  static let formula = Optional("1 - erf(x)")
  static let partialFormulas = ["-2/sqrt(pi)*exp(-x^2)"]
  static let stablePartialFormulas = ["-1.1283791670955126*exp(-x^2)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [6], [26], [-6]]
  static let notes = "erfc(-x/sqrt(2))/2 is the distribution function of the normal distribution."
  static let seeAlso = ["erf", "gelu"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.erfc(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    -(T(Double.twoOverSqrtPi) * T.bell(x, width: 1))
  }
}
