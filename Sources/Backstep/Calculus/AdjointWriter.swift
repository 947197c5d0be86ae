// A backward pass written down as nodes, so that derivatives can be taken of it in turn.

import BackstepLanguage
import BackstepTrace

/// Adds to a graph the nodes that compute derivatives of one of its nodes.
///
/// It goes the way of a backward pass, but where that computes a number this adds a node: a local
/// derivative by its formula, a product with the adjoint, a sum where several come together.
///
/// **Source** Griewank and Walther, *Evaluating Derivatives*, 2nd ed., chapter 10; Pearlmutter and
/// Siskind, *Reverse-mode AD in a functional framework* (2008).
struct AdjointWriter {
  /// The graph that grows; the values of what was there before must be computed.
  var formulas = FormulaWriter()
  let isInterrupted: () -> Bool

  /// On what it depends whether anything is sent to a node: on the conditions of every `where` above.
  private enum Reach: Equatable {
    case never, always
    /// Where this node is not 0.
    case when(NodeID)
  }

  init(isInterrupted: @escaping () -> Bool) { self.isInterrupted = isInterrupted }

  /// Adds the derivatives of a node with respect to others, in those nodes' shapes; nil for one that
  /// it does not depend on.
  mutating func derivatives(
    of root: Int, wrt inputs: [Int]
  ) throws(EvaluationError) -> [FormulaTerm?] {
    let active = formulas.built.graph.dependents(of: inputs)
    var adjoints = ContiguousArray<FormulaTerm?>(repeating: nil, count: root + 1)
    var reaches = ContiguousArray(repeating: Reach.never, count: root + 1)
    let shape = formulas.built.graph.shape(of: root)
    adjoints[root] = shape.isScalar ? .number(1) : .node(try formulas.filled(shape, 1))
    reaches[root] = .always
    for node in stride(from: root, through: 0, by: -1) where active[node] {
      guard let adjoint = adjoints[node], !formulas.built.graph.operations[node].isLeaf else {
        continue
      }
      if node & 0x3F == 0, isInterrupted() { throw EvaluationError(kind: .interrupted) }
      for slot in 0..<formulas.built.graph.operandCount(of: node) {
        let operand = formulas.built.graph.operand(slot, of: node)
        guard active[operand],
          let sent = try contribution(of: node, slot, adjoint, reaches[node])
        else { continue }
        let share = try formulas.fit(sent, to: formulas.built.graph.shape(of: operand))
        if let before = adjoints[operand] {
          adjoints[operand] = try formulas.binary(.add, before, share)
        } else {
          adjoints[operand] = share
        }
        let reach = try passed(reaches[node], from: node, slot)
        reaches[operand] = try either(reaches[operand], reach)
      }
    }
    return inputs.map { $0 <= root ? adjoints[$0] : nil }
  }

  // MARK: Contributions

  /// What a node sends to an operand; nil where that is always 0.
  private mutating func contribution(
    of node: Int, _ slot: Int, _ adjoint: FormulaTerm, _ reach: Reach
  ) throws(EvaluationError) -> FormulaTerm? {
    let operation = formulas.built.graph.operations[node]
    let operands = (0..<formulas.built.graph.operandCount(of: node)).map { slot in
      FormulaTerm.node(NodeID(formulas.built.graph.operand(slot, of: node)))
    }
    if operation == .select {
      switch slot {
      case 1: return try formulas.ternary(.select, operands[0], adjoint, .number(0))
      case 2: return try formulas.ternary(.select, operands[0], .number(0), adjoint)
      default: return nil
      }
    }
    if operation.isStructural { return try pulled(node, slot, operands, adjoint, reach) }
    guard let formula = localFormula(of: node, slot), let entry = operation.entry else {
      return nil
    }
    let names = entry.operands.map(\.name) + ["out"]
    let arguments = operands + [.node(NodeID(node))]
    var local = try formulas.write(formula, names, arguments)
    if isOutside(node, entry) { local = try insideOnly(local, entry, operands) }
    if operation.isMean {
      let shape = operands.map(shape).reduce(.scalar) { Shape.broadcast($0, $1) ?? $0 }
      if !shape.isScalar {
        local = try formulas.binary(.divide, local, .number(Double(shape.count)))
        local = try formulas.fit(local, to: shape)
      }
    }
    let product = try formulas.binary(.multiply, adjoint, local)
    if case .number = local { return product }
    return try guarded(product, reach)
  }

