// How far a prediction is from its label. Over tensors these are the rules of a single entry.

/// The labels' remark that the cross-entropies share.
private func remarkOnLabel(_ y: Double) -> Remark? {
  y < 0 || y > 1 ? .labelOutsideUnitInterval(y) : nil
}

/// The binary cross-entropy of a probability and a label.
///
/// **Numbers** 0·log 0 counts as 0, and 0/0 in −y/a + (1 − y)/(1 − a) as well. The derivative along
/// the probability is taken as (a − y)/(a·(1 − a)), the one along the label near a = ½ as
/// log1p((1 − 2a)/a), since the difference of the logarithms would cancel.
///
/// **Source** Goodfellow, Bengio and Courville, *Deep Learning*, section 6.2.2.2.
enum BinaryCrossEntropy: BinaryRule {
  static let label = "bce"
  static let names = ["bce"]
  static let summary = "binary cross-entropy of a probability a and a label y"
  static let family = Family.losses
  static let operands = [Operand("a", .unit), Operand("y", .unit)]
  static let formula = Optional("-(y*log(a) + (1 - y)*log(1 - a))")
  static let partialFormulas = ["(a - y)/(a*(1 - a))", "log((1 - a)/a)"]
  static let stablePartialFormulas = ["(1 - y)/(1 - a) - y/a", "log1p(-a) - log(a)"]
  static let boundaryPartialFormulas = [
    "where((a == 1)*(y == 1), 0, (1 - y)/(1 - a)) - where((a == 0)*(y == 0), 0, y/a)",
    "log1p(-a) - log(a)",
  ]
  static let samples: [[Double]] = [[0.5, 1], [0.5, 0], [0.9, 0.7], [1e-10, 0], [1e-300, 1]]
  static let notes = """
    0*log(0) counts as 0: a prediction of exactly 0 or 1 that is right costs nothing, one that \
    is wrong costs infinity. Where a is the label's own 0 or 1 the derivative along a is that of \
    the term that is left, 1 or -1. Outside 0 <= a <= 1 value and derivatives are NaN. A label \
    outside 0 <= y <= 1 is computed with, and remarked upon. The derivative along y, for soft \
    labels that are computed, is log((1 - a)/a).
    """
  static let seeAlso = ["bce_logits", "cross_entropy", "xlogy"]
  static let hint = Optional("bce_logits(z, y) takes the logit z instead and does not saturate")

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T {
    0 - (T.weighted(y, T.log(a)) + T.weighted(1 - y, T.log1p(-a)))
  }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    if a.primal < 0 || a.primal > 1 { return (T(.nan), T(.nan)) }
    let alongLabel =
      a.primal > 0.25 && a.primal < 0.75
      ? T.log1p((1 - 2 * a) / a) : T.log1p(-a) - T.log(a)
    if a.primal == 0, y.primal == 0 { return ((1 - y) / (1 - a), alongLabel) }
    if a.primal == 1, y.primal == 1 { return (-(y / a), alongLabel) }
    return ((a - y) / ((a + 0) * (1 - a)), alongLabel)
  }
  static func remark(_ a: Double, _ y: Double) -> Remark? { remarkOnLabel(y) }
}

/// The binary cross-entropy of a logit and a label.
///
/// **Numbers** As z·(1 − y) + log(1 + e^−z) for z >= 0 and −z·y + log(1 + e^z) below: no term
/// overflows, and for labels from 0 to 1 none cancels another.
enum BinaryCrossEntropyWithLogits: BinaryRule {
  static let label = "bce_logits"
  static let names = ["bce_logits"]
  static let summary = "binary cross-entropy of a logit z and a label y"
  static let family = Family.losses
  static let operands = [Operand("z"), Operand("y", .unit)]
  static let formula = Optional("softplus(z) - z*y")
  static let partialFormulas = ["sigmoid(z) - y", "-z"]
  static let stablePartialFormulas = ["(1 - y)*sigmoid(z) - y*sigmoid(-z)", "-z"]
  static let samples: [[Double]] = [
    [0, 1], [0.3, 0], [-2.5, 0.7], [40, 1], [-700, 0], [1000, 0],
  ]
  static let notes = """
    The same as bce(sigmoid(z), y), without going through a probability that rounds to 0 or 1. \
    A label outside 0 <= y <= 1 is computed with, and remarked upon. The derivative along y, for \
    soft labels that are computed, is -z. Where sigmoid(z) is close to a soft label, the derivative \
    along z is a small difference of the two, and as accurate as they are.
    """
  static let seeAlso = ["bce", "sigmoid", "softplus"]

  @inline(__always) static func value<T: Scalar>(_ z: T, _ y: T) -> T {
    if z.primal < 0 { return T.log1p(T.exp(z)) - T.weighted(y, z) }
    return T.weighted(1 - y, z) + T.log1p(T.exp(-z))
  }
  @inline(__always) static func partials<T: Scalar>(_ z: T, _ y: T, _ out: T) -> (T, T) {
    // 1 - y first: for y = 1 the small rest 1 - sigmoid(z) would be rounded away.
    (z.primal < 0 ? Sigmoid.value(z) - y : (1 - y) - Sigmoid.value(-z), -z)
  }
  static func remark(_ z: Double, _ y: Double) -> Remark? { remarkOnLabel(y) }
}

