// Comparisons: 1 where they hold, 0 where they do not.

/// A comparison of two numbers.
///
/// **Numbers** The derivatives are 0, also at the jump. As in IEEE 754 nothing is equal to, less or
/// greater than NaN, so with one `!=` alone holds.
protocol ComparisonRule: BinaryRule {
  static func holds(_ x: Double, _ y: Double) -> Bool
}

extension ComparisonRule {
  static var names: [String] { [] }
  static var family: Family { .rounding }
  static var operands: [Operand] { [Operand("x"), Operand("y")] }
  static var partialFormulas: [String] { ["0", "0"] }
  static var samples: [[Double]] { [[0.5, -0.3], [-1, 2], [2, 2]] }
  static var notes: String {
    "1 where it holds, else 0. Flat: the derivatives are 0 everywhere, also at the jump."
  }
  static var seeAlso: [String] { ["where", "sign"] }

  @inline(__always) static func value<T: Scalar>(_ x: T, _ y: T) -> T {
    holds(x.primal, y.primal) ? 1 : 0
  }
  @inline(__always) static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T) { (0, 0) }
  static func remark(_ x: Double, _ y: Double) -> Remark? { .flat }
}

/// Whether the first number is less.
enum Less: ComparisonRule {
  static let label = "lt"
  static let summary = "less than: 1 or 0"
  static let text = "x < y"

  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x < y }
}

/// Whether the first number is less or equal.
enum LessOrEqual: ComparisonRule {
  static let label = "le"
  static let summary = "less than or equal: 1 or 0"
  static let text = "x <= y"

  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x <= y }
}

/// Whether the first number is greater.
enum Greater: ComparisonRule {
  static let label = "gt"
  static let summary = "greater than: 1 or 0"
  static let text = "x > y"

  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x > y }
}

/// Whether the first number is greater or equal.
enum GreaterOrEqual: ComparisonRule {
  static let label = "ge"
  static let summary = "greater than or equal: 1 or 0"
  static let text = "x >= y"

  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x >= y }
}

/// Whether the numbers are equal.
enum Equal: ComparisonRule {
  static let label = "eq"
  static let summary = "equal: 1 or 0"
  static let text = "x == y"

  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x == y }
}

/// Whether the numbers differ.
enum NotEqual: ComparisonRule {
  static let label = "ne"
  static let summary = "not equal: 1 or 0"
  static let text = "x != y"

  @inline(__always) static func holds(_ x: Double, _ y: Double) -> Bool { x != y }
}
