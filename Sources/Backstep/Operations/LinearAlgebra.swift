// Products of vectors and matrices.

import BackstepTrace

/// The matrix product; vectors are columns on the right and rows on the left.
///
/// **Shape** [m, k] @ [k, n] is [m, n]; [m, k] @ [k] is [m]; [k] @ [k, n] is [n]; [k] @ [k] is a
/// scalar. A vector times a matrix of one row, as in z @ x', is their outer product.
///
/// **Source** Giles, *Collected matrix derivative results for forward and reverse mode algorithmic
/// differentiation* (2008), section 2.2.2.
enum MatrixProduct: StructuralRule {
  static let label = "matmul"
  static let names: [String] = []
  static let summary = "the matrix product"
  static let family = Family.linearAlgebra
  static let operands = [Operand("x"), Operand("y")]
  static let text = "x @ y"
  static let example = "W = [[1, 2], [3, 4]]; x = [5, 6]\nz = W @ x\ntrace sum(z)"

  /// The operands as matrices: rows, columns of the one and of the other.
  struct Sizes {
    let rows: Int
    let inner: Int
    let columns: Int
    let result: Shape

    init?(_ x: Shape, _ y: Shape) {
      switch (x.rank, y.rank) {
      case (2, 2): (rows, inner, columns) = (x.rows, x.columns, y.columns)
      case (2, 1): (rows, inner, columns) = (x.rows, x.columns, 1)
      case (1, 2) where y.rows == 1 && x.count != 1:
        (rows, inner, columns) = (x.count, 1, y.columns)
      case (1, 2): (rows, inner, columns) = (1, x.count, y.columns)
      case (1, 1): (rows, inner, columns) = (1, x.count, 1)
      default: return nil
      }
      guard inner == (y.rank == 2 ? y.rows : y.count) else { return nil }
      switch (x.rank, y.rank) {
      case (2, 1): result = .vector(rows)
      case (1, 1): result = .scalar
      case (1, 2) where inner == 1 && rows > 1: result = .matrix(rows, columns)
      case (1, 2): result = .vector(columns)
      default: result = .matrix(rows, columns)
      }
    }
  }

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    let (x, y) = (operands[0], operands[1])
    if let sizes = Sizes(x, y) { return sizes.result }
    if x.isScalar || y.isScalar {
      throw ShapeProblem("@ needs vectors or matrices, but @1 and @2", hint: "write #1*#2")
    }
    let inner = (x.rank == 2 ? x.columns : x.count, y.rows)
    throw ShapeProblem(
      "@1 and @2: the inner sizes \(inner.0) and \(inner.1) differ", hint: suggestion(x, y))
  }

  /// What would fit: transposed operands, or the operands the other way round.
  private static func suggestion(_ x: Shape, _ y: Shape) -> String? {
    func transposed(_ shape: Shape) -> Shape { .matrix(shape.columns, shape.rows) }
    if x.rank == 2, Sizes(transposed(x), y) != nil { return "did you mean #1' @ #2?" }
    if y.rank == 2, Sizes(x, transposed(y)) != nil { return "did you mean #1 @ #2'?" }
    if Sizes(y, x) != nil { return "did you mean #2 @ #1?" }
    if x == y || Shape.broadcast(x, y) != nil { return "entry by entry it is #1*#2" }
    return nil
  }

  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    guard let sizes = Sizes(x[0].shape, x[1].shape) else { return out.fill(T(.nan)) }
    MatrixKernel.multiply(
      sizes.rows, sizes.inner, sizes.columns, x[0].start, x[1].start, into: out.start)
  }

  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    guard let sizes = Sizes(x[0].shape, x[1].shape) else { return result.fill(T(.nan)) }
    if slot == 0 {
      MatrixKernel.multiply(
        sizes.rows, sizes.columns, sizes.inner, adjoint.start, x[1].start, transposesSecond: true,
        into: result.start)
    } else {
      MatrixKernel.multiply(
        sizes.inner, sizes.rows, sizes.columns, x[0].start, transposesFirst: true, adjoint.start,
        into: result.start)
    }
  }

  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    let (x, y) = (operands[0], operands[1])
    switch (x.rank, y.rank, slot) {
    case (1, 1, 0): return .local("y")
    case (1, 1, _): return .local("x")
    // With a single row adj @ y' would be a vector.
    case (2, 1, 0) where x.rows == 1: return .contribution("outer(adj, y)")
    case (1, 2, 0) where Sizes(x, y)?.result.rank == 2: return .contribution("adj @ y[1]")
    case (1, 2, 1) where Sizes(x, y)?.result.rank == 1: return .contribution("outer(x, adj)")
    case (_, _, 0): return .contribution("adj @ y'")
    default: return .contribution("x' @ adj")
    }
  }
}

