// The trace: forward and backward pass told as events while they run.

import BackstepLanguage
import BackstepTrace

/// Posts a graph's forward pass.
struct ForwardTrace {
  let built: BuiltGraph
  let active: ContiguousArray<Bool>

  /// Tells every node's value, and every operation's local derivatives, in forward order.
  func post(to sink: any SessionHost) throws(EvaluationError) {
    let graph = built.graph
    var watch = FiniteWatch()
    for node in 0...built.root {
      if node & 0xFFF == 0, sink.isInterrupted { throw EvaluationError(kind: .interrupted) }
      let value = built.values[node]
      switch graph.operations[node] {
      case .constant: sink.receive(.constant(node: node, value: .scalar(value)))
      case .data, .input: sink.receive(.input(node: node, value: .scalar(value)))
      default: post(node, value, &watch, to: sink)
      }
    }
  }

  /// The first value and the first local derivative that are not finite.
  var causes: [Warning] {
    var watch = FiniteWatch()
    var found: [Warning] = []
    for node in 0...built.root where !built.graph.operations[node].isLeaf {
      let point = Point(built, node)
      let slots = (0..<point.operands.count).filter { active[built.graph.operand($0, of: node)] }
      if let warning = watch.notice(value: point.value, of: node, point) { found.append(warning) }
      if let warning = watch.notice(partials: point.partials, slots, of: node, point) {
        found.append(warning)
      }
    }
    return found
  }

  private func post(
    _ node: Int, _ value: Double, _ watch: inout FiniteWatch, to sink: any SessionHost
  ) {
    let graph = built.graph
    let operation = graph.operations[node]
    let slots = (0..<graph.operandCount(of: node)).filter {
      operation != .derivative && active[graph.operand($0, of: node)]
    }
    sink.receive(.forward(node: node, value: .scalar(value), partials: slots.count))
    let point = Point(built, node)
    let partials = point.partials
    for slot in slots {
      sink.receive(
        .partial(
          node: node, slot: slot, operand: graph.operand(slot, of: node),
          value: .scalar(partials[slot])))
    }
    if let warning = watch.notice(value: value, of: node, point) { sink.receive(.warning(warning)) }
    if let warning = watch.notice(partials: partials, slots, of: node, point) {
      sink.receive(.warning(warning))
    }
    if !slots.isEmpty, let remark = point.remark {
      sink.receive(.warning(Warning(node: node, kind: remark)))
    }
  }
}

/// An operation at the point where it was evaluated.
struct Point {
  let operation: Operation
  let operands: [Double]
  let value: Double

  init(_ built: BuiltGraph, _ node: Int) {
    operation = built.graph.operations[node]
    operands = (0..<built.graph.operandCount(of: node)).map {
      built.values[built.graph.operand($0, of: node)]
    }
    value = built.values[node]
  }

  private func operand(_ slot: Int) -> Double { operands.count > slot ? operands[slot] : 0 }

  /// The local derivatives with respect to all operands.
  var partials: [Double] {
    let (dx, dy, dz) = operation.accept(
      PartialsAt(x: operand(0), y: operand(1), z: operand(2), out: value))
    return Array([dx, dy, dz].prefix(operands.count))
  }

  /// What there is to say about the derivative at this point.
  var remark: Warning.Kind? {
    switch operation.accept(RemarkAt(x: operand(0), y: operand(1), z: operand(2))) {
    case .tieSplit: .tieSplit
    case .kink: .kink
    case .flat, nil: nil
    case .labelOutsideUnitInterval(let label): .labelOutsideUnitInterval(.scalar(label))
    }
  }

  /// Advice that goes with a result that is not finite.
  var hint: String? { operation.accept(HintOf()) }
}

/// Notices the first value and the first local derivative that are not finite.
struct FiniteWatch {
  private var sawValue = false
  private var sawPartial = false

  mutating func notice(value: Double, of node: Int, _ point: Point) -> Warning? {
    guard !sawValue, !value.isFinite, point.operands.allSatisfy(\.isFinite) else { return nil }
    sawValue = true
    return Warning(node: node, kind: .nonFiniteValue(.scalar(value)), hint: point.hint)
  }

  mutating func notice(partials: [Double], _ slots: [Int], of node: Int, _ point: Point) -> Warning?
  {
    guard !sawValue, !sawPartial, let slot = slots.first(where: { !partials[$0].isFinite }) else {
      return nil
    }
    sawPartial = true
    return Warning(
      node: node, slot: slot, kind: .nonFinitePartial(.scalar(partials[slot])), hint: point.hint)
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
}

/// A rule's advice for results that are not finite.
struct HintOf: RuleVisitor {
  func visitLeaf() -> String? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> String? { R.hint }
  func visit<R: BinaryRule>(_ rule: R.Type) -> String? { R.hint }
  func visit<R: TernaryRule>(_ rule: R.Type) -> String? { R.hint }
}

/// Tells a backward pass while it runs.
///
/// **Cost** 8 bytes a node and, for each use of a node that is used more than once, 16 bytes.
struct BackwardTrace: ReverseObserver {
  private let graph: Graph
  private let active: ContiguousArray<Bool>
  private let host: any SessionHost
  /// Where the contributions to each node are kept; only nodes with two or more have a place.
  private var places: ContiguousArray<UInt32>
  private var counts: ContiguousArray<UInt32>
  private var terms: ContiguousArray<Term>

  private struct Term {
    var user: NodeID
    var slot: UInt8
    var contribution: Double
  }

  init(
    _ graph: Graph, root: Int, active: ContiguousArray<Bool>, host: any SessionHost
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
    terms = ContiguousArray(
      repeating: Term(user: 0, slot: 0, contribution: 0), count: Int(next))
  }

  mutating func visit(_ node: Int, adjoint: Double) {
    let count = Int(counts[node])
    if count > 1 {
      host.receive(.fanOut(node: node, terms: count, adjoint: .scalar(adjoint)))
      for index in Int(places[node])..<Int(places[node]) + count {
        let term = terms[index]
        host.receive(
          .term(
            node: node, user: Int(term.user), slot: Int(term.slot),
            contribution: .scalar(term.contribution)))
      }
    }
    guard !graph.operations[node].isLeaf else { return }
    var sends = 0
    for slot in 0..<graph.operandCount(of: node) where active[graph.operand(slot, of: node)] {
      sends += 1
    }
    if sends > 0 {
      host.receive(.backward(node: node, adjoint: .scalar(adjoint), contributions: sends))
    }
  }

  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Double, product: Double, sum: Double
  ) {
    if !sum.isFinite, firstNonFinite == nil {
      firstNonFinite = Warning(node: operand, kind: .nonFiniteAdjoint(.scalar(sum)))
    }
    // A node used once needs no place: its one contribution is its adjoint.
    let isShared =
      places.count > operand + 1
      ? places[operand + 1] > places[operand] : Int(places[operand]) < terms.count
    if isShared {
      terms[Int(places[operand] + counts[operand])] = Term(
        user: NodeID(node), slot: UInt8(slot), contribution: product)
      counts[operand] += 1
    }
    host.receive(
      .contribution(
        Contribution(
          node: node, slot: slot, operand: operand, local: .scalar(local),
          contribution: .scalar(product), accumulated: .scalar(sum))))
  }

  /// The first adjoint that was not finite.
  private(set) var firstNonFinite: Warning?
}
