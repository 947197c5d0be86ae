// Forward mode as text: each operation with its value, and the derivative that it carries.

import BackstepTrace

/// Prints values and their derivatives with respect to one input, side by side.
final class TangentText: TraceSection {
  private let cells: TraceCells
  private let writer: LineWriter
  private var steps = 0
  /// How wide names, formulas and the symbols of derivatives are.
  private var nameColumns = 0
  private var formulaColumns = 0
  private var symbolColumns = 0
  private var productColumns = 0
  /// Where the derivatives begin; 0 for below their step.
  private var right = 0
  /// A step, which knows the input that everything is about.
  private var first: Tangent?
  /// Whether the expression is an input or a number, so that there are no steps.
  private var hasNoSteps = false
  private var left: FragmentLine
  private var row: FragmentLine
  /// The step whose terms are being told.
  private var step: Tangent?
  private var products: [Reading] = []
  /// Local derivatives of this step that need lines of their own.
  private var locals: [(term: TangentTerm, local: Reading)] = []
  /// How many entries of a local derivative are shown.
  private static let localLimit = 64

  init(_ cells: TraceCells, _ writer: LineWriter) {
    self.cells = cells
    self.writer = writer
    left = writer.line()
    row = writer.line()
  }

  // MARK: Columns

  func layOut(_ events: [TraceEvent]) {
    for case .tangent(let tangent) in events where isStep(tangent) {
      if first == nil { first = tangent }
      measure(tangent.node)
    }
    if first == nil {
      for case .tangent(let tangent) in events { first = tangent }
      hasNoSteps = true
    }
    var tangent: Tangent?
    var lefts = 0
    var rights = 0
    for event in events {
      switch event {
      case .tangent(let next):
        tangent = next
        guard isStep(next) else { continue }
        buildLeft(next)
        lefts = max(lefts, left.columns)
      case .tangentTerm(let term):
        guard let tangent else { continue }
        row.removeAll()
        addSymbols(term, tangent, to: &row)
        productColumns = max(productColumns, min(row.columns, writer.style.width / 3))
        buildTerm(term, tangent, isFirst: true)
        rights = max(rights, row.columns)
      default: break
      }
    }
    left.removeAll()
    right = lefts + 3 + rights <= writer.style.width ? lefts + 3 : 0
  }

  private func isStep(_ tangent: Tangent) -> Bool {
    cells.header.kind(of: tangent.node) == .operation
  }

  private func measure(_ node: NodeIndex) {
    let limit = writer.style.width / 3
    row.removeAll()
    cells.addName(node, .name, to: &row)
    if row.columns <= limit { nameColumns = max(nameColumns, row.columns) }
    row.removeAll()
    cells.addFormula(node, to: &row)
    if row.columns <= limit { formulaColumns = max(formulaColumns, row.columns) }
    if let tangent = first {
      row.removeAll()
      addTotal(node, tangent, to: &row)
      if row.columns <= limit { symbolColumns = max(symbolColumns, row.columns) }
    }
  }

  // MARK: Rows

  func open(_ events: [TraceEvent]) {
    guard let tangent = first else { return }
    row.removeAll()
    row.add("Forward with derivatives", .heading)
    writer.write(row)
    row.removeAll()
    row.pad(to: cells.indent)
    row.add("seed ", .dim)
    addTotal(tangent.wrt, tangent, to: &row)
    row.addEquals()
    if carriesMany(tangent) {
      let count = cells.header.shape(of: tangent.wrt).count
      row.add("the identity ", .adjoint)
      row.add(InlineValue.shape(.matrix(count, count)), .adjoint)
    } else {
      row.add("1", .adjoint)
    }
    row.add("; of every other input it is 0", .dim)
    writer.write(row)
  }

  func receive(_ event: TraceEvent) {
    switch event {
    case .tangent(let tangent):
      close()
      guard isStep(tangent) else {
        if hasNoSteps, tangent.node == first?.node { writeAlone(tangent) }
        return
      }
      steps += 1
      step = tangent
      buildLeft(tangent)
      if tangent.terms == 0 { writeUnmoved(tangent) }
    case .tangentTerm(let term):
      guard let step else { return }
      buildTerm(term, step, isFirst: products.isEmpty)
      place()
      products.append(term.product)
      keepLocal(of: term, step)
    case .tangentCost(let passes, let multiplications, let additions):
      close()
      writeCost(passes, multiplications, additions)
    default: break
    }
  }

