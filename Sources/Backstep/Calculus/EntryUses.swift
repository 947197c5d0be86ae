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
      for (entry, local) in tangents(of: user, operands, seeding: node, place).enumerated()
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
  private func tangents(
    of user: Int, _ operands: [Int], seeding node: Int, _ place: Int
  ) -> [Double] {
    let shape = built.graph.shape(of: user)
    guard !built.graph.isScalar else {
      return [Points.tangent(built, of: user, operands, seeding: node)]
    }
    var memory: [Int: [Dual]] = [user: Array(repeating: 0, count: shape.count)]
    for operand in operands {
      memory[operand] = built.reading(of: operand).elements.map { Dual($0) }
    }
    if let primal = memory[node]?[place].primal { memory[node]?[place] = Dual(primal, tangent: 1) }
    let nodes = memory.keys.sorted()
    // All numbers in one piece of memory, and a table of where each node's begin.
    var numbers = ContiguousArray(nodes.flatMap { memory[$0] ?? [] })
    return numbers.withUnsafeMutableBufferPointer { buffer in
      guard var start = buffer.baseAddress else { return [] }
      let starts = UnsafeMutablePointer<UnsafeMutablePointer<Dual>>
        .allocate(capacity: built.graph.count)
      defer { starts.deallocate() }
      starts.initialize(repeating: start, count: built.graph.count)
      for node in nodes {
        starts[node] = start
        start += memory[node]?.count ?? 0
      }
      return built.graph.withPlaces(starts) { places in
        let operation = built.graph.operations[user]
        operation.accept(TensorValue(node: TensorNode(built.graph, user, places)))
        let out = places.block(user)
        return (0..<out.count).map { out[$0].tangent }
      }
    }
  }
}
