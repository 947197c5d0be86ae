// From definitions to the graph of one expression and everything it depends on.

import BackstepLanguage
import BackstepTrace

/// A graph with its leaves' values.
struct BuiltGraph {
  var graph = Graph()
  /// A value for each node; those of operations are to be computed.
  var values: ContiguousArray<Double> = []
  /// The node of the expression.
  var root = 0

  /// Makes room for so many nodes.
  mutating func reserve(_ nodes: Int) {
    graph.reserve(nodes)
    values.reserveCapacity(nodes)
  }

  /// Puts the nodes in forward order and drops those that nothing uses.
  ///
  /// A function's arguments are added before its body, which may use them in another order, or not
  /// at all. `others` are nodes to keep beside the root and what it depends on.
  mutating func sort(keeping others: [Int]) {
    var sorted = BuiltGraph()
    sorted.reserve(graph.count)
    /// Each node's new place plus 1; 0 where it has none yet.
    var places = ContiguousArray<NodeID>(repeating: 0, count: graph.count)
    var open: ContiguousArray<(node: Int, slot: Int)> = []
    for start in [root] + others where places[start] == 0 {
      open.append((start, 0))
      while let (node, slot) = open.last {
        if slot < graph.operandCount(of: node) {
          open[open.count - 1].slot += 1
          let operand = graph.operand(slot, of: node)
          if places[operand] == 0 { open.append((operand, 0)) }
        } else {
          open.removeLast()
          // A node that is used twice may be open twice.
          guard places[node] == 0 else { continue }
          places[node] = sorted.graph.append(copyOf: node, in: graph, places: places) + 1
          sorted.values.append(values[node])
        }
      }
    }
    sorted.root = Int(places[root]) - 1
    self = sorted
  }
}

/// Walks definitions depth first and adds a node for everything it meets.
///
/// The walk keeps its own stack of open definitions: a chain of a million of them is ordinary.
/// Names are entered once, so whatever uses them shares their node.
struct GraphBuilder {
  /// How many operations calls of functions may expand to.
  static let expansionLimit = 10_000_000

  private var built = BuiltGraph()
  /// For each name its node plus 1; 0 where there is none yet.
  private var nodes: ContiguousArray<NodeID> = []
  private var operands: ContiguousArray<NodeID> = []
  private var keywords: [(operand: Int, name: NameID, node: Int)] = []
  private var frames: ContiguousArray<Frame> = []
  /// For each open function how many operands there were before its arguments.
  private var bases: [Int] = []
  private var expanded = 0
  /// What each name means as a built-in function: 0 not looked up, 1 nothing, else the operation.
  private var functions: ContiguousArray<UInt8> = []

  private static let inProgress = NodeID.max

  /// An expression that is being read.
  ///
  /// A chain of a million definitions is a million of these, so each takes 12 bytes only.
  private struct Frame {
    enum Kind: UInt32 { case statement, definition, function }
    /// The next syntax node and the end.
    var position: UInt32
    let end: UInt32
    /// The name or function it belongs to, and in the highest two bits its kind.
    private let owner: UInt32

    init(_ kind: Kind, _ name: NameID, _ syntax: SyntaxRange) {
      position = UInt32(syntax.start)
      end = UInt32(syntax.end)
      owner = kind.rawValue << 30 | name
    }

    var kind: Kind { Kind(rawValue: owner >> 30) ?? .statement }
    var name: NameID { owner & (1 << 30 - 1) }
  }

  /// What the walk reads, and where a statement's own expression stands for messages.
  struct Input {
    let syntax: Syntax
    let definitions: Definitions
    /// Values of names that need not be computed again.
    var known: KnownValues?
  }

  /// Builds the graph of an expression.
  ///
  /// **Errors** a ``BuildError``: what is wrong and at which node of whose expression.
  mutating func build(
    _ expression: SyntaxRange, _ input: Input, names: NameTable, also: [NameID] = []
  ) throws(BuildError) -> BuiltGraph {
    defer { forget() }
    nodes.reserveCapacity(names.count)
    // Without functions there are at most as many nodes as there is syntax; memory that is not
    // touched costs nothing.
    built.reserve(input.syntax.count)
    frames.reserveCapacity(names.count + 1)
    expanded = 0
    open(.statement, 0, expression)
    try walk(input, names)
    built.root = Int(operands.removeLast())
    for name in also where node(of: name) == 0 {
      try enter(name, at: expression.start, input, names)
      try walk(input, names)
      operands.removeAll(keepingCapacity: true)
    }
    var result = built
    if expanded > 0 { result.sort(keeping: also.map { Int(node(of: $0)) - 1 }) }
    return result
  }

