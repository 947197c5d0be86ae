// The equations of a derivation: operations, products of the chain rule and sums, in LaTeX.

import BackstepTrace

/// Writes the steps of a trace as mathematics, for every document that has mathematics in it.
struct TraceEquations {
  private let derivation: WorkedTrace
  private let format: NumberFormat
  let names: TeXNames
  private var header: any TraceHeader { derivation.trace.header }
  private var root: NodeIndex { header.root }

  /// How wide a line may be, in digits: the text width of the class `article` without options.
  static let lineWidth = 62.0

  /// Prepares the equations of a derivation; what it leaves blank is a line to write on.
  init(_ derivation: WorkedTrace, _ format: NumberFormat) {
    self.derivation = derivation
    self.format = format
    names = TeXNames(derivation.trace.header, format)
  }

  // MARK: Forward

  /// The operation with something in its gaps.
  func operation(_ node: NodeIndex, _ fill: (NodeIndex) -> TeX) -> TeX {
    withoutActuallyEscaping(fill) { fill in
      printed(header.text(of: node), node) { gap in
        if case .operand(let slot) = gap {
          fill(header.operand(slot, of: node))
        } else {
          names[node]
        }
      }
    }
  }

  /// The operation with its operands' numbers; nil where they would take too much room, or would say
  /// nothing new.
  func numbers(_ node: NodeIndex) -> TeX? {
    var hasVariable = false
    for slot in 0..<header.operandCount(of: node) {
      let operand = header.operand(slot, of: node)
      guard derivation.showsValue(of: operand) else { return nil }
      if header.kind(of: operand) != .constant { hasVariable = true }
      if header.shape(of: operand).count > 9 { return nil }
      if header.operation(of: node) == "stack", header.shape(of: node).rank == 2 { return nil }
    }
    guard hasVariable, header.operation(of: node) != "id", header.operation(of: node) != "grad",
      header.operandCount(of: node) <= 6
    else { return nil }
    let result = operation(node) { number(derivation.value(of: $0)) }
    return result.width + names[node].width + 3 > Self.lineWidth ? nil : result
  }

  /// A template in LaTeX; words where it is no formula.
  func printed(
    _ template: Template, _ node: NodeIndex, _ fill: @escaping (Formula.Gap) -> TeX
  ) -> TeX {
    let formula = Formula(template, operands: header.operandCount(of: node))
    if let result = formula?.printed(in: TeXNotation(fill: fill)) { return result }
    var text = ByteBuffer()
    header.write(template, of: node, to: &text)
    return TeX.text(text.string)
  }

  func number(_ reading: Reading) -> TeX { TeX.value(reading, format) }

  /// Room to write a number; for a small vector or matrix, room for each of its entries.
  static func blank(_ shape: Shape) -> TeX {
    let line = TeX("\\underline{\\hspace{4em}}", width: 8)
    guard !shape.isScalar else { return line }
    guard (1...6).contains(shape.rows), (1...4).contains(shape.columns) else {
      let size = shape.sizes.map { "\($0)" }.joined(separator: " \\times ")
      return TeX("\(line.latex)\\ (\(size))", width: 16)
    }
    var row = Array(repeating: TeX("\\underline{\\hspace{3em}}", width: 6), count: shape.columns)
    // As high as handwriting.
    row[0].latex = "\\vphantom{\\Big(} " + row[0].latex
    return TeX.matrix(Array(repeating: row, count: shape.rows))
  }

  // MARK: Backward

  func adjoint(_ node: NodeIndex) -> TeX { TeX.derivative(names[root], names[node]) }

  /// One product of the chain rule, in letters and in numbers.
  func row(_ product: WorkedTrace.Product) -> Equation {
    let contribution = product.contribution
    let (node, slot, operand) = (contribution.node, contribution.slot, contribution.operand)
    var left = adjoint(operand)
    if derivation.isSum(operand) {
      left = TeX(
        "\\left.\(left.latex)\\right|_{\(names[node].latex)}",
        width: left.width + names[node].width * 0.75 + 0.6)
    }
    let isShown = derivation.isShown(product.result)
    let result =
      isShown ? number(contribution.contribution) : Self.blank(header.shape(of: operand))
    let template = header.partialFormula(of: node, slot: slot)
    let isRule = header.formulaIsContribution(of: node, slot: slot)
    if header.operation(of: node) == "index" {
      return Equation(left, [[placed(node)], [result]])
    }
    let formula = printed(template, node) { gap in
      switch gap {
      case .operand(let slot): names[header.operand(slot, of: node)]
      case .result: names[node]
      case .adjoint: adjoint(node)
      }
    }
    if isRule { return Equation(left, [[formula], [result]]) }
    let isStretched = derivation.isStretched(contribution)
    let symbols = [adjoint(node), Self.sign("\\cdot"), TeX.derivative(names[node], names[operand])]
    var chain = factors(adjoint(node), formula)
    if isStretched { chain[0] = summed(chain[0], contribution) }
    var sides = [symbols, chain]
    if isShown, derivation.showsAdjoint(of: node), let local = contribution.local, !isStretched,
      local.shape.count <= 9
    {
      let adjoint = derivation.adjoint(of: node)
      // Many ones as a single one, but not where they make many of a number.
      let local = adjoint.shape.isScalar ? local : local.collapsed
      sides.append(factors(number(adjoint), number(local)))
    }
    sides.append([result])
    return Equation(left, sides)
  }

