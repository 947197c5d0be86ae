// A derivation as Markdown with mathematics, for notes and notebooks.

import BackstepLanguage
import BackstepTrace

/// Makes `.md`: the definitions, tables of inputs and of the forward pass, and the backward pass
/// product by product.
///
/// GitHub and Jupyter show the mathematics between dollar signs; see ``MarkdownMath`` for what they do
/// to it.
struct MarkdownDocument {
  private let derivation: WorkedTrace
  private let title: String
  private let source: DocumentSource
  private let format: NumberFormat
  /// Writes the equations.
  private let equations: TraceEquations
  private var header: any TraceHeader { derivation.trace.header }
  private var output = ByteBuffer()

  /// Prepares a document; what the derivation leaves blank is a line to write on.
  init(
    _ derivation: WorkedTrace, title: String, format: NumberFormat, source: DocumentSource
  ) {
    self.derivation = derivation
    self.title = title
    self.source = source
    self.format = format
    equations = TraceEquations(derivation, format)
  }

  /// The whole file.
  func text() -> ByteBuffer {
    var document = self
    document.line("<!-- \(Documents.mark) -->\n")
    document.line(
      "# \(title) of \(Markdown.code(Escape.line(Escape.statement(document.header.rootText), limit: 80)))"
    )
    document.writeDefinitions()
    document.writeInputs()
    document.writeForward()
    document.writeBackward()
    document.writeGradient()
    document.writeNotes()
    return document.output
  }

  private mutating func line(_ text: String) {
    output.append(text)
    output.append("\n")
  }

  private mutating func heading(_ text: String) { line("\n## \(text)\n") }

  // MARK: What was given

  private mutating func writeDefinitions() {
    guard !source.definitions.isEmpty else { return }
    let text = source.definitions.map(\.text).joined(separator: "\n")
    line("")
    line(Markdown.block(text))
  }

  private mutating func writeInputs() {
    guard !derivation.inputs.isEmpty else { return }
    heading("Inputs")
    line("| name | value | kind |\n|---|---|---|")
    for node in derivation.inputs.untilInterrupted {
      let kind = header.kind(of: node) == .data ? "data" : "input"
      line("| \(name(node)) | \(math(equations.number(derivation.value(of: node)))) | \(kind) |")
    }
  }

  // MARK: Forward

  private mutating func writeForward() {
    guard !derivation.operations.isEmpty else { return }
    heading("Forward pass")
    let hasNumbers = derivation.operations.contains(where: isOnNumbers)
    line("| step | operation |\(hasNumbers ? " in numbers |" : "") value | local derivatives |")
    line("|---|---|\(hasNumbers ? "---|" : "")---|---|")
    for (index, node) in derivation.operations.enumerated().untilInterrupted {
      let operation = equations.operation(node) { equations.names[$0] }
      let equation = MarkdownMath.inline("\(equations.names[node].latex) = \(operation.latex)")
      let numbers = isOnNumbers(node) ? equations.numbers(node).map(math) ?? "" : ""
      let value =
        derivation.showsValue(of: node)
        ? equations.number(derivation.value(of: node))
        : TraceEquations.blank(header.shape(of: node))
      let locals = derivation.trace.partials[node].compactMap { local($0, of: node) }
      let cells =
        ["\(index + 1)", equation] + (hasNumbers ? [numbers] : [])
        + [math(value), locals.joined(separator: "<br>")]
      line("| \(cells.joined(separator: " | ")) |")
    }
  }

  /// Whether the operation works on single numbers: matrices side by side are too wide for a table.
  private func isOnNumbers(_ node: NodeIndex) -> Bool {
    (0..<header.operandCount(of: node)).allSatisfy {
      header.shape(of: header.operand($0, of: node)).isScalar
    }
  }

  /// A local derivative as a formula and as a number; nil where the rule for a whole tensor says what
  /// is sent, which stands in the backward pass.
  private func local(_ partial: TraceDigest.Partial, of node: NodeIndex) -> String? {
    guard !header.formulaIsContribution(of: node, slot: partial.slot) else { return nil }
    let symbol = TeX.derivative(equations.names[node], equations.names[partial.operand])
    let template = header.partialFormula(of: node, slot: partial.slot)
    let formula = equations.printed(template, node) { gap in
      if case .operand(let slot) = gap {
        equations.names[header.operand(slot, of: node)]
      } else {
        equations.names[node]
      }
    }
    var text = "\(symbol.latex) = \(formula.latex)"
    if let reading = partial.value?.collapsed {
      let isKnown = derivation.showsValue(of: node)
      let number = isKnown ? equations.number(reading) : TraceEquations.blank(reading.shape)
      if number.latex != formula.latex { text += " = \(number.latex)" }
    }
    return MarkdownMath.inline("\\displaystyle \(text)")
  }

  // MARK: Backward

  private mutating func writeBackward() {
    heading("Backward pass")
    let root = header.root
    let seed = equations.number(derivation.seed).latex
    line(
      "Begin with \(MarkdownMath.inline("\(equations.adjoint(root).latex) = \(seed)"))"
        + " and go back from there.\n")
    if derivation.trace.terms.contains(where: { $0.count > 1 }) {
      line("A bar names the operation that a part of a derivative comes from.\n")
    }
    for part in derivation.parts.untilInterrupted {
      switch part {
      case .sum(let node, let result):
        line("What has come back to \(name(node)) is added up:\n")
        display(equations.sum(node, result))
      case .step(let node, let number, let products):
        let operation = equations.operation(node) { equations.names[$0] }
        line(
          "**Step \(number)**, "
            + MarkdownMath.inline("\(equations.names[node].latex) = \(operation.latex)")
            + (products.isEmpty ? ", sends nothing.\n" : ":\n"))
        for product in products.untilInterrupted { display(equations.row(product)) }
      }
    }
  }

  /// An equation on a line of its own.
  private mutating func display(_ equation: Equation) {
    let sides = equation.sides.map { $0.map(\.latex).joined(separator: " ") }
    line(MarkdownMath.display(([equation.left.latex] + sides).joined(separator: " = ")) + "\n")
  }

  // MARK: The end

  private mutating func writeGradient() {
    guard !derivation.trace.gradients.isEmpty else { return }
    line("## Gradient\n")
    line("| with respect to | derivative |\n|---|---|")
    for gradient in derivation.trace.gradients {
      line("| \(math(equations.target(gradient))) | \(math(equations.result(gradient))) |")
    }
  }

  private mutating func writeNotes() {
    var notes: [String] = []
    if !derivation.hasBlanks {
      for warning in derivation.trace.warnings.prefix(100) {
        var sentence = ByteBuffer()
        warning.writeSentence(header, format, to: &sentence)
        notes.append(Markdown.escaped(sentence.string + (warning.hint.map { "; \($0)" } ?? "")))
      }
    }
    for (latex, name) in equations.names.spelled {
      notes.append("\(MarkdownMath.inline(latex)) is \(Markdown.code(name))")
    }
    guard !notes.isEmpty else { return }
    heading("Notes")
    for note in notes { line("- \(note)") }
  }

  private func name(_ node: NodeIndex) -> String { math(equations.names[node]) }
  private func math(_ tex: TeX) -> String { MarkdownMath.inline(tex.latex) }
}