  /// The node of a name, in the graph that is being built.
  private func node(of name: NameID) -> NodeID {
    Int(name) < nodes.count ? nodes[Int(name)] : 0
  }

  private mutating func setNode(_ node: NodeID, of name: NameID) {
    while nodes.count <= Int(name) { nodes.append(0) }
    nodes[Int(name)] = node
  }

  /// Forgets everything about the last graph; the names' places are kept for the next.
  private mutating func forget() {
    for label in built.graph.labels where label > 0 { nodes[Int(label) - 1] = 0 }
    for frame in frames where Int(frame.name) < nodes.count { nodes[Int(frame.name)] = 0 }
    built = BuiltGraph()
    operands = []
    keywords = []
    frames = []
    bases = []
  }

  private mutating func open(_ kind: Frame.Kind, _ name: NameID, _ syntax: SyntaxRange) {
    frames.append(Frame(kind, name, syntax))
  }

  // MARK: The walk

  /// Reads syntax nodes until every open expression is complete.
  private mutating func walk(_ input: Input, _ names: NameTable) throws(BuildError) {
    while let top = frames.indices.last {
      let at = Int(frames[top].position)
      if at == Int(frames[top].end) {
        close(frames.removeLast())
        continue
      }
      frames[top].position += 1
      let kind = input.syntax.kinds[at]
      let payload = input.syntax.payloads[at]
      switch kind {
      case .number:
        push(constant: input.syntax.number(at: at))
      case .name:
        try enter(payload, at: at, input, names)
      case .parameter:
        operands.append(operands[bases[bases.count - 1] + Int(payload)])
      case .add: binary(.add)
      case .subtract: binary(.subtract)
      case .multiply: binary(.multiply)
      case .divide: binary(.divide)
      case .power: power()
      case .less: binary(.less)
      case .lessOrEqual: binary(.lessOrEqual)
      case .greater: binary(.greater)
      case .greaterOrEqual: binary(.greaterOrEqual)
      case .equal: binary(.equal)
      case .notEqual: binary(.notEqual)
      case .negate: negate(input.syntax.kinds[at - 1])
      case .keyword:
        keywords.append((operands.count - 1, payload, at))
      case .call:
        // The node behind a call holds the number of its arguments.
        frames[top].position += 1
        try call(payload, Int(input.syntax.payloads[at + 1]), at: at, input, names)
      case .gradient:
        try gradient(at: at)
      case .arguments: break
      case .matrixProduct, .transpose, .list, .index, .slice:
        throw failure(.unsupportedShape("vectors and matrices are not supported yet"), at: at)
      }
    }
  }

  /// An expression is complete: its value is the operand on top.
  private mutating func close(_ frame: Frame) {
    switch frame.kind {
    case .statement: break
    case .definition:
      guard let last = operands.last else { return }
      var node = last
      if built.graph.labels[Int(node)] != 0
        || built.graph.operations[Int(node)].isLeaf && !isDerivative(node)
      {
        node = append(.identity, last)
        operands[operands.count - 1] = node
      }
      built.graph.setLabel(frame.name, of: node)
      setNode(node + 1, of: frame.name)
    case .function:
      setNode(0, of: frame.name)
      guard let base = bases.popLast(), let result = operands.popLast() else { return }
      operands.removeLast(operands.count - base)
      operands.append(result)
    }
  }

  private func isDerivative(_ node: NodeID) -> Bool {
    built.graph.operations[Int(node)] == .derivative
  }

  // MARK: Names

  /// Puts a name's node on top, or opens its definition.
  private mutating func enter(
    _ name: NameID, at: Int, _ input: Input, _ names: NameTable
  ) throws(BuildError) {
    let known = node(of: name)
    if known == Self.inProgress { throw failure(.cycle(chain(to: name, names)), at: at) }
    if known > 0 {
      operands.append(known - 1)
      return
    }
    guard let definition = input.definitions.definition(of: name) else {
      let text = names.string(name)
      if let value = Self.predefined(text) {
        finish(name, leaf: .constant, value)
        return
      }
      let isFunction = operation(name, names) != nil
      throw failure(
        isFunction ? .functionUsedAsValue(text) : .noValue(name: text, nearest: nil), at: at)
    }
    switch definition.kind {
    case .input: finish(name, leaf: .input, input.definitions.value(of: definition))
    case .data: finish(name, leaf: .data, input.definitions.value(of: definition))
    case .formula:
      if let value = input.known?.value(of: name) {
        finish(name, leaf: .data, value)
        return
      }
      setNode(Self.inProgress, of: name)
      open(.definition, name, definition.syntax)
    case .function: throw failure(.functionUsedAsValue(names.string(name)), at: at)
    }
  }

