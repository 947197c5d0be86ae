// The names and formulas of a trace's nodes, made ready once: a name is written a dozen times.

import BackstepTrace

/// Every node's name as it is written: escaped and spelled already, its columns counted; and what
/// nodes of one operation have in common.
///
/// **Cost** 16 bytes a node and its name, and 4 for each operand.
final class NodeNames {
  /// Where a name stands in the text.
  private struct Place {
    var start: Int
    var count: UInt32
    var columns: UInt16
    /// The operation's place among the patterns, plus 1; 0 where the node has formulas of its own.
    var pattern: UInt8
    var flags: Flags

    var range: Range<Int> { start..<start + Int(count) }
  }

  private struct Flags: OptionSet {
    let rawValue: UInt8
    /// A constant below zero, in need of parentheses beside an operator.
    static let isNegative = Flags(rawValue: 1)
    /// The name can be used as it is: longer names are shortened where they are written.
    static let isReady = Flags(rawValue: 2)
    static let isConstant = Flags(rawValue: 4)
  }

  /// Where the texts stand that nodes of one operation have in common.
  private struct Pattern {
    var formula: Range<Int>
    /// The local derivatives for up to three operands.
    var partials: (Range<Int>, Range<Int>, Range<Int>) = (0..<0, 0..<0, 0..<0)
    var label: Range<Int>
    /// Whether the formula has gaps.
    var hasGaps: Bool
  }

  /// All there is, complete before anyone reads it.
  private struct Table {
    var text = ByteBuffer()
    var places: ContiguousArray<Place> = []
    /// Where each node's operands begin among all.
    var starts: ContiguousArray<UInt32> = []
    var operands: ContiguousArray<UInt32> = []
    var patterns: ContiguousArray<Pattern> = []
    var marks: ContiguousArray<Template.Mark> = []

    /// Notes the texts of a node's operation; 0 where some of them need more care.
    mutating func addPattern(
      _ node: NodeIndex, _ header: any TraceHeader, _ spell: (inout ByteBuffer, _ start: Int) -> Int
    ) -> UInt8 {
      func add(_ template: Template) -> Range<Int>? {
        let start = marks.count
        guard !template.marks.contains(where: { $0.kind == .other || $0.kind == .operands }) else {
          return nil
        }
        marks.append(contentsOf: template.marks)
        return start..<marks.count
      }
      let count = header.operandCount(of: node)
      guard patterns.count < 254, count <= 3, let formula = add(header.text(of: node)) else {
        return 0
      }
      let start = text.count
      text.append(header.operation(of: node))
      _ = spell(&text, start)
      var pattern = Pattern(
        formula: formula, label: start..<text.count,
        hasGaps: marks[formula].contains { $0.kind != .text })
      for slot in 0..<count {
        guard let partial = add(header.partialFormula(of: node, slot: slot)), !partial.isEmpty
        else {
          return 0
        }
        switch slot {
        case 0: pattern.partials.0 = partial
        case 1: pattern.partials.1 = partial
        default: pattern.partials.2 = partial
        }
      }
      patterns.append(pattern)
      return UInt8(patterns.count)
    }
  }

  private let table: Table

  /// Starts without names: nothing is ready.
  init() { table = Table() }

  /// Makes names and formulas ready.
  ///
  /// - Parameters:
  ///   - header: Where they are from.
  ///   - limit: How many columns a name may have.
  ///   - spell: Makes what was written from a place on safe, and returns how many columns it takes.
  init(
    _ header: any TraceHeader, limit: Int, spell: (inout ByteBuffer, _ start: Int) -> Int
  ) {
    var table = Table()
    table.places.reserveCapacity(header.count)
    table.starts.reserveCapacity(header.count + 1)
    table.operands.reserveCapacity(2 * header.count)
    /// The place of each of the header's patterns, plus 1; 0 for those that were not met.
    var known = ContiguousArray<UInt8>(repeating: 0, count: 256)
    for node in 0..<header.count {
      let start = table.text.count
      header.writeName(of: node, to: &table.text)
      var flags = Flags()
      if header.kind(of: node) == .constant {
        flags.insert(.isConstant)
        if table.text.count > start, table.text[start] == UInt8(ascii: "-") {
          flags.insert(.isNegative)
        }
      }
      let columns = spell(&table.text, start)
      if columns <= min(limit, Int(UInt16.max)) {
        flags.insert(.isReady)
      } else {
        table.text.truncate(to: start)
      }
      let end = table.text.count
      var pattern: UInt8 = 0
      if let own = header.pattern(of: node) {
        if known[Int(own)] == 0 { known[Int(own)] = table.addPattern(node, header, spell) }
        pattern = known[Int(own)]
      }
      table.places.append(
        Place(
          start: start, count: UInt32(end - start), columns: UInt16(truncatingIfNeeded: columns),
          pattern: pattern, flags: flags))
      table.starts.append(UInt32(truncatingIfNeeded: table.operands.count))
      for slot in 0..<header.operandCount(of: node) {
        table.operands.append(UInt32(truncatingIfNeeded: header.operand(slot, of: node)))
      }
    }
    table.starts.append(UInt32(truncatingIfNeeded: table.operands.count))
    self.table = table
  }

