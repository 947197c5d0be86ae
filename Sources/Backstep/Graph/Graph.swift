// The computation graph, flat: a column for each thing there is to know of a node.

import BackstepLanguage
import BackstepTrace

/// A node's index as the columns keep it.
typealias NodeID = UInt32

/// What is computed from what; values are kept apart.
///
/// Nodes stand in forward order: depth first from the root, left operand first, shared nodes once.
/// Every operand comes before the node that uses it, so the forward pass is a loop up and the
/// backward pass a loop down.
///
/// **Shape** A graph of scalars has no columns for shapes: they begin with the first vector or matrix.
///
/// **Cost** 14 bytes a node, and 8 more for each operand beyond the second; with tensors 32 more.
struct Graph: Sendable {
  /// What each node does.
  private(set) var operations: ContiguousArray<Operation> = []
  /// The first operand; for structural operations, where in `details` they say more.
  private(set) var left: ContiguousArray<NodeID> = []
  /// The second operand; for operations of three, where in `more` the others are.
  private(set) var right: ContiguousArray<NodeID> = []
  /// The second and third operands of operations that take three, all of structural ones.
  private(set) var more: ContiguousArray<NodeID> = []
  /// The operands and attributes of structural operations.
  private(set) var details: ContiguousArray<Detail> = []
  /// Each node's shape; empty while all are scalars.
  private(set) var shapes: ContiguousArray<Shape> = []
  /// Where each node's numbers begin; empty while all are scalars, for then it is the node itself.
  private(set) var offsets: ContiguousArray<Int> = []
  /// How many numbers all nodes have together, without the leaves that are kept elsewhere.
  private(set) var numberCount = 0
  /// The name each node has in the session, plus 1; 0 for none.
  private(set) var labels: ContiguousArray<UInt32> = []
  /// Whether a node depends on an input that is not `const`.
  private(set) var varies: ContiguousArray<Bool> = []
  /// The nodes that are derivatives of other nodes, in forward order.
  private(set) var derivatives: [Int] = []
  /// Whether there is a `where`, whose branch not taken sends no derivative on.
  private(set) var hasChoice = false

  /// What a structural node says besides its operation.
  struct Detail: Sendable {
    /// Where in `more` its operands are.
    let first: Int
    let count: Int
    let attributes: Attributes
  }

  /// How many nodes there are.
  var count: Int { operations.count }
  /// How many bytes the columns take.
  var bytes: Int {
    count * (MemoryLayout<Operation>.size + 2 * MemoryLayout<NodeID>.size + 4 + 1)
      + more.count * MemoryLayout<NodeID>.size + details.count * MemoryLayout<Detail>.stride
      + shapes.count * MemoryLayout<Shape>.stride + offsets.count * MemoryLayout<Int>.stride
  }
  /// Whether every node is a number and no operation is structural.
  var isScalar: Bool { shapes.isEmpty }
  /// The shape of a node's value.
  @inline(__always) func shape(of node: Int) -> Shape { shapes.isEmpty ? .scalar : shapes[node] }
  /// Where a node's numbers begin.
  @inline(__always) func offset(of node: Int) -> Int { offsets.isEmpty ? node : offsets[node] }

  /// Makes room for so many nodes.
  mutating func reserve(_ nodes: Int) {
    operations.reserveCapacity(nodes)
    left.reserveCapacity(nodes)
    right.reserveCapacity(nodes)
    labels.reserveCapacity(nodes)
    varies.reserveCapacity(nodes)
  }

  /// Adds a constant, a datum or an input.
  @inline(__always)
  mutating func append(
    leaf operation: Operation, label: NameID? = nil, shape: Shape = .scalar
  ) -> NodeID {
    append(operation, 0, 0, varies: operation == .input, label: label, shape: shape)
  }

  /// Adds an operation on one operand.
  @inline(__always)
  mutating func append(_ operation: Operation, _ x: NodeID, shape: Shape = .scalar) -> NodeID {
    append(operation, x, 0, varies: varies[Int(x)], label: nil, shape: shape)
  }

  /// Adds an operation on two operands.
  @inline(__always)
  mutating func append(
    _ operation: Operation, _ x: NodeID, _ y: NodeID, shape: Shape = .scalar
  ) -> NodeID {
    append(operation, x, y, varies: varies[Int(x)] || varies[Int(y)], label: nil, shape: shape)
  }

  /// Adds an operation on three operands.
  mutating func append(
    _ operation: Operation, _ x: NodeID, _ y: NodeID, _ z: NodeID, shape: Shape = .scalar
  ) -> NodeID {
    if operation == .select { hasChoice = true }
    let rest = NodeID(more.count)
    more.append(y)
    more.append(z)
    let moves = varies[Int(x)] || varies[Int(y)] || varies[Int(z)]
    return append(operation, x, rest, varies: moves, label: nil, shape: shape)
  }

