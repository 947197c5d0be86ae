// A derivation in LaTeX: compiles as it is, and can be \input into a paper.

import BackstepLanguage
import BackstepTrace

/// The forward pass with its numbers, then the backward pass product by product, in `align`.
struct LaTeXDocument {
  private let derivation: WorkedTrace
  private let title: String
  private let format: NumberFormat
  let names: TeXNames
  private var header: any TraceHeader { derivation.trace.header }
  private var root: NodeIndex { header.root }
  private var output = ByteBuffer()

  /// How wide a line may be, in digits: the text width of the class `article` without options.
  private static let lineWidth = 62.0
  /// How many rows one `align` has at most: it is measured as a whole.
  private static let rowsPerAlign = 24

  init(_ derivation: WorkedTrace, title: String, format: NumberFormat) {
    self.derivation = derivation
    self.title = title
    self.format = format
    names = TeXNames(derivation.trace.header, format)
  }

  /// The whole file.
  consuming func text() -> ByteBuffer {
    var document = self
    document.writeHead()
    document.writeInputs()
    document.writeForward()
    document.writeBackward()
    document.writeGradient()
    document.writeNotes()
    document.line("\\endgroup\\backstepend")
    return document.output
  }

  private mutating func line(_ text: String) {
    output.append(text)
    output.append("\n")
  }

  // MARK: The frame

  private mutating func writeHead() {
    line(
      """
      % \(Documents.mark): \(PlainLine.text(title)) of \(PlainLine.text(header.rootText)).
      % Compiles as it is, with pdflatex, xelatex or lualatex. It can also be \\input into a document
      % that loads amsmath: then everything up to \\fi is skipped.
      """)
    for (latex, name) in names.spelled { line("% \(latex) is \(PlainLine.text(name)).") }
    line(
      """
      \\makeatletter
      \\ifx\\@nodocument\\relax
        \\def\\backstepend{}
      \\else
        \\documentclass[11pt,a4paper]{article}
        \\usepackage[T1]{fontenc}
        \\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}
        \\usepackage{amsmath}
        \\usepackage[margin=25mm]{geometry}
        \\def\\backstepend{\\end{document}}
        \\begin{document}
      \\fi
      \\makeatother
      \\begingroup\\allowdisplaybreaks
      \\abovedisplayskip=4pt plus 2pt \\belowdisplayskip=4pt plus 2pt
      \\subsection*{\(TeX.escaped(title)) of $\(names[root].latex)$}
      """)
    writeFormula()
  }

  /// Says what the output is, where it is an expression without a name.
  private mutating func writeFormula() {
    let text = Escape.line(header.rootText, limit: 300)
    guard text != derivation.trace.name(root) else { return }
    line("\\noindent Here $\(names[root].latex)$ is {\\raggedright \(TeX.code(text)).\\par}")
  }

  private mutating func heading(_ text: String) {
    line("")
    line("\\paragraph{\(text)}")
  }

  // MARK: Forward

  private mutating func writeInputs() {
    guard !derivation.inputs.isEmpty else { return }
    heading("Inputs")
    let scalars = derivation.inputs.filter { header.shape(of: $0).isScalar }
    let listed = scalars.map { node -> String in
      let data = header.kind(of: node) == .data ? "~(data)" : ""
      return "$\(names[node].latex) = \(number(derivation.value(of: node)).latex)$\(data)"
    }
    if !listed.isEmpty { line("{\\raggedright " + listed.joined(separator: ",\n") + ".\\par}") }
    align(
      derivation.inputs.filter { !header.shape(of: $0).isScalar }.map { node in
        var value = number(derivation.value(of: node))
        if header.kind(of: node) == .data { value.latex += "\\ \\text{(data)}" }
        return Row(names[node], [[value]])
      })
  }

  private mutating func writeForward() {
    guard !derivation.operations.isEmpty else { return }
    heading("Forward pass")
    line(
      derivation.operations.count == 1
        ? "The operation, with numbers:" : "Each operation in turn, with numbers:")
    align(
      derivation.operations.untilInterrupted.map { node in
        var segments = [[operation(node) { names[$0] }]]
        if let numbers = numbers(node) { segments.append([numbers]) }
        segments.append([
          derivation.showsValue(of: node) ? number(derivation.value(of: node)) : Self.blank
        ])
        return Row(names[node], segments)
      })
  }

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

