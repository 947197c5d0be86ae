// Forward mode beside backpropagation, as tables.

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
    table.add(
      ["", "forward mode", "backpropagation"], .heading, short: ["", "forward", "backprop"])
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
    table.add(
      ["cost", "forward mode", "backpropagation"], .heading, short: ["cost", "forward", "backprop"])
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
