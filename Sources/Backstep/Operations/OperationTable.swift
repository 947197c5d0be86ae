// What is known of every operation, read off the rules: for the parser, help, completion, traces.

import BackstepTrace

/// What there is to know of one operation.
struct OperationEntry: Sendable {
  let operation: Operation
  let label: String
  /// The names it is called by, the first one shown.
  let names: [String]
  let summary: String
  let operands: [Operand]
  /// How many operands a call may have: those with a default can be left out.
  let arity: ClosedRange<Int>
  let text: String
  let formula: String?
  let partialFormulas: [String]
  /// The formulas that derivatives of higher order are built from, inside and at the bounds of domains.
  let stablePartialFormulas: [String]
  let boundaryPartialFormulas: [String]
  let samples: [[Double]]
  let notes: String
  let family: Family
  let seeAlso: [String]
  let hint: String?
  /// Whether it takes any number of operands.
  let isVariadic: Bool
  /// Statements that show it, where sample points cannot.
  let example: String?

  /// Reads the entry off the operation's rule; nil for a leaf.
  init?(_ operation: Operation) {
    guard let entry = operation.accept(Describe(operation: operation)) else { return nil }
    self = entry
  }

  fileprivate init<R: Rule>(
    _ operation: Operation, _ rule: R.Type, isVariadic: Bool = false, example: String? = nil
  ) {
    self.operation = operation
    label = rule.label
    names = rule.names
    summary = rule.summary
    operands = rule.operands
    arity = operands.count { !$0.canBeLeftOut }...operands.count
    text = rule.text
    formula = rule.formula
    partialFormulas = rule.partialFormulas
    stablePartialFormulas = rule.stablePartialFormulas
    boundaryPartialFormulas = rule.boundaryPartialFormulas
    samples = rule.samples
    notes = rule.notes
    family = rule.family
    seeAlso = rule.seeAlso
    hint = rule.hint
    self.isVariadic = isVariadic
    self.example = example
  }
}

extension OperationEntry {
  /// The names of what are nodes of the graph, without axes and sizes.
  var operandNames: [String] { operands.filter { $0.role == .operand }.map(\.name) }

  /// How the operation is called: `leaky_relu(x, slope=0.01)`.
  func call(_ name: String) -> String {
    let list = operands.map { operand in
      guard operand.role != .keyword else { return "\(operand.name)=…" }
      return operand.fallback.map { value in
        var digits = ByteBuffer()
        digits.appendShortest(value)
        return "\(operand.name)=\(digits.string)"
      } ?? (isVariadic ? "\(operand.name), …" : operand.name)
    }
    return "\(name)(\(list.joined(separator: ", ")))"
  }
}

/// The text of an operation and of its local derivatives, with gaps for the operands.
struct OperationTemplates: Sendable {
  let text: Template
  /// One for each operand.
  let partials: [Template]

  init(_ entry: OperationEntry) {
    let operands = entry.operands.map(\.name)
    text = Template(entry.text, operands: operands)
    partials = entry.partialFormulas.map { Template($0, operands: operands) }
  }
}

/// The table of all operations.
enum OperationTable {
  /// The entries, at the raw values of their operations; nil for the leaves.
  static let entries: [OperationEntry?] = Operation.allCases.map { OperationEntry($0) }

  /// Every name an operation can be called by.
  static let names = entries.flatMap { $0?.names ?? [] }

  /// Read off the rules and not off the entries, which most programs never need.
  private static let operationsByName: [String: Operation] = {
    var operations = [String: Operation](minimumCapacity: 2 * Operation.allCases.count)
    for operation in Operation.allCases {
      for name in operation.accept(NamesOf()) { operations[name] = operation }
    }
    return operations
  }()

  /// The operation that is called by a name or by an alias of it.
  static func named(_ name: String) -> Operation? { operationsByName[name] }

  /// The formula of a local derivative that is shorter because operands are constants of known
  /// value; nil where the general one serves.
  static func specialPartial(
    of operation: Operation, slot: Int, constants: [Double?]
  ) -> Template? {
    guard let entry = operation.entry,
      let formula = operation.accept(PartialFormula(slot: slot, constants: constants))
    else { return nil }
    return Template(formula, operands: entry.operands.map(\.name))
  }
}

extension Operation {
  /// What there is to know of the operation; nil for a leaf.
  var entry: OperationEntry? { OperationTable.entries[Int(rawValue)] }
}

// MARK: Visitors

private struct Describe: RuleVisitor {
  let operation: Operation

  func visitLeaf() -> OperationEntry? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> OperationEntry? { OperationEntry(operation, rule) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> OperationEntry? { OperationEntry(operation, rule) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> OperationEntry? { OperationEntry(operation, rule) }
  func visit<R: StructuralRule>(_ rule: R.Type) -> OperationEntry? {
    OperationEntry(operation, rule, isVariadic: rule.isVariadic, example: rule.example)
  }
}

/// The names an operation is called by.
private struct NamesOf: RuleVisitor {
  func visitLeaf() -> [String] { [] }
  func visit<R: UnaryRule>(_ rule: R.Type) -> [String] { rule.names }
  func visit<R: BinaryRule>(_ rule: R.Type) -> [String] { rule.names }
  func visit<R: TernaryRule>(_ rule: R.Type) -> [String] { rule.names }
  func visit<R: StructuralRule>(_ rule: R.Type) -> [String] { rule.names }
}

/// The formula of a local derivative where operands are constants of known value.
struct PartialFormula: RuleVisitor {
  let slot: Int
  let constants: [Double?]
  /// Whether derivatives of higher order are to be built from it.
  var isStable = false

  func visitLeaf() -> String? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> String? { formula(rule) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> String? { formula(rule) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> String? { formula(rule) }
  func visit<R: StructuralRule>(_ rule: R.Type) -> String? { nil }
  private func formula<R: Rule>(_ rule: R.Type) -> String? {
    isStable
      ? rule.stablePartialFormula(slot: slot, constants: constants)
      : rule.partialFormula(slot: slot, constants: constants)
  }
}
