// Formulas in LaTeX: fractions, roots, sums, cases.

import BackstepLanguage
import BackstepTrace

/// Formulas in LaTeX, with what the caller puts into the gaps.
struct TeXNotation: FormulaNotation {
  /// What stands in a gap: a name, or a number.
  let fill: (Formula.Gap) -> TeX

  func gap(_ gap: Formula.Gap) -> TeX { fill(gap) }

  func number(_ number: Double) -> TeX {
    var digits = ByteBuffer()
    digits.appendShortest(number)
    return TeX.digits(digits.string)
  }

  func name(_ name: String) -> TeX {
    switch name {
    case "pi": TeX("\\pi", width: 1.2)
    case "inf": TeX("\\infty", width: 2)
    default: TeXName.pretty(name)
    }
  }

  func infix(_ operation: SyntaxKind, _ left: TeX, _ right: TeX) -> TeX {
    let binding = Binding(operation)
    var result: TeX
    switch operation {
    case .add: result = join(left.within(.sum), "+", 2.5, afterSign(right), binding)
    case .subtract: result = join(left.within(.sum), "-", 2.5, afterSign(right), binding)
    case .multiply: result = product(left, right)
    case .matrixProduct:
      result = join(Self.firstFactor(left), "\\,", 0.4, Self.factor(right), binding)
      result.isMatrixProduct = true
    case .divide:
      result = TeX(
        "\\frac{\(left.bracketed.latex)}{\(right.bracketed.latex)}",
        width: max(left.width, right.width) + 0.5)
    case .power:
      // A fraction, or a power, as a base needs its parentheses.
      let base = left.isAtomicBase ? left : left.parenthesized
      result = TeX(
        "\(base.braced("^"))^{\(right.bracketed.latex)}",
        width: base.width + right.width * 0.75, binding: .power)
    case .less: result = comparison(left, "<", right)
    case .lessOrEqual: result = comparison(left, "\\le", right)
    case .greater: result = comparison(left, ">", right)
    case .greaterOrEqual: result = comparison(left, "\\ge", right)
    case .equal: result = comparison(left, "=", right)
    default: result = comparison(left, "\\ne", right)
    }
    result.isTensor = left.isTensor || right.isTensor
    return result
  }

  private func join(
    _ left: TeX, _ sign: String, _ width: Double, _ right: TeX, _ binding: Binding
  ) -> TeX {
    TeX(
      "\(left.latex) \(sign) \(right.latex)", width: left.width + width + right.width,
      binding: binding)
  }

  /// What stands behind a plus or a minus: nothing that begins with a sign of its own.
  private func afterSign(_ text: TeX) -> TeX {
    text.latex.hasPrefix("-") ? text.parenthesized : text.within(.product)
  }

  /// What stands behind a times.
  private static func factor(_ text: TeX) -> TeX {
    text.latex.hasPrefix("-") || text.isMatrixProduct ? text.parenthesized : text.within(.product)
  }

  /// What stands before a times: a number may have its sign.
  private static func firstFactor(_ text: TeX) -> TeX {
    text.isNumber || text.latex.hasPrefix("-") && text.binding == .product
      ? text : text.within(.product)
  }

  private func product(_ left: TeX, _ right: TeX) -> TeX {
    let (first, second) = Self.factors(left, right)
    return TeX(
      "\(first.latex) \(second.latex)", width: first.width + second.width, binding: .product)
  }

  /// The factors of a product, the second with its sign: a number stands before a name without one,
  /// vectors and matrices are multiplied entry by entry.
  static func factors(_ left: TeX, _ right: TeX) -> (TeX, TeX) {
    let isNumberFirst = left.isNumber && !right.isNumber && left.binding == .atom
    let beginsWithName =
      !(right.latex.first?.isNumber ?? true)
      && !["\\begin", "\\frac"].contains { right.latex.hasPrefix($0) }
    let sign =
      left.isTensor && right.isTensor
      ? "\\odot" : isNumberFirst && beginsWithName ? "\\," : "\\cdot"
    var second = factor(right)
    second.latex = "\(sign) \(second.latex)"
    second.width += sign == "\\," ? 0.4 : 1.6
    return (firstFactor(left), second)
  }

  private func comparison(_ left: TeX, _ sign: String, _ right: TeX) -> TeX {
    var result = join(left.within(.sum), sign, 2.7, right.within(.sum), .comparison)
    result.isComparison = true
    return result
  }

  func negated(_ operand: TeX) -> TeX {
    let inside = operand.latex.hasPrefix("-") ? operand.parenthesized : operand.within(.product)
    var result = TeX("-\(inside.latex)", width: inside.width + 1.6, binding: .sum)
    result.isTensor = operand.isTensor
    result.isNumber = operand.isNumber
    return result
  }

  func transposed(_ operand: TeX) -> TeX {
    let base = operand.isAtomicBase ? operand : operand.parenthesized
    var result = TeX("\(base.braced("^"))^{\\top}", width: base.width + 1, binding: .power)
    result.isTensor = operand.isTensor
    return result
  }

  func list(_ entries: [TeX]) -> TeX {
    let isRows = entries.contains(where: \.isTensor)
    let shown = TeX.places(entries.count, most: 8).map { place -> [TeX] in
      guard let place else { return [TeX.dots(true, false)] }
      return isRows
        ? [
          TeX(
            "\\text{---}\\ \(entries[place].latex)\\ \\text{---}", width: entries[place].width + 5)
        ]
        : [entries[place].bracketed]
    }
    return TeX.matrix(shown)
  }

  func index(_ base: TeX, _ indices: [Formula.Index<TeX>]) -> TeX {
    let texts = indices.map { index -> String in
      switch index {
      case .place(let place): place.bracketed.latex
      case .stretch(let lower, let upper):
        (lower?.bracketed.latex ?? "") + "{:}" + (upper?.bracketed.latex ?? "")
      }
    }
    // A name with an index of its own would run into this one.
    let inside = base.isAtomicBase && !base.latex.contains("_") ? base : base.parenthesized
    var result = TeX(
      "\(inside.latex)_{\(texts.joined(separator: ","))}", width: inside.width + 1.5)
    result.isTensor = indices.contains { if case .stretch = $0 { true } else { false } }
    return result
  }
}

extension TeX {
  /// As it stands between brackets that belong to something else: a comparison counts as 1 or 0.
  var bracketed: TeX { isComparison ? within(.sum) : self }

  /// In braces where it has an exponent, or an index, of its own.
  fileprivate func braced(_ sign: Character) -> String {
    let isGroup =
      latex.hasPrefix("\\left(") && latex.hasSuffix("\\right)")
      || latex.hasPrefix("(") && latex.hasSuffix(")")
    return latex.contains(sign) && !isGroup ? "{\(latex)}" : latex
  }

  /// Whether an exponent or an index can be written at it.
  var isAtomicBase: Bool {
    binding == .atom && !latex.hasPrefix("\\frac") && !latex.hasPrefix("\\begin{cases}")
  }
}
