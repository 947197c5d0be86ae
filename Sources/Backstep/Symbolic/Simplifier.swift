// Shorter forms of a formula: common factors, products multiplied out, fractions put together.

/// Looks for the shortest of the forms that a few rules lead to.
///
/// Sums and products come collected already. For each, from the inside out, other forms are tried as
/// long as one is shorter than all before; each round makes the formula shorter, so it ends.
struct Simplifier {
  /// How many terms multiplying out may make.
  private static let termLimit = 48
  /// How many rounds a sum or product is tried.
  private static let roundLimit = 12

  /// The best form of each expression that has been looked at.
  private var best: [ExpressionID: ExpressionID] = [:]
  /// What can be told by names, see ``SymbolicPass/simplifier()``.
  var named: [ExpressionID: ExpressionID] = [:]

  /// The shortest form found.
  mutating func simplified(_ id: ExpressionID, _ table: inout Expressions) -> ExpressionID {
    var open = [(id: id, isReady: false)]
    while let (top, isReady) = open.popLast(), !table.isExhausted {
      guard best[top] == nil else { continue }
      let parts = Self.parts(table[top])
      if !isReady, parts.contains(where: { best[$0] == nil }) {
        open.append((top, true))
        for part in parts where best[part] == nil { open.append((part, false)) }
        continue
      }
      let result = renamed(improved(rebuilt(top, &table), &table), &table)
      best[top] = result
      best[result] = result
    }
    return best[id] ?? id
  }

  private static func parts(_ expression: Expression) -> [ExpressionID] {
    switch expression {
    case .number, .symbol, .named, .adjoint, .filled: []
    case .call(_, let arguments, _): arguments
    case .product(_, let powers): powers.map(\.base)
    case .sum(let terms): terms.map(\.term)
    }
  }

  /// The same with each part in its best form.
  private func rebuilt(_ id: ExpressionID, _ table: inout Expressions) -> ExpressionID {
    switch table[id] {
    case .number, .symbol, .named, .adjoint, .filled: return id
    case .call(let operation, let arguments, let attributes):
      let better = arguments.map { best[$0] ?? $0 }
      return better == arguments || operation == .derivative
        ? id : table.make(operation, better, attributes)
    case .product(let number, let powers):
      let better = powers.map { Factor(base: best[$0.base] ?? $0.base, exponent: $0.exponent) }
      return better == powers ? id : table.product(number, better, shape: table.shape(id))
    case .sum(let terms):
      let better = terms.map { Weighted(factor: $0.factor, term: best[$0.term] ?? $0.term) }
      return better == terms ? id : table.stretched(table.sum(better), to: table.shape(id))
    }
  }

  /// The same by names, where that is shorter.
  private func renamed(_ id: ExpressionID, _ table: inout Expressions) -> ExpressionID {
    guard !named.isEmpty else { return id }
    var other = named[id] ?? id
    if case .product(let number, let powers) = table[id],
      powers.contains(where: { named[$0.base] != nil })
    {
      let better = powers.map { Factor(base: named[$0.base] ?? $0.base, exponent: $0.exponent) }
      other = table.product(number, better, shape: table.shape(id))
    }
    if other != id { other = improved(other, &table) }
    // a*(1 - a) rather than a - a^2.
    if case .sum(let terms) = table[other], let form = withCommonFactor(terms, &table),
      table.length(form) <= min(table.length(other), table.length(id)),
      table.shape(form) == table.shape(id)
    {
      return form
    }
    return table.length(other) < table.length(id) && table.shape(other) == table.shape(id)
      ? other : id
  }

  /// Tries other forms as long as they are shorter.
  private func improved(_ id: ExpressionID, _ table: inout Expressions) -> ExpressionID {
    var current = id
    for _ in 0..<Self.roundLimit where !table.isExhausted {
      var forms = Forms()
      switch table[current] {
      case .sum(let terms): forms = otherForms(of: current, terms, &table)
      case .product(let number, let powers): forms = otherForms(number, powers, &table)
      default: break
      }
      let shape = table.shape(current)
      let names = table.nameCount(current)
      // h*(1 - h^2) is not longer than h - h^3 for a reader: brackets go for the sake of names.
      let good = forms.kept + forms.spread.filter { table.nameCount($0) < names }
      let shortest = good.filter { table.shape($0) == shape }
        .min { table.length($0) < table.length($1) }
      guard let shortest, table.length(shortest) < table.length(current) else { break }
      current = shortest
    }
    return current
  }

