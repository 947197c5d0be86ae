// Values of a graph with other inputs, without building it anew.

import BackstepTrace

/// Moves entries of inputs and computes the graph again.
struct Sampling {
  private var built: BuiltGraph

  init(_ built: BuiltGraph) { self.built = built }

  /// The root's value with some entries of inputs moved; NaN where it cannot be computed.
  mutating func value(at moved: [(node: Int, entry: Int, number: Double)]) -> Double {
    for (node, entry, number) in moved {
      guard case .tensor(let shape, var numbers) = built.reading(of: node) else {
        built.replace(leaf: node, by: .scalar(number))
        continue
      }
      numbers[entry] = number
      built.replace(leaf: node, by: .tensor(shape, numbers))
    }
    do {
      try Evaluation.run(&built) { false }
    } catch {
      return .nan
    }
    return built.reading(of: built.root).first
  }
}
