// The names and formulas of a graph's nodes, for the renderers.

import BackstepLanguage
import BackstepTrace

/// Names each node: by the session where it has a name, else `v1, v2, …` in forward order.
///
/// The numbers of names in use are skipped, so that no two nodes are called the same.
struct NodeTexts: TraceHeader {
  let graph: Graph
  let root: NodeIndex
  let rootText: String
  private let names: NameTable
  private let built: BuiltGraph
  /// The number of each node that has no name; 0 for the others.
  private let numbers: ContiguousArray<UInt32>
  /// The formulas of the operations in the graph; empty for the others.
  private let templates: [OperationTemplates?]
  /// The formulas of powers' derivatives that are shorter for their exponents, by slot and exponent.
  private let powers: [PowerPartial: Template]

  private struct PowerPartial: Hashable {
    var slot: Int
    var exponent: Double
  }

  /// Numbers the nodes; `isInUse` tells which of the session's names stand for something.
  ///
  /// Where only inputs will be named, the numbering can be left out.
  init(
    _ built: BuiltGraph, rootText: String, names: NameTable, isNumbered: Bool,
    isInUse: (NameID) -> Bool
  ) {
    graph = built.graph
    root = built.root
    self.built = built
    self.rootText = rootText
    self.names = names
    var numbers = ContiguousArray<UInt32>(repeating: 0, count: isNumbered ? graph.count : 0)
    if isNumbered {
      let taken = NodeTexts.numbersInUse(names, limit: 2 * graph.count + names.count, isInUse)
      var next = 0
      for node in 0..<graph.count
      where graph.labels[node] == 0 && graph.operations[node] != .constant {
        repeat { next += 1 } while next < taken.count && taken[next]
        numbers[node] = UInt32(next)
      }
    }
    self.numbers = numbers
    var isThere = Array(repeating: false, count: Operation.allCases.count)
    for node in 0..<graph.count { isThere[Int(graph.operations[node].rawValue)] = true }
    templates = Operation.allCases.map { operation in
      guard isThere[Int(operation.rawValue)] else { return nil }
      return OperationEntry(operation).map(OperationTemplates.init)
    }
    powers = isNumbered ? Self.powers(built) : [:]
  }

  /// How many exponents have their formulas kept.
  private static let mostPowers = 100

  private static func powers(_ built: BuiltGraph) -> [PowerPartial: Template] {
    var powers: [PowerPartial: Template] = [:]
    for node in 0..<built.graph.count where built.graph.operations[node] == .powerConstant {
      let constants = constants(of: node, built)
      guard constants.count == 2, let exponent = constants[1], constants[0] == nil else { continue }
      for slot in 0...1 where powers[PowerPartial(slot: slot, exponent: exponent)] == nil {
        powers[PowerPartial(slot: slot, exponent: exponent)] = OperationTable.specialPartial(
          of: .powerConstant, slot: slot, constants: constants)
      }
      if powers.count >= mostPowers { break }
    }
    return powers
  }

  /// The values of those of a node's operands that are numbers in a formula.
  private static func constants(of node: Int, _ built: BuiltGraph) -> [Double?] {
    let graph = built.graph
    return (0..<graph.operandCount(of: node)).map { slot in
      let operand = graph.operand(slot, of: node)
      let isNumber = graph.operations[operand] == .constant && graph.shape(of: operand).isScalar
      return isNumber ? built.values[graph.offset(of: operand)] : nil
    }
  }

  /// Which of the names v1, v2, … are in use.
  private static func numbersInUse(
    _ names: NameTable, limit: Int, _ isInUse: (NameID) -> Bool
  ) -> [Bool] {
    var taken: [Bool] = []
    for name in 0..<NameID(names.count) {
      guard let number = names.trailingNumber(of: name, after: UInt8(ascii: "v")), number <= limit,
        isInUse(name)
      else { continue }
      while taken.count <= number { taken.append(false) }
      taken[number] = true
    }
    return taken
  }

  var count: Int { graph.count }

  func kind(of node: NodeIndex) -> NodeKind {
    switch graph.operations[node] {
    case .constant: .constant
    case .data: .data
    case .input: .input
    default: .operation
    }
  }

  func shape(of node: NodeIndex) -> Shape { graph.shape(of: node) }
  func operandCount(of node: NodeIndex) -> Int { graph.operandCount(of: node) }
  func operand(_ slot: Int, of node: NodeIndex) -> NodeIndex { graph.operand(slot, of: node) }

  func operation(of node: NodeIndex) -> String {
    graph.operations[node] == .derivative ? "grad" : graph.operations[node].entry?.label ?? ""
  }

  func attributes(of node: NodeIndex) -> Attributes { graph.attributes(of: node) }

