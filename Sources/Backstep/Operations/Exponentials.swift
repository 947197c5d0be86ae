// Exponentials and logarithms.

/// The slope of a logarithm: unit/x, and not a number left of 0, where there is no logarithm.
///
/// Adding 0 turns -0 to 0, for the limit is the one from inside the domain.
@inline(__always) private func logSlope<T: Scalar>(_ unit: T, _ x: T) -> T {
  x.primal < 0 ? T(.nan) : unit / (x + 0)
}

/// The exponential function.
enum Exp: UnaryRule {
  static let label = "exp"
  static let names = ["exp"]
  static let summary = "exponential function, e^x"
  static let family = Family.exponentials
  static let operands = [Operand("x")]
  static let partialFormulas = ["out"]
  static let samples: [[Double]] = [[0], [1], [-0.5], [700], [-740]]
  static let seeAlso = ["expm1", "log"]
  static let hint = Optional("exp overflows beyond x = 709.78: subtract the largest exponent first")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.exp(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { out }
}

/// The exponential less 1, exact near 0 too.
enum Expm1: UnaryRule {
  static let label = "expm1"
  static let names = ["expm1"]
  static let summary = "exp(x) - 1, accurate near 0"
  static let family = Family.exponentials
  static let operands = [Operand("x")]
  static let formula = Optional("exp(x) - 1")
  static let partialFormulas = ["exp(x)"]
  static let samples: [[Double]] = [[0], [1e-10], [1], [-0.5], [700], [-40]]
  static let seeAlso = ["exp", "log1p"]
  static let hint = Optional("expm1 overflows beyond x = 709.78")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.expm1(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { T.exp(x) }
}

/// The natural logarithm.
///
/// **Numbers** At 0 the value is −∞ and the derivative +∞; below, both are NaN, though 1/x is not.
enum Log: UnaryRule {
  static let label = "log"
  static let names = ["log", "ln"]
  static let summary = "natural logarithm"
  static let family = Family.exponentials
  static let operands = [Operand("x", .nonNegative)]
  static let partialFormulas = ["1/x"]
  static let samples: [[Double]] = [[1], [2], [0.1], [1e-300], [1e300]]
  static let notes = """
    At 0 the value is -inf and the derivative inf, both limits from the right. Below 0 there is no \
    logarithm: value and derivative are NaN, though 1/x is a number there.
    """
  static let seeAlso = ["log1p", "log2", "log10", "xlogy", "exp"]
  static let hint = Optional("log needs a positive number; xlogy(x, x) is x*log(x) and 0 at 0")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.log(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { logSlope(1, x) }
}

/// The logarithm to base 2.
enum Log2: UnaryRule {
  static let label = "log2"
  static let names = ["log2"]
  static let summary = "logarithm to base 2"
  static let family = Family.exponentials
  static let operands = [Operand("x", .nonNegative)]
  static let formula = Optional("log(x)/log(2)")
  static let partialFormulas = ["1/(x*log(2))"]
  static let stablePartialFormulas = ["1.4426950408889634/x"]
  static let samples: [[Double]] = [[1], [2], [0.1], [1e-300], [1e300]]
  static let notes = "Edges as for log."
  static let seeAlso = ["log", "log10"]
  static let hint = Optional("log2 needs a positive number")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.log2(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    logSlope(T(.oneOverLog2), x)
  }
}

/// The logarithm to base 10.
enum Log10: UnaryRule {
  static let label = "log10"
  static let names = ["log10"]
  static let summary = "logarithm to base 10"
  static let family = Family.exponentials
  static let operands = [Operand("x", .nonNegative)]
  static let formula = Optional("log(x)/log(10)")
  static let partialFormulas = ["1/(x*log(10))"]
  static let stablePartialFormulas = ["0.4342944819032518/x"]
  static let samples: [[Double]] = [[1], [10], [0.1], [1e-300], [1e300]]
  static let notes = "Edges as for log."
  static let seeAlso = ["log", "log2"]
  static let hint = Optional("log10 needs a positive number")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.log10(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    logSlope(T(.oneOverLog10), x)
  }
}

/// The logarithm of 1 + x, exact near 0 too.
enum Log1p: UnaryRule {
  static let label = "log1p"
  static let names = ["log1p"]
  static let summary = "log(1 + x), accurate near 0"
  static let family = Family.exponentials
  static let operands = [Operand("x", Domain(-1, .infinity, includesLower: true))]
  static let formula = Optional("log(1 + x)")
  static let partialFormulas = ["1/(1 + x)"]
  static let samples: [[Double]] = [[0], [1e-10], [-0.5], [1], [-0.999], [1e300]]
  static let notes = "At -1 the value is -inf and the derivative inf; below, both are NaN."
  static let seeAlso = ["log", "expm1"]
  static let hint = Optional("log1p needs a number above -1")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.log1p(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { logSlope(1, 1 + x) }
}

/// A number times a logarithm, where 0·log(0) is 0.
///
/// **Numbers** At x = 0 the value is 0 for every y >= 0, and flat along y.
enum XLogY: BinaryRule {
  static let label = "xlogy"
  static let names = ["xlogy"]
  static let summary = "x*log(y), and 0 where x is 0"
  static let family = Family.exponentials
  static let operands = [Operand("x"), Operand("y", .nonNegative)]
  static let formula = Optional("x*log(y)")
  static let partialFormulas = ["log(y)", "x/y"]
  static let boundaryPartialFormulas = ["log(y)", "where((x == 0)*(y == 0), 0, x/y)"]
  static let samples: [[Double]] = [[0.5, 0.5], [0, 2], [-3, 0.1], [1e-300, 1e-300], [2, 1]]
  static let notes = """
    0*log(0) is taken as 0, its limit, so entropies need no special case: xlogy(x, x) for \
    x*log(x). At x = 0 the derivative along x is log(y), so -inf at y = 0, and along y it is 0.
    """
  static let seeAlso = ["log", "bce"]
  static let hint = Optional("log(y) has no finite value at y = 0 and none at all below")

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    T.weighted(x, T.log(y))
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    let log = T.log(y)
    if x.primal == 0, y.primal == 0 { return (log, 0) }
    return (log, y.primal < 0 ? T(.nan) : x / (y + 0))
  }
}
