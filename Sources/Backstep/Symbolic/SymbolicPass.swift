// The backward pass in formulas: what the sweep does with numbers, done with expressions.

import BackstepTrace

/// Expressions for values and derivatives of one graph's nodes.
///
/// Every local derivative comes from the formulas of its operation's rule. A node that is a symbol is
/// written by its name; any other by its operation on expressions.
struct SymbolicPass {
  let graph: Graph
  /// Which nodes are written by a name.
  let isSymbol: (Int) -> Bool
  private let constants: (Int) -> Double?
  private let constantName: (Int) -> String?
  private let hasWeights: (Int) -> Bool
  var table: Expressions
  private var reader = FormulaReader()
  /// The expression of each node's value plus 1; 0 where there is none yet.
  private var values: ContiguousArray<Int>
  /// Whether a formula could not be read: a mistake in a rule.
  private(set) var isLost = false

  /// Prepares for one graph; `constants` knows the number of a node that is a constant without a name,
  /// `constantName` the name of one such as pi, and `hasWeights` a cross-entropy with weights.
  init(
    _ graph: Graph, table: Expressions, isSymbol: @escaping (Int) -> Bool,
    constants: @escaping (Int) -> Double?, constantName: @escaping (Int) -> String?,
    hasWeights: @escaping (Int) -> Bool
  ) {
    self.graph = graph
    self.table = table
    self.isSymbol = isSymbol
    self.constants = constants
    self.constantName = constantName
    self.hasWeights = hasWeights
    values = ContiguousArray(repeating: 0, count: graph.count)
  }

  /// Whether nothing that was made means anything.
  var hasFailed: Bool { isLost || table.isExhausted }

  // MARK: Values

  /// The value of a node.
  mutating func value(of node: Int) -> ExpressionID {
    if values[node] > 0 { return values[node] - 1 }
    var open: [(node: Int, slot: Int)] = [(node, 0)]
    while let (top, slot) = open.last, !table.isExhausted {
      if values[top] > 0 {
        open.removeLast()
      } else if let leaf = leaf(top) {
        values[top] = leaf + 1
        open.removeLast()
      } else if slot < graph.operandCount(of: top) {
        open[open.count - 1].slot += 1
        let operand = graph.operand(slot, of: top)
        if values[operand] == 0 { open.append((operand, 0)) }
      } else {
        let operands = (0..<graph.operandCount(of: top)).map {
          values[graph.operand($0, of: top)] - 1
        }
        values[top] = table.make(graph.operations[top], operands, graph.attributes(of: top)) + 1
        open.removeLast()
      }
    }
    return max(0, values[node] - 1)
  }

  /// What needs no operands to be written; nil for an operation without a name.
  private mutating func leaf(_ node: Int) -> ExpressionID? {
    let operation = graph.operations[node]
    switch operation {
    case .constant:
      if let name = constantName(node) { return table.make(named: name) }
      if let number = constants(node) { return table.make(Coefficient(number)) }
      let shape = graph.shape(of: node)
      return table.make(symbol: node, shape, level: 0, length: shape.count)
    case .data, .input: return symbol(node)
    case _ where isSymbol(node): return symbol(node)
    case .derivative:
      let (output, input) = (graph.operand(0, of: node), graph.operand(1, of: node))
      guard isSymbol(output), isSymbol(input) else {
        isLost = true
        return table.zero
      }
      return table.enter(
        call: .derivative, [symbol(output), symbol(input)], Attributes(), graph.shape(of: node))
    default: return nil
    }
  }

  private mutating func symbol(_ node: Int) -> ExpressionID {
    table.make(
      symbol: node, graph.shape(of: node), level: graph.operations[node].isLeaf ? 0 : node)
  }

  // MARK: Derivatives

