// Numbers in formulas: exact fractions as long as they are small, doubles beyond.

/// A number in a formula.
///
/// Whole numbers, decimals such as 0.1 and what sums and products make of them are kept as fractions
/// of whole numbers in lowest terms, so that 0.1 + 0.2 is 0.3 and 2/3 stays 2/3. A number that needs
/// more than 53 bits above or below the line is a double.
struct Coefficient: Hashable, Sendable {
  /// What stands above the line; for a double the number itself.
  private(set) var top: Double
  /// What stands below the line, a whole number from 1 on; 1 for a double.
  private(set) var bottom: Double

  static let zero = Coefficient(whole: 0)
  static let one = Coefficient(whole: 1)
  static let half = Coefficient(1).divided(by: 2)

  private static let limit = 9_007_199_254_740_992.0

  private init(whole: Double) { (top, bottom) = (whole, 1) }

  private init(double: Double) { (top, bottom) = (double, 1) }

  /// The fraction a decimal stands for, or the double where it has too many digits.
  init(_ number: Double) {
    self.init(double: number == 0 ? 0 : number)
    guard !isFraction else { return }
    var scale = 1.0
    for _ in 0..<15 {
      scale *= 10
      let scaled = (number * scale).rounded()
      guard scaled.magnitude < Self.limit else { return }
      if scaled / scale == number, scaled != 0 {
        self = Self.fraction(scaled, scale) ?? self
        return
      }
    }
  }

  init(_ number: Int) { self.init(Double(number)) }

  /// Whether it is a fraction of whole numbers, and so exact.
  var isFraction: Bool { top.rounded() == top && top.magnitude <= Self.limit }
  /// Whether it is a whole number.
  var isWhole: Bool { bottom == 1 && isFraction }
  /// The number.
  var value: Double { top / bottom }
  var isZero: Bool { top == 0 }
  var isNegative: Bool { top < 0 }
  var isOne: Bool { top == 1 && bottom == 1 }
  var magnitude: Coefficient { isNegative ? -self : self }
  /// The number, where it is whole and fits.
  var integer: Int? { isWhole ? Int(exactly: top) : nil }

  /// A fraction in lowest terms; nil where a part is too large.
  private static func fraction(_ top: Double, _ bottom: Double) -> Coefficient? {
    guard top.magnitude <= limit, bottom.magnitude <= limit, bottom != 0 else { return nil }
    if top == 0 { return .zero }
    let divisor = greatestDivisor(top.magnitude, bottom.magnitude) * (bottom < 0 ? -1 : 1)
    var result = Coefficient(whole: top / divisor)
    result.bottom = bottom / divisor
    return result
  }

  /// The greatest common divisor of whole numbers up to 2^53.
  static func greatestDivisor(_ one: Double, _ other: Double) -> Double {
    var (one, other) = (one, other)
    while other != 0 { (one, other) = (other, one.truncatingRemainder(dividingBy: other)) }
    return one
  }

  static prefix func - (number: Coefficient) -> Coefficient {
    var result = number
    result.top = number.top == 0 ? 0 : -number.top
    return result
  }

  static func + (one: Coefficient, other: Coefficient) -> Coefficient {
    if one.isFraction, other.isFraction {
      let divisor = greatestDivisor(one.bottom, other.bottom)
      let (left, right) = (other.bottom / divisor, one.bottom / divisor)
      let (above, beside) = (one.top * left, other.top * right)
      if above.magnitude <= limit, beside.magnitude <= limit,
        let sum = fraction(above + beside, one.bottom * left)
      {
        return sum
      }
    }
    return Coefficient(double: one.value + other.value)
  }

  static func * (one: Coefficient, other: Coefficient) -> Coefficient {
    if one.isFraction, other.isFraction {
      // Crosswise first, so that the parts stay small.
      let down = max(1, greatestDivisor(one.top.magnitude, other.bottom))
      let up = max(1, greatestDivisor(other.top.magnitude, one.bottom))
      if let product = fraction(
        (one.top / down) * (other.top / up), (one.bottom / up) * (other.bottom / down))
      {
        return product
      }
    }
    return Coefficient(double: one.value * other.value)
  }

  /// The quotient; the divisor must not be 0.
  func divided(by other: Coefficient) -> Coefficient {
    if isFraction, other.isFraction,
      let inverse = Self.fraction(other.bottom, other.top)
    {
      return self * inverse
    }
    return Coefficient(double: value / other.value)
  }

  func divided(by count: Int) -> Coefficient { divided(by: Coefficient(count)) }

  /// A power with a whole exponent; nil where it is 1/0, overflows, or vanishes.
  func power(_ exponent: Int) -> Coefficient? {
    guard !(isZero && exponent < 0), exponent.magnitude <= 1024 else { return nil }
    var result = Coefficient.one
    var base = self
    var rest = exponent.magnitude
    while rest > 0 {
      if rest & 1 == 1 { result = result * base }
      rest >>= 1
      if rest > 0 { base = base * base }
    }
    guard result.value.isFinite, isZero || !result.isZero else { return nil }
    return exponent < 0 ? Coefficient.one.divided(by: result) : result
  }

  static func < (one: Coefficient, other: Coefficient) -> Bool { one.value < other.value }
}
