// Operations on expressions: which of them are sums and products, and what can be taken out of others.

import BackstepTrace

extension Expressions {
  /// An operation on expressions, brought to a simpler form where there is one.
  mutating func make(
    _ operation: Operation, _ x: [ExpressionID], _ attributes: Attributes = Attributes()
  ) -> ExpressionID {
    guard !isExhausted else { return zero }
    switch operation {
    case .identity: return x[0]
    case .add: return sum(x[0], x[1])
    case .subtract:
      return sum([Weighted(factor: .one, term: x[0]), Weighted(factor: -.one, term: x[1])])
    case .negate: return scaled(x[0], by: -.one)
    case .multiply: return product(x[0], x[1])
    case .divide: return quotient(x[0], x[1])
    case .sqrt: return product(.one, [Factor(base: x[0], exponent: .half)])
    case .power, .powerConstant:
      if let exponent = number(x[1]), exponent.value.magnitude < 1e15 {
        return product(.one, [Factor(base: x[0], exponent: exponent)])
      }
      return call(.power, x, attributes)
    case .select:
      if let condition = number(x[0]), shape(x[1]) == shape(x[2]) {
        return condition.isZero ? x[2] : x[1]
      }
      if x[1] == x[2] { return stretched(x[1], to: shape(of: x)) }
      return call(operation, x, attributes)
    case .transpose: return transpose(x[0])
    case .stack, .concatenate, .oneHot, .crossEntropy, .softmax, .logSoftmax, .argMax:
      return call(operation, x, attributes)
    default:
      return operation.isStructural
        ? linear(operation, x, attributes) : fold(operation, x) ?? call(operation, x, attributes)
    }
  }

  /// The shape of an operation entry by entry.
  private func shape(of x: [ExpressionID]) -> Shape {
    x.reduce(Shape.scalar) { Shape.broadcast($0, shape($1)) ?? $0 }
  }

  private mutating func call(
    _ operation: Operation, _ x: [ExpressionID], _ attributes: Attributes
  ) -> ExpressionID {
    var own = shape(of: x)
    if operation.isStructural {
      let result = operation.accept(
        StructuralShape(shapes: x.map { shape($0) }, attributes: attributes))
      guard let result else {
        giveUp()
        return zero
      }
      own = result
    } else if operation.isMean {
      own = .scalar
    }
    return enter(call: operation, x, attributes, own)
  }

  /// A function of numbers whose value is a whole number, as exp(0): others read better as they are.
  private mutating func fold(_ operation: Operation, _ x: [ExpressionID]) -> ExpressionID? {
    let numbers = x.compactMap { number($0)?.value }
    guard numbers.count == x.count else { return nil }
    let value = operation.accept(NumberOf(x: numbers))
    guard value.rounded() == value, value.magnitude < 1e15 else { return nil }
    return make(Coefficient(value))
  }

  // MARK: Linear operations

  /// An operation in which numbers and scalar factors of an operand can stand in front.
  private mutating func linear(
    _ operation: Operation, _ x: [ExpressionID], _ attributes: Attributes
  ) -> ExpressionID {
    let isLinear: Bool =
      switch operation {
      case .matrixProduct, .dot, .outer, .sum, .mean, .reshape, .flatten, .element: true
      default: false
      }
    guard isLinear else { return call(operation, x, attributes) }
    var number = Coefficient.one
    var front: [Factor] = []
    var operands = x
    for slot in x.indices {
      let parts = split(x[slot])
      if parts.number.isZero {
        let shape = operation.accept(
          StructuralShape(shapes: x.map { self.shape($0) }, attributes: attributes))
        return make(.zeros, shape ?? .scalar)
      }
      number = number * parts.number
      front += parts.front
      operands[slot] = parts.rest
    }
    let result = bare(operation, operands, attributes)
    if number.isOne, front.isEmpty { return result }
    return product(number, front + [Factor(base: result, exponent: .one)])
  }

  /// A number, factors that are scalars, and what is left, which has the shape of the whole.
  private mutating func split(
    _ id: ExpressionID
  ) -> (number: Coefficient, front: [Factor], rest: ExpressionID) {
    if isZero(id) { return (.zero, [], id) }
    guard !shape(id).isScalar, case .product(let number, let powers) = self[id] else {
      return (.one, [], id)
    }
    let front = powers.filter { shape($0.base).isScalar }
    let rest = powers.filter { !shape($0.base).isScalar }
    return (number, front, product(.one, rest, shape: shape(id)))
  }

