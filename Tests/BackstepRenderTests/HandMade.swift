// A trace put together by hand: values and local derivatives are given, only sums are made here.

import BackstepTrace

/// The nodes of a trace with everything that a renderer may ask for.
struct HandMade: TraceHeader {
  struct Node {
    var kind: NodeKind
    var name: String
    var operation = ""
    var text = Template(pieces: [])
    var operands: [NodeIndex] = []
    var formulas: [Template] = []
    var isRule = false
    var value: Reading
    var partials: [Reading?] = []
    var contributions: [Reading] = []
    var warnings: [Warning] = []
  }

  var nodes: [Node] = []
  var rootText: String { nodes.last?.name ?? "" }
  var root: NodeIndex { nodes.count - 1 }
  var count: Int { nodes.count }

  func kind(of node: NodeIndex) -> NodeKind { nodes[node].kind }
  func shape(of node: NodeIndex) -> Shape { nodes[node].value.shape }
  func operandCount(of node: NodeIndex) -> Int { nodes[node].operands.count }
  func operand(_ slot: Int, of node: NodeIndex) -> NodeIndex { nodes[node].operands[slot] }
  func operation(of node: NodeIndex) -> String { nodes[node].operation }
  func writeName(of node: NodeIndex, to output: inout ByteBuffer) {
    output.append(nodes[node].name)
  }
  func text(of node: NodeIndex) -> Template { nodes[node].text }
  func partialFormula(of node: NodeIndex, slot: Int) -> Template { nodes[node].formulas[slot] }
  func formulaIsContribution(of node: NodeIndex, slot: Int) -> Bool { nodes[node].isRule }

  // MARK: Nodes

  mutating func input(_ name: String, _ value: Double) -> NodeIndex {
    input(name, .scalar(value))
  }

  mutating func input(_ name: String, _ value: Reading) -> NodeIndex {
    add(Node(kind: .input, name: name, value: value))
  }

  mutating func data(_ name: String, _ value: Double) -> NodeIndex {
    add(Node(kind: .data, name: name, value: .scalar(value)))
  }

  mutating func constant(_ value: Double) -> NodeIndex {
    var name = ByteBuffer()
    name.appendShortest(value)
    return add(Node(kind: .constant, name: name.string, value: .scalar(value)))
  }

  /// An operation in terms of `a`, `b` and `out`, with its value, its local derivatives' formulas
  /// and their values.
  mutating func operation(
    _ name: String, _ operation: String, _ text: String, _ operands: [NodeIndex],
    _ value: Double, _ partials: [(String, Double)], warnings: [Warning.Kind] = [],
    warningSlot: Int? = 0
  ) -> NodeIndex {
    add(
      Node(
        kind: .operation, name: name, operation: operation, text: template(text),
        operands: operands, formulas: partials.map { template($0.0) }, value: .scalar(value),
        partials: partials.map { .scalar($0.1) },
        warnings: warnings.map { Warning(node: nodes.count, slot: warningSlot, kind: $0) }))
  }

  /// An operation on tensors, with what it contributes to each operand.
  mutating func tensorOperation(
    _ name: String, _ operation: String, _ text: String, _ operands: [NodeIndex],
    _ value: Reading, _ partials: [(String, Reading?, Reading)], isRule: Bool = true
  ) -> NodeIndex {
    add(
      Node(
        kind: .operation, name: name, operation: operation, text: template(text),
        operands: operands, formulas: partials.map { template($0.0) }, isRule: isRule,
        value: value, partials: partials.map(\.1), contributions: partials.map(\.2)))
  }

  private func template(_ text: String) -> Template { Template(text, operands: ["a", "b", "c"]) }

  private mutating func add(_ node: Node) -> NodeIndex {
    nodes.append(node)
    return nodes.count - 1
  }

  // MARK: Events

  /// Whether a derivative is asked for: of everything that depends on an input.
  private var active: [Bool] {
    var active: [Bool] = []
    for node in nodes {
      active.append(node.kind == .input || node.operands.contains { active[$0] })
    }
    return active
  }

  /// Everything that happens in a trace.
  func events(seed: Reading = .scalar(1)) -> [TraceEvent] {
    let active = active
    var events: [TraceEvent] = []
    for (index, node) in nodes.enumerated() {
      switch node.kind {
      case .constant: events.append(.constant(node: index, value: node.value))
      case .input, .data: events.append(.input(node: index, value: node.value))
      case .operation:
        let slots = node.operands.indices.filter { active[node.operands[$0]] }
        events.append(.forward(node: index, value: node.value, partials: slots.count))
        for slot in slots {
          events.append(
            .partial(
              node: index, slot: slot, operand: node.operands[slot], value: node.partials[slot]))
        }
        events += node.warnings.map { .warning($0) }
      }
    }
    return events + backward(seed, active)
  }

  private func backward(_ seed: Reading, _ active: [Bool]) -> [TraceEvent] {
    var events: [TraceEvent] = [.seed(node: root, adjoint: seed)]
    var adjoints: [Reading?] = Array(repeating: nil, count: count)
    var terms: [[TraceEvent]] = Array(repeating: [], count: count)
    adjoints[root] = seed
    for index in nodes.indices.reversed() where active[index] {
      let node = nodes[index]
      guard let adjoint = adjoints[index] else { continue }
      if terms[index].count > 1 {
        events.append(.fanOut(node: index, terms: terms[index].count, adjoint: adjoint))
        events += terms[index]
      }
      let slots = node.operands.indices.filter { active[node.operands[$0]] }
      guard !slots.isEmpty else { continue }
      events.append(.backward(node: index, adjoint: adjoint, contributions: slots.count))
      for slot in slots {
        let operand = node.operands[slot]
        let product = contribution(adjoint, node, slot)
        let sum = sum(adjoints[operand], product)
        adjoints[operand] = sum
        terms[operand].append(
          .term(node: operand, user: index, slot: slot, contribution: product))
        events.append(
          .contribution(
            Contribution(
              node: index, slot: slot, operand: operand, local: node.partials[slot],
              contribution: product, accumulated: sum)))
      }
    }
    for index in nodes.indices where nodes[index].kind == .input {
      events.append(.gradient(node: index, entry: nil, value: adjoints[index] ?? .scalar(0)))
    }
    return events
  }

  private func contribution(_ adjoint: Reading, _ node: Node, _ slot: Int) -> Reading {
    if slot < node.contributions.count { return node.contributions[slot] }
    guard case .scalar(let adjoint) = adjoint, case .scalar(let local) = node.partials[slot] else {
      return .scalar(.nan)
    }
    return .scalar(adjoint * local)
  }

  private func sum(_ a: Reading?, _ b: Reading) -> Reading {
    switch (a, b) {
    case (nil, _): b
    case (.scalar(let a), .scalar(let b)): .scalar(a + b)
    case (.tensor(let shape, let a), .tensor(_, let b)):
      .tensor(shape, zip(a, b).map { $0 + $1 })
    default: .scalar(.nan)
    }
  }
}
