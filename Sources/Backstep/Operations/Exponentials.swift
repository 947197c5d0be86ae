// Exponentials, logarithms and the error function.

/// The exponential function.
enum Exponential: UnaryRule {
  static let label = "exp"
  static let names = ["exp"]
  static let summary = "e to the power x"
  static let family = Family.exponentials
  static let operands = [Operand("x")]
  static let partialFormulas = ["out"]
  static let samples: [[Double]] = [[0], [1], [-2.5], [10], [-30]]
  static let seeAlso = ["expm1", "log"]
  static let hint = Optional("exp overflows above 709.78")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.exp(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    out
  }
}

/// The exponential minus 1, accurate near 0.
enum ExponentialMinusOne: UnaryRule {
  static let label = "expm1"
  static let names = ["expm1"]
  static let summary = "exp(x) - 1, accurate near 0"
  static let family = Family.exponentials
  static let operands = [Operand("x")]
  static let formula = Optional("exp(x) - 1")
  static let partialFormulas = ["exp(x)"]
  static let samples: [[Double]] = [[0], [1e-10], [1], [-2.5], [-40]]
  static let seeAlso = ["exp", "log1p"]
  static let hint = Optional("exp overflows above 709.78")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.expm1(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    T.exp(x)
  }
}

/// The natural logarithm.
enum Logarithm: UnaryRule {
  static let label = "log"
  static let names = ["log", "ln"]
  static let summary = "natural logarithm"
  static let family = Family.exponentials
  static let operands = [Operand("x", .positive)]
  static let partialFormulas = ["1/x"]
  static let samples: [[Double]] = [[1], [0.5], [2.718], [1e-300], [1e+300]]
  static let notes = """
    Below 0 both value and derivative are NaN; at 0 they are -inf and inf.
    """
  static let seeAlso = ["log1p", "xlogy", "logsigmoid"]
  static let hint = Optional(
    "log needs a positive number; for x*log(x) at 0 write xlogy(x, x)")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.log(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    reciprocal(x)
  }
}

/// 1/x where a logarithm is defined; infinite at 0, NaN below.
@inline(__always)
private func reciprocal<T: Scalar>(_ x: T) -> T {
  if x.primal < 0 { return T(.nan) }
  return x.primal == 0 ? T(.infinity) : 1 / x
}

/// The logarithm to base 2.
enum LogarithmBase2: UnaryRule {
  static let label = "log2"
  static let names = ["log2"]
  static let summary = "logarithm to base 2"
  static let family = Family.exponentials
  static let operands = [Operand("x", .positive)]
  static let partialFormulas = ["1/(x*log(2))"]
  static let samples: [[Double]] = [[1], [0.5], [8], [1e-300]]
  static let seeAlso = ["log"]
  static let hint = Optional("log2 needs a positive number")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.log2(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    reciprocal(x) / T(0.6931471805599453)
  }
}

/// The logarithm to base 10.
enum LogarithmBase10: UnaryRule {
  static let label = "log10"
  static let names = ["log10"]
  static let summary = "logarithm to base 10"
  static let family = Family.exponentials
  static let operands = [Operand("x", .positive)]
  static let partialFormulas = ["1/(x*log(10))"]
  static let samples: [[Double]] = [[1], [0.5], [1000], [1e-300]]
  static let seeAlso = ["log"]
  static let hint = Optional("log10 needs a positive number")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.log10(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    reciprocal(x) / T(2.302585092994046)
  }
}

/// The logarithm of 1 + x, accurate near 0.
enum LogarithmOnePlus: UnaryRule {
  static let label = "log1p"
  static let names = ["log1p"]
  static let summary = "log(1 + x), accurate near 0"
  static let family = Family.exponentials
  static let operands = [Operand("x", Domain(-1, .infinity))]
  static let formula = Optional("log(1 + x)")
  static let partialFormulas = ["1/(1 + x)"]
  static let samples: [[Double]] = [[0], [1e-10], [1], [-0.5], [100]]
  static let seeAlso = ["log", "expm1"]
  static let hint = Optional("log1p needs a number above -1")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.log1p(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal < -1 ? T(.nan) : 1 / (1 + x)
  }
}

/// x·log(y) with 0·log(0) = 0.
enum XLogY: BinaryRule {
  static let label = "xlogy"
  static let names = ["xlogy"]
  static let summary = "x*log(y), and 0 where x is 0"
  static let family = Family.exponentials
  static let operands = [Operand("x"), Operand("y", .nonNegative)]
  static let partialFormulas = ["log(y)", "x/y"]
  static let samples: [[Double]] = [[2, 3], [0.5, 0.1], [-1, 4], [0, 2]]
  static let notes = """
    0*log(0) is 0, as entropies need it.
    """
  static let seeAlso = ["log", "bce"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    // Adding 0 turns −0 into 0.
    x.primal == 0 && (y.primal == 0 || y.primal == .infinity) ? 0 : x * T.log(y) + 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (T.log(y), y.primal < 0 ? T(.nan) : x.primal == 0 && y.primal == 0 ? 0 : x / y)
  }
}

/// The error function.
///
/// **Numbers** The partial is 2/√π·exp(−x²), with the rounding of x² put right.
enum ErrorFunction: UnaryRule {
  static let label = "erf"
  static let names = ["erf"]
  static let summary = "error function"
  static let family = Family.exponentials
  static let operands = [Operand("x")]
  static let partialFormulas = ["2/sqrt(pi)*exp(-x^2)"]
  static let samples: [[Double]] = [[0], [0.5], [-1], [2.5], [-5]]
  static let seeAlso = ["gelu"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.erf(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1.1283791670955126 * T.gauss(x)
  }
}
