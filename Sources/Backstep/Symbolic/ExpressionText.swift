// Expressions as text that can be typed back in.

import BackstepTrace

/// Writes expressions with as few parentheses as the language needs, in an order a reader expects.
///
/// Factors and terms whose names come later in the graph stand first, as the chain rule meets them:
/// (a - y)*x. Among inputs alone names stand before functions, these before sums, higher powers before
/// lower ones, and numbers last: x^2 + 2*x + 1. A sum begins with a positive term.
struct ExpressionText {
  /// How tightly what is written holds together.
  private enum Hold: Int { case argument, comparison, sum, product, power, atom }

  /// What is still to be written.
  private enum Item {
    case text(String)
    case expression(ExpressionID, Hold)
  }

  let table: Expressions
  /// How a node is written.
  let name: (Int) -> String
  /// How the derivative with respect to a node is written.
  let adjoint: (Int) -> String

  /// The text of an expression.
  func text(_ id: ExpressionID) -> String { text([.expression(id, .argument)]) }

  /// The text of an expression as a factor between signs of multiplication.
  func factor(_ id: ExpressionID) -> String { text([.expression(id, .product)]) }

  /// The text of an expression behind others: ` + x*y`, ` - x`.
  func addend(_ id: ExpressionID) -> String {
    let text = text([.expression(id, .argument)])
    return text.hasPrefix("-") ? " - \(text.dropFirst())" : " + \(text)"
  }

  private func text(_ items: [Item]) -> String {
    var result = ""
    var open: [Item] = items
    while let item = open.popLast() {
      switch item {
      case .text(let text): result += text
      case .expression(let id, let hold): open += pieces(id, hold).reversed()
      }
    }
    return result
  }

  private func wrapped(_ items: [Item], _ own: Hold, in outer: Hold) -> [Item] {
    own.rawValue >= outer.rawValue ? items : [.text("(")] + items + [.text(")")]
  }

  private func pieces(_ id: ExpressionID, _ outer: Hold) -> [Item] {
    switch table[id] {
    case .number(let number):
      let own: Hold = number.isNegative ? .sum : number.text.contains("/") ? .product : .atom
      return wrapped([.text(number.text)], own, in: outer)
    case .symbol(let node):
      let text = name(node)
      return wrapped([.text(text)], text.hasPrefix("-") ? .sum : .atom, in: outer)
    case .named(let name): return [.text(name)]
    case .adjoint(let node): return [.text(adjoint(node))]
    case .filled(.eye, let shape): return [.text("eye(\(shape.rows))")]
    case .filled(let filling, let shape):
      return [.text("\(filling.rawValue)(\(sizes(shape)))")]
    case .call(let operation, let arguments, let attributes):
      return call(operation, arguments, attributes, outer)
    case .product(let number, let powers):
      return product(number, powers, in: outer)
    case .sum(let terms): return wrapped(sum(terms), .sum, in: outer)
    }
  }

  private func sizes(_ shape: Shape) -> String {
    shape.sizes.map { "\($0)" }.joined(separator: ", ")
  }

  // MARK: Sums

  private func sum(_ terms: [Weighted]) -> [Item] {
    var ordered = terms.sorted { isBefore($0.term, $1.term) }
    if ordered.first?.factor.isNegative == true,
      let place = ordered.firstIndex(where: { !$0.factor.isNegative })
    {
      ordered.insert(ordered.remove(at: place), at: 0)
    }
    var items: [Item] = []
    for (place, weighted) in ordered.enumerated() {
      let isNegative = weighted.factor.isNegative
      if place == 0 {
        if isNegative { items.append(.text("-")) }
      } else {
        items.append(.text(isNegative ? " - " : " + "))
      }
      let size = weighted.factor.magnitude
      if weighted.term == table.one {
        items.append(.text(size.text))
      } else if case .product(_, let powers) = table[weighted.term] {
        items += factors(size, powers)
      } else if size.isOne {
        items.append(.expression(weighted.term, .product))
      } else {
        items += factors(size, [Factor(base: weighted.term, exponent: .one)])
      }
    }
    return items
  }

