// A graph that was computed before, to be computed again when some of its inputs have changed.

import BackstepLanguage
import BackstepTrace

/// The graph of a formula with all values, kept until a definition changes that decides how it looks.
///
/// Where only inputs get other values of the same shape, nothing is built again: the nodes that depend
/// on them are computed, and no others.
struct KeptGraph {
  private var built: BuiltGraph
  /// For each name its node plus 1; 0 where it has none.
  private var nodes: ContiguousArray<NodeID>
  /// The inputs whose values are to be read again.
  private var changed: [NameID] = []
  /// How many changes of the session it has been told of: if there were others, it does not hold.
  private(set) var changes: Int
  /// The adjoints of the last node that derivatives were asked of.
  private var last: (output: Int, adjoints: Adjoints)?

  /// Keeps a graph all of whose values are computed; nil for one with derivatives among its nodes.
  init?(_ built: BuiltGraph, of name: NameID?, changes: Int) {
    guard built.graph.derivatives.isEmpty else { return nil }
    self.built = built
    self.changes = changes
    nodes = []
    for node in 0..<built.graph.count {
      if let label = built.graph.label(of: node) { set(node, of: label) }
    }
    if let name { set(built.root, of: name) }
  }

  private mutating func set(_ node: Int, of name: NameID) {
    if nodes.count <= Int(name) {
      nodes.append(contentsOf: repeatElement(0, count: Int(name) + 1 - nodes.count))
    }
    nodes[Int(name)] = NodeID(node) + 1
  }

  private func node(of name: NameID) -> Int? {
    Int(name) < nodes.count && nodes[Int(name)] > 0 ? Int(nodes[Int(name)]) - 1 : nil
  }

  /// Notes that an input has another value, and nothing else has changed.
  mutating func note(_ name: NameID, changes: Int) {
    self.changes = changes
    if node(of: name) != nil, !changed.contains(name) { changed.append(name) }
  }

  /// The value of a name; nil where the graph has no node for it.
  mutating func value(of name: NameID, _ definitions: Definitions) -> Value? {
    guard let node = node(of: name) else { return nil }
    refresh(definitions)
    return built.value(of: node)
  }

  /// The derivative of one name with respect to an input; nil where the graph lacks one of them.
  mutating func derivative(
    of name: NameID, wrt input: NameID, _ definitions: Definitions
  ) -> Value? {
    guard let output = node(of: name), let input = node(of: input),
      built.graph.operations[input] == .input, built.graph.varies[output],
      built.graph.shape(of: output).count == 1
    else { return nil }
    refresh(definitions)
    if last?.output != output {
      var silence = Silence()
      let adjoints = Reverse.sweep(
        built, from: output, seed: .ones(built.graph.shape(of: output)),
        active: built.graph.varies, observer: &silence)
      last = (output, adjoints)
    }
    return (last?.adjoints.reading(of: input)).map(Value.init)
  }

  /// Computes what depends on the inputs that have changed.
  private mutating func refresh(_ definitions: Definitions) {
    guard !changed.isEmpty else { return }
    last = nil
    var starts: [Int] = []
    for name in changed {
      guard let definition = definitions.definition(of: name), let node = node(of: name) else {
        continue
      }
      built.replace(leaf: node, by: definitions.value(of: definition))
      starts.append(node)
    }
    changed = []
    guard built.graph.isScalar else { return Forward.sweep(&built, 0..<built.graph.count) }
    Forward.sweep(built.graph, dependingOn: starts, &built.values)
  }
}

extension Forward {
  /// Computes the values of the nodes that depend on the given ones, in a graph of scalars.
  ///
  /// **Cost** a look at every node behind the first of them; a node none of whose operands has another
  /// value is left as it is.
  static func sweep(
    _ graph: Graph, dependingOn starts: [Int], _ values: inout ContiguousArray<Double>
  ) {
    guard let first = starts.min() else { return }
    precondition(graph.count <= values.count)
    var moved = ContiguousArray(repeating: false, count: graph.count)
    for node in starts { moved[node] = true }
    let operations = graph.operations.span
    let left = graph.left.span
    let right = graph.right.span
    let more = graph.more.span
    var value = values.mutableSpan
    for node in first..<graph.count where !operations[node].isLeaf {
      let x = Int(left[node])
      var y = Int(right[node])
      var z = y
      if operations[node].isTernary {
        z = Int(more[y + 1])
        y = Int(more[y])
      }
      guard moved[x] || moved[y] || moved[z] else { continue }
      let new = operations[node].accept(ValueAt(x: value[x], y: value[y], z: value[z]))
      moved[node] = new.bitPattern != value[node].bitPattern
      value[node] = new
    }
  }
}
