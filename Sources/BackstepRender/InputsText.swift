// The first and the last part of a printed trace: the inputs' values and their derivatives.

import BackstepTrace

/// The inputs and their values, as many on a line as there is room for.
struct InputsText {
  private let cells: TraceCells
  private let writer: LineWriter
  private static let gap = 3

  init(_ cells: TraceCells, _ writer: LineWriter) {
    self.cells = cells
    self.writer = writer
  }

  /// Writes the inputs among the first events of a trace; false if there are none.
  func write(_ events: [TraceEvent]) -> Bool {
    var row = writer.line()
    var isFirst = true
    for case .input(let node, let value) in events {
      if isFirst { writer.writeHeading("Inputs") }
      isFirst = false
      let entry = cells.inputEntry(node, value)
      if row.columns + Self.gap + entry.columns > writer.style.width { flush(&row) }
      row.pad(to: row.isEmpty ? cells.indent : row.columns + Self.gap)
      row.add(entry)
      guard !cells.isInline(value, limit: cells.inlineLimit(value)) else { continue }
      flush(&row)
      writer.writeTable(value, indent: cells.indent + 2)
    }
    flush(&row)
    return !isFirst
  }

  private func flush(_ row: inout FragmentLine) {
    if !row.isEmpty { writer.write(row) }
    row.removeAll()
  }
}

extension TraceEvent {
  /// Whether the event tells an input's value.
  var isInput: Bool { if case .input = self { true } else { false } }
}

extension TraceCells {
  /// How wide a value may be on a line of its own behind its name: vectors may fill the line.
  func inlineLimit(_ value: Reading) -> Int {
    guard value.shape.rank == 1 else { return InlineValue.columns }
    return max(InlineValue.columns, style.width / 2)
  }

  /// An input with its value: `w1 = 0.5` or `y = 1 (const)`.
  func inputEntry(_ node: NodeIndex, _ value: Reading) -> FragmentLine {
    var entry = line()
    addName(node, .name, to: &entry)
    entry.addEquals()
    add(value, .value, limit: inlineLimit(value), to: &entry)
    if header.kind(of: node) == .data { entry.add(" (const)", .dim) }
    return entry
  }
}

/// The derivatives that were asked for, one on a line.
final class GradientText: TraceSection {
  private let cells: TraceCells
  private let writer: LineWriter
  private let titled: Bool
  private var nameColumns = 0
  /// The entry whose uses are told.
  private var entry: (node: NodeIndex, place: Int) = (0, 0)
  /// How many uses it has, and how many were told; of many those in the middle are left out.
  private var uses = 0
  private var shownUses = 0
  private static let useLimit = (first: 24, last: 8)

  /// - Parameters:
  ///   - cells: What lines are made of.
  ///   - writer: Where lines go.
  ///   - titled: Whether there are other parts, so that this one needs a heading.
  init(_ cells: TraceCells, _ writer: LineWriter, titled: Bool) {
    self.cells = cells
    self.writer = writer
    self.titled = titled
  }

  func open(_ events: [TraceEvent]) {
    if titled { writer.writeHeading("Gradient") }
  }

  func layOut(_ events: [TraceEvent]) {
    for case .gradient(let node, let entry, _) in events {
      var name = writer.line()
      cells.addAdjoint(node, entry: entry, to: &name)
      if name.columns <= writer.style.width / 2 { nameColumns = max(nameColumns, name.columns) }
    }
  }

  func receive(_ event: TraceEvent) {
    let indent = titled ? cells.indent : 0
    switch event {
    case .entry(let node, let place, let uses, _):
      entry = (node, place)
      (self.uses, shownUses) = (uses, 0)
      writeUses(uses, indent)
    case .entryUse(let use): return write(use, indent)
    case .gradient(let node, let entry, let value): write(node, entry, value, indent)
    default: return
    }
  }

  /// Says how many uses an entry has: they follow, one on a line, and then the gradient, their sum.
  private func writeUses(_ uses: Int, _ indent: Int) {
    var row = writer.line()
    row.pad(to: indent)
    cells.addName(entry.node, .name, to: &row)
    row.add(cells.header.shape(of: entry.node).index(of: entry.place), .name)
    row.add(
      uses == 0 ? " moves nothing" : uses == 1 ? " moves one entry:" : " moves \(uses) entries:",
      .dim)
    writer.write(row)
  }

  /// Writes `∂L/∂v1[2] · ∂v1[2]/∂W1[2, 3] = 0.06 × 2 = 0.12`, and after the last one the sum.
  private func write(_ use: EntryUse, _ indent: Int) {
    shownUses += 1
    let hidden = uses - Self.useLimit.first - Self.useLimit.last
    if hidden > 0, shownUses > Self.useLimit.first, shownUses <= uses - Self.useLimit.last {
      if shownUses == Self.useLimit.first + 1 {
        var dots = writer.line()
        dots.pad(to: indent + 2)
        dots.add("… \(hidden) more", .dim)
        writer.write(dots)
      }
      return
    }
    var row = writer.line()
    row.pad(to: indent + 2)
    cells.addAdjoint(use.node, entry: use.place, to: &row)
    cells.addDot(to: &row)
    cells.addPartial(use.node, use.place, entry.node, entry.place, to: &row)
    row.addEquals()
    row.hang = row.columns - 2
    cells.add(.scalar(use.adjoint), .adjoint, to: &row)
    cells.addTimes(to: &row)
    cells.add(.scalar(use.local), .partial, factor: true, to: &row)
    row.addEquals()
    cells.add(.scalar(use.contribution), .adjoint, to: &row)
    writer.write(row)
  }

  private func write(_ node: NodeIndex, _ entry: Int?, _ value: Reading, _ indent: Int) {
    var row = writer.line()
    row.pad(to: indent)
    cells.addAdjoint(node, entry: entry, to: &row)
    row.pad(to: indent + nameColumns)
    row.addEquals()
    let limit = cells.inlineLimit(value)
    cells.add(value, .value, limit: limit, to: &row)
    writer.write(row)
    if !cells.isInline(value, limit: limit) { writer.writeTable(value, indent: indent + 2) }
  }

  func close() {}
}

extension LineWriter {
  /// Writes a title on a line of its own.
  func writeHeading(_ title: String) {
    var line = line()
    line.add(title, .heading)
    write(line)
  }
}