  private mutating func finish(_ name: NameID, leaf: Operation, _ value: Double) {
    let node = built.graph.append(leaf: leaf, label: name)
    built.values.append(value)
    setNode(node + 1, of: name)
    operands.append(node)
  }

  /// The numbers that have a name from the start.
  static func predefined(_ name: String) -> Double? {
    switch name {
    case "pi", "π": .pi
    case "e": 2.718281828459045
    case "inf": .infinity
    default: nil
    }
  }

  // MARK: Operators

  private mutating func push(constant: Double) {
    operands.append(built.graph.append(leaf: .constant))
    built.values.append(constant)
  }

  @inline(__always)
  private mutating func append(_ operation: Operation, _ x: NodeID) -> NodeID {
    if !bases.isEmpty { expanded += 1 }
    built.values.append(0)
    return built.graph.append(operation, x)
  }

  @inline(__always)
  private mutating func append(_ operation: Operation, _ x: NodeID, _ y: NodeID) -> NodeID {
    if !bases.isEmpty { expanded += 1 }
    built.values.append(0)
    return built.graph.append(operation, x, y)
  }

  @inline(__always)
  private mutating func binary(_ operation: Operation) {
    let y = operands.removeLast()
    let top = operands.count - 1
    operands[top] = append(operation, operands[top], y)
  }

  /// A power with a number as its exponent has one derivative, with respect to the base.
  private mutating func power() {
    let exponent = Int(operands[operands.count - 1])
    let isConstant = built.graph.operations[exponent] == .constant
    binary(isConstant ? .powerConstant : .power)
  }

  /// A sign before a number belongs to the number; `operand` is what was read just before.
  ///
  /// A parameter may stand for a number too, but other uses of the parameter have their own signs.
  private mutating func negate(_ operand: SyntaxKind) {
    let top = operands.count - 1
    let node = Int(operands[top])
    if operand == .number || operand == .negate, built.graph.operations[node] == .constant {
      built.values[node] = -built.values[node]
    } else {
      operands[top] = append(.negate, operands[top])
    }
  }

  /// The derivative of one node with respect to another, as a value.
  private mutating func gradient(at: Int) throws(BuildError) {
    let input = operands.removeLast()
    let output = operands.removeLast()
    if built.graph.operations[Int(input)] == .data
      || built.graph.operations[Int(input)] == .constant
    {
      throw failure(.constantHasNoDerivative(""), at: at - 1)
    }
    built.values.append(0)
    operands.append(built.graph.append(derivativeOf: output, wrt: input))
  }

  // MARK: Calls

  private mutating func call(
    _ name: NameID, _ count: Int, at: Int, _ input: Input, _ names: NameTable
  ) throws(BuildError) {
    let first = operands.count - count
    if let definition = input.definitions.definition(of: name) {
      guard definition.kind == .function else {
        throw failure(.valueUsedAsFunction(names.string(name)), at: at)
      }
      try expand(name, definition, count, at: at, input, names)
      return
    }
    guard let operation = operation(name, names) else {
      throw failure(.unknownFunction(name: names.string(name), nearest: nil), at: at)
    }
    if keywords.isEmpty, count == operation.arity {
      apply(operation)
      return
    }
    guard let entry = operation.entry else { return }
    let arguments = try arrange(entry, first, count, name, at: at, names)
    operands.removeLast(count)
    for (slot, argument) in arguments.enumerated() {
      if let argument {
        operands.append(argument)
      } else if let fallback = entry.operands[slot].fallback {
        push(constant: fallback)
      }
    }
    apply(operation)
  }

  /// Adds an operation on the operands on top.
  @inline(__always)
  private mutating func apply(_ operation: Operation) {
    switch operation.arity {
    case 1: operands[operands.count - 1] = append(operation, operands[operands.count - 1])
    case 2: if operation == .power { power() } else { binary(operation) }
    default:
      let z = operands.removeLast()
      let y = operands.removeLast()
      if !bases.isEmpty { expanded += 1 }
      built.values.append(0)
      operands[operands.count - 1] = built.graph.append(
        operation, operands[operands.count - 1], y, z)
    }
  }

