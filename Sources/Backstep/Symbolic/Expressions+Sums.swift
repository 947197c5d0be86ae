// Sums and products: like terms collected, like factors made powers, numbers worked out.

import BackstepTrace

extension Expressions {
  /// The sum of numbers times expressions.
  ///
  /// Sums in it are taken apart, equal terms collected, and what is left stands in the order of the
  /// table. A term that is only stretched to a shape stands without its ones; where no other term has
  /// that shape, the whole sum is stretched.
  mutating func sum(_ terms: [Weighted]) -> ExpressionID {
    guard !isExhausted else { return zero }
    if terms.count == 1 { return scaled(terms[0].term, by: terms[0].factor) }
    var shape = Shape.scalar
    var collected = Collected()
    for weighted in terms where !weighted.factor.isZero {
      shape = Shape.broadcast(shape, self.shape(weighted.term)) ?? shape
      collect(weighted, &collected)
    }
    spend(collected.order.count + 1)
    var kept = collected.order.compactMap { term -> Weighted? in
      guard let factor = collected.factors[term], !factor.isZero else { return nil }
      return Weighted(factor: factor, term: term)
    }
    guard kept.count <= Self.partLimit, kept.allSatisfy({ $0.factor.value.isFinite }) else {
      giveUp()
      return zero
    }
    kept.sort { $0.term < $1.term }
    let sum: ExpressionID
    switch kept.count {
    case 0: return make(.zeros, shape)
    case 1: sum = scaled(kept[0].term, by: kept[0].factor)
    default: sum = enter(sum: kept)
    }
    return stretched(sum, to: shape)
  }

  mutating func sum(_ one: ExpressionID, _ other: ExpressionID) -> ExpressionID {
    sum([Weighted(factor: .one, term: one), Weighted(factor: .one, term: other)])
  }

  /// The terms of a sum that is being made.
  private struct Collected {
    var factors: [ExpressionID: Coefficient] = [:]
    var order: [ExpressionID] = []

    mutating func add(_ factor: Coefficient, _ term: ExpressionID) {
      if let known = factors[term] {
        factors[term] = known + factor
      } else {
        factors[term] = factor
        order.append(term)
      }
    }
  }

  private mutating func collect(_ weighted: Weighted, _ collected: inout Collected) {
    let factor = weighted.factor
    switch self[weighted.term] {
    case .number(let number): collected.add(factor * number, one)
    case .filled(.ones, _): collected.add(factor, one)
    case .filled(.zeros, _): break
    case .sum(let terms):
      spend(terms.count)
      for inner in terms { collected.add(factor * inner.factor, inner.term) }
    case .product(let number, let powers):
      let bare = powers.filter { !isOnes($0.base) }
      if bare.count == 1, bare[0].exponent.isOne, case .sum(let terms) = self[bare[0].base] {
        spend(terms.count)
        for inner in terms { collected.add(factor * number * inner.factor, inner.term) }
      } else if bare.isEmpty {
        collected.add(factor * number, one)
      } else {
        collected.add(factor * number, product(of: bare))
      }
    default: collected.add(factor, weighted.term)
    }
  }

  private func isOnes(_ id: ExpressionID) -> Bool {
    if case .filled(.ones, _) = self[id] { return true }
    return false
  }

  /// A product of factors that are in order already.
  private mutating func product(of powers: [Factor]) -> ExpressionID {
    powers.count == 1 && powers[0].exponent.isOne
      ? powers[0].base : enter(product: .one, powers)
  }

  /// An expression times a number.
  mutating func scaled(_ id: ExpressionID, by number: Coefficient) -> ExpressionID {
    number.isOne ? id : product(number, [Factor(base: id, exponent: .one)])
  }

  /// The same with the shape of a larger tensor, all of whose entries along the new axes are equal.
  mutating func stretched(_ id: ExpressionID, to shape: Shape) -> ExpressionID {
    if self.shape(id) == shape { return id }
    return product(.one, [Factor(base: id, exponent: .one)], shape: shape)
  }

