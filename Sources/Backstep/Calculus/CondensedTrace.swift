// A trace whose steps are statements or layers: a sweep inside each, and one over all of them.

import BackstepLanguage
import BackstepTrace

/// Computes and tells a trace group by group.
///
/// The local derivative of a group is what a backward pass through the group alone gives, from 1 at
/// its result. Where it is no single number for each entry, the pass starts from the adjoint and
/// gives the contribution itself.
struct CondensedTrace {
  private let view: Session.View
  private let groups: [Grouping.Group]
  /// The node of the graph for each node that is shown, and the other way round.
  private let nodes: [Int]
  private let places: [Int: NodeIndex]
  /// The group of each node that is shown; nil for an input.
  private let groupPlaces: [Int?]
  let header: CondensedTexts

  /// Names what is shown.
  ///
  /// - Parameters:
  ///   - view: The graph with its values.
  ///   - grouping: What is shown as one step.
  ///   - name: What JSON calls the operation of such a step.
  ///   - text: How a group is written, with gaps for what it is computed from.
  init(
    _ view: Session.View, _ grouping: Grouping, name: String,
    text: (Grouping.Group) -> Template
  ) {
    self.view = view
    groups = grouping.groups
    let graph = view.built.graph
    let used = Set(groups.flatMap(\.uses)).union(groups.map(\.root))
    nodes = (0..<graph.count).filter {
      used.contains($0) || $0 > view.built.root && graph.operations[$0] == .input
    }
    let places = Dictionary(
      uniqueKeysWithValues: nodes.enumerated().map { ($0.element, $0.offset) })
    self.places = places
    groupPlaces = nodes.map { node in
      guard node <= view.built.root, grouping.places[node] > 0,
        grouping.groups[grouping.places[node] - 1].root == node
      else { return nil }
      return grouping.places[node] - 1
    }
    let entries = zip(nodes, groupPlaces).map { node, place -> CondensedTexts.Entry? in
      guard let place else { return Self.derivative(node, view) }
      let group = grouping.groups[place]
      var chain = ChainFormula(view.texts, group, active: view.active)
      return CondensedTexts.Entry(
        operands: group.uses.compactMap { places[$0] }, text: text(group),
        formulas: chain.formulas(), isContribution: chain.isContribution,
        operation: group.members.count == 1 ? view.texts.operation(of: group.root) : name)
    }
    header = CondensedTexts(
      view.texts, nodes: nodes, entries: entries, root: places[view.built.root] ?? 0)
  }

  /// How a derivative is shown that a formula mentions: no derivative goes through it.
  private static func derivative(_ node: Int, _ view: Session.View) -> CondensedTexts.Entry? {
    let graph = view.built.graph
    guard graph.operations[node] == .derivative else { return nil }
    let names = (0..<2).map { view.texts.name(of: graph.operand($0, of: node)) }
    return CondensedTexts.Entry(
      operands: [], text: Template(pieces: [.text(Array("∂\(names[0])/∂\(names[1])".utf8))]),
      formulas: [], isContribution: false, operation: view.texts.operation(of: node))
  }

  /// Tells the parts that were asked for.
  func post(
    to host: any TraceReceiver, _ options: TraceOptions
  ) throws(EvaluationError) {
    if options.forward { try postForward(to: host) }
    guard options.backward || options.gradient else { return }
    let adjoints = try postBackward(to: options.backward ? host : nil, host)
    guard options.gradient else { return }
    for input in view.asked {
      guard let node = places[input.node] else { continue }
      let value = adjoints[node] ?? zero(view.built.graph.shape(of: input.node))
      host.receive(
        .gradient(
          node: node, entry: input.entry,
          value: input.entry.map { .scalar(value.elements[$0]) } ?? value))
    }
  }

  private func zero(_ shape: Shape) -> Reading {
    shape.isScalar ? .scalar(0) : .tensor(shape, Array(repeating: 0, count: shape.count))
  }

  // MARK: Forward

  private func postForward(to host: any TraceReceiver) throws(EvaluationError) {
    let warnings = try warnings(host)
    var room = ContiguousArray<NodeID>(repeating: 0, count: view.built.graph.count)
    for node in 0...header.root {
      if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
      let value = view.built.reading(of: nodes[node])
      guard let place = groupPlaces[node] else {
        let isDerivative = header.kind(of: node) == .operation
        host.receive(
          isDerivative
            ? .forward(node: node, value: value, partials: 0) : .input(node: node, value: value))
        continue
      }
      let group = groups[place]
      let slots = activeSlots(group)
      host.receive(.forward(node: node, value: value, partials: slots.count))
      let locals = try locals(of: group, &room)
      for slot in slots {
        host.receive(
          .partial(
            node: node, slot: slot, operand: header.operand(slot, of: node), value: locals[slot]))
      }
      for warning in warnings[place] ?? [] {
        host.receive(.warning(Warning(node: node, kind: warning.kind, hint: warning.hint)))
      }
    }
  }

  private func activeSlots(_ group: Grouping.Group) -> [Int] {
    group.uses.indices.filter { view.active[group.uses[$0]] }
  }

  /// What there is to say about the operations of each group.
  private func warnings(_ host: any TraceReceiver) throws(EvaluationError) -> [Int: [Warning]] {
    let collector = WarningCollector(host)
    try ForwardTrace(built: view.built, active: view.active).post(to: collector)
    var found: [Int: [Warning]] = [:]
    for (place, group) in groups.enumerated() {
      for member in group.members {
        guard let warnings = collector.warnings[member] else { continue }
        found[place, default: []] += warnings
      }
    }
    return found
  }

