// How the cost of forward mode and of backpropagation grows with a size: a table and a plot.

import BackstepTrace

/// Growth as text.
public enum GrowthText {
  /// A row for each size, and what grows how much.
  public static func lines(_ growth: Growth, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      writer.writeHeading("Operations on derivatives of \(growth.of), by \(growth.by)")
      var table = Columns(writer)
      table.add([growth.by, "inputs", "forward mode", "backpropagation", "ratio"], .heading)
      for row in growth.rows {
        let comparison = row.comparison
        let (one, other) = (comparison.forward.operations, comparison.reverse.operations)
        table.add(
          [
            "\(row.size)", "\(comparison.inputs)", "\(one)", "\(other)",
            other == 0 ? "" : ratio(one, other),
          ], .value)
      }
      table.write()
      for size in growth.leftOut {
        say("\(growth.by) = \(size) is left out: forward mode would take too long.", .dim, writer)
      }
      guard let verdict = verdict(growth) else { return }
      writer.writeBlank()
      say(verdict, .plain, writer)
    }
  }

  /// By how much both have grown between the last two sizes.
  private static func verdict(_ growth: Growth) -> String? {
    guard growth.rows.count > 1 else { return nil }
    let (before, after) = (growth.rows[growth.rows.count - 2], growth.rows[growth.rows.count - 1])
    func factor(_ cost: (Comparison) -> PassCost) -> String? {
      let first = cost(before.comparison).operations
      return first > 0 ? ratio(cost(after.comparison).operations, first) : nil
    }
    guard let one = factor(\.forward), let other = factor(\.reverse) else { return nil }
    return
      "From \(growth.by) = \(before.size) to \(after.size) forward mode grows to \(one) times as "
      + "many operations, backpropagation to \(other) times: forward mode goes through the graph once "
      + "for each input, backpropagation once for each output."
  }

  /// A quotient of counts: three digits, and all those before the point.
  private static func ratio(_ one: Int, _ other: Int) -> String {
    let quotient = Double(one) / Double(other)
    var text = ByteBuffer()
    if quotient >= 100 {
      text.append(Int(quotient.rounded()))
    } else {
      NumberFormat(digits: 3).append(quotient, to: &text)
    }
    return text.string
  }

  private static func say(_ text: String, _ role: Role, _ writer: LineWriter) {
    var row = writer.line()
    row.hang = 0
    row.addWords(text, role)
    writer.write(row)
  }
}
