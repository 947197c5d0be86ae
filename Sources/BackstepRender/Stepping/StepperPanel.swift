// The one calculation that happens now: in symbols, in numbers, and in words.

import BackstepTrace

extension StepperPage {
  /// Where text begins behind the names of its rows.
  private var tab: Int { style.width >= 60 ? 21 : 2 }

  /// Adds the rows for a position: what happens, the formula, the numbers, and a sentence.
  func addPanel(_ position: Int, _ room: Int, to sheet: inout Sheet) {
    let step = board.steps[position]
    switch step.kind {
    case .start: addStart(to: &sheet)
    case .forward: addForward(step, position, room, to: &sheet)
    case .seed: addSeed(step, to: &sheet)
    case .contribution: addContribution(position, room, to: &sheet)
    case .sum: addSum(step, position, room, to: &sheet)
    case .end: addEnd(position, room, to: &sheet)
    }
    for case .warning(let warning) in board.events(at: position) {
      sheet.add(cells.line(for: warning))
    }
  }

  // MARK: Rows

  /// Begins a row with its name: `  chain rule        `.
  private func row(_ name: String) -> FragmentLine {
    var line = cells.line()
    line.pad(to: 2)
    if tab > 2 { line.add(name, .dim) }
    line.pad(to: tab)
    line.hang = tab + 4
    return line
  }

  private func addTitle(_ text: String, to sheet: inout Sheet) {
    var line = cells.line()
    line.addSentence(text, indent: 0, .heading)
    sheet.addOne(line)
  }

  private func addSentence(_ text: String, to sheet: inout Sheet) { sheet.add(text, indent: 2) }

  // MARK: What happens

  private func addStart(to sheet: inout Sheet) {
    addTitle("Nothing is computed yet", to: &sheet)
    addSentence(
      "The inputs have their values. Forward, each operation gets its value from its operands; "
        + "then backward, each passes on to them how much \(root) moves with it.", to: &sheet)
    addSentence("Enter computes the first value.", to: &sheet)
  }

  private func addForward(
    _ step: TraceStep, _ position: Int, _ room: Int, to sheet: inout Sheet
  ) {
    let node = step.node
    addTitle("Forward: the value of \(board.name(node))", to: &sheet)
    var line = row("formula")
    cells.addName(node, .name, to: &line)
    let equals = line.columns
    line.addEquals()
    cells.addFormula(node, to: &line)
    sheet.add(line)
    line = row("in numbers")
    line.pad(to: equals)
    var numbers = Calculation()
    if cells.hasNumbers(node) {
      numbers.add(" = ")
      numbers.add(
        board.header.text(of: node), operands: board.header.operandCount(of: node),
        result: nil, adjoint: nil
      ) { board.value(board.header.operand($0, of: node), at: position) }
    }
    guard let value = board.value(node, at: position) else { return }
    numbers.add(" = ")
    numbers.add(value, .value)
    let isComplete = addNumbers(numbers, behind: line, atMost: max(1, room - 4), to: &sheet)
    addLocals(step, to: &sheet)
    if !isComplete { addTable(value, room, to: &sheet) }
  }

  /// The local derivatives that are found on the way.
  private func addLocals(_ step: TraceStep, to sheet: inout Sheet) {
    var line = row("local derivatives")
    var isEmpty = true
    var isRule = false
    for case .partial(let node, let slot, let operand, let value) in board.recording.events[
      step.events]
    {
      var entry = cells.line()
      if board.header.formulaIsContribution(of: node, slot: slot) {
        isRule = true
        cells.addName(operand, .name, to: &entry)
        entry.add(" gets ", .sign)
        cells.addPartialFormula(node, slot, .adjoint, to: &entry)
      } else {
        cells.addLocal(node, slot, operand, value, to: &entry)
      }
      if !line.add(entry, isFirst: isEmpty, within: style.width) {
        sheet.add(line)
        line = row("")
        line.add(entry)
      }
      isEmpty = false
    }
    guard !isEmpty else { return }
    sheet.add(line)
    let name = board.name(step.node)
    addSentence(
      isRule
        ? "What each operand will be sent in the backward pass, once the adjoint of \(name) is known."
        : "How much \(name) moves when that operand alone moves: the backward pass needs it.",
      to: &sheet)
  }

  private func addSeed(_ step: TraceStep, to sheet: inout Sheet) {
    addTitle("Backward begins at the output", to: &sheet)
    var line = row("seed")
    cells.addAdjoint(step.node, to: &line)
    line.addEquals()
    cells.add(board.seed, .adjoint, to: &line)
    sheet.add(line)
    addSentence(
      isOne(board.seed)
        ? "\(root) moves by exactly as much as \(root) itself. From here on, each operation passes "
          + "on its adjoint, the derivative of \(root) with respect to it."
        : "This seed was asked for. It goes through the whole pass as a factor.", to: &sheet)
  }

