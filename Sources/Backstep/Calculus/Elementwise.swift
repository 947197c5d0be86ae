// Operations entry by entry on vectors and matrices, with broadcasting: once, for every rule.

import BackstepLanguage
import BackstepTrace

/// How an operand is read while a larger shape is walked through: an axis that it lacks, or has with
/// size 1, is not stepped along.
struct Stretch {
  let row: Int
  let column: Int

  @inline(__always) init(_ operand: Shape) {
    column = operand.broadcastColumns == 1 ? 0 : 1
    row = operand.broadcastRows == 1 ? 0 : operand.broadcastColumns
  }
}

/// Loops over all entries of a shape.
enum Elementwise {
  /// How many entries are computed between two looks at whether to stop.
  static let stretch = 1 << 18

  /// Calls `body` with the place of every entry in the result and in two operands.
  @inline(__always)
  static func walk(
    _ shape: Shape, _ x: Stretch, _ y: Stretch, _ body: (_ out: Int, _ x: Int, _ y: Int) -> Void
  ) {
    var rows = shape.broadcastRows
    var columns = shape.broadcastColumns
    if rows > 1, x.row == columns * x.column, y.row == columns * y.column {
      columns *= rows
      rows = 1
    }
    var watch = Watch()
    for row in 0..<rows {
      let (out, x0, y0) = (row * columns, row * x.row, row * y.row)
      var start = 0
      while start < columns {
        let end = min(columns, start + stretch)
        // With the steps written out the compiler makes vector instructions of the usual case.
        if x.column == 1, y.column == 1 {
          for column in start..<end { body(out &+ column, x0 &+ column, y0 &+ column) }
        } else {
          for column in start..<end {
            body(out &+ column, x0 &+ column &* x.column, y0 &+ column &* y.column)
          }
        }
        if watch.isOver(after: end - start) { return }
        start = end
      }
    }
  }

  /// The shape that is walked through: that of the result, or of a loss the operands'.
  static func walked(_ out: Shape, _ operands: [Shape], isMean: Bool) -> Shape {
    guard isMean else { return out }
    return operands.reduce(.scalar) { Shape.broadcast($0, $1) ?? $0 }
  }
}

/// A node with the places of its operands; those that it does not have are the first one's.
struct TensorNode<T> {
  let places: Places<T>
  let out: Block<T>
  let x: Block<T>
  let y: Block<T>
  let z: Block<T>
  let detail: Graph.Detail?

  @inline(__always) init(_ graph: Graph, _ node: Int, _ places: Places<T>) {
    self.places = places
    out = places.block(node)
    let operation = graph.operations[node]
    guard !operation.isStructural else {
      detail = graph.details[Int(graph.left[node])]
      (x, y, z) = (out, out, out)
      return
    }
    detail = nil
    x = places.block(Int(graph.left[node]))
    if operation.isTernary {
      let rest = Int(graph.right[node])
      y = places.block(Int(graph.more[rest]))
      z = places.block(Int(graph.more[rest + 1]))
    } else {
      y = operation.arity > 1 ? places.block(Int(graph.right[node])) : x
      z = x
    }
  }
}

/// Computes a node's value from its operands' values.
///
/// Every rule's loops are a function of their own: all of them within each sweep would take the
/// compiler minutes, and a call for a tensor costs nothing.
struct TensorValue<T: Scalar>: RuleVisitor {
  let node: TensorNode<T>
  private var out: Block<T> { node.out }
  private var x: Block<T> { node.x }
  private var y: Block<T> { node.y }
  private var z: Block<T> { node.z }

  func visitLeaf() {}

  @inline(never) func visit<R: UnaryRule>(_ rule: R.Type) {
    var start = 0
    while start < out.count {
      let end = min(out.count, start + Elementwise.stretch)
      for index in start..<end { out[index] = R.value(x[index]) }
      start = end
      if start < out.count, Interruption.isRequested { return }
    }
  }

  @inline(never) func visit<R: BinaryRule>(_ rule: R.Type) {
    guard !R.isMean else { return mean(of: R.self) }
    Elementwise.walk(out.shape, Stretch(x.shape), Stretch(y.shape)) {
      out[$0] = R.value(x[$1], y[$2])
    }
  }

  @inline(never) func visit<R: TernaryRule>(_ rule: R.Type) {
    let shape = Elementwise.walked(out.shape, [x.shape, y.shape, z.shape], isMean: R.isMean)
    let third = Stretch(z.shape)
    let columns = shape.broadcastColumns
    var sum: T = 0
    Elementwise.walk(shape, Stretch(x.shape), Stretch(y.shape)) { place, first, second in
      let last = place / columns * third.row + place % columns * third.column
      let value = R.value(x[first], y[second], z[last])
      if R.isMean { sum = sum + value } else { out[place] = value }
    }
    if R.isMean { out[0] = sum / T(Double(shape.count)) }
  }

