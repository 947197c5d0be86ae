// Losses of one prediction and one label.

/// Binary cross entropy of a probability and a label.
enum BinaryCrossEntropy: BinaryRule {
  static let label = "bce"
  static let names = ["bce"]
  static let summary = "binary cross entropy of a probability a and a label y"
  static let family = Family.losses
  static let operands = [Operand("a", .unit), Operand("y")]
  static let formula = Optional("-(y*log(a) + (1 - y)*log(1 - a))")
  static let partialFormulas = ["(a - y)/(a*(1 - a))", "log((1 - a)/a)"]
  static let samples: [[Double]] = [[0.5, 1], [0.2, 0], [0.9, 1], [0.3, 0.25]]
  static let notes = """
    0*log(0) counts as 0, so a = y = 1 costs nothing. a = 0 with y = 1 costs inf. A label \
    outside 0 to 1 is computed as it is, with a warning.
    """
  static let seeAlso = ["bce_logits", "sigmoid", "mse"]
  static let hint = Optional(
    "bce_logits(z, y) takes the logit z instead of a = sigmoid(z) and does not saturate")

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T {
    if a.primal < 0 || a.primal > 1 { return T(.nan) }
    let first = y.primal == 0 && a.primal == 0 ? 0 : y * T.log(a)
    let second = y.primal == 1 && a.primal == 1 ? 0 : (1 - y) * T.log1p(-a)
    // Subtracting from 0, unlike a sign, never gives −0.
    return 0 - first - second
  }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    if a.primal < 0 || a.primal > 1 { return (T(.nan), T(.nan)) }
    // Near one half the difference of the logarithms would cancel.
    let isMiddle = a.primal > 0.25 && a.primal < 0.75
    return (
      slope(a, y), isMiddle ? T.log1p((1 - 2 * a) / a) : T.log1p(-a) - T.log(a)
    )
  }
  /// The derivative with respect to the probability: −y/a + (1 − y)/(1 − a), where 0/0 is 0.
  @inline(__always) private static func slope<T: Scalar>(_ a: T, _ y: T) -> T {
    // One of the two terms is 0 for a label of 0 or 1; else the quotient cancels less.
    if y.primal != 0 && y.primal != 1 { return (a - y) / (a * (1 - a)) }
    let first = y.primal == 0 && a.primal == 0 ? 0 : y / a
    let second = y.primal == 1 && a.primal == 1 ? 0 : (1 - y) / (1 - a)
    return second - first
  }
  static func remark(_ a: Double, _ y: Double) -> Remark? {
    y < 0 || y > 1 ? .labelOutsideUnitInterval(y) : nil
  }
}

/// Binary cross entropy of a logit and a label.
enum BinaryCrossEntropyOfLogit: BinaryRule {
  static let label = "bce_logits"
  static let names = ["bce_logits"]
  static let summary = "binary cross entropy of a logit z and a label y"
  static let family = Family.losses
  static let operands = [Operand("z"), Operand("y")]
  static let formula = Optional("bce(sigmoid(z), y)")
  static let partialFormulas = ["sigmoid(z) - y", "-z"]
  static let samples: [[Double]] = [[0.5, 1], [-2, 0], [40, 1], [-700, 1], [3, 0.25]]
  static let notes = """
    The value of bce(sigmoid(z), y), computed without rounding sigmoid(z) to 0 or 1.
    """
  static let seeAlso = ["bce", "sigmoid"]

  @inline(__always) static func value<T: Scalar>(_ z: T, _ y: T) -> T {
    let e = T.exp(z.primal < 0 ? z : -z)
    return (z.primal < 0 ? 0 : z) - z * y + T.log1p(e)
  }
  @inline(__always) static func partials<T: Scalar>(_ z: T, _ y: T, _ out: T) -> (T, T) {
    let e = T.exp(z.primal < 0 ? z : -z)
    let probability = z.primal < 0 ? e / (1 + e) : 1 / (1 + e)
    let complement = z.primal < 0 ? 1 / (1 + e) : e / (1 + e)
    return (y.primal == 1 ? (1 - y) - complement : probability - y, -z)
  }
  static func remark(_ z: Double, _ y: Double) -> Remark? {
    y < 0 || y > 1 ? .labelOutsideUnitInterval(y) : nil
  }
}