/// The sum of the products of entries.
enum Dot: StructuralRule {
  static let label = "dot"
  static let names = ["dot"]
  static let summary = "the sum of the products of two vectors' entries"
  static let family = Family.linearAlgebra
  static let operands = [Operand("x"), Operand("y")]
  static let notes = "The same as x @ y for vectors; of two matrices, the sum of x*y."
  static let seeAlso = ["outer", "norm"]
  static let example = "x = [1, 2, 3]; y = [4, 5, 6]\nf = dot(x, y)\ntrace f"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    guard operands[0] == operands[1] else { throw .mismatch(hint: "dot needs equal shapes") }
    return .scalar
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    var sum: T = 0
    for index in 0..<x[0].count { sum = sum + x[0][index] * x[1][index] }
    out[0] = sum
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    let other = x[1 - slot]
    for index in 0..<other.count { result[index] = adjoint[0] * other[index] }
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .local(slot == 0 ? "y" : "x")
  }
}

/// The products of every entry of one vector with every entry of another.
enum Outer: StructuralRule {
  static let label = "outer"
  static let names = ["outer"]
  static let summary = "the matrix of all products x[i]*y[j]"
  static let family = Family.linearAlgebra
  static let operands = [Operand("x"), Operand("y")]
  static let seeAlso = ["dot"]
  static let example = "x = [1, 2]; y = [3, 4, 5]\nA = outer(x, y)\ntrace sum(A)"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    guard operands[0].rank == 1, operands[1].rank == 1 else {
      throw ShapeProblem("outer needs two vectors, but @1 and @2")
    }
    return .matrix(operands[0].count, operands[1].count)
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    MatrixKernel.multiply(x[0].count, 1, x[1].count, x[0].start, x[1].start, into: out.start)
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    let (rows, columns) = (x[0].count, x[1].count)
    if slot == 0 {
      MatrixKernel.multiply(rows, columns, 1, adjoint.start, x[1].start, into: result.start)
    } else {
      MatrixKernel.multiply(1, rows, columns, x[0].start, adjoint.start, into: result.start)
    }
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution(slot == 0 ? "adj @ y" : "x @ adj")
  }
}

/// Rows and columns exchanged; a vector becomes a matrix of one row.
enum Transpose: StructuralRule {
  static let label = "transpose"
  static let names = ["transpose"]
  static let summary = "rows and columns exchanged: x' or x.T"
  static let family = Family.linearAlgebra
  static let operands = [Operand("x")]
  static let text = "x'"
  static let notes = "A vector counts as a column: its transpose is a matrix of one row."
  static let seeAlso = ["reshape"]
  static let example = "A = [[1, 2, 3], [4, 5, 6]]\nA'\nx = [1, 2]\ntrace sum(x' @ A)"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    switch operands[0].rank {
    case 0: .scalar
    case 1: .matrix(1, operands[0].count)
    default: .matrix(operands[0].columns, operands[0].rows)
    }
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    transpose(x[0], rows: x[0].shape.rows, columns: x[0].shape.columns, into: out)
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    transpose(adjoint, rows: x[0].shape.columns, columns: x[0].shape.rows, into: result)
  }
  private static func transpose<T>(_ x: Block<T>, rows: Int, columns: Int, into out: Block<T>) {
    for row in 0..<rows {
      for column in 0..<columns { out[column * rows + row] = x[row * columns + column] }
    }
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution(operands[0].rank == 1 ? "flatten(adj)" : "adj'")
  }
}