  /// Adds a structural operation.
  mutating func append(
    _ operation: Operation, _ operands: some Collection<NodeID>, _ attributes: Attributes,
    shape: Shape
  ) -> NodeID {
    beginShapes()
    let detail = Detail(first: more.count, count: operands.count, attributes: attributes)
    more.append(contentsOf: operands)
    details.append(detail)
    let moves = operands.contains { varies[Int($0)] }
    return append(
      operation, NodeID(details.count - 1), 0, varies: moves, label: nil, shape: shape)
  }

  /// From here on every node has a shape and a place; those before are scalars.
  private mutating func beginShapes() {
    guard shapes.isEmpty else { return }
    shapes = ContiguousArray(repeating: .scalar, count: count)
    offsets = ContiguousArray(0..<count)
    numberCount = count
  }

  /// Takes the last node away, a leaf that nothing uses.
  mutating func removeLast() {
    operations.removeLast()
    left.removeLast()
    right.removeLast()
    labels.removeLast()
    varies.removeLast()
    guard !shapes.isEmpty else { return }
    shapes.removeLast()
    numberCount = offsets.removeLast()
  }

  /// Adds the derivative of one node with respect to another.
  mutating func append(
    derivativeOf output: NodeID, wrt input: NodeID, shape: Shape = .scalar
  ) -> NodeID {
    derivatives.append(count)
    return append(.derivative, output, input, shape: shape)
  }

  /// Adds a node of another graph; `places` has the new place plus 1 of each of its operands.
  mutating func append(
    copyOf node: Int, in other: Graph, places: ContiguousArray<NodeID>
  ) -> NodeID {
    let operation = other.operations[node]
    let shape = other.shape(of: node)
    let operands = (0..<other.operandCount(of: node)).map {
      places[other.operand($0, of: node)] - 1
    }
    let copy =
      if operation.isStructural {
        append(operation, operands, other.attributes(of: node), shape: shape)
      } else if operation == .derivative {
        append(derivativeOf: operands[0], wrt: operands[1], shape: shape)
      } else {
        switch operands.count {
        case 0: append(leaf: operation, shape: shape)
        case 1: append(operation, operands[0], shape: shape)
        case 2: append(operation, operands[0], operands[1], shape: shape)
        default: append(operation, operands[0], operands[1], operands[2], shape: shape)
        }
      }
    labels[Int(copy)] = other.labels[node]
    return copy
  }

  @inline(__always)
  private mutating func append(
    _ operation: Operation, _ x: NodeID, _ y: NodeID, varies moves: Bool, label: NameID?,
    shape: Shape
  ) -> NodeID {
    if !shapes.isEmpty || !shape.isScalar { appendShape(shape, operation) }
    let node = NodeID(truncatingIfNeeded: operations.count)
    operations.append(operation)
    left.append(x)
    right.append(y)
    labels.append(label.map { $0 + 1 } ?? 0)
    varies.append(moves)
    return node
  }

  private mutating func appendShape(_ shape: Shape, _ operation: Operation) {
    beginShapes()
    shapes.append(shape)
    offsets.append(numberCount)
    // The numbers of a tensor that is a leaf are kept elsewhere.
    let isKept = operation.isLeaf && operation != .derivative && !shape.isScalar
    if !isKept { numberCount += shape.count }
  }

  /// Gives a node its name.
  mutating func setLabel(_ name: NameID, of node: NodeID) { labels[Int(node)] = name + 1 }

  /// Takes a node's name away.
  mutating func removeLabel(of node: NodeID) { labels[Int(node)] = 0 }

  /// The node's name in the session.
  func label(of node: Int) -> NameID? { labels[node] == 0 ? nil : labels[node] - 1 }

  /// How many operands a node has.
  @inline(__always) func operandCount(of node: Int) -> Int {
    let operation = operations[node]
    return operation.isStructural ? details[Int(left[node])].count : operation.arity
  }

  /// The node in an operand slot, counted from 0.
  @inline(__always) func operand(_ slot: Int, of node: Int) -> Int {
    let operation = operations[node]
    if operation.isStructural { return Int(more[details[Int(left[node])].first + slot]) }
    if slot == 0 { return Int(left[node]) }
    if operation.arity == 3 { return Int(more[Int(right[node]) + slot - 1]) }
    return Int(right[node])
  }

  /// What a structural node says besides its operands.
  func attributes(of node: Int) -> Attributes {
    operations[node].isStructural ? details[Int(left[node])].attributes : Attributes()
  }

  /// Which nodes depend on some of the given nodes, those included.
  func dependents(of nodes: [Int]) -> ContiguousArray<Bool> {
    var depends = ContiguousArray(repeating: false, count: count)
    for node in nodes { depends[node] = true }
    for node in 0..<count where !depends[node] {
      for slot in 0..<operandCount(of: node) where depends[operand(slot, of: node)] {
        depends[node] = true
      }
    }
    return depends
  }
}
