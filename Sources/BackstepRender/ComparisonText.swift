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
      var table = Columns(writer)
      table.add(["", "derivative", "difference", "error", ""], .heading)
      for check in checks {
        let isScalar = check.gradient.shape.count == 1
        table.add(
          [
            "∂\(check.of)/∂\(check.wrt)",
            isScalar ? table.number(check.gradient.elements[0]) : shape(check.gradient),
            isScalar ? table.number(check.difference.elements[0]) : shape(check.difference),
            table.number(check.error, digits: 2), check.pass ? "ok" : "differs",
          ], .value)
      }
      table.write()
      for check in checks {
        guard let note = check.note else { continue }
        var row = writer.line()
        row.hang = 2
        row.addWords("\(check.wrt): \(note)", .dim)
        writer.write(row)
      }
    }
  }

  private static func shape(_ reading: Reading) -> String {
    InlineValue.shape(reading.shape).string
  }
}

/// Cells in columns: the first to the left, the others to the right of theirs.
private struct Columns {
  private let writer: LineWriter
  private var rows: [(cells: [String], role: Role)] = []

  init(_ writer: LineWriter) { self.writer = writer }

  mutating func add(_ cells: [String], _ role: Role) { rows.append((cells, role)) }

  func number(_ number: Double, digits: Int? = nil) -> String {
    var text = ByteBuffer()
    (digits.map { NumberFormat(digits: $0) } ?? writer.style.numbers).append(number, to: &text)
    return text.string
  }

  func write() {
    let count = rows.map(\.cells.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.cells.count ? DisplayWidth.columns(of: $0.cells[column]) : 0 }.max()
        ?? 0
    }
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
