// What stands on the nodes and edges of a drawing, as Graphviz's labels like HTML.

import BackstepTrace

/// Words and tables for the nodes and edges of one graph.
struct DotLabels {
  private let trace: TraceDigest
  private let style: Style
  /// The name of the output.
  private let root: String

  /// Fonts that look alike, the first that is there: with these every system draws the same boxes.
  static let font = "fontname=\"Helvetica,Arial,sans-serif\""
  /// Blue and orange of the same darkness: told apart with every common kind of colour blindness,
  /// with a contrast of more than 5 to 1 on white.
  private static let partial = "#00578A"
  private static let adjoint = "#A33C00"
  private static let dim = "#555555"

  /// The longest formula on a node and on an edge.
  private static let nodeLimit = 40
  private static let edgeLimit = 36
  /// The longest tensor on a node and on an edge.
  private static let valueLimit = 44
  private static let edgeValueLimit = 24
  /// The largest matrix that is written out.
  private static let matrixRows = 6
  private static let matrixColumns = 6

  /// The arrow of the backward pass: against the edges.
  private let back: String

  init(_ trace: TraceDigest, _ style: Style, goesDown: Bool) {
    back = goesDown ? "↑" : "←"
    self.trace = trace
    self.style = style
    root = Escape.line(trace.rootName, limit: 24)
  }

  // MARK: Nodes

  /// The label of a node: its name and formula, its value, its adjoint.
  func label(_ node: NodeIndex) -> String {
    let kind = trace.header.kind(of: node)
    let name = Escape.line(trace.name(node), limit: Self.nodeLimit)
    guard kind != .constant else { return colored(Escape.xml(name), Self.dim) }
    // The blank before '=' belongs to the name: a run of text in an SVG begins without one.
    var title = "<B>\(Escape.xml(name + Self.blank))</B>="
    if kind == .operation {
      let formula = Escape.line(trace.formula(node), limit: Self.nodeLimit)
      title += Escape.xml(" \(formula)")
    }
    var rows = ""
    if let value = trace.values[node] {
      if kind == .operation {
        rows = Self.wide(title) + row("=", value)
      } else if matrix(value, nil) != nil {
        rows = row(title, value)
      } else {
        rows = Self.wide("\(title) \(Escape.xml(text(value)))")
      }
    }
    if let adjoint = trace.adjoints[node] {
      rows += row(Escape.xml("∂\(root)/∂\(name) ="), adjoint, color: Self.adjoint)
      if let sum = sum(node) {
        rows += Self.wide(colored(Escape.xml(sum), Self.adjoint, size: 10))
      }
    }
    return
      "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"1\">\(rows)</TABLE>"
  }

  /// A blank that stays where it is.
  private static let blank = "\u{A0}"

  /// A row that is one cell.
  private static func wide(_ text: String) -> String {
    "<TR><TD COLSPAN=\"2\">\(text)</TD></TR>"
  }

  /// A value behind what it is the value of, which is escaped already.
  private func row(_ sign: String, _ reading: Reading, color: String? = nil) -> String {
    guard let matrix = matrix(reading, color) else {
      return Self.wide(colored("\(sign) \(Escape.xml(text(reading)))", color))
    }
    let left = colored(sign, color)
    return "<TR><TD ALIGN=\"RIGHT\">\(left)</TD><TD ALIGN=\"LEFT\">\(matrix)</TD></TR>"
  }

  /// How an adjoint is a sum: `0.2 (v1) + 0.3 (v4)`; nil where it is none, or not one of numbers.
  private func sum(_ node: NodeIndex) -> String? {
    let terms = trace.terms[node]
    guard terms.count > 1, terms.count <= 6 else {
      return terms.count > 1 ? "the sum of \(terms.count) contributions" : nil
    }
    var sum = "="
    for (index, term) in terms.enumerated() {
      guard case .scalar(let number) = term.contribution else {
        return "the sum of \(terms.count) contributions"
      }
      let isNegative = number.sign == .minus && !number.isNaN
      sum += index == 0 ? " " : isNegative ? " − " : " + "
      sum += text(.scalar(index > 0 && isNegative ? number.magnitude : number))
      sum += " (\(Escape.line(trace.name(term.user), limit: 12)))"
    }
    return sum
  }

