// Forward mode told as events: what each node carries, and what it was put together from.

import BackstepLanguage
import BackstepTrace

/// Tells the derivatives of all nodes with respect to some entries of one input.
struct TangentTrace {
  let built: BuiltGraph
  let input: Int
  /// The one entry that was asked for; nil for all of them.
  let entry: Int?
  let entries: Range<Int>

  /// What one node was put together from, for each entry of the input.
  private struct Step {
    var sums: [[Double]] = []
    var terms: [[TangentPass.Term]] = []
  }

  func post(to host: any SessionHost) throws(EvaluationError) {
    if built.graph.isScalar { return try postNumbers(to: host) }
    var tally = Tally()
    var steps: [Int: Step] = [input: Step()]
    var pass = TangentPass(built, input: input)
    for entry in entries {
      if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
      pass.run(entry: entry, tally: &tally) { node, terms in
        steps[node, default: Step()].terms.append(terms)
      }
      if host.isInterrupted { break }
      for node in steps.keys { steps[node]?.sums.append(pass.tangents(of: node)) }
    }
    built.withPoints { points in
      for node in 0...built.root
      where built.graph.operations[node] != .constant || node == built.root {
        if host.isInterrupted { return }
        post(node, steps, points, host)
      }
    }
    if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
    post(tally, host)
  }

  private func post(_ tally: Tally, _ host: any SessionHost) {
    host.receive(
      .tangentCost(
        passes: tally.passes, multiplications: tally.multiplications, additions: tally.additions))
  }

  /// Tells of a graph of numbers while the pass goes through it, so nothing is kept but the tangents.
  private func postNumbers(to host: any SessionHost) throws(EvaluationError) {
    var tally = Tally()
    var pass = TangentPass(built, input: input)
    pass.begin(&tally)
    for node in 0...built.root {
      if node & 0xFF == 0, host.isInterrupted { throw EvaluationError(kind: .interrupted) }
      let isCarried = node > input && pass.active[node]
      let products = isCarried ? pass.step(node, &tally) : TangentPass.Products()
      guard built.graph.operations[node] != .constant || node == built.root else { continue }
      host.receive(
        .tangent(
          Tangent(
            node: node, wrt: input, entry: entry, value: built.reading(of: node),
            tangent: .scalar(pass.number(of: node)), terms: products.count)))
      for index in 0..<products.count {
        let product = products[index]
        host.receive(
          .tangentTerm(
            TangentTerm(
              node: node, slot: product.slot, operand: product.operand,
              local: .scalar(product.local), carried: .scalar(product.carried),
              product: .scalar(product.product))))
      }
    }
    if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
    post(tally, host)
  }

  private func post(
    _ node: Int, _ steps: [Int: Step], _ points: Points, _ host: any SessionHost
  ) {
    let step = steps[node]
    let terms = step?.terms.first ?? []
    host.receive(
      .tangent(
        Tangent(
          node: node, wrt: input, entry: entry, value: built.reading(of: node),
          tangent: reading(of: node, step?.sums), terms: terms.count)))
    for (index, term) in terms.enumerated() {
      host.receive(
        .tangentTerm(
          TangentTerm(
            node: node, slot: term.slot, operand: term.operand,
            local: local(of: node, term, points),
            carried: reading(of: term.operand, steps[term.operand]?.sums),
            product: reading(of: node, step?.terms.map { $0[index].product }))))
    }
  }

  /// The local derivative of a term; of an operation on whole tensors along all operands that are the
  /// same node, as in `W @ W`.
  private func local(of node: Int, _ term: TangentPass.Term, _ points: Points) -> Reading? {
    let graph = built.graph
    guard let local = points.local(of: node, slot: term.slot) else { return nil }
    guard graph.operations[node].isStructural else { return local }
    var numbers = local.elements
    for slot in 0..<graph.operandCount(of: node)
    where slot != term.slot && graph.operand(slot, of: node) == term.operand {
      guard let other = points.local(of: node, slot: slot), other.shape == local.shape else {
        return nil
      }
      for (index, number) in other.elements.enumerated() { numbers[index] += number }
    }
    return local.shape.isScalar ? .scalar(numbers[0]) : .tensor(local.shape, numbers)
  }

  /// The derivatives of a node's entries, given for each entry of the input.
  private func reading(of node: Int, _ columns: [[Double]]?) -> Reading {
    let shape = built.graph.shape(of: node)
    let inputShape = entry == nil ? built.graph.shape(of: input) : .scalar
    let columns = columns ?? entries.map { _ in Array(repeating: 0, count: shape.count) }
    if inputShape.isScalar {
      return shape.isScalar ? .scalar(columns[0][0]) : .tensor(shape, columns[0])
    }
    if shape.isScalar { return .tensor(inputShape, columns.map { $0[0] }) }
    let rows = (0..<shape.count).flatMap { row in columns.map { $0[row] } }
    return .tensor(.matrix(shape.count, columns.count), rows)
  }
}
