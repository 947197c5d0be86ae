// A derivation in LaTeX: compiles as it is, and can be \input into a paper.

import BackstepLanguage
import BackstepTrace

/// The forward pass with its numbers, then the backward pass product by product, in `align`.
struct LaTeXDocument {
  private let derivation: WorkedTrace
  private let title: String
  private let format: NumberFormat
  private let equations: TraceEquations
  private var names: TeXNames { equations.names }
  private var header: any TraceHeader { derivation.trace.header }
  private var root: NodeIndex { header.root }
  private var output = ByteBuffer()

  /// How many rows one `align` has at most: it is measured as a whole.
  private static let rowsPerAlign = 24

  init(_ derivation: WorkedTrace, title: String, format: NumberFormat) {
    self.derivation = derivation
    self.title = title
    self.format = format
    equations = TraceEquations(derivation, format)
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
    let expression = Escape.statement(header.rootText)
    line(
      """
      % \(Documents.mark): \(PlainLine.text(title)) of \(PlainLine.text(expression)).
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
    let text = Escape.line(Escape.statement(header.rootText), limit: 300)
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
      return "$\(names[node].latex) = \(equations.number(derivation.value(of: node)).latex)$\(data)"
    }
    if !listed.isEmpty { line("{\\raggedright " + listed.joined(separator: ",\n") + ".\\par}") }
    align(
      derivation.inputs.filter { !header.shape(of: $0).isScalar }.map { node in
        var value = equations.number(derivation.value(of: node))
        if header.kind(of: node) == .data { value.latex += "\\ \\text{(data)}" }
        return Equation(names[node], [[value]])
      })
  }

  private mutating func writeForward() {
    guard !derivation.operations.isEmpty else { return }
    heading("Forward pass")
    line(
      derivation.operations.count == 1
        ? "Step 1, the operation with numbers:"
        : "Steps 1 to \(derivation.operations.count), each operation in turn with numbers:")
    align(
      derivation.operations.untilInterrupted.map { node in
        var segments = [[equations.operation(node) { names[$0] }]]
        if let numbers = equations.numbers(node) { segments.append([numbers]) }
        segments.append([
          derivation.showsValue(of: node)
            ? equations.number(derivation.value(of: node))
            : TraceEquations.blank(header.shape(of: node))
        ])
        return Equation(names[node], segments)
      })
  }

  // MARK: Backward

  private mutating func writeBackward() {
    heading("Backward pass")
    let seed = TeX.derivative(names[root], names[root])
    line(
      "Begin with $\(seed.latex) = \(equations.number(derivation.seed).latex)$ and go back from there."
    )
    if derivation.trace.terms.contains(where: { $0.count > 1 }) {
      line("A bar names the operation that a part of a derivative comes from.")
    }
    var rows: [Equation] = []
    for part in derivation.parts.untilInterrupted {
      switch part {
      case .sum(let node, let result): rows.append(equations.sum(node, result))
      case .step(let node, let number, let products):
        for (place, product) in products.enumerated().untilInterrupted {
          var row = equations.row(product)
          if place == 0 { row.introduction = introduction(node, number) }
          rows.append(row)
        }
      }
    }
    align(rows)
  }

  /// What a step is about: `5. a = σ(z)`.
  private func introduction(_ node: NodeIndex, _ number: Int) -> String {
    var text = equations.operation(node) { names[$0] }
    if text.width > TraceEquations.lineWidth - 10 { text = TeX("\\ldots", width: 2) }
    return "\\textbf{\(number).}\\enspace $\\displaystyle \(names[node].latex) = \(text.latex)$"
  }

  // MARK: The end

  private mutating func writeGradient() {
    let gradients = derivation.trace.gradients
    guard !gradients.isEmpty else { return }
    heading(gradients.count == 1 ? "Derivative" : "Gradient")
    let listed = gradients.map { gradient in
      Equation(
        TeX.derivative(names[root], equations.target(gradient)), [[equations.result(gradient)]])
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

  private mutating func align(_ rows: [Equation]) {
    var start = 0
    while start < rows.count, !Interruption.isRequested {
      var end = min(rows.count, start + Self.rowsPerAlign)
      // A step is not torn from its introduction.
      if end < rows.count {
        let cut = (start + 1..<end + 1).last { rows[$0].introduction != nil }
        end = cut ?? end
      }
      writeAlign(rows[start..<end])
      start = end
    }
  }

  private mutating func writeAlign(_ rows: ArraySlice<Equation>) {
    let left = rows.map(\.left.width).max() ?? 0
    let room = max(20, TraceEquations.lineWidth - min(left, 24))
    if let first = rows.first?.introduction { line("\\par\\noindent \(first)") }
    line("\\begin{align*}")
    for (place, row) in zip(rows.indices, rows) {
      if place > rows.startIndex {
        line(" \\\\")
        if let text = row.introduction { line("\\intertext{\(text)}") }
      }
      output.append("  ")
      // A bracket at the beginning of a row would be taken for the space before it.
      output.append("{\(row.left.latex)}")
      var used = 0.0
      for (index, segment) in row.sides.enumerated() {
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
          // What is too wide even alone is set with small fractions.
          output.append(piece.width > room - 2.7 ? "{\\textstyle \(piece.latex)}" : piece.latex)
          used += piece.width
        }
      }
    }
    line("\n\\end{align*}")
  }
}
