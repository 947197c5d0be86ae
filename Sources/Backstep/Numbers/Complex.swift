// Complex numbers for the complex step: a derivative without a difference.

/// A complex number whose imaginary part is tiny: what a rule's code makes of x + i·h.
///
/// For an analytic function f the imaginary part of f(x + i·h) is h·f′(x), up to h³: with h far below
/// the last digit of x the derivative comes out to rounding, for nothing is subtracted.
///
/// The real part is at every step the number that the function itself has: what h² would add lies far below its
/// last digit, and so conditions are decided as they are without a step.
///
/// Where a function here is not analytic, or its slope would have to be told instead of computed, the
/// imaginary part is NaN: the complex step then has nothing to say.
///
/// **Source** W. Squire and G. Trapp, *Using complex variables to estimate derivatives of real
/// functions*, SIAM Review 40 (1998); J. Martins, P. Sturdza and J. Alonso, *The complex-step derivative
/// approximation*, ACM TOMS 29 (2003).
struct Complex: Scalar {
  var real: Double
  var imaginary: Double

  @inline(__always) init(_ constant: Double) {
    real = constant
    imaginary = 0
  }

  @inline(__always) init(_ real: Double, _ imaginary: Double) {
    self.real = real
    self.imaginary = imaginary
  }

  var primal: Double { real }
  var isNothing: Bool { real == 0 && imaginary == 0 }

  static func + (x: Complex, y: Complex) -> Complex {
    Complex(x.real + y.real, x.imaginary + y.imaginary)
  }
  static func - (x: Complex, y: Complex) -> Complex {
    Complex(x.real - y.real, x.imaginary - y.imaginary)
  }
  static func * (x: Complex, y: Complex) -> Complex {
    // What does not move adds no 0·∞.
    if x.imaginary == 0 { return Complex(x.real * y.real, scaled(x.real, y.imaginary)) }
    if y.imaginary == 0 { return Complex(x.real * y.real, scaled(y.real, x.imaginary)) }
    return Complex(x.real * y.real, x.real * y.imaginary + x.imaginary * y.real)
  }
  static func / (x: Complex, y: Complex) -> Complex {
    if y.imaginary == 0 {
      return Complex(x.real / y.real, x.imaginary == 0 ? 0 : x.imaginary / y.real)
    }
    // Smith's way: the quotient of the parts is small where the imaginary part is.
    let ratio = y.imaginary / y.real
    let size = y.real + y.imaginary * ratio
    return Complex(x.real / y.real, (x.imaginary - x.real * ratio) / size)
  }
  static prefix func - (x: Complex) -> Complex { Complex(-x.real, -x.imaginary) }

  private static func scaled(_ factor: Double, _ imaginary: Double) -> Double {
    imaginary == 0 ? 0 : factor * imaginary
  }

  /// The value of a function that the complex step does not follow.
  private static func real(_ value: Double, _ operands: Complex...) -> Complex {
    Complex(value, operands.allSatisfy { $0.imaginary == 0 } ? 0 : .nan)
  }

  // MARK: Analytic functions

