// A backward pass that makes a mistake on purpose, beside the one that makes none.

import BackstepTrace

/// The chain rule with one line of it changed.
///
/// This is the pass of `Reverse`, written to be changed and to be looked at rather than to be fast:
/// every contribution is kept. Without a mistake its numbers are those of `Reverse`.
struct MistakenSweep {
  /// The mistake that is made; nil for none.
  let mistake: Mistake?
  /// The size of a step of gradient descent, where weights are updated.
  let rate: Double
  private var built: BuiltGraph
  private let active: ContiguousArray<Bool>

  /// Each node's adjoint slot; nil while nothing has been sent to it.
  private(set) var slots: [Reading?]
  /// The adjoint with which each node was passed on; nil where it was not.
  private(set) var passed: [Reading?]
  /// The nodes in the order in which they were passed on.
  private(set) var visits: [Int] = []
  /// What was sent along each edge.
  private(set) var sent: [Edge: Reading] = [:]
  /// What the operand's slot held after what was sent along each edge had come.
  private(set) var held: [Edge: Reading] = [:]
  /// The edges on which the mistake is impossible, because the shapes do not fit.
  private(set) var misfits: [Misfit] = []
  /// How many contributions each input still waits for.
  private var waiting: [Int]

  /// A node and one of its operand slots.
  struct Edge: Hashable {
    var node: Int
    var slot: Int
  }

  /// A product of matrices that cannot be computed.
  struct Misfit: Equatable {
    var edge: Edge
    var left: Shape
    var right: Shape
  }

  init(
    _ built: BuiltGraph, active: ContiguousArray<Bool>, mistake: Mistake?, rate: Double = 0.1
  ) {
    self.built = built
    self.active = active
    self.mistake = mistake
    self.rate = rate
    slots = Array(repeating: nil, count: built.graph.count)
    passed = slots
    waiting = Array(repeating: 0, count: built.graph.count)
    for node in 0...built.root where active[node] && !built.graph.operations[node].isLeaf {
      for slot in operandSlots(of: node) { waiting[built.graph.operand(slot, of: node)] += 1 }
    }
  }

  /// Runs the pass.
  mutating func run(isInterrupted: () -> Bool = { false }) {
    switch mistake {
    case .order: depthFirst()
    case .noZero:
      backwards(isInterrupted)
      // The slots keep what they have; only the seed is set again.
      backwards(isInterrupted)
    default: backwards(isInterrupted)
    }
  }

  /// The value of a leaf after the pass: a weight that was updated has a new one.
  func value(of node: Int) -> Reading { built.reading(of: node) }

  // MARK: The order of the nodes

  /// From the output to the inputs: each node after everything that uses it.
  private mutating func backwards(_ isInterrupted: () -> Bool) {
    visits = []
    slots[built.root] = one(built.root)
    for node in stride(from: built.root, through: 0, by: -1) {
      if node & 0xFF == 0, isInterrupted() { return }
      pass(on: node)
    }
  }

  /// As soon as something has arrived: along the first operand as far as it goes, then the next.
  private mutating func depthFirst() {
    slots[built.root] = one(built.root)
    var isDone = Array(repeating: false, count: built.graph.count)
    var stack = [built.root]
    while let node = stack.popLast() {
      guard !isDone[node] else { continue }
      isDone[node] = true
      pass(on: node)
      let graph = built.graph
      guard !graph.operations[node].isLeaf else { continue }
      stack += operandSlots(of: node).map { graph.operand($0, of: node) }.reversed()
    }
  }

  // MARK: One node

  /// Sends a node's adjoint times its local derivatives to its operands.
  private mutating func pass(on node: Int) {
    guard active[node], let adjoint = slots[node] else { return }
    passed[node] = adjoint
    visits.append(node)
    guard !built.graph.operations[node].isLeaf else { return }
    var order = operandSlots(of: node)
    if mistake == .updatedWeights {
      // Weights first, so that they are new when the others are served.
      let graph = built.graph
      let isInput = { (slot: Int) in graph.operations[graph.operand(slot, of: node)] == .input }
      order = order.filter(isInput) + order.filter { !isInput($0) }
    }
    for slot in order { send(adjoint, along: Edge(node: node, slot: slot)) }
  }

  private mutating func send(_ adjoint: Reading, along edge: Edge) {
    let operand = built.graph.operand(edge.slot, of: edge.node)
    let incoming = mistake == .noAdjoint ? one(edge.node) : adjoint
    let product = contribution(of: incoming, along: edge)
    sent[edge] = product
    if mistake == .overwrite {
      slots[operand] = product
    } else {
      slots[operand] = slots[operand].map { Self.sum($0, product) } ?? product
    }
    held[edge] = slots[operand]
    guard mistake == .updatedWeights, built.graph.operations[operand] == .input else { return }
    waiting[operand] -= 1
    if waiting[operand] == 0, let gradient = slots[operand] {
      built.replace(leaf: operand, by: Self.step(built.reading(of: operand), gradient, rate))
    }
  }

