// How the cost of forward mode and of backpropagation grows with a size: a table and a plot.

import BackstepTrace

/// Growth as text.
public enum GrowthText {
  /// How many columns the plot takes at most.
  private static let plotWidth = 72
  /// How many lines the plot's field has.
  private static let plotRows = 12

  /// A row for each size, and what grows how much.
  public static func lines(_ growth: Growth, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      writer.writeHeading("Operations on derivatives of \(growth.of), by \(growth.by)")
      var table = Columns(writer)
      table.add(
        [growth.by, "inputs", "forward mode", "backpropagation", "ratio"], .heading,
        short: [growth.by, "inputs", "forward", "backprop", "ratio"])
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
      writePlot(growth, writer)
      guard let verdict = verdict(growth) else { return }
      writer.writeBlank()
      say(verdict, .plain, writer)
    }
  }

  /// Both counts over the size, on logarithmic axes, where what grows like a power is a straight line.
  private static func writePlot(_ growth: Growth, _ writer: LineWriter) {
    let sizes = growth.rows.map(\.size)
    let style = writer.style
    let ways: [(name: String, sign: Unicode.Scalar, ascii: Unicode.Scalar, pen: PlotCanvas.Pen)] = [
      (
        "forward mode", "●", "F",
        PlotCanvas.Pen(style.drawsInColour ? .partial : .value, ascii: "*")
      ),
      (
        "backpropagation", "○", "B",
        PlotCanvas.Pen(style.drawsInColour ? .adjoint : .plain, every: 2, ascii: ".")
      ),
    ]
    let counts = [\Comparison.forward, \Comparison.reverse].map { way in
      growth.rows.map { Double($0.comparison[keyPath: way].operations) }
    }
    let positive = counts.joined().filter { $0 > 0 }
    guard let first = sizes.min(), let last = sizes.max(), first < last,
      let least = positive.min(), let most = positive.max()
    else { return }
    var canvas = PlotCanvas(
      x: PlotAxis(Double(first), Double(last), scale: .logarithmic),
      y: PlotAxis(least, most, scale: .logarithmic), width: min(style.width, plotWidth),
      rows: plotRows, style: style)
    // What grows slowly is drawn last, and so stays in sight where both meet.
    for (way, counts) in zip(ways, counts) {
      let points = zip(sizes, counts).sorted { $0.0 < $1.0 }.map { (x: Double($0), y: $1) }
      canvas.line(through: points, way.pen)
      for point in points {
        canvas.mark(x: point.x, y: point.y, way.sign, ascii: way.ascii, way.pen.role)
      }
    }
    writer.writeBlank()
    for line in canvas.lines(xName: growth.by, yName: "operations") { writer.write(line) }
    writer.writeBlank()
    var legend = writer.line()
    legend.hang = 2
    for way in ways {
      legend.add("\(style.ascii ? way.ascii : way.sign) ", way.pen.role)
      legend.add(way.name + "   ")
      legend.allowBreak()
    }
    legend.add("logarithmic axes", .dim)
    writer.write(legend)
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
