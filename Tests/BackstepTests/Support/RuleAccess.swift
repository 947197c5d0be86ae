// Rules as functions of arrays, so that one test can go through all operations.

import Testing

@testable import Backstep

extension Operation {
  /// All operations that have a rule.
  static let withRule = allCases.filter { $0.entry != nil && !$0.isStructural }

  /// The entry of an operation that has a rule.
  func described(sourceLocation: SourceLocation = #_sourceLocation) throws -> OperationEntry {
    try #require(entry, sourceLocation: sourceLocation)
  }

  func value<T: Scalar>(_ operands: [T]) -> T { accept(Value(operands: operands)) }

  func partials<T: Scalar>(_ operands: [T]) -> [T] { accept(Partials(operands: operands)) }

  func remark(_ operands: [Double]) -> Remark? { accept(RemarkAt(operands: operands)) }

  /// The shorter formula of a local derivative where the other operands are these constants.
  func specialFormula(_ slot: Int, _ constants: [Double?]) -> String? {
    accept(SpecialFormula(slot: slot, constants: constants))
  }

  /// The operands with one of them seeded.
  static func seeded(_ point: [Double], slot: Int) -> [Dual] {
    point.enumerated().map { Dual($1, tangent: $0 == slot ? 1 : 0) }
  }

  /// The derivative along one operand in forward mode.
  func tangent(_ point: [Double], slot: Int) -> Double {
    value(Operation.seeded(point, slot: slot)).tangent
  }
}

private struct Value<T: Scalar>: RuleVisitor {
  let operands: [T]

  func visitLeaf() -> T { preconditionFailure("a leaf has no rule") }
  func visit<R: StructuralRule>(_ rule: R.Type) -> T {
    preconditionFailure("a structural rule is tested over shapes")
  }
  func visit<R: UnaryRule>(_ rule: R.Type) -> T { rule.value(operands[0]) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> T { rule.value(operands[0], operands[1]) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> T {
    rule.value(operands[0], operands[1], operands[2])
  }
}

private struct Partials<T: Scalar>: RuleVisitor {
  let operands: [T]

  func visitLeaf() -> [T] { preconditionFailure("a leaf has no rule") }
  func visit<R: StructuralRule>(_ rule: R.Type) -> [T] {
    preconditionFailure("a structural rule is tested over shapes")
  }
  func visit<R: UnaryRule>(_ rule: R.Type) -> [T] {
    let x = operands[0]
    return [rule.partial(x, rule.value(x))]
  }
  func visit<R: BinaryRule>(_ rule: R.Type) -> [T] {
    let (x, y) = (operands[0], operands[1])
    let (dx, dy) = rule.partials(x, y, rule.value(x, y))
    return [dx, dy]
  }
  func visit<R: TernaryRule>(_ rule: R.Type) -> [T] {
    let (x, y, z) = (operands[0], operands[1], operands[2])
    let (dx, dy, dz) = rule.partials(x, y, z, rule.value(x, y, z))
    return [dx, dy, dz]
  }
}

private struct RemarkAt: RuleVisitor {
  let operands: [Double]

  func visitLeaf() -> Remark? { nil }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Remark? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Remark? { rule.remark(operands[0]) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Remark? { rule.remark(operands[0], operands[1]) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Remark? {
    rule.remark(operands[0], operands[1], operands[2])
  }
}

private struct SpecialFormula: RuleVisitor {
  let slot: Int
  let constants: [Double?]

  func visitLeaf() -> String? { nil }
  func visit<R: StructuralRule>(_ rule: R.Type) -> String? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> String? { formula(rule) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> String? { formula(rule) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> String? { formula(rule) }
  private func formula<R: Rule>(_ rule: R.Type) -> String? {
    rule.partialFormula(slot: slot, constants: constants)
  }
}
