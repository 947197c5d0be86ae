// Formulas in Backstep's own language, added to a graph as nodes.

import BackstepLanguage
import BackstepTrace

/// What a formula is about: a number that is known, or a node.
enum FormulaTerm: Equatable {
  case number(Double)
  case node(NodeID)
}

/// Adds to a graph what formulas say.
///
/// A node that was added before is used again, and what is known is worked in: x*1 is x, 3 - 1 is 2.
struct FormulaWriter {
  /// How many nodes may be added.
  static let limit = 1_000_000

  /// The graph that grows.
  var built = BuiltGraph()
  private var parser = Parser(commands: [])
  /// The formulas that have been read, by their texts and their parameters' names.
  private var bodies: [String: SyntaxRange] = [:]
  /// The nodes that were added, by what they do.
  private var nodes: [Key: NodeID] = [:]
  private var structuralNodes: [StructuralKey: NodeID] = [:]
  /// The constants that were added, by shape and number, and back.
  private var constants: [Constant: NodeID] = [:]
  private var numbers: [NodeID: Double] = [:]
  private var written = 0
  private var memory = Memory()

  /// An operation entry by entry on up to three operands.
  private struct Key: Hashable {
    let operation: Operation
    let x: NodeID
    let y: NodeID
    let z: NodeID
  }

  /// An operation on whole tensors.
  private struct StructuralKey: Hashable {
    let operation: Operation
    let operands: [NodeID]
    let attributes: Attributes
  }

  private struct Constant: Hashable {
    let shape: Shape
    let bits: UInt64
  }

  // MARK: Formulas

  /// What stands on the stack while a formula is read: values, and what is said besides.
  private enum Entry {
    case term(FormulaTerm)
    case slice(lower: Int?, upper: Int?)
    case axis(Int)
  }

  /// Adds a formula's nodes.
  ///
  /// - Parameters:
  ///   - formula: A formula in terms of the names.
  ///   - names: What it calls its arguments.
  ///   - arguments: What they stand for.
  /// - Returns: What the formula comes to.
  /// - Throws: An ``EvaluationError`` where the graph would grow too large.
  mutating func write(
    _ formula: String, _ names: [String], _ arguments: [FormulaTerm]
  ) throws(EvaluationError) -> FormulaTerm {
    let body = body(of: formula, names)
    let arguments = arguments.map(known)
    var stack: [Entry] = []
    var at = body.start
    while at < body.end {
      let kind = parser.syntax.kinds[at]
      let payload = Int(parser.syntax.payloads[at])
      switch kind {
      case .number: stack.append(.term(.number(parser.syntax.number(at: at))))
      case .parameter: stack.append(.term(arguments[payload]))
      case .negate: stack.append(.term(try unary(.negate, Self.pop(&stack))))
      case .transpose:
        let x = try node(Self.pop(&stack))
        stack.append(.term(try structural(.transpose, [x])))
      case .slice:
        let upper = payload & 2 != 0 ? Self.integer(Self.pop(&stack)) : nil
        let lower = payload & 1 != 0 ? Self.integer(Self.pop(&stack)) : nil
        stack.append(.slice(lower: lower, upper: upper))
      case .index: try index(payload, &stack)
      case .keyword: stack.append(.axis(Self.integer(Self.pop(&stack))))
      case .list: try list(payload, &stack)
      case .call:
        at += 1
        let name = parser.names.string(NameID(payload))
        try call(name, Int(parser.syntax.payloads[at]), &stack)
      default:
        let y = Self.pop(&stack)
        let x = Self.pop(&stack)
        stack.append(.term(try infix(kind, x, y)))
      }
      at += 1
    }
    return Self.pop(&stack)
  }

  /// Reads a formula as the body of a function; each is read once.
  private mutating func body(of formula: String, _ names: [String]) -> SyntaxRange {
    let text = "f(\(names.joined(separator: ", "))) = \(formula)"
    if let body = bodies[text] { return body }
    parser.begin(file: nil, firstLine: 1)
    parser.append(text.utf8)
    guard let statement = try? parser.next(), case .function(_, _, _, let body) = statement.kind
    else { preconditionFailure("a rule's formula is a formula: \(formula)") }
    bodies[text] = body
    return body
  }

  private static func pop(_ stack: inout [Entry]) -> FormulaTerm {
    guard case .term(let term)? = stack.popLast() else {
      preconditionFailure("in postfix order every operand stands before its operator")
    }
    return term
  }