  private func shape(_ term: FormulaTerm) -> Shape {
    if case .node(let node) = term { formulas.built.graph.shape(of: Int(node)) } else { .scalar }
  }

  /// What an operation on whole tensors sends.
  private mutating func pulled(
    _ node: Int, _ slot: Int, _ operands: [FormulaTerm], _ adjoint: FormulaTerm, _ reach: Reach
  ) throws(EvaluationError) -> FormulaTerm? {
    let operation = formulas.built.graph.operations[node]
    let isSingular = operation.accept(
      IsSingular(
        x: formulas.built.reading(of: formulas.built.graph.operand(0, of: node)),
        out: formulas.built.reading(of: node)))
    let pull = operation.accept(
      StablePull(
        slot: slot, shapes: operands.map(shape),
        attributes: formulas.built.graph.attributes(of: node),
        isSingular: isSingular))
    guard let pull, !pull.text.hasPrefix("0*") else { return nil }
    let names = (operation.entry?.operandNames ?? []).prefix(operands.count)
    let sent = try formulas.write(
      pull.text, names + ["out", "adj"],
      operands.prefix(names.count) + [.node(NodeID(node)), .node(formulas.node(adjoint))])
    guard !pull.isContribution else { return try guarded(sent, reach) }
    return try guarded(formulas.binary(.multiply, adjoint, sent), reach)
  }

  /// The formula of a local derivative; nil where that is always 0.
  private func localFormula(of node: Int, _ slot: Int) -> String? {
    let operation = formulas.built.graph.operations[node]
    guard let entry = operation.entry else { return nil }
    let constants = (0..<formulas.built.graph.operandCount(of: node)).map { slot -> Double? in
      let operand = formulas.built.graph.operand(slot, of: node)
      let isNumber =
        formulas.built.graph.operations[operand] == .constant
        && formulas.built.graph.shape(of: operand).isScalar
      return isNumber ? formulas.built.values[formulas.built.graph.offset(of: operand)] : nil
    }
    let formula =
      operation.accept(PartialFormula(slot: slot, constants: constants, isStable: true))
      ?? (isAtBoundary(node, entry)
        ? entry.boundaryPartialFormulas[slot] : entry.stablePartialFormulas[slot])
    return formula == "0" ? nil : formula
  }

  // MARK: Domains

  /// The operands whose domain has an end; a label may lie outside of its own.
  private func restricted(_ entry: OperationEntry) -> [Int] {
    entry.operands.indices.filter { slot in
      let operand = entry.operands[slot]
      return (operand.domain.lower.isFinite || operand.domain.upper.isFinite)
        && !(entry.operation.isMean && operand.name == "y")
    }
  }

  /// Whether an entry of an operand satisfies a condition on its domain.
  private func contains(
    _ node: Int, _ entry: OperationEntry, where holds: (Double, Domain) -> Bool
  ) -> Bool {
    restricted(entry).contains { slot in
      let numbers = formulas.built.reading(of: formulas.built.graph.operand(slot, of: node))
        .elements
      return numbers.contains { holds($0, entry.operands[slot].domain) }
    }
  }

  private func isAtBoundary(_ node: Int, _ entry: OperationEntry) -> Bool {
    contains(node, entry) { number, domain in number == domain.lower || number == domain.upper }
  }

  private func isOutside(_ node: Int, _ entry: OperationEntry) -> Bool {
    contains(node, entry) { number, domain in
      number.isNaN || number < domain.lower || number > domain.upper
    }
  }

  /// A local derivative where its operands lie in their domains; elsewhere it is not a number, though
  /// its formula may have a value there, as 1/x has for log(x) below 0.
  private mutating func insideOnly(
    _ local: FormulaTerm, _ entry: OperationEntry, _ operands: [FormulaTerm]
  ) throws(EvaluationError) -> FormulaTerm {
    var inside = FormulaTerm.number(1)
    for slot in restricted(entry) {
      let domain = entry.operands[slot].domain
      let above = try formulas.binary(.greaterOrEqual, operands[slot], .number(domain.lower))
      let below = try formulas.binary(.lessOrEqual, operands[slot], .number(domain.upper))
      inside = try formulas.binary(
        .multiply, inside, formulas.binary(.multiply, above, below))
    }
    let factor = try formulas.ternary(.select, inside, .number(1), .number(.nan))
    return try formulas.binary(.multiply, local, factor)
  }

