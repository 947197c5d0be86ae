// Operations on whole tensors as functions of arrays, and all the ways of calling them.

import BackstepTrace

@testable import Backstep

/// A call of a structural operation: the operands' shapes, and what it says besides.
struct StructuralCase: CustomStringConvertible, Sendable {
  let operation: Operation
  let operands: [Shape]
  let attributes: Attributes

  /// The shapes that the operands are given, one after the other.
  static let shapes: [Shape] = [
    .scalar, .vector(1), .vector(3), .vector(2), .matrix(1, 3), .matrix(3, 1), .matrix(2, 3),
    .matrix(3, 2), .matrix(2, 2), .matrix(1, 1),
  ]

  var description: String {
    var parts = operands.map(\.description)
    if attributes.axis > 0 { parts.append("axis=\(attributes.axis)") }
    if !attributes.shape.isScalar { parts.append("to \(attributes.shape)") }
    if !attributes.selections.isEmpty {
      parts.append("at [\(attributes.selections.map(\.text).joined(separator: ", "))]")
    }
    return "\(operation) of \(parts.joined(separator: ", "))"
  }

  /// The shape of the result, or why there is none.
  var result: Result<Shape, ShapeProblem> {
    operation.accept(ResultShape(operands: operands, attributes: attributes))
  }

  /// Whether an operand holds the numbers of classes and not quantities.
  func isIndex(_ slot: Int) -> Bool {
    switch operation {
    case .oneHot: true
    case .crossEntropy: slot == 1 && operands[1].rank < operands[0].rank
    default: false
    }
  }
}

// MARK: All calls

extension StructuralCase {
  /// Every call of an operation with these shapes, whether it makes sense or not.
  static func all(of operation: Operation) -> [StructuralCase] {
    guard let entry = operation.entry else { return [] }
    let plain = entry.operands.count { $0.role == .operand }
    let counts = entry.isVariadic ? 1...3 : plain...plain
    let attributes = attributes(of: entry)
    return counts.flatMap { tuples($0) }.flatMap { operands in
      attributes.map { StructuralCase(operation: operation, operands: operands, attributes: $0) }
    }
  }

  /// The calls that have a result.
  static func accepted(of operation: Operation) -> [StructuralCase] {
    all(of: operation).filter { (try? $0.result.get()) != nil }
  }

  /// Every list of so many shapes.
  private static func tuples(_ count: Int) -> [[Shape]] {
    guard count > 0 else { return [[]] }
    return tuples(count - 1).flatMap { shorter in shapes.map { shorter + [$0] } }
  }

  /// What a call of an operation may say besides its operands, whether it makes sense or not.
  static func attributes(of entry: OperationEntry) -> [Attributes] {
    if entry.operands.contains(where: { $0.role == .keyword }) {
      return (0...3).map { Attributes(axis: $0) }
    }
    switch entry.operation {
    case .reshape:
      return (shapes.dropFirst() + [.vector(4), .vector(6), .matrix(4, 1)])
        .map { Attributes(shape: $0) }
    case .oneHot: return [1, 2, 4].map { Attributes(shape: .vector($0)) }
    case .element:
      // A place, a stretch, all, and places that are not there.
      let single = [0, 1, 2, 3, -1].map {
        Attributes.Selection(places: $0..<$0 + 1, isSingle: true, text: "\($0 + 1)")
      }
      let stretches = [0..<2, 1..<3, 1..<2, -1..<1, 2..<4].map {
        Attributes.Selection(
          places: $0, isSingle: false, text: "\($0.lowerBound + 1):\($0.upperBound)")
      }
      let one = (single + stretches).map { [$0] }
      let two = one.flatMap { first in one.map { first + $0 } }
      return ([[]] + one + two + [one[0] + one[0] + one[0]]).map { Attributes(selections: $0) }
    default: return [Attributes()]
    }
  }
}

// MARK: Numbers

extension StructuralCase {
  /// Numbers for the operands: from -2 to 2, of targets classes and probabilities.
  func draw(_ generator: inout Deterministic) -> [[Double]] {
    operands.indices.map { slot in
      let shape = operands[slot]
      if isIndex(slot) {
        let classes = operation == .oneHot ? attributes.shape.count : operands[0].sizes.last ?? 1
        return (0..<shape.count).map { _ in
          Double(Int.random(in: 1...classes, using: &generator))
        }
      }
      if operation == .crossEntropy, slot == 1 {
        let classes = shape.sizes.last ?? 1
        return (0..<shape.count / classes).flatMap { _ in
          let weights = (0..<classes).map { _ in Double.random(in: 0.1...1, using: &generator) }
          return weights.map { $0 / weights.reduce(0, +) }
        }
      }
      return (0..<shape.count).map { _ in Double.random(in: -2...2, using: &generator) }
    }
  }

  /// The numbers of the result.
  func value<T: Scalar>(_ numbers: [[T]]) -> [T] {
    guard let shape = try? result.get() else { return [] }
    return withOperands(numbers) { operands in
      read(shape) { operation.accept(WriteValue(operands: operands, call: self, out: $0)) }
    }
  }

