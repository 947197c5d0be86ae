// Powers and roots.

/// A power whose base and exponent both vary.
///
/// **Numbers** The slope along the base is y·out/x rather than y·x^(y − 1): the rounding of y − 1
/// would be magnified by log x, to hundreds of ULP. Where the result over- or underflows, though its
/// slopes need not, its root x^(y/2) takes its place twice. A base of 0 takes the form shown. Edges as
/// in C's `pow`: x^0 is 1 for every x.
enum Power: BinaryRule {
  static let label = "pow"
  static let names = ["pow"]
  static let summary = "x to the power y, like x^y"
  static let family = Family.powers
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x^y"
  static let partialFormulas = ["y*x^(y - 1)", "log(x)*x^y"]
  /// At 0^0 the exponent has no slope, and the base's is 0 times infinity.
  static let stablePartialFormulas = [
    "where((x == 0)*(y == 0), 0, y*x^(y - 1))", "where(x == 0, 0, out*log(x))",
  ]
  static let samples: [[Double]] = [
    [2, 3], [2, -0.5], [0.3, 0.1], [1, 7], [0, 2], [0, 1], [1e200, 0.1], [1e-3, 0],
  ]
  static let notes = """
    x^0 is 1 and its derivative along x is 0, also at x = 0 and where x is NaN. A negative base \
    has a power only for a whole exponent, and a derivative along the exponent never: that is \
    NaN, and it is computed only where the exponent is a formula or an input, not for a number \
    such as the 3 in x^3. At x = 0 the derivative along x is the limit: infinite for 0 < y < 1, \
    1 for y = 1, 0 for y > 1, and the derivative along y is 0 for y >= 0.
    """
  static let seeAlso = ["sqrt", "cbrt", "exp"]
  static let hint = Optional(
    "a negative base has powers with whole exponents only, and 0 none with a negative exponent")

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { T.pow(x, y) }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (slopeAlongBase(x, y, out), slopeAlongExponent(x, y, out))
  }

  static func slopeAlongBase<T: Scalar>(_ x: T, _ y: T, _ out: T) -> T {
    if y.primal == 0 { return T.edge(0, slope: 1 / x.primal, y) }
    guard x.primal != 0, x.primal.isFinite, !out.primal.isNaN else { return y * T.pow(x, y - 1) }
    guard isNormal(out) else {
      let size = x.primal < 0 ? -x : x
      let root = T.pow(size, 0.5 * y)
      // A root that has lost digits is that of a subnormal base, with an exponent from which 1 can be taken
      // exactly.
      let slope =
        isNormal(root) || root.primal.isInfinite
        ? y * (root / size) * root : y * T.pow(size, y - 1)
      return x.primal < 0 && out.primal.sign == .plus ? -slope : slope
    }
    // In one of the two orders nothing overflows or loses digits on the way to a result that does not.
    let (first, last) = (y * out, out / x)
    let startsWithProduct =
      x.primal.magnitude < 1 ? isNormal(first) || !isNormal(last) : !isNormal(last)
    return startsWithProduct ? first / x : y * last
  }

  /// Whether a power has all its digits.
  @inline(__always) private static func isNormal<T: Scalar>(_ out: T) -> Bool {
    out.primal.magnitude >= .leastNormalMagnitude && out.primal.isFinite
  }

  static func slopeAlongExponent<T: Scalar>(_ x: T, _ y: T, _ out: T) -> T {
    if x.primal < 0 { return T(.nan) }
    // 0^y is 0 for every y > 0, so flat along y; 0^0 joins it. For y < 0 there is no limit.
    if x.primal == 0 { return y.primal < 0 ? T(.nan) : 0 }
    guard isNormal(out) || !x.primal.isFinite || out.primal.isNaN else {
      let root = T.pow(x, 0.5 * y)
      return T.weighted(root, T.weighted(root, T.log(x)))
    }
    return T.weighted(out, T.log(x))
  }
}

