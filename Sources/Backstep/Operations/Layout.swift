// Operations that only move numbers: lists, parts, other shapes.

import BackstepTrace

/// Scalars as a vector, or vectors as the rows or columns of a matrix.
enum Stack: StructuralRule {
  static let label = "stack"
  static let names = ["stack"]
  static let summary = "scalars as a vector, or vectors as the rows of a matrix"
  static let family = Family.layout
  static let operands = [Operand("x"), .axis]
  static let isVariadic = true
  static let text = "[...]"
  static let notes = "The same as [a, b]; with axis=2 the vectors become columns."
  static let seeAlso = ["concat"]
  static let example = "a = [1, 2]; b = [3, 4]\nstack(a, b)\nstack(a, b, axis=2)"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    let first = operands[0]
    if let other = operands.first(where: { $0 != first }) {
      throw ShapeProblem(
        "the entries of a list must have one shape, but here are \(first) and \(other)",
        hint: first.rank == other.rank ? nil : "a matrix is written as a list of rows")
    }
    guard attributes.axis <= first.rank + 1 else {
      throw ShapeProblem("%1: stacked there are \(first.rank + 1) axes, not \(attributes.axis)")
    }
    switch first.rank {
    case 0: return .vector(operands.count)
    case 1 where attributes.axis == 2: return .matrix(first.count, operands.count)
    case 1: return .matrix(operands.count, first.count)
    default:
      throw ShapeProblem(
        "a list of matrices would have three axes; there are two at most",
        hint: "concat(A, B) puts matrices below each other")
    }
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    for slot in 0..<x.count {
      let part = x[slot]
      for index in 0..<part.count {
        out[place(slot, index, x.count, part.count, attributes)] = part[index]
      }
    }
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    for index in 0..<result.count {
      result[index] = adjoint[place(slot, index, x.count, result.count, attributes)]
    }
  }
  private static func place(
    _ slot: Int, _ index: Int, _ slots: Int, _ count: Int, _ attributes: Attributes
  ) -> Int {
    attributes.axis == 2 ? index * slots + slot : slot * count + index
  }
  static func text(_ operands: [Shape], _ attributes: Attributes) -> String {
    attributes.axis == 2 ? "stack(..., axis=2)" : "[...]"
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution(attributes.axis == 2 ? "adj[:, \(slot + 1)]" : "adj[\(slot + 1)]")
  }
}

