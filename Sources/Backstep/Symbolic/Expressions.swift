// Formulas as a flat table in which each one stands once.

import BackstepTrace

/// An expression's place in the table.
typealias ExpressionID = Int

/// What an expression is made of; its parts stand before it in the table.
enum Expression: Hashable, Sendable {
  case number(Coefficient)
  /// A node of the graph that has a name.
  case symbol(Int)
  /// A number that has its name from the start, such as pi.
  case named(String)
  /// The derivative of the output with respect to a node of the graph.
  case adjoint(Int)
  /// A tensor of ones, which only gives a product its shape; zeros; or the identity matrix.
  case filled(Filling, Shape)
  case call(Operation, [ExpressionID], Attributes)
  /// A number times powers, in the order of their bases.
  case product(Coefficient, [Factor])
  /// Numbers times terms, in the order of the terms; the number alone stands with the term 1.
  case sum([Weighted])

  enum Filling: String, Sendable { case zeros, ones, eye }
}

/// A factor of a product.
struct Factor: Hashable, Sendable {
  var base: ExpressionID
  var exponent: Coefficient
}

/// A term of a sum.
struct Weighted: Hashable, Sendable {
  var factor: Coefficient
  var term: ExpressionID
}

/// All expressions of a derivation, each once: equal formulas have equal numbers.
///
/// Nothing here follows an expression downwards: what is needed of one, its shape, its length, how
/// late its names come in the graph, is noted when it is made. So depth costs nothing.
struct Expressions {
  /// How much may be done before a derivation is given up, in terms and factors looked at.
  static let workLimit = 4_000_000
  /// How many terms a sum and how many factors a product may have.
  static let partLimit = 512

  private(set) var table: ContiguousArray<Expression> = []
  private var places: [Expression: ExpressionID] = [:]
  /// The shape of each.
  private(set) var shapes: ContiguousArray<Shape> = []
  /// How many names, numbers and operators it takes to write each, at most 2^40: shared parts are
  /// counted each time.
  private(set) var lengths: ContiguousArray<Int> = []
  /// How many names each has in it, at most 2^40.
  private(set) var nameCounts: ContiguousArray<Int> = []
  /// How late in the graph the names in each come, 0 for inputs alone: loss before layer.
  private(set) var levels: ContiguousArray<Int> = []
  /// The sums that have served as factors: (a - y) and (y - a) are to be one factor with a sign.
  var factors: Set<ExpressionID> = []
  private var work = 0
  /// Whether the limits were reached; then nothing that is made means anything.
  private(set) var isExhausted = false

  let zero: ExpressionID
  let one: ExpressionID

  init() {
    zero = 0
    one = 1
    _ = add(.number(.zero), .scalar, length: 1, level: 0)
    _ = add(.number(.one), .scalar, length: 1, level: 0)
  }

  subscript(id: ExpressionID) -> Expression { table[id] }
  var count: Int { table.count }
  func shape(_ id: ExpressionID) -> Shape { shapes[id] }
  func length(_ id: ExpressionID) -> Int { lengths[id] }
  func nameCount(_ id: ExpressionID) -> Int { nameCounts[id] }
  func level(_ id: ExpressionID) -> Int { levels[id] }

  /// The number an expression is.
  func number(_ id: ExpressionID) -> Coefficient? {
    if case .number(let number) = table[id] { return number }
    return nil
  }

  /// Whether an expression is 0, or a tensor of zeros.
  func isZero(_ id: ExpressionID) -> Bool {
    if case .filled(.zeros, _) = table[id] { return true }
    return id == zero
  }

  /// Notes work, and whether it is too much.
  mutating func spend(_ amount: Int) {
    work += amount
    if work > Self.workLimit || amount > 4 * Self.partLimit { isExhausted = true }
  }

  /// Gives up: a number has become too large or too small for a double.
  mutating func giveUp() { isExhausted = true }

  private mutating func add(
    _ expression: Expression, _ shape: Shape, length: Int, level: Int
  ) -> ExpressionID {
    if let known = places[expression] { return known }
    let id = table.count
    table.append(expression)
    shapes.append(shape)
    lengths.append(min(length, 1 << 40))
    nameCounts.append(min(names(expression), 1 << 40))
    levels.append(level)
    places[expression] = id
    return id
  }

