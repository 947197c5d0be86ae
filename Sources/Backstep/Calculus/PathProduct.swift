// What one path contributes to a derivative: the product of the local derivatives along it.

import BackstepLanguage
import BackstepTrace

extension Paths.Path {
  /// The local derivatives multiplied from the input upwards, in a graph of numbers.
  var product: Double { reduce(1) { $0 * $1.local } }
}

/// Products of Jacobians along paths, in a graph with vectors or matrices.
///
/// No Jacobian is built: a seed goes down the path alone, as an adjoint does in a backward pass.
struct PathProduct {
  let built: BuiltGraph
  let input: Int
  /// The entry of the input that was asked for; nil for all.
  let entry: Int?

  /// The derivative along each of some paths.
  func products(along paths: [Paths.Path]) -> [Reading] {
    let output = built.graph.shape(of: built.root)
    var watch = Watch()
    return built.withReadOnlyPlaces { places in
      paths.map { path in
        reading(
          (0..<output.count).map { row in
            var adjoint = Array(repeating: 0.0, count: output.count)
            adjoint[row] = 1
            for index in path.indices.reversed() {
              if watch.isOver(after: adjoint.count) { break }
              let below = index > 0 ? path[index - 1].user : input
              adjoint = pull(adjoint, down: path[index], to: below, places)
            }
            return adjoint
          })
      }
    }
  }

  /// What an adjoint sends down one edge.
  private func pull(
    _ adjoint: [Double], down edge: Paths.Edge, to operand: Int, _ places: Places<Double>
  ) -> [Double] {
    let graph = built.graph
    let (from, to) = (graph.shape(of: edge.user), graph.shape(of: operand))
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: from.count + to.count + 1) {
      buffer in
      guard let start = buffer.baseAddress else {
        preconditionFailure("there is room for one at least")
      }
      buffer.initialize(repeating: 0)
      for (index, number) in adjoint.enumerated() { buffer[index] = number }
      let result = Block(start + from.count, to)
      graph.operations[edge.user].accept(
        TensorPull(
          node: TensorNode(graph, edge.user, places), adjoint: Block(start, from), slot: edge.slot,
          hasChoice: graph.hasChoice, result: result))
      return (0..<to.count).map { result[$0] }
    }
  }

  /// The derivative from its rows, one for each entry of the output: a number, a value in the shape of
  /// the input or of the output where the other is a single number, or a Jacobian.
  func reading(_ rows: [[Double]]) -> Reading {
    let output = built.graph.shape(of: built.root)
    let moved = entry == nil ? built.graph.shape(of: input) : .scalar
    // A product of 0 and something negative is 0 to a reader.
    let numbers = rows.flatMap { row in entry.map { [row[$0]] } ?? row }.map { $0 + 0 }
    if output.isScalar { return moved.isScalar ? .scalar(numbers[0]) : .tensor(moved, numbers) }
    return .tensor(moved.isScalar ? output : .matrix(output.count, moved.count), numbers)
  }

  /// The shape of the Jacobian along each edge of a path.
  func jacobians(along path: Paths.Path) -> [Shape] {
    path.indices.map { index in
      let below = index > 0 ? path[index - 1].user : input
      return .matrix(
        built.graph.shape(of: path[index].user).count, built.graph.shape(of: below).count)
    }
  }
}
