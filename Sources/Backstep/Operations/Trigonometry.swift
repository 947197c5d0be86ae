// Circular and hyperbolic functions and their inverses.

/// Sine.
enum Sine: UnaryRule {
  static let label = "sin"
  static let names = ["sin"]
  static let summary = "sine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["cos(x)"]
  static let samples: [[Double]] = [[0], [1], [-2.5], [100]]
  static let seeAlso = ["cos"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.sin(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    T.cos(x)
  }
}

/// Cosine.
enum Cosine: UnaryRule {
  static let label = "cos"
  static let names = ["cos"]
  static let summary = "cosine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["-sin(x)"]
  static let samples: [[Double]] = [[0], [1], [-2.5], [100]]
  static let seeAlso = ["sin"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.cos(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    -T.sin(x)
  }
}

/// Tangent.
enum Tangent: UnaryRule {
  static let label = "tan"
  static let names = ["tan"]
  static let summary = "tangent"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["1 + out^2"]
  static let samples: [[Double]] = [[0], [1], [-1.2], [3]]
  static let seeAlso = ["atan"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.tan(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1 + out * out
  }
}

/// Arc sine.
enum ArcSine: UnaryRule {
  static let label = "asin"
  static let names = ["asin"]
  static let summary = "arc sine"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(-1, 1, includesLower: true, includesUpper: true))]
  static let partialFormulas = ["1/sqrt(1 - x^2)"]
  static let samples: [[Double]] = [[0], [0.5], [-0.9], [0.999]]
  static let seeAlso = ["sin"]
  static let hint = Optional("asin needs a number from -1 to 1")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.asin(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1 / T.sqrt((1 - x) * (1 + x))
  }
}

/// Arc cosine.
enum ArcCosine: UnaryRule {
  static let label = "acos"
  static let names = ["acos"]
  static let summary = "arc cosine"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(-1, 1, includesLower: true, includesUpper: true))]
  static let partialFormulas = ["-1/sqrt(1 - x^2)"]
  static let samples: [[Double]] = [[0], [0.5], [-0.9], [0.999]]
  static let seeAlso = ["cos"]
  static let hint = Optional("acos needs a number from -1 to 1")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.acos(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    -1 / T.sqrt((1 - x) * (1 + x))
  }
}

/// Arc tangent.
///
/// **Numbers** Beyond 1e8 the 1 is lost anyway, and 1/x/x does not overflow.
enum ArcTangent: UnaryRule {
  static let label = "atan"
  static let names = ["atan"]
  static let summary = "arc tangent"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["1/(1 + x^2)"]
  static let samples: [[Double]] = [[0], [1], [-2.5], [10000000000.0], [1e+200]]
  static let seeAlso = ["atan2"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.atan(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    abs(x.primal) > 1e8 ? 1 / x / x : 1 / (1 + x * x)
  }
}

/// The angle of the point (x, y).
enum ArcTangent2: BinaryRule {
  static let label = "atan2"
  static let names = ["atan2"]
  static let summary = "angle of the point (x, y), from -pi to pi"
  static let family = Family.trigonometry
  static let operands = [Operand("y"), Operand("x")]
  static let partialFormulas = ["x/(x^2 + y^2)", "-y/(x^2 + y^2)"]
  static let samples: [[Double]] = [[1, 2], [-1, -2], [3, -1], [1e+200, 1e+200]]
  static let notes = """
    The ordinate comes first, as in C. At (0, 0) there is no derivative: NaN.
    """
  static let seeAlso = ["atan", "hypot"]
  static let hint = Optional("the angle of (0, 0) has no derivative")

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    T.atan2(x, y)
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    let r = T.hypot(x, y)
    return (y / r / r, -x / r / r)
  }
}

/// Hyperbolic sine.
enum HyperbolicSine: UnaryRule {
  static let label = "sinh"
  static let names = ["sinh"]
  static let summary = "hyperbolic sine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("(exp(x) - exp(-x))/2")
  static let partialFormulas = ["cosh(x)"]
  static let samples: [[Double]] = [[0], [1], [-2.5], [20]]
  static let seeAlso = ["cosh"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.sinh(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    T.cosh(x)
  }
}

/// Hyperbolic cosine.
enum HyperbolicCosine: UnaryRule {
  static let label = "cosh"
  static let names = ["cosh"]
  static let summary = "hyperbolic cosine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("(exp(x) + exp(-x))/2")
  static let partialFormulas = ["sinh(x)"]
  static let samples: [[Double]] = [[0], [1], [-2.5], [20]]
  static let seeAlso = ["sinh"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.cosh(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    T.sinh(x)
  }
}

/// Hyperbolic tangent.
///
/// **Numbers** 1 − out² has no correct digit left at x = 18; the form used is within 4 ULP.
enum HyperbolicTangent: UnaryRule {
  static let label = "tanh"
  static let names = ["tanh"]
  static let summary = "hyperbolic tangent"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let formula = Optional("(exp(x) - exp(-x))/(exp(x) + exp(-x))")
  static let partialFormulas = ["1 - out^2"]
  static let samples: [[Double]] = [[0], [0.5], [-2.5], [18], [-40]]
  static let notes = """
    The derivative is computed as 4*e/(1 + e)^2 with e = exp(-2*abs(x)), which stays \
    accurate where out rounds to 1; the formula shown is the textbook's.
    """
  static let seeAlso = ["sigmoid", "atanh"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.tanh(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    let e = T.exp(-2 * (x.primal < 0 ? -x : x))
    return 4 * e / ((1 + e) * (1 + e))
  }
}

/// Inverse hyperbolic sine.
enum InverseHyperbolicSine: UnaryRule {
  static let label = "asinh"
  static let names = ["asinh"]
  static let summary = "inverse hyperbolic sine"
  static let family = Family.trigonometry
  static let operands = [Operand("x")]
  static let partialFormulas = ["1/sqrt(x^2 + 1)"]
  static let samples: [[Double]] = [[0], [1], [-2.5], [1e+200]]
  static let seeAlso = ["sinh"]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.asinh(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1 / T.hypot(x, 1)
  }
}

/// Inverse hyperbolic cosine.
enum InverseHyperbolicCosine: UnaryRule {
  static let label = "acosh"
  static let names = ["acosh"]
  static let summary = "inverse hyperbolic cosine"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(1, .infinity, includesLower: true))]
  static let partialFormulas = ["1/sqrt(x^2 - 1)"]
  static let samples: [[Double]] = [[1.5], [2], [1e+200]]
  static let seeAlso = ["cosh"]
  static let hint = Optional("acosh needs a number from 1 on")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.acosh(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    1 / (T.sqrt(x - 1) * T.sqrt(x + 1))
  }
}

/// Inverse hyperbolic tangent.
enum InverseHyperbolicTangent: UnaryRule {
  static let label = "atanh"
  static let names = ["atanh"]
  static let summary = "inverse hyperbolic tangent"
  static let family = Family.trigonometry
  static let operands = [Operand("x", Domain(-1, 1))]
  static let partialFormulas = ["1/(1 - x^2)"]
  static let samples: [[Double]] = [[0], [0.5], [-0.9], [0.999]]
  static let seeAlso = ["tanh"]
  static let hint = Optional("atanh needs a number between -1 and 1")

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T {
    T.atanh(x)
  }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T {
    abs(x.primal) > 1 ? T(.nan) : 1 / ((1 - x) * (1 + x))
  }
}
