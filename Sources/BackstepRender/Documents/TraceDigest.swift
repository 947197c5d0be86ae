// A recorded trace by node: what documents that do not follow the order of events look up.

import BackstepLanguage
import BackstepTrace

/// The values, adjoints and contributions of a recorded trace, each where its node is.
///
/// Nothing is computed here: every number was in an event.
struct TraceDigest {
  /// The names and formulas.
  let header: any TraceHeader
  /// Which parts were traced.
  let options: TraceOptions
  /// What happened, in order.
  let events: [TraceEvent]
  /// The value of each node; nil for nodes that have no part in the trace.
  private(set) var values: [Reading?]
  /// The adjoint of each node; nil where no derivative was sent.
  private(set) var adjoints: [Reading?]
  /// The local derivatives of each node by slot, in order; nil within where it is too large.
  private(set) var partials: [[Partial]]
  /// What each node sends to its operands, in order.
  private(set) var contributions: [[Contribution]]
  /// The terms of each adjoint that is a sum.
  private(set) var terms: [[Term]]
  /// How often each node is used as an operand.
  private(set) var uses: [Int]
  /// The nodes in the order of the backward pass.
  private(set) var backwardOrder: [NodeIndex] = []
  /// The inputs whose derivatives were asked for.
  private(set) var gradients: [Gradient] = []
  /// What a reader should know, in order.
  private(set) var warnings: [Warning] = []

  /// A local derivative.
  struct Partial {
    var slot: Int
    var operand: NodeIndex
    var value: Reading?
  }

  /// A contribution to an adjoint that is a sum.
  struct Term {
    var user: NodeIndex
    var slot: Int
    var contribution: Reading
  }

  /// A derivative that was asked for.
  struct Gradient {
    var node: NodeIndex
    var entry: Int?
    var value: Reading
  }

  /// Sorts the events by node; nil where nothing was recorded.
  init?(_ recording: Recording) {
    guard let header = recording.header, let options = recording.options else { return nil }
    self.header = header
    self.options = options
    events = recording.events
    let count = header.count
    values = Array(repeating: nil, count: count)
    adjoints = Array(repeating: nil, count: count)
    partials = Array(repeating: [], count: count)
    contributions = Array(repeating: [], count: count)
    terms = Array(repeating: [], count: count)
    uses = Array(repeating: 0, count: count)
    for node in 0..<min(count, header.root + 1) {
      for slot in 0..<header.operandCount(of: node) { uses[header.operand(slot, of: node)] += 1 }
    }
    for event in events.untilInterrupted { note(event) }
  }

  private mutating func note(_ event: TraceEvent) {
    switch event {
    case .constant(let node, let value), .input(let node, let value),
      .forward(let node, let value, _):
      values[node] = value
    case .partial(let node, let slot, let operand, let value):
      partials[node].append(Partial(slot: slot, operand: operand, value: value))
    case .seed(let node, let adjoint): adjoints[node] = adjoint
    case .fanOut(let node, _, let adjoint): adjoints[node] = adjoint
    case .term(let node, let user, let slot, let contribution):
      terms[node].append(Term(user: user, slot: slot, contribution: contribution))
    case .backward(let node, let adjoint, _):
      adjoints[node] = adjoint
      backwardOrder.append(node)
    case .contribution(let contribution):
      contributions[contribution.node].append(contribution)
      adjoints[contribution.operand] = contribution.accumulated
    case .gradient(let node, let entry, let value):
      gradients.append(Gradient(node: node, entry: entry, value: value))
      if entry == nil { adjoints[node] = value }
    case .warning(let warning): warnings.append(warning)
    case .tangent, .tangentTerm, .tangentCost, .entry, .entryUse: break
    }
  }

  /// The nodes that have a part in the trace, in forward order.
  var nodes: [NodeIndex] { values.indices.filter { values[$0] != nil } }

  /// The name of a node.
  func name(_ node: NodeIndex) -> String {
    var text = ByteBuffer()
    header.writeName(of: node, to: &text)
    return text.string
  }

  /// The name of the output, which may be a number of its own: `L`, `v7`.
  var rootName: String { name(header.root) }

  /// The operation with its operands' names: `w1*x1`.
  func formula(_ node: NodeIndex) -> String {
    var text = ByteBuffer()
    header.write(header.text(of: node), of: node, to: &text)
    return text.string
  }

  /// The local derivative, or the rule for what is sent: `x1`, `∂L/∂z @ x'`.
  func partialFormula(_ node: NodeIndex, _ slot: Int) -> String {
    var text = ByteBuffer()
    header.write(header.partialFormula(of: node, slot: slot), of: node, to: &text)
    return text.string
  }
}
