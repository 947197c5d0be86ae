// Forward mode beside backpropagation, and gradients beside differences, as tables.

import BackstepTrace

/// A comparison as text.
public enum ComparisonText {
  /// The derivatives by both ways, what each took, and which is cheaper here.
  public static func lines(_ comparison: Comparison, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      writeDerivatives(comparison, writer)
      writer.writeBlank()
      writeCosts(comparison, writer)
      writer.writeBlank()
      for line in verdict(comparison) {
        var row = writer.line()
        row.hang = 0
        row.addWords(line, .plain)
        writer.write(row)
      }
    }
  }

  private static func writeDerivatives(_ comparison: Comparison, _ writer: LineWriter) {
    var table = Columns(writer)
    table.add(["", "forward mode", "backpropagation"], .heading)
    for row in comparison.rows {
      let parts = row.name.split(separator: "|").map(String.init)
      table.add(
        [
          "∂\(parts[0])/∂\(parts.last ?? "")", table.number(row.forward), table.number(row.reverse),
        ],
        .value)
    }
    table.write()
    let hidden = comparison.inputs * comparison.outputs - comparison.rows.count
    if hidden > 0 {
      var line = writer.line()
      line.add("  … \(hidden) more", .dim)
      writer.write(line)
    }
  }

  private static func writeCosts(_ comparison: Comparison, _ writer: LineWriter) {
    let (forward, reverse) = (comparison.forward, comparison.reverse)
    var table = Columns(writer)
    table.add(["cost", "forward mode", "backpropagation"], .heading)
    for (name, one, other) in [
      ("passes", forward.passes, reverse.passes),
      ("multiplications", forward.multiplications, reverse.multiplications),
      ("additions", forward.additions, reverse.additions),
      ("numbers kept", forward.stored, reverse.stored),
    ] {
      table.add([name, "\(one)", "\(other)"], .value)
    }
    table.write()
  }

  /// What grows with what, and which way is cheaper here.
  private static func verdict(_ comparison: Comparison) -> [String] {
    func count(_ number: Int, _ word: String) -> String {
      "\(number) \(word)\(number == 1 ? "" : "s")"
    }
    let agreement =
      comparison.agree
      ? "Both agree to rounding." : "They differ by \(comparison.largestDifference)."
    let law =
      "Forward mode goes through the graph once for each input, "
      + "\(count(comparison.inputs, "time")) here; backpropagation once for each output, "
      + "\(count(comparison.outputs, "time"))."
    let (one, other) = (
      comparison.forward.multiplications + comparison.forward.additions,
      comparison.reverse.multiplications + comparison.reverse.additions
    )
    let winner: String
    if one == other {
      winner = "Here both take as much."
    } else if other < one {
      winner = "Here backpropagation is cheaper: \(other) operations against \(one)."
    } else {
      winner = "Here forward mode is cheaper: \(one) operations against \(other)."
    }
    return [agreement + " " + law, winner]
  }
}

/// Checks as text.
public enum CheckText {
  /// A line for each input, and what there is to say.
  public static func lines(_ checks: [GradientCheck], style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      // Where there is no room a long expression gets a short name; then the complex step's slope, the
      // same number a third time, gives way to its error; then that as well.
      let whole = table(checks, writer, .whole, isNamed: true)
      let isNamed = whole.width <= style.width
      if !isNamed, let expression = checks.first(where: { !isShort($0.of) })?.of {
        var line = writer.line()
        line.add("  E = ", .dim)
        line.add(expression, .formula)
        writer.write(line)
      }
      let tables = Steps.allCases.map { table(checks, writer, $0, isNamed: isNamed) }
      (tables.first { $0.width <= style.width } ?? tables[tables.count - 1]).write()
      for check in checks {
        guard let note = check.note else { continue }
        var row = writer.line()
        row.hang = 2
        row.addWords("\(check.wrt): \(note)", .dim)
        writer.write(row)
      }
    }
  }

  private static func isShort(_ text: String) -> Bool { text.count <= 8 }

  /// What is shown of complex steps.
  private enum Steps: CaseIterable { case whole, error, nothing }

  private static func table(
    _ checks: [GradientCheck], _ writer: LineWriter, _ shown: Steps, isNamed: Bool
  ) -> Columns {
    var table = Columns(writer)
    let hasSteps = shown != .nothing && checks.contains { $0.complexStep != nil }
    let steps = !hasSteps ? [] : shown == .whole ? ["complex step", "error"] : ["complex step's"]
    table.add(["", "derivative", "difference", "error"] + steps + [""], .heading)
    for check in checks {
      let isScalar = check.gradient.shape.count == 1
      func cell(_ reading: Reading) -> String {
        isScalar ? table.number(reading.first) : InlineValue.shape(reading.shape).string
      }
      var cells = [
        "∂\(isNamed || isShort(check.of) ? check.of : "E")/∂\(check.wrt)", cell(check.gradient),
        cell(check.difference), table.number(check.error, digits: 2),
      ]
      if hasSteps {
        if shown == .whole { cells.append(check.complexStep.map { cell($0.slope) } ?? "–") }
        cells.append(
          check.complexStep.map {
            // Below that it is rounding, whose last bits differ from one system to the next.
            $0.error < 1e-15 ? "<1e-15" : table.number($0.error, digits: 2)
          } ?? "")
      }
      table.add(cells + [check.pass ? "ok" : "differs"], .value)
    }
    return table
  }
}

/// Cells in columns: the first to the left, the others to the right of theirs.
struct Columns {
  private let writer: LineWriter
  private var rows: [(cells: [String], role: Role)] = []

  init(_ writer: LineWriter) { self.writer = writer }

  mutating func add(_ cells: [String], _ role: Role) { rows.append((cells, role)) }

  func number(_ number: Double, digits: Int? = nil) -> String {
    var text = ByteBuffer()
    (digits.map { NumberFormat(digits: $0) } ?? writer.style.numbers).append(number, to: &text)
    return text.string
  }

  /// How wide each column is.
  private var widths: [Int] {
    let count = rows.map(\.cells.count).max() ?? 0
    return (0..<count).map { column in
      rows.map { column < $0.cells.count ? DisplayWidth.columns(of: $0.cells[column]) : 0 }.max()
        ?? 0
    }
  }

  /// How wide the table is.
  var width: Int {
    let widths = widths
    return widths.reduce(0, +) + 3 * widths.count - 1
  }

  func write() {
    let widths = widths
    for (cells, role) in rows {
      var line = writer.line()
      var start = 2
      for (column, cell) in cells.enumerated() {
        let room = widths[column] - DisplayWidth.columns(of: cell)
        line.pad(to: start + (column == 0 ? 0 : room))
        line.add(cell, column == 0 && role == .value ? .name : role)
        start += widths[column] + 3
      }
      writer.write(line)
    }
  }
}
