// The parts that lines of a trace are made of: names, formulas, symbols, numbers put in.

import BackstepTrace

/// Writes the parts of a trace onto lines, and remembers the values that have been seen.
final class TraceCells {
  let header: any TraceHeader
  let style: Style
  /// How many operations there are, which is how many steps the forward pass has.
  let operations: Int
  /// How many columns step numbers take.
  let stepWidth: Int
  /// Where text begins on a line with a step number.
  var indent: Int { stepWidth + 2 }
  /// Whether some node is used more than once.
  let hasFanOut: Bool

  /// The values of scalar nodes; those of tensors are shown by their shape.
  // The properties that change are not checked at every access: nothing here calls anything that
  // comes back while it changes one.
  @exclusivity(unchecked) private var values: ContiguousArray<Double>
  /// How often each node is an operand.
  private let uses: ContiguousArray<Int32>
  /// Which nodes' adjoints have had a contribution.
  @exclusivity(unchecked) private var received: ContiguousArray<Bool>
  /// The adjoint of the node that is sending contributions.
  @exclusivity(unchecked) var adjoint = Reading.scalar(.nan)
  /// Writes numbers, in the style's format.
  @exclusivity(unchecked) private var numbers: NumberWriter
  private let signs: Signs
  /// Every node's name; none where only a gradient is shown.
  private let names: NodeNames
  /// Whether every value is a number.
  let isScalar: Bool

  /// The signs that stand between names.
  private struct Signs {
    let adjoint: FragmentLine.Sign
    let partial: FragmentLine.Sign
    let over: FragmentLine.Sign
    let dot: FragmentLine.Sign
    let times: FragmentLine.Sign
    let blanks: FragmentLine.Sign
    let soFar: FragmentLine.Sign
    let blank: FragmentLine.Sign
    let plus: FragmentLine.Sign
    let minus: FragmentLine.Sign
    let from: FragmentLine.Sign
    let close: FragmentLine.Sign
  }

  init(header: any TraceHeader, style: Style, isLong: Bool = false) {
    self.header = header
    self.style = style
    numbers = NumberWriter(style.numbers, isLong: isLong)
    values = ContiguousArray(repeating: .nan, count: header.count)
    var uses = ContiguousArray<Int32>(repeating: 0, count: header.count)
    received = ContiguousArray(repeating: false, count: header.count)
    var operations = 0
    // What comes after the root has no part in the trace.
    for node in 0...header.root {
      if header.kind(of: node) == .operation { operations += 1 }
      for slot in 0..<header.operandCount(of: node) {
        uses[header.operand(slot, of: node)] += 1
      }
    }
    self.uses = uses
    self.operations = operations
    hasFanOut = uses.contains { $0 > 1 }
    stepWidth = max(2, ByteBuffer.digitCount(UInt64(2 * operations)))
    var root = ByteBuffer()
    header.writeName(of: header.root, to: &root)
    let sign = { FragmentLine.Sign($0, ascii: style.ascii) }
    signs = Signs(
      adjoint: sign("∂" + root.string + "/∂"), partial: sign("∂"), over: sign("/∂"),
      dot: sign(" · "), times: sign(" × "),
      blanks: sign("  "), soFar: sign("so far "),
      blank: sign(" "), plus: sign("+ "), minus: sign("− "), from: sign(" (from "),
      close: sign(")"))
    guard isLong else {
      names = NodeNames()
      isScalar = false
      return
    }
    isScalar = (0..<header.count).allSatisfy { header.shape(of: $0).isScalar }
    let limit = max(16, style.width - stepWidth - 10)
    names = NodeNames(header, limit: limit) { text, start in
      if text.isPlain(from: start) { return text.count - start }
      var line = FragmentLine(ascii: style.ascii)
      line.add(text.string(from: start))
      text.truncate(to: start)
      text.append(line.text)
      return line.columns
    }
  }

  /// Keeps the value that an event carries.
  func remember(_ event: TraceEvent) {
    switch event {
    case .constant(let node, .scalar(let value)), .input(let node, .scalar(let value)),
      .forward(let node, .scalar(let value), _):
      values[node] = value
    case .tangent(let tangent):
      if case .scalar(let value) = tangent.value { values[tangent.node] = value }
    default: break
    }
  }

  /// Whether a node's adjoint is a sum of several contributions.
  func isShared(_ node: NodeIndex) -> Bool { uses[node] > 1 }

  /// Whether a node's adjoint has had a contribution already, so that the next one is added to it.
  func hasReceived(_ node: NodeIndex) -> Bool { received[node] }

  /// Keeps in mind that a node's adjoint has had a contribution.
  func noteReceipt(_ node: NodeIndex) { received[node] = true }

  func line() -> FragmentLine {
    FragmentLine(ascii: style.ascii, keepsRoles: style.theme != nil)
  }

  /// The widest that a formula may be within a line.
  var formulaLimit: Int { max(16, style.width - indent - 8) }