  /// Whether a term stands before another.
  private func isBefore(_ one: ExpressionID, _ other: ExpressionID) -> Bool {
    if (one == table.one) != (other == table.one) { return other == table.one }
    let levels = (table.level(one), table.level(other))
    if levels.0 != levels.1 { return levels.0 > levels.1 }
    let degrees = (degree(one), degree(other))
    if degrees.0 != degrees.1 { return degrees.0 > degrees.1 }
    return rank(one) < rank(other)
  }

  private func degree(_ term: ExpressionID) -> Double {
    guard case .product(_, let powers) = table[term] else { return 1 }
    return powers.reduce(0) { $0 + ($1.exponent.isNegative ? 0 : $1.exponent.value) }
  }

  /// Names in the order of the forward pass, then functions, then sums.
  private func rank(_ id: ExpressionID) -> (Int, Int) {
    switch table[id] {
    case .number, .named, .filled: (0, id)
    case .adjoint(let node): (0, node)
    case .symbol(let node): (1, node)
    case .product(_, let powers): powers.map { rank($0.base) }.min { $0 < $1 } ?? (2, id)
    case .call: (2, id)
    case .sum: (3, id)
    }
  }

  // MARK: Products

  private func product(_ number: Coefficient, _ powers: [Factor], in outer: Hold) -> [Item] {
    var number = number
    // -(1 - a)*x is (a - 1)*x.
    if number.isNegative, let place = powers.firstIndex(where: table.canTurn),
      case .sum(let terms) = table[powers[place].base]
    {
      number = -number
      let turned = terms.map { Weighted(factor: -$0.factor, term: $0.term) }
      let items = factors(number, powers, turned: (place, turned))
      return wrapped(items, hold(number, powers), in: outer)
    }
    let items = (number.isNegative ? [.text("-")] : []) + factors(number.magnitude, powers)
    return wrapped(items, number.isNegative ? .sum : hold(number, powers), in: outer)
  }

  private func hold(_ number: Coefficient, _ powers: [Factor]) -> Hold {
    guard number.isOne, powers.count == 1, let only = powers.first, !only.exponent.isNegative
    else { return .product }
    return only.exponent == .half ? .atom : only.exponent.isOne ? .product : .power
  }

  /// A positive number times powers; one base may be a sum with its signs turned.
  private func factors(
    _ number: Coefficient, _ powers: [Factor], turned: (place: Int, terms: [Weighted])? = nil
  ) -> [Item] {
    var order = Array(powers.indices)
    order.sort { isFactorBefore(powers[$0], powers[$1]) }
    var above: [[Item]] = []
    var below: [[Item]] = []
    let (top, bottom) = number.parts
    if top != "1" { above.append([.text(top)]) }
    if !bottom.isEmpty { below.append([.text(bottom)]) }
    let isAlone = powers.count == 1
    for place in order {
      let power = powers[place]
      var base: [Item]?
      if let turned, turned.place == place {
        base = [.text("(")] + sum(turned.terms) + [.text(")")]
      }
      let items = self.power(power, base: base, isAlone: isAlone)
      if power.exponent.isNegative { below.append(items) } else { above.append(items) }
    }
    var items: [Item] = above.isEmpty ? [.text("1")] : joined(above)
    if below.count == 1 {
      items.append(.text("/"))
      items += below[0]
    } else if below.count > 1 {
      items += [.text("/(")] + joined(below) + [.text(")")]
    }
    return items
  }

  private func joined(_ factors: [[Item]]) -> [Item] {
    Array(factors.joined(separator: [.text("*")]))
  }