/// Vectors or matrices end to end.
enum Concatenate: StructuralRule {
  static let label = "concat"
  static let names = ["concat"]
  static let summary = "vectors end to end, or matrices below or beside each other"
  static let family = Family.layout
  static let operands = [Operand("x"), .axis]
  static let isVariadic = true
  static let text = "concat(...)"
  static let notes = """
    Matrices are put below each other, with axis=2 beside each other. A scalar among vectors is \
    a vector of one entry.
    """
  static let seeAlso = ["stack"]
  static let example = "a = [1, 2]; b = [3, 4, 5]\nconcat(a, b)\ntrace sum(concat(a, b)^2)"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    let rank = operands.map(\.rank).max() ?? 0
    guard rank == 2 else {
      guard attributes.axis <= 1 else {
        throw ShapeProblem("end to end there is axis 1 only, not \(attributes.axis)")
      }
      return .vector(operands.reduce(0) { $0 + $1.count })
    }
    guard attributes.axis <= 2 else {
      throw ShapeProblem("a matrix has axes 1 and 2, not \(attributes.axis)")
    }
    let besides = attributes.axis == 2
    let first = operands[0]
    for other in operands {
      guard other.rank == 2, besides ? other.rows == first.rows : other.columns == first.columns
      else {
        throw ShapeProblem(
          "\(first) and \(other) do not fit \(besides ? "beside" : "below") each other",
          hint: other.rank < 2 ? "a vector v becomes a row as v'" : nil)
      }
    }
    return besides
      ? .matrix(first.rows, operands.reduce(0) { $0 + $1.columns })
      : .matrix(operands.reduce(0) { $0 + $1.rows }, first.columns)
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    for slot in 0..<x.count {
      forEachEntry(x, slot, out.shape, attributes) { own, whole in out[whole] = x[slot][own] }
    }
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    forEachEntry(x, slot, out.shape, attributes) { own, whole in result[own] = adjoint[whole] }
  }

  /// Where a part begins, in rows or columns, or in entries.
  private static func offset<T>(_ x: Operands<T>, _ slot: Int, _ besides: Bool) -> Int {
    (0..<slot).reduce(0) { $0 + (besides ? x[$1].shape.columns : x[$1].count) }
  }

  @inline(__always)
  private static func forEachEntry<T>(
    _ x: Operands<T>, _ slot: Int, _ whole: Shape, _ attributes: Attributes,
    _ body: (_ own: Int, _ whole: Int) -> Void
  ) {
    let part = x[slot].shape
    let besides = attributes.axis == 2
    let offset = offset(x, slot, besides)
    guard besides else {
      for index in 0..<part.count { body(index, offset + index) }
      return
    }
    for row in 0..<part.rows {
      for column in 0..<part.columns {
        body(row * part.columns + column, row * whole.columns + offset + column)
      }
    }
  }

  static func text(_ operands: [Shape], _ attributes: Attributes) -> String {
    attributes.axis == 2 ? "concat(..., axis=2)" : "concat(...)"
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    let besides = attributes.axis == 2
    let isMatrix = operands[0].rank == 2
    func size(_ shape: Shape) -> Int {
      besides ? shape.columns : isMatrix ? shape.rows : shape.count
    }
    let start = operands[..<slot].reduce(0) { $0 + size($1) }
    let end = start + size(operands[slot])
    let places = operands[slot].isScalar ? "\(end)" : "\(start + 1):\(end)"
    return .contribution(besides ? "adj[:, \(places)]" : "adj[\(places)]")
  }
}

/// The numbers in the same order in another shape.
enum Reshape: StructuralRule {
  static let label = "reshape"
  static let names = ["reshape"]
  static let summary = "the same numbers, row after row, in another shape"
  static let family = Family.layout
  static let operands = [
    Operand("x"), Operand.attribute("r"), Operand.attribute("c", isOptional: true),
  ]
  static let text = "reshape(x)"
  static let notes = "reshape(x, n) is a vector, reshape(x, r, c) a matrix."
  static let seeAlso = ["flatten", "transpose"]
  static let example = "x = [1, 2, 3, 4, 5, 6]\nreshape(x, 2, 3)"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    let (old, new) = (operands[0], attributes.shape)
    guard old.count == new.count else {
      throw ShapeProblem(
        "%1, which is \(old.count) \(old.count == 1 ? "number" : "numbers"); \(new) would be "
          + "\(new.count)")
    }
    return new
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    out.copy(x[0])
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    result.copy(adjoint)
  }
  static func text(_ operands: [Shape], _ attributes: Attributes) -> String {
    reshape("x", attributes.shape)
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    operands[0].isScalar
      ? .contribution(attributes.shape.rank == 1 ? "adj[1]" : "adj[1, 1]")
      : .contribution(reshape("adj", operands[0]))
  }
  /// A call that gives a vector or a matrix; there is none that gives a scalar.
  static func reshape(_ text: String, _ shape: Shape) -> String {
    "reshape(\(([text] + shape.sizes.map { "\($0)" }).joined(separator: ", ")))"
  }
}

/// All numbers as one vector.
enum Flatten: StructuralRule {
  static let label = "flatten"
  static let names = ["flatten"]
  static let summary = "all numbers as one vector, row after row"
  static let family = Family.layout
  static let operands = [Operand("x")]
  static let seeAlso = ["reshape"]
  static let example = "A = [[1, 2], [3, 4]]\nflatten(A)"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    .vector(operands[0].count)
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    out.copy(x[0])
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    result.copy(adjoint)
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution(operands[0].isScalar ? "adj[1]" : Reshape.reshape("adj", operands[0]))
  }
}

