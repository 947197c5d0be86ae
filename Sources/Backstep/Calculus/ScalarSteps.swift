// What passes over a graph of numbers do at one node: the operation is looked at once.

/// A graph's columns as bare memory, for the time of one pass.
///
/// Memory is reached unchecked behind two things that are checked: a pass stays within the columns, and at
/// each node operands come before it.
struct Columns {
  let operations: UnsafeBufferPointer<Operation>
  let left: UnsafeBufferPointer<NodeID>
  let right: UnsafeBufferPointer<NodeID>
  let more: UnsafeBufferPointer<NodeID>

  /// The only operand, or the first.
  @inline(__always) func first(_ node: Int) -> Int {
    let x = Int(left[node])
    precondition(x < node)
    return x
  }

  /// The second of two operands.
  @inline(__always) func second(_ node: Int) -> Int {
    let y = Int(right[node])
    precondition(y < node)
    return y
  }

  /// The second and the third of three operands.
  @inline(__always) func rest(_ node: Int) -> (Int, Int) {
    let place = Int(right[node])
    precondition(place + 1 < more.count)
    let (y, z) = (Int(more[place]), Int(more[place + 1]))
    precondition(max(y, z) < node)
    return (y, z)
  }
}

extension Graph {
  /// Calls `body` with the columns.
  @inline(__always) func withColumns(_ body: (Columns) -> Void) {
    operations.withUnsafeBufferPointer { operations in
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          more.withUnsafeBufferPointer { more in
            precondition(min(left.count, right.count) >= operations.count)
            body(Columns(operations: operations, left: left, right: right, more: more))
          }
        }
      }
    }
  }
}

/// Computes a node's value; a leaf's stays.
struct ForwardStep<T: Scalar>: RuleVisitor {
  let node: Int
  let columns: Columns
  let value: UnsafeMutableBufferPointer<T>

  @inline(__always) func visitLeaf() {}

  @inline(__always) func visit<R: UnaryRule>(_ rule: R.Type) {
    value[node] = R.value(value[columns.first(node)])
  }

  @inline(__always) func visit<R: BinaryRule>(_ rule: R.Type) {
    value[node] = R.value(value[columns.first(node)], value[columns.second(node)])
  }

  @inline(__always) func visit<R: TernaryRule>(_ rule: R.Type) {
    let (y, z) = columns.rest(node)
    value[node] = R.value(value[columns.first(node)], value[y], value[z])
  }

  @inline(__always) func visit<R: StructuralRule>(_ rule: R.Type) { value[node] = 0 }
}

/// Sends a node's adjoint, times the local derivatives, to its operands; a leaf has none.
struct ReverseStep: RuleVisitor {
  let node: Int
  let columns: Columns
  let value: UnsafeBufferPointer<Double>
  let isActive: UnsafeBufferPointer<Bool>
  let adjoint: UnsafeMutableBufferPointer<Double>

  @inline(__always) func visitLeaf() {}

  @inline(__always) func visit<R: UnaryRule>(_ rule: R.Type) {
    let x = columns.first(node)
    send(R.partial(value[x], value[node]), to: x)
  }

  @inline(__always) func visit<R: BinaryRule>(_ rule: R.Type) {
    let (x, y) = (columns.first(node), columns.second(node))
    let (dx, dy) = R.partials(value[x], value[y], value[node])
    send(dx, to: x)
    send(dy, to: y)
  }

  @inline(__always) func visit<R: TernaryRule>(_ rule: R.Type) {
    let x = columns.first(node)
    let (y, z) = columns.rest(node)
    let (dx, dy, dz) = R.partials(value[x], value[y], value[z], value[node])
    send(dx, to: x)
    send(dy, to: y)
    send(dz, to: z)
  }

  @inline(__always) func visit<R: StructuralRule>(_ rule: R.Type) {}

  @inline(__always) private func send(_ local: Double, to operand: Int) {
    if isActive[operand] { adjoint[operand] += adjoint[node] * local }
  }
}
