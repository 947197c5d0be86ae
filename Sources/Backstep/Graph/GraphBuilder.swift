// From definitions to the graph of one expression and everything it depends on.

import BackstepLanguage
import BackstepTrace

/// Walks definitions depth first and adds a node for everything it meets.
///
/// The walk keeps its own stack of open definitions: a chain of a million of them is ordinary.
/// Names are entered once, so whatever uses them shares their node.
struct GraphBuilder {
  /// How many operations calls of functions may expand to.
  static let expansionLimit = 10_000_000

  /// Where the random numbers come from.
  var random = Random(seed: 0)
  var built = BuiltGraph()
  /// For each name its node plus 1; 0 where there is none yet.
  private var nodes: ContiguousArray<NodeID> = []
  var operands: ContiguousArray<NodeID> = []
  /// The slices among the operands of an index that is being read.
  var slices: [Slice] = []
  /// How many nodes have been evaluated because something had to be known.
  var evaluated = 0
  /// Whether the graph would look different, or not be one, if inputs had other values.
  var dependsOnValues = false
  /// Whether there are nodes that nothing uses, such as an index that was computed.
  var hasOrphans = false
  var keywords: [(operand: Int, name: NameID, node: Int)] = []
  var frames: ContiguousArray<Frame> = []
  /// For each open function how many operands there were before its arguments.
  var bases: [Int] = []
  var expanded = 0
  /// What each name means as a built-in function: 0 not looked up, 1 nothing, else the operation.
  private var functions: ContiguousArray<UInt8> = []
  var memory = Memory()

  private static let inProgress = NodeID.max

  /// An expression that is being read.
  ///
  /// A chain of a million definitions is a million of these, so each takes 12 bytes only.
  struct Frame {
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
    /// Whether random numbers may be drawn: not in formulas, which would change each time.
    var allowsRandom = true
    /// Whether the user has asked to stop.
    var isInterrupted: () -> Bool = { false }
  }

  /// A slice as an index: the bounds that are there.
  struct Slice {
    var operand: Int
    var lower: Int?
    var upper: Int?
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
    evaluated = 0
    memory = Memory()
    hasOrphans = false
    dependsOnValues = false
    open(.statement, 0, expression)
    try walk(input, names)
    built.root = Int(operands.removeLast())
    for name in also where node(of: name) == 0 {
      try enter(name, at: expression.start, input, names)
      try walk(input, names)
      operands.removeAll(keepingCapacity: true)
    }
    var result = built
    if expanded > 0 || hasOrphans { result.sort(keeping: also.map { Int(node(of: $0)) - 1 }) }
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
    slices = []
    frames = []
    bases = []
  }

  private mutating func open(_ kind: Frame.Kind, _ name: NameID, _ syntax: SyntaxRange) {
    frames.append(Frame(kind, name, syntax))
  }

  // MARK: The walk

  /// Reads syntax nodes until every open expression is complete.
  private mutating func walk(_ input: Input, _ names: NameTable) throws(BuildError) {
    var steps = 0
    while let top = frames.indices.last {
      let at = Int(frames[top].position)
      if at == Int(frames[top].end) {
        try close(frames[top], at: at - 1)
        frames.removeLast()
        continue
      }
      steps += 1
      if steps & 0xFFFF == 0, input.isInterrupted() { throw failure(.interrupted, at: at) }
      frames[top].position += 1
      let kind = input.syntax.kinds[at]
      let payload = input.syntax.payloads[at]
      switch kind {
      case .number:
        push(constant: .number(input.syntax.number(at: at)))
      case .name:
        try enter(payload, at: at, input, names)
      case .parameter:
        operands.append(operands[bases[bases.count - 1] + Int(payload)])
      case .add: try binary(.add, at: at)
      case .subtract: try binary(.subtract, at: at)
      case .multiply: try binary(.multiply, at: at)
      case .divide: try binary(.divide, at: at)
      case .power: try power(at: at)
      case .less: try binary(.less, at: at)
      case .lessOrEqual: try binary(.lessOrEqual, at: at)
      case .greater: try binary(.greater, at: at)
      case .greaterOrEqual: try binary(.greaterOrEqual, at: at)
      case .equal: try binary(.equal, at: at)
      case .notEqual: try binary(.notEqual, at: at)
      case .negate: try negate(input.syntax.kinds[at - 1], at: at)
      case .keyword:
        keywords.append((operands.count - 1, payload, at))
      case .call:
        // The node behind a call holds the number of its arguments.
        frames[top].position += 1
        try call(payload, Int(input.syntax.payloads[at + 1]), at: at, input, names)
      case .gradient:
        try gradient(at: at, input.known)
      case .arguments: break
      case .matrixProduct: try structural(.matrixProduct, 2, at: at)
      case .transpose: try structural(.transpose, 1, at: at)
      case .list: try list(Int(payload), at: at)
      case .slice: try slice(bounds: payload, at: at)
      case .index: try index(Int(payload), at: at)
      }
    }
  }

