// Operations that look at whole vectors and matrices: what their rules say.

import BackstepTrace

/// Why shapes do not fit an operation.
struct ShapeProblem: Error {
  /// What is wrong, in a sentence; `%1` and `%2` stand for the first and second operand with their
  /// shapes, `#1` and `#2` for their texts alone.
  var sentence: String
  /// What would fit, with the same signs.
  var hint: String?

  init(_ sentence: String, hint: String? = nil) {
    self.sentence = sentence
    self.hint = hint
  }

  /// The problem of an operation entry by entry.
  static func mismatch(hint: String? = nil) -> ShapeProblem {
    ShapeProblem("%1 but %2", hint: hint)
  }
}

/// A text about a local derivative or a contribution.
struct PullFormula {
  var text: String
  /// Whether it is the whole contribution, with the adjoint in it, and not the local derivative.
  var isContribution: Bool

  static func local(_ text: String) -> PullFormula {
    PullFormula(text: text, isContribution: false)
  }
  static func contribution(_ text: String) -> PullFormula {
    PullFormula(text: text, isContribution: true)
  }
}

/// The operands of one node: their numbers and shapes, without a copy.
struct Operands<T> {
  let nodes: UnsafePointer<NodeID>
  let count: Int
  let places: UnsafePointer<UnsafeMutablePointer<T>>
  let shapes: UnsafePointer<Shape>

  @inline(__always) subscript(slot: Int) -> Block<T> {
    assert(slot < count)
    let node = Int(nodes[slot])
    return Block(places[node], shapes[node])
  }
}

/// An operation on whole tensors: a product of matrices, a sum, a softmax, an index.
protocol StructuralRule: Rule {
  /// Whether it takes any number of operands.
  static var isVariadic: Bool { get }
  /// The shape of the result.
  ///
  /// **Errors** A ``ShapeProblem`` that names the operands' shapes and what would fit.
  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape
  /// Computes the result.
  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>)
  /// Computes what an operand is sent: the adjoint of the result times the local derivative.
  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>)
  /// How a node is shown, in terms of the operands.
  static func text(_ operands: [Shape], _ attributes: Attributes) -> String
  /// What an operand is sent, as a formula.
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula
  /// The same in Backstep's own language throughout, for `derive`.
  static func pullExpression(
    slot: Int, _ operands: [Shape], _ attributes: Attributes
  ) -> PullFormula
  /// What an operand is sent, as derivatives of higher order are built from it: a formula that keeps its
  /// digits, and that goes on to do so when it is differentiated again.
  ///
  /// `isSingular` tells whether the operation is at a point where `pullFormula` may have no value.
  static func stablePullFormula(
    slot: Int, _ operands: [Shape], _ attributes: Attributes, isSingular: Bool
  ) -> PullFormula
  /// Whether the formula of what is sent may have no value where the first operand is x.
  static func isSingular(_ x: Reading, _ out: Reading) -> Bool
  /// What there is to say of the derivative at a point.
  static func remark(
    _ x: Operands<Double>, _ out: Block<Double>, _ attributes: Attributes
  ) -> Remark?
  /// Statements that show it, for its page of help.
  static var example: String { get }
}

extension StructuralRule {
  static var isVariadic: Bool { false }
  static var partialFormulas: [String] { [] }
  static var samples: [[Double]] { [] }
  static func remark(
    _ x: Operands<Double>, _ out: Block<Double>, _ attributes: Attributes
  ) -> Remark? {
    nil
  }
  static func text(_ operands: [Shape], _ attributes: Attributes) -> String { text }
  static func pullExpression(
    slot: Int, _ operands: [Shape], _ attributes: Attributes
  ) -> PullFormula {
    pullFormula(slot: slot, operands, attributes)
  }
  static func stablePullFormula(
    slot: Int, _ operands: [Shape], _ attributes: Attributes, isSingular: Bool
  ) -> PullFormula {
    pullFormula(slot: slot, operands, attributes)
  }
  static func isSingular(_ x: Reading, _ out: Reading) -> Bool { false }
}

// MARK: Lanes

/// How a tensor falls apart into lanes, the stretches of numbers that run along an axis.
///
/// Lane (i, k) consists of the numbers at (i·count + j)·inner + k for j from 0 on.
struct Lanes {
  let outer: Int
  let count: Int
  let inner: Int

  /// The lanes along an axis counted from 1, or all numbers in one lane for 0.
  init(_ shape: Shape, axis: Int) {
    switch (axis, shape.rank) {
    case (1, 2): (outer, count, inner) = (1, shape.rows, shape.columns)
    case (2, 2): (outer, count, inner) = (shape.rows, shape.columns, 1)
    default: (outer, count, inner) = (1, shape.count, 1)
    }
  }

  /// The shape that is left when each lane becomes one number.
  static func reduced(_ shape: Shape, axis: Int) throws(ShapeProblem) -> Shape {
    try check(axis, of: shape)
    guard axis > 0, shape.rank == 2 else { return .scalar }
    return .vector(axis == 1 ? shape.columns : shape.rows)
  }

  /// Makes sure that there is such an axis.
  static func check(_ axis: Int, of shape: Shape) throws(ShapeProblem) {
    guard axis > shape.rank else { return }
    guard shape.rank > 0 else { throw ShapeProblem("%1: a single number has no axes") }
    let axes = shape.rank == 1 ? "axis 1 only" : "axes 1 and 2"
    throw ShapeProblem("%1: it has \(axes), not \(axis)")
  }
}

/// One lane: numbers that lie a stride apart.
struct Lane<T> {
  let start: UnsafeMutablePointer<T>
  let count: Int
  let stride: Int

  @inline(__always) subscript(index: Int) -> T {
    get { start[index * stride] }
    nonmutating set { start[index * stride] = newValue }
  }
}

extension Block {
  /// Calls `body` with every lane and its number.
  @inline(__always)
  func forEachLane(_ lanes: Lanes, _ body: (_ number: Int, _ lane: Lane<T>) -> Void) {
    for i in 0..<lanes.outer {
      for k in 0..<lanes.inner {
        body(
          i * lanes.inner + k,
          Lane(
            start: start + i * lanes.count * lanes.inner + k, count: lanes.count,
            stride: lanes.inner))
      }
    }
  }

  /// The lane of a number.
  @inline(__always) func lane(_ number: Int, _ lanes: Lanes) -> Lane<T> {
    let (i, k) = (number / lanes.inner, number % lanes.inner)
    return Lane(
      start: start + i * lanes.count * lanes.inner + k, count: lanes.count, stride: lanes.inner)
  }
}
