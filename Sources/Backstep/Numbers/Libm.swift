// The C library's elementary functions at Double; the only import of it for mathematics.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// **Numbers** Where glibc does the work, `exp log sin cos atan pow sqrt` are within 0.54 ULP,
/// `log1p` within 0.77, `erf` 0.83, `tanh` 1.9 and `erfc` 2.4.
extension Double: Scalar {
  @inline(__always) var primal: Double { self }
  @inline(__always) var isNothing: Bool { self == 0 }
  @inline(__always) static func sqrt(_ x: Double) -> Double { x.squareRoot() }
  /// The C library's root is off by up to 2.6 ULP; one step of Newton's method makes it 0.9.
  @inline(__always) static func cbrt(_ x: Double) -> Double {
    let root = cCbrt(x)
    return root == 0 || !root.isFinite ? root : root + (x / (root * root) - root) / 3
  }
  @inline(__always) static func exp(_ x: Double) -> Double { cExp(x) }
  @inline(__always) static func expm1(_ x: Double) -> Double { cExpm1(x) }
  @inline(__always) static func log(_ x: Double) -> Double { cLog(x) }
  @inline(__always) static func log2(_ x: Double) -> Double { cLog2(x) }
  @inline(__always) static func log10(_ x: Double) -> Double { cLog10(x) }
  @inline(__always) static func log1p(_ x: Double) -> Double { cLog1p(x) }
  @inline(__always) static func sin(_ x: Double) -> Double { cSin(x) }
  @inline(__always) static func cos(_ x: Double) -> Double { cCos(x) }
  @inline(__always) static func tan(_ x: Double) -> Double { cTan(x) }
  @inline(__always) static func asin(_ x: Double) -> Double { cAsin(x) }
  @inline(__always) static func acos(_ x: Double) -> Double { cAcos(x) }
  @inline(__always) static func atan(_ x: Double) -> Double { cAtan(x) }
  @inline(__always) static func sinh(_ x: Double) -> Double { cSinh(x) }
  @inline(__always) static func cosh(_ x: Double) -> Double { cCosh(x) }
  @inline(__always) static func tanh(_ x: Double) -> Double { cTanh(x) }
  @inline(__always) static func asinh(_ x: Double) -> Double { cAsinh(x) }
  @inline(__always) static func acosh(_ x: Double) -> Double { cAcosh(x) }
  @inline(__always) static func atanh(_ x: Double) -> Double { cAtanh(x) }
  @inline(__always) static func erf(_ x: Double) -> Double { cErf(x) }
  @inline(__always) static func erfc(_ x: Double) -> Double { cErfc(x) }
  @inline(__always) static func atan2(_ y: Double, _ x: Double) -> Double { cAtan2(y, x) }
  @inline(__always) static func hypot(_ x: Double, _ y: Double) -> Double { cHypot(x, y) }
  @inline(__always) static func pow(_ x: Double, _ y: Double) -> Double { cPow(x, y) }
  @inline(__always) static func edge(
    _ value: Double, _ slopeX: Double, _ x: Double, _ slopeY: Double, _ y: Double
  ) -> Double {
    value
  }
}

// MARK: The normal distribution, which the C library has only through erf

extension Double {
  /// The rounding error of x² would be an error of exp(−x²) hundreds of times as large, so the
  /// part of the square that is rounded away comes in again as a factor 1 − width·rest.
  static func bell(_ x: Double, width: Double) -> Double {
    let square = x * x
    let power = cExp(-width * square)
    // Also keeps an infinite square from meeting its own rest.
    if power == 0 { return 0 }
    let rest = (-square).addingProduct(x, x)
    return power - power * (width * rest)
  }

  /// As erfc(−x/√2)/2; what the quotient's rounding takes away is put back to first order, for
  /// in the left tail erfc magnifies it by x².
  static func normal(_ x: Double) -> Double {
    let reciprocal = 0.7071067811865476  // 1/√2
    let reciprocalRest = -4.833646656726457e-17  // 1/√2 − reciprocal
    let scaled = -x * reciprocal
    let half = 0.5 * cErfc(scaled)
    guard scaled > 1, half > 0 else { return half }
    let rest = (-scaled).addingProduct(-x, reciprocal) - x * reciprocalRest
    return half - rest * oneOverSqrtPi * cExp(-scaled * scaled)
  }

  /// The constant 1/√π.
  static let oneOverSqrtPi = 0.5641895835477563
  /// The constant 2/√π.
  static let twoOverSqrtPi = 1.1283791670955126
  /// The constant 1/√(2π).
  static let oneOverSqrtTwoPi = 0.3989422804014327
  /// The constant 1/log(2).
  static let oneOverLog2 = 1.4426950408889634
  /// The constant 1/log(10).
  static let oneOverLog10 = 0.4342944819032518
}

// MARK: Inside the extension `exp` means the member, so the C function needs a second name.

@inline(__always) private func cCbrt(_ x: Double) -> Double { cbrt(x) }
@inline(__always) private func cExp(_ x: Double) -> Double { exp(x) }
@inline(__always) private func cExpm1(_ x: Double) -> Double { expm1(x) }
@inline(__always) private func cLog(_ x: Double) -> Double { log(x) }
@inline(__always) private func cLog2(_ x: Double) -> Double { log2(x) }
@inline(__always) private func cLog10(_ x: Double) -> Double { log10(x) }
@inline(__always) private func cLog1p(_ x: Double) -> Double { log1p(x) }
@inline(__always) private func cSin(_ x: Double) -> Double { sin(x) }
@inline(__always) private func cCos(_ x: Double) -> Double { cos(x) }
@inline(__always) private func cTan(_ x: Double) -> Double { tan(x) }
@inline(__always) private func cAsin(_ x: Double) -> Double { asin(x) }
@inline(__always) private func cAcos(_ x: Double) -> Double { acos(x) }
@inline(__always) private func cAtan(_ x: Double) -> Double { atan(x) }
@inline(__always) private func cSinh(_ x: Double) -> Double { sinh(x) }
@inline(__always) private func cCosh(_ x: Double) -> Double { cosh(x) }
@inline(__always) private func cTanh(_ x: Double) -> Double { tanh(x) }
@inline(__always) private func cAsinh(_ x: Double) -> Double { asinh(x) }
@inline(__always) private func cAcosh(_ x: Double) -> Double { acosh(x) }
@inline(__always) private func cAtanh(_ x: Double) -> Double { atanh(x) }
@inline(__always) private func cErf(_ x: Double) -> Double { erf(x) }
@inline(__always) private func cErfc(_ x: Double) -> Double { erfc(x) }
@inline(__always) private func cAtan2(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
@inline(__always) private func cHypot(_ x: Double, _ y: Double) -> Double { hypot(x, y) }
@inline(__always) private func cPow(_ x: Double, _ y: Double) -> Double { pow(x, y) }