  /// What an operand is sent by a node with a given adjoint.
  mutating func contribution(
    of node: Int, slot: Int, adjoint: ExpressionID
  ) -> ExpressionID {
    let operation = graph.operations[node]
    guard !table.isExhausted, let entry = operation.entry, !table.isZero(adjoint) else {
      return table.zero
    }
    var formula = entry.partialFormulas.indices.contains(slot) ? entry.partialFormulas[slot] : ""
    var isContribution = false
    let count = graph.operandCount(of: node)
    if operation.isStructural {
      let shapes = (0..<count).map { graph.shape(of: graph.operand($0, of: node)) }
      let pull =
        slot == 0 && hasWeights(node)
        ? CrossEntropy.weightedPullFormula(shapes[0])
        : operation.accept(
          PullExpression(slot: slot, shapes: shapes, attributes: graph.attributes(of: node)))
      formula = pull?.text ?? ""
      isContribution = pull?.isContribution ?? false
    }
    var bindings: [String: ExpressionID] = [:]
    for (place, name) in entry.operandNames.enumerated()
    where place < count && mentions(formula, name) {
      bindings[name] = value(of: graph.operand(place, of: node))
    }
    if mentions(formula, "out") { bindings["out"] = value(of: node) }
    if isContribution { bindings["adj"] = adjoint }
    guard let local = reader.expression(formula, bindings, &table) else {
      isLost = true
      return table.zero
    }
    let sent = isContribution ? local : table.product(adjoint, local)
    if operation.isStructural { return table.stretched(sent, to: ownShape(node, slot)) }
    return unstretched(sent, node, slot)
  }

  /// The derivative of the root with respect to each node between the two, in simplest form.
  mutating func adjoints(
    of root: Int, downTo input: Int, active: ContiguousArray<Bool>, isInterrupted: () -> Bool
  ) -> [Int: ExpressionID] {
    var simplifier = self.simplifier()
    var sent: [Int: [Weighted]] = [:]
    var adjoints: [Int: ExpressionID] = [:]
    let seed = table.stretched(table.one, to: graph.shape(of: root))
    sent[root] = [Weighted(factor: .one, term: seed)]
    for node in stride(from: root, through: input, by: -1) {
      guard let terms = sent.removeValue(forKey: node), !hasFailed else { continue }
      if isInterrupted() { break }
      let adjoint = simplifier.simplified(table.sum(terms), &table)
      adjoints[node] = adjoint
      guard node != input else { break }
      for slot in 0..<graph.operandCount(of: node) {
        let operand = graph.operand(slot, of: node)
        guard active[operand] else { continue }
        let term = contribution(of: node, slot: slot, adjoint: adjoint)
        sent[operand, default: []].append(Weighted(factor: .one, term: term))
      }
    }
    return adjoints
  }

  private func ownShape(_ node: Int, _ slot: Int) -> Shape {
    graph.shape(of: graph.operand(slot, of: node))
  }

  private func mentions(_ formula: String, _ name: String) -> Bool {
    // A part of a longer word counts too: then an operand is written out in vain.
    formula.utf8.count >= name.utf8.count && Self.contains(Array(formula.utf8), Array(name.utf8))
  }

  private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
    guard !word.isEmpty, text.count >= word.count else { return false }
    return (0...(text.count - word.count)).contains {
      text[$0..<($0 + word.count)].elementsEqual(word)
    }
  }

  /// An operation entry by entry: a mean has its share for each entry, and an operand that was
  /// stretched receives the sum.
  private mutating func unstretched(
    _ sent: ExpressionID, _ node: Int, _ slot: Int
  ) -> ExpressionID {
    guard !graph.isScalar else { return sent }
    var shape = Shape.scalar
    for operand in 0..<graph.operandCount(of: node) {
      shape = Shape.broadcast(shape, ownShape(node, operand)) ?? shape
    }
    var result = sent
    if graph.operations[node].isMean, !shape.isScalar {
      result = table.scaled(sent, by: Coefficient.one.divided(by: shape.count))
    }
    return table.summed(result, from: shape, to: ownShape(node, slot))
  }
}

/// What an operand of a structural node is sent, in the language.
private struct PullExpression: RuleVisitor {
  let slot: Int
  let shapes: [Shape]
  let attributes: Attributes

  func visitLeaf() -> PullFormula? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: BinaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: TernaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: StructuralRule>(_ rule: R.Type) -> PullFormula? {
    R.pullExpression(slot: slot, shapes, attributes)
  }
}
