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
  /// Which nodes have been sent something, where that is asked; the numbers of others are not written.
  ///
  /// It is asked where there are tensors and where there is a `where`; else this is empty.
  private var isReached: ContiguousArray<Bool> = []
  /// Room for a contribution to a node that has had one.
  private var scratch: ContiguousArray<Double> = []
  private let shapes: ContiguousArray<Shape>

  /// Prepares a pass from the root: its adjoint is the seed, every other is 0.
  init(_ graph: Graph, root: Int, seed: Value, active: ContiguousArray<Bool>) {
    shapes = graph.shapes
    guard !graph.isScalar else {
      numbers = ContiguousArray(repeating: 0, count: graph.count)
      if case .number(let number) = seed { numbers[root] = number }
      if graph.hasChoice {
        isReached = ContiguousArray(repeating: false, count: graph.count)
        isReached[root] = true
      }
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
    let room = room(graph, root, active)
    scratch = ContiguousArray(unsafeUninitializedCapacity: room) { $1 = room }
    isReached[root] = true
    for (index, number) in seed.reading.elements.enumerated() {
      numbers[offsets[root] + index] = number
    }
  }

  /// How many numbers the largest node has that is sent more than one contribution.
  private func room(_ graph: Graph, _ root: Int, _ active: ContiguousArray<Bool>) -> Int {
    var isUsed = ContiguousArray(repeating: false, count: graph.count)
    var room = 0
    for node in 0...root where active[node] && !graph.operations[node].isLeaf {
      for slot in 0..<graph.operandCount(of: node) {
        let operand = graph.operand(slot, of: node)
        if isUsed[operand] { room = max(room, shapes[operand].count) }
        isUsed[operand] = true
      }
    }
    return room
  }

  /// Prepares another pass over the same graph from the same root, in the same memory.
  mutating func reset(root: Int, seed: Value) {
    for node in isReached.indices { isReached[node] = node == root }
    if offsets.isEmpty {
      for node in numbers.indices { numbers[node] = 0 }
      if case .number(let number) = seed { numbers[root] = number }
      return
    }
    switch seed {
    case .number(let number): numbers[offsets[root]] = number
    case .tensor(let tensor):
      for index in 0..<tensor.shape.count { numbers[offsets[root] + index] = tensor.block[index] }
    }
  }

  /// The adjoint of a node as it is told to others; 0 where nothing was sent.
  func reading(of node: Int) -> Reading {
    let shape = shape(of: node)
    guard let place = place(of: node) else { return .zeros(shape) }
    if shape.isScalar { return .scalar(numbers[place]) }
    return .tensor(shape, Array(numbers[place..<place + shape.count]))
  }

  /// The same; nil where ^C is pressed before all numbers are copied.
  func readingUnlessInterrupted(of node: Int) -> Reading? {
    let shape = shape(of: node)
    guard let place = place(of: node), !shape.isScalar else { return reading(of: node) }
    return numbers.readingUnlessInterrupted(at: place, shape)
  }

  /// Writes a node's adjoint to a place among other numbers; after ^C not all of it.
  func write(_ node: Int, to values: inout ContiguousArray<Double>, at start: Int) {
    let place = place(of: node)
    let flat = Stretch(.vector(shape(of: node).count))
    Elementwise.walk(.vector(shape(of: node).count), flat, flat) { index, _, _ in
      values[start + index] = place.map { numbers[$0 + index] } ?? 0
    }
  }

  /// One number of a node's adjoint, its entries counted from 0, row after row.
  func number(of node: Int, at entry: Int) -> Double {
    place(of: node).map { numbers[$0 + entry] } ?? 0
  }

  /// Whether all numbers of a node's adjoint are finite.
  func isFinite(_ node: Int) -> Bool {
    guard let place = place(of: node) else { return true }
    return numbers[place..<place + shape(of: node).count].allSatisfy(\.isFinite)
  }

  private func shape(of node: Int) -> Shape { offsets.isEmpty ? .scalar : shapes[node] }

  /// Where a node's adjoint lies; nil where nothing was sent.
  private func place(of node: Int) -> Int? {
    if offsets.isEmpty { return node }
    return offsets[node] >= 0 && isReached[node] ? offsets[node] : nil
  }

  /// Makes a pass over the graph.
  mutating func addUp<Observer: ReverseObserver>(
    _ built: BuiltGraph, from root: Int, active: ContiguousArray<Bool>, observer: inout Observer
  ) {
    if built.graph.isScalar {
      Reverse.sweep(
        built.graph, from: root, active: active, values: built.values, adjoints: &numbers,
        reached: &isReached, observer: &observer)
    } else {
      Reverse.sweep(built, from: root, active: active, adjoints: &self, observer: &observer)
    }
  }

  /// Calls `body` with the memory of all adjoints.
  mutating func withMemory(_ body: (inout AdjointMemory) -> Void) {
    let (offsets, shapes) = (offsets, shapes)
    isReached.withUnsafeMutableBufferPointer { isReached in
      scratch.withUnsafeMutableBufferPointer { scratch in
        numbers.withUnsafeMutableBufferPointer { numbers in
          guard let start = numbers.baseAddress else { return }
          var memory = AdjointMemory(
            start: start, offsets: offsets, shapes: shapes, isReached: isReached,
            scratch: scratch)
          body(&memory)
        }
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
  let scratch: UnsafeMutableBufferPointer<Double>

  func block(_ node: Int) -> Block<Double> { Block(start + offsets[node], shapes[node]) }

  /// Where a contribution to a node is computed: its own place for the first, for others some beside it.
  func room(for node: Int) -> Block<Double> {
    guard isReached[node] else { return block(node) }
    precondition(scratch.count >= shapes[node].count)
    guard let other = scratch.baseAddress else { preconditionFailure("no room was made") }
    return Block(other, shapes[node])
  }
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
        var watch = Watch()
        for node in stride(from: root, through: 0, by: -1)
        where active[node] && memory.isReached[node] {
          if Observer.listens {
            guard let adjoint = memory.block(node).readingUnlessInterrupted else { return }
            observing.visit(node, adjoint: adjoint)
          }
          let operation = graph.operations[node]
          if operation.isLeaf { continue }
          if watch.isOver(after: memory.block(node).count) { return }
          let place = TensorNode(graph, node, places)
          for slot in 0..<graph.operandCount(of: node) {
            let operand = graph.operand(slot, of: node)
            guard active[operand] else { continue }
            send(graph, place, node, slot, operand, &memory, &observing)
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
    _ memory: inout AdjointMemory, _ observer: inout Observer
  ) {
    let sum = memory.block(operand)
    let isFirst = !memory.isReached[operand]
    let product = memory.room(for: operand)
    graph.operations[node].accept(
      TensorPull(
        node: place, adjoint: memory.block(node), slot: slot, hasChoice: graph.hasChoice,
        result: product))
    if !isFirst {
      let flat = Stretch(.vector(sum.count))
      Elementwise.walk(.vector(sum.count), flat, flat) { index, _, _ in
        sum[index] = sum[index] + product[index]
      }
    }
    memory.isReached[operand] = true
    guard Observer.listens else { return }
    let local = graph.operations[node].accept(TensorLocal(node: place, slot: slot))
    guard let sent = product.readingUnlessInterrupted, let total = sum.readingUnlessInterrupted
    else { return }
    observer.contribute(
      from: node, slot: slot, to: operand, local: local, product: sent, sum: total)
  }
}
