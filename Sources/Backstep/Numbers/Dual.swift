// A number and its derivative along one direction.

/// A dual number: a value and its tangent, the derivative along one chosen direction.
///
/// A zero tangent stays zero where a derivative is infinite or not a number: nothing moves along
/// it. So a constant beside an infinite number, or on the far side of a branch, adds nothing.
///
/// **Numbers** Each function's slope is written out here once more, apart from the rules, so that
/// the tangent of a rule's value is a check of the rule's local derivative and not a copy of it.
///
/// **Source** Griewank and Walther, *Evaluating Derivatives*, 2nd ed., chapter 3.
struct Dual: Scalar, Equatable {
  var primal: Double
  var tangent: Double
  @inline(__always) var isNothing: Bool { primal == 0 && tangent == 0 }

  @inline(__always) init(_ constant: Double) {
    primal = constant
    // What has no value has no derivative either.
    tangent = constant.isNaN ? .nan : 0
  }

  @inline(__always) init(_ primal: Double, tangent: Double) {
    self.primal = primal
    self.tangent = tangent
  }

  /// How far the value moves for a slope and what moves along it.
  @inline(__always) private static func moved(_ slope: Double, _ tangent: Double) -> Double {
    tangent == 0 ? 0 : slope * tangent
  }

  /// The value of a function, moved along its slope.
  @inline(__always) private func chain(_ value: Double, _ slope: Double) -> Dual {
    Dual(value, tangent: Dual.moved(slope, tangent))
  }

  @inline(__always) static func edge(
    _ value: Double, _ slopeX: Double, _ x: Dual, _ slopeY: Double, _ y: Dual
  ) -> Dual {
    // A slope that is exactly 0 belongs to an operand that is not looked at.
    let first = slopeX == 0 ? 0 : moved(slopeX, x.tangent)
    let second = slopeY == 0 ? 0 : moved(slopeY, y.tangent)
    return Dual(value, tangent: first + second)
  }

  // MARK: Arithmetic

  @inline(__always) static func + (x: Dual, y: Dual) -> Dual {
    Dual(x.primal + y.primal, tangent: x.tangent + y.tangent)
  }
  @inline(__always) static func - (x: Dual, y: Dual) -> Dual {
    Dual(x.primal - y.primal, tangent: x.tangent - y.tangent)
  }
  @inline(__always) static func * (x: Dual, y: Dual) -> Dual {
    Dual(x.primal * y.primal, tangent: moved(y.primal, x.tangent) + moved(x.primal, y.tangent))
  }
  @inline(__always) static func / (x: Dual, y: Dual) -> Dual {
    let quotient = x.primal / y.primal
    let numerator = x.tangent - moved(quotient, y.tangent)
    return Dual(quotient, tangent: numerator == 0 ? 0 : numerator / y.primal)
  }
  @inline(__always) static prefix func - (x: Dual) -> Dual { Dual(-x.primal, tangent: -x.tangent) }

  // MARK: Powers, exponentials, logarithms

  // Adding 0 turns -0 to 0: at the end of the domain the slope is the limit from inside.

  static func sqrt(_ x: Dual) -> Dual {
    let root = Double.sqrt(x.primal)
    return x.chain(root, 0.5 / (root + 0))
  }
  static func cbrt(_ x: Dual) -> Dual {
    let root = Double.cbrt(x.primal)
    return x.chain(root, 1 / (3 * (root * root)))
  }
  static func exp(_ x: Dual) -> Dual {
    let power = Double.exp(x.primal)
    return x.chain(power, power)
  }
  static func expm1(_ x: Dual) -> Dual { x.chain(Double.expm1(x.primal), Double.exp(x.primal)) }
  static func log(_ x: Dual) -> Dual { x.chain(Double.log(x.primal), logSlope(1, x.primal)) }
  static func log2(_ x: Dual) -> Dual {
    x.chain(Double.log2(x.primal), logSlope(Double.oneOverLog2, x.primal))
  }
  static func log10(_ x: Dual) -> Dual {
    x.chain(Double.log10(x.primal), logSlope(Double.oneOverLog10, x.primal))
  }
  static func log1p(_ x: Dual) -> Dual {
    x.chain(Double.log1p(x.primal), logSlope(1, 1 + x.primal))
  }
  /// The slope of a logarithm; not a number left of 0, where there is no logarithm.
  private static func logSlope(_ unit: Double, _ x: Double) -> Double {
    x < 0 ? .nan : unit / (x + 0)
  }
  /// The slopes are the rule's own: a power has too many edges to be told twice.
  static func pow(_ x: Dual, _ y: Dual) -> Dual {
    let power = Double.pow(x.primal, y.primal)
    let slopeX = x.tangent == 0 ? 0 : Power.slopeAlongBase(x.primal, y.primal, power)
    let slopeY = y.tangent == 0 ? 0 : Power.slopeAlongExponent(x.primal, y.primal, power)
    return edge(power, slopeX, x, slopeY, y)
  }
  static func hypot(_ x: Dual, _ y: Dual) -> Dual {
    let length = Double.hypot(x.primal, y.primal)
    if length == 0 { return Dual(0) }
    return Dual(
      length,
      tangent: moved(x.primal / length, x.tangent) + moved(y.primal / length, y.tangent))
  }

