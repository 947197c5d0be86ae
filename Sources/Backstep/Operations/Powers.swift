// Powers and roots.

import BackstepTrace

/// A power whose exponent is computed.
enum Power: BinaryRule {
  static let label = "pow"
  static let names = ["pow"]
  static let summary = "power"
  static let family = Family.powers
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x^y"
  static let partialFormulas = ["y*x^(y - 1)", "log(x)*out"]
  static let samples: [[Double]] = [[2, 3], [0.5, -1.5], [1.5, 0.1], [10, 2.5], [0.1, 30]]
  static let notes = """
    A negative base has a value for a whole exponent only, and no derivative with respect to \
    the exponent. A literal exponent is a constant: it has no derivative at all. x^0 is 1 \
    with derivative 0 everywhere.
    """
  static let seeAlso = ["sqrt", "exp"]
  static let hint = Optional("a negative base has a power only for a whole exponent")

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    T.pow(x, y)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (powerBasePartial(x, y, out), powerExponentPartial(x, y, out))
  }
}

/// A power whose exponent is a number in the formula: only the base has a derivative.
enum PowerConstant: BinaryRule {
  static let label = "pow"
  static let names: [String] = []
  static let summary = "power with a constant exponent"
  static let family = Family.powers
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x^y"
  static let partialFormulas = ["y*x^(y - 1)", "0"]
  static let samples: [[Double]] = [
    [2, 3], [-2, 3], [0.5, -1], [3, 2], [-3, 2], [4, 0.5], [0, 2],
  ]
  static let hint = Optional("a negative base has a power only for a whole exponent")

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    y.primal == 2 ? x * x : T.pow(x, y)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (y.primal == 2 ? 2 * x : powerBasePartial(x, y, out), 0)
  }

  /// The power rule with the exponent put in: `2*x`, `3*x^2`, `-1/x^2`, `0.5*x^(-0.5)`.
  static func partialFormula(slot: Int, constants: [Double?]) -> String? {
    guard slot == 0, constants.count > 1, let exponent = constants[1], exponent.isFinite else {
      return nil
    }
    let isWhole = exponent == exponent.rounded() && abs(exponent) < 1e9
    switch exponent {
    case 0: return "0"
    case 1: return "1"
    case 2: return "2*x"
    case let n where isWhole && n < 0: return "\(shortest(n))/x^\(shortest(1 - n))"
    case let n where n > 1: return "\(shortest(n))*x^\(shortest(n - 1))"
    default: return "\(shortest(exponent))*x^(\(shortest(exponent - 1)))"
    }
  }

  private static func shortest(_ number: Double) -> String {
    var buffer = ByteBuffer()
    buffer.appendShortest(number)
    return buffer.string
  }
}

/// The derivative of x^y with respect to x.
///
/// y·x^(y−1) is exact in its exponent unless y − 1 is rounded; then y·x^y/x is closer.
@inline(__always)
func powerBasePartial<T: Scalar>(_ x: T, _ y: T, _ out: T) -> T {
  if y.primal == 0 { return 0 }
  let lower = y - 1
  if lower.primal + 1 == y.primal || x.primal == 0 || !out.primal.isNormal {
    return y * T.pow(x, lower)
  }
  return y * out / x
}

/// The derivative of x^y with respect to y.
@inline(__always)
func powerExponentPartial<T: Scalar>(_ x: T, _ y: T, _ out: T) -> T {
  x.primal == 0 ? T(y.primal >= 0 ? 0 : .nan) : T.log(x) * out
}

/// The square root.
enum SquareRoot: UnaryRule {
  static let label = "sqrt"
  static let names = ["sqrt"]
  static let summary = "square root"
  static let family = Family.powers
  static let operands = [Operand("x", .nonNegative)]
  static let partialFormulas = ["1/(2*out)"]
  static let samples: [[Double]] = [[4], [0.25], [1e-300], [1e+300], [2]]
  static let notes = """
    At 0 the derivative is infinite.
    """
  static let seeAlso = ["cbrt", "hypot", "abs"]
  static let hint = Optional(
    "the slope of sqrt at 0 is infinite; for sqrt(x^2) write abs(x), for sqrt(x^2 + y^2) hypot(x, y)"
  )

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.sqrt(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal == 0 ? T(.infinity) : 0.5 / out
  }
}

/// The cube root, of negative numbers as well.
enum CubeRoot: UnaryRule {
  static let label = "cbrt"
  static let names = ["cbrt"]
  static let summary = "cube root"
  static let family = Family.powers
  static let operands = [Operand("x")]
  static let partialFormulas = ["1/(3*out^2)"]
  static let samples: [[Double]] = [[8], [-8], [0.001], [1e+300], [-2]]
  static let notes = """
    At 0 the derivative is infinite.
    """
  static let seeAlso = ["sqrt"]
  static let hint = Optional("the slope of cbrt at 0 is infinite")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.cbrt(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1 / (3 * out * out)
  }
}

/// The length of a vector of two entries, without overflow on the way.
enum Hypot: BinaryRule {
  static let label = "hypot"
  static let names = ["hypot"]
  static let summary = "square root of x^2 + y^2"
  static let family = Family.powers
  static let operands = [Operand("x"), Operand("y")]
  static let formula = Optional("sqrt(x^2 + y^2)")
  static let partialFormulas = ["x/out", "y/out"]
  static let samples: [[Double]] = [[3, 4], [-1, 2], [1e+200, 1e+200], [0, 5]]
  static let notes = """
    At (0, 0) both derivatives are 0, the subgradient of least norm.
    """
  static let seeAlso = ["sqrt", "abs"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    T.hypot(x, y)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    if out.primal == 0 { return (0, 0) }
    if out.primal.isInfinite {
      return (
        T(x.primal.isInfinite ? x.primal.sign == .minus ? -1 : 1 : 0),
        T(y.primal.isInfinite ? y.primal.sign == .minus ? -1 : 1 : 0)
      )
    }
    return (x / out, y / out)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { x == 0 && y == 0 ? .kink : nil }
}
