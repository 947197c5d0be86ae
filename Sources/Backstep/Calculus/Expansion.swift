// Derivatives among the nodes of a graph that passes must go through, replaced by ordinary nodes.

import BackstepLanguage
import BackstepTrace

/// Turns derivatives of derivatives into ordinary graphs.
///
/// A node that is a derivative has its value from a backward pass of its own, and no other pass goes
/// through it. Where one must, because something is differentiated that contains it, the nodes that
/// compute it take its place. All others stay what they are: one pass is quicker.
enum Expansion {
  /// Replaces the derivatives that passes go through.
  ///
  /// - Parameters:
  ///   - built: The graph; its values need not be computed.
  ///   - active: The nodes that a pass from the root will go through; nil where there is no such pass.
  ///   - names: Names whose nodes are kept beside the root and what it depends on.
  ///   - isInterrupted: Whether the user has asked to stop.
  /// - Throws: An ``EvaluationError`` where that takes too many nodes, or the user has asked to stop.
  static func run(
    _ built: inout BuiltGraph, active: ContiguousArray<Bool>?, keeping names: [NameID],
    isInterrupted: @escaping () -> Bool
  ) throws(EvaluationError) {
    let needed = needed(built, active)
    guard needed.contains(true) else { return }
    let graph = built.graph
    var writer = AdjointWriter(isInterrupted: isInterrupted)
    writer.formulas.built.reserve(2 * graph.count)
    var evaluation = Evaluation()
    /// Each node's place in the new graph plus 1.
    var places = ContiguousArray<NodeID>(repeating: 0, count: graph.count)
    /// What derivatives of the same node that come later are, found with the first of them.
    var found: [Int: FormulaTerm?] = [:]
    let split = moved(graph, names)
    for node in 0..<graph.count {
      guard graph.operations[node] == .derivative, needed[node] else {
        var copy = writer.formulas.built.append(copyOf: node, in: built, places)
        if split.contains(node) { copy = try writer.formulas.split(copy) }
        places[node] = copy + 1
        continue
      }
      let start = writer.formulas.built.graph.count
      if found[node] == nil {
        try evaluation.advance(&writer.formulas.built, to: start, isInterrupted)
        let output = graph.operand(0, of: node)
        let alike = graph.derivatives.filter {
          $0 >= node && needed[$0] && graph.operand(0, of: $0) == output
            && places[graph.operand(1, of: $0)] > 0
        }
        let terms = try writer.derivatives(
          of: Int(places[output]) - 1,
          wrt: alike.map { Int(places[graph.operand(1, of: $0)]) - 1 })
        for (derivative, term) in zip(alike, terms) { found[derivative] = term }
      }
      let term = (found[node] ?? nil) ?? .number(0)
      places[node] =
        try place(
          term, of: node, graph, from: start, isMoved: split.contains(node), &writer.formulas) + 1
    }
    writer.formulas.built.root = Int(places[built.root]) - 1
    built = writer.formulas.built
    let kept = (0..<built.graph.count).filter { node in
      built.graph.label(of: node).map(names.contains) ?? false
    }
    built.sort(keeping: kept)
  }

  /// The node that takes a derivative's place, with its name.
  private static func place(
    _ term: FormulaTerm, of derivative: Int, _ graph: Graph, from start: Int, isMoved: Bool,
    _ formulas: inout FormulaWriter
  ) throws(EvaluationError) -> NodeID {
    let node = try formulas.node(formulas.fit(term, to: graph.shape(of: derivative)))
    guard let label = graph.label(of: derivative) else { return node }
    let isOwn =
      !isMoved && node >= start && formulas.built.graph.label(of: Int(node)) == nil
      && !formulas.built.graph.operations[Int(node)].isLeaf
    // What was there before, such as the x of ∂(w*x)/∂w, keeps its own name. What moves is a node that no
    // other derivative is computed from, see ``moved(_:_:)``.
    let named = isOwn ? node : try formulas.copy(of: node)
    formulas.built.graph.setLabel(label, of: named)
    return named
  }

  /// The formulas that derivatives are taken with respect to and whose local derivatives are in terms of
  /// their results.
  ///
  /// With y = exp(x) and g = dy/dx, the derivative of g with respect to y is 0: it asks what happens to g
  /// where something is added to y, and the slope stays. But g is computed as y. So the result that the
  /// slope is taken from becomes a node of its own, and y another name for it. A formula that is a
  /// derivative itself may be a part of the next derivative, too.
  private static func moved(_ graph: Graph, _ names: [NameID]) -> Set<Int> {
    let inputs = graph.derivatives.map { graph.operand(1, of: $0) }
    let named = (0..<graph.count).filter { graph.label(of: $0).map(names.contains) ?? false }
    return Set(
      (inputs + named).filter {
        graph.operations[$0].hasPartialsOfResult || graph.operations[$0] == .derivative
      })
  }

  /// The derivatives that some pass goes through: the one from the root, or one that computes another
  /// derivative, or one that goes through what replaces one of these.
  private static func needed(
    _ built: BuiltGraph, _ active: ContiguousArray<Bool>?
  ) -> ContiguousArray<Bool> {
    let graph = built.graph
    var needed = ContiguousArray(repeating: false, count: graph.count)
    guard let first = graph.derivatives.first else { return needed }
    if let active { mark(graph, below: built.root, active, &needed) }
    var seen: [Int: Set<Int>] = [:]
    for derivative in graph.derivatives {
      let output = graph.operand(0, of: derivative)
      let input = graph.operand(1, of: derivative)
      guard output >= first, seen[output, default: []].insert(input).inserted else { continue }
      mark(graph, below: output, graph.dependents(of: [input]), &needed)
    }
    return needed
  }

  /// Marks the derivatives among the active nodes that a node depends on by way of active nodes.
  private static func mark(
    _ graph: Graph, below root: Int, _ active: ContiguousArray<Bool>,
    _ needed: inout ContiguousArray<Bool>
  ) {
    var isAncestor = ContiguousArray(repeating: false, count: root + 1)
    isAncestor[root] = true
    for node in stride(from: root, through: 0, by: -1) where isAncestor[node] && active[node] {
      if graph.operations[node] == .derivative { needed[node] = true }
      for slot in 0..<graph.operandCount(of: node) {
        isAncestor[graph.operand(slot, of: node)] = true
      }
    }
  }
}

extension Operation {
  /// Whether a local derivative may be computed from the operation's result.
  fileprivate var hasPartialsOfResult: Bool {
    if isStructural { return entry?.family == .reductions }
    return entry?.stablePartialFormulas.contains { $0.contains("out") } ?? false
  }
}