/// A power whose exponent is a number in the formula, such as `x^2`.
///
/// **Numbers** As for ``Power``. The exponent has no derivative, and none is computed.
enum PowerConstant: BinaryRule {
  static let label = "pow"
  static let names: [String] = []
  static let summary = "power with a number as exponent"
  static let family = Family.powers
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x^y"
  static let partialFormulas = ["y*x^(y - 1)", "0"]
  static let samples: [[Double]] = [
    [3, 2], [-2, 3], [-1.5, -3], [0, 2], [0, 1], [0.7, 0.5], [2, -0.5], [1e150, 2], [5, 0],
  ]
  static let notes = Power.notes
  static let seeAlso = Power.seeAlso
  static let hint = Power.hint

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { T.pow(x, y) }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (Power.slopeAlongBase(x, y, out), 0)
  }

  static func stablePartialFormula(slot: Int, constants: [Double?]) -> String? {
    guard slot == 0, constants.count == 2, let exponent = constants[1], exponent.isFinite else {
      return nil
    }
    return exponent == 0 ? "0" : "\(digits(exponent))*x^(\(digits(exponent - 1)))"
  }

  /// The exponent worked in: `2*x`, `3*x^2`, `-1/x^2`, `0.5*x^(-0.5)`.
  static func partialFormula(slot: Int, constants: [Double?]) -> String? {
    guard slot == 0, constants.count == 2, let exponent = constants[1], exponent.isFinite else {
      return nil
    }
    if exponent == 0 { return "0" }
    if exponent == 1 { return "1" }
    let factor = digits(exponent)
    let reduced = exponent - 1
    if exponent < 0, exponent == exponent.rounded() { return "\(factor)/x^\(digits(-reduced))" }
    if reduced == 1 { return "\(factor)*x" }
    let power = digits(reduced)
    // 2.2 - 1 is 1.2000000000000002: there `y*x^(y - 1)` reads better.
    guard power.utf8.count <= factor.utf8.count + 2 else { return nil }
    return reduced < 0 ? "\(factor)*x^(\(power))" : "\(factor)*x^\(power)"
  }

  /// A number as a user would type it: no `.0` behind a whole one.
  private static func digits(_ number: Double) -> String {
    let text = number.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// The square root.
///
/// **Numbers** Correctly rounded. At 0 the derivative is infinite, its limit from the right.
enum Sqrt: UnaryRule {
  static let label = "sqrt"
  static let names = ["sqrt"]
  static let summary = "square root"
  static let family = Family.powers
  static let operands = [Operand("x", .nonNegative)]
  static let partialFormulas = ["1/(2*out)"]
  static let samples: [[Double]] = [[4], [2], [0.01], [1e-300], [1e300]]
  static let notes = """
    At 0 the derivative is infinite, the limit from the right. So sqrt(x^2) has no derivative at \
    0 (infinity times 0), though abs(x) has. Below 0 value and derivative are NaN.
    """
  static let seeAlso = ["cbrt", "hypot", "abs"]
  static let hint = Optional(
    "sqrt needs a number from 0 up and is steep at 0; abs(x) is sqrt(x^2), hypot(x, y) is "
      + "sqrt(x^2 + y^2)")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.sqrt(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { 0.5 / (out + 0) }
}

/// The cube root, of negative numbers too.
///
/// **Numbers** Within 1 ULP. The derivative is out/x/3, with fewer roundings than in the form shown. At
/// 0 it is infinite.
enum Cbrt: UnaryRule {
  static let label = "cbrt"
  static let names = ["cbrt"]
  static let summary = "cube root, of negative numbers too"
  static let family = Family.powers
  static let operands = [Operand("x")]
  static let partialFormulas = ["1/(3*out^2)"]
  static let samples: [[Double]] = [[8], [-27], [0.1], [-1e-300], [1e300]]
  static let notes = "At 0 the derivative is infinite, the limit from both sides."
  static let seeAlso = ["sqrt", "pow"]
  static let hint = Optional("the cube root has a vertical tangent at 0")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.cbrt(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal == 0 || !x.primal.isFinite ? 1 / (3 * (out * out)) : out / x / 3
  }
}

/// The length of the vector (x, y).
///
/// **Numbers** No square overflows or vanishes on the way; a length that is subnormal has lost digits,
/// so the derivatives come from 2^600 times both. At (0, 0), the tip of a cone, both derivatives are 0,
/// the subgradient of least norm.
enum Hypot: BinaryRule {
  static let label = "hypot"
  static let names = ["hypot"]
  static let summary = "length of the vector (x, y)"
  static let family = Family.powers
  static let operands = [Operand("x"), Operand("y")]
  static let formula = Optional("sqrt(x^2 + y^2)")
  static let partialFormulas = ["x/out", "y/out"]
  static let stablePartialFormulas = ["where(out == 0, 0, x/out)", "where(out == 0, 0, y/out)"]
  static let samples: [[Double]] = [
    [3, 4], [-1, 1e-8], [1e200, -1e200], [1e-200, 2e-200], [0, -2],
  ]
  static let notes = """
    At (0, 0), the tip of a cone, both derivatives are 0: the subgradient of least norm. The \
    squares in the formula are not formed, so nothing overflows at 1e200.
    """
  static let seeAlso = ["sqrt", "abs", "norm"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { T.hypot(x, y) }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    if out.primal == 0 { return (0, 0) }
    guard out.primal < .leastNormalMagnitude else { return (x / out, y / out) }
    let length = T.hypot(0x1p600 * x, 0x1p600 * y)
    return (0x1p600 * x / length, 0x1p600 * y / length)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { x == 0 && y == 0 ? .kink : nil }
}