  /// The local derivative along each use; nil where the Jacobian does not have one entry for each of
  /// the result's.
  private func locals(
    of group: Grouping.Group, _ room: inout ContiguousArray<NodeID>
  ) throws(EvaluationError) -> [Reading?] {
    let graph = view.built.graph
    let shape = graph.shape(of: group.root)
    let isEntrywise = group.members.allSatisfy {
      !graph.operations[$0].isStructural && (graph.shape(of: $0) == shape || !graph.varies[$0])
    }
    guard shape.isScalar || isEntrywise else { return group.uses.map { _ in nil } }
    let adjoints = try sweep(group, .ones(shape), &room)
    return group.uses.enumerated().map { slot, use in
      let isKnown = shape.isScalar || graph.shape(of: use) == shape
      return isKnown && view.active[use] ? adjoints[slot] : nil
    }
  }

  /// A backward pass through one group; what comes to each of its uses.
  private func sweep(
    _ group: Grouping.Group, _ seed: Value, _ room: inout ContiguousArray<NodeID>
  ) throws(EvaluationError) -> [Reading] {
    var part = view.built.part(group, active: view.active, places: &room)
    try Evaluation.run(&part) { false }
    var silence = Silence()
    let adjoints = Reverse.sweep(
      part, from: part.root, seed: seed, active: part.graph.varies, observer: &silence)
    // The uses are the first nodes of the part.
    return group.uses.indices.map { adjoints.reading(of: $0) }
  }

  // MARK: Backward

  /// Sums up the adjoints of all results, and tells how.
  private func postBackward(
    to sink: (any TraceReceiver)?, _ host: any TraceReceiver
  ) throws(EvaluationError) -> [Reading?] {
    var sent = SentPairs(view.built.graph, groups)
    _ = Reverse.sweep(
      view.built, from: view.built.root, seed: view.seed, active: view.active, observer: &sent)
    var room = ContiguousArray<NodeID>(repeating: 0, count: view.built.graph.count)
    var adjoints: [Reading?] = Array(repeating: nil, count: nodes.count)
    var terms: [[TraceEvent]] = Array(repeating: [], count: nodes.count)
    let root = header.root
    adjoints[root] = view.seed.reading
    sink?.receive(.seed(node: root, adjoint: view.seed.reading))
    for node in stride(from: root, through: 0, by: -1) {
      if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
      guard view.active[nodes[node]], let adjoint = adjoints[node] else { continue }
      if terms[node].count > 1 {
        sink?.receive(.fanOut(node: node, terms: terms[node].count, adjoint: adjoint))
        for term in terms[node] { sink?.receive(term) }
      }
      guard let place = groupPlaces[node] else { continue }
      let group = groups[place]
      let slots = activeSlots(group).filter { sent.has(place, group.uses[$0]) }
      guard !slots.isEmpty else { continue }
      sink?.receive(.backward(node: node, adjoint: adjoint, contributions: slots.count))
      let locals = try locals(of: group, &room)
      let products =
        locals.contains { $0 == nil } ? try sweep(group, Value(adjoint), &room) : []
      for slot in slots {
        let operand = header.operand(slot, of: node)
        let product = locals[slot].map { times(adjoint, $0) } ?? products[slot]
        let sum = adjoints[operand].map { plus($0, product) } ?? product
        adjoints[operand] = sum
        terms[operand].append(
          .term(node: operand, user: node, slot: slot, contribution: product))
        sink?.receive(
          .contribution(
            Contribution(
              node: node, slot: slot, operand: operand, local: locals[slot],
              contribution: product, accumulated: sum)))
      }
    }
    return adjoints
  }

  /// Entry by entry; a single number goes with every entry.
  private func times(_ adjoint: Reading, _ local: Reading) -> Reading {
    let numbers = adjoint.elements
    guard case .tensor(let shape, let locals) = local else {
      return .scalar(numbers[0] * local.elements[0])
    }
    return .tensor(
      shape, locals.indices.map { numbers[numbers.count == 1 ? 0 : $0] * locals[$0] })
  }

  private func plus(_ one: Reading, _ other: Reading) -> Reading {
    guard case .tensor(let shape, let numbers) = one else {
      return .scalar(one.elements[0] + other.elements[0])
    }
    return .tensor(shape, zip(numbers, other.elements).map { $0 + $1 })
  }
}

/// Keeps the warnings of a forward pass.
private final class WarningCollector: TraceReceiver {
  private(set) var warnings: [Int: [Warning]] = [:]
  private let host: any TraceReceiver

  init(_ host: any TraceReceiver) { self.host = host }

  var isInterrupted: Bool { host.isInterrupted }

  func receive(_ event: TraceEvent) {
    if case .warning(let warning) = event { warnings[warning.node, default: []].append(warning) }
  }
}

/// Notes which group sends something to which node: nothing goes through a branch not taken.
private struct SentPairs: ReverseObserver {
  static let listens = true
  private var places: [Int]
  private var pairs: Set<Pair> = []

  private struct Pair: Hashable {
    var group: Int
    var node: Int
  }

  init(_ graph: Graph, _ groups: [Grouping.Group]) {
    places = Array(repeating: -1, count: graph.count)
    for (place, group) in groups.enumerated() {
      for member in group.members { places[member] = place }
    }
  }

  func has(_ group: Int, _ node: Int) -> Bool { pairs.contains(Pair(group: group, node: node)) }

  mutating func visit(_ node: Int, adjoint: Reading) {}

  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading
  ) {
    pairs.insert(Pair(group: places[node], node: operand))
  }
}
