// Forward and backward pass over graphs with vectors and matrices.

import BackstepLanguage
import BackstepTrace

extension Forward {
  /// Computes the values of the nodes in a range; those of the leaves must be there.
  static func sweep(_ built: inout BuiltGraph, _ nodes: Range<Int>) {
    let graph = built.graph
    built.withPlaces { places in
      var watch = Watch()
      for node in nodes where !graph.operations[node].isLeaf {
        if watch.isOver(after: places.block(node).count) { return }
        graph.operations[node].accept(TensorValue(node: TensorNode(graph, node, places)))
      }
    }
  }
}

/// The adjoints of a graph's nodes during and after a backward pass.
struct Adjoints {
  /// The numbers of all active nodes.
  private(set) var numbers: ContiguousArray<Double>
  /// Where each node's adjoint begins, -1 for a node that has none; empty while all are scalars.
  private var offsets: ContiguousArray<Int> = []
  /// Which nodes have been sent something: the numbers of the others are not written.
  private var isReached: ContiguousArray<Bool> = []
  private let shapes: ContiguousArray<Shape>

  /// Prepares a pass from the root: its adjoint is the seed, every other is 0.
  init(_ graph: Graph, root: Int, seed: Value, active: ContiguousArray<Bool>) {
    shapes = graph.shapes
    guard !graph.isScalar else {
      numbers = ContiguousArray(repeating: 0, count: graph.count)
      if case .number(let number) = seed { numbers[root] = number }
      return
    }
    offsets = ContiguousArray(repeating: -1, count: graph.count)
    isReached = ContiguousArray(repeating: false, count: graph.count)
    var count = 0
    for node in 0..<graph.count where active[node] || node == root {
      offsets[node] = count
      count += shapes[node].count
    }
    // What is sent to a node first is written, not added: nothing has to be cleared.
    numbers = ContiguousArray(unsafeUninitializedCapacity: count) { $1 = count }
    isReached[root] = true
    for (index, number) in seed.reading.elements.enumerated() {
      numbers[offsets[root] + index] = number
    }
  }

  /// Prepares another pass over the same graph from the same root, in the same memory.
  mutating func reset(root: Int, seed: Value) {
    if offsets.isEmpty {
      for node in numbers.indices { numbers[node] = 0 }
      if case .number(let number) = seed { numbers[root] = number }
      return
    }
    for node in isReached.indices { isReached[node] = node == root }
    switch seed {
    case .number(let number): numbers[offsets[root]] = number
    case .tensor(let tensor):
      for index in 0..<tensor.shape.count { numbers[offsets[root] + index] = tensor.block[index] }
    }
  }

  /// The adjoint of a node as it is told to others; 0 where nothing was sent.
  func reading(of node: Int) -> Reading {
    guard !offsets.isEmpty else { return .scalar(numbers[node]) }
    let shape = shapes[node]
    let isThere = offsets[node] >= 0 && isReached[node]
    if shape.isScalar { return .scalar(isThere ? numbers[offsets[node]] : 0) }
    guard isThere else { return .tensor(shape, Array(repeating: 0, count: shape.count)) }
    return .tensor(shape, Array(numbers[offsets[node]..<offsets[node] + shape.count]))
  }

  /// Calls `body` with the numbers of all nodes of a graph of scalars.
  mutating func withScalars(_ body: (inout ContiguousArray<Double>) -> Void) { body(&numbers) }

  /// Calls `body` with the memory of all adjoints.
  mutating func withMemory(_ body: (inout AdjointMemory) -> Void) {
    let (offsets, shapes) = (offsets, shapes)
    isReached.withUnsafeMutableBufferPointer { isReached in
      numbers.withUnsafeMutableBufferPointer { numbers in
        guard let start = numbers.baseAddress else { return }
        var memory = AdjointMemory(
          start: start, offsets: offsets, shapes: shapes, isReached: isReached)
        body(&memory)
      }
    }
  }
}

/// Adjoints while they are written.
struct AdjointMemory {
  let start: UnsafeMutablePointer<Double>
  let offsets: ContiguousArray<Int>
  let shapes: ContiguousArray<Shape>
  var isReached: UnsafeMutableBufferPointer<Bool>

  func block(_ node: Int) -> Block<Double> { Block(start + offsets[node], shapes[node]) }
}

extension Reverse {
  /// Adds up every node's adjoint in a graph with tensors, as the sweep over scalars does.
  ///
  /// **Cost** one visit a node. What is sent to a node first is written where its adjoint lies; only
  /// what is added to it later is computed beside it.
  static func sweep<Observer: ReverseObserver>(
    _ built: BuiltGraph, from root: Int, active: ContiguousArray<Bool>, adjoints: inout Adjoints,
    observer: inout Observer
  ) {
    let graph = built.graph
    var observing = observer
    built.withReadOnlyPlaces { places in
      adjoints.withMemory { memory in
        var scratch = Scratch()
        var watch = Watch()
        for node in stride(from: root, through: 0, by: -1)
        where active[node] && memory.isReached[node] {
          if Observer.listens { observing.visit(node, adjoint: memory.block(node).reading) }
          let operation = graph.operations[node]
          if operation.isLeaf { continue }
          if watch.isOver(after: memory.block(node).count) { return }
          let place = TensorNode(graph, node, places)
          for slot in 0..<graph.operandCount(of: node) {
            let operand = graph.operand(slot, of: node)
            guard active[operand] else { continue }
            send(graph, place, node, slot, operand, &memory, &scratch, &observing)
          }
        }
      }
    }
    observer = observing
  }

  /// Computes what a node sends to an operand and adds it to the operand's adjoint.
  @inline(__always)
  private static func send<Observer: ReverseObserver>(
    _ graph: Graph, _ place: TensorNode<Double>, _ node: Int, _ slot: Int, _ operand: Int,
    _ memory: inout AdjointMemory, _ scratch: inout Scratch, _ observer: inout Observer
  ) {
    let sum = memory.block(operand)
    let isFirst = !memory.isReached[operand]
    let product = isFirst ? sum : scratch.block(sum.shape)
    graph.operations[node].accept(
      TensorPull(
        node: place, adjoint: memory.block(node), slot: slot, hasChoice: graph.hasChoice,
        result: product))
    if !isFirst {
      for index in 0..<sum.count { sum[index] = sum[index] + product[index] }
    }
    memory.isReached[operand] = true
    guard Observer.listens else { return }
    let local = graph.operations[node].accept(TensorLocal(node: place, slot: slot))
    observer.contribute(
      from: node, slot: slot, to: operand, local: local, product: product.reading,
      sum: sum.reading)
  }
}

/// Memory for one contribution, kept from one to the next.
private struct Scratch: ~Copyable {
  private var start: UnsafeMutablePointer<Double>?
  private var capacity = 0

  mutating func block(_ shape: Shape) -> Block<Double> {
    if let start, capacity >= shape.count { return Block(start, shape) }
    start?.deallocate()
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: shape.count)
    (start, capacity) = (memory, shape.count)
    return Block(memory, shape)
  }

  deinit { start?.deallocate() }
}