  /// Ends a step: where there were several products, with their sum.
  func close() {
    defer {
      step = nil
      products = []
      locals = []
    }
    guard let step, step.terms > 0 else { return }
    if products.count > 1 {
      row.removeAll()
      row.pad(to: symbolColumns)
      row.addEquals()
      for (index, product) in products.enumerated() {
        if index > 0 { row.add(" + ", .sign) }
        add(product, .adjoint, isFactor: index > 0)
      }
      row.addEquals()
      cells.add(step.tangent, .adjoint, to: &row)
      place()
    }
    if !left.isEmpty { writer.write(left) }
    left.removeAll()
    if !cells.isInline(step.value) { writeTable(step.value, of: "value") }
    for (term, local) in locals {
      writeTable(local, of: "local derivative ") {
        cells.addPartial(term.node, term.operand, to: &$0)
      }
    }
    if !cells.isInline(step.tangent) { writeTable(step.tangent, of: "derivative") }
  }

  private func writeTable(
    _ reading: Reading, of what: String, name: (inout FragmentLine) -> Void = { _ in }
  ) {
    row.removeAll()
    row.pad(to: cells.indent + 2)
    row.add(what, .dim)
    name(&row)
    writer.write(row)
    writer.writeTable(reading, indent: cells.indent + 4)
  }

  /// A step that does not depend on the input, or the formula that is moved itself.
  private func writeUnmoved(_ tangent: Tangent) {
    let isMoved = tangent.node == tangent.wrt
    row.removeAll()
    addTotal(tangent.node, tangent, to: &row)
    row.pad(to: symbolColumns)
    row.addEquals()
    if isMoved { cells.add(tangent.tangent, .adjoint, to: &row) } else { row.add("0", .adjoint) }
    place()
    if !left.isEmpty { writer.write(left) }
    left.removeAll()
    if isMoved, !cells.isInline(tangent.tangent) { writeTable(tangent.tangent, of: "derivative") }
  }

  /// The derivative of an input or a number, which no step leads to.
  private func writeAlone(_ tangent: Tangent) {
    row.removeAll()
    row.pad(to: cells.indent)
    addTotal(tangent.node, tangent, to: &row)
    if cells.isInline(tangent.tangent) {
      row.addEquals()
      cells.add(tangent.tangent, .adjoint, to: &row)
    }
    writer.write(row)
    if !cells.isInline(tangent.tangent) { writeTable(tangent.tangent, of: "derivative") }
  }

  private func writeCost(_ passes: Int, _ multiplications: Int, _ additions: Int) {
    guard let tangent = first else { return }
    row.removeAll()
    row.pad(to: cells.indent)
    row.hang = cells.indent
    func count(_ number: Int, _ word: String) -> String {
      "\(number) \(word)\(number == 1 ? "" : "s")"
    }
    row.add(
      "\(passes == 1 ? "1 pass" : "\(passes) passes"), \(count(multiplications, "multiplication")), "
        + "\(count(additions, "addition")), for ", .dim)
    addInput(tangent, .dim, to: &row)
    row.add(" alone", .dim)
    writer.write(row)
  }

  /// Puts the row beside the step, or on a line below.
  private func place() {
    if right > 0, left.columns + 2 <= right || left.isEmpty {
      left.pad(to: right)
    } else {
      if !left.isEmpty { writer.write(left) }
      left.removeAll()
      left.pad(to: right > 0 ? right : cells.indent + 4)
    }
    left.hang = left.columns + symbolColumns + 3
    left.add(row)
    writer.write(left)
    left.removeAll()
  }

  // MARK: Parts