  private func addContribution(_ position: Int, _ room: Int, to sheet: inout Sheet) {
    guard let contribution = board.contribution(at: position) else { return }
    let step = board.steps[position]
    let (node, operand) = (contribution.node, contribution.operand)
    let which = step.parts > 1 ? ", operand \(step.part) of \(step.parts)" : ""
    addTitle(
      "Backward: from \(board.name(node)) to \(board.name(operand))\(which)", to: &sheet)
    let isRule = board.header.formulaIsContribution(of: node, slot: contribution.slot)
    if !isRule {
      var line = row("local derivative")
      cells.addLocal(node, contribution.slot, operand, contribution.local, to: &line)
      sheet.addOne(line)
    }
    let uses = board.uses(of: operand)
    let count = board.adjoint(operand, at: position)?.contributions ?? 1
    var line = row(isRule ? "rule" : "chain rule")
    cells.addAdjoint(operand, to: &line)
    let equals = line.columns + (count > 1 ? 1 : 0)
    line.addEquals(plus: count > 1)
    cells.addProduct(contribution, to: &line)
    sheet.addOne(line)
    line = row("in numbers")
    line.pad(to: equals)
    let numbers = numbers(of: contribution, position)
    let others = (isRule ? 3 : 4) + (count > 1 ? 1 : 0)
    let isComplete = addNumbers(numbers, behind: line, atMost: max(1, room - others), to: &sheet)
    if count > 1 { addRunningSum(contribution, position, to: &sheet) }
    addSentence(words(for: contribution, count: count, uses: uses), to: &sheet)
    if !isComplete { addTable(contribution.contribution, room, to: &sheet) }
  }

  /// A contribution in numbers: ` = -0.5 × 2 = -1`, or a rule with matrices put in.
  private func numbers(of contribution: Contribution, _ position: Int) -> Calculation {
    let node = contribution.node
    var numbers = Calculation()
    numbers.add(" = ")
    if board.header.formulaIsContribution(of: node, slot: contribution.slot) {
      numbers.add(rule: contribution, board, at: position)
      numbers.add(" = ")
    } else if let local = contribution.local {
      let sum = cells.summation(contribution)
      if sum != nil { numbers.add("sum(") }
      if let adjoint = board.adjoint(node, at: position)?.sum { numbers.add(adjoint, .adjoint) }
      numbers.add(" × ")
      numbers.add(local.collapsed, .partial, factor: true)
      if let sum { numbers.add(sum) }
      numbers.add(" = ")
    }
    numbers.add(contribution.contribution, .adjoint)
    return numbers
  }

  /// Adds a calculation; returns whether every number found room.
  @discardableResult private func addNumbers(
    _ numbers: Calculation, behind start: FragmentLine, atMost most: Int, to sheet: inout Sheet
  ) -> Bool {
    let (lines, isComplete) = numbers.lines(behind: start, cells, atMost: most)
    for line in lines { sheet.addOne(line) }
    return isComplete
  }

  /// Writes `so far  ∂L/∂x = 1 + 3 = 4`.
  private func addRunningSum(_ contribution: Contribution, _ position: Int, to sheet: inout Sheet) {
    var line = row("so far")
    cells.addAdjoint(contribution.operand, to: &line)
    line.add(" ", .sign)
    var numbers = Calculation()
    if let before = board.adjoint(contribution.operand, at: position - 1)?.sum {
      numbers.add("= ")
      numbers.add(before, .adjoint)
      numbers.add(" + ")
      numbers.add(contribution.contribution, .adjoint, factor: true)
      numbers.add(" ")
    }
    numbers.add("= ")
    numbers.add(contribution.accumulated, .adjoint)
    addNumbers(numbers, behind: line, atMost: 1, to: &sheet)
  }

  private func words(for contribution: Contribution, count: Int, uses: Int) -> String {
    let operand = board.name(contribution.operand)
    let node = board.name(contribution.node)
    if uses <= 1 { return "\(operand) is used once, by \(node): this is all of its adjoint." }
    let left = uses - count
    let rest =
      left == 0
      ? "its adjoint is complete."
      : left == 1 ? "one more is to come." : "\(left) more are to come."
    return count == 1
      ? "\(operand) is used \(uses) times. This is the first contribution; \(rest)"
      : "\(operand) is used \(uses) times. This is added to what was there; \(rest)"
  }