  /// The operation on operands without numbers in front.
  private mutating func bare(
    _ operation: Operation, _ x: [ExpressionID], _ attributes: Attributes
  ) -> ExpressionID {
    let result = operation.accept(
      StructuralShape(shapes: x.map { shape($0) }, attributes: attributes))
    guard let result else {
      giveUp()
      return zero
    }
    let own = shape(x[0])
    // A reduction of a single number is the number.
    if own.isScalar, operation == .sum || operation == .mean { return x[0] }
    if x.count == 1, case .filled(.ones, _) = self[x[0]] {
      let count = operation == .sum ? own.count / max(1, result.count) : 1
      return scaled(make(.ones, result), by: Coefficient(count))
    }
    if operation == .sum, case .call(.oneHot, _, _) = self[x[0]], own.rank == 1 { return one }
    if x.count == 1, own == result, operation == .reshape || operation == .flatten { return x[0] }
    return enter(call: operation, x, attributes, result)
  }

  private mutating func transpose(_ id: ExpressionID) -> ExpressionID {
    let own = shape(id)
    if own.isScalar { return id }
    let (number, front, rest) = split(id)
    let result: ExpressionID
    switch self[rest] {
    case .filled(.zeros, _):
      return make(
        .zeros, own.rank == 1 ? .matrix(1, own.count) : .matrix(own.columns, own.rows))
    case .call(.transpose, let inner, _) where shape(inner[0]).rank == 2: result = inner[0]
    case .filled(.ones, _):
      result = make(
        .ones, own.rank == 1 ? .matrix(1, own.count) : .matrix(own.columns, own.rows))
    case .call(.matrixProduct, let inner, _) where isTurnedAround(inner):
      // (u @ v')' is v @ u', and (A @ B')' is B @ A'.
      guard case .call(.transpose, let second, _) = self[inner[1]] else { return id }
      result = make(.matrixProduct, [second[0], transpose(inner[0])])
    default: result = call(.transpose, [rest], Attributes())
    }
    if number.isOne, front.isEmpty { return result }
    return product(number, front + [Factor(base: result, exponent: .one)])
  }

  /// Whether the transpose of a product is shorter with its operands turned around: one of them is a
  /// transpose.
  private func isTurnedAround(_ operands: [ExpressionID]) -> Bool {
    guard case .call(.transpose, let inner, _) = self[operands[1]] else { return false }
    return shape(inner[0]).rank == shape(operands[0]).rank
  }

  // MARK: Back to an operand's shape

  /// What an operand that was stretched receives: the sum over its copies.
  mutating func summed(_ id: ExpressionID, from shape: Shape, to own: Shape) -> ExpressionID {
    if isZero(id) { return make(.zeros, own) }
    if shape == own { return id }
    let whole = stretched(id, to: shape)
    if own.rank == 0 { return make(.sum, [whole]) }
    if own.rank == 1 {
      if shape.rank == 2, own.count == shape.columns {
        return make(.sum, [whole], Attributes(axis: 1))
      }
      return make(.reshape, [make(.sum, [whole])], Attributes(shape: own))
    }
    var result = whole
    if own.count == 1 {
      result = make(.sum, [whole])
    } else if own.rows == 1, shape.rows > 1 {
      result = make(.sum, [whole], Attributes(axis: 1))
    } else if own.columns == 1, shape.columns > 1 {
      result = make(.sum, [whole], Attributes(axis: 2))
    }
    return make(.reshape, [result], Attributes(shape: own))
  }
}

/// The shape of a structural operation's result; nil where the operands do not fit.
struct StructuralShape: RuleVisitor {
  let shapes: [Shape]
  let attributes: Attributes

  func visitLeaf() -> Shape? { nil }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Shape? { nil }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Shape? { nil }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Shape? { nil }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Shape? { try? R.shape(shapes, attributes) }
}

/// The value of an operation on numbers.
private struct NumberOf: RuleVisitor {
  let x: [Double]

  func visitLeaf() -> Double { .nan }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Double { R.value(x[0]) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Double { R.value(x[0], x[1]) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Double { R.value(x[0], x[1], x[2]) }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Double { .nan }
}
