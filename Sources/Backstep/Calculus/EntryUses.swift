// Where one entry of a vector or a matrix is used: a rule for whole tensors, seen entry by entry.

import BackstepTrace

/// Finds what a single entry of a node contributes to, after a backward pass.
struct EntryUses {
  let built: BuiltGraph
  let active: ContiguousArray<Bool>
  let adjoints: Adjoints

  /// Every entry of a result that moves with the entry, in the order of the backward pass.
  ///
  /// The local derivatives come from the operations' values at dual numbers with this one entry
  /// seeded, so they do not rest on the rules for whole tensors that they explain.
  func uses(of node: Int, place: Int) -> [EntryUse] {
    var uses: [EntryUse] = []
    for user in stride(from: built.root, to: node, by: -1) where active[user] {
      let operands = (0..<built.graph.operandCount(of: user)).map {
        built.graph.operand($0, of: user)
      }
      guard operands.contains(node), built.graph.operations[user] != .derivative else { continue }
      let adjoint = adjoints.reading(of: user).elements
      for (entry, local) in tangents(of: user, seeding: node, place).enumerated()
      where local != 0 {
        uses.append(
          EntryUse(
            node: user, place: entry, local: local, adjoint: adjoint[entry],
            contribution: adjoint[entry] * local))
      }
    }
    return uses
  }

  /// The derivatives of a node's entries with respect to one entry of an operand.
  private func tangents(of user: Int, seeding node: Int, _ place: Int) -> [Double] {
    var unit = Array(repeating: 0.0, count: built.graph.shape(of: node).count)
    unit[place] = 1
    guard !built.graph.isScalar else {
      let operands = (0..<built.graph.operandCount(of: user)).map {
        built.graph.operand($0, of: user)
      }
      return [Points.tangent(built, of: user, operands, seeding: node)]
    }
    return DualEvaluation(built: built).tangents(of: user, seeding: node, with: unit).tangents
  }
}
