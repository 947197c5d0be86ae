// Shorter formulas by names: what stands below a fraction that has a name is told by that name.

import BackstepTrace

extension SymbolicPass {
  /// A simplifier that knows the names of fractions.
  ///
  /// Where `a = 1/(1 + exp(-z))` has a name, 1 + exp(-z) is 1/a and exp(-z) is (1 - a)/a; so the
  /// derivative exp(-z)/(1 + exp(-z))^2 is a*(1 - a). Each is the same number wherever both are
  /// defined.
  mutating func simplifier() -> Simplifier {
    var simplifier = Simplifier()
    for node in 0..<graph.count {
      guard isSymbol(node), let fraction = fraction(node) else { continue }
      let name = value(of: node)
      let (own, shape) = (table.shape(name), table.shape(fraction.moving))
      guard own == shape, table.shape(fraction.below) == own, !hasFailed else { continue }
      let (below, moving) = inverted(fraction, name)
      simplifier.named[fraction.below] = below
      simplifier.named[fraction.moving] = moving
    }
    return simplifier
  }

  /// A fraction `c/(α*E + β)` or `c*E/(α*E + β)`, in which E is anything but a number.
  private struct Fraction {
    var number: Coefficient
    /// The sum below the line.
    var below: ExpressionID
    /// E, its weight and the number beside it.
    var moving: ExpressionID
    var weight: Coefficient
    var beside: Coefficient
    /// Whether E stands above the line too.
    var isAbove: Bool
  }

  /// The fraction that a node is, if it is one.
  private mutating func fraction(_ node: Int) -> Fraction? {
    // What is below is a sum without a name of its own; this is seen before anything is made.
    let operation = graph.operations[node]
    let slot = operation == .divide ? 1 : 0
    guard operation == .divide || operation == .power || operation == .powerConstant,
      [.add, .subtract].contains(graph.operations[graph.operand(slot, of: node)]),
      !isSymbol(graph.operand(slot, of: node))
    else { return nil }
    let operands = (0..<graph.operandCount(of: node)).map { value(of: graph.operand($0, of: node)) }
    let definition = table.make(operation, operands, graph.attributes(of: node))
    var (number, powers) = (Coefficient.one, [Factor(base: definition, exponent: .one)])
    if case .product(let factor, let factors) = table[definition] {
      (number, powers) = (factor, factors)
    }
    powers.removeAll { if case .filled(.ones, _) = table[$0.base] { true } else { false } }
    guard let place = powers.firstIndex(where: { isSum($0.base) && $0.exponent == -.one }),
      case .sum(let terms) = table[powers[place].base], terms.count == 2,
      let moving = terms.first(where: { $0.term != table.one }),
      let beside = terms.first(where: { $0.term == table.one })
    else { return nil }
    let below = powers.remove(at: place).base
    guard powers.isEmpty || powers == [Factor(base: moving.term, exponent: .one)] else {
      return nil
    }
    return Fraction(
      number: number, below: below, moving: moving.term, weight: moving.factor,
      beside: beside.factor, isAbove: !powers.isEmpty)
  }

  private func isSum(_ id: ExpressionID) -> Bool {
    if case .sum = table[id] { true } else { false }
  }

  /// What is below the line, and E, in terms of the fraction's name.
  private mutating func inverted(
    _ fraction: Fraction, _ name: ExpressionID
  ) -> (below: ExpressionID, moving: ExpressionID) {
    let shape = table.shape(name)
    let factor = fraction.isAbove ? fraction.weight : fraction.beside
    // c - β*a, or c - α*a.
    let rest = table.stretched(
      table.sum([
        Weighted(factor: fraction.number, term: table.one), Weighted(factor: -factor, term: name),
      ]), to: shape)
    guard fraction.isAbove else {
      // a = c/S, so S = c/a and E = (c/a - β)/α.
      return (
        table.product(fraction.number, [Factor(base: name, exponent: -.one)]),
        table.product(
          Coefficient.one.divided(by: fraction.weight),
          [Factor(base: rest, exponent: .one), Factor(base: name, exponent: -.one)])
      )
    }
    // a*S = c*E, so E = β*a/(c - α*a) and S = β*c/(c - α*a).
    return (
      table.product(
        fraction.beside * fraction.number, [Factor(base: rest, exponent: -.one)]),
      table.product(
        fraction.beside,
        [Factor(base: name, exponent: .one), Factor(base: rest, exponent: -.one)])
    )
  }
}
