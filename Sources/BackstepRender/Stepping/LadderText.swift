// An explanation as text: each rung a line.

import BackstepTrace

extension Ladder {
  /// The ladder as text.
  public func lines(_ style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      LadderText(self, TraceCells(header: board.header, style: style), writer).write()
    }
  }
}

/// Writes the rungs of a ladder.
struct LadderText {
  private let ladder: Ladder
  private let cells: TraceCells
  private let writer: LineWriter
  private var board: StepperBoard { ladder.board }
  private var root: NodeIndex { board.header.root }

  /// Where text begins behind the names of the rungs.
  private static let tab = 10

  init(_ ladder: Ladder, _ cells: TraceCells, _ writer: LineWriter) {
    self.ladder = ladder
    self.cells = cells
    self.writer = writer
    for event in ladder.board.recording.events { cells.remember(event) }
  }

  /// Writes all rungs, and what to type to ask on.
  func write() {
    writeRungs()
    writeLinks()
  }

  /// Writes the rungs alone.
  func writeRungs() {
    switch ladder.question {
    case .derivative(let node, let entry): writeDerivative(node, entry)
    case .step(let number): writeStep(number)
    }
  }

  /// Says what can be asked next, factor by factor.
  ///
  /// - Parameter keys: Whether it is asked by the keys 1, 2, … and not by commands.
  func writeLinks(keys: Bool = false) {
    var line = rung(keys ? "ask" : "next")
    var isEmpty = true
    for (index, link) in ladder.links.enumerated() {
      var entry = writer.line()
      if keys {
        entry.add("\(index + 1)", .heading)
        entry.add(" ", .dim)
      } else {
        entry.add(link.command, .hint)
        entry.add(" for ", .dim)
      }
      if keys, case .local(let term) = link.subject, isRule(term) {
        entry.add("the value of ", .dim)
      }
      addSubject(link.subject, to: &entry)
      if !line.add(entry, isFirst: isEmpty, within: writer.style.width) {
        writer.write(line)
        line = rung("")
        line.add(entry)
      }
      isEmpty = false
    }
    if !isEmpty { writer.write(line) }
  }

  private func addSubject(_ subject: Ladder.Link.Subject, to line: inout FragmentLine) {
    switch subject {
    case .adjoint(let term):
      cells.addAdjoint(term.node, entry: term.place, to: &line)
      guard let adjoint = term.adjoint else { return }
      line.addEquals()
      cells.add(adjoint, .adjoint, to: &line)
    case .local(let term):
      guard let slot = term.slot, !isRule(term) else {
        return cells.addName(term.node, .name, to: &line)
      }
      cells.addLocal(term.node, slot, term.operand, term.local, to: &line)
    case .value(let node):
      line.add("the value of ", .dim)
      cells.addName(node, .name, to: &line)
    case .passed(let node): cells.addAdjoint(node, to: &line)
    case .locals: line.add("its local derivatives", .dim)
    }
  }

  // MARK: Rungs

  private func rung(_ name: String) -> FragmentLine {
    var line = writer.line()
    line.pad(to: 2)
    line.add(name, .dim)
    line.pad(to: Self.tab)
    line.hang = Self.tab + 2
    return line
  }

  /// A rung that goes on from the equals sign of the rung above.
  private func rung(_ name: String, equalsAt column: Int) -> FragmentLine {
    var line = rung(name)
    line.pad(to: column)
    line.hang = hang(below: column)
    line.addEquals()
    return line
  }

  /// Where the terms of a broken sum stand: below the equals sign, unless that leaves little room.
  private func hang(below equals: Int) -> Int {
    equals < writer.style.width / 2 ? equals + 1 : Self.tab + 2
  }

  private func write(_ name: String, _ sentence: String) {
    var line = rung(name)
    line.addSentence(sentence, indent: Self.tab)
    writer.write(line)
  }

  // MARK: A derivative