  /// An expression is complete: its value is the operand on top.
  private mutating func close(_ frame: Frame, at: Int) throws(BuildError) {
    switch frame.kind {
    case .statement: break
    case .definition:
      guard let last = operands.last else { return }
      var node = last
      if built.graph.labels[Int(node)] != 0
        || built.graph.operations[Int(node)].isLeaf && !isDerivative(node)
      {
        node = try appendIdentity(last, at: at)
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
        finish(name, leaf: .constant, .number(value))
        return
      }
      let isFunction = OperationTable.named(text) != nil || Constructor.named(text) != nil
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

  private mutating func finish(_ name: NameID, leaf: Operation, _ value: Value) {
    let node = built.append(leaf: leaf, value, label: name)
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

  mutating func push(constant: Value) {
    // It lies outside the graph's own numbers: what there is memory for has to be asked again.
    if !constant.shape.isScalar { memory = Memory() }
    operands.append(built.append(leaf: .constant, constant))
  }

  /// Makes room for the numbers of the next node, as long as there may be more and nobody asks to stop.
  @inline(__always)
  mutating func makeRoom(_ shape: Shape, at: Int) throws(BuildError) {
    if shape.isScalar { return built.makeRoom(shape) }
    try checkSize(shape, at: at)
    guard built.prepareRoom(numbers: shape.count) else { throw failure(.interrupted, at: at) }
    var left = shape.count
    while left > 0 {
      built.makeRoom(numbers: min(left, Self.roomAtOnce))
      left -= Self.roomAtOnce
      if left > 0, Interruption.isRequested { throw failure(.interrupted, at: at) }
    }
  }

  /// How many numbers there is room made for between two looks at whether to stop: some milliseconds.
  private static let roomAtOnce = 1 << 20

  @inline(__always)
  mutating func append(_ operation: Operation, _ x: NodeID, at: Int) throws(BuildError) -> NodeID {
    if !bases.isEmpty { expanded += 1 }
    let shape = built.graph.shape(of: Int(x))
    try makeRoom(shape, at: at)
    return built.graph.append(operation, x, shape: shape)
  }

  /// Adds the node of a name that is another name for a value.
  private mutating func appendIdentity(_ x: NodeID, at: Int) throws(BuildError) -> NodeID {
    try append(.identity, x, at: at)
  }

  @inline(__always)
  mutating func binary(_ operation: Operation, at: Int) throws(BuildError) {
    let y = operands.removeLast()
    let top = operands.count - 1
    let x = operands[top]
    if !bases.isEmpty { expanded += 1 }
    let shape =
      built.graph.isScalar ? Shape.scalar : try elementwiseShape(operation, [x, y], at: at)
    try makeRoom(shape, at: at)
    operands[top] = built.graph.append(operation, x, y, shape: shape)
  }

  /// A power with a number as its exponent has one derivative, with respect to the base.
  private mutating func power(at: Int) throws(BuildError) {
    let exponent = Int(operands[operands.count - 1])
    let isNumber =
      built.graph.operations[exponent] == .constant && built.graph.shape(of: exponent).isScalar
    try binary(isNumber ? .powerConstant : .power, at: at)
  }

  /// A sign before a number belongs to the number; `operand` is what was read just before.
  ///
  /// A parameter may stand for a number too, but other uses of the parameter have their own signs.
  private mutating func negate(_ operand: SyntaxKind, at: Int) throws(BuildError) {
    let top = operands.count - 1
    let node = Int(operands[top])
    if operand == .number || operand == .negate, built.graph.operations[node] == .constant,
      built.graph.shape(of: node).isScalar
    {
      let place = built.graph.offset(of: node)
      built.values[place] = -built.values[place]
    } else {
      operands[top] = try append(.negate, operands[top], at: at)
    }
  }

  /// The derivative of one node with respect to another, as a value.
  private mutating func gradient(at: Int, _ known: KnownValues?) throws(BuildError) {
    let input = operands.removeLast()
    let output = operands.removeLast()
    if let known, let name = built.graph.label(of: Int(output)),
      let wrt = built.graph.label(of: Int(input)), let value = known.derivative(of: name, wrt: wrt)
    {
      operands.append(built.append(leaf: .data, value))
      return
    }
    if built.graph.operations[Int(input)] == .data
      || built.graph.operations[Int(input)] == .constant
    {
      throw failure(.constantHasNoDerivative(""), at: at - 1)
    }
    let shape = built.graph.shape(of: Int(output))
    guard shape.count == 1 else {
      throw failure(.needsScalar("a derivative", shape: "\(shape)"), at: at - 2)
    }
    let own = built.graph.shape(of: Int(input))
    try makeRoom(own, at: at)
    operands.append(built.graph.append(derivativeOf: output, wrt: input, shape: own))
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
    guard let function = function(name, names) else {
      throw failure(.unknownFunction(name: names.string(name), nearest: nil), at: at)
    }
    switch function {
    case .constructor(let constructor):
      try construct(constructor, count, at: at, input, names)
    case .operation(let operation):
      let isReduction = operation.isStructural || operation.reduction != nil
      if isReduction, try reduceOrArrange(operation, count, name, at: at, names) { return }
      if keywords.isEmpty, count == operation.arity {
        try apply(operation, at: at)
        return
      }
      guard let entry = operation.entry else { return }
      let arguments = try arrange(entry, first, count, name, at: at, names)
      operands.removeLast(count)
      for (slot, argument) in arguments.enumerated() {
        if let argument {
          operands.append(argument)
        } else if let fallback = entry.operands[slot].fallback {
          push(constant: .number(fallback))
        }
      }
      try apply(operation, at: at)
    }
  }

  /// Adds an operation on the operands on top.
  @inline(__always)
  private mutating func apply(_ operation: Operation, at: Int) throws(BuildError) {
    switch operation.arity {
    case 1:
      let top = operands.count - 1
      operands[top] = try append(operation, operands[top], at: at)
    case 2: if operation == .power { try power(at: at) } else { try binary(operation, at: at) }
    default:
      let z = operands.removeLast()
      let y = operands.removeLast()
      let x = operands[operands.count - 1]
      if !bases.isEmpty { expanded += 1 }
      let shape =
        built.graph.isScalar ? Shape.scalar : try elementwiseShape(operation, [x, y, z], at: at)
      try makeRoom(shape, at: at)
      operands[operands.count - 1] = built.graph.append(operation, x, y, z, shape: shape)
    }
  }

  /// Puts positional and keyword arguments in the operands' order; nil where one is left out.
  mutating func arrange(
    _ entry: OperationEntry, _ first: Int, _ count: Int, _ name: NameID, at: Int,
    _ names: NameTable
  ) throws(BuildError) -> [NodeID?] {
    let own = keywords.filter { $0.operand >= first }
    keywords.removeAll { $0.operand >= first }
    var arranged: [NodeID?] = Array(repeating: nil, count: entry.operands.count)
    let function = names.string(name)
    let positional = count - own.count
    guard (0...entry.operands.count).contains(positional) else {
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
      guard let slot = entry.operands.firstIndex(where: { $0.name == text && $0.hasKeyword })
      else {
        let known = entry.operands.filter(\.hasKeyword).map(\.name)
        throw failure(
          .unknownKeyword(function: function, keyword: text, known: known), at: keyword.node)
      }
      guard arranged[slot] == nil else {
        throw failure(.repeatedArgument(function: function, argument: text), at: keyword.node)
      }
      arranged[slot] = operands[keyword.operand]
    }
    for (slot, operand) in entry.operands.enumerated()
    where arranged[slot] == nil && !operand.canBeLeftOut {
      throw failure(
        wrongCount(entry, function, count), at: at, advice: "write \(entry.call(function))")
    }
    return arranged
  }

  func wrongCount(_ entry: OperationEntry, _ function: String, _ found: Int)
    -> Diagnostic.Kind
  {
    let most = entry.operands.count { $0.role != .keyword }
    let least = entry.operands.count { !$0.canBeLeftOut }
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

  /// What a name means where it is called.
  enum Function {
    case operation(Operation)
    case constructor(Constructor)
  }

  /// The built-in function of a name; looked up once.
  private mutating func function(_ name: NameID, _ names: NameTable) -> Function? {
    while functions.count <= Int(name) { functions.append(0) }
    if functions[Int(name)] == 0 {
      let text = names.string(name)
      let operations = UInt8(Operation.allCases.count)
      if let operation = OperationTable.named(text) {
        functions[Int(name)] = operation.rawValue + 2
      } else if let place = Constructor.all.firstIndex(where: { $0.name == text }) {
        functions[Int(name)] = operations + 2 + UInt8(place)
      } else {
        functions[Int(name)] = 1
      }
    }
    let code = functions[Int(name)]
    guard code > 1 else { return nil }
    if let operation = Operation(rawValue: code - 2) { return .operation(operation) }
    return .constructor(Constructor.all[Int(code) - 2 - Operation.allCases.count])
  }

  // MARK: Errors

  /// The names from one that is in progress around to itself.
  private func chain(to name: NameID, _ names: NameTable) -> [String] {
    let open = frames.drop { $0.name != name || $0.kind == .statement }
    return open.map { names.string($0.name) } + [names.string(name)]
  }

  func failure(_ kind: Diagnostic.Kind, at node: Int, advice: String? = nil) -> BuildError {
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
  /// The operands' shapes, where the kind is about them: its sentence has gaps for their names.
  var shapes: [Shape] = []
}

/// Values of formulas that were computed before and still hold.
struct KnownValues: Sendable {
  private var values: [NameID: Value] = [:]
  /// Derivatives of formulas with respect to inputs.
  private var derivatives: [DerivativePair: Value] = [:]
  /// How often something has changed that values may depend on.
  private(set) var changes = 0

  func value(of name: NameID) -> Value? { values.isEmpty ? nil : values[name] }
  mutating func remember(_ value: Value, of name: NameID) { values[name] = value }
  mutating func forget() {
    if !values.isEmpty { values = [:] }
    if !derivatives.isEmpty { derivatives = [:] }
    changes += 1
  }

  private struct DerivativePair: Hashable {
    var output: NameID
    var input: NameID
  }

  /// Whether nothing is known.
  var isEmpty: Bool { values.isEmpty && derivatives.isEmpty }

  func derivative(of output: NameID, wrt input: NameID) -> Value? {
    derivatives.isEmpty ? nil : derivatives[DerivativePair(output: output, input: input)]
  }

  mutating func remember(_ value: Value, of output: NameID, wrt input: NameID) {
    derivatives[DerivativePair(output: output, input: input)] = value
  }
}