  /// Room to write a number.
  static let blank = TeX("\\underline{\\hspace{4em}}", width: 8)

  // MARK: Backward

  private mutating func writeBackward() {
    heading("Backward pass")
    let seed = TeX.derivative(names[root], names[root])
    line("Begin with $\(seed.latex) = \(number(derivation.seed).latex)$ and go back from there.")
    if derivation.trace.terms.contains(where: { $0.count > 1 }) {
      line("A bar names the operation that a part of a derivative comes from.")
    }
    var rows: [Row] = []
    for part in derivation.parts.untilInterrupted {
      switch part {
      case .sum(let node, let result): rows.append(sum(node, result))
      case .step(let node, let number, let products):
        for (place, product) in products.enumerated().untilInterrupted {
          var row = self.row(product)
          if place == 0 { row.intertext = introduction(node, number) }
          rows.append(row)
        }
      }
    }
    align(rows)
  }

  func adjoint(_ node: NodeIndex) -> TeX { TeX.derivative(names[root], names[node]) }

  /// What a step is about: `5. a = σ(z)`.
  private func introduction(_ node: NodeIndex, _ number: Int) -> String {
    var text = operation(node) { names[$0] }
    if text.width > Self.lineWidth - 10 { text = TeX("\\ldots", width: 2) }
    return "\\textbf{\(number).}\\enspace $\\displaystyle \(names[node].latex) = \(text.latex)$"
  }