  private func writeDerivative(_ node: NodeIndex, _ entry: Int?) {
    let (output, input) = (board.name(root), ladder.name(node, entry))
    var line = writer.line()
    line.hang = 2
    cells.addAdjoint(node, entry: entry, to: &line)
    line.add(":", .plain)
    line.addWords("how much \(output) moves when \(input) moves", .plain)
    writer.write(line)
    switch ladder.reason {
    case .output: writeOutput(node)
    case .noPath:
      write("uses", "no path leads from \(input) to \(output): whatever it does, \(output) stays")
      writeResult(node, entry, from: nil)
    case .notTaken:
      write("uses", "\(input) is used only where nothing comes back: in a branch not taken")
      writeResult(node, entry, from: nil)
    default: writeUses(node, entry)
    }
  }

  private func writeOutput(_ node: NodeIndex) {
    let name = board.name(node)
    let isOne = board.seed.elements.allSatisfy { $0 == 1 }
    write(
      "uses",
      isOne
        ? "\(name) is the output itself: it moves by exactly as much as itself"
        : "\(name) is the output itself: its derivative is the seed that was asked for")
    writeResult(node, nil, from: nil)
  }

  private func writeUses(_ node: NodeIndex, _ entry: Int?) {
    write("uses", uses(ladder.name(node, entry)))
    var line = rung("rule")
    cells.addAdjoint(node, entry: entry, to: &line)
    let equals = line.columns
    line.hang = hang(below: equals)
    line.addEquals()
    addTerms(to: &line) { addSymbols($0, entry, to: &$2) }
    writer.write(line)
    line = rung("numbers", equalsAt: equals)
    if !write(factors(), behind: line), ladder.terms.contains(where: { !isRule($0) }) {
      addTerms(to: &line) { addFactors($0, isLater: $1, to: &$2) }
      writer.write(line)
    }
    if ladder.terms.count > 1 {
      line = rung("sum", equalsAt: equals)
      let sum = calculation { term, numbers in
        guard let product = term.product else { return false }
        numbers.add(product, .adjoint)
        return true
      }
      if !write(sum, behind: line) {
        addTerms(to: &line) { addNumber($0.product, .adjoint, isTerm: $1, to: &$2) }
        writer.write(line)
      }
    }
    writeResult(node, entry, from: equals)
    writeZeros()
  }

  /// Says what a node goes into: `x goes into y = v1 + x, and twice into v1 = x*x`.
  private func uses(_ name: String) -> String {
    /// The uses in order, each once, and how often it is one.
    var users: [Ladder.Term] = []
    var counts: [String: Int] = [:]
    for term in ladder.terms {
      let user = ladder.name(term.node, term.place)
      if counts[user] == nil { users.append(term) }
      counts[user, default: 0] += 1
    }
    let times = { (count: Int) in count == 1 ? "" : count == 2 ? "twice " : "\(count) times " }
    let shown = users.prefix(Self.userLimit).map { term in
      let user = ladder.name(term.node, term.place)
      var text = ByteBuffer("\(times(counts[user] ?? 1))into \(user)")
      if term.place == nil {
        text.append(" = ")
        board.header.write(board.header.text(of: term.node), of: term.node, to: &text)
      }
      return text.string
    }
    let rest = users.count - shown.count
    return "\(name) goes " + shown.joined(separator: ", and ")
      + (rest > 0 ? ", and into \(rest) more" : "")
  }

  private static let userLimit = 4

  /// Adds terms with signs between them; of many, the middle ones are left out.
  private func addTerms(
    to line: inout FragmentLine, _ add: (Ladder.Term, _ isLater: Bool, inout FragmentLine) -> Void
  ) {
    let all = ladder.terms
    let limit = Ladder.termLimit
    for (index, term) in all.enumerated() {
      if all.count > limit, index >= limit - 2, index < all.count - 2 {
        if index == limit - 2 {
          line.add(" ", .sign)
          line.allowBreak()
          line.add("+ … \(all.count - limit) more …", .dim)
        }
        continue
      }
      if index > 0 {
        line.add(" ", .sign)
        line.allowBreak()
        line.add("+ ", .sign)
      }
      add(term, index > 0, &line)
    }
  }

  private func isRule(_ term: Ladder.Term) -> Bool {
    guard let slot = term.slot else { return false }
    return board.header.formulaIsContribution(of: term.node, slot: slot)
  }

