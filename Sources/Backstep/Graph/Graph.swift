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
/// **Cost** 14 bytes a node, and 8 more for each operand beyond the second.
struct Graph: Sendable {
  /// What each node does.
  private(set) var operations: ContiguousArray<Operation> = []
  /// The first operand.
  private(set) var left: ContiguousArray<NodeID> = []
  /// The second operand; for operations of three, where in `more` the others are.
  private(set) var right: ContiguousArray<NodeID> = []
  /// The second and third operands of operations that take three.
  private(set) var more: ContiguousArray<NodeID> = []
  /// The name each node has in the session, plus 1; 0 for none.
  private(set) var labels: ContiguousArray<UInt32> = []
  /// Whether a node depends on an input that is not `const`.
  private(set) var varies: ContiguousArray<Bool> = []
  /// The nodes that are derivatives of other nodes, in forward order.
  private(set) var derivatives: [Int] = []
  /// Whether there is a `where`, whose branch not taken sends no derivative on.
  private(set) var hasChoice = false

  /// How many nodes there are.
  var count: Int { operations.count }

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
  mutating func append(leaf operation: Operation, label: NameID? = nil) -> NodeID {
    append(operation, 0, 0, varies: operation == .input, label: label)
  }

  /// Adds an operation on one operand.
  @inline(__always)
  mutating func append(_ operation: Operation, _ x: NodeID) -> NodeID {
    append(operation, x, 0, varies: varies[Int(x)], label: nil)
  }

  /// Adds an operation on two operands.
  @inline(__always)
  mutating func append(_ operation: Operation, _ x: NodeID, _ y: NodeID) -> NodeID {
    append(operation, x, y, varies: varies[Int(x)] || varies[Int(y)], label: nil)
  }

  /// Adds an operation on three operands.
  mutating func append(_ operation: Operation, _ x: NodeID, _ y: NodeID, _ z: NodeID) -> NodeID {
    if operation == .select { hasChoice = true }
    let rest = NodeID(more.count)
    more.append(y)
    more.append(z)
    return append(
      operation, x, rest, varies: varies[Int(x)] || varies[Int(y)] || varies[Int(z)], label: nil)
  }

  /// Adds the derivative of one node with respect to another.
  mutating func append(derivativeOf output: NodeID, wrt input: NodeID) -> NodeID {
    derivatives.append(count)
    return append(.derivative, output, input)
  }

  /// Adds a node of another graph; `places` has the new place plus 1 of each of its operands.
  mutating func append(
    copyOf node: Int, in other: Graph, places: ContiguousArray<NodeID>
  ) -> NodeID {
    let operation = other.operations[node]
    let operands = (0..<other.operandCount(of: node)).map {
      places[other.operand($0, of: node)] - 1
    }
    let copy =
      switch operands.count {
      case 0: append(leaf: operation)
      case 1: append(operation, operands[0])
      case 2 where operation == .derivative: append(derivativeOf: operands[0], wrt: operands[1])
      case 2: append(operation, operands[0], operands[1])
      default: append(operation, operands[0], operands[1], operands[2])
      }
    labels[Int(copy)] = other.labels[node]
    return copy
  }

  @inline(__always)
  private mutating func append(
    _ operation: Operation, _ x: NodeID, _ y: NodeID, varies moves: Bool, label: NameID?
  ) -> NodeID {
    let node = NodeID(truncatingIfNeeded: operations.count)
    operations.append(operation)
    left.append(x)
    right.append(y)
    labels.append(label.map { $0 + 1 } ?? 0)
    varies.append(moves)
    return node
  }

  /// Gives a node its name.
  mutating func setLabel(_ name: NameID, of node: NodeID) { labels[Int(node)] = name + 1 }

  /// The node's name in the session.
  func label(of node: Int) -> NameID? { labels[node] == 0 ? nil : labels[node] - 1 }

  /// How many operands a node has.
  func operandCount(of node: Int) -> Int { operations[node].arity }

  /// The node in an operand slot, counted from 0.
  func operand(_ slot: Int, of node: Int) -> Int {
    if slot == 0 { return Int(left[node]) }
    if operations[node].arity == 3 { return Int(more[Int(right[node]) + slot - 1]) }
    return Int(right[node])
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
