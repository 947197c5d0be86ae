// Functions that pick one of their operands.

/// NaN for an operand that is NaN, 0 for another: the slopes where the value is NaN.
@inline(__always) private func blame<T: Scalar>(_ x: T) -> T { x.primal.isNaN ? T(.nan) : 0 }

/// The smaller of two numbers.
///
/// **Numbers** Operands that are equal get half the derivative each. NaN goes through whichever
/// side it is on, unlike with Swift's own `min`.
enum Minimum: BinaryRule {
  static let label = "min"
  static let names = ["min"]
  static let summary = "the smaller of two numbers"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let partialFormulas = [
    "where(x < y, 1, where(x == y, 0.5, 0))", "where(y < x, 1, where(x == y, 0.5, 0))",
  ]
  static let samples = Maximum.samples
  static let notes = Maximum.notes
  static let seeAlso = ["max", "clamp"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { -Maximum.value(-x, -y) }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    Maximum.partials(-x, -y, out)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { x == y ? .tieSplit : nil }
}

/// The larger of two numbers.
///
/// **Numbers** Operands that are equal get half the derivative each. NaN goes through whichever
/// side it is on, unlike with Swift's own `max`.
enum Maximum: BinaryRule {
  static let label = "max"
  static let names = ["max"]
  static let summary = "the larger of two numbers"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let partialFormulas = [
    "where(x > y, 1, where(x == y, 0.5, 0))", "where(y > x, 1, where(x == y, 0.5, 0))",
  ]
  static let samples: [[Double]] = [[0.5, -0.3], [-1, 2], [2, 2], [1e300, -1e300]]
  static let notes = """
    Where both are equal each gets half of the derivative. If one is NaN the result is NaN, and \
    so is the derivative along that operand. With one operand, as in max(A) or max(A, axis=1), it \
    goes over the entries; those that are equal share the derivative.
    """
  static let seeAlso = ["min", "clamp", "relu"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    if x.primal > y.primal { return x }
    if y.primal > x.primal { return y }
    if x.primal == y.primal {
      // Of 0 and -0 the larger is 0: their sum.
      let value = x.primal == 0 ? x.primal + y.primal : x.primal
      return T.edge(value, 0.5, x, 0.5, y)
    }
    return T.edge(.nan, blame(x.primal), x, blame(y.primal), y)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    if x.primal > y.primal { return (1, 0) }
    if y.primal > x.primal { return (0, 1) }
    return x.primal == y.primal ? (0.5, 0.5) : (blame(x), blame(y))
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { x == y ? .tieSplit : nil }
}

/// A number kept between two bounds.
///
/// **Numbers** The bounds belong to the inside: there the derivative is 1, so that a weight that
/// has reached a bound can still leave it. With lo > hi the result is hi.
enum Clamp: TernaryRule {
  static let label = "clamp"
  static let names = ["clamp"]
  static let summary = "x kept between lo and hi"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("lo"), Operand("hi")]
  static let formula = Optional("min(max(x, lo), hi)")
  static let partialFormulas = [
    "where(x < lo, 0, where(x > hi, 0, 1))", "where(x < lo, where(lo > hi, 0, 1), 0)",
    "where(max(x, lo) > hi, 1, 0)",
  ]
  static let samples: [[Double]] = [[0.5, 0, 1], [-3, 0, 1], [7, 0, 1], [0, 0, 1], [1, 0, 1]]
  static let notes = """
    At a bound x counts as inside: its derivative is 1 there, not 0 or a half, so that a weight \
    at a bound can leave it. Where lo is above hi the result is hi.
    """
  static let seeAlso = ["min", "max"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ lo: T, _ hi: T) -> T {
    if x.primal.isNaN || lo.primal.isNaN || hi.primal.isNaN {
      return T.edge(.nan, blame(x.primal), x, blame(lo.primal), lo)
        + T.edge(0, slope: blame(hi.primal), hi)
    }
    let raised = x.primal < lo.primal ? lo : x
    return raised.primal > hi.primal ? hi : raised
  }
  @inline(__always) static func partials<T: Scalar>(
    _ x: T, _ lo: T, _ hi: T, _ out: T
  ) -> (T, T, T) {
    if out.primal.isNaN { return (blame(x), blame(lo), blame(hi)) }
    let isBelow = x.primal < lo.primal
    if (isBelow ? lo : x).primal > hi.primal { return (0, 0, 1) }
    return isBelow ? (0, 1, 0) : (1, 0, 0)
  }
}

/// One of two numbers, as a condition tells.
///
/// **Numbers** The branch not taken gets exactly 0, also where its own value or derivative is
/// infinite or NaN.
enum Select: TernaryRule {
  static let label = "where"
  static let names = ["where"]
  static let summary = "a where c is not 0, else b"
  static let family = Family.rounding
  static let operands = [Operand("c"), Operand("a"), Operand("b")]
  static let partialFormulas = ["0", "where(c, 1, 0)", "where(c, 0, 1)"]
  static let samples: [[Double]] = [[1, 0.5, -0.3], [0, 0.5, -0.3], [-2, 1, 2]]
  static let notes = """
    The branch that is not taken gets a derivative of exactly 0, even where it is infinite or \
    NaN itself. The condition's derivative is 0. A condition that is NaN gives NaN.
    """
  static let seeAlso = ["max", "clamp", "relu"]

  @inline(__always) static func value<T: Scalar>(_ c: T, _ a: T, _ b: T) -> T {
    if c.primal.isNaN { return T.edge(.nan, slope: .nan, c) }
    return c.primal == 0 ? b : a
  }
  @inline(__always) static func partials<T: Scalar>(
    _ c: T, _ a: T, _ b: T, _ out: T
  ) -> (T, T, T) {
    if c.primal.isNaN { return (T(.nan), 0, 0) }
    return c.primal == 0 ? (0, 0, 1) : (0, 1, 0)
  }
}
