// A worksheet as a plain page: to be printed, or filled in on paper beside the screen.

import BackstepLanguage
import BackstepTrace

/// The passes as lists of equations in HTML, with room for what is left blank.
struct WorksheetPage {
  private let derivation: WorkedTrace
  private let title: String
  private let format: NumberFormat
  private var header: any TraceHeader { derivation.trace.header }
  private var trace: TraceDigest { derivation.trace }
  private var output = ByteBuffer()

  /// How many entries of a vector or matrix are written out along an axis.
  private static let mostEntries = 8

  init(_ derivation: WorkedTrace, title: String, format: NumberFormat) {
    self.derivation = derivation
    self.title = title
    self.format = format
  }

  /// The whole file.
  consuming func text() -> ByteBuffer {
    var page = self
    page.writeHead()
    page.writeForward()
    page.writeBackward()
    page.writeGradient()
    page.line("</main>\n</body>\n</html>")
    return page.output
  }

  private mutating func line(_ text: String) {
    output.append(text)
    output.append("\n")
  }

  private mutating func writeHead() {
    let root = Self.escaped(trace.rootName)
    line(
      """
      <!DOCTYPE html>
      <!-- \(Documents.mark) -->
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Self.escaped(title)) of \(root)</title>
      <style>
      body { font: 12pt/1.7 Georgia, "Times New Roman", serif; color: #000; background: #fff;
        max-width: 48em; margin: 2em auto; padding: 0 1em; }
      h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin: 1.6em 0 0.4em; }
      p.person { display: flex; gap: 2em; } p.person span { flex: 1; border-bottom: 1px solid #000; }
      ol, ul { list-style: none; margin: 0; padding: 0; }
      li { margin: 0.45em 0; break-inside: avoid; overflow-wrap: anywhere; }
      li ul { margin-left: 2.5em; }
      ul.inputs li { display: inline-block; margin-right: 2.2em; }
      .number { display: inline-block; min-width: 2.2em; font-weight: bold; }
      .blank { display: inline-block; min-width: 6em; height: 1.1em; border-bottom: 1px solid #000;
        vertical-align: baseline; }
      table.matrix { display: inline-table; vertical-align: middle; border-collapse: separate;
        border-spacing: 0; margin: 0 0.2em; padding: 0 0.2em; border: solid #000;
        border-width: 0 1.5px; border-radius: 0.8em / 50%; }
      table.matrix td { padding: 0 0.4em; text-align: right; }
      table.matrix .blank { min-width: 4em; height: 1.6em; }
      @media print { body { margin: 0; max-width: none; } }
      </style>
      </head>
      <body>
      <main>
      <h1>\(Self.escaped(title)) of \(root)</h1>
      """)
    if derivation.hasBlanks {
      line("<p class=\"person\">Name:<span></span> Date:<span></span></p>")
    }
    if header.rootText != trace.rootName {
      let expression = Escape.line(Escape.statement(header.rootText), limit: 200)
      line("<p>\(root) = \(Self.formula(expression))</p>")
    }
  }

  // MARK: Forward

  private mutating func writeForward() {
    if !derivation.inputs.isEmpty {
      line("<h2>Inputs</h2>\n<ul class=\"inputs\">")
      for node in derivation.inputs.untilInterrupted {
        let data = header.kind(of: node) == .data ? " (data)" : ""
        line("<li>\(name(node)) = \(number(derivation.value(of: node)))\(data)</li>")
      }
      line("</ul>")
    }
    guard !derivation.operations.isEmpty else { return }
    line("<h2>Forward pass</h2>\n<ol>")
    for (index, node) in derivation.operations.enumerated().untilInterrupted {
      let isShown = derivation.showsValue(of: node)
      line(
        "<li><span class=\"number\">\(index + 1).</span>\(name(node)) = "
          + "\(Self.formula(trace.formula(node))) = "
          + "\(isShown ? number(derivation.value(of: node)) : blank(node))</li>")
    }
    line("</ol>")
  }

  // MARK: Backward

  private mutating func writeBackward() {
    line("<h2>Backward pass</h2>")
    line("<p>Begin with \(adjoint(header.root)) = \(number(derivation.seed)).</p>\n<ol>")
    for part in derivation.parts.untilInterrupted {
      switch part {
      case .sum(let node, let result):
        let isShown = derivation.isShown(result)
        var terms: [String] = []
        for place in TeX.places(trace.terms[node].count, most: 40) {
          guard let place else {
            terms.append("…")
            continue
          }
          let term = trace.terms[node][place]
          let value = isShown ? factor(term.contribution) : blank(node)
          terms.append("\(value) (from \(name(term.user)))")
        }
        let total = isShown ? number(derivation.adjoint(of: node)) : blank(node)
        line("<li>Added up: \(adjoint(node)) = \(terms.joined(separator: " + ")) = \(total)</li>")
      case .step(let node, let number, let products):
        line(
          "<li><span class=\"number\">\(number).</span>\(name(node)) = "
            + "\(Self.formula(trace.formula(node)))\n<ul>")
        for product in products.untilInterrupted { write(product) }
        line("</ul></li>")
      }
    }
    line("</ol>")
  }