  /// The operands that derivatives go to; of a `where`, only the branch that was taken.
  private func operandSlots(of node: Int) -> [Int] {
    let graph = built.graph
    return (0..<graph.operandCount(of: node)).filter { slot in
      guard active[graph.operand(slot, of: node)] else { return false }
      guard graph.operations[node] == .select, graph.isScalar else { return true }
      return slot == (built.values[graph.operand(0, of: node)] != 0 ? 1 : 2)
    }
  }

  /// Ones in the shape of a node's value: the seed.
  private func one(_ node: Int) -> Reading { Value.ones(built.graph.shape(of: node)).reading }

  // MARK: One edge

  /// Adjoint times local derivative.
  private mutating func contribution(of adjoint: Reading, along edge: Edge) -> Reading {
    if mistake == .transpose, let wrong = untransposed(adjoint, along: edge) { return wrong }
    let graph = built.graph
    let operation = graph.operations[edge.node]
    if graph.isScalar {
      let values = built.values
      let value = { (slot: Int) in
        slot < graph.operandCount(of: edge.node) ? values[graph.operand(slot, of: edge.node)] : 0
      }
      let (dx, dy, dz) = operation.accept(
        PartialsAt(x: value(0), y: value(1), z: value(2), out: built.values[edge.node]))
      let local = edge.slot == 0 ? dx : edge.slot == 1 ? dy : dz
      return .scalar(adjoint.first * local)
    }
    let shape = graph.shape(of: graph.operand(edge.slot, of: edge.node))
    let incoming = Tensor(graph.shape(of: edge.node), adjoint.elements)
    return built.withReadOnlyPlaces { places in
      Tensor(shape) { block in
        operation.accept(
          TensorPull(
            node: TensorNode(graph, edge.node, places), adjoint: incoming.block, slot: edge.slot,
            hasChoice: graph.hasChoice, result: block))
      }.reading
    }
  }

  /// The rule of a matrix product without its transpose: `∂L/∂z @ W` for `∂L/∂z @ W'`.
  ///
  /// Nil where there is nothing to transpose, and where the shapes do not fit; the latter is noted.
  private mutating func untransposed(_ adjoint: Reading, along edge: Edge) -> Reading? {
    let graph = built.graph
    let shape = graph.shape(of: graph.operand(edge.slot, of: edge.node))
    switch graph.operations[edge.node] {
    case .transpose:
      guard adjoint.shape.rank == 2 else { return nil }
      if adjoint.shape == shape { return adjoint }
      misfits.append(Misfit(edge: edge, left: adjoint.shape, right: shape))
      return nil
    case .matrixProduct:
      guard adjoint.shape.rank > 0, shape.rank > 0 else { return nil }
      let other = built.reading(of: graph.operand(1 - edge.slot, of: edge.node))
      let (left, right) = edge.slot == 0 ? (adjoint, other) : (other, adjoint)
      // x' of a vector is a row; without it, a vector stays a column.
      if let product = Self.product(left, right), product.shape == shape { return product }
      misfits.append(Misfit(edge: edge, left: left.shape, right: right.shape))
      return nil
    default: return nil
    }
  }

  // MARK: Arithmetic

  private static func product(_ x: Reading, _ y: Reading) -> Reading? {
    guard let sizes = MatrixProduct.Sizes(x.shape, y.shape) else { return nil }
    let (a, b) = (x.elements, y.elements)
    var numbers: [Double] = []
    for row in 0..<sizes.rows {
      for column in 0..<sizes.columns {
        var sum = 0.0
        for k in 0..<sizes.inner { sum += a[row * sizes.inner + k] * b[k * sizes.columns + column] }
        numbers.append(sum)
      }
    }
    return sizes.result.isScalar ? .scalar(numbers[0]) : .tensor(sizes.result, numbers)
  }

  private static func sum(_ x: Reading, _ y: Reading) -> Reading { x.combined(with: y, +) ?? x }

  /// One step of gradient descent.
  static func step(_ value: Reading, _ gradient: Reading, _ rate: Double) -> Reading {
    value.combined(with: gradient) { $0 - rate * $1 } ?? value
  }
}

extension Reading {
  /// Entry by entry with another reading of the same shape; nil where the shapes differ.
  func combined(with other: Reading, _ operation: (Double, Double) -> Double) -> Reading? {
    guard shape == other.shape else { return nil }
    return with(zip(elements, other.elements).map(operation))
  }

  /// Entry by entry.
  func mapped(_ operation: (Double) -> Double) -> Reading { with(elements.map(operation)) }

  private func with(_ numbers: [Double]) -> Reading {
    shape.isScalar ? .scalar(numbers.first ?? 0) : .tensor(shape, numbers)
  }

  /// Whether every number is that of another reading, up to a relative difference.
  func isClose(to other: Reading, within tolerance: Double) -> Bool {
    guard shape == other.shape else { return false }
    let scale = other.elements.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
    return zip(elements, other.elements).allSatisfy { mine, its in
      mine == its || mine.isNaN && its.isNaN
        || (mine - its).magnitude <= tolerance * max(scale, .leastNormalMagnitude)
    }
  }
}
