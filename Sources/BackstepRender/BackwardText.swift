// The backward pass as text: each node with its adjoint, and what it sends to its operands.

import BackstepTrace

/// Prints the backward pass.
final class BackwardText: TraceSection {
  private let cells: TraceCells
  private let writer: LineWriter
  // Not checked at every access: no method is called again while it changes one of these.
  @exclusivity(unchecked) private var columns = BackwardColumns()
  @exclusivity(unchecked) private var steps: Int
  @exclusivity(unchecked) private var sum: FanOutText
  @exclusivity(unchecked) private var left: FragmentLine
  @exclusivity(unchecked) private var right: FragmentLine

  init(_ cells: TraceCells, _ writer: LineWriter) {
    self.cells = cells
    self.writer = writer
    // The steps of the forward pass have their numbers even if it was not shown.
    steps = cells.operations
    sum = FanOutText(cells, writer)
    left = writer.line()
    right = writer.line()
  }

  func open(_ events: [TraceEvent]) { writer.writeHeading("Backward") }

  func layOut(_ events: [TraceEvent]) {
    var measure = BackwardMeasure(cells)
    for event in events {
      switch event {
      case .backward(let node, let adjoint, _):
        cells.adjoint = adjoint
        buildStep(node)
        measure.lefts.append(left.columns)
      case .contribution(let contribution):
        buildLocal(contribution)
        right.removeAll()
        let widths = cells.addChain(contribution, BackwardColumns(), to: &right)
        measure.add(left.columns, widths)
      default: break
      }
    }
    columns = measure.columns(width: writer.style.width, indent: cells.indent)
  }

  func receive(_ event: TraceEvent) {
    switch event {
    case .seed(let node, let adjoint): writeSeed(node, adjoint)
    case .fanOut(let node, let terms, let adjoint): sum.begin(node, terms, adjoint)
    case .term(_, let user, _, let contribution): sum.add(user, contribution)
    case .backward(let node, let adjoint, _):
      close()
      steps += 1
      cells.adjoint = adjoint
      buildStep(node)
      buildAdjoint(node, adjoint)
      writePair(stacks: false)
      if !cells.isInline(adjoint) { writer.writeTable(adjoint, indent: cells.indent + 2) }
    case .contribution(let contribution):
      close()
      buildLocal(contribution)
      buildChain(contribution)
      cells.noteReceipt(contribution.operand)
      writePair(stacks: !columns.isWide)
      writeNumbers(of: contribution)
    default: break
    }
  }

  func close() { sum.finish() }

  /// The numbers of what was sent, where no later step shows them: to an input, or as one of several
  /// contributions.
  private func writeNumbers(of contribution: Contribution) {
    guard !cells.isInline(contribution.contribution) else { return }
    let operand = contribution.operand
    guard !cells.isOperation(operand) || cells.isShared(operand) else { return }
    writer.writeTable(contribution.contribution, indent: cells.indent + 6)
  }

  // MARK: Lines

  private func writeSeed(_ node: NodeIndex, _ adjoint: Reading) {
    left.removeAll()
    left.pad(to: cells.indent)
    left.add("seed ", .dim)
    cells.addAdjoint(node, to: &left)
    left.add(" = ", .sign)
    cells.add(adjoint, .adjoint, to: &left)
    writer.write(left)
    if !cells.isInline(adjoint) { writer.writeTable(adjoint, indent: cells.indent + 2) }
  }

  /// Builds ` 8  a = sigmoid(z)`.
  private func buildStep(_ node: NodeIndex) {
    left.removeAll()
    if !left.compose({ addStep(node, to: &$0) }) { addStep(node, to: &left) }
  }

  private func addStep(_ node: NodeIndex, to line: inout some LinePieces) {
    line.pad(to: cells.stepWidth - ByteBuffer.digitCount(UInt64(max(1, steps))))
    line.add(steps, .step)
    line.pad(to: cells.indent)
    cells.addName(node, .name, to: &line)
    guard cells.isOperation(node) else { return }
    line.addEquals()
    line.hang = line.columns - 2
    cells.addFormula(node, to: &line)
  }

  /// Builds `∂L/∂a = -2`.
  private func buildAdjoint(_ node: NodeIndex, _ adjoint: Reading) {
    right.removeAll()
    if !right.compose({ addAdjoint(node, adjoint, to: &$0) }) {
      addAdjoint(node, adjoint, to: &right)
    }
  }

  private func addAdjoint(_ node: NodeIndex, _ adjoint: Reading, to line: inout some LinePieces) {
    cells.addAdjoint(node, to: &line)
    if columns.isWide { line.pad(to: columns.target + (cells.hasFanOut ? 1 : 0)) }
    line.addEquals()
    cells.add(adjoint, .adjoint, to: &line)
  }

  /// Builds `∂a/∂z = a*(1 - a) = 0.25`; nothing where the rule gives the whole contribution.
  private func buildLocal(_ contribution: Contribution) {
    left.removeAll()
    if !left.compose({ addLocal(contribution, to: &$0) }) { addLocal(contribution, to: &left) }
  }

  private func addLocal(_ contribution: Contribution, to line: inout some LinePieces) {
    line.pad(to: cells.indent + 2)
    line.hang = line.columns + 2
    let node = contribution.node
    let slot = contribution.slot
    guard !cells.isContribution(node, slot) else { return }
    cells.addLocal(node, slot, contribution.operand, contribution.local, to: &line)
  }

