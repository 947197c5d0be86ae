// The texts at the nodes of a drawing: names, operations, numbers that fit.

import BackstepTrace

/// How much a drawing says at each node.
struct GraphDetail: Sendable, Equatable {
  /// What stands beside the name of an operation.
  enum Operation: Sendable { case formula, sign, nothing }

  var operation: Operation
  /// How many columns a number may take.
  var field: Int
  /// The columns between upright wires, and before and behind them.
  var spacing: Int
  var lead: Int

  /// From the most to the least; the first that fits is taken.
  static let all: [GraphDetail] = [
    GraphDetail(operation: .formula, field: 9, spacing: 2, lead: 2),
    GraphDetail(operation: .formula, field: 9, spacing: 1, lead: 1),
    GraphDetail(operation: .sign, field: 8, spacing: 2, lead: 2),
    GraphDetail(operation: .sign, field: 8, spacing: 2, lead: 1),
    GraphDetail(operation: .sign, field: 7, spacing: 1, lead: 0),
    GraphDetail(operation: .nothing, field: 7, spacing: 1, lead: 0),
  ]
}

/// Writes the texts at nodes.
struct GraphLabels: Sendable {
  let header: any TraceHeader
  let style: Style
  let showsAdjoints: Bool

  private static let nameLimit = 16
  private static let formulaLimit = 28

  /// An empty line in the drawing's style.
  func line() -> FragmentLine {
    FragmentLine(ascii: style.ascii, keepsRoles: style.theme != nil)
  }

  /// A text in brackets: the node that is marked.
  func bracketed(_ text: FragmentLine) -> FragmentLine {
    var line = line()
    line.add("[", .heading)
    line.add(text)
    line.add("]", .heading)
    return line
  }

  /// Whether a node is a value that nothing computes.
  func isLeaf(_ node: NodeIndex) -> Bool { header.kind(of: node) != .operation }

  /// How many lines a node's text takes.
  func height(of node: NodeIndex, ports: Int, hasAdjoint: Bool) -> Int {
    let rows = isLeaf(node) ? 1 : 2
    return max(rows + (showsAdjoints && hasAdjoint ? 1 : 0), ports)
  }

  /// How many columns a node's text takes at most.
  func width(of node: NodeIndex, _ detail: GraphDetail) -> Int {
    let field = field(of: node, detail)
    var title = title(of: node, nil, detail).columns
    if isLeaf(node) { title += field - 1 }
    return max(title, field + (showsAdjoints ? 2 : 0))
  }

  private func field(of node: NodeIndex, _ detail: GraphDetail) -> Int {
    let shape = header.shape(of: node)
    guard !shape.isScalar else { return detail.field }
    var text = line()
    text.add(InlineValue.shape(shape))
    return max(detail.field, text.columns)
  }

  /// The first line at a node: `w1 = 0.5`, `v1 = w1*x1`, `v1 *`.
  func title(
    of node: NodeIndex, _ value: Reading?, _ detail: GraphDetail, isMarked: Bool = false
  ) -> FragmentLine {
    var line = line()
    line.write(isMarked ? .heading : .name, limit: Self.nameLimit) {
      header.writeName(of: node, to: &$0)
    }
    if isLeaf(node) {
      line.add(" = ", .sign)
      add(value, .value, of: node, detail, to: &line)
      return line
    }
    switch detail.operation {
    case .formula:
      line.add(" = ", .sign)
      line.write(.formula, limit: Self.formulaLimit) {
        header.write(header.text(of: node), of: node, to: &$0)
      }
    case .sign:
      line.add(" ")
      line.write(.formula, limit: 13) { $0.append(sign(of: node)) }
    case .nothing: break
    }
    return line
  }

  /// The name of a node that is drawn in another part.
  func reference(to node: NodeIndex) -> FragmentLine {
    var line = line()
    line.add(style.ascii ? ".." : "…", .dim)
    line.write(.name, limit: Self.nameLimit) { header.writeName(of: node, to: &$0) }
    return line
  }

  /// Shows that the wire behind a node goes on in another part.
  func addOnward(to line: inout FragmentLine) {
    line.add(style.ascii ? " -.." : " ──…", .dim)
  }

  /// The operation in a word or a sign: `*`, `^2`, `sigmoid`.
  private func sign(of node: NodeIndex) -> String {
    var text = ByteBuffer()
    for piece in header.text(of: node).pieces {
      switch piece {
      case .text(let bytes): text.append(bytes)
      case .operand(let slot, _):
        let operand = header.operand(slot, of: node)
        if header.kind(of: operand) == .constant, header.shape(of: operand).isScalar {
          header.writeName(of: operand, to: &text)
        }
      default: break
      }
    }
    let word = text.string
    let first = word.first ?? " "
    if first.isLetter || first == "_" {
      return String(word.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
    if first == "[", !word.contains(where: \.isNumber) { return "[…]" }
    let trimmed = word.drop { $0 == " " }
    return String(trimmed.last == " " ? trimmed.dropLast() : trimmed)
  }

  /// The lines below the title: value and adjoint.
  func details(
    of node: NodeIndex, _ value: Reading?, _ adjoint: Reading?, _ detail: GraphDetail,
    hasAdjoint: Bool
  ) -> [FragmentLine] {
    var lines: [FragmentLine] = []
    if !isLeaf(node) {
      var line = line()
      add(value, .value, of: node, detail, to: &line)
      lines.append(line)
    }
    if showsAdjoints, hasAdjoint {
      var line = line()
      line.add("∂ ", adjoint == nil ? .dim : .adjoint)
      add(adjoint, .adjoint, of: node, detail, to: &line)
      lines.append(line)
    }
    return lines
  }

  /// A number with as many digits as fit, `?` where there is none yet, a shape for a large tensor.
  func add(
    _ reading: Reading?, _ role: Role, of node: NodeIndex, _ detail: GraphDetail,
    to line: inout FragmentLine
  ) {
    guard let reading else { return line.add("?", .dim) }
    let room = field(of: node, detail)
    guard case .scalar(let number) = reading else {
      let inline = InlineValue(reading, limit: room, numbers: style.numbers)
      line.write(role, limit: room) { $0.append(inline?.text ?? InlineValue.shape(reading.shape)) }
      return
    }
    line.add(Self.fitted(number, style.numbers, room), role)
  }

  /// A number rounded until it takes no more than `room` columns.
  static func fitted(_ number: Double, _ format: NumberFormat, _ room: Int) -> ByteBuffer {
    var digits = format.digits
    while digits > 0 {
      var text = ByteBuffer()
      NumberFormat(digits: digits).append(number, to: &text)
      if text.count <= room { return text }
      digits -= 1
    }
    // A whole number is written in full however few digits are asked for.
    var exponent = 0
    var rest = number
    while rest.isFinite, abs(rest) >= 10 {
      rest /= 10
      exponent += 1
    }
    var text = ByteBuffer()
    NumberFormat(digits: max(1, room - 5)).append(rest, to: &text)
    text.append("e")
    text.append(exponent)
    return text
  }
}