  func writeName(of node: NodeIndex, to output: inout ByteBuffer) {
    if let label = graph.label(of: node) {
      output.append(names.bytes(label))
    } else if graph.operations[node] == .constant {
      writeConstant(node, to: &output)
    } else if node == root, numbers.isEmpty {
      // The derivative of an expression that is shown nowhere else: ∂(x*x + 1)/∂x.
      let isShort = rootText.utf8.count <= 40 && !rootText.contains(where: \.isNewline)
      output.append("(\(isShort ? rootText : "…"))")
    } else {
      output.append(byte: UInt8(ascii: "v"))
      output.append(node < numbers.count ? Int(numbers[node]) : node + 1)
    }
  }

  /// A constant by its digits; a tensor of many by its shape.
  private func writeConstant(_ node: NodeIndex, to output: inout ByteBuffer) {
    let shape = graph.shape(of: node)
    if shape.isScalar {
      output.appendShortest(built.values[graph.offset(of: node)])
    } else if shape.count <= 6 {
      output.append(built.reading(of: node).literal)
    } else {
      shape.writeAngled(to: &output)
    }
  }

  func text(of node: NodeIndex) -> Template {
    let operation = graph.operations[node]
    guard operation.isStructural else {
      return templates[Int(operation.rawValue)]?.text ?? Self.derivativeText
    }
    let text = operation.accept(
      TextOf(shapes: operandShapes(of: node), attributes: graph.attributes(of: node)))
    return Template(text, operands: operation.entry?.operandNames ?? [])
  }

  private func operandShapes(of node: NodeIndex) -> [Shape] {
    (0..<graph.operandCount(of: node)).map { graph.shape(of: graph.operand($0, of: node)) }
  }

  /// How a derivative among the nodes is written.
  private static let derivativeText = Template("grad(x, y)", operands: ["x", "y"])

  func partialFormula(of node: NodeIndex, slot: Int) -> Template {
    let operation = graph.operations[node]
    if operation.isStructural {
      let names = operation.entry?.operandNames ?? []
      return Template(pullFormula(of: node, slot: slot)?.text ?? "", operands: names)
    }
    if operation == .powerConstant {
      let constants = Self.constants(of: node, built)
      if constants.count == 2, constants[0] == nil, let exponent = constants[1],
        let known = powers[PowerPartial(slot: slot, exponent: exponent)]
      {
        return known
      }
      if let special = OperationTable.specialPartial(
        of: operation, slot: slot, constants: constants)
      {
        return special
      }
    }
    let partials = templates[Int(operation.rawValue)]?.partials ?? []
    guard partials.indices.contains(slot) else { return Template(pieces: []) }
    return operation.isMean && !graph.isScalar ? mean(of: partials[slot], node) : partials[slot]
  }

  /// A loss over tensors is a mean: each entry has its share.
  private func mean(of template: Template, _ node: NodeIndex) -> Template {
    let shape = operandShapes(of: node).reduce(Shape.scalar) { Shape.broadcast($0, $1) ?? $0 }
    guard shape.count != 1 else { return template }
    return Template(pieces: template.inParentheses.pieces + [.text(Array("/\(shape.count)".utf8))])
  }

  func pattern(of node: NodeIndex) -> UInt8? {
    let operation = graph.operations[node]
    let isOwn =
      operation.isLeaf || operation.isStructural || operation == .derivative
      || operation == .powerConstant || operation.isMean && !graph.isScalar
    return isOwn ? nil : operation.rawValue
  }

  private func pullFormula(of node: NodeIndex, slot: Int) -> PullFormula? {
    if slot == 0, CrossEntropy.hasWeights(built, node) {
      return CrossEntropy.weightedPullFormula(operandShapes(of: node)[0])
    }
    return graph.operations[node].accept(
      PullFormulaOf(
        slot: slot, shapes: operandShapes(of: node), attributes: graph.attributes(of: node)))
  }

  func formulaIsContribution(of node: NodeIndex, slot: Int) -> Bool {
    graph.operations[node].isStructural
      && pullFormula(of: node, slot: slot)?.isContribution ?? false
  }

  /// The name of a node as a string.
  func name(of node: NodeIndex) -> String {
    var buffer = ByteBuffer()
    writeName(of: node, to: &buffer)
    return buffer.string
  }
}

/// How a structural node is shown.
struct TextOf: RuleVisitor {
  let shapes: [Shape]
  let attributes: Attributes

  func visitLeaf() -> String { "" }
  func visit<R: UnaryRule>(_ rule: R.Type) -> String { R.text }
  func visit<R: BinaryRule>(_ rule: R.Type) -> String { R.text }
  func visit<R: TernaryRule>(_ rule: R.Type) -> String { R.text }
  func visit<R: StructuralRule>(_ rule: R.Type) -> String { R.text(shapes, attributes) }
}

/// What an operand of a structural node is sent.
private struct PullFormulaOf: RuleVisitor {
  let slot: Int
  let shapes: [Shape]
  let attributes: Attributes

  func visitLeaf() -> PullFormula? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: BinaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: TernaryRule>(_ rule: R.Type) -> PullFormula? { nil }
  func visit<R: StructuralRule>(_ rule: R.Type) -> PullFormula? {
    R.pullFormula(slot: slot, shapes, attributes)
  }
}