  /// A matrix as a table between two lines; nil for what is written in a line.
  private func matrix(_ reading: Reading, _ color: String?) -> String? {
    guard case .tensor(let shape, let elements) = reading, shape.rank == 2,
      shape.rows > 0, shape.columns > 0,
      shape.rows <= Self.matrixRows, shape.columns <= Self.matrixColumns
    else { return nil }
    var rows = ""
    for row in 0..<shape.rows {
      rows += "<TR>"
      for column in 0..<shape.columns {
        let number = text(.scalar(elements[row * shape.columns + column]))
        rows += "<TD ALIGN=\"RIGHT\">\(colored(number, color))</TD>"
      }
      rows += "</TR>"
    }
    return "<TABLE BORDER=\"1\" SIDES=\"LR\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\""
      + " COLOR=\"\(color ?? Self.dim)\">\(rows)</TABLE>"
  }

  // MARK: Edges

  /// The label of an edge: the local derivative, and below it what is sent back.
  func label(_ sent: Contribution) -> String {
    let formula = Escape.line(trace.partialFormula(sent.node, sent.slot), limit: Self.edgeLimit)
    var local = formula
    if !trace.header.formulaIsContribution(of: sent.node, slot: sent.slot),
      let reading = sent.local?.collapsed
    {
      let number = text(reading, limit: Self.edgeValueLimit)
      if local.isEmpty { local = number } else if number != formula { local += " = \(number)" }
    }
    let back = "\(back) \(text(sent.contribution, limit: Self.edgeValueLimit))"
    return "\(colored(Escape.xml(local), Self.partial))<BR/>"
      + colored(Escape.xml(back), Self.adjoint)
  }

  // MARK: Words behind the pointer

  /// A node in one line, not abbreviated but for large tensors.
  func tooltip(_ node: NodeIndex) -> String {
    let name = trace.name(node)
    var text = Escape.line(name, limit: 200)
    if trace.header.kind(of: node) == .operation {
      text += " = " + Escape.line(trace.formula(node), limit: 400)
    }
    if trace.header.kind(of: node) != .constant, let value = trace.values[node] {
      text += " = " + self.text(value, limit: 400)
    }
    if let adjoint = trace.adjoints[node] {
      text += ", ∂\(root)/∂\(name) = " + self.text(adjoint, limit: 400)
    }
    return text
  }

  /// A step of the chain rule in one line.
  func tooltip(_ sent: Contribution) -> String {
    let node = trace.name(sent.node)
    let operand = trace.name(sent.operand)
    let formula = Escape.line(trace.partialFormula(sent.node, sent.slot), limit: 400)
    if trace.header.formulaIsContribution(of: sent.node, slot: sent.slot) {
      return "∂\(root)/∂\(operand): \(formula) = \(text(sent.contribution, limit: 400))"
    }
    var local = "∂\(node)/∂\(operand) = \(formula)"
    if let reading = sent.local?.collapsed, text(reading) != formula {
      local += " = \(text(reading, limit: 400))"
    }
    return "\(local); sends ∂\(root)/∂\(node) · ∂\(node)/∂\(operand) = "
      + text(sent.contribution, limit: 400)
  }

  // MARK: Words for all

  /// What the shapes and colours mean.
  func legend(isCut: Bool) -> String {
    let gap = String(repeating: Self.blank, count: 4)
    var shapes = [
      "ellipse: input", "sheet: data", "box: operation", "double box: output",
      "thick border: used more than once",
    ]
    if isCut { shapes.append("dashed: stands elsewhere") }
    let local = colored("blue: local derivative\(gap)", Self.partial)
    let sent = colored(
      "\(back) orange: what is sent back, and the adjoint that it adds up to", Self.adjoint)
    let end = "<BR ALIGN=\"LEFT\"/>"
    return " \(end)\(colored(shapes.joined(separator: gap), Self.dim))\(end)\(local)\(sent)\(end)"
  }

  private func text(_ reading: Reading, limit: Int = Self.valueLimit) -> String {
    InlineValue(reading, limit: limit, numbers: style.numbers)?.text.string
      ?? InlineValue.shape(reading.shape).string
  }

  private func colored(_ text: String, _ color: String?, size: Int? = nil) -> String {
    guard color != nil || size != nil, !text.isEmpty else { return text }
    let size = size.map { " POINT-SIZE=\"\($0)\"" } ?? ""
    return "<FONT\(size)\(color.map { " COLOR=\"\($0)\"" } ?? "")>\(text)</FONT>"
  }
}
