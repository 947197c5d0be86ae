// What an operation says of itself: the protocols behind every rule.

import BackstepTrace

/// What there is to know of an operation: names, words, formulas, sample points.
///
/// The parser's table of functions, help, completion, the trace's formulas and the tests all read
/// these; nothing about an operation is written anywhere else.
protocol Rule {
  /// The short name in traces and JSON: `mul`, `bce`.
  static var label: String { get }
  /// The names it is called by, the first one shown; none where there is only an operator.
  static var names: [String] { get }
  /// What it computes, in a few words.
  static var summary: String { get }
  /// The operands in order, with their domains.
  static var operands: [Operand] { get }
  /// How it is shown, in terms of the operands: `x*y`, `bce(a, y)`.
  static var text: String { get }
  /// The value in terms of simpler operations in Backstep's own language; nil for a primitive.
  static var formula: String? { get }
  /// The local derivative for each operand, in terms of the operands and `out`, as a textbook
  /// writes it.
  static var partialFormulas: [String] { get }
  /// The same as derivatives of higher order are built from it: formulas that keep their digits where the
  /// textbook's lose them, and that go on to do so when they are differentiated again.
  static var stablePartialFormulas: [String] { get }
  /// The same for operands at the bounds of their domains, where those may be 0/0.
  static var boundaryPartialFormulas: [String] { get }
  /// The same where operands are constants of known value; nil where there is nothing special.
  static func stablePartialFormula(slot: Int, constants: [Double?]) -> String?
  /// A shorter formula for a local derivative where operands are constants of known value: `2*x`
  /// for `y*x^(y - 1)` with y = 2; nil where there is none.
  static func partialFormula(slot: Int, constants: [Double?]) -> String?
  /// Points inside the domain at which the tests compare values and derivatives.
  static var samples: [[Double]] { get }
  /// What `help` says beyond the summary: accuracy, kinks, conventions.
  static var notes: String { get }
  /// Which chapter of the help it belongs to.
  static var family: Family { get }
  /// Names worth looking at next.
  static var seeAlso: [String] { get }
  /// What a reader should know when the result or a derivative is not finite.
  static var hint: String? { get }
  /// Whether over tensors it is the mean over all entries, as a loss.
  static var isMean: Bool { get }
}

extension Rule {
  static var text: String {
    "\(names.first ?? label)(\(operands.map(\.name).joined(separator: ", ")))"
  }
  static var formula: String? { nil }
  static var notes: String { "" }
  static var seeAlso: [String] { [] }
  static var hint: String? { nil }
  static var isMean: Bool { family == .losses }
  static func partialFormula(slot: Int, constants: [Double?]) -> String? { nil }
  static var stablePartialFormulas: [String] { partialFormulas }
  static var boundaryPartialFormulas: [String] { stablePartialFormulas }
  static func stablePartialFormula(slot: Int, constants: [Double?]) -> String? { nil }
}

/// The chapters of the table of functions.
enum Family: String, CaseIterable, Sendable {
  case arithmetic = "Arithmetic"
  case powers = "Powers and roots"
  case exponentials = "Exponentials and logarithms"
  case trigonometry = "Trigonometry"
  case activations = "Activations"
  case rounding = "Rounding, choice and comparison"
  case losses = "Losses"
  case linearAlgebra = "Products of vectors and matrices"
  case reductions = "Sums, means and softmax"
  case layout = "Lists, parts and shapes"
}

/// One operand of an operation.
struct Operand: Sendable {
  /// The name in formulas and for keyword arguments.
  let name: String
  /// The values for which the operation is defined.
  let domain: Domain
  /// The value where the call leaves it out; such an operand can be given by keyword.
  let fallback: Double?
  /// What it is to the operation.
  private(set) var role = Role.operand

  /// What an argument of a call is.
  enum Role: Sendable {
    /// A node of the graph.
    case operand
    /// A whole number that is known when the graph is built, such as a size.
    case attribute
    /// The same, and it may be left out.
    case optionalAttribute
    /// The same, and it is given by keyword alone.
    case keyword
  }

  init(_ name: String, _ domain: Domain = .real, default fallback: Double? = nil) {
    self.name = name
    self.domain = domain
    self.fallback = fallback
  }

  /// The axis that an operation runs along.
  static let axis: Operand = {
    var axis = Operand("axis")
    axis.role = .keyword
    return axis
  }()

  /// A whole number that is known when the graph is built.
  static func attribute(_ name: String, isOptional: Bool = false) -> Operand {
    var attribute = Operand(name)
    attribute.role = isOptional ? .optionalAttribute : .attribute
    return attribute
  }

  /// Whether a call may leave it out.
  var canBeLeftOut: Bool { fallback != nil || role == .optionalAttribute || role == .keyword }
  /// Whether a call can give it by name.
  var hasKeyword: Bool { fallback != nil || role == .keyword }
}

/// An interval of real numbers.
struct Domain: Sendable, Equatable {
  let lower: Double
  let upper: Double
  let includesLower: Bool
  let includesUpper: Bool

  static let real = Domain(-.infinity, .infinity)
  static let positive = Domain(0, .infinity)
  static let nonNegative = Domain(0, .infinity, includesLower: true)
  static let unit = Domain(0, 1, includesLower: true, includesUpper: true)

  init(
    _ lower: Double, _ upper: Double, includesLower: Bool = false, includesUpper: Bool = false
  ) {
    self.lower = lower
    self.upper = upper
    self.includesLower = includesLower
    self.includesUpper = includesUpper
  }

  /// Whether the number lies in the interval.
  func contains(_ number: Double) -> Bool {
    (includesLower ? number >= lower : number > lower)
      && (includesUpper ? number <= upper : number < upper)
  }
}

/// What the point of evaluation has to do with the derivative that was taken there.
enum Remark: Equatable, Sendable {
  /// The operands are equal, and each gets half.
  case tieSplit
  /// At a kink: the subgradient of least norm.
  case kink
  /// Flat: the derivative is 0 wherever there is one.
  case flat
  /// A label outside the interval from 0 to 1.
  case labelOutsideUnitInterval(Double)
}

/// A function of one number, applied entry by entry.
protocol UnaryRule: Rule {
  static func value<T: Scalar>(_ x: T) -> T
  static func partial<T: Scalar>(_ x: T, _ out: T) -> T
  static func remark(_ x: Double) -> Remark?
}

/// A function of two numbers, applied entry by entry.
protocol BinaryRule: Rule {
  static func value<T: Scalar>(_ x: T, _ y: T) -> T
  static func partials<T: Scalar>(_ x: T, _ y: T, _ out: T) -> (T, T)
  static func remark(_ x: Double, _ y: Double) -> Remark?
}

/// A function of three numbers, applied entry by entry.
protocol TernaryRule: Rule {
  static func value<T: Scalar>(_ x: T, _ y: T, _ z: T) -> T
  static func partials<T: Scalar>(_ x: T, _ y: T, _ z: T, _ out: T) -> (T, T, T)
  static func remark(_ x: Double, _ y: Double, _ z: Double) -> Remark?
}

extension UnaryRule {
  static func remark(_ x: Double) -> Remark? { nil }
}
extension BinaryRule {
  static func remark(_ x: Double, _ y: Double) -> Remark? { nil }
}
extension TernaryRule {
  static func remark(_ x: Double, _ y: Double, _ z: Double) -> Remark? { nil }
}
