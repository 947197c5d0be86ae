// The derivative of a whole statement as a formula: the chain rule inside it, written out.

import BackstepTrace

/// Writes the chain rule inside a group of operations as formulas, one for each of its uses.
///
/// It is a backward pass over texts: each operation multiplies what has come to it by its local
/// derivative and adds that to its operands. Factors 1 are left out; nothing else is simplified.
/// Where the text grows too long there is no formula, and the number stands alone.
struct ChainFormula {
  /// A formula with gaps for the group's uses, and whether it is in one piece.
  private struct Text {
    var pieces: [Template.Piece]
    /// How long it is about.
    var length: Int
    /// Whether it is a name, a number or a call: no parentheses are ever needed.
    var isAtomic: Bool
    /// Whether it is 1.
    var isOne = false
    /// Whether it is 0: what is flat sends nothing.
    var isZero = false
    /// Whether its sign is still to be written before it.
    var isNegative = false

    /// Whether a sum or a difference stands outside brackets, so that a factor needs parentheses.
    var isSum: Bool { Template(pieces: pieces).inParentheses.pieces.count > pieces.count }
  }

  /// The longest formula that is worth showing.
  private static let limit = 72

  private let texts: NodeTexts
  private let group: Grouping.Group
  private let graph: Graph
  private let active: ContiguousArray<Bool>
  private let slots: [Int: Int]
  /// The values of the operations inside as text.
  private var values: [Int: Text] = [:]
  /// Whether the formulas are whole contributions, with the adjoint in them.
  let isContribution: Bool

  init(_ texts: NodeTexts, _ group: Grouping.Group, active: ContiguousArray<Bool>) {
    self.texts = texts
    self.group = group
    self.active = active
    graph = texts.graph
    let graph = texts.graph
    slots = Dictionary(
      uniqueKeysWithValues: group.uses.enumerated().map { ($0.element, $0.offset) })
    isContribution = group.members.contains { member in
      (0..<graph.operandCount(of: member)).contains { slot in
        let operand = graph.operand(slot, of: member)
        return active[operand]
          && (texts.formulaIsContribution(of: member, slot: slot)
            || !graph.operations[member].isStructural && graph.shape(of: member) != .scalar
              && graph.shape(of: operand) != graph.shape(of: member))
      }
    }
  }

  /// The formula for each use; no pieces where there is none.
  mutating func formulas() -> [Template] {
    guard group.members.count <= 64 else {
      return group.uses.map { _ in Template(pieces: []) }
    }
    for member in group.members.dropLast() { values[member] = value(of: member) }
    /// What has come to each node; nil where it became too long.
    var gathered: [Int: Text?] = [:]
    gathered[group.root] = Text(
      pieces: [isContribution ? .adjoint : .text(Array("1".utf8))], length: 4, isAtomic: true,
      isOne: !isContribution)
    for member in group.members.reversed() where graph.operations[member] != .derivative {
      guard let incoming = gathered[member] else { continue }
      for slot in 0..<graph.operandCount(of: member) {
        let operand = graph.operand(slot, of: member)
        guard active[operand] else { continue }
        let term = incoming.flatMap { contribution($0, member, slot) }
        if let before = gathered[operand] {
          gathered[operand] = .some(before.flatMap { before in term.flatMap { sum(before, $0) } })
        } else {
          gathered[operand] = .some(term)
        }
      }
    }
    return group.uses.map { Template(pieces: (gathered[$0] ?? nil).map(signed)?.pieces ?? []) }
  }

  // MARK: Parts

  /// What an operation sends to one of its operands.
  private func contribution(_ incoming: Text, _ node: Int, _ slot: Int) -> Text? {
    let formula = texts.partialFormula(of: node, slot: slot)
    guard !incoming.isZero, !isOne(formula, "0") else {
      var zero = plain("0")
      zero.isZero = true
      return zero
    }
    guard var local = filled(formula, node, adjoint: signed(incoming)) else { return nil }
    local.isOne = isOne(formula, "1") || isOne(formula, "-1")
    local.isNegative = isOne(formula, "-1")
    if local.isNegative { local.pieces = [.text(Array("1".utf8))] }
    if texts.formulaIsContribution(of: node, slot: slot) { return checked(local) }
    var product = incoming.isOne ? local : local.isOne ? incoming : product(incoming, local)
    product.isOne = incoming.isOne && local.isOne
    product.isNegative = incoming.isNegative != local.isNegative
    let operand = graph.operand(slot, of: node)
    if isContribution, !graph.operations[node].isStructural {
      guard let summed = unbroadcast(product, graph.shape(of: node), graph.shape(of: operand))
      else { return nil }
      product = summed
    }
    return checked(product)
  }

