// A graph together with its values.

import BackstepLanguage
import BackstepTrace

/// A graph with its leaves' values, and room for those of the operations.
struct BuiltGraph {
  var graph = Graph()
  /// The numbers of all nodes, a node's own from its offset on; those of operations are to be
  /// computed.
  var values: ContiguousArray<Double> = []
  /// The vectors and matrices among the leaves: their numbers stay where they are kept.
  private(set) var tensors: [(node: Int, tensor: Tensor)] = []
  /// The node of the expression.
  var root = 0

  /// Makes room for so many nodes.
  mutating func reserve(_ nodes: Int) {
    graph.reserve(nodes)
    values.reserveCapacity(nodes)
  }

  // MARK: Adding nodes

  /// Adds a constant, a datum or an input with its value.
  mutating func append(leaf operation: Operation, _ value: Value, label: NameID? = nil) -> NodeID {
    switch value {
    case .number(let number):
      values.append(number)
      return graph.append(leaf: operation, label: label)
    case .tensor(let tensor):
      let node = graph.append(leaf: operation, label: label, shape: tensor.shape)
      tensors.append((Int(node), tensor))
      return node
    }
  }

  /// Takes the last node away, a leaf that nothing uses.
  mutating func removeLast() {
    graph.removeLast()
    if let last = tensors.last, last.node == graph.count {
      tensors.removeLast()
    } else {
      values.removeLast()
    }
  }

  /// Makes room for the numbers of an operation, before or after it is added.
  @inline(__always) mutating func makeRoom(_ shape: Shape) {
    if shape.isScalar { values.append(0) } else { makeRoom(numbers: shape.count) }
  }

  /// Makes room for so many numbers.
  mutating func makeRoom(numbers count: Int) {
    values.append(contentsOf: repeatElement(0, count: count))
  }

  /// Moves the numbers where there is room for so many more; false where ^C is pressed before.
  ///
  /// Else they would be moved when the first of those is added, which takes as long with very many.
  mutating func prepareRoom(numbers count: Int) -> Bool {
    guard max(count, values.count) > 1 << 20, values.capacity - values.count < count else {
      return true
    }
    let capacity = values.count + max(count, values.count)
    let moved = ContiguousArray<Double>(unsafeUninitializedCapacity: capacity) { memory, filled in
      let flat = Stretch(.vector(values.count))
      Elementwise.walk(.vector(values.count), flat, flat) { index, _, _ in
        memory.initializeElement(at: index, to: values[index])
        filled = index + 1
      }
    }
    guard moved.count == values.count else { return false }
    values = moved
    return true
  }

  // MARK: Looking up

  /// The tensor of a leaf; nil for a number and for an operation.
  func tensor(of node: Int) -> Tensor? { place(of: node).map { tensors[$0].tensor } }

  /// Where a leaf's tensor is among all, found by bisection: they stand in the order of the nodes.
  private func place(of node: Int) -> Int? {
    var low = 0
    var high = tensors.count
    while low < high {
      let middle = (low + high) / 2
      if tensors[middle].node < node { low = middle + 1 } else { high = middle }
    }
    return low < tensors.count && tensors[low].node == node ? low : nil
  }

  /// The value of a node.
  func value(of node: Int) -> Value {
    let shape = graph.shape(of: node)
    if shape.isScalar { return .number(values[graph.offset(of: node)]) }
    if let tensor = tensor(of: node) { return .tensor(tensor) }
    let offset = graph.offset(of: node)
    return .tensor(
      Tensor(shape) { block in
        let flat = Stretch(.vector(shape.count))
        // After ^C nobody looks at it any more.
        Elementwise.walk(.vector(shape.count), flat, flat) { index, _, _ in
          block[index] = values[offset + index]
        }
      })
  }

  /// The value of a node as it is told to others.
  func reading(of node: Int) -> Reading {
    graph.shape(of: node).isScalar
      ? .scalar(values[graph.offset(of: node)]) : value(of: node).reading
  }

  /// The same; nil where ^C is pressed before all numbers are copied.
  func readingUnlessInterrupted(of node: Int) -> Reading? {
    let shape = graph.shape(of: node)
    if shape.isScalar { return .scalar(values[graph.offset(of: node)]) }
    if let tensor = tensor(of: node) { return tensor.block.readingUnlessInterrupted }
    return values.readingUnlessInterrupted(at: graph.offset(of: node), shape)
  }

