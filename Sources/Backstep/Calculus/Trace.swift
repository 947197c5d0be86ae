// The trace: forward and backward pass told as events while they run.

import BackstepLanguage
import BackstepTrace

/// Posts a graph's forward pass.
struct ForwardTrace {
  let built: BuiltGraph
  let active: ContiguousArray<Bool>

  /// Tells every node's value, and every operation's local derivatives, in forward order.
  func post(to sink: any TraceReceiver) throws(EvaluationError) {
    let isComplete = built.withPoints { points in
      var watch = FiniteWatch()
      for node in 0...built.root {
        if node & 0xFFF == 0 || !points.isScalar, sink.isInterrupted { return false }
        let operation = built.graph.operations[node]
        switch operation {
        case .constant, .data, .input:
          guard let value = built.readingUnlessInterrupted(of: node) else { return false }
          sink.receive(
            operation == .constant
              ? .constant(node: node, value: value) : .input(node: node, value: value))
        default: post(node, points, &watch, to: sink)
        }
      }
      return true
    }
    if !isComplete { throw EvaluationError(kind: .interrupted) }
  }

  /// The first value and the first local derivative that are not finite.
  var causes: [Warning] {
    built.withPoints { points in
      var watch = FiniteWatch()
      var found: [Warning] = []
      for node in 0...built.root where !built.graph.operations[node].isLeaf {
        if let warning = watch.notice(value: built.reading(of: node), of: node, points) {
          found.append(warning)
        }
        let slots = slots(of: node)
        let partials = slots.map { points.local(of: node, slot: $0) }
        if let warning = watch.notice(partials: partials, slots, of: node, points) {
          found.append(warning)
        }
      }
      return found
    }
  }

  /// The operands that derivatives go to.
  private func slots(of node: Int) -> [Int] {
    guard built.graph.operations[node] != .derivative else { return [] }
    return (0..<built.graph.operandCount(of: node)).filter {
      active[built.graph.operand($0, of: node)]
    }
  }

  private func post(
    _ node: Int, _ points: Points, _ watch: inout FiniteWatch, to sink: any TraceReceiver
  ) {
    if points.isScalar, postScalar(node, points, to: sink) { return }
    let slots = slots(of: node)
    guard let value = built.readingUnlessInterrupted(of: node) else { return }
    sink.receive(.forward(node: node, value: value, partials: slots.count))
    let partials = slots.map { points.local(of: node, slot: $0) }
    if sink.isInterrupted { return }
    for (slot, partial) in zip(slots, partials) {
      sink.receive(
        .partial(
          node: node, slot: slot, operand: built.graph.operand(slot, of: node), value: partial))
    }
    if let warning = watch.notice(value: value, of: node, points) {
      sink.receive(.warning(warning))
    }
    if let warning = watch.notice(partials: partials, slots, of: node, points) {
      sink.receive(.warning(warning))
    }
    if !slots.isEmpty, let remark = points.remark(on: node) {
      sink.receive(.warning(Warning(node: node, kind: remark)))
    }
  }
}

extension ForwardTrace {
  /// Tells of an operation on numbers; false, and nothing was told, where some are not finite.
  private func postScalar(_ node: Int, _ points: Points, to sink: any TraceReceiver) -> Bool {
    let graph = built.graph
    let value = built.values[node]
    let (dx, dy, dz) = points.partials(of: node)
    guard graph.operations[node] != .derivative, value.isFinite, (dx + dy + dz).isFinite else {
      return false
    }
    let count = graph.operandCount(of: node)
    var sends = 0
    for slot in 0..<count where active[graph.operand(slot, of: node)] { sends += 1 }
    sink.receive(.forward(node: node, value: .scalar(value), partials: sends))
    for slot in 0..<count {
      let operand = graph.operand(slot, of: node)
      guard active[operand] else { continue }
      let local = slot == 0 ? dx : slot == 1 ? dy : dz
      sink.receive(.partial(node: node, slot: slot, operand: operand, value: .scalar(local)))
    }
    if sends > 0, let remark = points.remark(on: node) {
      sink.receive(.warning(Warning(node: node, kind: remark)))
    }
    return true
  }
}

/// Operations at the points where they were evaluated.
struct Points {
  private let built: BuiltGraph
  /// Where the numbers are; nil in a graph of scalars.
  private let places: Places<Double>?

  fileprivate init(_ built: BuiltGraph, _ places: Places<Double>?) {
    self.built = built
    self.places = places
  }

  /// The local derivative along an operand; nil where it has too many entries.
  func local(of node: Int, slot: Int) -> Reading? {
    let operation = built.graph.operations[node]
    if let places {
      return operation.accept(TensorLocal(node: TensorNode(built.graph, node, places), slot: slot))
    }
    let (dx, dy, dz) = partials(of: node)
    return .scalar(slot == 0 ? dx : slot == 1 ? dy : dz)
  }