  /// One product of the chain rule, in letters and in numbers.
  func row(_ product: WorkedTrace.Product) -> Row {
    let contribution = product.contribution
    let (node, slot, operand) = (contribution.node, contribution.slot, contribution.operand)
    var left = adjoint(operand)
    if derivation.isSum(operand) {
      left = TeX(
        "\\left.\(left.latex)\\right|_{\(names[node].latex)}",
        width: left.width + names[node].width * 0.75 + 0.6)
    }
    let isShown = derivation.isShown(product.result)
    let result = isShown ? number(contribution.contribution) : Self.blank
    let template = header.partialFormula(of: node, slot: slot)
    let isRule = header.formulaIsContribution(of: node, slot: slot)
    if header.operation(of: node) == "index" {
      return Row(left, [[placed(node)], [result]])
    }
    let formula = printed(template, node) { gap in
      switch gap {
      case .operand(let slot): names[header.operand(slot, of: node)]
      case .result: names[node]
      case .adjoint: adjoint(node)
      }
    }
    if isRule { return Row(left, [[formula], [result]]) }
    let isStretched = derivation.isStretched(contribution)
    let symbols = [adjoint(node), Self.sign("\\cdot"), TeX.derivative(names[node], names[operand])]
    var chain = factors(adjoint(node), formula)
    if isStretched { chain[0] = summed(chain[0], contribution) }
    var segments = [symbols, chain]
    if isShown, derivation.showsAdjoint(of: node), let local = contribution.local, !isStretched,
      local.shape.count <= 9
    {
      let adjoint = derivation.adjoint(of: node)
      // Many ones as a single one, but not where they make many of a number.
      let local = adjoint.shape.isScalar ? local : local.collapsed
      segments.append(factors(number(adjoint), number(local)))
    }
    segments.append([result])
    return Row(left, segments)
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
  func sum(_ node: NodeIndex, _ result: Int) -> Row {
    let terms = derivation.trace.terms[node]
    var pieces: [TeX] = []
    for (place, index) in TeX.places(terms.count, most: 24).enumerated() {
      guard let index else {
        pieces.append(TeX("+ \\cdots", width: 5))
        continue
      }
      let term = terms[index]
      let value = derivation.isShown(result) ? number(term.contribution) : Self.blank
      let isNegative = value.latex.hasPrefix("-")
      let size = isNegative ? String(value.latex.dropFirst()) : value.latex
      let sign = place == 0 ? isNegative ? "-" : "" : isNegative ? "- " : "+ "
      pieces.append(
        TeX(
          "\(sign)\\underbrace{\(size)}_{\(names[term.user].latex)}",
          width: max(value.width, names[term.user].width * 0.75) + 2.8))
    }
    let total =
      derivation.isShown(result) ? number(derivation.adjoint(of: node)) : Self.blank
    return Row(adjoint(node), [pieces, [total]])
  }

  // MARK: The end

  private mutating func writeGradient() {
    let gradients = derivation.trace.gradients
    guard !gradients.isEmpty else { return }
    heading(gradients.count == 1 ? "Derivative" : "Gradient")
    let listed = gradients.map { gradient -> Row in
      var input = names[gradient.node]
      if let entry = gradient.entry {
        let shape = header.shape(of: gradient.node)
        let indices = shape.indices(of: entry).map { "\($0)" }.joined(separator: ",")
        input.latex =
          input.latex.contains("_")
          ? "\\left(\(input.latex)\\right)_{\(indices)}" : "\(input.latex)_{\(indices)}"
      }
      let shown = derivation.showsAdjoint(of: gradient.node)
      return Row(
        TeX.derivative(names[root], input), [[shown ? number(gradient.value) : Self.blank]])
    }
    align(listed)
  }

  private mutating func writeNotes() {
    let warnings = derivation.trace.warnings
    guard !warnings.isEmpty, !derivation.hasBlanks else { return }
    heading("Notes")
    line("\\begin{itemize}")
    for warning in warnings.prefix(100) {
      var sentence = ByteBuffer()
      warning.writeSentence(header, format, to: &sentence)
      let hint = warning.hint.map { "; \($0)" } ?? ""
      line("\\item \\sloppy \(TeX.escaped(sentence.string + hint)).")
    }
    line("\\end{itemize}")
  }

  // MARK: Rows

  /// A row of an alignment.
  ///
  /// It says what stands left of the first equals sign, and what follows each. Within a segment a line
  /// may be broken before every piece but the first.
  struct Row {
    var left: TeX
    var segments: [[TeX]]
    /// Text before the row.
    var intertext: String?

    init(_ left: TeX, _ segments: [[TeX]]) {
      self.left = left
      self.segments = segments
    }
  }

  private mutating func align(_ rows: [Row]) {
    var start = 0
    while start < rows.count, !Interruption.isRequested {
      var end = min(rows.count, start + Self.rowsPerAlign)
      // A step is not torn from its introduction.
      if end < rows.count {
        let cut = (start + 1..<end + 1).last { rows[$0].intertext != nil }
        end = cut ?? end
      }
      writeAlign(rows[start..<end])
      start = end
    }
  }

  private mutating func writeAlign(_ rows: ArraySlice<Row>) {
    let left = rows.map(\.left.width).max() ?? 0
    let room = max(20, Self.lineWidth - min(left, 24))
    if let first = rows.first?.intertext { line("\\par\\noindent \(first)") }
    line("\\begin{align*}")
    for (place, row) in zip(rows.indices, rows) {
      if place > rows.startIndex {
        line(" \\\\")
        if let text = row.intertext { line("\\intertext{\(text)}") }
      }
      output.append("  ")
      // A bracket at the beginning of a row would be taken for the space before it.
      output.append("{\(row.left.latex)}")
      var used = 0.0
      for (index, segment) in row.segments.enumerated() {
        let width = segment.reduce(2.7) { $0 + $1.width }
        if index > 0, used + width > room {
          output.append(" \\\\\n     ")
          used = 0
        }
        output.append(used == 0 ? " &= " : " = ")
        used += 2.7
        for (index, piece) in segment.enumerated() {
          if index > 0, used + piece.width > room {
            output.append(" \\\\\n     &\\qquad {} ")
            used = 4
          } else if index > 0 {
            output.append(" ")
          }
          output.append(piece.latex)
          used += piece.width
        }
      }
    }
    line("\n\\end{align*}")
  }
}
