// The forward pass of a whole graph, derivatives among its nodes included.

import BackstepLanguage

/// Why a computation stopped.
struct EvaluationError: Error {
  var kind: Diagnostic.Kind
}

/// Computes every value of a graph.
enum Evaluation {
  /// How many nodes are computed between two looks at whether to stop.
  private static let stride = 1 << 16

  /// Computes the values of a graph in place.
  ///
  /// A node that is a derivative gets its value from a backward pass over the nodes before it.
  static func run(_ built: inout BuiltGraph, isInterrupted: () -> Bool) throws(EvaluationError) {
    var next = 0
    var last = (output: -1, input: -1)
    var adjoints: Adjoints?
    for derivative in built.graph.derivatives {
      try forward(&built, next..<derivative, isInterrupted)
      next = derivative
      let output = built.graph.operand(0, of: derivative)
      let input = built.graph.operand(1, of: derivative)
      // One pass serves all inputs, but not a name that depends on no input.
      let source = built.graph.varies[input] ? -1 : input
      if (output, source) != last {
        let active = source < 0 ? built.graph.varies : built.graph.dependents(of: [source])
        try checkDerivatives(built.graph, below: output, active)
        var silence = Silence()
        adjoints = Reverse.sweep(
          built, from: output, seed: .ones(built.graph.shape(of: output)), active: active,
          observer: &silence)
        last = (output, source)
      }
      if let adjoints { built.set(adjoints.reading(of: input), of: derivative) }
    }
    try forward(&built, next..<built.graph.count, isInterrupted)
  }

  /// Computes the values of the nodes in a range, none of which is a derivative.
  static func forward(
    _ built: inout BuiltGraph, _ nodes: Range<Int>, _ isInterrupted: () -> Bool
  ) throws(EvaluationError) {
    guard built.graph.isScalar else {
      Forward.sweep(&built, nodes)
      if isInterrupted() { throw EvaluationError(kind: .interrupted) }
      return
    }
    var start = nodes.lowerBound
    while start < nodes.upperBound {
      let end = min(start + stride, nodes.upperBound)
      Forward.sweep(built.graph, start..<end, &built.values)
      start = end
      if isInterrupted() { throw EvaluationError(kind: .interrupted) }
    }
  }

  /// A backward pass cannot go through a node that is itself a derivative.
  static func checkDerivatives(
    _ graph: Graph, below root: Int, _ active: ContiguousArray<Bool>
  ) throws(EvaluationError) {
    guard graph.derivatives.contains(where: { $0 <= root && active[$0] }) else { return }
    var isAncestor = ContiguousArray(repeating: false, count: root + 1)
    isAncestor[root] = true
    for node in Swift.stride(from: root, through: 0, by: -1) where isAncestor[node] && active[node]
    {
      if graph.operations[node] == .derivative {
        throw EvaluationError(kind: .derivativeOfDerivative)
      }
      for slot in 0..<graph.operandCount(of: node) {
        isAncestor[graph.operand(slot, of: node)] = true
      }
    }
  }
}
