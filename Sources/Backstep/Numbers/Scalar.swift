// The numbers a rule can be read at: plain doubles, and dual numbers for derivatives.

/// A number with the elementary functions: what a rule's code is generic over.
///
/// At `Double` a rule computes values and local derivatives; at ``Dual`` the same code carries a
/// tangent along, which gives forward mode, second derivatives, and a check of every local
/// derivative against the value it belongs to.
protocol Scalar: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, Sendable {
  /// The number itself, without what it carries along: what comparisons look at.
  var primal: Double { get }
  /// Whether it is 0, and nothing that it carries along moves.
  var isNothing: Bool { get }
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
  /// The bell curve exp(−width·x²); the width is a power of two.
  static func bell(_ x: Self, width: Double) -> Self
  /// The distribution function of the standard normal distribution.
  static func normal(_ x: Self) -> Self
  static func atan2(_ y: Self, _ x: Self) -> Self
  static func hypot(_ x: Self, _ y: Self) -> Self
  static func pow(_ x: Self, _ y: Self) -> Self

  /// A value whose slopes along two numbers are given, not computed.
  ///
  /// Edges need it: at a kink, at a tie and at 0·∞ the arithmetic alone has no answer, or another.
  static func edge(
    _ value: Double, _ slopeX: Double, _ x: Self, _ slopeY: Double, _ y: Self
  ) -> Self
}

extension Scalar {
  @inline(__always) init(floatLiteral value: Double) { self.init(value) }
  @inline(__always) init(integerLiteral value: Int) { self.init(Double(value)) }

  /// (1 + e)², rounded less often than a product of sums.
  @inline(__always) static func squareAboveOne(_ e: Self) -> Self { 1 + e * (2 + e) }

  /// A value whose slope along one number is given.
  @inline(__always) static func edge(_ value: Double, slope: Double, _ x: Self) -> Self {
    edge(value, slope, x, 0, x)
  }

  /// Weight times number, where nothing times anything is nothing: 0·∞ is 0.
  ///
  /// Its slope along the weight is still the number, so infinite there.
  @inline(__always) static func weighted(_ weight: Self, _ number: Self) -> Self {
    weight.primal == 0 && number.primal.isInfinite
      ? edge(0, number.primal, weight, 0, number) : weight * number
  }
}