  @inline(never) func visit<R: StructuralRule>(_ rule: R.Type) {
    guard let detail = node.detail else { return }
    R.value(node.places.operands(detail), detail.attributes, into: out)
  }

  private func mean<R: BinaryRule>(of rule: R.Type) {
    let shape = Elementwise.walked(out.shape, [x.shape, y.shape], isMean: true)
    var sum: T = 0
    Elementwise.walk(shape, Stretch(x.shape), Stretch(y.shape)) { _, first, second in
      sum = sum + R.value(x[first], y[second])
    }
    out[0] = sum / T(Double(shape.count))
  }
}

/// Computes what a node sends to one operand: adjoint times local derivative, added up over the
/// entries for which the operand was stretched.
struct TensorPull<T: Scalar>: RuleVisitor {
  let node: TensorNode<T>
  let adjoint: Block<T>
  let slot: Int
  /// Whether an adjoint of 0 sends 0 along an infinite local derivative: there is a `where`.
  let hasChoice: Bool
  let result: Block<T>
  private var out: Block<T> { node.out }
  private var x: Block<T> { node.x }
  private var y: Block<T> { node.y }
  private var z: Block<T> { node.z }

  func visitLeaf() {}

  @inline(never) func visit<R: UnaryRule>(_ rule: R.Type) {
    let stretch = Stretch(x.shape)
    send(out.shape, to: stretch, stretch, stretch, isMean: false) { place, _, _ in
      R.partial(x[place], out[place])
    }
  }

  @inline(never) func visit<R: BinaryRule>(_ rule: R.Type) {
    guard !R.isMean else { return mean(of: R.self) }
    let (first, second) = (Stretch(x.shape), Stretch(y.shape))
    if slot == 0 {
      send(out.shape, to: first, first, second, isMean: false) { place, x, y in
        R.partials(self.x[x], self.y[y], out[place]).0
      }
    } else {
      send(out.shape, to: second, first, second, isMean: false) { place, x, y in
        R.partials(self.x[x], self.y[y], out[place]).1
      }
    }
  }

  @inline(never) func visit<R: TernaryRule>(_ rule: R.Type) {
    let shape = Elementwise.walked(out.shape, [x.shape, y.shape, z.shape], isMean: R.isMean)
    let third = Stretch(z.shape)
    let columns = shape.broadcastColumns
    let count = T(Double(shape.count))
    let target = Stretch(slot == 0 ? x.shape : slot == 1 ? y.shape : z.shape)
    send(shape, to: target, Stretch(x.shape), Stretch(y.shape), isMean: R.isMean) { place, x, y in
      let z = place / columns * third.row + place % columns * third.column
      let value = out[R.isMean ? 0 : place]
      let partials = R.partials(self.x[x], self.y[y], self.z[z], value)
      let local = slot == 0 ? partials.0 : slot == 1 ? partials.1 : partials.2
      return R.isMean ? local / count : local
    }
  }

  @inline(never) func visit<R: StructuralRule>(_ rule: R.Type) {
    guard let detail = node.detail else { return }
    // Nothing comes from a branch that was not taken, not even 0 times infinity.
    if hasChoice, (0..<adjoint.count).allSatisfy({ adjoint[$0].isNothing }) {
      return result.fill(0)
    }
    R.pull(adjoint, node.places.operands(detail), out, slot: slot, detail.attributes, into: result)
  }

  private func mean<R: BinaryRule>(of rule: R.Type) {
    let shape = Elementwise.walked(out.shape, [x.shape, y.shape], isMean: true)
    let count = T(Double(shape.count))
    let (first, second) = (Stretch(x.shape), Stretch(y.shape))
    send(shape, to: slot == 0 ? first : second, first, second, isMean: true) { _, x, y in
      let partials = R.partials(self.x[x], self.y[y], out[0])
      return (slot == 0 ? partials.0 : partials.1) / count
    }
  }