  static func exp(_ x: Complex) -> Complex {
    let size = Double.exp(x.real)
    return Complex(size, scaled(size, Double.sin(x.imaginary)))
  }
  static func expm1(_ x: Complex) -> Complex {
    Complex(Double.expm1(x.real), scaled(Double.exp(x.real), Double.sin(x.imaginary)))
  }
  static func log(_ x: Complex) -> Complex {
    if x.imaginary == 0 { return Complex(Double.log(x.real)) }
    guard x.real > 0 else { return real(Double.log(x.real), x) }
    return Complex(Double.log(x.real), Double.atan2(x.imaginary, x.real))
  }
  static func log2(_ x: Complex) -> Complex {
    let log = log(x)
    return Complex(Double.log2(x.real), log.imaginary * Double.oneOverLog2)
  }
  static func log10(_ x: Complex) -> Complex {
    let log = log(x)
    return Complex(Double.log10(x.real), log.imaginary * Double.oneOverLog10)
  }
  static func log1p(_ x: Complex) -> Complex {
    if x.imaginary == 0 { return Complex(Double.log1p(x.real)) }
    guard x.real > -1 else { return real(Double.log1p(x.real), x) }
    return Complex(Double.log1p(x.real), Double.atan2(x.imaginary, 1 + x.real))
  }
  static func sqrt(_ x: Complex) -> Complex {
    if x.imaginary == 0 { return Complex(Double.sqrt(x.real)) }
    guard x.real > 0 else { return real(Double.sqrt(x.real), x) }
    let root = Double.sqrt(x.real)
    return Complex(root, x.imaginary / (2 * root))
  }
  static func sin(_ x: Complex) -> Complex {
    Complex(Double.sin(x.real), scaled(Double.cos(x.real), Double.sinh(x.imaginary)))
  }
  static func cos(_ x: Complex) -> Complex {
    Complex(Double.cos(x.real), -scaled(Double.sin(x.real), Double.sinh(x.imaginary)))
  }
  static func tan(_ x: Complex) -> Complex {
    let (cosine, rise) = (Double.cos(x.real), Double.sinh(x.imaginary))
    return Complex(
      Double.tan(x.real),
      rise * Double.cosh(x.imaginary) / (cosine * cosine + rise * rise))
  }
  static func sinh(_ x: Complex) -> Complex {
    Complex(Double.sinh(x.real), scaled(Double.cosh(x.real), Double.sin(x.imaginary)))
  }
  static func cosh(_ x: Complex) -> Complex {
    Complex(Double.cosh(x.real), scaled(Double.sinh(x.real), Double.sin(x.imaginary)))
  }
  static func tanh(_ x: Complex) -> Complex {
    // Through e^(−2|x|), which neither overflows nor cancels.
    let isNegative = x.real < 0
    let e = exp(-2 * (isNegative ? -x : x))
    let result = (1 - e) / (1 + e)
    return Complex(Double.tanh(x.real), isNegative ? -result.imaginary : result.imaginary)
  }
  static func atan(_ x: Complex) -> Complex {
    if x.imaginary == 0 { return Complex(Double.atan(x.real)) }
    let size = 1 + x.real * x.real + x.imaginary * x.imaginary
    return Complex(Double.atan(x.real), 0.5 * Double.atanh(2 * x.imaginary / size))
  }
  static func pow(_ x: Complex, _ y: Complex) -> Complex {
    let value = Double.pow(x.real, y.real)
    if x.imaginary == 0, y.imaginary == 0 { return Complex(value) }
    if y.imaginary == 0, let exponent = Int(exactly: y.real), (-1024...1024).contains(exponent) {
      return Complex(value, power(x, exponent).imaginary)
    }
    guard x.real > 0 else { return real(value, x, y) }
    return Complex(value, exp(y * log(x)).imaginary)
  }
  /// A whole power by repeated squaring.
  private static func power(_ x: Complex, _ exponent: Int) -> Complex {
    var (result, square, rest) = (Complex(1), x, abs(exponent))
    while rest > 0 {
      if rest & 1 == 1 { result = result * square }
      square = square * square
      rest >>= 1
    }
    return exponent < 0 ? 1 / result : result
  }

  // MARK: Functions it does not follow

  static func cbrt(_ x: Complex) -> Complex { real(Double.cbrt(x.real), x) }
  static func asin(_ x: Complex) -> Complex { real(Double.asin(x.real), x) }
  static func acos(_ x: Complex) -> Complex { real(Double.acos(x.real), x) }
  static func asinh(_ x: Complex) -> Complex { real(Double.asinh(x.real), x) }
  static func acosh(_ x: Complex) -> Complex { real(Double.acosh(x.real), x) }
  static func atanh(_ x: Complex) -> Complex { real(Double.atanh(x.real), x) }
  static func erf(_ x: Complex) -> Complex { real(Double.erf(x.real), x) }
  static func erfc(_ x: Complex) -> Complex { real(Double.erfc(x.real), x) }
  static func normal(_ x: Complex) -> Complex { real(Double.normal(x.real), x) }
  static func bell(_ x: Complex, width: Double) -> Complex {
    real(Double.bell(x.real, width: width), x)
  }
  static func atan2(_ y: Complex, _ x: Complex) -> Complex {
    real(Double.atan2(y.real, x.real), y, x)
  }
  static func hypot(_ x: Complex, _ y: Complex) -> Complex {
    real(Double.hypot(x.real, y.real), x, y)
  }
  static func edge(
    _ value: Double, _ slopeX: Double, _ x: Complex, _ slopeY: Double, _ y: Complex
  ) -> Complex {
    real(value, x, y)
  }
}