  // MARK: Names and formulas

  /// Adds a name: `v1`.
  func addName(_ node: NodeIndex, _ role: Role, to line: inout some LinePieces) {
    if line.addReady(role, limit: .max, { names.write(node, to: &$0) }) { return }
    line.write(role, limit: formulaLimit) { header.writeName(of: node, to: &$0) }
  }

  /// Adds the symbol of an adjoint: `∂L/∂v1`.
  func addAdjoint(_ node: NodeIndex, to line: inout some LinePieces) {
    if line.addReady(.adjoint, limit: .max, { names.write(signs.adjoint, node, to: &$0) }) {
      return
    }
    line.add(signs.adjoint, .adjoint)
    addName(node, .adjoint, to: &line)
  }

  /// Adds the symbol of an entry's adjoint: `∂L/∂v1[2]`.
  func addAdjoint(_ node: NodeIndex, entry: Int?, to line: inout some LinePieces) {
    addAdjoint(node, to: &line)
    if let entry {
      line.write(.adjoint, limit: .max) { $0.append(header.shape(of: node).index(of: entry)) }
    }
  }

  /// Adds the symbol of the derivative of an entry with respect to an entry: `∂v1[2]/∂W1[2, 3]`.
  func addPartial(
    _ node: NodeIndex, _ place: Int, _ operand: NodeIndex, _ entry: Int,
    to line: inout some LinePieces
  ) {
    line.add(signs.partial, .partial)
    addName(node, .partial, to: &line)
    line.write(.partial, limit: .max) { $0.append(header.shape(of: node).index(of: place)) }
    line.add(signs.over, .partial)
    addName(operand, .partial, to: &line)
    line.write(.partial, limit: .max) { $0.append(header.shape(of: operand).index(of: entry)) }
  }

  /// Adds the symbol of a local derivative: `∂v1/∂w1`.
  func addPartial(_ node: NodeIndex, _ operand: NodeIndex, to line: inout some LinePieces) {
    let isReady = line.addReady(.partial, limit: .max) {
      guard let top = names.write(signs.partial, node, to: &$0) else { return nil }
      return names.write(signs.over, operand, to: &$0).map { top + $0 }
    }
    if isReady { return }
    line.add(signs.partial, .partial)
    addName(node, .partial, to: &line)
    line.add(signs.over, .partial)
    addName(operand, .partial, to: &line)
  }

  /// Adds ` · ` between symbols.
  func addDot(to line: inout some LinePieces) { line.add(signs.dot, .sign) }

  /// Adds a term of a sum: ` + 0.3 (from v4)`, the first one without its sign.
  func addTerm(
    _ user: NodeIndex, _ contribution: Reading, isFirst: Bool, beginsRow: Bool, limit: Int,
    to line: inout some LinePieces
  ) {
    if !beginsRow { line.add(signs.blank, .sign) }
    var term = contribution
    if !isFirst {
      line.allowBreak()
      if case .scalar(let number) = contribution, number.sign == .minus, !number.isNaN {
        line.add(signs.minus, .sign)
        term = .scalar(number.magnitude)
      } else {
        line.add(signs.plus, .sign)
      }
    }
    add(term, .adjoint, limit: limit, to: &line)
    line.add(signs.from, .dim)
    addName(user, .dim, to: &line)
    line.add(signs.close, .dim)
  }

  /// Adds `  so far ` before a running sum, at which the line may be broken.
  func addSoFar(to line: inout some LinePieces) {
    line.add(signs.blanks, .dim)
    line.allowBreak()
    line.add(signs.soFar, .dim)
  }

  /// Adds ` × ` between numbers.
  func addTimes(to line: inout some LinePieces) { line.add(signs.times, .sign) }

  /// Adds an operation: `w1*x1`.
  func addFormula(_ node: NodeIndex, to line: inout some LinePieces) {
    let limit = formulaLimit
    if line.addReady(.formula, limit: limit, { names.writeFormula(of: node, to: &$0) }) { return }
    line.write(.formula, limit: limit) { header.write(header.text(of: node), of: node, to: &$0) }
  }

  /// Adds the local derivative or the rule for an operand: `x1` or `∂L/∂z @ x'`.
  func addPartialFormula(
    _ node: NodeIndex, _ slot: Int, _ role: Role, to line: inout some LinePieces
  ) {
    let limit = formulaLimit
    if line.addReady(role, limit: limit, { names.writePartial(of: node, slot: slot, to: &$0) }) {
      return
    }
    line.write(role, limit: limit) {
      header.write(header.partialFormula(of: node, slot: slot), of: node, to: &$0)
    }
  }

  /// Whether a local derivative's text is the whole contribution.
  func isContribution(_ node: NodeIndex, _ slot: Int) -> Bool {
    !names.hasPattern(node) && header.formulaIsContribution(of: node, slot: slot)
  }