  /// Puts positional and keyword arguments in the operands' order; nil where one is left out.
  private mutating func arrange(
    _ entry: OperationEntry, _ first: Int, _ count: Int, _ name: NameID, at: Int,
    _ names: NameTable
  ) throws(BuildError) -> [NodeID?] {
    let own = keywords.filter { $0.operand >= first }
    keywords.removeAll { $0.operand >= first }
    var arranged: [NodeID?] = Array(repeating: nil, count: entry.operands.count)
    let function = names.string(name)
    let positional = count - own.count
    guard positional <= entry.operands.count else {
      throw failure(
        wrongCount(entry, function, count), at: at, advice: "write \(entry.call(function))")
    }
    for slot in 0..<positional {
      if let keyword = own.first(where: { $0.operand == first + slot }) {
        throw failure(
          .expectedOperand(found: "an argument given by name before it"), at: keyword.node)
      }
      arranged[slot] = operands[first + slot]
    }
    for keyword in own {
      let text = names.string(keyword.name)
      guard let slot = entry.operands.firstIndex(where: { $0.name == text && $0.fallback != nil })
      else {
        let known = entry.operands.filter { $0.fallback != nil }.map(\.name)
        throw failure(
          .unknownKeyword(function: function, keyword: text, known: known), at: keyword.node)
      }
      guard arranged[slot] == nil else {
        throw failure(.repeatedArgument(function: function, argument: text), at: keyword.node)
      }
      arranged[slot] = operands[keyword.operand]
    }
    for (slot, operand) in entry.operands.enumerated()
    where arranged[slot] == nil && operand.fallback == nil {
      throw failure(
        wrongCount(entry, function, count), at: at, advice: "write \(entry.call(function))")
    }
    return arranged
  }

  private func wrongCount(_ entry: OperationEntry, _ function: String, _ found: Int)
    -> Diagnostic.Kind
  {
    let most = entry.operands.count
    let least = entry.operands.filter { $0.fallback == nil }.count
    let range = least == most ? "\(most)" : "\(least) to \(most)"
    return .wrongArgumentCount(
      function: function, expected: "\(range) argument\(most == 1 ? "" : "s")", found: found)
  }

  /// Opens a function's body above its arguments.
  private mutating func expand(
    _ name: NameID, _ definition: Definition, _ count: Int, at: Int, _ input: Input,
    _ names: NameTable
  ) throws(BuildError) {
    let function = names.string(name)
    let parameters = input.definitions.parameters(of: definition)
    if let keyword = keywords.first(where: { $0.operand >= operands.count - count }) {
      keywords.removeAll { $0.operand >= operands.count - count }
      throw failure(
        .unknownKeyword(
          function: function, keyword: names.string(keyword.name), known: []), at: keyword.node)
    }
    guard parameters.count == count else {
      let expected = "\(parameters.count) argument\(parameters.count == 1 ? "" : "s")"
      throw failure(
        .wrongArgumentCount(function: function, expected: expected, found: count), at: at,
        advice: "write \(function)(\(parameters.map(names.string).joined(separator: ", ")))")
    }
    if node(of: name) == Self.inProgress {
      throw failure(.recursion(chain(to: name, names)), at: at)
    }
    guard expanded <= Self.expansionLimit else {
      throw failure(.expansionTooLarge(limit: Self.expansionLimit), at: at)
    }
    expanded += 1
    bases.append(operands.count - count)
    setNode(Self.inProgress, of: name)
    open(.function, name, definition.syntax)
  }

  /// The built-in operation of a name; looked up once.
  private mutating func operation(_ name: NameID, _ names: NameTable) -> Operation? {
    while functions.count <= Int(name) { functions.append(0) }
    if functions[Int(name)] == 0 {
      let found = OperationTable.named(names.string(name))
      functions[Int(name)] = found.map { $0.rawValue + 2 } ?? 1
    }
    return functions[Int(name)] < 2 ? nil : Operation(rawValue: functions[Int(name)] - 2)
  }

  // MARK: Errors

  /// The names from one that is in progress around to itself.
  private func chain(to name: NameID, _ names: NameTable) -> [String] {
    let open = frames.drop { $0.name != name || $0.kind == .statement }
    return open.map { names.string($0.name) } + [names.string(name)]
  }

  private func failure(_ kind: Diagnostic.Kind, at node: Int, advice: String? = nil) -> BuildError {
    let owner = frames.last.flatMap { $0.kind == .statement ? nil : $0.name }
    return BuildError(kind: kind, node: node, owner: owner, advice: advice)
  }
}

/// What is wrong with an expression, at one of its syntax nodes.
struct BuildError: Error {
  var kind: Diagnostic.Kind
  /// The syntax node at fault.
  var node: Int
  /// The name whose definition it is in; nil where it is in the statement itself.
  var owner: NameID?
  /// Advice where the kind's own does not fit.
  var advice: String?
}

/// Values of formulas that were computed before and still hold.
struct KnownValues: Sendable {
  private var values: [NameID: Double] = [:]

  func value(of name: NameID) -> Double? { values.isEmpty ? nil : values[name] }
  mutating func remember(_ value: Double, of name: NameID) { values[name] = value }
  mutating func forget() { values.removeAll(keepingCapacity: true) }
}
