// The numbers a rule can be read at: plain doubles, and dual numbers for derivatives.

/// A number with the elementary functions: what a rule's code is generic over.
///
/// At `Double` a rule computes values and local derivatives; at ``Dual`` the same code carries a
/// tangent along, which gives forward mode, second derivatives, and a check of every local
/// derivative against the value it belongs to.
protocol Scalar: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, Sendable {
  /// The number itself, without what it carries along: what comparisons look at.
  var primal: Double { get }
  /// A constant.
  init(_ constant: Double)

  static func + (x: Self, y: Self) -> Self
  static func - (x: Self, y: Self) -> Self
  static func * (x: Self, y: Self) -> Self
  static func / (x: Self, y: Self) -> Self
  static prefix func - (x: Self) -> Self

  static func sqrt(_ x: Self) -> Self
  static func cbrt(_ x: Self) -> Self
  static func exp(_ x: Self) -> Self
  static func expm1(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func log2(_ x: Self) -> Self
  static func log10(_ x: Self) -> Self
  static func log1p(_ x: Self) -> Self
  static func sin(_ x: Self) -> Self
  static func cos(_ x: Self) -> Self
  static func tan(_ x: Self) -> Self
  static func asin(_ x: Self) -> Self
  static func acos(_ x: Self) -> Self
  static func atan(_ x: Self) -> Self
  static func sinh(_ x: Self) -> Self
  static func cosh(_ x: Self) -> Self
  static func tanh(_ x: Self) -> Self
  static func asinh(_ x: Self) -> Self
  static func acosh(_ x: Self) -> Self
  static func atanh(_ x: Self) -> Self
  static func erf(_ x: Self) -> Self
  static func erfc(_ x: Self) -> Self
  static func atan2(_ y: Self, _ x: Self) -> Self
  static func hypot(_ x: Self, _ y: Self) -> Self
  static func pow(_ x: Self, _ y: Self) -> Self
}

extension Scalar {
  @inline(__always) init(floatLiteral value: Double) { self.init(value) }
  @inline(__always) init(integerLiteral value: Int) { self.init(Double(value)) }
}

extension Scalar {
  /// exp(−x²), with the rounding error of x² put right.
  @inline(__always) static func gauss(_ x: Self) -> Self {
    let square = x.primal * x.primal
    let rest = square.isFinite ? (-square).addingProduct(x.primal, x.primal) : 0
    return exp(-(x * x)) * Self(1 - rest)
  }

  /// The density of the standard normal distribution.
  @inline(__always) static func normalDensity(_ x: Self) -> Self {
    let square = x.primal * x.primal
    let rest = square.isFinite ? (-square).addingProduct(x.primal, x.primal) : 0
    return Self(0.3989422804014327) * exp(-(x * x) * 0.5) * Self(1 - 0.5 * rest)
  }

  /// The standard normal distribution function, accurate in both tails.
  ///
  /// erfc(−x/√2)/2; the rounding error of x/√2, which the steep tail would magnify, is put right
  /// by the first term of the series.
  @inline(__always) static func normalDistribution(_ x: Self) -> Self {
    let half = 0.7071067811865476
    let point = -x.primal * half
    // 1/√2 is half − 4.8336466567264567e-17.
    let rest = (-point).addingProduct(-x.primal, half) + x.primal * 4.8336466567264567e-17
    let correction = rest.isFinite ? Self(1.1283791670955126 * rest) * gauss(-x * Self(half)) : 0
    return 0.5 * (erfc(-x * Self(half)) - correction)
  }
}