  /// Whether a node is the result of an operation.
  func isOperation(_ node: NodeIndex) -> Bool {
    names.hasPattern(node) || header.kind(of: node) == .operation
  }

  /// Whether an operation says more with its operands' values put in: not if all are constants.
  func hasNumbers(_ node: NodeIndex) -> Bool {
    if let known = names.hasNumbers(node) { return known }
    let hasGaps = header.text(of: node).pieces.contains {
      if case .text = $0 { false } else { true }
    }
    guard hasGaps else { return false }
    for slot in 0..<header.operandCount(of: node)
    where header.kind(of: header.operand(slot, of: node)) != .constant {
      return true
    }
    return false
  }

  /// Adds the operation with its operands' values put in: `0.5*1`.
  func addNumbers(_ node: NodeIndex, to line: inout some LinePieces) {
    if isScalar, line.addReady(.formula, limit: formulaLimit, { putIn(node, to: &$0) }) { return }
    line.write(.formula, limit: formulaLimit) { text in
      for piece in header.text(of: node).pieces {
        switch piece {
        case .text(let bytes): text.append(bytes)
        case .operand(let slot, let bare):
          putIn(header.operand(slot, of: node), bare: bare, to: &text)
        case .operands(let first):
          for slot in first..<max(first, header.operandCount(of: node)) {
            if slot > first { text.append(", ") }
            putIn(header.operand(slot, of: node), bare: true, to: &text)
          }
        case .result, .adjoint: putIn(node, bare: true, to: &text)
        }
      }
    }
  }

  /// Writes an operation on numbers and returns its columns; nil where it needs more care.
  @inline(__always)
  private func putIn(_ node: NodeIndex, to text: inout some ByteSink) -> Int? {
    let start = text.count
    let isReady = names.writeNumbers(of: node, to: &text) { operand, isBare, text in
      putIn(values[operand], bare: isBare, to: &text)
    }
    return isReady ? text.count - start : nil
  }

  private func putIn(_ number: Double, bare: Bool, to text: inout some ByteSink) {
    let parenthesized = !bare && number.sign == .minus && !number.isNaN
    if parenthesized { text.append(byte: UInt8(ascii: "(")) }
    text.append(number, by: &numbers)
    if parenthesized { text.append(byte: UInt8(ascii: ")")) }
  }

  /// A number, in parentheses where it is negative and does not stand alone; a tensor's shape.
  private func putIn(_ operand: NodeIndex, bare: Bool, to text: inout ByteBuffer) {
    let shape = header.shape(of: operand)
    guard shape.isScalar else { return text.append(InlineValue.shape(shape)) }
    putIn(values[operand], bare: bare, to: &text)
  }

  /// Adds `∂a/∂z = a*(1 - a) = 0.25`; the number only where it says more than the formula.
  func addLocal(
    _ node: NodeIndex, _ slot: Int, _ operand: NodeIndex, _ value: Reading?,
    to line: inout some LinePieces
  ) {
    addPartial(node, operand, to: &line)
    guard
      names.hasPattern(node) || !header.partialFormula(of: node, slot: slot).pieces.isEmpty
    else {
      guard let value = value?.collapsed else { return }
      line.addEquals()
      return add(value, .partial, to: &line)
    }
    line.addEquals()
    let start = line.mark
    addPartialFormula(node, slot, .formula, to: &line)
    guard let value = value?.collapsed else { return }
    let end = line.mark
    line.addEquals()
    let number = line.mark
    add(value, .partial, to: &line)
    guard line.isRepeated(from: start, to: end, after: number) else { return }
    line.rewind(to: end)
    line.relabelEnd(.partial)
  }

  // MARK: Numbers

  /// A value within a line: a number, a short tensor written out, or the shape of a longer one.
  func add(
    _ reading: Reading, _ role: Role, factor: Bool = false, limit: Int = InlineValue.columns,
    to line: inout some LinePieces
  ) {
    if case .scalar(let number) = reading {
      _ = line.addReady(role, limit: .max) { text in
        let start = text.count
        putIn(number, bare: !factor, to: &text)
        return text.count - start
      }
      return
    }
    let inline = InlineValue(reading, limit: limit, numbers: style.numbers)
    line.add(inline?.text ?? InlineValue.shape(reading.shape), role)
  }

  /// How many columns a value takes within a line.
  func columns(of reading: Reading) -> Int {
    var line = line()
    add(reading, .value, to: &line)
    return line.columns
  }

  /// Whether a value is written out within a line.
  func isInline(_ reading: Reading, limit: Int = InlineValue.columns) -> Bool {
    if case .scalar = reading { return true }
    return InlineValue(reading, limit: limit, numbers: style.numbers) != nil
  }
}

extension Reading {
  /// A single 1 for many, as the local derivatives of sums are.
  var collapsed: Reading {
    guard case .tensor(_, let numbers) = self, numbers.allSatisfy({ $0 == 1 }) else { return self }
    return .scalar(1)
  }
}
