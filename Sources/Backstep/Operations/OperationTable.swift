// Every operation described, from its rule and nowhere else.

import BackstepTrace

/// What there is to know of one operation.
struct OperationEntry: Sendable {
  let operation: Operation
  let label: String
  let names: [String]
  let summary: String
  let operands: [Operand]
  let text: String
  let formula: String?
  let partialFormulas: [String]
  let samples: [[Double]]
  let notes: String
  let family: Family?
  let seeAlso: [String]

  /// The text with gaps for the operands.
  var textTemplate: Template {
    operation == .derivative
      ? Template(
        pieces: [
          .text(Array("grad(".utf8)), .operand(0, bare: true), .text(Array(", ".utf8)),
          .operand(1, bare: true), .text(Array(")".utf8)),
        ])
      : Template(text, operands: operands.map(\.name))
  }

  /// The local derivatives' formulas with gaps for the operands.
  var partialTemplates: [Template] {
    partialFormulas.map { Template($0, operands: operands.map(\.name)) }
  }

  /// The local derivative with numbers put in, where the rule has a form for that.
  func partialFormula(slot: Int, constants: [Double?]) -> String? {
    operation.accept(PartialFormulaWith(slot: slot, constants: constants))
  }
}

/// The descriptions of all operations.
enum OperationTable {
  /// One entry an operation, by its raw value.
  static let entries = Operation.allCases.map { $0.accept(Describe(operation: $0)) }

  /// Every name an operation can be called by.
  static let names = entries.flatMap(\.names)

  private static let byName = Dictionary(
    entries.flatMap { entry in entry.names.map { ($0, entry.operation) } }
  ) { first, _ in first }

  /// The operation that is called by a name.
  static func named(_ name: String) -> Operation? { byName[name] }
}

/// Collects what a rule says of itself.
private struct Describe: RuleVisitor {
  let operation: Operation

  func visitLeaf() -> OperationEntry {
    OperationEntry(
      operation: operation, label: operation == .derivative ? "grad" : "", names: [], summary: "",
      operands: [], text: "", formula: nil, partialFormulas: [], samples: [], notes: "",
      family: nil, seeAlso: [])
  }

  func visit<R: UnaryRule>(_ rule: R.Type) -> OperationEntry { describe(rule) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> OperationEntry { describe(rule) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> OperationEntry { describe(rule) }

  private func describe<R: Rule>(_ rule: R.Type) -> OperationEntry {
    OperationEntry(
      operation: operation, label: R.label, names: R.names, summary: R.summary,
      operands: R.operands, text: R.text, formula: R.formula, partialFormulas: R.partialFormulas,
      samples: R.samples, notes: R.notes, family: R.family, seeAlso: R.seeAlso)
  }
}

/// Asks a rule for a formula with numbers put in.
private struct PartialFormulaWith: RuleVisitor {
  let slot: Int
  let constants: [Double?]

  func visitLeaf() -> String? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> String? {
    R.partialFormula(slot: slot, constants: constants)
  }
  func visit<R: BinaryRule>(_ rule: R.Type) -> String? {
    R.partialFormula(slot: slot, constants: constants)
  }
  func visit<R: TernaryRule>(_ rule: R.Type) -> String? {
    R.partialFormula(slot: slot, constants: constants)
  }
}
