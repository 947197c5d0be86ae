// The forward pass: every node's value from its operands' values.

import BackstepTrace

/// Evaluates graphs.
enum Forward {
  /// Computes the values of the nodes in a range; those of the leaves must be there.
  ///
  /// **Cost** one visit a node, no allocation.
  static func sweep<T: Scalar>(
    _ graph: Graph, _ nodes: Range<Int>, _ values: inout ContiguousArray<T>
  ) {
    precondition(
      nodes.lowerBound >= 0 && nodes.upperBound <= graph.count && graph.count <= values.count)
    values.withUnsafeMutableBufferPointer { value in
      graph.withColumns { columns in
        for node in nodes {
          columns.operations[node].accept(ForwardStep(node: node, columns: columns, value: value))
        }
      }
    }
  }
}

/// The value of an operation at a point.
struct ValueAt<T: Scalar>: RuleVisitor {
  let x: T
  let y: T
  let z: T

  @inline(__always) func visitLeaf() -> T { 0 }
  @inline(__always) func visit<R: UnaryRule>(_ rule: R.Type) -> T { R.value(x) }
  @inline(__always) func visit<R: BinaryRule>(_ rule: R.Type) -> T { R.value(x, y) }
  @inline(__always) func visit<R: TernaryRule>(_ rule: R.Type) -> T { R.value(x, y, z) }
  @inline(__always) func visit<R: StructuralRule>(_ rule: R.Type) -> T { 0 }
}

/// The local derivatives of an operation at a point.
struct PartialsAt<T: Scalar>: RuleVisitor {
  let x: T
  let y: T
  let z: T
  let out: T

  @inline(__always) func visitLeaf() -> (T, T, T) { (0, 0, 0) }
  @inline(__always) func visit<R: UnaryRule>(_ rule: R.Type) -> (T, T, T) {
    (R.partial(x, out), 0, 0)
  }
  @inline(__always) func visit<R: BinaryRule>(_ rule: R.Type) -> (T, T, T) {
    let (dx, dy) = R.partials(x, y, out)
    return (dx, dy, 0)
  }
  @inline(__always) func visit<R: TernaryRule>(_ rule: R.Type) -> (T, T, T) {
    R.partials(x, y, z, out)
  }
  @inline(__always) func visit<R: StructuralRule>(_ rule: R.Type) -> (T, T, T) { (0, 0, 0) }
}

/// How many operands an operation has.
struct ArityOf: RuleVisitor {
  @inline(__always) func visitLeaf() -> Int { 0 }
  @inline(__always) func visit<R: UnaryRule>(_ rule: R.Type) -> Int { 1 }
  @inline(__always) func visit<R: BinaryRule>(_ rule: R.Type) -> Int { 2 }
  @inline(__always) func visit<R: TernaryRule>(_ rule: R.Type) -> Int { 3 }
  @inline(__always) func visit<R: StructuralRule>(_ rule: R.Type) -> Int { .max }
}

extension Operation {
  /// How many operands the operation has; of a structural one each node says itself.
  @inline(__always) var arity: Int { self == .derivative ? 2 : accept(ArityOf()) }
  /// Whether it has three operands.
  @inline(__always) var isTernary: Bool { accept(ArityOf()) == 3 }
  /// Whether it looks at whole vectors and matrices.
  @inline(__always) var isStructural: Bool { accept(ArityOf()) == .max }
  /// Whether nothing is computed: a constant, a datum, an input, or what was computed elsewhere.
  @inline(__always) var isLeaf: Bool { accept(ArityOf()) == 0 }
}
