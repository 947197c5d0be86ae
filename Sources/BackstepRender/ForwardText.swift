// The forward pass as text: each operation with its value, and its local derivatives beside it.

import BackstepTrace

/// Prints the forward pass.
final class ForwardText: TraceSection {
  private let cells: TraceCells
  private let writer: LineWriter
  // Not checked at every access: no method is called again while it changes one of these.
  @exclusivity(unchecked) private var columns = ForwardColumns()
  @exclusivity(unchecked) private var steps = 0
  /// How many of the inputs to come are on the page already, above the steps.
  @exclusivity(unchecked) private var earlyInputs = 0
  /// The line that is being put together.
  @exclusivity(unchecked) private var row: FragmentLine
  @exclusivity(unchecked) private var scratch: FragmentLine
  /// Whether that line has local derivatives below their step.
  @exclusivity(unchecked) private var isBelow = false

  init(_ cells: TraceCells, _ writer: LineWriter) {
    self.cells = cells
    self.writer = writer
    row = writer.line()
    scratch = writer.line()
  }

  func layOut(_ events: [TraceEvent]) { columns = chooseColumns(events) }

  func open(_ events: [TraceEvent]) {
    if InputsText(cells, writer).write(events) { writer.writeBlank() }
    earlyInputs = events.count(where: \.isInput)
    scratch.removeAll()
    scratch.add("Forward", .heading)
    if columns.isWide {
      scratch.pad(to: columns.partial)
      scratch.add("local derivatives", .dim)
    }
    writer.write(scratch)
  }

  func receive(_ event: TraceEvent) {
    switch event {
    case .forward(let node, let value, _):
      close()
      steps += 1
      buildStep(node, value)
      if !cells.isInline(value) {
        close()
        writer.writeTable(value, indent: cells.indent + 2)
      }
    case .partial(let node, let slot, let operand, let value):
      buildPartial(node, slot, operand, value)
      columns.isWide ? placeBeside() : placeBelow()
      if let value { writeNumbers(of: value, node, slot) }
    case .input(let node, let value): writeInput(node, value)
    default: break
    }
  }

  /// The numbers of a local derivative that is too long for its line.
  private func writeNumbers(of local: Reading, _ node: NodeIndex, _ slot: Int) {
    guard !cells.isInline(local.collapsed), !cells.isContribution(node, slot) else { return }
    close()
    writer.writeTable(local, indent: cells.indent + 4)
  }

  func close() {
    if row.isEmpty { row.removeAll() } else { writer.write(emptying: &row) }
    isBelow = false
  }

  /// In a long trace, an input that was not known at the beginning stands before its first use.
  private func writeInput(_ node: NodeIndex, _ value: Reading) {
    guard earlyInputs == 0 else {
      earlyInputs -= 1
      return
    }
    close()
    row.pad(to: cells.indent)
    row.add(cells.inputEntry(node, value))
    close()
    if !cells.isInline(value, limit: cells.inlineLimit(value)) {
      writer.writeTable(value, indent: cells.indent + 2)
    }
  }

  private func chooseColumns(_ events: [TraceEvent]) -> ForwardColumns {
    var measure = ForwardMeasure()
    for event in events {
      switch event {
      case .forward(let node, let value, _): measure.addStep(node, value, cells)
      case .partial(let node, let slot, let operand, let value):
        buildPartial(node, slot, operand, value)
        measure.partials.append(scratch.columns)
      default: break
      }
    }
    return measure.columns(width: writer.style.width, indent: cells.indent)
  }

  // MARK: Lines

  /// Builds ` 1  v1 = w1*x1 = 0.5*1 = 0.5`.
  private func buildStep(_ node: NodeIndex, _ value: Reading) {
    row.removeAll()
    if !row.compose({ addStep(node, value, to: &$0) }) { addStep(node, value, to: &row) }
  }

  private func addStep(_ node: NodeIndex, _ value: Reading, to line: inout some LinePieces) {
    line.pad(to: cells.stepWidth - ByteBuffer.digitCount(UInt64(steps)))
    line.add(steps, .step)
    line.pad(to: cells.indent)
    cells.addName(node, .name, to: &line)
    line.pad(to: cells.indent + columns.name)
    line.addEquals()
    line.hang = line.columns - 2
    cells.addFormula(node, to: &line)
    if cells.hasNumbers(node) {
      line.pad(to: columns.numbers)
      line.addEquals()
      cells.addNumbers(node, to: &line)
    }
    line.pad(to: columns.value)
    line.addEquals()
    cells.add(value, .value, to: &line)
  }

  /// Builds `∂v1/∂w1 = x1 = 1`, or for a rule `W gets ∂L/∂z @ x'`.
  private func buildPartial(
    _ node: NodeIndex, _ slot: Int, _ operand: NodeIndex, _ value: Reading?
  ) {
    scratch.removeAll()
    if cells.isContribution(node, slot) {
      cells.addName(operand, .name, to: &scratch)
      scratch.add(" gets ", .sign)
      cells.addPartialFormula(node, slot, .adjoint, to: &scratch)
    } else if !scratch.compose({ cells.addLocal(node, slot, operand, value, to: &$0) }) {
      cells.addLocal(node, slot, operand, value, to: &scratch)
    }
  }

  /// In the column for local derivatives, on the step's own line if that is free.
  private func placeBeside() {
    let width = writer.style.width
    let fits = columns.partial + scratch.columns <= width
    if !fits || row.columns + 2 > columns.partial { close() }
    let furthest = max(cells.indent + 2, width - scratch.columns)
    row.pad(to: fits ? columns.partial : min(columns.outlier, furthest))
    addPartial()
    close()
  }

  /// On a line of its own below the step, or beside another one there.
  private func placeBelow() {
    let second = cells.indent + 2 + columns.tab
    if isBelow, row.columns + 2 <= second, second + scratch.columns <= writer.style.width {
      row.pad(to: second)
    } else {
      close()
      row.pad(to: cells.indent + 2)
    }
    addPartial()
    isBelow = true
  }

  private func addPartial() {
    row.hang = row.columns + 2
    row.add(emptying: &scratch)
  }
}
