// The forward pass of a whole graph, derivatives among its nodes included.

import BackstepLanguage

/// Why a computation stopped.
struct EvaluationError: Error {
  var kind: Diagnostic.Kind
}

/// Computes the values of a graph, up to where it is asked to.
struct Evaluation {
  /// How many nodes are computed between two looks at whether to stop.
  private static let stride = 1 << 16

  /// The first node that is not computed yet.
  private var next = 0
  /// The last pass, for another derivative of the same output.
  private var last = (output: -1, input: -1)
  private var adjoints: Adjoints?

  /// Computes the values of a graph in place.
  static func run(_ built: inout BuiltGraph, isInterrupted: () -> Bool) throws(EvaluationError) {
    var evaluation = Evaluation()
    try evaluation.advance(&built, to: built.graph.count, isInterrupted)
  }

  /// Computes the values of the nodes before a given one.
  ///
  /// A node that is a derivative gets its value from a backward pass over the nodes before it. None of
  /// these that the pass goes through may be a derivative in turn: see ``Expansion``.
  mutating func advance(
    _ built: inout BuiltGraph, to end: Int, _ isInterrupted: () -> Bool
  ) throws(EvaluationError) {
    for derivative in built.graph.derivatives where derivative >= next && derivative < end {
      try Self.forward(&built, next..<derivative, isInterrupted)
      next = derivative
      let output = built.graph.operand(0, of: derivative)
      let input = built.graph.operand(1, of: derivative)
      // One pass serves all inputs, but not a name that depends on no input, and not where there are
      // other derivatives on the way: of these the input may be independent.
      let isAlone = (built.graph.derivatives.first ?? 0) > output
      let source = built.graph.varies[input] && isAlone ? -1 : input
      if (output, source) != last {
        let active = source < 0 ? built.graph.varies : built.graph.dependents(of: [source])
        var silence = Silence()
        adjoints = Reverse.sweep(
          built, from: output, seed: .ones(built.graph.shape(of: output)), active: active,
          observer: &silence)
        last = (output, source)
      }
      let place = built.graph.offset(of: derivative)
      adjoints?.write(input, to: &built.values, at: place)
    }
    if next < end { try Self.forward(&built, next..<end, isInterrupted) }
    next = max(next, end)
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
}