  private static func integer(_ term: FormulaTerm) -> Int {
    guard case .number(let number) = term, let integer = Int(exactly: number) else {
      preconditionFailure("sizes and places in a rule's formula are whole numbers")
    }
    return integer
  }

  private mutating func infix(
    _ kind: SyntaxKind, _ x: FormulaTerm, _ y: FormulaTerm
  ) throws(EvaluationError) -> FormulaTerm {
    switch kind {
    case .add: try binary(.add, x, y)
    case .subtract: try binary(.subtract, x, y)
    case .multiply: try binary(.multiply, x, y)
    case .divide: try binary(.divide, x, y)
    case .power: try binary(.power, x, y)
    case .less: try binary(.less, x, y)
    case .lessOrEqual: try binary(.lessOrEqual, x, y)
    case .greater: try binary(.greater, x, y)
    case .greaterOrEqual: try binary(.greaterOrEqual, x, y)
    case .equal: try binary(.equal, x, y)
    case .notEqual: try binary(.notEqual, x, y)
    case .matrixProduct: try structural(.matrixProduct, [node(x), node(y)])
    default: preconditionFailure("a rule's formula has operands and functions only")
    }
  }

  private mutating func index(
    _ count: Int, _ stack: inout [Entry]
  ) throws(EvaluationError) {
    let parts = stack.suffix(count)
    stack.removeLast(count)
    let x = try node(Self.pop(&stack))
    let shape = built.graph.shape(of: Int(x))
    let selections = parts.enumerated().map { axis, part -> Attributes.Selection in
      guard case .slice(let lower, let upper) = part else {
        var place = [part]
        let number = Self.integer(Self.pop(&place))
        return Attributes.Selection(
          places: number - 1..<number, isSingle: true, text: "\(number)")
      }
      let text = "\(lower.map(String.init) ?? ""):\(upper.map(String.init) ?? "")"
      return Attributes.Selection(
        places: (lower ?? 1) - 1..<(upper ?? shape.extent(axis)), isSingle: false, text: text)
    }
    stack.append(.term(try structural(.element, [x], Attributes(selections: selections))))
  }

  private mutating func list(_ count: Int, _ stack: inout [Entry]) throws(EvaluationError) {
    var entries: [NodeID] = []
    for _ in 0..<count { entries.append(try node(Self.pop(&stack))) }
    stack.append(.term(try structural(.stack, entries.reversed())))
  }

  private mutating func call(
    _ name: String, _ count: Int, _ stack: inout [Entry]
  ) throws(EvaluationError) {
    var attributes = Attributes()
    var terms: [FormulaTerm] = []
    for _ in 0..<count {
      if case .axis(let axis)? = stack.last {
        attributes.axis = axis
        stack.removeLast()
      } else {
        terms.append(Self.pop(&stack))
      }
    }
    terms.reverse()
    stack.append(.term(try call(name, terms, &attributes)))
  }

  private mutating func call(
    _ name: String, _ terms: [FormulaTerm], _ attributes: inout Attributes
  ) throws(EvaluationError) -> FormulaTerm {
    func shape(_ sizes: ArraySlice<FormulaTerm>) -> Shape {
      let sizes = sizes.map(Self.integer)
      return sizes.count > 1 ? .matrix(sizes[0], sizes[1]) : .vector(sizes[0])
    }
    if name == "ones" { return .node(try filled(shape(terms[...]), 1)) }
    if name == "zeros" { return .node(try filled(shape(terms[...]), 0)) }
    guard let named = OperationTable.named(name) else {
      preconditionFailure("a rule's formula calls built-in functions: \(name)")
    }
    let operation = terms.count == 1 ? named.reduction ?? named : named
    guard operation.isStructural else {
      switch terms.count {
      case 1: return try unary(operation, terms[0])
      case 2: return try binary(operation, terms[0], terms[1])
      default: return try ternary(operation, terms[0], terms[1], terms[2])
      }
    }
    if operation == .reshape || operation == .oneHot { attributes.shape = shape(terms[1...]) }
    var operands: [NodeID] = []
    for term in operation == .reshape || operation == .oneHot ? terms[..<1] : terms[...] {
      operands.append(try node(term))
    }
    return try structural(operation, operands, attributes)
  }

  // MARK: Operations

