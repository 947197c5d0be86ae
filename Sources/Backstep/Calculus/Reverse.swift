// Backpropagation: every node's adjoint from those of the nodes that use it.

import BackstepLanguage
import BackstepTrace

/// Watches a backward pass.
protocol ReverseObserver {
  /// Whether it looks at anything.
  static var listens: Bool { get }
  /// A node's adjoint is complete; it is about to be passed on.
  mutating func visit(_ node: Int, adjoint: Reading)
  /// A node has sent adjoint × local derivative to one of its operands; the local derivative is nil
  /// where it has too many entries.
  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading)
}

/// Watches nothing, and costs nothing.
struct Silence: ReverseObserver {
  static let listens = false
  // Without a property it would have no address, and the thread sanitizer would look at somebody else's memory.
  private var place: UInt8 = 0
  @inline(__always) mutating func visit(_ node: Int, adjoint: Reading) {}
  @inline(__always) mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading
  ) {}
}

/// The chain rule, from the output to the inputs.
///
/// **Source** S. Linnainmaa (1970); Griewank and Walther, *Evaluating Derivatives*, 2nd ed.,
/// chapter 3.2.
enum Reverse {
  /// Adds up every node's adjoint: the derivative of the root with respect to the node.
  ///
  /// Only the nodes marked active are visited; see the sweeps for scalars and for tensors.
  static func sweep<Observer: ReverseObserver>(
    _ built: BuiltGraph, from root: Int, seed: Value = .number(1), active: ContiguousArray<Bool>,
    observer: inout Observer
  ) -> Adjoints {
    var adjoints = Adjoints(built.graph, root: root, seed: seed, active: active)
    adjoints.addUp(built, from: root, active: active, observer: &observer)
    return adjoints
  }

  /// Adds up every node's adjoint: the derivative of the root with respect to the node.
  ///
  /// Only the nodes marked active are visited. `adjoints` holds 0 for every node and the seed for
  /// the root; a node is passed on when everything that uses it has been, so each is visited once.
  /// Contributions are added in the order of the visits, a node's left operand first. Where there is a
  /// `where`, `reached` has a flag for each node, true for the root alone.
  ///
  /// After ^C it stops on the way: see ``Interruption``.
  ///
  /// **Cost** one visit a node, no allocation.
  static func sweep<Observer: ReverseObserver>(
    _ graph: Graph, from root: Int, active: ContiguousArray<Bool>,
    values: ContiguousArray<Double>, adjoints: inout ContiguousArray<Double>,
    reached: inout ContiguousArray<Bool>, observer: inout Observer
  ) {
    precondition(
      root < graph.count && values.count >= graph.count && adjoints.count >= graph.count
        && active.count >= graph.count && (!graph.hasChoice || reached.count > root))
    if Observer.listens || graph.hasChoice {
      follow(graph, root, active, values, &adjoints, &reached, &observer)
    } else {
      addUp(graph, root, active, values, &adjoints)
    }
  }

  /// The sweep that nobody watches, and where everything sends.
  private static func addUp(
    _ graph: Graph, _ root: Int, _ active: ContiguousArray<Bool>,
    _ values: ContiguousArray<Double>, _ adjoints: inout ContiguousArray<Double>
  ) {
    adjoints.withUnsafeMutableBufferPointer { adjoint in
      values.withUnsafeBufferPointer { value in
        active.withUnsafeBufferPointer { isActive in
          graph.withColumns { columns in
            var node = root + 1
            while node > 0 {
              let stop = (node - 1) & ~0xFFFF
              while node > stop {
                node -= 1
                guard isActive[node] else { continue }
                columns.operations[node].accept(
                  ReverseStep(
                    node: node, columns: columns, value: value, isActive: isActive,
                    adjoint: adjoint))
              }
              if node > 0, Interruption.isRequested { return }
            }
          }
        }
      }
    }
  }

  /// The sweep that is watched, or that goes around branches not taken.
  private static func follow<Observer: ReverseObserver>(
    _ graph: Graph, _ root: Int, _ active: ContiguousArray<Bool>,
    _ values: ContiguousArray<Double>, _ adjoints: inout ContiguousArray<Double>,
    _ reached: inout ContiguousArray<Bool>, _ observer: inout Observer
  ) {
    let operations = graph.operations.span
    let left = graph.left.span
    let right = graph.right.span
    let more = graph.more.span
    let value = values.span
    let isActive = active.span
    var adjoint = adjoints.mutableSpan
    // What is told costs much more than what is only computed.
    let stretch = Observer.listens ? 0x3FF : 0xFFFF
    for node in stride(from: root, through: 0, by: -1) where isActive[node] {
      if node & stretch == 0, Interruption.isRequested { return }
      let operation = operations[node]
      // Behind the branch of a `where` that was not taken nothing may be sent on, not even 0:
      // 0 times an infinite local derivative would be NaN.
      if graph.hasChoice, !reached[node] {
        // What an input was sent from branches not taken is 0, and is told all the same.
        if Observer.listens, operation.isLeaf {
          observer.visit(node, adjoint: .scalar(adjoint[node]))
        }
        continue
      }
      if Observer.listens { observer.visit(node, adjoint: .scalar(adjoint[node])) }
      if operation.isLeaf { continue }
      let x = Int(left[node])
      var y = Int(right[node])
      var z = y
      if operation.isTernary {
        z = Int(more[y + 1])
        y = Int(more[y])
      }
      let (dx, dy, dz) = operation.accept(
        PartialsAt(x: value[x], y: value[y], z: value[z], out: value[node]))
      let arity = operation.arity
      let incoming = adjoint[node]
      if isActive[x] {
        send(incoming, dx, node, 0, x, &adjoint, &observer)
      }
      if arity > 1, isActive[y] {
        send(incoming, dy, node, 1, y, &adjoint, &observer)
      }
      if arity > 2, isActive[z] {
        send(incoming, dz, node, 2, z, &adjoint, &observer)
      }
      if graph.hasChoice { reach(operation == .select, value[x] != 0, arity, x, y, z, &reached) }
    }
  }

  /// Multiplies along one edge and adds the product to the operand's adjoint.
  @inline(__always)
  private static func send<Observer: ReverseObserver>(
    _ incoming: Double, _ local: Double, _ node: Int, _ slot: Int, _ operand: Int,
    _ adjoint: inout MutableSpan<Double>, _ observer: inout Observer
  ) {
    let product = incoming * local
    let sum = adjoint[operand] + product
    adjoint[operand] = sum
    guard Observer.listens else { return }
    observer.contribute(
      from: node, slot: slot, to: operand, local: .scalar(local), product: .scalar(product),
      sum: .scalar(sum))
  }

  /// Marks the operands that have been sent something; of a `where`, the branch taken only.
  private static func reach(
    _ isChoice: Bool, _ isTrue: Bool, _ arity: Int, _ x: Int, _ y: Int, _ z: Int,
    _ reached: inout ContiguousArray<Bool>
  ) {
    if isChoice {
      reached[isTrue ? y : z] = true
      return
    }
    reached[x] = true
    if arity > 1 { reached[y] = true }
    if arity > 2 { reached[z] = true }
  }
}
