// What is known at each position of a trace: values and adjoints so far.

import BackstepTrace

/// A recorded trace, arranged so that what is known at any position can be looked up.
///
/// Nothing is played forward or back: what is shown at a position depends on the position alone.
struct StepperBoard: Sendable {
  /// What has gathered in an adjoint.
  struct Adjoint: Sendable, Equatable {
    /// The sum so far.
    var sum: Reading
    /// How many contributions it has.
    var contributions: Int
    /// Whether no more will come.
    var isComplete: Bool
  }

  /// One moment in the life of an adjoint.
  private struct Moment: Sendable {
    var position: Int
    var sum: Reading
  }

  let recording: Recording
  let header: any TraceHeader
  let steps: [TraceStep]
  /// How many steps have numbers.
  let numbered: Int
  /// The nodes that stand in tables: all but constants.
  let nodes: [NodeIndex]
  /// The output's own adjoint, with which the backward pass begins.
  let seed: Reading
  /// The position of the seed.
  let turn: Int
  private let names: [String]
  /// The position from which a node's value is known.
  private let valuePositions: [Int]
  private let values: [Reading?]
  /// The moments of each node's adjoint: those of node n begin at `firsts[n]`.
  private let moments: [Moment]
  private let firsts: [Int]
  /// The contributions that a node has gathered at its first moment: the seed is none.
  private let seeded: NodeIndex?

  /// Arranges a trace; nil where nothing was recorded.
  init?(_ recording: Recording) {
    guard let header = recording.header else { return nil }
    self.recording = recording
    self.header = header
    steps = recording.steps
    numbered = steps.reduce(0) { max($0, $1.number) }
    nodes = (0..<header.count).filter { $0 <= header.root || header.kind(of: $0) != .operation }
      .filter { header.kind(of: $0) != .constant }
    names = (0..<header.count).map { node in
      var name = ByteBuffer()
      header.writeName(of: node, to: &name)
      return name.string
    }
    turn = steps.firstIndex { $0.kind == .seed } ?? steps.count - 1
    var positions = Array(repeating: 0, count: header.count)
    var values: [Reading?] = Array(repeating: nil, count: header.count)
    var seed = Reading.scalar(1)
    for event in recording.events {
      switch event {
      case .constant(let node, let value), .input(let node, let value): values[node] = value
      case .forward(let node, let value, _): values[node] = value
      case .seed(_, let adjoint): seed = adjoint
      default: break
      }
    }
    var gathered: [[Moment]] = Array(repeating: [], count: header.count)
    for (position, step) in steps.enumerated() {
      switch step.kind {
      case .forward: positions[step.node] = position
      case .seed: gathered[step.node].append(Moment(position: position, sum: seed))
      case .contribution:
        for event in recording.events[step.events] {
          guard case .contribution(let contribution) = event else { continue }
          gathered[contribution.operand].append(
            Moment(position: position, sum: contribution.accumulated))
        }
      case .end:
        for event in recording.events[step.events] {
          guard case .gradient(let node, nil, let value) = event, gathered[node].isEmpty else {
            continue
          }
          gathered[node].append(Moment(position: position, sum: value))
        }
      case .start, .sum: break
      }
    }
    self.seed = seed
    self.values = values
    valuePositions = positions
    seeded = header.root
    moments = gathered.flatMap(\.self)
    var first = 0
    firsts =
      gathered.map { moments in
        defer { first += moments.count }
        return first
      } + [moments.count]
  }

  /// The last position.
  var last: Int { steps.count - 1 }

  /// The name of a node.
  func name(_ node: NodeIndex) -> String { names[node] }

  /// The node of a name.
  func node(named name: String) -> NodeIndex? {
    let found = names.indices.filter { names[$0] == name }
    return found.first { header.kind(of: $0) != .constant }
  }

  /// A node's value; nil where it is not computed yet.
  func value(_ node: NodeIndex, at position: Int) -> Reading? {
    valuePositions[node] <= position ? values[node] : nil
  }

  /// The position at which a node's value is computed.
  func valuePosition(_ node: NodeIndex) -> Int { valuePositions[node] }

  /// A node's adjoint; nil where nothing has come yet.
  func adjoint(_ node: NodeIndex, at position: Int) -> Adjoint? {
    let all = firsts[node]..<firsts[node + 1]
    // Few nodes have more than a handful of uses; of the others the last moment is searched for.
    var low = all.lowerBound
    var high = all.upperBound
    while low < high {
      let middle = (low + high) / 2
      if moments[middle].position <= position { low = middle + 1 } else { high = middle }
    }
    guard low > all.lowerBound else { return nil }
    return Adjoint(
      sum: moments[low - 1].sum, contributions: low - all.lowerBound,
      isComplete: low == all.upperBound)
  }

  /// How many contributions a node gathers in all; 0 where no derivative reaches it.
  func uses(of node: NodeIndex) -> Int {
    node == seeded ? 0 : firsts[node + 1] - firsts[node]
  }

  /// Whether an adjoint is ever computed for the node.
  func hasAdjoint(_ node: NodeIndex) -> Bool { firsts[node + 1] > firsts[node] }

  /// The events of a position.
  func events(at position: Int) -> ArraySlice<TraceEvent> {
    recording.events[steps[position].events]
  }

  /// The contribution that is made at a position.
  func contribution(at position: Int) -> Contribution? {
    for case .contribution(let contribution) in events(at: position) { return contribution }
    return nil
  }

  /// The first position of a numbered step.
  func position(ofStep number: Int) -> Int? { steps.firstIndex { $0.number == number } }
}
