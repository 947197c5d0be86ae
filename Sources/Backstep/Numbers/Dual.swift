// A number and its derivative along one direction.

/// A dual number: a value and its tangent, the derivative along one chosen direction.
///
/// **Source** Griewank and Walther, *Evaluating Derivatives*, 2nd ed., chapter 3.
struct Dual: Scalar, Equatable {
  var primal: Double
  var tangent: Double

  @inline(__always) init(_ constant: Double) {
    primal = constant
    tangent = 0
  }

  @inline(__always) init(_ primal: Double, tangent: Double) {
    self.primal = primal
    self.tangent = tangent
  }

  /// The value of a function and its derivative times the tangent.
  ///
  /// A zero tangent stays zero where the derivative is infinite: nothing moves along it.
  @inline(__always) private func chain(_ value: Double, _ derivative: Double) -> Dual {
    Dual(value, tangent: tangent == 0 ? 0 : derivative * tangent)
  }

  @inline(__always) static func + (x: Dual, y: Dual) -> Dual {
    Dual(x.primal + y.primal, tangent: x.tangent + y.tangent)
  }
  @inline(__always) static func - (x: Dual, y: Dual) -> Dual {
    Dual(x.primal - y.primal, tangent: x.tangent - y.tangent)
  }
  @inline(__always) static func * (x: Dual, y: Dual) -> Dual {
    Dual(x.primal * y.primal, tangent: x.tangent * y.primal + x.primal * y.tangent)
  }
  @inline(__always) static func / (x: Dual, y: Dual) -> Dual {
    let quotient = x.primal / y.primal
    return Dual(quotient, tangent: (x.tangent - quotient * y.tangent) / y.primal)
  }
  @inline(__always) static prefix func - (x: Dual) -> Dual { Dual(-x.primal, tangent: -x.tangent) }

  static func sqrt(_ x: Dual) -> Dual {
    let root = Double.sqrt(x.primal)
    return x.chain(root, 0.5 / root)
  }
  static func cbrt(_ x: Dual) -> Dual {
    let root = Double.cbrt(x.primal)
    return x.chain(root, 1 / (3 * root * root))
  }
  static func exp(_ x: Dual) -> Dual {
    let power = Double.exp(x.primal)
    return x.chain(power, power)
  }
  static func expm1(_ x: Dual) -> Dual { x.chain(Double.expm1(x.primal), Double.exp(x.primal)) }
  static func log(_ x: Dual) -> Dual { x.chain(Double.log(x.primal), 1 / x.primal) }
  static func log2(_ x: Dual) -> Dual {
    x.chain(Double.log2(x.primal), 1 / (x.primal * Double.log(2)))
  }
  static func log10(_ x: Dual) -> Dual {
    x.chain(Double.log10(x.primal), 1 / (x.primal * Double.log(10)))
  }
  static func log1p(_ x: Dual) -> Dual { x.chain(Double.log1p(x.primal), 1 / (1 + x.primal)) }
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
    x.chain(Double.atan(x.primal), 1 / (1 + x.primal * x.primal))
  }
  static func sinh(_ x: Dual) -> Dual { x.chain(Double.sinh(x.primal), Double.cosh(x.primal)) }
  static func cosh(_ x: Dual) -> Dual { x.chain(Double.cosh(x.primal), Double.sinh(x.primal)) }
  static func tanh(_ x: Dual) -> Dual {
    let e = Double.exp(-2 * abs(x.primal))
    return x.chain(Double.tanh(x.primal), 4 * e / ((1 + e) * (1 + e)))
  }
  static func asinh(_ x: Dual) -> Dual {
    x.chain(Double.asinh(x.primal), 1 / Double.hypot(x.primal, 1))
  }
  static func acosh(_ x: Dual) -> Dual {
    x.chain(Double.acosh(x.primal), 1 / (Double.sqrt(x.primal - 1) * Double.sqrt(x.primal + 1)))
  }
  static func atanh(_ x: Dual) -> Dual {
    x.chain(Double.atanh(x.primal), 1 / ((1 - x.primal) * (1 + x.primal)))
  }
  static func erf(_ x: Dual) -> Dual {
    x.chain(Double.erf(x.primal), 1.1283791670955126 * Double.gauss(x.primal))
  }
  static func erfc(_ x: Dual) -> Dual {
    x.chain(Double.erfc(x.primal), -1.1283791670955126 * Double.gauss(x.primal))
  }
  static func atan2(_ y: Dual, _ x: Dual) -> Dual {
    let length = Double.hypot(x.primal, y.primal)
    return Dual(
      Double.atan2(y.primal, x.primal),
      tangent: (x.primal / length * y.tangent - y.primal / length * x.tangent) / length)
  }
  static func hypot(_ x: Dual, _ y: Dual) -> Dual {
    let length = Double.hypot(x.primal, y.primal)
    if length == 0 { return Dual(0) }
    return Dual(
      length, tangent: x.primal / length * x.tangent + y.primal / length * y.tangent)
  }
  static func pow(_ x: Dual, _ y: Dual) -> Dual {
    let power = Double.pow(x.primal, y.primal)
    var tangent = 0.0
    if x.tangent != 0 { tangent += powerBasePartial(x.primal, y.primal, power) * x.tangent }
    if y.tangent != 0 { tangent += powerExponentPartial(x.primal, y.primal, power) * y.tangent }
    return Dual(power, tangent: tangent)
  }
}