  /// Whether every node is a number.
  var isScalar: Bool { places == nil }

  /// The local derivatives of an operation on numbers.
  func partials(of node: Int) -> (Double, Double, Double) { built.partials(of: node) }

  /// The derivative of a scalar node with respect to one of its operands.
  static func tangent(_ built: BuiltGraph, of node: Int, _ operands: [Int], seeding operand: Int)
    -> Double
  {
    func dual(_ slot: Int) -> Dual {
      guard slot < operands.count else { return 0 }
      let value = built.values[operands[slot]]
      return operands[slot] == operand ? Dual(value, tangent: 1) : Dual(value)
    }
    return built.graph.operations[node].accept(ValueAt(x: dual(0), y: dual(1), z: dual(2))).tangent
  }

  /// Whether what a node was computed from is finite.
  func hasFiniteOperands(_ node: Int) -> Bool {
    (0..<built.graph.operandCount(of: node)).allSatisfy {
      built.reading(of: built.graph.operand($0, of: node)).isFinite
    }
  }

  /// What there is to say about the derivative at a node's point, of a tensor at the first entry
  /// that there is something to say about.
  func remark(on node: Int) -> Warning.Kind? {
    let operation = built.graph.operations[node]
    guard let places else {
      let (x, y, z) = built.scalars(of: node)
      return operation.accept(RemarkAt(x: x, y: y, z: z)).map(Self.warning)
    }
    guard operation != .derivative else { return nil }
    if operation.isStructural {
      return operation.accept(StructuralRemark(node: TensorNode(built.graph, node, places)))
        .map(Self.warning)
    }
    let operands = TensorNode(built.graph, node, places)
    let (x, y, z) = (operands.x, operands.y, operands.z)
    let shape = [x, y, z].map(\.shape).reduce(.scalar) { Shape.broadcast($0, $1) ?? $0 }
    let (first, second, third) = (Stretch(x.shape), Stretch(y.shape), Stretch(z.shape))
    var watch = Watch()
    for row in 0..<shape.broadcastRows {
      for column in 0..<shape.broadcastColumns {
        if watch.isOver(after: 0) { return nil }
        let point = RemarkAt(
          x: x[row * first.row + column * first.column],
          y: y[row * second.row + column * second.column],
          z: z[row * third.row + column * third.column])
        if let remark = operation.accept(point) { return Self.warning(remark) }
      }
    }
    return nil
  }

  private static func warning(_ remark: Remark) -> Warning.Kind {
    switch remark {
    case .tieSplit: .tieSplit
    case .kink: .kink
    case .flat: .flat
    case .labelOutsideUnitInterval(let label): .labelOutsideUnitInterval(.scalar(label))
    }
  }

  /// Advice that goes with a result that is not finite.
  func hint(on node: Int) -> String? { built.graph.operations[node].accept(HintOf()) }
}

extension BuiltGraph {
  /// The operands' values of an operation on numbers; 0 in place of those that it has not.
  @inline(__always) func scalars(of node: Int) -> (Double, Double, Double) {
    let count = graph.operandCount(of: node)
    func value(_ slot: Int) -> Double {
      slot < count ? values[graph.operand(slot, of: node)] : 0
    }
    return (value(0), value(1), value(2))
  }

  /// The local derivatives of an operation on numbers.
  @inline(__always) func partials(of node: Int) -> (Double, Double, Double) {
    let (x, y, z) = scalars(of: node)
    return graph.operations[node].accept(PartialsAt(x: x, y: y, z: z, out: values[node]))
  }

  /// Calls `body` with the operations at their points.
  func withPoints<Result>(_ body: (Points) -> Result) -> Result {
    graph.isScalar ? body(Points(self, nil)) : withReadOnlyPlaces { body(Points(self, $0)) }
  }
}

/// Notices the first value and the first local derivative that are not finite.
struct FiniteWatch {
  private var sawValue = false
  private var sawPartial = false

  mutating func notice(value: Reading, of node: Int, _ points: Points) -> Warning? {
    guard !sawValue, !value.isFinite, points.hasFiniteOperands(node) else { return nil }
    sawValue = true
    return Warning(node: node, kind: .nonFiniteValue(value), hint: points.hint(on: node))
  }

  mutating func notice(
    partials: [Reading?], _ slots: [Int], of node: Int, _ points: Points
  ) -> Warning? {
    guard !sawValue, !sawPartial else { return nil }
    for (slot, partial) in zip(slots, partials) {
      guard let partial, !partial.isFinite else { continue }
      sawPartial = true
      return Warning(
        node: node, slot: slot, kind: .nonFinitePartial(partial), hint: points.hint(on: node))
    }
    return nil
  }
}