  /// Other forms of an expression.
  private struct Forms {
    /// Those that keep brackets.
    var kept: [ExpressionID] = []
    /// Those in which brackets have been multiplied out.
    var spread: [ExpressionID] = []
  }

  // MARK: Sums

  private func otherForms(
    of sum: ExpressionID, _ terms: [Weighted], _ table: inout Expressions
  ) -> Forms {
    table.spend(terms.count)
    var forms = Forms(kept: [table.product(.one, [Factor(base: sum, exponent: .one)])])
    if let form = withCommonFactor(terms, &table) {
      forms.kept.append(form)
      // What is left in brackets may be shorter multiplied out.
      if case .product(let number, let powers) = table[form] {
        for (place, power) in powers.enumerated() where power.exponent.isOne {
          guard case .sum(let inner) = table[power.base],
            let expanded = multipliedOut(inner, &table)
          else { continue }
          var others = powers
          others[place].base = expanded
          forms.spread.append(table.product(number, others))
        }
      }
    }
    if let form = multipliedOut(terms, &table) { forms.spread.append(form) }
    if let form = together(terms, &table) { forms.kept.append(form) }
    if let form = withCommonCondition(terms, &table) { forms.kept.append(form) }
    return forms
  }

  /// Choices by the same condition as one: where(c, 1, 0)*x + where(c, 0, 1)*y is where(c, x, y).
  private func withCommonCondition(
    _ terms: [Weighted], _ table: inout Expressions
  ) -> ExpressionID? {
    var choices: [(place: Int, arguments: [ExpressionID], others: [Factor])] = []
    for (place, weighted) in terms.enumerated() {
      let powers = Self.factors(weighted.term, table)
      for (slot, power) in powers.enumerated() where power.exponent.isOne {
        guard case .call(.select, let arguments, _) = table[power.base],
          choices.first.map({ $0.arguments[0] == arguments[0] }) ?? true
        else { continue }
        var others = powers
        others.remove(at: slot)
        choices.append((place, arguments, others))
        break
      }
    }
    guard choices.count > 1, let condition = choices.first?.arguments[0] else { return nil }
    let sides = (1...2).map { side in
      table.sum(
        choices.map { choice in
          let power = Factor(base: choice.arguments[side], exponent: .one)
          return Weighted(
            factor: terms[choice.place].factor,
            term: table.product(.one, choice.others + [power]))
        })
    }
    let choice = table.make(.select, [condition, sides[0], sides[1]])
    let rest = terms.indices.filter { place in !choices.contains { $0.place == place } }
    return table.sum(rest.map { terms[$0] } + [Weighted(factor: .one, term: choice)])
  }

  private static func factors(_ term: ExpressionID, _ table: Expressions) -> [Factor] {
    if term == table.one { return [] }
    if case .product(let number, let powers) = table[term], number.isOne { return powers }
    return [Factor(base: term, exponent: .one)]
  }

  /// The factors that all terms share in front of a sum: x*y + x*z is x*(y + z).
  private func withCommonFactor(
    _ terms: [Weighted], _ table: inout Expressions
  ) -> ExpressionID? {
    guard let first = terms.first else { return nil }
    var common = Self.factors(first.term, table)
    for weighted in terms.dropFirst() where !common.isEmpty {
      let factors = Self.factors(weighted.term, table)
      table.spend(min(factors.count, 64))
      common = common.compactMap { power in
        guard let other = factors.first(where: { $0.base == power.base })?.exponent else {
          return nil
        }
        if other == power.exponent { return power }
        guard other.isNegative == power.exponent.isNegative, other.isWhole, power.exponent.isWhole
        else { return nil }
        let isSmaller = other.magnitude < power.exponent.magnitude
        return Factor(base: power.base, exponent: isSmaller ? other : power.exponent)
      }
    }
    guard !common.isEmpty else { return nil }
    let inverse = common.map { Factor(base: $0.base, exponent: -$0.exponent) }
    let rest = terms.map { weighted in
      Weighted(
        factor: weighted.factor,
        term: table.product(.one, [Factor(base: weighted.term, exponent: .one)] + inverse))
    }
    return table.product(.one, common + [Factor(base: table.sum(rest), exponent: .one)])
  }