  /// A product that may be broken before its sign.
  private func factors(_ one: TeX, _ other: TeX) -> [TeX] {
    let (first, second) = TeXNotation.factors(one, other)
    return [first, second]
  }

  /// What goes back through an index: the adjoint at its place.
  private func placed(_ node: NodeIndex) -> TeX {
    let places = header.attributes(of: node).selections.map(\.text).joined(separator: ",")
    return TeX(
      "\(adjoint(node).latex)\\ \\text{at \(TeX.escaped("[" + places + "]")), \\(0\\) elsewhere}",
      width: 26)
  }

  /// The sum that undoes a stretching.
  private func summed(_ text: TeX, _ contribution: Contribution) -> TeX {
    let shape = header.shape(of: contribution.operand)
    let over: String
    if let stretched = contribution.local?.shape, stretched.rank == 2, shape.count > 1 {
      over = shape.broadcastRows == 1 ? "\\text{rows}" : "\\text{columns}"
    } else {
      over = "\\text{entries}"
    }
    return TeX("\\sum_{\(over)} \(text.latex)", width: text.width + 5, binding: .sum)
  }

  private static func sign(_ latex: String) -> TeX { TeX(latex, width: 1.6) }

  /// A derivative as the sum of its parts, each above the operation it comes from.
  func sum(_ node: NodeIndex, _ result: Int) -> Equation {
    let terms = derivation.trace.terms[node]
    var pieces: [TeX] = []
    for (place, index) in TeX.places(terms.count, most: 24).enumerated() {
      guard let index else {
        pieces.append(TeX("+ \\cdots", width: 5))
        continue
      }
      let term = terms[index]
      let value =
        derivation.isShown(result) ? number(term.contribution) : Self.blank(header.shape(of: node))
      let isNegative = value.latex.hasPrefix("-")
      let size = isNegative ? String(value.latex.dropFirst()) : value.latex
      let sign = place == 0 ? isNegative ? "-" : "" : isNegative ? "- " : "+ "
      pieces.append(
        TeX(
          "\(sign)\\underbrace{\(size)}_{\(names[term.user].latex)}",
          width: max(value.width, names[term.user].width * 0.75) + 2.8))
    }
    let total =
      derivation.isShown(result)
      ? number(derivation.adjoint(of: node)) : Self.blank(header.shape(of: node))
    return Equation(adjoint(node), [pieces, [total]])
  }

  /// What a derivative was taken with respect to: a name, or an entry of it.
  func target(_ gradient: TraceDigest.Gradient) -> TeX {
    var name = names[gradient.node]
    guard let entry = gradient.entry else { return name }
    let indices = header.shape(of: gradient.node).indices(of: entry).map { "\($0)" }
      .joined(separator: ",")
    name.latex =
      name.latex.contains("_")
      ? "\\left(\(name.latex)\\right)_{\(indices)}" : "\(name.latex)_{\(indices)}"
    return name
  }

  /// The derivative with respect to an input, or room for it.
  func result(_ gradient: TraceDigest.Gradient) -> TeX {
    let shape = gradient.entry == nil ? header.shape(of: gradient.node) : .scalar
    return derivation.showsAdjoint(of: gradient.node) ? number(gradient.value) : Self.blank(shape)
  }
}

/// What stands left of the first equals sign, and what follows each.
///
/// Within a side a line may be broken before every piece but the first.
struct Equation {
  var left: TeX
  var sides: [[TeX]]
  /// Text before the equation.
  var introduction: String?

  init(_ left: TeX, _ sides: [[TeX]]) {
    self.left = left
    self.sides = sides
  }
}
