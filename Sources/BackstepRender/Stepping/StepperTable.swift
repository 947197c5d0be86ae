// The stepper's table: every node with its value and its adjoint so far.

import BackstepTrace

/// A row for each node, in columns that stay where they are from picture to picture.
struct StepperColumns {
  private let board: StepperBoard
  private let cells: TraceCells
  /// Where each node stands among the rows.
  private let rows: [NodeIndex: Int]
  /// Where values begin, and where adjoints do.
  private var value = 0
  private var adjoint = 0
  /// Whether `∂L/∂w = ` stands before each adjoint.
  private var hasSymbols = true
  private var style: Style { cells.style }

  /// Where names begin, behind the marks.
  private static let indent = 2

  init(_ board: StepperBoard, _ cells: TraceCells) {
    self.board = board
    self.cells = cells
    rows = Dictionary(
      uniqueKeysWithValues: board.nodes.enumerated().map { ($0.element, $0.offset) })
    var text = 4
    var line = cells.line()
    for node in board.nodes {
      line.removeAll()
      addText(node, limit: .max, to: &line)
      text = max(text, line.columns)
    }
    let width = cells.style.width
    value = Self.indent + min(text, max(10, width * 2 / 5)) + 2
    let tensors = board.nodes.filter { !board.header.shape(of: $0).isScalar }
    var widest = 7
    for node in board.nodes where board.header.shape(of: node).isScalar {
      guard let reading = board.value(node, at: board.last) else { continue }
      widest = max(widest, cells.columns(of: reading))
    }
    adjoint = value + min(widest, max(8, width / 4)) + 2
    if !tensors.isEmpty { makeRoom(for: tensors, widest) }
  }

  /// Divides a row among the values and the adjoints of tensors: with as many digits as fit, and
  /// with the adjoints' symbols if they fit.
  private mutating func makeRoom(for tensors: [NodeIndex], _ widest: Int) {
    var symbols = 0
    for node in board.nodes where board.hasAdjoint(node) {
      symbols = max(symbols, DisplayWidth.columns(of: symbol(node)))
    }
    let room = style.width - value - 2
    let formats = InlineValue.digits(style.numbers)
    for (format, symbols) in formats.map({ ($0, symbols) }) + [(formats[formats.count - 1], 0)] {
      var (values, adjoints) = (widest, 8)
      for node in tensors {
        if let reading = board.value(node, at: board.last) {
          values = max(values, columns(of: reading, format))
        }
        if let adjoint = board.adjoint(node, at: board.last) {
          adjoints = max(adjoints, columns(of: adjoint.sum, format))
        }
      }
      hasSymbols = symbols > 0
      let rest = room - symbols - adjoints
      adjoint = value + 2 + (rest >= values ? values : max(8, min(values, (room - symbols) / 2)))
      if rest >= values { return }
    }
  }

  /// How many columns a tensor would like to have; of a large one its first numbers and its shape.
  private func columns(of reading: Reading, _ format: NumberFormat) -> Int {
    InlineValue(reading, limit: Self.tensorColumns, numbers: format)?.text.count
      ?? Self.tensorColumns
  }

  private static let tensorColumns = 40

  private func symbol(_ node: NodeIndex) -> String {
    "∂\(board.name(board.header.root))/∂\(board.name(node)) = "
  }

  /// Adds as many rows as there is room for, around what happens at a position.
  func addTable(_ position: Int, _ room: Int, to sheet: inout Sheet) {
    guard room > 0 else { return }
    let step = board.steps[position]
    var line = cells.line()
    line.pad(to: Self.indent)
    line.add("node", .dim)
    line.pad(to: value)
    line.add("value", .dim)
    line.pad(to: adjoint)
    line.add(hasSymbols ? "adjoint" : "adjoint, ∂\(board.name(board.header.root))/∂node", .dim)
    sheet.addOne(line)
    for row in window(step, room - 1) { sheet.addOne(self.line(board.nodes[row], position)) }
  }

  /// The rows to show: all, or those around what happens.
  private func window(_ step: TraceStep, _ room: Int) -> Range<Int> {
    let count = board.nodes.count
    guard count > room else { return 0..<count }
    let focus = step.kind == .start ? 0 : rows[step.node] ?? 0
    var first = focus - room / 2
    if let operand = step.operand.flatMap({ rows[$0] }), abs(operand - focus) < room {
      first = (operand + focus) / 2 - room / 2
    }
    first = min(max(first, 0), count - max(room, 0))
    return first..<first + max(room, 0)
  }

  private func line(_ node: NodeIndex, _ position: Int) -> FragmentLine {
    let step = board.steps[position]
    let isHere = step.kind != .start && step.kind != .end && step.node == node
    var line = cells.line()
    line.hang = 0
    if isHere {
      line.add(style.ascii ? ">" : "▸", .heading)
    } else if isPartner(node, step) {
      line.add(style.ascii ? "*" : "•", .heading)
    }
    line.pad(to: Self.indent)
    addText(node, limit: value - Self.indent - 2, bold: isHere, to: &line)
    line.pad(to: value)
    if let reading = board.value(node, at: position) {
      addShort(reading, .value, room: adjoint - value - 2, to: &line)
    } else {
      line.add("not yet", .dim)
    }
    line.pad(to: adjoint)
    addAdjoint(node, position, to: &line)
    return line
  }

  /// Whether a node takes part in a step beside the one it is about.
  private func isPartner(_ node: NodeIndex, _ step: TraceStep) -> Bool {
    switch step.kind {
    case .contribution: step.operand == node
    case .forward:
      (0..<board.header.operandCount(of: step.node)).contains {
        board.header.operand($0, of: step.node) == node
      }
    case .start, .seed, .sum, .end: false
    }
  }

  /// Adds `v1 = w1*x1`, or an input's name.
  private func addText(
    _ node: NodeIndex, limit: Int, bold: Bool = false, to line: inout FragmentLine
  ) {
    let header = board.header
    line.write(bold ? .heading : .name, limit: limit) { text in
      header.writeName(of: node, to: &text)
      switch header.kind(of: node) {
      case .operation:
        text.append(" = ")
        header.write(header.text(of: node), of: node, to: &text)
      case .data: text.append(" (const)")
      case .input, .constant: break
      }
    }
  }

  private func addAdjoint(_ node: NodeIndex, _ position: Int, to line: inout FragmentLine) {
    guard board.hasAdjoint(node) else { return }
    let symbol = symbol(node)
    if hasSymbols, DisplayWidth.columns(of: symbol) + 8 <= style.width - line.columns {
      line.add(symbol, .adjoint)
    }
    guard let adjoint = board.adjoint(node, at: position) else {
      line.add("not yet", .dim)
      return
    }
    let uses = board.uses(of: node)
    let isPart = uses > 1 && !adjoint.isComplete
    let note = isPart ? "  \(adjoint.contributions) of \(uses)" : ""
    let room = style.width - line.columns - note.utf8.count
    addShort(adjoint.sum, .adjoint, room: max(8, room), to: &line)
    line.add(note, .dim)
  }

  /// A value that takes no more than some columns: a number, or as much of a tensor as fits.
  private func addShort(_ reading: Reading, _ role: Role, room: Int, to line: inout FragmentLine) {
    guard case .tensor = reading else { return cells.add(reading, role, to: &line) }
    line.add(InlineValue.shortened(reading, room: room, numbers: style.numbers), role)
  }
}