  /// Adds `∂L/∂v1 · ∂v1/∂x`, or a rule.
  private func addSymbols(_ term: Ladder.Term, _ entry: Int?, to line: inout FragmentLine) {
    if let place = term.place, let entry {
      cells.addAdjoint(term.node, entry: place, to: &line)
      cells.addDot(to: &line)
      cells.addPartial(term.node, place, term.operand, entry, to: &line)
    } else if let contribution = term.contribution {
      cells.addProduct(contribution, to: &line)
    }
  }

  /// Adds `-0.5 × 2`, or what a rule gives.
  private func addFactors(
    _ term: Ladder.Term, isLater: Bool = false, to line: inout FragmentLine
  ) {
    if isRule(term) { return addNumber(term.product, .adjoint, isTerm: true, to: &line) }
    let sum = term.contribution.flatMap(cells.summation)
    if sum != nil { line.add("sum(", .sign) }
    addNumber(term.adjoint, .adjoint, isTerm: isLater, to: &line)
    cells.addTimes(to: &line)
    addNumber(term.local?.collapsed, .partial, isTerm: true, to: &line)
    if let sum { line.add(sum, .sign) }
  }

  /// A few products with matrices in them, numbers put in; nil where a line says it as well.
  private func factors() -> Calculation? {
    calculation { term, numbers in
      if isRule(term), let contribution = term.contribution {
        guard term.product != nil else { return false }
        numbers.add(rule: contribution, board, at: ladder.position)
        return true
      }
      guard let adjoint = term.adjoint, let local = term.local?.collapsed else { return false }
      let sum = term.contribution.flatMap(cells.summation)
      if sum != nil { numbers.add("sum(") }
      numbers.add(adjoint, .adjoint)
      numbers.add(" × ")
      numbers.add(local, .partial, factor: true)
      if let sum { numbers.add(sum) }
      return true
    }
  }

  /// A few terms with matrices in them, added up; nil where a line says it as well, or one is not known.
  private func calculation(
    _ add: (Ladder.Term, inout Calculation) -> Bool
  ) -> Calculation? {
    guard ladder.terms.count <= Self.userLimit else { return nil }
    var numbers = Calculation()
    for (index, term) in ladder.terms.enumerated() {
      if index > 0 { numbers.add(" + ") }
      guard add(term, &numbers) else { return nil }
    }
    let isRuleWithNumbers = numbers.hasNumbers && ladder.terms.contains(where: isRule)
    return numbers.hasRows || isRuleWithNumbers ? numbers : nil
  }

  /// Writes a calculation in rows; false, and nothing is written, where not all of it has room.
  private func write(_ numbers: Calculation?, behind line: FragmentLine) -> Bool {
    guard let numbers else { return false }
    let (lines, isComplete) = numbers.lines(
      behind: line, cells, atMost: Self.rowLimit, margin: "= ")
    guard isComplete else { return false }
    for line in lines { writer.write(line) }
    return true
  }

  /// How many rows of a matrix stand on a rung.
  private static let rowLimit = 6

  private func addNumber(
    _ reading: Reading?, _ role: Role, isTerm: Bool, to line: inout FragmentLine
  ) {
    guard let reading else { return line.add("(not yet)", .dim) }
    cells.add(reading, role, factor: isTerm, to: &line)
  }

  private func writeResult(_ node: NodeIndex, _ entry: Int?, from equals: Int?) {
    var line = rung("result")
    if let equals {
      line.pad(to: equals)
    } else {
      cells.addAdjoint(node, entry: entry, to: &line)
    }
    line.addEquals()
    guard let value = ladder.value else {
      line.add("not yet", .dim)
      return writer.write(line)
    }
    write(value, .adjoint, behind: line)
  }

  /// Writes a value: on the line, in its rows, or in a table below its shape.
  private func write(_ value: Reading, _ role: Role, behind line: consuming FragmentLine) {
    if cells.isInline(value, limit: writer.style.width / 2), value.shape.rank < 2 {
      cells.add(value, role, limit: writer.style.width / 2, to: &line)
      return writer.write(line)
    }
    var equation = Calculation()
    equation.add(value, role)
    let (lines, isComplete) = equation.lines(behind: line, cells, atMost: Self.rowLimit)
    for line in lines { writer.write(line) }
    if !isComplete { writer.writeTable(value, indent: Self.tab) }
  }