  /// Builds `∂L/∂x += ∂L/∂v1 · ∂v1/∂x = 1 × 3 = 3  so far 6`.
  private func buildChain(_ contribution: Contribution) {
    right.removeAll()
    if !right.compose({ cells.addChain(contribution, columns, to: &$0) }) {
      cells.addChain(contribution, columns, to: &right)
    }
  }

  /// Writes left and right part on one line where there is room for both, else on two.
  private func writePair(stacks: Bool) {
    let column = stacks ? cells.indent + BackwardColumns.chainIndent : columns.right
    let isFree = left.columns + 2 <= column || left.columns == cells.indent + 2
    if !isFree || column + right.columns > writer.style.width {
      if left.columns > cells.indent + 2 { writer.write(emptying: &left) } else { left.removeAll() }
      left.pad(to: max(cells.indent + 2, min(column, writer.style.width - right.columns)))
    } else {
      left.pad(to: column)
    }
    left.hang = left.columns + columns.target + 1
    writer.write(emptying: &left, &right)
  }
}

/// Prints how an adjoint is the sum of what several nodes have sent, term by term.
struct FanOutText {
  private let cells: TraceCells
  private let writer: LineWriter
  private var row: FragmentLine
  private var node: NodeIndex = 0
  private var adjoint = Reading.scalar(.nan)
  private var count = 0
  private var seen = 0
  /// The terms that are shown.
  private var terms: [(user: NodeIndex, contribution: Reading)] = []

  /// How many terms are shown from the beginning and from the end of a long sum.
  private static let shown = (first: 24, last: 8)

  init(_ cells: TraceCells, _ writer: LineWriter) {
    self.cells = cells
    self.writer = writer
    row = writer.line()
  }

  /// Begins a sum: `∂L/∂x1 =`.
  mutating func begin(_ node: NodeIndex, _ terms: Int, _ adjoint: Reading) {
    finish()
    self.node = node
    self.adjoint = adjoint
    count = terms
  }

  /// Adds a term: ` + 0.3 (from v4)`.
  mutating func add(_ user: NodeIndex, _ contribution: Reading) {
    seen += 1
    let isShort = count <= Self.shown.first + Self.shown.last
    if isShort || seen <= Self.shown.first || seen > count - Self.shown.last {
      terms.append((user, contribution))
    }
    if seen == count { finish() }
  }

  /// Writes the sum with its result, ` = 0.4`, if one was begun.
  mutating func finish() {
    guard !terms.isEmpty else { return }
    row.pad(to: cells.indent)
    cells.addAdjoint(node, to: &row)
    row.add(" ", .sign)
    row.hang = row.columns
    row.allowBreak()
    row.add("=", .sign)
    let (limit, isStacked) = layout()
    let cells = cells
    for (place, term) in terms.enumerated() {
      if place == Self.shown.first, seen > terms.count { addOmission(isStacked) }
      let number = readable(term.contribution)
      if place > 0, isStacked { breakRow() }
      let (isFirst, beginsRow) = (place == 0, place > 0 && isStacked)
      let isDone = row.compose {
        cells.addTerm(
          term.user, number, isFirst: isFirst, beginsRow: beginsRow, limit: limit, to: &$0)
      }
      if !isDone {
        cells.addTerm(
          term.user, number, isFirst: isFirst, beginsRow: beginsRow, limit: limit, to: &row)
      }
    }
    if isStacked {
      breakRow()
      row.add("= ", .sign)
    } else {
      row.addEquals()
    }
    cells.add(adjoint, .adjoint, limit: limit, to: &row)
    writer.write(emptying: &row)
    terms.removeAll(keepingCapacity: true)
    seen = 0
  }

  /// How long a tensor may be within the line, and whether each term has a line to itself: tensors that
  /// are too long to stand among other things do, where that is enough to show all of them.
  private func layout() -> (limit: Int, isStacked: Bool) {
    func fits(_ limit: Int) -> Bool {
      cells.isInline(adjoint, limit: limit)
        && terms.allSatisfy { cells.isInline($0.contribution, limit: limit) }
    }
    let usual = InlineValue.columns
    guard !adjoint.shape.isScalar, !fits(usual) else { return (usual, false) }
    let names = terms.map { term in
      var name = writer.line()
      cells.addName(term.user, .dim, to: &name)
      return name.columns
    }
    let room = writer.style.width - row.hang - 2 - " (from )".count - (names.max() ?? 0)
    return fits(room) ? (room, true) : (usual, false)
  }

  private mutating func breakRow() {
    writer.write(row)
    let hang = row.hang
    row.removeAll()
    row.pad(to: hang)
    row.hang = hang
  }

  /// A term as it is shown: nothing is added by a negative zero, unless there is nothing else.
  private func readable(_ contribution: Reading) -> Reading {
    guard case .scalar(let number) = contribution, number == 0,
      case .scalar(let sum) = adjoint, sum != 0 || sum.sign == .plus
    else { return contribution }
    return .scalar(0)
  }

  private mutating func addOmission(_ isStacked: Bool) {
    if isStacked { breakRow() } else { row.add(" ", .sign) }
    row.allowBreak()
    row.add("+ … \(count - terms.count) more terms …", .dim)
  }
}