  /// One product of the chain rule.
  private mutating func write(_ product: WorkedTrace.Product) {
    let contribution = product.contribution
    let (node, slot, operand) = (contribution.node, contribution.slot, contribution.operand)
    let isShown = derivation.isShown(product.result)
    let rule = Self.formula(trace.partialFormula(node, slot))
    let isSum = derivation.isSum(operand)
    var text = "\(adjoint(operand))\(isSum ? " through \(name(node))" : "") = "
    if header.formulaIsContribution(of: node, slot: slot) {
      text += rule
    } else {
      text +=
        "\(adjoint(node)) · ∂\(name(node))/∂\(name(operand)) = \(adjoint(node)) · \(Self.grouped(rule))"
      if isShown, !derivation.isStretched(contribution), let local = contribution.local?.collapsed,
        derivation.showsAdjoint(of: node)
      {
        text += " = \(factor(derivation.adjoint(of: node))) × \(factor(local))"
      }
    }
    line("<li>\(text) = \(isShown ? number(contribution.contribution) : blank(operand))</li>")
  }

  private mutating func writeGradient() {
    guard !trace.gradients.isEmpty else { return }
    line("<h2>Gradient</h2>\n<ul>")
    for gradient in trace.gradients {
      let entry = gradient.entry.map { header.shape(of: gradient.node).index(of: $0) } ?? ""
      let isShown = derivation.showsAdjoint(of: gradient.node)
      line(
        "<li>\(adjoint(gradient.node))\(entry) = "
          + "\(isShown ? number(gradient.value) : blank(gradient.node, gradient.entry))</li>")
    }
    line("</ul>")
  }

  // MARK: Parts

  private static let line =
    "<span class=\"blank\" role=\"img\" aria-label=\"to be filled in\"></span>"

  /// Room to write a node's value or derivative: a line for each entry where they are few.
  private func blank(_ node: NodeIndex, _ entry: Int? = nil) -> String {
    let shape = header.shape(of: node)
    guard !shape.isScalar, entry == nil else { return Self.line }
    guard (1...6).contains(shape.rows), (1...4).contains(shape.columns) else {
      return "\(Self.line) (\(shape.sizes.map { "\($0)" }.joined(separator: " × ")))"
    }
    let row = "<tr>\(String(repeating: "<td>\(Self.line)</td>", count: shape.columns))</tr>"
    return "<table class=\"matrix\">\(String(repeating: row, count: shape.rows))</table>"
  }

  /// A formula as text of the page, with the signs of printed mathematics.
  private static func formula(_ text: String) -> String {
    escaped(text.replacing("-", with: "−").replacing("*", with: "·"))
  }

  private func name(_ node: NodeIndex) -> String { "<i>\(Self.escaped(trace.name(node)))</i>" }

  private func adjoint(_ node: NodeIndex) -> String {
    "∂<i>\(Self.escaped(trace.rootName))</i>/∂\(name(node))"
  }

  /// A formula within a product: in parentheses, but where it is a single word.
  private static func grouped(_ formula: String) -> String {
    formula.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      || isSingleCall(formula)
      ? formula : "(\(formula))"
  }

  /// Whether a formula is a function's name and one pair of parentheses, `cos(x)`.
  private static func isSingleCall(_ formula: String) -> Bool {
    guard formula.last == ")", formula.first?.isLetter == true else { return false }
    let inside = formula.dropLast().drop { $0.isLetter || $0.isNumber || $0 == "_" }
    return inside.first == "(" && !inside.dropFirst().contains { $0 == "(" || $0 == ")" }
  }

  /// A number within a product, a negative one in parentheses.
  private func factor(_ reading: Reading) -> String {
    let text = number(reading)
    return text.hasPrefix("−") ? "(\(text))" : text
  }

  /// A number, or a table of numbers; of large ones the corners.
  private func number(_ reading: Reading) -> String {
    func text(_ number: Double) -> String {
      var digits = ByteBuffer()
      format.append(number, to: &digits)
      return digits.string.replacing("-", with: "−")
    }
    let shape = reading.shape
    let numbers = reading.elements
    if shape.isScalar { return numbers.first.map(text) ?? "" }
    let columns = shape.rank == 2 ? shape.columns : 1
    let rows = TeX.places(shape.rows, most: Self.mostEntries).map { row in
      let cells = TeX.places(columns, most: Self.mostEntries).map { column in
        guard let row, let column else { return "<td>…</td>" }
        return "<td>\(text(numbers[row * columns + column]))</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    return "<table class=\"matrix\">\(rows.joined())</table>"
  }

  /// Any text as text of a page, visible and without a sign that means something there.
  static func escaped(_ text: String) -> String { Escape.xml(PlainLine.text(text)) }
}
