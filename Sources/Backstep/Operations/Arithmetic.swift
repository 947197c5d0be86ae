// Sums, differences, products and quotients.

/// The number itself: the node of a definition such as `z = x`.
enum Identity: UnaryRule {
  static let label = "id"
  static let names: [String] = []
  static let summary = "the number itself"
  static let family = Family.arithmetic
  static let operands = [Operand("x")]
  static let text = "x"
  static let partialFormulas = ["1"]
  static let samples: [[Double]] = [[0.5], [-3], [0]]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { x }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { 1 }
}

/// The sum of two numbers.
enum Add: BinaryRule {
  static let label = "add"
  static let names: [String] = []
  static let summary = "sum"
  static let family = Family.arithmetic
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x + y"
  static let partialFormulas = ["1", "1"]
  static let samples: [[Double]] = [[0.5, -0.3], [2, 2], [-1e3, 1e-3]]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { x + y }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) { (1, 1) }
}

/// The difference of two numbers.
enum Subtract: BinaryRule {
  static let label = "sub"
  static let names: [String] = []
  static let summary = "difference"
  static let family = Family.arithmetic
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x - y"
  static let partialFormulas = ["1", "-1"]
  static let samples: [[Double]] = [[0.5, -0.3], [2, 2], [-1e3, 1e-3]]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { x - y }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) { (1, -1) }
}

/// The product of two numbers.
enum Multiply: BinaryRule {
  static let label = "mul"
  static let names: [String] = []
  static let summary = "product"
  static let family = Family.arithmetic
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x*y"
  static let partialFormulas = ["y", "x"]
  static let samples: [[Double]] = [[0.5, -0.3], [2, 2], [0, 3], [-1e3, 1e-3]]

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { x * y }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) { (y, x) }
}

/// The quotient of two numbers.
///
/// **Numbers** 1/0 is infinite with the zero's sign, 0/0 is NaN, as in IEEE 754.
enum Divide: BinaryRule {
  static let label = "div"
  static let names: [String] = []
  static let summary = "quotient"
  static let family = Family.arithmetic
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x/y"
  static let partialFormulas = ["1/y", "-x/y^2"]
  static let stablePartialFormulas = ["1/y", "-(out/y)"]
  static let samples: [[Double]] = [[0.5, -0.3], [2, 2], [0, 3], [-1e3, 1e-3]]
  static let hint = Optional("a quotient is infinite where its denominator is 0")

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T { x / y }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) {
    (1 / y, -(out / y))
  }
}

/// The number with its sign turned.
enum Negate: UnaryRule {
  static let label = "neg"
  static let names: [String] = []
  static let summary = "sign turned"
  static let family = Family.arithmetic
  static let operands = [Operand("x")]
  static let text = "-x"
  static let partialFormulas = ["-1"]
  static let samples: [[Double]] = [[0.5], [-3], [0]]

  @inline(__always) static func value<T: Scalar>(_ x: T) -> T { -x }
  @inline(__always) static func partial<T: Scalar>(_ x: T, _ out: T) -> T { -1 }
}
