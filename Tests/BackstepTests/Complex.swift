// Complex numbers, at which every rule can be read: an oracle for derivatives.

@testable import Backstep

/// A complex number with the elementary functions, continued from the real line.
///
/// With a tiny imaginary part h, f(x + ih) = f(x) + ih·f′(x) + O(h²), and unlike a difference
/// quotient the imaginary part cancels no digits. None of these functions knows a derivative; each
/// is written so that an imaginary part far below the real part's last place is not lost.
struct Complex: Scalar {
  var re: Double
  var im: Double
  var primal: Double { re }

  init(_ constant: Double) { self.init(constant, 0) }
  init(_ re: Double, _ im: Double) { (self.re, self.im) = (re, im) }

  var conjugate: Complex { Complex(re, -im) }
  /// The modulus.
  var length: Double { Double.hypot(re, im) }

  static func + (x: Complex, y: Complex) -> Complex { Complex(x.re + y.re, x.im + y.im) }
  static func - (x: Complex, y: Complex) -> Complex { Complex(x.re - y.re, x.im - y.im) }
  static func * (x: Complex, y: Complex) -> Complex {
    Complex(x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re)
  }
  static func / (x: Complex, y: Complex) -> Complex {
    // x·ȳ/|y|², in an order that does not overflow.
    let size = y.length
    let product = Complex(x.re / size, x.im / size) * Complex(y.re / size, -y.im / size)
    return product
  }
  static prefix func - (x: Complex) -> Complex { Complex(-x.re, -x.im) }

  static func exp(_ z: Complex) -> Complex {
    let size = Double.exp(z.re)
    return Complex(size * Double.cos(z.im), size * Double.sin(z.im))
  }
  static func expm1(_ z: Complex) -> Complex {
    let half = Double.sin(z.im / 2)
    return Complex(
      Double.expm1(z.re) * Double.cos(z.im) - 2 * half * half, exp(z).im)
  }
  static func log(_ z: Complex) -> Complex {
    z.re < 0 ? Complex(.nan, .nan) : Complex(Double.log(z.length), Double.atan2(z.im, z.re))
  }
  static func log2(_ z: Complex) -> Complex { log(z) / Complex(Double.log(2)) }
  static func log10(_ z: Complex) -> Complex { log(z) / Complex(Double.log(10)) }
  static func log1p(_ z: Complex) -> Complex {
    Complex(Double.log1p(z.re), Double.atan2(z.im, 1 + z.re))
  }

  static func sqrt(_ z: Complex) -> Complex {
    let size = Double.sqrt(z.length / 2 + abs(z.re) / 2)
    if size == 0 { return z }
    let other = z.im / (2 * size)
    return z.re >= 0 ? Complex(size, other) : Complex(abs(other), z.im < 0 ? -size : size)
  }
  static func cbrt(_ z: Complex) -> Complex {
    if z.re < 0 { return -cbrt(-z) }
    let turn = Double.atan2(z.im, z.re) / 3
    let size = Double.cbrt(z.length)
    return Complex(size * Double.cos(turn), size * Double.sin(turn))
  }
  static func hypot(_ x: Complex, _ y: Complex) -> Complex {
    let scale = Complex(max(abs(x.re), abs(y.re)))
    let (u, v) = (x / scale, y / scale)
    return sqrt(u * u + v * v) * scale
  }
  static func pow(_ x: Complex, _ y: Complex) -> Complex {
    if x.re >= 0 { return exp(y * log(x)) }
    guard y.im == 0, y.re == y.re.rounded() else { return Complex(.nan, .nan) }
    let isOdd = y.re.truncatingRemainder(dividingBy: 2) != 0
    let power = exp(y * log(-x))
    return isOdd ? -power : power
  }

  static func sin(_ z: Complex) -> Complex {
    Complex(Double.sin(z.re) * Double.cosh(z.im), Double.cos(z.re) * Double.sinh(z.im))
  }
  static func cos(_ z: Complex) -> Complex {
    Complex(Double.cos(z.re) * Double.cosh(z.im), -Double.sin(z.re) * Double.sinh(z.im))
  }
  static func tan(_ z: Complex) -> Complex { sin(z) / cos(z) }
  static func sinh(_ z: Complex) -> Complex {
    Complex(Double.sinh(z.re) * Double.cos(z.im), Double.cosh(z.re) * Double.sin(z.im))
  }
  static func cosh(_ z: Complex) -> Complex {
    Complex(Double.cosh(z.re) * Double.cos(z.im), Double.sinh(z.re) * Double.sin(z.im))
  }
  static func tanh(_ z: Complex) -> Complex {
    let below = Double.cosh(2 * z.re) + Double.cos(2 * z.im)
    return Complex(Double.tanh(z.re), Double.sin(2 * z.im) / below)
  }

  // The forms of W. Kahan, "Branch cuts for complex elementary functions" (1987).
  static func asin(_ z: Complex) -> Complex {
    let (below, above) = (sqrt(1 - z), sqrt(1 + z))
    return Complex(
      Double.atan2(z.re, (below * above).re), Double.asinh((below.conjugate * above).im))
  }
  static func acos(_ z: Complex) -> Complex {
    let (below, above) = (sqrt(1 - z), sqrt(1 + z))
    return Complex(
      2 * Double.atan2(below.re, above.re), Double.asinh((above.conjugate * below).im))
  }
  static func acosh(_ z: Complex) -> Complex {
    let (below, above) = (sqrt(z - 1), sqrt(z + 1))
    return Complex(
      Double.asinh((below.conjugate * above).re), 2 * Double.atan2(below.im, above.re))
  }
  static func atan(_ z: Complex) -> Complex {
    let gap = 1 - z.im
    let size = Double.hypot(z.re, gap)
    return Complex(Double.atan(z.re), 0.25 * Double.log1p(4 * z.im / size / size))
  }
  static func asinh(_ z: Complex) -> Complex {
    z.re < 0 ? -asinh(-z) : log(z + hypot(z, 1))
  }
  static func atanh(_ z: Complex) -> Complex { 0.5 * (log1p(z) - log1p(-z)) }
  static func atan2(_ y: Complex, _ x: Complex) -> Complex {
    let angle = Double.atan2(y.re, x.re)
    let turn = abs(x.re) >= abs(y.re) ? atan(y / x) : -atan(x / y)
    return Complex(angle, turn.im)
  }

  static func erf(_ z: Complex) -> Complex { abs(z.re) < 2 ? series(z) : 1 - erfc(z) }
  static func erfc(_ z: Complex) -> Complex {
    if z.re < -2 { return 2 - erfc(-z) }
    if z.re < 2 { return 1 - series(z) }
    // The continued fraction of Laplace, from its far end.
    var fraction = z
    for term in stride(from: 120.0, to: 0, by: -1) { fraction = z + Complex(term / 2) / fraction }
    return exp(-(z * z)) / fraction / Complex(Double.sqrt(.pi))
  }

  /// The power series of erf.
  private static func series(_ z: Complex) -> Complex {
    let square = z * z
    var (power, sum) = (z, z)
    for n in 1...60 {
      power = -power * square / Complex(Double(n))
      sum = sum + power / Complex(Double(2 * n + 1))
    }
    return sum * Complex(2 / Double.sqrt(.pi))
  }
}