  /// Adds an operation on one operand.
  mutating func unary(
    _ operation: Operation, _ x: FormulaTerm
  ) throws(EvaluationError) -> FormulaTerm {
    switch x {
    case .number(let x): return .number(operation.accept(ValueAt(x: x, y: x, z: x)))
    case .node(let x):
      if let number = numbers[x] {
        let value = operation.accept(ValueAt(x: number, y: number, z: number))
        return .node(try filled(built.graph.shape(of: Int(x)), value))
      }
      if operation == .negate, built.graph.operations[Int(x)] == .negate,
        built.graph.label(of: Int(x)) == nil
      {
        return .node(built.graph.left[Int(x)])
      }
      return .node(try append(operation, [x], built.graph.shape(of: Int(x))))
    }
  }

  /// Adds an operation on two operands; a number known to change nothing is left out.
  mutating func binary(
    _ operation: Operation, _ x: FormulaTerm, _ y: FormulaTerm
  ) throws(EvaluationError) -> FormulaTerm {
    if case .number(let x) = x, case .number(let y) = y {
      return .number(operation.accept(ValueAt(x: x, y: y, z: y)))
    }
    if let simpler = try simplified(operation, x, y) { return simpler }
    let isPowerOfNumber = if case .number = y { operation == .power } else { false }
    let operands = [try node(x), try node(y)]
    return .node(
      try append(isPowerOfNumber ? .powerConstant : operation, operands, shape(of: operands)))
  }

  /// What an operation comes to where one operand is a number, or the same number everywhere.
  private mutating func simplified(
    _ operation: Operation, _ x: FormulaTerm, _ y: FormulaTerm
  ) throws(EvaluationError) -> FormulaTerm? {
    let (first, second) = (number(x), number(y))
    let operands = shape(of: [x, y].compactMap(Self.node))
    if let first, let second {
      return .node(try filled(operands, operation.accept(ValueAt(x: first, y: second, z: 0))))
    }
    /// The operand itself, where it has the shape of the result.
    func only(_ term: FormulaTerm) -> FormulaTerm? {
      Self.node(term).map { built.graph.shape(of: Int($0)) == operands } ?? false ? term : nil
    }
    switch (operation, first, second) {
    case (.multiply, 1, _), (.add, 0, _): return only(y)
    case (.multiply, _, 1), (.add, _, 0), (.subtract, _, 0), (.divide, _, 1), (.power, _, 1):
      return only(x)
    case (.multiply, -1, _), (.subtract, 0, _):
      return if only(y) != nil { try unary(.negate, y) } else { nil }
    case (.multiply, _, -1), (.divide, _, -1):
      return if only(x) != nil { try unary(.negate, x) } else { nil }
    case (.power, _, 0): return .node(try filled(operands, 1))
    default: return nil
    }
  }

  /// Adds an operation on three operands; a choice that is known is made.
  mutating func ternary(
    _ operation: Operation, _ x: FormulaTerm, _ y: FormulaTerm, _ z: FormulaTerm
  ) throws(EvaluationError) -> FormulaTerm {
    if operation == .select, case .number(let condition) = x { return condition != 0 ? y : z }
    let operands = [try node(x), try node(y), try node(z)]
    return .node(try append(operation, operands, shape(of: operands)))
  }

  /// Adds an operation on whole tensors.
  mutating func structural(
    _ operation: Operation, _ operands: [NodeID], _ attributes: Attributes = Attributes()
  ) throws(EvaluationError) -> FormulaTerm {
    let shapes = operands.map { built.graph.shape(of: Int($0)) }
    guard let shape = try? operation.accept(ShapeOf(shapes: shapes, attributes: attributes)).get()
    else { preconditionFailure("the shapes in a rule's formula fit: \(operation) of \(shapes)") }
    let key = StructuralKey(operation: operation, operands: operands, attributes: attributes)
    if let known = structuralNodes[key] { return .node(known) }
    try makeRoom(shape)
    let node = built.graph.append(operation, operands, attributes, shape: shape)
    structuralNodes[key] = node
    return .node(node)
  }

  private func shape(of operands: [NodeID]) -> Shape {
    let shapes = operands.map { built.graph.shape(of: Int($0)) }
    return shapes.dropFirst().reduce(shapes[0]) { one, other in
      guard let both = Shape.broadcast(one, other) else {
        preconditionFailure("the shapes in a rule's formula fit: \(shapes)")
      }
      return both
    }
  }