  /// What an operand is sent for an adjoint of the result.
  func pull<T: Scalar>(_ adjoint: [T], _ numbers: [[T]], slot: Int) -> [T] {
    guard let shape = try? result.get() else { return [] }
    let out = value(numbers)
    return withOperands(numbers) { operands in
      withBlock(adjoint, shape) { adjoint in
        withBlock(out, shape) { out in
          read(self.operands[slot]) { result in
            operation.accept(
              WritePull(
                adjoint: adjoint, operands: operands, call: self, out: out, slot: slot,
                result: result))
          }
        }
      }
    }
  }

  /// The operation as a text.
  var text: String { operation.accept(TextOf(operands: operands, attributes: attributes)) }

  /// What an operand is sent, as a text.
  func pullFormula(slot: Int) -> PullFormula? {
    operation.accept(FormulaOf(slot: slot, operands: operands, attributes: attributes))
  }

  /// The same, as derivatives of higher order are built from it.
  func stablePullFormula(slot: Int, isSingular: Bool) -> PullFormula? {
    operation.accept(
      StableFormulaOf(
        slot: slot, operands: operands, attributes: attributes, isSingular: isSingular))
  }

  /// Each entry of the result along each entry of an operand, in forward mode.
  func jacobian(_ numbers: [[Double]], slot: Int) -> [[Double]] {
    let columns = numbers[slot].indices.map { entry in
      var seeded = numbers.map { $0.map { Dual($0) } }
      seeded[slot][entry].tangent = 1
      return value(seeded).map(\.tangent)
    }
    return (columns.first ?? []).indices.map { row in columns.map { $0[row] } }
  }

  private func withOperands<T: Scalar, Answer>(
    _ numbers: [[T]], _ body: (Operands<T>) -> Answer
  ) -> Answer {
    let places = numbers.map { numbers in
      let place = UnsafeMutablePointer<T>.allocate(capacity: numbers.count)
      place.initialize(from: numbers, count: numbers.count)
      return place
    }
    defer { for place in places { place.deallocate() } }
    let nodes = numbers.indices.map { NodeID($0) }
    return nodes.withUnsafeBufferPointer { nodes in
      places.withUnsafeBufferPointer { places in
        operands.withUnsafeBufferPointer { shapes in
          guard let node = nodes.baseAddress, let place = places.baseAddress,
            let shape = shapes.baseAddress
          else { preconditionFailure("an operation has operands") }
          return body(Operands(nodes: node, count: nodes.count, places: place, shapes: shape))
        }
      }
    }
  }

  private func withBlock<T: Scalar, Answer>(
    _ numbers: [T], _ shape: Shape, _ body: (Block<T>) -> Answer
  ) -> Answer {
    var copy = numbers
    return copy.withUnsafeMutableBufferPointer { copy in
      guard let start = copy.baseAddress else { preconditionFailure("no tensor is empty") }
      return body(Block(start, shape))
    }
  }

  /// What is written to a block; what is not written is not a number.
  private func read<T: Scalar>(_ shape: Shape, _ write: (Block<T>) -> Void) -> [T] {
    withBlock(Array(repeating: T(.nan), count: shape.count), shape) { block in
      write(block)
      return (0..<shape.count).map { block[$0] }
    }
  }
}

// MARK: Visitors

/// A visitor of structural rules alone.
private protocol StructuralVisitor: RuleVisitor {}

extension StructuralVisitor {
  func visitLeaf() -> Result { preconditionFailure("a leaf has no rule") }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Result { preconditionFailure("not structural") }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Result { preconditionFailure("not structural") }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Result { preconditionFailure("not structural") }
}

private struct ResultShape: StructuralVisitor {
  let operands: [Shape]
  let attributes: Attributes

  func visit<R: StructuralRule>(_ rule: R.Type) -> Result<Shape, ShapeProblem> {
    Result { () throws(ShapeProblem) in try rule.shape(operands, attributes) }
  }
}

private struct WriteValue<T: Scalar>: StructuralVisitor {
  let operands: Operands<T>
  let call: StructuralCase
  let out: Block<T>

  func visit<R: StructuralRule>(_ rule: R.Type) {
    rule.value(operands, call.attributes, into: out)
  }
}

private struct WritePull<T: Scalar>: StructuralVisitor {
  let adjoint: Block<T>
  let operands: Operands<T>
  let call: StructuralCase
  let out: Block<T>
  let slot: Int
  let result: Block<T>

  func visit<R: StructuralRule>(_ rule: R.Type) {
    rule.pull(adjoint, operands, out, slot: slot, call.attributes, into: result)
  }
}

private struct TextOf: StructuralVisitor {
  let operands: [Shape]
  let attributes: Attributes

  func visit<R: StructuralRule>(_ rule: R.Type) -> String { rule.text(operands, attributes) }
}

private struct FormulaOf: StructuralVisitor {
  let slot: Int
  let operands: [Shape]
  let attributes: Attributes

  func visit<R: StructuralRule>(_ rule: R.Type) -> PullFormula? {
    rule.pullFormula(slot: slot, operands, attributes)
  }
}

private struct StableFormulaOf: StructuralVisitor {
  let slot: Int
  let operands: [Shape]
  let attributes: Attributes
  let isSingular: Bool

  func visit<R: StructuralRule>(_ rule: R.Type) -> PullFormula? {
    rule.stablePullFormula(slot: slot, operands, attributes, isSingular: isSingular)
  }
}
