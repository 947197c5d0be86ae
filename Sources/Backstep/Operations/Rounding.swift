// Rounding, choice and comparison.

/// The absolute value.
enum AbsoluteValue: UnaryRule {
  static let label = "abs"
  static let names = ["abs"]
  static let summary = "absolute value"
  static let family = Family.rounding
  static let operands = [Operand("x")]
  static let partialFormulas = ["sign(x)"]
  static let samples: [[Double]] = [[2], [-3], [0]]
  static let notes = """
    At 0 the derivative is 0.
    """
  static let seeAlso = ["sign", "hypot"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    x.primal < 0 ? -x : x.primal == 0 ? x * x : x
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal.isNaN ? x : T(x.primal > 0 ? 1 : x.primal < 0 ? -1 : 0)
  }
  static func remark(_ x: Double) -> Remark? { x == 0 ? .kink : nil }
}

/// The sign: −1, 0 or 1.
enum Sign: UnaryRule {
  static let label = "sign"
  static let names = ["sign"]
  static let summary = "-1, 0 or 1"
  static let family = Family.rounding
  static let operands = [Operand("x")]
  static let partialFormulas = ["0"]
  static let samples: [[Double]] = [[2], [-3]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """
  static let seeAlso = ["abs"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    x.primal.isNaN ? x : T(x.primal > 0 ? 1 : x.primal < 0 ? -1 : 0)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    0
  }
  static func remark(_ x: Double) -> Remark? { .flat }
}

/// The largest whole number not above x.
enum Floor: UnaryRule {
  static let label = "floor"
  static let names = ["floor"]
  static let summary = "largest whole number not above x"
  static let family = Family.rounding
  static let operands = [Operand("x")]
  static let partialFormulas = ["0"]
  static let samples: [[Double]] = [[2.3], [-3.7], [0.5]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """
  static let seeAlso = ["ceil", "round"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T(x.primal.rounded(.down))
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    0
  }
  static func remark(_ x: Double) -> Remark? { .flat }
}

/// The smallest whole number not below x.
enum Ceiling: UnaryRule {
  static let label = "ceil"
  static let names = ["ceil"]
  static let summary = "smallest whole number not below x"
  static let family = Family.rounding
  static let operands = [Operand("x")]
  static let partialFormulas = ["0"]
  static let samples: [[Double]] = [[2.3], [-3.7], [0.5]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """
  static let seeAlso = ["floor", "round"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T(x.primal.rounded(.up))
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    0
  }
  static func remark(_ x: Double) -> Remark? { .flat }
}

/// The nearest whole number.
enum Round: UnaryRule {
  static let label = "round"
  static let names = ["round"]
  static let summary = "nearest whole number"
  static let family = Family.rounding
  static let operands = [Operand("x")]
  static let partialFormulas = ["0"]
  static let samples: [[Double]] = [[2.3], [-3.7], [0.5]]
  static let notes = """
    Flat: the derivative is 0 everywhere. Halves are rounded away from 0.
    """
  static let seeAlso = ["floor", "ceil"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T(x.primal.rounded(.toNearestOrAwayFromZero))
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    0
  }
  static func remark(_ x: Double) -> Remark? { .flat }
}

/// The smaller of two numbers.
enum Minimum: BinaryRule {
  static let label = "min"
  static let names = ["min"]
  static let summary = "smaller of two numbers"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let partialFormulas = [
    "where(x < y, 1, where(x == y, 0.5, 0))", "where(x > y, 1, where(x == y, 0.5, 0))",
  ]
  static let samples: [[Double]] = [[1, 2], [3, -1], [2, 2]]
  static let notes = """
    Where the two are equal each gets half of the derivative. NaN in either is NaN.
    """
  static let seeAlso = ["clamp", "relu", "where"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    if x.primal < y.primal || x.primal.isNaN { return x }
    if y.primal < x.primal || y.primal.isNaN { return y }
    return tied(x, y)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    if x.primal.isNaN || y.primal.isNaN { return (x.primal.isNaN ? x : 0, y.primal.isNaN ? y : 0) }
    if x.primal == y.primal { return (0.5, 0.5) }
    return x.primal < y.primal ? (1, 0) : (0, 1)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { x == y ? .tieSplit : nil }
}

/// The larger of two numbers.
enum Maximum: BinaryRule {
  static let label = "max"
  static let names = ["max"]
  static let summary = "larger of two numbers"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let partialFormulas = [
    "where(x > y, 1, where(x == y, 0.5, 0))", "where(x < y, 1, where(x == y, 0.5, 0))",
  ]
  static let samples: [[Double]] = [[1, 2], [3, -1], [2, 2]]
  static let notes = """
    Where the two are equal each gets half of the derivative. NaN in either is NaN.
    """
  static let seeAlso = ["clamp", "relu", "where"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    if x.primal > y.primal || x.primal.isNaN { return x }
    if y.primal > x.primal || y.primal.isNaN { return y }
    return tied(x, y)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    if x.primal.isNaN || y.primal.isNaN { return (x.primal.isNaN ? x : 0, y.primal.isNaN ? y : 0) }
    if x.primal == y.primal { return (0.5, 0.5) }
    return x.primal > y.primal ? (1, 0) : (0, 1)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { x == y ? .tieSplit : nil }
}

/// The common value of two equal numbers, whose tangents count half each.
@inline(__always)
private func tied<T: Scalar>(_ x: T, _ y: T) -> T {
  x.primal.isInfinite ? x : x + (y - x) * 0.5
}

/// The number moved into an interval.
enum Clamp: TernaryRule {
  static let label = "clamp"
  static let names = ["clamp"]
  static let summary = "x moved into the interval from lo to hi"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("lo"), Operand("hi")]
  static let partialFormulas = [
    "where((x >= lo)*(x <= hi), 1, 0)", "where(x < lo, 1, 0)", "where(x > hi, 1, 0)",
  ]
  static let samples: [[Double]] = [[0.5, 0, 1], [-2, 0, 1], [3, 0, 1]]
  static let notes = """
    At a bound the derivative with respect to x is 1.
    """
  static let seeAlso = ["min", "max"]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ lo: T, _ hi: T) -> T {
    x.primal < lo.primal ? lo : x.primal > hi.primal ? hi : x
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ lo: T, _ hi: T, _ out: T) -> (T, T, T)
  {
    if x.primal.isNaN { return (x, 0, 0) }
    if x.primal < lo.primal { return (0, 1, 0) }
    return x.primal > hi.primal ? (0, 0, 1) : (1, 0, 0)
  }
}

/// A choice between two values.
enum Where: TernaryRule {
  static let label = "where"
  static let names = ["where"]
  static let summary = "a where c is not 0, else b"
  static let family = Family.rounding
  static let operands = [Operand("c"), Operand("a"), Operand("b")]
  static let partialFormulas = ["0", "c != 0", "c == 0"]
  static let samples: [[Double]] = [[1, 2, 3], [0, 2, 3]]
  static let notes = """
    The branch that is not taken sends nothing back, not even 0 times an infinite \
    derivative.
    """
  static let seeAlso = ["max", "clamp"]

  @inline(__always) static func value<T: Scalar>(_ c: T, _ a: T, _ b: T) -> T {
    c.primal != 0 ? a : b
  }
  @inline(__always) static func partials<T: Scalar>(_ c: T, _ a: T, _ b: T, _ out: T) -> (T, T, T) {
    c.primal != 0 ? (0, 1, 0) : (0, 0, 1)
  }
}

/// 1 where x < y, else 0.
enum Less: BinaryRule {
  static let label = "lt"
  static let names: [String] = []
  static let summary = "1 where x < y, else 0"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x < y"
  static let partialFormulas = ["0", "0"]
  static let samples: [[Double]] = [[1, 2], [3, -1]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    x.primal < y.primal ? 1 : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (0, 0)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { .flat }
}

/// 1 where x <= y, else 0.
enum LessOrEqual: BinaryRule {
  static let label = "le"
  static let names: [String] = []
  static let summary = "1 where x <= y, else 0"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x <= y"
  static let partialFormulas = ["0", "0"]
  static let samples: [[Double]] = [[1, 2], [3, -1]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    x.primal <= y.primal ? 1 : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (0, 0)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { .flat }
}

/// 1 where x > y, else 0.
enum Greater: BinaryRule {
  static let label = "gt"
  static let names: [String] = []
  static let summary = "1 where x > y, else 0"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x > y"
  static let partialFormulas = ["0", "0"]
  static let samples: [[Double]] = [[1, 2], [3, -1]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    x.primal > y.primal ? 1 : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (0, 0)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { .flat }
}

/// 1 where x >= y, else 0.
enum GreaterOrEqual: BinaryRule {
  static let label = "ge"
  static let names: [String] = []
  static let summary = "1 where x >= y, else 0"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x >= y"
  static let partialFormulas = ["0", "0"]
  static let samples: [[Double]] = [[1, 2], [3, -1]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    x.primal >= y.primal ? 1 : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (0, 0)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { .flat }
}

/// 1 where x == y, else 0.
enum Equal: BinaryRule {
  static let label = "eq"
  static let names: [String] = []
  static let summary = "1 where x == y, else 0"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x == y"
  static let partialFormulas = ["0", "0"]
  static let samples: [[Double]] = [[1, 2], [3, -1]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    x.primal == y.primal ? 1 : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (0, 0)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { .flat }
}

/// 1 where x != y, else 0.
enum NotEqual: BinaryRule {
  static let label = "ne"
  static let names: [String] = []
  static let summary = "1 where x != y, else 0"
  static let family = Family.rounding
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x != y"
  static let partialFormulas = ["0", "0"]
  static let samples: [[Double]] = [[1, 2], [3, -1]]
  static let notes = """
    Flat: the derivative is 0 everywhere.
    """

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    x.primal != y.primal ? 1 : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (0, 0)
  }
  static func remark(_ x: Double, _ y: Double) -> Remark? { .flat }
}
