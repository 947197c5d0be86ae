// What the benchmark measures from within: passes over a graph that is built, products of matrices.

import BackstepTrace

extension Session {
  /// Runs forward and backward pass of the last formula again and again.
  ///
  /// - Parameters:
  ///   - host: The surroundings.
  ///   - run: Is given one pair of passes as a closure, to be called as often as it likes.
  /// - Returns: The adjoint of the first input afterwards, so that nothing is optimised away.
  /// - Throws: A ``Diagnostic`` where there is no formula or it has no value.
  package mutating func withPasses(
    _ host: any SessionHost, _ run: (_ passes: () -> Void) -> Void
  ) throws -> [Double] {
    let target = try target(of: nil, "grad")
    var built = try build(target, host)
    try compute(&built, host)
    let active = built.graph.varies
    let seed = Value.ones(built.graph.shape(of: built.root))
    let root = built.root
    var adjoints = Adjoints(built.graph, root: root, seed: seed, active: active)
    run {
      if built.graph.isScalar {
        Forward.sweep(built.graph, 0..<built.graph.count, &built.values)
      } else {
        Forward.sweep(&built, 0..<built.graph.count)
      }
      var silence = Silence()
      adjoints = Reverse.sweep(built, from: root, seed: seed, active: active, observer: &silence)
    }
    let input = (0..<built.graph.count).first { built.graph.operations[$0] == .input } ?? root
    return adjoints.reading(of: input).elements
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