  /// Says why terms are 0.
  private func writeZeros() {
    var told: [String] = []
    for term in ladder.terms {
      guard let product = term.product, product.elements.allSatisfy({ $0 == 0 }),
        let sentence = reasonForZero(term), !told.contains(sentence), told.count < 3
      else { continue }
      told.append(sentence)
      write("zero", sentence)
    }
  }

  private func reasonForZero(_ term: Ladder.Term) -> String? {
    let node = ladder.name(term.node, term.place)
    if let adjoint = term.adjoint, adjoint.elements.allSatisfy({ $0 == 0 }) {
      return "\(board.name(root)) does not move with \(node), so nothing comes back through it"
    }
    guard let slot = term.slot, !isRule(term) else { return nil }
    var text = ByteBuffer(board.name(term.node))
    text.append(" = ")
    board.header.write(board.header.text(of: term.node), of: term.node, to: &text)
    let operand = board.name(term.operand)
    if board.header.operation(of: term.node) == "where" {
      return "\(text.string) is the other branch now: it does not move with \(operand)"
    }
    let formula = board.header.partialFormula(of: term.node, slot: slot)
    if case .operand(let other, _)? = formula.pieces.first, formula.pieces.count == 1 {
      let factor = board.name(board.header.operand(other, of: term.node))
      return "\(text.string) does not move with \(operand) while \(factor) is 0"
    }
    return "\(text.string) is flat here: it does not move with \(operand)"
  }

  // MARK: A step

  private func writeStep(_ number: Int) {
    guard let step = board.steps.first(where: { $0.number == number }) else { return }
    let name = board.name(step.node)
    var line = writer.line()
    line.add("step \(number):", .heading)
    if step.kind == .forward {
      line.addWords("the value of \(name)", .plain)
      writer.write(line)
      writeForward(step)
    } else {
      line.addWords("\(name) passes its adjoint on to what it was computed from", .plain)
      writer.write(line)
      writeBackward(step)
    }
  }

  private func writeForward(_ step: TraceStep) {
    let node = step.node
    var line = rung("rule")
    cells.addName(node, .name, to: &line)
    let equals = line.columns
    line.addEquals()
    cells.addFormula(node, to: &line)
    writer.write(line)
    if cells.hasNumbers(node) {
      line = rung("numbers")
      line.pad(to: equals)
      line.addEquals()
      cells.addNumbers(node, to: &line)
      writer.write(line)
    }
    line = rung("result")
    line.pad(to: equals)
    line.addEquals()
    if let value = board.value(node, at: ladder.position) {
      write(value, .value, behind: line)
    } else {
      line.add("not yet", .dim)
      writer.write(line)
    }
    for case .partial(let node, let slot, let operand, let value) in board.recording.events[
      step.events]
    where !board.header.formulaIsContribution(of: node, slot: slot) {
      line = rung("local")
      cells.addLocal(node, slot, operand, value, to: &line)
      writer.write(line)
    }
    for case .warning(let warning) in board.recording.events[step.events] {
      writer.write(cells.line(for: warning))
    }
  }

  private func writeBackward(_ step: TraceStep) {
    var line = rung("adjoint")
    cells.addAdjoint(step.node, to: &line)
    line.addEquals()
    addNumber(
      board.adjoint(step.node, at: ladder.position)?.sum, .adjoint, isTerm: false, to: &line)
    writer.write(line)
    for term in ladder.terms {
      line = rung("to \(board.name(term.operand))")
      if line.columns > Self.tab {
        line = rung("to")
      }
      cells.addAdjoint(term.operand, to: &line)
      line.add(board.uses(of: term.operand) > 1 ? " +" : " ", .sign)
      line.add("= ", .sign)
      addSymbols(term, nil, to: &line)
      line.addEquals()
      addFactors(term, to: &line)
      if !isRule(term) {
        line.addEquals()
        addNumber(term.product, .adjoint, isTerm: false, to: &line)
      }
      writer.write(line)
    }
  }
}
