// Absolute value, sign, rounding; the steps among them are flat.

/// The absolute value.
///
/// **Numbers** The slope at 0 is 0, the subgradient of least norm.
enum Abs: UnaryRule {
  static let label = "abs"
  static let names = ["abs"]
  static let summary = "absolute value"
  static let family = Family.rounding
  static let operands = [Operand("x")]
  static let formula = Optional("max(x, -x)")
  static let partialFormulas = ["sign(x)"]
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [1e300], [-1e-300]]
  static let notes = "At 0, a kink with slopes -1 and 1 on its sides, the derivative is 0."
  static let seeAlso = ["sign", "hypot", "mae"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    x.primal < 0 ? -x : x.primal == 0 ? 0 : x
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal.isNaN ? x : T(signum(x.primal))
  }
  static func remark(_ x: Double) -> Remark? { x == 0 ? .kink : nil }
}

/// A function that is constant but for its jumps.
///
/// **Numbers** Its derivative is 0, also at a jump; NaN goes through value and derivative.
protocol StepRule: UnaryRule {
  static func step(_ x: Double) -> Double
}

extension StepRule {
  static var family: Family { .rounding }
  static var operands: [Operand] { [Operand("x")] }
  static var partialFormulas: [String] { ["0"] }

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    x.primal.isNaN ? T.edge(x.primal, slope: .nan, x) : T(step(x.primal))
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal.isNaN ? T(.nan) : 0
  }
  static func remark(_ x: Double) -> Remark? { .flat }
}

/// 1, 0 or −1 as the number is positive, zero or negative; NaN stays.
@inline(__always) func signum(_ x: Double) -> Double {
  x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x
}

/// The sign: −1, 0 or 1.
enum Sign: StepRule {
  static let label = "sign"
  static let names = ["sign"]
  static let summary = "sign: -1, 0 or 1"
  static let formula = Optional("(x > 0) - (x < 0)")
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [-1e-300]]
  static let notes = "Flat: the derivative is 0 everywhere, also at the jump at 0."
  static let seeAlso = ["abs", "where"]

  @inline(__always) static func step(_ x: Double) -> Double { signum(x) }
}

/// The next whole number below.
enum Floor: StepRule {
  static let label = "floor"
  static let names = ["floor"]
  static let summary = "largest whole number that is not above x"
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [3], [1e300]]
  static let notes = "Flat: the derivative is 0 everywhere, also at the jumps."
  static let seeAlso = ["ceil", "round"]

  @inline(__always) static func step(_ x: Double) -> Double { x.rounded(.down) }
}

/// The next whole number above.
enum Ceil: StepRule {
  static let label = "ceil"
  static let names = ["ceil"]
  static let summary = "smallest whole number that is not below x"
  static let formula = Optional("-floor(-x)")
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [3], [1e300]]
  static let notes = "Flat: the derivative is 0 everywhere, also at the jumps."
  static let seeAlso = ["floor", "round"]

  @inline(__always) static func step(_ x: Double) -> Double { x.rounded(.up) }
}

/// The nearest whole number.
enum Round: StepRule {
  static let label = "round"
  static let names = ["round"]
  static let summary = "nearest whole number, halves away from 0"
  static let samples: [[Double]] = [[0], [0.3], [-2.5], [0.5], [2.5], [1e300]]
  static let notes = """
    A half is rounded away from 0, as one learns it at school: round(2.5) is 3, round(-2.5) is \
    -3. Flat: the derivative is 0 everywhere, also at the jumps.
    """
  static let seeAlso = ["floor", "ceil"]

  @inline(__always) static func step(_ x: Double) -> Double {
    x.rounded(.toNearestOrAwayFromZero)
  }
}