  // MARK: Branches

  /// A product that is 0 where nothing is sent, though its local derivative may be infinite.
  private mutating func guarded(
    _ product: FormulaTerm, _ reach: Reach
  ) throws(EvaluationError) -> FormulaTerm {
    guard case .when(let condition) = reach, case .node(let node) = product else { return product }
    // Of a condition in another shape it is told only whether it holds anywhere.
    let fits =
      Shape.broadcast(
        formulas.built.graph.shape(of: Int(condition)), formulas.built.graph.shape(of: Int(node)))
      == formulas.built.graph.shape(of: Int(node))
    let test = fits ? FormulaTerm.node(condition) : try anywhere(.node(condition))
    return try formulas.ternary(.select, test, product, .number(0))
  }

  /// On what it depends whether an operand is sent something.
  private mutating func passed(
    _ reach: Reach, from node: Int, _ slot: Int
  ) throws(EvaluationError) -> Reach {
    if formulas.built.graph.operations[node] == .select {
      let condition = FormulaTerm.node(NodeID(formulas.built.graph.operand(0, of: node)))
      let branch =
        slot == 1 ? condition : try formulas.binary(.equal, condition, .number(0))
      guard case .when(let above) = reach else { return .when(try formulas.node(branch)) }
      let both = try formulas.binary(.multiply, truth(.node(above)), truth(branch))
      return try .when(formulas.node(both))
    }
    guard case .when(let condition) = reach,
      !formulas.built.graph.shape(of: Int(condition)).isScalar,
      formulas.built.graph.operations[node].isStructural
        || formulas.built.graph.shape(of: formulas.built.graph.operand(slot, of: node))
          != formulas.built.graph.shape(of: node)
    else { return reach }
    return .when(try formulas.node(anywhere(.node(condition))))
  }

  /// Whether either is so.
  private mutating func either(_ one: Reach, _ other: Reach) throws(EvaluationError) -> Reach {
    switch (one, other) {
    case (.never, _): return other
    case (_, .never): return one
    case (.when(let first), .when(let second)):
      if first == second { return one }
      // Of a condition and its opposite one always holds.
      for (this, that) in [(first, second), (second, first)] {
        let opposite = try formulas.binary(.equal, .node(this), .number(0))
        if opposite == .node(that) { return .always }
      }
      guard shape(.node(first)) == shape(.node(second)) else { return .always }
      let any = try formulas.binary(.maximum, truth(.node(first)), truth(.node(second)))
      return .when(try formulas.node(any))
    default: return .always
    }
  }

  /// 1 where a condition holds, else 0.
  private mutating func truth(_ term: FormulaTerm) throws(EvaluationError) -> FormulaTerm {
    if case .node(let node) = term, formulas.built.graph.operations[Int(node)].isTruth {
      return term
    }
    return try formulas.binary(.notEqual, term, .number(0))
  }

  /// Whether a condition holds anywhere, as one number.
  private mutating func anywhere(_ term: FormulaTerm) throws(EvaluationError) -> FormulaTerm {
    let test = try truth(term)
    guard case .node(let node) = test, !formulas.built.graph.shape(of: Int(node)).isScalar else {
      return test
    }
    return try formulas.structural(.largest, [node])
  }
}

extension Operation {
  /// Whether its results are 1 and 0 only.
  fileprivate var isTruth: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: true
    default: false
    }
  }
}

// MARK: Visitors

/// What an operand of an operation on whole tensors is sent.
private struct StablePull: RuleVisitor {
  let slot: Int
  let shapes: [Shape]
  let attributes: Attributes
  let isSingular: Bool

  func visitLeaf() -> PullFormula? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: BinaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: TernaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: StructuralRule>(_ rule: R.Type) -> PullFormula? {
    rule.stablePullFormula(slot: slot, shapes, attributes, isSingular: isSingular)
  }
}

/// Whether a node is at a point where the usual formula has no value.
private struct IsSingular: RuleVisitor {
  let x: Reading
  let out: Reading

  func visitLeaf() -> Bool { false }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Bool { false }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Bool { false }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Bool { false }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Bool {
    rule.isSingular(x, out)
  }
}
