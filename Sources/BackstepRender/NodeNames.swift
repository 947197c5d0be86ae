// The names of a trace's nodes, made ready once: a name is written a dozen times.

import BackstepTrace

/// Every node's name as it is written: escaped and spelled already, its columns counted.
struct NodeNames {
  /// Where a name stands in the text.
  private struct Place {
    var start: Int
    var count: UInt32
    var columns: UInt16
    /// Whether it is a constant below zero, in need of parentheses beside an operator.
    var isNegative: Bool
    /// Whether it can be used as it is: longer names are shortened where they are written.
    var isReady: Bool
  }

  private var text = ByteBuffer()
  private var places: ContiguousArray<Place> = []
  /// Where each node's operands begin among all.
  private var starts: ContiguousArray<UInt32> = []
  private var operands: ContiguousArray<UInt32> = []

  /// Starts without names: nothing is ready.
  init() {}

  /// Makes the names ready.
  ///
  /// - Parameters:
  ///   - header: Where the names are from.
  ///   - limit: How many columns a name may have.
  ///   - spell: Makes what was written from a place on safe, and returns how many columns it takes.
  init(
    _ header: any TraceHeader, limit: Int, spell: (inout ByteBuffer, _ start: Int) -> Int
  ) {
    places.reserveCapacity(header.count)
    starts.reserveCapacity(header.count + 1)
    operands.reserveCapacity(2 * header.count)
    for node in 0..<header.count {
      let start = text.count
      header.writeName(of: node, to: &text)
      let isNegative =
        text.count > start && text[start] == UInt8(ascii: "-") && header.kind(of: node) == .constant
      let columns = spell(&text, start)
      let isReady = columns <= min(limit, Int(UInt16.max))
      if !isReady { text.truncate(to: start) }
      places.append(
        Place(
          start: start, count: UInt32(text.count - start),
          columns: UInt16(truncatingIfNeeded: columns), isNegative: isNegative, isReady: isReady))
      starts.append(UInt32(truncatingIfNeeded: operands.count))
      for slot in 0..<header.operandCount(of: node) {
        operands.append(UInt32(truncatingIfNeeded: header.operand(slot, of: node)))
      }
    }
    starts.append(UInt32(truncatingIfNeeded: operands.count))
  }

  /// Writes a name and returns its columns; nil if it is not ready.
  @inline(__always)
  func write(_ node: NodeIndex, to output: inout ByteBuffer) -> Int? {
    guard node < places.count, places[node].isReady else { return nil }
    let place = places[node]
    output.append(text, place.start..<place.start + Int(place.count))
    return Int(place.columns)
  }

  /// Writes a name, a negative number in parentheses, and returns its columns; nil if it is not ready.
  @inline(__always)
  private func writeFactor(_ node: NodeIndex, to output: inout ByteBuffer) -> Int? {
    guard node < places.count, places[node].isNegative else { return write(node, to: &output) }
    output.append(byte: UInt8(ascii: "("))
    guard let columns = write(node, to: &output) else { return nil }
    output.append(byte: UInt8(ascii: ")"))
    return columns + 2
  }

  /// Writes a formula with names in its gaps and returns its columns; nil if not all is ready, and
  /// then some of it may have been written.
  func write(_ template: Template, of node: NodeIndex, to output: inout ByteBuffer) -> Int? {
    guard node < places.count else { return nil }
    let first = Int(starts[node])
    var columns = 0
    for mark in template.marks {
      switch mark.kind {
      case .text:
        output.append(packed: mark.word, first: mark.count)
        columns += mark.count
      case .operand:
        guard let width = writeFactor(operand(first + mark.count), to: &output) else { return nil }
        columns += width
      case .bareOperand:
        guard let width = write(operand(first + mark.count), to: &output) else { return nil }
        columns += width
      case .result:
        guard let width = write(node, to: &output) else { return nil }
        columns += width
      case .operands, .other: return nil
      }
    }
    return columns
  }

  @inline(__always) private func operand(_ place: Int) -> NodeIndex { Int(operands[place]) }

  /// The operand in a slot.
  @inline(__always) func operand(_ slot: Int, of node: NodeIndex) -> NodeIndex {
    Int(operands[Int(starts[node]) + slot])
  }
}
