// What the benchmark measures from within: passes over a graph that is built, products of matrices.

import BackstepTrace

/// The stages of computing the last formula and its gradient, to be timed one by one.
package struct Stages: ~Copyable {
  private var built: BuiltGraph
  private var adjoints: Adjoints
  private let active: ContiguousArray<Bool>
  private let seed: Value
  /// Where the numbers of inputs that are scalars stand.
  private let inputs: [Int]

  fileprivate init(_ built: BuiltGraph) {
    self.built = built
    active = built.graph.varies
    seed = Value.ones(built.graph.shape(of: built.root))
    adjoints = Adjoints(built.graph, root: built.root, seed: seed, active: active)
    inputs = (0..<built.graph.count).filter {
      built.graph.operations[$0] == .input && built.graph.shape(of: $0).isScalar
    }.map { built.graph.offset(of: $0) }
  }

  /// How many nodes the graph has.
  package var nodeCount: Int { built.graph.count }
  /// How many bytes its columns take, values and adjoints included.
  package var bytes: Int { built.graph.bytes + 8 * (built.values.count + adjoints.numbers.count) }

  /// Gives every input that is a number another value, a little further from 0.
  package mutating func moveInputs() {
    for place in inputs { built.values[place] *= 1.000_001 }
  }

  /// The forward pass.
  package mutating func forward() {
    if built.graph.isScalar {
      Forward.sweep(built.graph, 0..<built.graph.count, &built.values)
    } else {
      Forward.sweep(&built, 0..<built.graph.count)
    }
  }

  /// The backward pass, in the memory of the last one.
  package mutating func reverse() {
    adjoints.reset(root: built.root, seed: seed)
    var silence = Silence()
    adjoints.addUp(built, from: built.root, active: active, observer: &silence)
  }

  /// The value, and the adjoint of the first input, so that nothing is optimised away.
  package var results: [Double] {
    let input = (0..<built.graph.count).first { built.graph.operations[$0] == .input } ?? built.root
    return built.reading(of: built.root).elements + adjoints.reading(of: input).elements
  }
}

extension Session {
  /// Builds the graph of the last formula.
  ///
  /// - Parameter host: The surroundings.
  /// - Returns: What is to be timed.
  /// - Throws: A ``Diagnostic`` where there is no formula or it has no value.
  package mutating func stages(_ host: any SessionHost) throws -> Stages {
    Stages(try build(try target(of: nil, "grad"), host))
  }
}

/// A product of matrices outside any graph.
package struct MatrixProductProbe {
  private let sizes: (Int, Int, Int)
  private let transposes: (Bool, Bool)
  private let x: Tensor
  private let y: Tensor
  private let out: Tensor

  /// Prepares the product of an m × k and a k × n matrix, either of them kept transposed.
  package init(_ m: Int, _ k: Int, _ n: Int, _ first: Bool = false, _ second: Bool = false) {
    sizes = (m, k, n)
    transposes = (first, second)
    var random = Random(seed: 1)
    x = Tensor(.vector(m * k)) { block in
      for index in 0..<block.count { block[index] = random.normal() }
    }
    y = Tensor(.vector(k * n)) { block in
      for index in 0..<block.count { block[index] = random.normal() }
    }
    out = Tensor(.vector(m * n)) { $0.fill(0) }
  }

  /// Computes it once.
  package func run() {
    MatrixKernel.multiply(
      sizes.0, sizes.1, sizes.2, x.block.start, transposesFirst: transposes.0, y.block.start,
      transposesSecond: transposes.1, into: out.block.start)
  }
}