  /// A power with the sign of its exponent left out.
  private func power(_ power: Factor, base: [Item]?, isAlone: Bool) -> [Item] {
    let size = power.exponent.magnitude
    if size == .half {
      return [.text("sqrt(")] + (base ?? [.expression(power.base, .argument)]) + [.text(")")]
    }
    if size.isOne {
      // A product of matrices can follow a number without parentheses, for numbers go through.
      if isAlone, !power.exponent.isNegative, isMatrixProduct(power.base) {
        return [.expression(power.base, .product)]
      }
      return base ?? [.expression(power.base, .power)]
    }
    let exponent = size.text
    let isPlain = !exponent.contains("/")
    return (base ?? [.expression(power.base, .atom)])
      + [.text(isPlain ? "^\(exponent)" : "^(\(exponent))")]
  }

  private func isMatrixProduct(_ id: ExpressionID) -> Bool {
    if case .call(.matrixProduct, _, _) = table[id] { return true }
    return false
  }

  private func isFactorBefore(_ one: Factor, _ other: Factor) -> Bool {
    let levels = (table.level(one.base), table.level(other.base))
    if levels.0 != levels.1 { return levels.0 > levels.1 }
    // (a - y)*a*(1 - a): the difference of two names before the names themselves.
    let differences = (isDifference(one.base), isDifference(other.base))
    if differences.0 != differences.1 { return differences.0 }
    return rank(one.base) < rank(other.base)
  }

  /// Whether it is a sum of several names that are not inputs alone.
  private func isDifference(_ id: ExpressionID) -> Bool {
    guard case .sum(let terms) = table[id], table.level(id) > 0 else { return false }
    return terms.count { $0.term != table.one } > 1
  }

  // MARK: Calls

  private func call(
    _ operation: Operation, _ x: [ExpressionID], _ attributes: Attributes, _ outer: Hold
  ) -> [Item] {
    func infix(_ sign: String, _ own: Hold, _ left: Hold, _ right: Hold) -> [Item] {
      wrapped([.expression(x[0], left), .text(sign), .expression(x[1], right)], own, in: outer)
    }
    switch operation {
    case .power: return infix("^", .power, .atom, .power)
    case .less: return infix(" < ", .comparison, .sum, .sum)
    case .lessOrEqual: return infix(" <= ", .comparison, .sum, .sum)
    case .greater: return infix(" > ", .comparison, .sum, .sum)
    case .greaterOrEqual: return infix(" >= ", .comparison, .sum, .sum)
    case .equal: return infix(" == ", .comparison, .sum, .sum)
    case .notEqual: return infix(" != ", .comparison, .sum, .sum)
    case .matrixProduct:
      // From the left: A @ B @ C; what is multiplied entry by entry stands in parentheses.
      return infix(" @ ", .product, isMatrixProduct(x[0]) ? .product : .power, .power)
    case .transpose: return [.expression(x[0], .atom), .text("'")]
    case .derivative: return list("grad", x)
    case .oneHot:
      return [
        .text("onehot("), .expression(x[0], .argument), .text(", \(attributes.shape.count))"),
      ]
    default: break
    }
    guard operation.isStructural, let entry = operation.entry else {
      return list(operation.entry?.names.first ?? operation.entry?.label ?? "", x)
    }
    let text = operation.accept(
      TextOf(shapes: x.map(table.shape), attributes: attributes))
    var items: [Item] = []
    for piece in Template(text, operands: entry.operandNames).pieces {
      switch piece {
      case .text(let bytes): items.append(.text(String(decoding: bytes, as: UTF8.self)))
      case .operand(let slot, let isBare):
        items.append(.expression(x[min(slot, x.count - 1)], isBare ? .argument : .atom))
      case .operands(let first):
        for (place, argument) in x[first...].enumerated() {
          if place > 0 { items.append(.text(", ")) }
          items.append(.expression(argument, .argument))
        }
      case .result, .adjoint: break
      }
    }
    return items
  }

  private func list(_ function: String, _ x: [ExpressionID]) -> [Item] {
    var items: [Item] = [.text("\(function)(")]
    for (place, argument) in x.enumerated() {
      if place > 0 { items.append(.text(", ")) }
      items.append(.expression(argument, .argument))
    }
    return items + [.text(")")]
  }
}