  // MARK: Products

  mutating func product(_ one: ExpressionID, _ other: ExpressionID) -> ExpressionID {
    product(.one, [Factor(base: one, exponent: .one), Factor(base: other, exponent: .one)])
  }

  mutating func quotient(_ one: ExpressionID, _ other: ExpressionID) -> ExpressionID {
    product(.one, [Factor(base: one, exponent: .one), Factor(base: other, exponent: -.one)])
  }

  /// A number times powers.
  ///
  /// Products in it are taken apart where the exponent is whole, equal bases make one power, numbers
  /// are worked out. Of a sum the common divisor of its numbers is taken out. Where factors cancel, or
  /// `shape` asks for it, ones keep the shape.
  mutating func product(
    _ number: Coefficient, _ powers: [Factor], shape wanted: Shape = .scalar
  ) -> ExpressionID {
    guard !isExhausted else { return zero }
    var gathered = Gathered(number: number, shape: wanted)
    for power in powers { gather(power, &gathered) }
    spend(gathered.order.count + 1)
    if gathered.number.isZero || isExhausted { return make(.zeros, gathered.shape) }
    guard gathered.number.value.isFinite, gathered.order.count <= Self.partLimit else {
      giveUp()
      return zero
    }
    var kept = gathered.order.compactMap { base -> Factor? in
      guard let exponent = gathered.exponents[base], !exponent.isZero else { return nil }
      // A condition is 0 or 1, so its powers are itself.
      if !exponent.isNegative, exponent.isWhole, isCondition(base) {
        return Factor(base: base, exponent: .one)
      }
      return Factor(base: base, exponent: exponent)
    }
    let own = kept.reduce(Shape.scalar) { Shape.broadcast($0, self.shape($1.base)) ?? $0 }
    if own != gathered.shape {
      kept.append(Factor(base: make(.ones, gathered.shape), exponent: .one))
    }
    if let picked = picked(kept) { return product(gathered.number, picked, shape: gathered.shape) }
    kept.sort { $0.base < $1.base }
    if kept.isEmpty { return make(gathered.number) }
    if gathered.number.isOne, kept.count == 1, kept[0].exponent.isOne { return kept[0].base }
    return enter(product: gathered.number, kept)
  }

  /// The factors where a vector stands beside a unit vector, of which only one entry counts; nil where
  /// there is none.
  private mutating func picked(_ powers: [Factor]) -> [Factor]? {
    guard
      let unit = powers.first(where: { isUnit($0.base) && $0.exponent.isOne }),
      case .call(.oneHot, let index, _) = self[unit.base], let place = number(index[0])?.integer
    else { return nil }
    let own = shape(unit.base)
    func isBeside(_ power: Factor) -> Bool {
      power.base != unit.base && shape(power.base) == own && !isOnes(power.base)
    }
    guard powers.contains(where: isBeside) else { return nil }
    let entry = Attributes(selections: [
      Attributes.Selection(places: place - 1..<place, isSingle: true, text: "\(place)")
    ])
    return powers.map { power in
      guard isBeside(power) else { return power }
      // Another unit vector has a 1 or a 0 there.
      if case .call(.oneHot, let other, _) = self[power.base], let there = number(other[0]) {
        return Factor(base: there.integer == place ? one : zero, exponent: power.exponent)
      }
      return Factor(base: make(.element, [power.base], entry), exponent: power.exponent)
    }
  }

  /// Whether it is a unit vector whose place is known.
  private func isUnit(_ id: ExpressionID) -> Bool {
    guard case .call(.oneHot, let index, _) = self[id] else { return false }
    return shape(id).rank == 1 && number(index[0])?.integer != nil
  }

  /// The factors of a product that is being made.
  private struct Gathered {
    var number: Coefficient
    var shape: Shape
    var exponents: [ExpressionID: Coefficient] = [:]
    var order: [ExpressionID] = []

    mutating func add(_ base: ExpressionID, _ exponent: Coefficient) {
      if let known = exponents[base] {
        exponents[base] = known + exponent
      } else {
        exponents[base] = exponent
        order.append(base)
      }
    }
  }