/// A part of a vector or a matrix: an entry, a row, a column, a stretch.
enum Element: StructuralRule {
  static let label = "index"
  static let names: [String] = []
  static let summary = "a part: a[i], A[i, j], a[2:3], A[1, :]"
  static let family = Family.layout
  static let operands = [Operand("x")]
  static let text = "x[1]"
  static let example = "A = [[1, 2, 3], [4, 5, 6]]\nA[2, 3]\nA[1]\nA[:, 1]\ntrace sum(A[:, 2:3])"

  /// The rows and columns that are selected; a vector is one row.
  private static func places(_ shape: Shape, _ attributes: Attributes) -> (Range<Int>, Range<Int>) {
    let selections = attributes.selections
    guard shape.rank == 2 else { return (0..<1, selections[0].places) }
    return (selections[0].places, selections.count > 1 ? selections[1].places : 0..<shape.columns)
  }

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    let shape = operands[0]
    let selections = attributes.selections
    guard !selections.isEmpty, selections.count <= shape.rank else {
      let most = shape.rank == 0 ? "no index" : shape.rank == 1 ? "one index" : "two indices"
      throw ShapeProblem("%1: it takes \(most), not \(selections.count)")
    }
    for (axis, selection) in selections.enumerated() {
      let size = shape.extent(axis)
      if selection.places.lowerBound >= 0, selection.places.upperBound <= size { continue }
      let isLow = selection.places.lowerBound < 0
      let place = isLow ? selection.places.lowerBound + 1 : selection.places.upperBound
      throw ShapeProblem(
        "%1: there is no \(shape.rank == 1 ? "entry" : axis == 0 ? "row" : "column") \(place)",
        hint: "indices run from 1 to \(size)")
    }
    let (rows, columns) = places(shape, attributes)
    let keepsRows = shape.rank == 2 && !selections[0].isSingle
    let columnSelection =
      shape.rank == 1 ? selections[0] : selections.count > 1 ? selections[1] : nil
    let keepsColumns = !(columnSelection?.isSingle ?? false)
    switch (keepsRows, keepsColumns) {
    case (true, true): return .matrix(rows.count, columns.count)
    case (true, false): return .vector(rows.count)
    case (false, true): return .vector(columns.count)
    case (false, false): return .scalar
    }
  }

  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    forEachEntry(x[0].shape, attributes) { own, whole in out[own] = x[0][whole] }
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    result.fill(0)
    forEachEntry(result.shape, attributes) { own, whole in result[whole] = adjoint[own] }
  }

  @inline(__always)
  private static func forEachEntry(
    _ shape: Shape, _ attributes: Attributes, _ body: (_ own: Int, _ whole: Int) -> Void
  ) {
    let (rows, columns) = places(shape, attributes)
    var own = 0
    for row in rows {
      for column in columns {
        body(own, row * (shape.rank == 2 ? shape.columns : 0) + column)
        own += 1
      }
    }
  }

  private static func subscripts(_ attributes: Attributes) -> String {
    "[\(attributes.selections.map(\.text).joined(separator: ", "))]"
  }
  static func text(_ operands: [Shape], _ attributes: Attributes) -> String {
    "x\(subscripts(attributes))"
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution("adj at \(subscripts(attributes)), 0 elsewhere")
  }
  /// Zeros around what is sent: a[2] sends adj*onehot(2, n), a[2:3] sends
  /// concat(zeros(1), adj, zeros(n - 3)).
  static func pullExpression(
    slot: Int, _ operands: [Shape], _ attributes: Attributes
  ) -> PullFormula {
    let shape = operands[0]
    let selections = attributes.selections
    func isSingle(_ axis: Int) -> Bool { axis < selections.count && selections[axis].isSingle }
    func unit(_ axis: Int) -> String {
      "onehot(\(selections[axis].places.upperBound), \(shape.extent(axis)))"
    }
    /// The text with zeros before and behind it along an axis; `zeros` writes so many of them.
    func padded(_ text: String, _ axis: Int, _ end: String, zeros: (Int) -> String) -> String {
      guard axis < selections.count else { return text }
      let places = selections[axis].places
      let (before, behind) = (places.lowerBound, shape.extent(axis) - places.upperBound)
      let parts = (before > 0 ? [zeros(before)] : []) + [text] + (behind > 0 ? [zeros(behind)] : [])
      return parts.count == 1 ? text : "concat(\(parts.joined(separator: ", "))\(end))"
    }
    func vector(_ axis: Int) -> String { padded("adj", axis, "") { "zeros(\($0))" } }
    guard shape.rank == 2 else { return .contribution(isSingle(0) ? "adj*\(unit(0))" : vector(0)) }
    switch (isSingle(0), isSingle(1)) {
    case (true, true): return .contribution("adj*outer(\(unit(0)), \(unit(1)))")
    case (true, false): return .contribution("outer(\(unit(0)), \(vector(1)))")
    case (false, true): return .contribution("outer(\(vector(0)), \(unit(1)))")
    case (false, false):
      let rows = selections[0].places.count
      let wide = padded("adj", 1, ", axis=2") { "zeros(\(rows), \($0))" }
      return .contribution(padded(wide, 0, "") { "zeros(\($0), \(shape.columns))" })
    }
  }

  /// The adjoint with zeros around it.
  static func stablePullFormula(
    slot: Int, _ operands: [Shape], _ attributes: Attributes, isSingular: Bool
  ) -> PullFormula {
    let shape = operands[0]
    let (rows, columns) = places(shape, attributes)
    guard shape.rank == 2 else {
      return .contribution(padded("adj", columns, of: shape.count, axis: 0) { "\($0)" })
    }
    let isMatrix = (try? Element.shape(operands, attributes))?.rank == 2
    let part = isMatrix ? "adj" : "reshape(adj, \(rows.count), \(columns.count))"
    let wide = padded(part, columns, of: shape.columns, axis: 2) { "\(rows.count), \($0)" }
    return .contribution(
      padded(wide, rows, of: shape.rows, axis: 0) { "\($0), \(shape.columns)" })
  }

  /// A part with zeros before and after it, so many entries in all.
  private static func padded(
    _ part: String, _ places: Range<Int>, of count: Int, axis: Int, _ sizes: (Int) -> String
  ) -> String {
    let before = places.lowerBound
    let after = count - places.upperBound
    var parts = before > 0 ? ["zeros(\(sizes(before)))"] : []
    parts.append(part)
    if after > 0 { parts.append("zeros(\(sizes(after)))") }
    // A single number becomes a vector of one.
    guard parts.count > 1 || axis == 0 && part == "adj" else { return part }
    return "concat(\(parts.joined(separator: ", "))\(axis > 0 ? ", axis=\(axis)" : ""))"
  }
}