  // MARK: Circular and hyperbolic functions

  static func sin(_ x: Dual) -> Dual { x.chain(Double.sin(x.primal), Double.cos(x.primal)) }
  static func cos(_ x: Dual) -> Dual { x.chain(Double.cos(x.primal), -Double.sin(x.primal)) }
  static func tan(_ x: Dual) -> Dual {
    let cosine = Double.cos(x.primal)
    return x.chain(Double.tan(x.primal), 1 / (cosine * cosine))
  }
  static func asin(_ x: Dual) -> Dual {
    x.chain(Double.asin(x.primal), 1 / Double.sqrt((1 - x.primal) * (1 + x.primal)))
  }
  static func acos(_ x: Dual) -> Dual {
    x.chain(Double.acos(x.primal), -1 / Double.sqrt((1 - x.primal) * (1 + x.primal)))
  }
  static func atan(_ x: Dual) -> Dual {
    // The hypotenuse has no overflow where the square has one.
    let length = Double.hypot(x.primal, 1)
    return x.chain(Double.atan(x.primal), 1 / length / length)
  }
  static func atan2(_ y: Dual, _ x: Dual) -> Dual {
    let length = Double.hypot(x.primal, y.primal)
    return Dual(
      Double.atan2(y.primal, x.primal),
      tangent: moved(x.primal / length / length, y.tangent)
        - moved(y.primal / length / length, x.tangent))
  }
  static func sinh(_ x: Dual) -> Dual { x.chain(Double.sinh(x.primal), Double.cosh(x.primal)) }
  static func cosh(_ x: Dual) -> Dual { x.chain(Double.cosh(x.primal), Double.sinh(x.primal)) }
  static func tanh(_ x: Dual) -> Dual {
    let e = Double.exp(-2 * abs(x.primal))
    return x.chain(Double.tanh(x.primal), 4 * e / Double.squareAboveOne(e))
  }
  static func asinh(_ x: Dual) -> Dual {
    x.chain(Double.asinh(x.primal), 1 / Double.hypot(x.primal, 1))
  }
  static func acosh(_ x: Dual) -> Dual {
    x.chain(Double.acosh(x.primal), 1 / (Double.sqrt(x.primal - 1) * Double.sqrt(x.primal + 1)))
  }
  static func atanh(_ x: Dual) -> Dual {
    let slope = 1 / ((1 - x.primal) * (1 + x.primal))
    return x.chain(Double.atanh(x.primal), slope < 0 ? .nan : slope)
  }

  // MARK: The normal distribution

  static func erf(_ x: Dual) -> Dual {
    x.chain(Double.erf(x.primal), Double.twoOverSqrtPi * Double.bell(x.primal, width: 1))
  }
  static func erfc(_ x: Dual) -> Dual {
    x.chain(Double.erfc(x.primal), -Double.twoOverSqrtPi * Double.bell(x.primal, width: 1))
  }
  static func bell(_ x: Dual, width: Double) -> Dual {
    let height = Double.bell(x.primal, width: width)
    return x.chain(height, height == 0 ? 0 : -2 * width * x.primal * height)
  }
  static func normal(_ x: Dual) -> Dual {
    x.chain(
      Double.normal(x.primal), Double.oneOverSqrtTwoPi * Double.bell(x.primal, width: 0.5))
  }
}
