// What a backward pass costs, counted while it runs.

import BackstepLanguage
import BackstepTrace

/// Counts the products and sums of a backward pass.
///
/// On numbers an edge of the graph is one multiplication, and every contribution after a node's first is
/// an addition. On tensors each entry that is sent counts so; of a product of matrices and its like, what
/// the rule for it does.
struct CountingObserver: ReverseObserver {
  static let listens = true
  private let built: BuiltGraph
  private(set) var multiplications = 0
  private(set) var additions = 0
  private var isReached: ContiguousArray<Bool>

  init(_ built: BuiltGraph, root: Int) {
    self.built = built
    isReached = ContiguousArray(repeating: false, count: built.graph.count)
    isReached[root] = true
  }

  mutating func visit(_ node: Int, adjoint: Reading) {}

  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading
  ) {
    // A node may have very many operands.
    if Interruption.isRequested { return }
    let graph = built.graph
    let count = graph.shape(of: operand).count
    if graph.operations[node].isStructural {
      let counts = DualEvaluation(built: built).pullCounts(of: node, slot: slot)
      multiplications += counts.multiplications
      additions += counts.additions
    } else {
      let entries = local?.shape.count ?? 1
      multiplications += entries
      // Where the operand was stretched, the products of its copies are added up.
      additions += entries - count
    }
    if isReached[operand] { additions += count }
    isReached[operand] = true
  }
}