  /// Gives a leaf another value of the same shape.
  mutating func replace(leaf node: Int, by value: Value) {
    switch value {
    case .number(let number): values[graph.offset(of: node)] = number
    case .tensor(let tensor): if let place = place(of: node) { tensors[place].tensor = tensor }
    }
  }

  /// Gives a leaf another value of the same shape.
  mutating func replace(leaf node: Int, by reading: Reading) {
    switch reading {
    case .scalar(let number): values[graph.offset(of: node)] = number
    case .tensor(let shape, let numbers):
      if let place = place(of: node) {
        tensors[place].tensor = Tensor(shape, numbers)
      }
    }
  }

  // MARK: Order

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
          if places[node] == 0 { places[node] = sorted.append(copyOf: node, in: self, places) + 1 }
        }
      }
    }
    sorted.root = Int(places[root]) - 1
    self = sorted
  }

  /// Adds a node of another graph with its value; `places` has its operands' new places plus 1.
  mutating func append(
    copyOf node: Int, in other: BuiltGraph, _ places: ContiguousArray<NodeID>
  ) -> NodeID {
    let copy = graph.append(copyOf: node, in: other.graph, places: places)
    if let tensor = other.tensor(of: node) {
      tensors.append((Int(copy), tensor))
    } else if other.graph.operations[node].isLeaf, other.graph.shape(of: node).isScalar {
      values.append(other.values[other.graph.offset(of: node)])
    } else {
      makeRoom(other.graph.shape(of: node))
    }
    return copy
  }
}

/// Where the numbers of all nodes are during a pass.
struct Places<T> {
  let starts: UnsafePointer<UnsafeMutablePointer<T>>
  let shapes: UnsafePointer<Shape>
  let more: UnsafePointer<NodeID>

  @inline(__always) func block(_ node: Int) -> Block<T> { Block(starts[node], shapes[node]) }

  /// The operands of a structural node.
  @inline(__always) func operands(_ detail: Graph.Detail) -> Operands<T> {
    Operands(nodes: more + detail.first, count: detail.count, places: starts, shapes: shapes)
  }
}

extension BuiltGraph {
  /// Calls `body` with the places of all nodes; those of leaves are to be read only.
  mutating func withPlaces<Result>(_ body: (Places<Double>) -> Result) -> Result {
    let (graph, tensors) = (graph, tensors)
    return values.withUnsafeMutableBufferPointer { numbers in
      Self.withPlaces(graph, tensors, numbers.baseAddress, body)
    }
  }

  /// Calls `body` with the places of all nodes, to be read only.
  func withReadOnlyPlaces<Result>(_ body: (Places<Double>) -> Result) -> Result {
    values.withUnsafeBufferPointer { numbers in
      Self.withPlaces(
        graph, tensors, numbers.baseAddress.map { UnsafeMutablePointer(mutating: $0) }, body)
    }
  }

  private static func withPlaces<Result>(
    _ graph: Graph, _ tensors: [(node: Int, tensor: Tensor)],
    _ numbers: UnsafeMutablePointer<Double>?, _ body: (Places<Double>) -> Result
  ) -> Result {
    // A graph whose only numbers are kept elsewhere has none of its own.
    let base = numbers ?? UnsafeMutablePointer<Double>.allocate(capacity: 1)
    defer { if numbers == nil { base.deallocate() } }
    typealias Start = UnsafeMutablePointer<Double>
    return withUnsafeTemporaryAllocation(of: Start.self, capacity: graph.count + 1) { starts in
      for node in 0..<graph.count { starts[node] = base + graph.offset(of: node) }
      for (node, tensor) in tensors { starts[node] = tensor.block.start }
      guard let start = starts.baseAddress else {
        preconditionFailure("there is room for one at least")
      }
      return graph.withPlaces(start, body)
    }
  }
}

extension Graph {
  /// Calls `body` with the places of nodes whose numbers begin where a table says.
  func withPlaces<T, Result>(
    _ starts: UnsafePointer<UnsafeMutablePointer<T>>, _ body: (Places<T>) -> Result
  ) -> Result {
    shapes.withUnsafeBufferPointer { shapes in
      more.withUnsafeBufferPointer { more in
        guard let shape = shapes.baseAddress else {
          preconditionFailure("a graph of tensors has nodes, and their shapes")
        }
        return withUnsafePointer(to: 0 as NodeID) { none in
          body(Places(starts: starts, shapes: shape, more: more.baseAddress ?? none))
        }
      }
    }
  }
}