  /// Whether a local derivative is a number, 1 also where it is that in every entry.
  private func isOne(_ formula: Template, _ number: String) -> Bool {
    guard formula.pieces.count == 1, case .text(let bytes)? = formula.pieces.first else {
      return false
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text == number || number == "1" && text.hasPrefix("ones(") && text.last == ")"
  }

  /// Writes the sign of a text.
  private func signed(_ text: Text) -> Text {
    guard text.isNegative else { return text }
    let bare = text.isSum ? parenthesized(text) : text
    return Text(
      pieces: [.text(Array("-".utf8))] + bare.pieces, length: bare.length + 1, isAtomic: false)
  }

  /// Multiplies; a quotient 1/x divides.
  private func product(_ one: Text, _ other: Text) -> Text {
    let left = one.isSum ? parenthesized(one) : one
    var right = other.isSum ? parenthesized(other) : other
    var sign = "*"
    if case .text(let bytes)? = right.pieces.first, bytes.starts(with: "1/".utf8) {
      sign = "/"
      right.pieces[0] = .text(Array(bytes.dropFirst(2)))
    }
    return Text(
      pieces: left.pieces + [.text(Array(sign.utf8))] + right.pieces,
      length: left.length + right.length + 1, isAtomic: false)
  }

  private func sum(_ one: Text, _ other: Text) -> Text? {
    if one.isZero || other.isZero { return one.isZero ? other : one }
    let left = signed(one)
    let right = other.isNegative && other.isSum ? parenthesized(other) : other
    return checked(
      Text(
        pieces: left.pieces + [.text(Array((other.isNegative ? " - " : " + ").utf8))]
          + right.pieces,
        length: left.length + right.length + 3, isAtomic: false))
  }

  /// The sum over what was stretched, where an operand is smaller than the result.
  private func unbroadcast(_ text: Text, _ shape: Shape, _ operand: Shape) -> Text? {
    guard shape != operand else { return text }
    guard operand.count > 1 || shape.rank < 2 else {
      return Text(pieces: call("sum(", text, ")"), length: text.length + 5, isAtomic: true)
    }
    guard operand.rank == 1, shape.rank == 2 else {
      return operand.isScalar
        ? Text(pieces: call("sum(", text, ")"), length: text.length + 5, isAtomic: true) : nil
    }
    return Text(pieces: call("sum(", text, ", axis=1)"), length: text.length + 13, isAtomic: true)
  }

  private func call(_ open: String, _ text: Text, _ close: String) -> [Template.Piece] {
    [.text(Array(open.utf8))] + text.pieces + [.text(Array(close.utf8))]
  }

  private func parenthesized(_ text: Text) -> Text {
    Text(pieces: call("(", text, ")"), length: text.length + 2, isAtomic: true)
  }

  private func checked(_ text: Text) -> Text? { text.length <= Self.limit ? text : nil }

  /// The value of an operation inside the group: its name, or its formula.
  private func value(of node: Int) -> Text? {
    if graph.label(of: node) != nil || graph.operations[node] == .derivative {
      return plain(texts.name(of: node))
    }
    return filled(texts.text(of: node), node, adjoint: nil).flatMap(checked)
  }

  private func plain(_ text: String) -> Text {
    Text(pieces: [.text(Array(text.utf8))], length: text.utf8.count, isAtomic: true)
  }

  /// A formula of an operation with its operands written out.
  private func filled(_ template: Template, _ node: Int, adjoint: Text?) -> Text? {
    var pieces: [Template.Piece] = []
    var length = 0
    func add(_ text: Text?, bare: Bool) -> Bool {
      guard let text else { return false }
      let shown = bare || text.isAtomic ? text : parenthesized(text)
      pieces += shown.pieces
      length += shown.length
      return length <= Self.limit
    }
    let isAlone = template.pieces.count == 1
    for (index, piece) in template.pieces.enumerated() {
      switch piece {
      case .text(let bytes):
        pieces.append(piece)
        length += bytes.count
      case .operand(let slot, let bare):
        let operand = graph.operand(slot, of: node)
        guard add(operandText(operand, bare: bare || isAlone), bare: bare || isAlone) else {
          return nil
        }
      case .operands(let first):
        for slot in first..<max(first, graph.operandCount(of: node)) {
          if slot > first, !add(plain(", "), bare: true) { return nil }
          guard add(operandText(graph.operand(slot, of: node), bare: true), bare: true) else {
            return nil
          }
        }
      case .result:
        if node == group.root {
          pieces.append(.result)
          length += 4
        } else if !add(values[node], bare: isAlone) {
          return nil
        }
      case .adjoint:
        guard add(adjoint, bare: isArgument(index, template)) else { return nil }
      }
    }
    return Text(pieces: pieces, length: length, isAtomic: isCall(template) || isAlone && length < 8)
  }

  /// Whether a gap is the whole formula or a whole argument of a call.
  private func isArgument(_ index: Int, _ template: Template) -> Bool {
    var opens = index == 0
    if index > 0, case .text(let before) = template.pieces[index - 1] {
      opens = before.last == UInt8(ascii: "(") || before.suffix(2).elementsEqual(", ".utf8)
    }
    guard index + 1 < template.pieces.count else { return opens }
    guard case .text(let after) = template.pieces[index + 1] else { return false }
    return opens && (after.first == UInt8(ascii: ")") || after.first == UInt8(ascii: ","))
  }

  private func operandText(_ operand: Int, bare: Bool) -> Text? {
    if let slot = slots[operand] {
      return Text(
        pieces: [.operand(slot, bare: bare)], length: texts.name(of: operand).utf8.count,
        isAtomic: true)
    }
    if let inner = values[operand] { return inner }
    let name = texts.name(of: operand)
    return name.first == "-" && !bare ? plain("(\(name))") : plain(name)
  }

  /// Whether a formula is a single call: `sigmoid(x)`.
  private func isCall(_ template: Template) -> Bool {
    guard case .text(let head)? = template.pieces.first, head.last == UInt8(ascii: "("),
      case .text(let tail)? = template.pieces.last, tail == [UInt8(ascii: ")")]
    else { return false }
    let name = head.dropLast()
    return !name.isEmpty
      && name.allSatisfy {
        $0 == UInt8(ascii: "_") || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
      }
  }
}