/// What a rule says of a point.
struct RemarkAt: RuleVisitor {
  let x: Double
  let y: Double
  let z: Double

  func visitLeaf() -> Remark? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Remark? { R.remark(x) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Remark? { R.remark(x, y) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Remark? { R.remark(x, y, z) }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Remark? { nil }
}

/// What the rule of an operation on whole tensors says of a point.
struct StructuralRemark: RuleVisitor {
  let node: TensorNode<Double>

  func visitLeaf() -> Remark? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Remark? { nil }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Remark? { nil }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Remark? { nil }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Remark? {
    node.detail.flatMap { R.remark(node.places.operands($0), node.out, $0.attributes) }
  }
}

/// A rule's advice for results that are not finite.
struct HintOf: RuleVisitor {
  func visitLeaf() -> String? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> String? { R.hint }
  func visit<R: BinaryRule>(_ rule: R.Type) -> String? { R.hint }
  func visit<R: TernaryRule>(_ rule: R.Type) -> String? { R.hint }
  func visit<R: StructuralRule>(_ rule: R.Type) -> String? { R.hint }
}

/// Tells a backward pass while it runs.
///
/// **Cost** 8 bytes a node and, for each use of a node that is used more than once, 8 bytes and the
/// numbers that were sent.
struct BackwardTrace: ReverseObserver {
  static let listens = true
  private let graph: Graph
  private let active: ContiguousArray<Bool>
  private let host: any TraceReceiver
  /// Where the contributions to each node are kept; only nodes with two or more have a place.
  private var places: ContiguousArray<UInt32>
  private var counts: ContiguousArray<UInt32>
  private var terms: ContiguousArray<Term>
  /// The numbers of the terms that are scalars, and of the others.
  private var scalars: ContiguousArray<Double>
  private var tensors: [Int: Reading] = [:]

  private struct Term {
    var user: NodeID
    var slot: UInt32
  }

  init(
    _ graph: Graph, root: Int, active: ContiguousArray<Bool>, host: any TraceReceiver
  ) {
    self.graph = graph
    self.active = active
    self.host = host
    var uses = ContiguousArray<UInt32>(repeating: 0, count: graph.count)
    for node in 0...root where active[node] && !graph.operations[node].isLeaf {
      for slot in 0..<graph.operandCount(of: node) where active[graph.operand(slot, of: node)] {
        uses[graph.operand(slot, of: node)] += 1
      }
    }
    var next: UInt32 = 0
    for node in uses.indices {
      let count = uses[node]
      uses[node] = next
      if count > 1 { next += count }
    }
    places = uses
    counts = ContiguousArray(repeating: 0, count: graph.count)
    terms = ContiguousArray(repeating: Term(user: 0, slot: 0), count: Int(next))
    scalars = ContiguousArray(repeating: 0, count: Int(next))
  }

  mutating func visit(_ node: Int, adjoint: Reading) {
    let count = Int(counts[node])
    if count > 1 {
      host.receive(.fanOut(node: node, terms: count, adjoint: adjoint))
      for index in Int(places[node])..<Int(places[node]) + count {
        let term = terms[index]
        host.receive(
          .term(
            node: node, user: Int(term.user), slot: Int(term.slot),
            contribution: tensors.removeValue(forKey: index) ?? .scalar(scalars[index])))
      }
    }
    guard !graph.operations[node].isLeaf else { return }
    var sends = 0
    for slot in 0..<graph.operandCount(of: node) where active[graph.operand(slot, of: node)] {
      sends += 1
    }
    if sends > 0 { host.receive(.backward(node: node, adjoint: adjoint, contributions: sends)) }
  }

  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading
  ) {
    if !sum.isFinite, firstNonFinite == nil {
      firstNonFinite = Warning(node: operand, kind: .nonFiniteAdjoint(sum))
    }
    // A node used once needs no place: its one contribution is its adjoint.
    let isShared =
      places.count > operand + 1
      ? places[operand + 1] > places[operand] : Int(places[operand]) < terms.count
    if isShared {
      let index = Int(places[operand] + counts[operand])
      terms[index] = Term(user: NodeID(node), slot: UInt32(slot))
      if case .scalar(let number) = product {
        scalars[index] = number
      } else {
        tensors[index] = product
      }
      counts[operand] += 1
    }
    host.receive(
      .contribution(
        Contribution(
          node: node, slot: slot, operand: operand, local: local, contribution: product,
          accumulated: sum)))
  }

  /// The first adjoint that was not finite.
  private(set) var firstNonFinite: Warning?
}