  /// Builds ` 1  v1 = w1*x1 = 0.5`.
  private func buildLeft(_ tangent: Tangent) {
    left.removeAll()
    left.pad(to: max(0, cells.stepWidth - ByteBuffer.digitCount(UInt64(max(1, steps)))))
    left.add(steps, .step)
    left.pad(to: cells.indent)
    cells.addName(tangent.node, .name, to: &left)
    left.pad(to: cells.indent + nameColumns)
    left.addEquals()
    let start = left.columns
    cells.addFormula(tangent.node, to: &left)
    left.pad(to: start + formulaColumns)
    left.addEquals()
    cells.add(tangent.value, .value, to: &left)
  }

  /// Builds `dz/dw = ∂z/∂v1 · dv1/dw = 1 × 2 = 2`, or `+ ∂z/∂v2 · …` for a later product.
  private func buildTerm(_ term: TangentTerm, _ tangent: Tangent, isFirst: Bool) {
    row.removeAll()
    if isFirst {
      addTotal(term.node, tangent, to: &row)
      row.pad(to: symbolColumns)
      row.addEquals()
    } else {
      row.pad(to: symbolColumns)
      row.add(" + ", .sign)
    }
    let start = row.columns
    addSymbols(term, tangent, to: &row)
    row.pad(to: start + productColumns)
    addFactors(term, tangent)
    row.addEquals()
    cells.add(term.product, .adjoint, to: &row)
  }

  private func factors(of term: TangentTerm, _ tangent: Tangent) -> TangentFactors? {
    TangentFactors(
      local: term.local, result: cells.header.shape(of: term.node),
      operand: cells.header.shape(of: term.operand), carriesOne: !carriesMany(tangent))
  }

  /// Whether the derivatives are with respect to several numbers at once.
  private func carriesMany(_ tangent: Tangent) -> Bool {
    tangent.entry == nil && cells.header.shape(of: tangent.wrt).count != 1
  }

  /// Adds `= 2 × 1`, or what stands for it among vectors and matrices; factors for which there is no
  /// room are told by their shapes.
  private func addFactors(_ term: TangentTerm, _ tangent: Tangent) {
    guard let factors = factors(of: term, tangent) else { return }
    row.addEquals()
    for (index, piece) in factors.pieces.enumerated() {
      switch piece {
      case .sign(" × "): cells.addTimes(to: &row)
      case .sign(let sign): row.add(sign, .sign)
      case .local(let local): add(local, .partial, isFactor: false)
      case .localShape(let shape): row.add(InlineValue.shape(shape), .partial)
      case .carried: add(term.carried, .adjoint, isFactor: index > 0)
      }
    }
  }

  private func add(_ reading: Reading, _ role: Role, isFactor: Bool) {
    if cells.isInline(reading) {
      cells.add(reading, role, factor: isFactor, to: &row)
    } else {
      row.add(InlineValue.shape(reading.shape), role)
    }
  }

  /// Keeps a local derivative that was told by its shape, for a table below the step.
  private func keepLocal(of term: TangentTerm, _ tangent: Tangent) {
    guard let local = term.local, !cells.isInline(local), local.shape.count <= Self.localLimit,
      factors(of: term, tangent)?.showsLocal ?? false
    else { return }
    locals.append((term, local))
  }

  /// Adds `∂z/∂v1 · dv1/dw`.
  private func addSymbols(
    _ term: TangentTerm, _ tangent: Tangent, to line: inout FragmentLine
  ) {
    cells.addPartial(term.node, term.operand, to: &line)
    cells.addDot(to: &line)
    addTotal(term.operand, tangent, to: &line)
  }

  /// Adds `dz/dw`: the whole derivative, through every path.
  private func addTotal(_ node: NodeIndex, _ tangent: Tangent, to line: inout FragmentLine) {
    line.add("d", .adjoint)
    cells.addName(node, .adjoint, to: &line)
    if node == tangent.wrt, let entry = tangent.entry {
      line.add(cells.header.shape(of: node).index(of: entry), .adjoint)
    }
    line.add("/d", .adjoint)
    addInput(tangent, .adjoint, to: &line)
  }

  private func addInput(_ tangent: Tangent, _ role: Role, to line: inout FragmentLine) {
    cells.addName(tangent.wrt, role, to: &line)
    if let entry = tangent.entry {
      line.add(cells.header.shape(of: tangent.wrt).index(of: entry), role)
    }
  }
}