  // MARK: Looking up

  @inline(__always) private func pattern(of node: NodeIndex) -> Pattern? {
    guard node < table.places.count, table.places[node].pattern > 0 else { return nil }
    return table.patterns[Int(table.places[node].pattern) - 1]
  }

  /// Whether a node has formulas of its operation's, and all of them are ready.
  @inline(__always) func hasPattern(_ node: NodeIndex) -> Bool {
    node < table.places.count && table.places[node].pattern > 0
  }

  /// Whether a node's formula says more with numbers in its gaps; nil where it is not ready.
  func hasNumbers(_ node: NodeIndex) -> Bool? {
    guard let pattern = pattern(of: node) else { return nil }
    guard pattern.hasGaps else { return false }
    for place in table.starts[node]..<table.starts[node + 1]
    where !table.places[operand(Int(place))].flags.contains(.isConstant) {
      return true
    }
    return false
  }

  /// How many operands a node has.
  @inline(__always) func operandCount(of node: NodeIndex) -> Int {
    Int(table.starts[node + 1] &- table.starts[node])
  }

  /// The operand in a slot.
  @inline(__always) func operand(_ slot: Int, of node: NodeIndex) -> NodeIndex {
    operand(Int(table.starts[node]) + slot)
  }

  @inline(__always) private func operand(_ place: Int) -> NodeIndex { Int(table.operands[place]) }

  // MARK: Writing

  /// Writes a name and returns its columns; nil if it is not ready.
  @inline(__always)
  func write(_ node: NodeIndex, to output: inout some ByteSink) -> Int? {
    guard node < table.places.count else { return nil }
    let place = table.places[node]
    guard place.flags.contains(.isReady) else { return nil }
    output.append(table.text, place.start..<place.start + Int(place.count))
    return Int(place.columns)
  }

  /// Writes a name behind a sign and returns their columns; nil, and perhaps the sign was written, if the name
  /// is not ready.
  @inline(__always)
  func write(
    _ sign: borrowing FragmentLine.Sign, _ node: NodeIndex, to output: inout some ByteSink
  ) -> Int? {
    if sign.count <= 8 {
      output.append(packed: sign.word, first: sign.count)
    } else {
      output.append(sign.text, 0..<sign.count)
    }
    return write(node, to: &output).map { sign.columns + $0 }
  }

  /// Writes the operation's name; false if it is not ready.
  func writeOperation(of node: NodeIndex, to output: inout some ByteSink) -> Bool {
    guard let pattern = pattern(of: node) else { return false }
    output.append(table.text, pattern.label)
    return true
  }

  /// Writes an operation with names in its gaps and returns its columns; nil if not all is ready, and
  /// then some of it may have been written.
  func writeFormula(of node: NodeIndex, to output: inout some ByteSink) -> Int? {
    guard let pattern = pattern(of: node) else { return nil }
    return write(pattern.formula, of: node, to: &output)
  }

  /// Writes the formula of a local derivative and returns its columns; nil if not all is ready.
  func writePartial(of node: NodeIndex, slot: Int, to output: inout some ByteSink) -> Int? {
    guard let pattern = pattern(of: node) else { return nil }
    let partials = pattern.partials
    let partial = slot == 0 ? partials.0 : slot == 1 ? partials.1 : partials.2
    return write(partial, of: node, to: &output)
  }

  /// Writes an operation with numbers in its gaps; false if it is not ready.
  @inline(__always)
  func writeNumbers<Text: ByteSink>(
    of node: NodeIndex, to output: inout Text,
    number: (_ operand: NodeIndex, _ isBare: Bool, inout Text) -> Void
  ) -> Bool {
    guard let pattern = pattern(of: node) else { return false }
    for index in pattern.formula {
      let mark = table.marks[index]
      switch mark.kind {
      case .text: output.append(packed: mark.word, first: mark.count)
      case .operand: number(operand(mark.count, of: node), false, &output)
      case .bareOperand: number(operand(mark.count, of: node), true, &output)
      case .operands, .result, .other: return false
      }
    }
    return true
  }

  @inline(__always)
  private func write(
    _ range: Range<Int>, of node: NodeIndex, to output: inout some ByteSink
  ) -> Int? {
    let first = Int(table.starts[node])
    var columns = 0
    for index in range {
      let mark = table.marks[index]
      let width: Int?
      switch mark.kind {
      case .text:
        output.append(packed: mark.word, first: mark.count)
        width = mark.count
      case .operand: width = writeFactor(operand(first + mark.count), to: &output)
      case .bareOperand: width = write(operand(first + mark.count), to: &output)
      case .result: width = write(node, to: &output)
      case .operands, .other: width = nil
      }
      guard let width else { return nil }
      columns += width
    }
    return columns
  }

  /// Writes a name, a negative number in parentheses, and returns its columns; nil if it is not ready.
  @inline(__always)
  private func writeFactor(_ node: NodeIndex, to output: inout some ByteSink) -> Int? {
    guard table.places[node].flags.contains(.isNegative) else { return write(node, to: &output) }
    output.append(byte: UInt8(ascii: "("))
    guard let columns = write(node, to: &output) else { return nil }
    output.append(byte: UInt8(ascii: ")"))
    return columns + 2
  }
}