/// The squared error.
enum SquaredError: BinaryRule {
  static let label = "mse"
  static let names = ["mse"]
  static let summary = "squared error, the mean over all entries"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y")]
  static let formula = Optional("(a - y)^2")
  static let partialFormulas = ["2*(a - y)", "-2*(a - y)"]
  static let samples: [[Double]] = [[0.5, 1], [3, -1]]
  static let seeAlso = ["mae", "huber"]

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T {
    (a - y) * (a - y)
  }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    (2 * (a - y), -2 * (a - y))
  }
}

/// The absolute error.
enum AbsoluteError: BinaryRule {
  static let label = "mae"
  static let names = ["mae"]
  static let summary = "absolute error, the mean over all entries"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y")]
  static let formula = Optional("abs(a - y)")
  static let partialFormulas = ["sign(a - y)", "-sign(a - y)"]
  static let samples: [[Double]] = [[0.5, 1], [3, -1]]
  static let notes = """
    Where a equals y the derivative is 0.
    """
  static let seeAlso = ["mse", "huber"]

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T {
    AbsoluteValue.value(a - y)
  }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    let slope = AbsoluteValue.partial(a - y, out)
    return (slope, -slope)
  }
  static func remark(_ a: Double, _ y: Double) -> Remark? { a == y ? .kink : nil }
}

/// The squared error near 0, linear further out.
enum Huber: TernaryRule {
  static let label = "huber"
  static let names = ["huber"]
  static let summary = "half the squared error up to delta, linear beyond"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y"), Operand("delta", .positive, default: 1)]
  static let formula = Optional(
    "where(abs(a - y) <= delta, (a - y)^2/2, delta*(abs(a - y) - delta/2))")
  static let partialFormulas = [
    "clamp(a - y, -delta, delta)", "-clamp(a - y, -delta, delta)",
    "where(abs(a - y) > delta, abs(a - y) - delta, 0)",
  ]
  static let samples: [[Double]] = [[0.5, 1, 1], [3, -1, 1], [-3, 1, 0.5]]
  static let seeAlso = ["mse", "mae"]

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T, _ delta: T) -> T {
    let error = a - y
    let size = error.primal < 0 ? -error : error
    return size.primal <= delta.primal ? 0.5 * error * error : delta * (size - 0.5 * delta)
  }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ delta: T, _ out: T) -> (
    T, T, T
  ) {
    let error = a - y
    if error.primal.isNaN { return (error, error, error) }
    if abs(error.primal) <= delta.primal { return (error, -error, 0) }
    let slope = error.primal < 0 ? -delta : delta
    return (slope, -slope, (error.primal < 0 ? -error : error) - delta)
  }
}

/// The hinge loss of a score and a label of 1 or −1.
enum Hinge: BinaryRule {
  static let label = "hinge"
  static let names = ["hinge"]
  static let summary = "max(0, 1 - a*y), with labels 1 and -1"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y")]
  static let formula = Optional("max(0, 1 - a*y)")
  static let partialFormulas = ["where(a*y < 1, -y, 0)", "where(a*y < 1, -a, 0)"]
  static let samples: [[Double]] = [[0.5, 1], [2, 1], [0.3, -1]]
  static let notes = """
    Where a*y is 1 the derivative is 0.
    """
  static let seeAlso = ["bce"]

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T {
    let margin = 1 - a * y
    return margin.primal > 0 || margin.primal.isNaN ? margin : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    let margin = (1 - a * y).primal
    if margin.isNaN { return (T(.nan), T(.nan)) }
    return margin > 0 ? (-y, -a) : (0, 0)
  }
  static func remark(_ a: Double, _ y: Double) -> Remark? { a * y == 1 ? .kink : nil }
}