/// Rows with a single 1.
enum OneHot: StructuralRule {
  static let label = "onehot"
  static let names = ["onehot"]
  static let summary = "a vector of n entries with a 1 at place i, 0 elsewhere"
  static let family = Family.layout
  static let operands = [Operand("i"), Operand.attribute("n")]
  static let text = "onehot(i)"
  static let notes = "Of a vector of indices it makes a row for each. No derivative passes."
  static let seeAlso = ["argmax", "cross_entropy"]
  static let example = "onehot(2, 4)\nonehot([1, 3], 3)"

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    switch operands[0].rank {
    case 0: .vector(attributes.shape.count)
    case 1: .matrix(operands[0].count, attributes.shape.count)
    default: throw ShapeProblem("onehot needs an index or a vector of indices: %1")
    }
  }
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    out.fill(0)
    let classes = attributes.shape.count
    for row in 0..<x[0].count {
      guard let place = Int(exactly: x[0][row].primal), (1...classes).contains(place) else {
        for column in 0..<classes { out[row * classes + column] = T(.nan) }
        continue
      }
      out[row * classes + place - 1] = 1
    }
  }
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    result.fill(0)
  }
  static func text(_ operands: [Shape], _ attributes: Attributes) -> String {
    "onehot(i, \(attributes.shape.count))"
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution("0*i")
  }
}