  private mutating func gather(_ power: Factor, _ gathered: inout Gathered) {
    let (base, exponent) = (power.base, power.exponent)
    guard !exponent.isZero else { return }
    gathered.shape = Shape.broadcast(gathered.shape, shape(base)) ?? gathered.shape
    switch self[base] {
    case .number(let number): gather(number, base, exponent, &gathered)
    case .filled(.ones, _): break
    case .filled(.zeros, _) where !exponent.isNegative: gathered.number = .zero
    case .product(let number, let powers):
      guard let whole = exponent.integer, let scale = number.power(whole) else {
        gathered.add(base, exponent)
        return
      }
      spend(powers.count)
      gathered.number = gathered.number * scale
      for inner in powers where !isOnes(inner.base) {
        gathered.add(inner.base, inner.exponent * exponent)
      }
    case .sum(let terms):
      guard let whole = exponent.integer else {
        gathered.add(base, exponent)
        return
      }
      let (content, primitive) = self.primitive(base, terms)
      guard let scale = content.power(whole) else {
        gathered.add(base, exponent)
        return
      }
      gathered.number = gathered.number * scale
      gathered.add(primitive, exponent)
    default: gathered.add(base, exponent)
    }
  }

  private mutating func gather(
    _ number: Coefficient, _ base: ExpressionID, _ exponent: Coefficient,
    _ gathered: inout Gathered
  ) {
    if let whole = exponent.integer, let power = number.power(whole) {
      gathered.number = gathered.number * power
    } else if number.isOne || number.isZero && !exponent.isNegative {
      gathered.number = gathered.number * number
    } else if number.isFraction, !number.isNegative, exponent == .half {
      // √(9/4) is worked out, √2 is not.
      let (top, bottom) = (number.top.squareRoot(), number.bottom.squareRoot())
      if top.rounded() == top, bottom.rounded() == bottom {
        gathered.number = gathered.number * Coefficient(top).divided(by: Coefficient(bottom))
      } else {
        gathered.add(base, exponent)
      }
    } else {
      gathered.add(base, exponent)
    }
  }

  /// The number all terms of a sum have in common, and the sum without it, with the sign under which
  /// it was a factor first.
  private mutating func primitive(
    _ sum: ExpressionID, _ terms: [Weighted]
  ) -> (content: Coefficient, primitive: ExpressionID) {
    spend(terms.count)
    let content = commonFactor(terms)
    let reduced =
      content.isOne
      ? terms
      : terms.map { Weighted(factor: $0.factor.divided(by: content), term: $0.term) }
    let id = content.isOne ? sum : enter(sum: reduced)
    if factors.contains(id) { return (content, id) }
    let turned = reduced.map { Weighted(factor: -$0.factor, term: $0.term) }
    if let other = find(.sum(turned)), factors.contains(other) { return (-content, other) }
    factors.insert(id)
    return (content, id)
  }

  /// The greatest positive number by which all terms can be divided and keep whole factors: 2 of
  /// 2*x - 4*y, 1/3 of 2*x/3 - y/3; 1 where they are fractions of different kinds, as in x + 0.1.
  func commonFactor(_ terms: [Weighted]) -> Coefficient {
    guard let first = terms.first,
      terms.allSatisfy({ $0.factor.isFraction && $0.factor.bottom == first.factor.bottom })
    else { return .one }
    let top = terms.reduce(0) { Coefficient.greatestDivisor($0, $1.factor.top.magnitude) }
    return Coefficient(top).divided(by: Coefficient(first.factor.bottom))
  }

  /// Whether the value can only be 0 or 1.
  private func isCondition(_ id: ExpressionID) -> Bool {
    guard case .call(let operation, let arguments, _) = self[id] else { return false }
    switch operation {
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .oneHot: return true
    case .select:
      return (arguments[1] == one && arguments[2] == zero)
        || (arguments[1] == zero && arguments[2] == one)
    default: return false
    }
  }
}