  private func addSum(
    _ step: TraceStep, _ position: Int, _ room: Int, to sheet: inout Sheet
  ) {
    let name = board.name(step.node)
    addTitle("Fan-out: what came back to \(name), added up", to: &sheet)
    if !addTensorSum(position, room, to: &sheet) {
      sheet.add { writer in
        var sum = FanOutText(cells, writer)
        for event in board.events(at: position) {
          switch event {
          case .fanOut(let node, let terms, let adjoint): sum.begin(node, terms, adjoint)
          case .term(_, let user, _, let contribution): sum.add(user, contribution)
          default: break
          }
        }
        sum.finish()
      }
    }
    addSentence(
      "\(name) is used \(board.uses(of: step.node)) times, and \(root) moves with it through each "
        + "use: the contributions add up. Now its adjoint is complete.", to: &sheet)
  }

  /// A sum of a few vectors or matrices, in numbers; false where there is no room for it.
  private func addTensorSum(_ position: Int, _ room: Int, to sheet: inout Sheet) -> Bool {
    var symbols = row("added up")
    var numbers = Calculation()
    var total: Reading?
    for event in board.events(at: position) {
      switch event {
      case .fanOut(let node, let terms, let adjoint):
        guard terms <= 4, !adjoint.shape.isScalar else { return false }
        cells.addAdjoint(node, to: &symbols)
        total = adjoint
      case .term(_, let user, _, let contribution):
        let isFirst = numbers.items.isEmpty
        symbols.add(isFirst ? " = from " : " + from ", .sign)
        cells.addName(user, .name, to: &symbols)
        numbers.add(isFirst ? "= " : " + ")
        numbers.add(contribution, .adjoint)
      default: break
      }
    }
    guard let total else { return false }
    numbers.add(" = ")
    numbers.add(total, .adjoint)
    let start = row("in numbers")
    let (lines, isComplete) = numbers.lines(behind: start, cells, atMost: max(1, room - 3))
    guard isComplete else { return false }
    sheet.addOne(symbols)
    for line in lines { sheet.addOne(line) }
    return true
  }

  /// The gradient: an input a line, or several where there would be too many lines.
  private func addEnd(_ position: Int, _ room: Int, to sheet: inout Sheet) {
    addTitle("The end: the gradient", to: &sheet)
    let gradients = board.events(at: position).filter { event in
      if case .gradient = event { true } else { false }
    }
    if gradients.isEmpty { return addSentence("\(root) depends on no input.", to: &sheet) }
    let free = max(1, room - sheet.rows.count)
    // No more can have room, whatever they are.
    let entries = gradients.prefix(free * max(1, style.width / 8)).map(gradientEntry)
    let widest = entries.reduce(0) { max($0, $1.columns) }
    let most = max(1, (style.width - Self.gradientIndent + 3) / (widest + 3))
    let columns = min(most, (gradients.count + free - 1) / free)
    let isCut = gradients.count > columns * free
    let rows = isCut ? free - 1 : (gradients.count + columns - 1) / columns
    let shown = isCut ? rows * columns : gradients.count
    for row in 0..<rows {
      var line = cells.line()
      for column in 0..<columns where column * rows + row < shown {
        line.pad(to: Self.gradientIndent + column * (widest + 3))
        line.add(entries[column * rows + row])
      }
      sheet.addOne(line)
    }
    if isCut {
      addSentence("… and \(gradients.count - shown) more: grad lists them all", to: &sheet)
    }
  }

  private static let gradientIndent = 4

  /// Builds `∂L/∂w = -0.5`.
  private func gradientEntry(_ event: TraceEvent) -> FragmentLine {
    var line = cells.line()
    guard case .gradient(let node, let entry, let value) = event else { return line }
    cells.addAdjoint(node, entry: entry, to: &line)
    line.addEquals()
    if value.shape.isScalar {
      cells.add(value, .adjoint, to: &line)
    } else {
      let room = style.width - Self.gradientIndent - line.columns
      line.add(InlineValue.shortened(value, room: room, numbers: style.numbers), .adjoint)
    }
    return line
  }

  // MARK: Parts

  /// The numbers of a value for which the calculation has no room, as far as there is room below.
  private func addTable(_ reading: Reading, _ room: Int, to sheet: inout Sheet) {
    guard reading.shape.rank > 0 else { return }
    var table = Sheet(style)
    table.add { $0.writeTable(reading, indent: 4) }
    let free = room - sheet.rows.count
    if table.rows.count <= free { return sheet.add(table.rows) }
    // A row or two of a matrix say less than that there are more.
    guard free > 2 else { return }
    sheet.add(Array(table.rows.prefix(free - 1)))
    addSentence("…", to: &sheet)
  }

  private var root: String { board.name(board.header.root) }

  private func isOne(_ reading: Reading) -> Bool { reading.elements.allSatisfy { $0 == 1 } }
}
