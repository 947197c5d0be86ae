// Second derivatives: forward mode over backpropagation.

import BackstepLanguage
import BackstepTrace

/// Runs forward and backward pass at dual numbers: the adjoints' tangents are second derivatives.
///
/// **Source** Griewank and Walther, *Evaluating Derivatives*, 2nd ed., chapter 5.
struct HessianPass {
  let built: BuiltGraph
  /// The nodes that derivatives go through.
  let active: ContiguousArray<Bool>

  /// The adjoints of some nodes with one entry of an input seeded: gradient and, as their tangents, one
  /// column of the Hessian.
  func adjoints(of nodes: [Int], seeding input: Int, _ entry: Int) -> [[Dual]] {
    built.graph.isScalar ? scalars(nodes, input) : tensors(nodes, input, entry)
  }

  private func scalars(_ nodes: [Int], _ input: Int) -> [[Dual]] {
    let graph = built.graph
    var values = ContiguousArray(built.values.map { Dual($0) })
    values[input] = Dual(built.values[input], tangent: 1)
    let after = (0..<graph.count).filter { $0 != input && !graph.operations[$0].isLeaf }
    // A formula can be an input of the Hessian: it is then moved itself and not computed.
    var watch = Watch()
    for node in after where node > input || graph.operations[input].isLeaf {
      if watch.isOver(after: 256) { break }
      Forward.sweep(graph, node..<node + 1, &values)
    }
    var adjoints = ContiguousArray<Dual>(repeating: 0, count: graph.count)
    var isReached = ContiguousArray(repeating: false, count: graph.count)
    adjoints[built.root] = 1
    isReached[built.root] = true
    for node in stride(from: built.root, through: 0, by: -1) where active[node] && isReached[node] {
      if watch.isOver(after: 1000) { break }
      guard !graph.operations[node].isLeaf else { continue }
      // What goes on from a formula that was moved itself is that of the formula where it stands.
      if node == input { values[node] = Dual(built.values[node]) }
      let operands = (0..<graph.operandCount(of: node)).map { graph.operand($0, of: node) }
      let x = operands.map { values[$0] }
      let partials = graph.operations[node].accept(
        PartialsAt(
          x: x[0], y: x.count > 1 ? x[1] : 0, z: x.count > 2 ? x[2] : 0, out: values[node]))
      for (slot, operand) in operands.enumerated() where active[operand] {
        // Of a `where` the branch that is not taken gets nothing.
        if graph.operations[node] == .select, slot != (x[0].primal != 0 ? 1 : 2) { continue }
        let local = slot == 0 ? partials.0 : slot == 1 ? partials.1 : partials.2
        adjoints[operand] = adjoints[operand] + adjoints[node] * local
        isReached[operand] = true
      }
    }
    return nodes.map { [adjoints[$0]] }
  }

  private func tensors(_ nodes: [Int], _ input: Int, _ entry: Int) -> [[Dual]] {
    let graph = built.graph
    var begins: [Int] = []
    var numbers: ContiguousArray<Dual> = []
    for node in 0..<graph.count {
      begins.append(numbers.count)
      for number in built.reading(of: node).elements { numbers.append(Dual(number)) }
    }
    let seeded = begins[input] + entry
    numbers[seeded] = Dual(numbers[seeded].primal, tangent: 1)
    var adjoints = numbers.map { _ in Dual(0) }
    var isReached = ContiguousArray(repeating: false, count: graph.count)
    adjoints[begins[built.root]] = 1
    isReached[built.root] = true
    numbers.withUnsafeMutableBufferPointer { values in
      adjoints.withUnsafeMutableBufferPointer { sums in
        guard let value = values.baseAddress, let sum = sums.baseAddress else { return }
        let starts = UnsafeMutablePointer<UnsafeMutablePointer<Dual>>.allocate(
          capacity: graph.count)
        defer { starts.deallocate() }
        starts.initialize(repeating: value, count: graph.count)
        for node in 0..<graph.count { starts[node] = value + begins[node] }
        graph.withPlaces(starts) { places in
          var watch = Watch()
          for node in 0..<graph.count where !graph.operations[node].isLeaf && node != input {
            if watch.isOver(after: places.block(node).count) { return }
            graph.operations[node].accept(TensorValue(node: TensorNode(graph, node, places)))
          }
          for node in stride(from: built.root, through: 0, by: -1)
          where active[node] && isReached[node] && !graph.operations[node].isLeaf {
            if watch.isOver(after: places.block(node).count) { return }
            if node == input { value[seeded] = Dual(value[seeded].primal) }
            for slot in 0..<graph.operandCount(of: node) {
              let operand = graph.operand(slot, of: node)
              guard active[operand] else { continue }
              pull(node, slot, operand, places, sum, begins)
              isReached[operand] = true
            }
          }
        }
      }
    }
    return nodes.map { node in
      let begin = begins[node]
      return Array(adjoints[begin..<begin + graph.shape(of: node).count])
    }
  }

  /// Adds what a node sends to one of its operands.
  private func pull(
    _ node: Int, _ slot: Int, _ operand: Int, _ places: Places<Dual>,
    _ sums: UnsafeMutablePointer<Dual>, _ begins: [Int]
  ) {
    let graph = built.graph
    let shape = graph.shape(of: operand)
    var product = Array(repeating: Dual(0), count: shape.count)
    product.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      graph.operations[node].accept(
        TensorPull(
          node: TensorNode(graph, node, places),
          adjoint: Block(sums + begins[node], graph.shape(of: node)), slot: slot,
          hasChoice: graph.hasChoice, result: Block(start, shape)))
    }
    for (index, number) in product.enumerated() {
      sums[begins[operand] + index] = sums[begins[operand] + index] + number
    }
  }
}