  private mutating func append(
    _ operation: Operation, _ x: [NodeID], _ shape: Shape
  ) throws(EvaluationError) -> NodeID {
    let key = Key(
      operation: operation, x: x[0], y: x.count > 1 ? x[1] : 0, z: x.count > 2 ? x[2] : 0)
    if let known = nodes[key] { return known }
    try makeRoom(shape)
    let node =
      switch x.count {
      case 1: built.graph.append(operation, x[0], shape: shape)
      case 2: built.graph.append(operation, x[0], x[1], shape: shape)
      default: built.graph.append(operation, x[0], x[1], x[2], shape: shape)
      }
    nodes[key] = node
    return node
  }

  /// Makes room for one more node, if there may be one.
  private mutating func makeRoom(_ shape: Shape) throws(EvaluationError) {
    written += 1
    guard written <= Self.limit else {
      throw EvaluationError(kind: .derivativeTooLarge(limit: Self.limit))
    }
    if !built.graph.isScalar, let problem = memory.problem(built.graph.numberCount + shape.count) {
      throw EvaluationError(kind: problem)
    }
    built.makeRoom(shape)
  }

  /// Adds a node that is another name for a node.
  mutating func copy(of node: NodeID) throws(EvaluationError) -> NodeID {
    let shape = built.graph.shape(of: Int(node))
    try makeRoom(shape)
    return built.graph.append(.identity, node, shape: shape)
  }

  /// Gives a node's name to a new node for the same value.
  mutating func split(_ node: NodeID) throws(EvaluationError) -> NodeID {
    let copy = try copy(of: node)
    if let label = built.graph.label(of: Int(node)) {
      built.graph.setLabel(label, of: copy)
      built.graph.removeLabel(of: node)
    }
    return copy
  }

  // MARK: Numbers and nodes

  private static func node(_ term: FormulaTerm) -> NodeID? {
    if case .node(let node) = term { node } else { nil }
  }

  /// A number that is known, also of a constant that has it everywhere.
  private func number(_ term: FormulaTerm) -> Double? {
    switch term {
    case .number(let number): number
    case .node(let node): numbers[node]
    }
  }

  /// A node that is a number in the formula counts as that number.
  private func known(_ term: FormulaTerm) -> FormulaTerm {
    guard case .node(let node) = term, built.graph.operations[Int(node)] == .constant,
      built.graph.shape(of: Int(node)).isScalar
    else { return term }
    return .number(built.values[built.graph.offset(of: Int(node))])
  }

  /// The node of a term.
  mutating func node(_ term: FormulaTerm) throws(EvaluationError) -> NodeID {
    switch term {
    case .number(let number): try filled(.scalar, number)
    case .node(let node): node
    }
  }

  /// A constant that is the same number everywhere.
  mutating func filled(_ shape: Shape, _ number: Double) throws(EvaluationError) -> NodeID {
    let key = Constant(shape: shape, bits: number.bitPattern)
    if let known = constants[key] { return known }
    if let problem = Memory.problem(shape.count) { throw EvaluationError(kind: problem) }
    let node = built.append(
      leaf: .constant,
      shape.isScalar ? .number(number) : .tensor(Tensor(shape) { $0.fill(number) }))
    constants[key] = node
    numbers[node] = number
    return node
  }

  /// A term in a smaller shape, summed over the axes along which that was stretched, or in a larger
  /// one, stretched.
  mutating func fit(_ term: FormulaTerm, to shape: Shape) throws(EvaluationError) -> FormulaTerm {
    guard case .node(let node) = term else {
      return if shape.isScalar { term } else {
        try binary(.multiply, term, .node(filled(shape, 1)))
      }
    }
    let own = built.graph.shape(of: Int(node))
    if own == shape { return term }
    if own.count < shape.count { return try binary(.multiply, term, .node(filled(shape, 1))) }
    if let number = numbers[node] {
      return .node(try filled(shape, number * Double(own.count / shape.count)))
    }
    let rows = own.broadcastRows > shape.broadcastRows
    let columns = own.broadcastColumns > shape.broadcastColumns
    var result = term
    if rows || columns {
      let axis = own.rank < 2 || rows && columns ? 0 : rows ? 1 : 2
      result = try structural(.sum, [node], Attributes(axis: axis))
    }
    let sum = try self.node(result)
    if built.graph.shape(of: Int(sum)) == shape { return result }
    guard shape.isScalar else {
      return try structural(.reshape, [sum], Attributes(shape: shape))
    }
    let first = Attributes.Selection(places: 0..<1, isSingle: true, text: "1")
    let rank = built.graph.shape(of: Int(sum)).rank
    return try structural(
      .element, [sum], Attributes(selections: Array(repeating: first, count: rank)))
  }
}