/// The squared error.
enum SquaredError: BinaryRule {
  static let label = "mse"
  static let names = ["mse"]
  static let summary = "squared error of a prediction a and a label y"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y")]
  static let formula = Optional("(a - y)^2")
  static let partialFormulas = ["2*(a - y)", "-2*(a - y)"]
  static let samples: [[Double]] = [[0.5, 1], [2, 2], [-3, 0.7], [1e150, 0]]
  static let notes = "The derivative along the label y is the negative of the one along a."
  static let seeAlso = ["mae", "huber"]

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T { (a - y) * (a - y) }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    (2 * (a - y), 2 * (y - a))
  }
}

/// The absolute error.
enum AbsoluteError: BinaryRule {
  static let label = "mae"
  static let names = ["mae"]
  static let summary = "absolute error of a prediction a and a label y"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y")]
  static let formula = Optional("abs(a - y)")
  static let partialFormulas = ["sign(a - y)", "-sign(a - y)"]
  static let samples: [[Double]] = [[0.5, 1], [2, 2], [-3, 0.7], [1e300, 0]]
  static let notes = """
    At a = y, a kink, both derivatives are 0. The derivative along the label y is the negative \
    of the one along a.
    """
  static let seeAlso = ["mse", "huber", "abs"]

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T { Abs.value(a - y) }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    (Abs.partial(a - y, out), Abs.partial(y - a, out))
  }
  static func remark(_ a: Double, _ y: Double) -> Remark? { a == y ? .kink : nil }
}

/// The squared error near the label, the absolute error far from it.
///
/// **Source** Huber, *Robust Estimation of a Location Parameter*, 1964.
enum HuberLoss: TernaryRule {
  static let label = "huber"
  static let names = ["huber"]
  static let summary = "half the squared error up to delta, beyond it linear"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y"), Operand("delta", .positive, default: 1)]
  static let formula = Optional(
    "where(abs(a - y) <= delta, (a - y)^2/2, delta*(abs(a - y) - delta/2))")
  static let partialFormulas = [
    "clamp(a - y, -delta, delta)", "-clamp(a - y, -delta, delta)", "max(abs(a - y) - delta, 0)",
  ]
  static let stablePartialFormulas = [
    "clamp(a - y, -delta, delta)", "-clamp(a - y, -delta, delta)", "relu(abs(a - y) - delta)",
  ]
  static let samples: [[Double]] = [
    [0.5, 1, 1], [2, 2, 1], [-3, 0.7, 1], [0, 5, 0.1], [1, 0, 1], [1e200, 0, 2],
  ]
  static let notes = """
    There is no kink: at abs(a - y) = delta both sides have the same slope. The derivative along \
    the label y is the negative of the one along a, the one along delta the small difference \
    abs(a - y) - delta. delta must be positive; otherwise value and derivatives are NaN.
    """
  static let seeAlso = ["mse", "mae", "clamp"]
  static let hint = Optional("huber needs a positive delta")

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T, _ delta: T) -> T {
    let rest = a - y
    let size = Abs.value(rest)
    if delta.primal <= 0 { return T(.nan) }
    return size.primal <= delta.primal ? 0.5 * rest * rest : delta * (size - 0.5 * delta)
  }
  @inline(__always) static func partials<T: Scalar>(
    _ a: T, _ y: T, _ delta: T, _ out: T
  ) -> (T, T, T) {
    if delta.primal <= 0 { return (T(.nan), T(.nan), T(.nan)) }
    let rest = a - y
    let size = Abs.value(rest)
    if size.primal <= delta.primal { return (rest, y - a, 0) }
    let slope = rest.primal < 0 ? -delta : rest.primal > 0 ? delta : rest
    return (slope, -slope, size - delta)
  }
}

/// The hinge loss of a score and a label of −1 or 1.
///
/// **Numbers** At the hinge, a·y = 1, the derivatives are 0, the subgradient of least norm.
enum HingeLoss: BinaryRule {
  static let label = "hinge"
  static let names = ["hinge"]
  static let summary = "hinge loss of a score a and a label y of -1 or 1"
  static let family = Family.losses
  static let operands = [Operand("a"), Operand("y")]
  static let formula = Optional("relu(1 - a*y)")
  static let partialFormulas = ["where(a*y < 1, -y, 0)", "where(a*y < 1, -a, 0)"]
  static let samples: [[Double]] = [[0.5, 1], [2, 1], [-3, 1], [0.5, -1], [1, 1]]
  static let notes = """
    The same as max(0, 1 - a*y). At a*y = 1, a kink, both derivatives are 0. The derivative along \
    the label y is that of the formula, -a inside the margin. Close to the hinge the value is a \
    small difference, as accurate as a*y is.
    """
  static let seeAlso = ["bce_logits", "relu"]

  @inline(__always) static func value<T: Scalar>(_ a: T, _ y: T) -> T { Relu.value(1 - a * y) }
  @inline(__always) static func partials<T: Scalar>(_ a: T, _ y: T, _ out: T) -> (T, T) {
    let margin = margin(a.primal, y.primal)
    if margin <= 0 { return (0, 0) }
    return margin > 0 ? (-y, -a) : (T(.nan), T(.nan))
  }
  static func remark(_ a: Double, _ y: Double) -> Remark? { margin(a, y) == 0 ? .kink : nil }
  /// 1 - a*y, rounded once: its sign is right.
  @inline(__always) private static func margin(_ a: Double, _ y: Double) -> Double {
    1.addingProduct(-a, y)
  }
}