  /// The sum without brackets: (1 - a)*y - (1 - y)*a is y - a.
  private func multipliedOut(
    _ terms: [Weighted], _ table: inout Expressions
  ) -> ExpressionID? {
    var result: [Weighted] = []
    var hasBrackets = false
    for weighted in terms {
      let powers = Self.factors(weighted.term, table)
      var rest: [Factor] = []
      var partial = [Weighted(factor: weighted.factor, term: table.one)]
      for power in powers {
        guard case .sum(let inner) = table[power.base], let exponent = power.exponent.integer,
          (1...3).contains(exponent)
        else {
          rest.append(power)
          continue
        }
        hasBrackets = true
        for _ in 0..<exponent {
          guard partial.count * inner.count <= Self.termLimit else { return nil }
          partial = partial.flatMap { left in
            inner.map { right in
              Weighted(
                factor: left.factor * right.factor, term: table.product(left.term, right.term))
            }
          }
        }
      }
      for part in partial {
        let factors = rest + [Factor(base: part.term, exponent: .one)]
        result.append(Weighted(factor: part.factor, term: table.product(.one, factors)))
      }
      guard result.count <= Self.termLimit else { return nil }
    }
    return hasBrackets ? table.sum(result) : nil
  }

  /// One fraction for all terms: y/a - (1 - y)/(1 - a) is (y - a)/(a*(1 - a)).
  private func together(_ terms: [Weighted], _ table: inout Expressions) -> ExpressionID? {
    guard terms.count <= Self.termLimit else { return nil }
    var below: [Factor] = []
    for weighted in terms {
      for power in Self.factors(weighted.term, table)
      where power.exponent.isNegative && power.exponent.isWhole {
        if let place = below.firstIndex(where: { $0.base == power.base }) {
          let isLarger = below[place].exponent < power.exponent.magnitude
          if isLarger { below[place].exponent = power.exponent.magnitude }
        } else {
          below.append(Factor(base: power.base, exponent: power.exponent.magnitude))
        }
      }
    }
    guard !below.isEmpty, below.count <= 6 else { return nil }
    let above = terms.map { weighted in
      Weighted(
        factor: weighted.factor,
        term: table.product(.one, below + [Factor(base: weighted.term, exponent: .one)]))
    }
    var numerator = table.sum(above)
    if let expanded = multipliedOut(above, &table),
      table.length(expanded) < table.length(numerator)
    {
      numerator = expanded
    }
    let inverse = below.map { Factor(base: $0.base, exponent: -$0.exponent) }
    return table.product(.one, inverse + [Factor(base: numerator, exponent: .one)])
  }

  // MARK: Products

  private func otherForms(
    _ number: Coefficient, _ powers: [Factor], _ table: inout Expressions
  ) -> Forms {
    var forms = Forms()
    var tried = 0
    for (place, power) in powers.enumerated() where power.exponent.isOne && tried < 4 {
      guard case .sum(let terms) = table[power.base],
        terms.count * powers.count <= 4 * Self.termLimit
      else { continue }
      tried += 1
      table.spend(terms.count * powers.count)
      var others = powers
      others.remove(at: place)
      // Each term times the rest, where something cancels: (y/a + 1)*a is y + a.
      let spread = terms.map { weighted in
        Weighted(
          factor: weighted.factor * number,
          term: table.product(.one, others + [Factor(base: weighted.term, exponent: .one)]))
      }
      forms.spread.append(table.sum(spread))
      if let expanded = multipliedOut(spread, &table) { forms.spread.append(expanded) }
      if let fraction = together(terms, &table) {
        forms.kept.append(table.product(number, others + [Factor(base: fraction, exponent: .one)]))
      }
    }
    return forms
  }
}