  /// How many names there are in an expression whose parts are in the table.
  private func names(_ expression: Expression) -> Int {
    switch expression {
    case .number, .named, .filled: 0
    case .symbol, .adjoint: 1
    case .call(_, let arguments, _): arguments.reduce(0) { $0 + nameCounts[$1] }
    case .product(_, let powers): powers.reduce(0) { $0 + nameCounts[$1.base] }
    case .sum(let terms): terms.reduce(0) { $0 + nameCounts[$1.term] }
    }
  }

  /// The place of an expression that is there already.
  func find(_ expression: Expression) -> ExpressionID? { places[expression] }

  // MARK: Leaves

  mutating func make(_ number: Coefficient) -> ExpressionID {
    guard number.value.isFinite else {
      isExhausted = true
      return zero
    }
    let length = (number.isNegative ? 2 : 1) + (number.bottom == 1 ? 0 : 2)
    return add(.number(number), .scalar, length: length, level: 0)
  }

  mutating func make(named name: String) -> ExpressionID {
    add(.named(name), .scalar, length: 1, level: 0)
  }

  /// A node's name, or its numbers in full; `level` is its place in the graph, or 0 for an input.
  mutating func make(
    symbol node: Int, _ shape: Shape, level: Int, length: Int = 1
  ) -> ExpressionID {
    add(.symbol(node), shape, length: length, level: level)
  }

  mutating func make(adjointOf node: Int, _ shape: Shape) -> ExpressionID {
    add(.adjoint(node), shape, length: 1, level: node)
  }

  mutating func make(_ filling: Expression.Filling, _ shape: Shape) -> ExpressionID {
    if shape.isScalar { return filling == .zeros ? zero : one }
    return add(.filled(filling, shape), shape, length: 2 + shape.rank, level: 0)
  }

  // MARK: What has parts

  /// Enters a call whose arguments have been looked at.
  mutating func enter(
    call operation: Operation, _ arguments: [ExpressionID], _ attributes: Attributes,
    _ shape: Shape
  ) -> ExpressionID {
    spend(arguments.count)
    let length = arguments.reduce(1 + attributes.selections.count) { $0 + lengths[$1] + 1 }
    let level = arguments.map { levels[$0] }.max() ?? 0
    return add(.call(operation, arguments, attributes), shape, length: length, level: level)
  }

  /// Enters a product whose factors are in order.
  mutating func enter(product number: Coefficient, _ powers: [Factor]) -> ExpressionID {
    // A sign is gone where a sum can be turned: -(1 - a)*x is (a - 1)*x.
    var length = number.isNegative && !powers.contains(where: canTurn) ? 1 : 0
    if number.top.magnitude != 1 { length += 2 }
    if number.bottom != 1 { length += 2 }
    var shape = Shape.scalar
    var level = 0
    for power in powers {
      var own = lengths[power.base] + 1
      if power.exponent.magnitude != .one { own += 2 }
      length += own
      shape = Shape.broadcast(shape, shapes[power.base]) ?? shape
      level = max(level, levels[power.base])
    }
    return add(.product(number, powers), shape, length: length - 1, level: level)
  }

  /// Whether a factor is a sum that has a term to subtract, so that it can take a minus sign in.
  func canTurn(_ factor: Factor) -> Bool {
    guard case .sum(let terms) = table[factor.base], let whole = factor.exponent.integer,
      whole % 2 != 0
    else { return false }
    return terms.contains { $0.factor.isNegative }
  }

  /// Enters a sum whose terms are in order.
  mutating func enter(sum terms: [Weighted]) -> ExpressionID {
    var length = 0
    var shape = Shape.scalar
    var level = 0
    for weighted in terms {
      length += 1 + (weighted.term == one ? 0 : lengths[weighted.term])
      let size = weighted.factor.magnitude
      if weighted.term == one || size.top != 1 { length += weighted.term == one ? 1 : 2 }
      if size.bottom != 1 { length += 2 }
      shape = Shape.broadcast(shape, shapes[weighted.term]) ?? shape
      level = max(level, levels[weighted.term])
    }
    return add(.sum(terms), shape, length: length - 1, level: level)
  }
}
