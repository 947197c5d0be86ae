// Random graphs of vectors and matrices, computed node by node beside the sweeps.

import BackstepTrace

@testable import Backstep

/// How shapes are stretched to a common one, by NumPy's words: sizes are aligned at the last axis,
/// and an axis of size 1, or one that is not there, goes along with any other.
struct Alignment {
  let sizes: [Int]

  /// Nil where the shapes do not fit.
  init?(_ shapes: [[Int]]) {
    let rank = shapes.map(\.count).max() ?? 0
    var sizes = Array(repeating: 1, count: rank)
    for shape in shapes {
      for (axis, size) in zip((0..<rank).reversed(), shape.reversed()) where size != 1 {
        guard sizes[axis] == 1 || sizes[axis] == size else { return nil }
        sizes[axis] = size
      }
    }
    self.sizes = sizes
  }

  var count: Int { sizes.reduce(1, *) }

  /// The shape of these sizes.
  var shape: Shape {
    switch sizes.count {
    case 0: .scalar
    case 1: .vector(sizes[0])
    default: .matrix(sizes[0], sizes[1])
    }
  }

  /// The place of an operand's entry that belongs to a place of the result.
  func place(_ place: Int, in operand: [Int]) -> Int {
    var rest = place
    var own = 0
    var stride = 1
    for (size, whole) in zip(operand.reversed(), sizes.reversed()) {
      if size > 1 { own += rest % whole * stride }
      rest /= whole
      stride *= size
    }
    return own
  }
}

/// A graph with tensors, and what it is made of.
struct SampleTensors: CustomStringConvertible {
  /// A node: its operation, its operands, and what the operation says besides.
  struct Node {
    var operation: Operation
    var operands: [Int]
    var attributes = Attributes()
    var shape: Shape
    /// The numbers of a leaf.
    var numbers: [Double] = []
  }

  private(set) var nodes: [Node] = []
  private(set) var built = BuiltGraph()
  var root: Int { nodes.count - 1 }

  /// Builds a graph of 3 to 25 random operations and the sum of what nothing uses.
  init(seed: UInt64) {
    var generator = Deterministic(state: seed)
    for shape in StructuralCase.shapes.shuffled(using: &generator).prefix(4) {
      addLeaf(shape, &generator)
    }
    let count = nodes.count + Int.random(in: 3...25, using: &generator)
    while nodes.count < count {
      if let node = draw(&generator) { add(node) }
    }
    let used = Set(nodes.flatMap(\.operands))
    let loose = nodes.indices.filter { !used.contains($0) }
    for (index, node) in loose.enumerated() {
      let last = root
      add(Node(operation: .sum, operands: [node], shape: .scalar))
      if index > 0 { add(Node(operation: .add, operands: [last, root], shape: .scalar)) }
    }
  }

  private mutating func addLeaf(_ shape: Shape, _ generator: inout Deterministic) {
    let numbers = (0..<shape.count).map { _ in Double.random(in: -2...2, using: &generator) }
    nodes.append(Node(operation: .input, operands: [], shape: shape, numbers: numbers))
    _ = built.append(
      leaf: .input, Value(shape.isScalar ? .scalar(numbers[0]) : .tensor(shape, numbers)))
  }

  private mutating func add(_ node: Node) {
    let operands = node.operands.map { NodeID($0) }
    built.makeRoom(node.shape)
    if node.operation.isStructural {
      _ = built.graph.append(node.operation, operands, node.attributes, shape: node.shape)
    } else {
      switch operands.count {
      case 1: _ = built.graph.append(node.operation, operands[0], shape: node.shape)
      case 2: _ = built.graph.append(node.operation, operands[0], operands[1], shape: node.shape)
      default:
        _ = built.graph.append(
          node.operation, operands[0], operands[1], operands[2], shape: node.shape)
      }
    }
    nodes.append(node)
    built.root = root
  }

  /// A random operation on nodes that there are; nil where they do not fit, or where its value is
  /// too large or too steep.
  private func draw(_ generator: inout Deterministic) -> Node? {
    let operations = Operation.structural + Operation.withRule
    guard let operation = operations.randomElement(using: &generator), let entry = operation.entry,
      operation != .powerConstant, operation != .oneHot
    else { return nil }
    let count = entry.operands.count { $0.role == .operand }
    let operands = (0..<(entry.isVariadic ? 2 : count)).map { _ in
      Int.random(in: max(0, nodes.count - 8)..<nodes.count, using: &generator)
    }
    let shapes = operands.map { nodes[$0].shape }
    var node = Node(operation: operation, operands: operands, shape: .scalar)
    if operation.isStructural {
      let calls = StructuralCase.attributes(of: entry).map {
        StructuralCase(operation: operation, operands: shapes, attributes: $0)
      }
      let accepted = calls.filter { (try? $0.result.get()) != nil && !$0.isIndex(1) }
      guard let call = accepted.randomElement(using: &generator),
        let shape = try? call.result.get()
      else { return nil }
      (node.attributes, node.shape) = (call.attributes, shape)
    } else {
      guard let alignment = Alignment(shapes.map(\.sizes)) else { return nil }
      guard !operation.isMean || alignment.shape == shapes[0] else { return nil }
      node.shape = operation.isMean ? .scalar : alignment.shape
    }
    // The tangents show whether it is steep.
    let duals = duals(along: operands[0], 0)
    let seeded = operands.map { duals[$0].map { Dual($0.primal, tangent: 1) } }
    let value = Self.value(node, shapes, seeded)
    guard value.allSatisfy({ abs($0.primal) < 100 && abs($0.tangent) < 100 }) else { return nil }
    return node
  }

  var description: String {
    nodes.enumerated().map { "\($0) \($1.shape) = \($1.operation)\($1.operands)" }
      .joined(separator: "; ")
  }

  // MARK: Values

  /// Every node's numbers, with their derivatives along one entry of a leaf.
  func duals(along leaf: Int, _ entry: Int) -> [[Dual]] {
    var values: [[Dual]] = []
    for (index, node) in nodes.enumerated() {
      if node.operation == .input {
        values.append(
          node.numbers.enumerated().map {
            Dual($1, tangent: index == leaf && $0 == entry ? 1 : 0)
          })
        continue
      }
      values.append(
        Self.value(node, node.operands.map { nodes[$0].shape }, node.operands.map { values[$0] }))
    }
    return values
  }

  /// The value of one node, entry by entry or as a whole.
  static func value<T: Scalar>(_ node: Node, _ shapes: [Shape], _ numbers: [[T]]) -> [T] {
    guard !node.operation.isStructural else {
      return StructuralCase(
        operation: node.operation, operands: shapes, attributes: node.attributes
      ).value(numbers)
    }
    guard let alignment = Alignment(shapes.map(\.sizes)) else { return [] }
    let entries = (0..<alignment.count).map { place in
      node.operation.value(
        shapes.indices.map { numbers[$0][alignment.place(place, in: shapes[$0].sizes)] })
    }
    guard node.operation.isMean else { return entries }
    return [entries.reduce(0) { $0 + $1 } / T(Double(entries.count))]
  }
}