  /// Sends adjoint times local derivative to the operand, added up where several go to one entry.
  @inline(__always)
  private func send(
    _ shape: Shape, to target: Stretch, _ x: Stretch, _ y: Stretch, isMean: Bool,
    _ local: (_ out: Int, _ x: Int, _ y: Int) -> T
  ) {
    if hasChoice {
      result.fill(0)
      let columns = shape.broadcastColumns
      Elementwise.walk(shape, x, y) { out, x, y in
        let adjoint = adjoint[isMean ? 0 : out]
        guard !adjoint.isNothing else { return }
        let place = out / columns * target.row + out % columns * target.column
        result[place] = result[place] + adjoint * local(out, x, y)
      }
    } else if result.count == shape.count {
      Elementwise.walk(shape, x, y) { out, x, y in
        result[out] = adjoint[isMean ? 0 : out] * local(out, x, y)
      }
    } else {
      result.fill(0)
      let columns = shape.broadcastColumns
      var watch = Watch()
      for row in 0..<shape.broadcastRows {
        let (out, x0, y0, first) = (row * columns, row * x.row, row * y.row, row * target.row)
        for start in stride(from: 0, to: columns, by: Elementwise.stretch) {
          let end = min(columns, start + Elementwise.stretch)
          if target.column == 1, x.column == 1, y.column == 1 {
            for column in start..<end {
              let adjoint = adjoint[isMean ? 0 : out &+ column]
              let product = adjoint * local(out &+ column, x0 &+ column, y0 &+ column)
              result[first &+ column] = result[first &+ column] + product
            }
          } else {
            for column in start..<end {
              let adjoint = adjoint[isMean ? 0 : out &+ column]
              let place = first &+ column &* target.column
              let product =
                adjoint * local(out &+ column, x0 &+ column &* x.column, y0 &+ column &* y.column)
              result[place] = result[place] + product
            }
          }
          if watch.isOver(after: end - start) { return }
        }
      }
    }
  }
}

/// Computes an elementwise operation's local derivatives along one operand, entry by entry.
struct TensorLocal: RuleVisitor {
  let node: TensorNode<Double>
  let slot: Int
  private var out: Block<Double> { node.out }
  private var x: Block<Double> { node.x }
  private var y: Block<Double> { node.y }
  private var z: Block<Double> { node.z }

  func visitLeaf() -> Reading? { nil }

  @inline(never) func visit<R: UnaryRule>(_ rule: R.Type) -> Reading? {
    reading(out.shape, isMean: false) { place, first, _ in R.partial(x[first], out[place]) }
  }
  @inline(never) func visit<R: BinaryRule>(_ rule: R.Type) -> Reading? {
    let shape = Elementwise.walked(out.shape, [x.shape, y.shape], isMean: R.isMean)
    return reading(shape, isMean: R.isMean) { place, first, second in
      let partials = R.partials(x[first], y[second], out[R.isMean ? 0 : place])
      return slot == 0 ? partials.0 : partials.1
    }
  }
  @inline(never) func visit<R: TernaryRule>(_ rule: R.Type) -> Reading? {
    let shape = Elementwise.walked(out.shape, [x.shape, y.shape, z.shape], isMean: R.isMean)
    let third = Stretch(z.shape)
    let columns = shape.broadcastColumns
    return reading(shape, isMean: R.isMean) { place, first, second in
      let last = place / columns * third.row + place % columns * third.column
      let partials = R.partials(x[first], y[second], z[last], out[R.isMean ? 0 : place])
      return slot == 0 ? partials.0 : slot == 1 ? partials.1 : partials.2
    }
  }

  /// Of a structural operation the Jacobian: a row for each entry of the result, a column for each
  /// of the operand; of a scalar result in the operand's shape.
  func visit<R: StructuralRule>(_ rule: R.Type) -> Reading? {
    guard let detail = node.detail else { return nil }
    let operands = node.places.operands(detail)
    let shape = operands[slot].shape
    guard out.count * shape.count <= Self.largest else { return nil }
    var rows: [Double] = []
    for entry in 0..<out.count {
      let unit = Tensor(out.shape) { block in
        block.fill(0)
        block[entry] = 1
      }
      let row = Tensor(shape) { block in
        R.pull(unit.block, operands, out, slot: slot, detail.attributes, into: block)
      }
      rows += row.reading.elements
    }
    if out.shape.isScalar { return shape.isScalar ? .scalar(rows[0]) : .tensor(shape, rows) }
    return .tensor(.matrix(out.count, shape.count), rows)
  }

  /// How many entries a Jacobian may have to be written out.
  private static let largest = 64

  /// The local derivative at every entry; nil after ^C.
  @inline(__always)
  private func reading(
    _ shape: Shape, isMean: Bool, _ partial: (_ out: Int, _ x: Int, _ y: Int) -> Double
  ) -> Reading? {
    let divisor = isMean ? Double(shape.count) : 1
    let numbers = [Double](unsafeUninitializedCapacity: shape.count) { memory, filled in
      var count = 0
      Elementwise.walk(shape, Stretch(x.shape), Stretch(y.shape)) { place, first, second in
        memory.initializeElement(at: place, to: partial(place, first, second) / divisor)
        count = place &+ 1
      }
      filled = count
    }
    guard numbers.count == shape.count else { return nil }
    return shape.isScalar ? .scalar(numbers[0]) : .tensor(shape, numbers)
  }
}
