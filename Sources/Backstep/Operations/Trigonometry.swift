// Circular functions and their inverses.

/// The sine.
enum Sin: UnaryRule {
  static let label = "sin"
  static let names = ["sin"]
  static let summary = "sine of x in radians"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["cos(x)"]
  static let samples: [[Double]] = [[0], [0.5], [-2], [3.1], [100]]
  static let seeAlso = ["cos", "tan", "asin"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.sin(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { T.cos(x) }
}

/// The cosine.
enum Cos: UnaryRule {
  static let label = "cos"
  static let names = ["cos"]
  static let summary = "cosine of x in radians"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["-sin(x)"]
  static let samples: [[Double]] = [[0], [0.5], [-2], [3.1], [100]]
  static let seeAlso = ["sin", "tan", "acos"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.cos(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { -T.sin(x) }
}

/// The tangent of an angle.
///
/// **Numbers** No double is an odd multiple of π/2, so the value is always finite.
enum Tan: UnaryRule {
  static let label = "tan"
  static let names = ["tan"]
  static let summary = "tangent of x in radians"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("sin(x)/cos(x)")
  static let partialFormulas = ["1 + out^2"]
  static let samples: [[Double]] = [[0], [0.5], [-2], [1.57], [100]]
  static let seeAlso = ["sin", "cos", "atan"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.tan(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { 1 + out * out }
}

/// The angle whose sine is x.
///
/// **Numbers** The factors 1 − x and 1 + x keep the digits that 1 − x² loses near ±1.
enum Asin: UnaryRule {
  static let label = "asin"
  static let names = ["asin"]
  static let summary = "inverse sine, in radians"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(-1, 1, includesLower: true, includesUpper: true))]
  static let partialFormulas = ["1/sqrt(1 - x^2)"]
  static let stablePartialFormulas = ["1/sqrt((1 - x)*(1 + x))"]
  static let samples: [[Double]] = [[0], [0.5], [-0.9], [0.999999], [-1e-10]]
  static let notes = """
    At -1 and 1 the derivative is infinite; beyond, value and derivative are NaN.
    """
  static let seeAlso = ["sin", "acos"]
  static let hint = Optional("asin is defined from -1 to 1 and vertical at both ends")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.asin(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1 / T.sqrt((1 - x) * (1 + x))
  }
}

/// The angle whose cosine is x.
///
/// **Numbers** As for ``Asin``.
enum Acos: UnaryRule {
  static let label = "acos"
  static let names = ["acos"]
  static let summary = "inverse cosine, in radians"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(-1, 1, includesLower: true, includesUpper: true))]
  static let partialFormulas = ["-1/sqrt(1 - x^2)"]
  static let stablePartialFormulas = ["-1/sqrt((1 - x)*(1 + x))"]
  static let samples: [[Double]] = [[0], [0.5], [-0.9], [0.999999], [-1e-10]]
  static let notes = "At -1 and 1 the derivative is -inf; beyond, value and derivative are NaN."
  static let seeAlso = ["cos", "asin"]
  static let hint = Optional("acos is defined from -1 to 1 and vertical at both ends")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.acos(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    -1 / T.sqrt((1 - x) * (1 + x))
  }
}

/// The angle whose tangent is x.
///
/// **Numbers** For large x the derivative is taken as (1/x)/x, for x² overflows at 1e155.
enum Atan: UnaryRule {
  static let label = "atan"
  static let names = ["atan"]
  static let summary = "inverse tangent, in radians"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["1/(1 + x^2)"]
  static let samples: [[Double]] = [[0], [0.5], [-3], [1e6], [-1e160]]
  static let seeAlso = ["tan", "atan2"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { T.atan(x) }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    x.primal.magnitude < 0x1p27 ? 1 / (1 + x * x) : 1 / x / x
  }
}

/// The angle of the point (x, y), from −π to π.
///
/// **Numbers** Dividing twice by the length keeps x² + y² from overflowing or vanishing.
enum Atan2: BinaryRule {
  static let label = "atan2"
  static let names = ["atan2"]
  static let summary = "angle of the point (x, y); y comes first"
  static let family = Family.trigonometry
  static let operands = [Operand("y"), Operand("x")]
  static let partialFormulas = ["x/(x^2 + y^2)", "-y/(x^2 + y^2)"]
  static let stablePartialFormulas = ["x/hypot(x, y)/hypot(x, y)", "-y/hypot(x, y)/hypot(x, y)"]
  static let samples: [[Double]] = [[1, 2], [-3, -0.5], [0, 1], [1e200, 1e200], [1e-200, -1]]
  static let notes = """
    The value jumps by 2*pi across the negative x axis; the derivative is the same on both \
    sides. At (0, 0) no angle is nearer than another: the derivatives are NaN.
    """
  static let seeAlso = ["atan", "hypot"]
  static let hint = Optional("atan2 has no derivative at (0, 0)")

  @inline(__always) static func value<T: Scalar>(_ y: T, _ x: T) -> T { T.atan2(y, x) }
  @inline(__always) static func partials<T: Scalar>(_ y: T, _ x: T, _ out: T) -> (T, T) {
    let length = T.hypot(x, y)
    return (x / length / length, -(y / length / length))
  }
}
