// A function of two inputs as a map: contours, the point, and the gradient's arrow.

import BackstepTrace

/// Draws heights over two inputs.
struct MapText {
  let plot: Plot
  let writer: LineWriter

  private var contour: PlotCanvas.Pen {
    PlotCanvas.Pen(writer.style.drawsInColour ? .partial : .plain, ascii: "+")
  }
  /// From low to high, where there are no dots fine enough for contours.
  private static let shades = Array(" .:-=+%#@".unicodeScalars)
  private var arrow: PlotCanvas.Pen {
    PlotCanvas.Pen(writer.style.drawsInColour ? .adjoint : .value, ascii: "*")
  }
  /// How many contours there are about.
  private static let levelCount = 8
  /// How many where they are not evenly spaced, and so are near each other somewhere.
  private static let contourCount = 6

  func write(rows: Int) {
    let style = writer.style
    guard plot.samples.contains(where: \.isFinite) else {
      return PlotText.note("\(plot.of) has no finite value there.", writer)
    }
    let axes = plot.inputs.map { PlotAxis($0.from, $0.to) }
    var canvas = PlotCanvas(x: axes[0], y: axes[1], width: style.width, rows: rows, style: style)
    let range = PlotRange(plot.samples, plot.value)
    let levels = levels(in: range.axis)
    if style.ascii {
      shade(levels, &canvas)
    } else {
      drawContours(levels, &canvas)
      label(levels, &canvas)
    }
    drawArrow(&canvas)
    canvas.mark(x: plot.inputs[0].value, y: plot.inputs[1].value, "●", ascii: "O", .value)
    for line in canvas.lines(xName: plot.inputs[0].name, yName: plot.inputs[1].name) {
      writer.write(line)
    }
    writer.writeBlank()
    writeLegend()
    if style.ascii { writeShades(levels) }
    writeNotes(range)
  }

  // MARK: Heights

  /// The heights of the contours: evenly spaced, or with as much of the field between any two.
  ///
  /// The latter where most of the field would lie between two, as in a valley below steep walls.
  private func levels(in axis: PlotAxis) -> [Double] {
    let even = axis.ticks(atMost: Self.levelCount)
    let heights = plot.samples.filter(\.isFinite).sorted()
    var shares = Array(repeating: 0, count: even.count + 1)
    var band = 0
    for height in heights {
      while band < even.count, even[band] <= height { band += 1 }
      shares[band] += 1
    }
    guard let most = shares.max(), most * 5 > heights.count * 2 else { return even }
    var levels: [Double] = []
    let count = writer.style.ascii ? Self.levelCount : Self.contourCount
    for part in 1...count {
      let level = PlotAxis.rounded(heights[heights.count * part / (count + 1)])
      if level != levels.last, axis.lower < level, level < axis.upper { levels.append(level) }
    }
    return levels.count < even.count ? even : levels
  }

  /// The height at a place, both coordinates between 0 and 1, between the samples around it.
  private func height(_ across: Double, _ up: Double) -> Double {
    let (columns, rows) = (plot.counts[0], plot.counts[1])
    let (x, y) = (across * Double(columns - 1), up * Double(rows - 1))
    let column = min(Int(x), columns - 2)
    let row = min(Int(y), rows - 2)
    let (s, t) = (x - Double(column), y - Double(row))
    let place = row * columns + column
    let below = plot.samples[place] * (1 - s) + plot.samples[place + 1] * s
    let above = plot.samples[place + columns] * (1 - s) + plot.samples[place + columns + 1] * s
    return below * (1 - t) + above * t
  }

  /// Sets a dot wherever the height passes a level on the way to the next dot.
  private func drawContours(_ levels: [Double], _ canvas: inout PlotCanvas) {
    let (width, depth) = (canvas.dotColumns, canvas.dotRows)
    func band(_ column: Int, _ row: Int) -> Int? {
      let height = height(
        Double(column) / Double(width - 1), 1 - Double(row) / Double(depth - 1))
      return height.isNaN ? nil : levels.count { $0 <= height }
    }
    var above: [Int?] = []
    for row in 0..<depth {
      let bands = (0..<width).map { band($0, row) }
      for column in 0..<width {
        let isEdge =
          column > 0 && bands[column] != bands[column - 1]
          || row > 0 && bands[column] != above[column]
        if isEdge, bands[column] != nil { canvas.dot(column, row, contour) }
      }
      above = bands
    }
  }

  /// Fills the field with characters that are darker the higher the place.
  private func shade(_ levels: [Double], _ canvas: inout PlotCanvas) {
    let (columns, rows) = (canvas.columns, canvas.rows)
    canvas.fill(contour.role) { column, row in
      let height = height(
        Double(column) / Double(columns - 1), 1 - Double(row) / Double(rows - 1))
      return height.isNaN ? nil : Self.shade(levels.count { $0 <= height })
    }
  }

  private static func shade(_ band: Int) -> Unicode.Scalar {
    shades[min(band, shades.count - 1)]
  }

  /// Says from which height on each character stands.
  private func writeShades(_ levels: [Double]) {
    var line = writer.line()
    line.hang = 2
    line.add("  heights: ")
    for (index, level) in levels.enumerated().prefix(Self.shades.count - 1) {
      if index > 0 { line.add(", ") }
      line.allowBreak()
      line.add(String(Character(Self.shade(index + 1))), .partial)
      line.add(" from \(PlotAxis.label(level))")
    }
    writer.write(line)
  }

  /// Writes each level's number onto its contour, where there is room.
  private func label(_ levels: [Double], _ canvas: inout PlotCanvas) {
    var taken: [(row: Int, columns: Range<Int>)] = []
    for (index, level) in levels.enumerated() {
      let word = PlotAxis.label(level)
      let places = crossings(of: level, canvas)
      // Labels stand at different heights, so that they are not taken for one line.
      let wanted = canvas.rows * (index * 2 % 5 + 1) / 6
      let sorted = places.sorted { abs($0.row - wanted) < abs($1.row - wanted) }
      for place in sorted {
        let start = place.column - word.utf8.count / 2
        let range = start - 1..<start + word.utf8.count + 1
        guard range.lowerBound >= 0, range.upperBound <= canvas.columns,
          !taken.contains(where: { abs($0.row - place.row) < 2 && $0.columns.overlaps(range) })
        else { continue }
        canvas.write(word, column: start, row: place.row, .plain)
        taken.append((place.row, range))
        break
      }
    }
  }

  /// The characters in which a level is passed from left to right.
  private func crossings(of level: Double, _ canvas: PlotCanvas) -> [(column: Int, row: Int)] {
    var places: [(column: Int, row: Int)] = []
    for row in 0..<canvas.rows {
      let up = 1 - (Double(row) + 0.5) / Double(canvas.rows)
      var last = height(0, up)
      for column in 1..<canvas.columns {
        let next = height(Double(column) / Double(canvas.columns - 1), up)
        if (last < level) != (next < level), last.isFinite, next.isFinite {
          places.append((column, row))
        }
        last = next
      }
    }
    return places
  }

  // MARK: The gradient

  /// Draws the gradient from the point on: as long as a fifth of the field, in its true direction on
  /// these axes.
  private func drawArrow(_ canvas: inout PlotCanvas) {
    let slopes = plot.inputs.compactMap(\.slope)
    guard slopes.count == 2, slopes.allSatisfy(\.isFinite), slopes.contains(where: { $0 != 0 })
    else { return }
    // In dots, so that the arrow points where a small step along the gradient leads on the screen.
    let size = max(abs(slopes[0]), abs(slopes[1]))
    let spans = plot.inputs.map { $0.to / 2 - $0.from / 2 }
    let scale = max(spans[0], spans[1])
    let (dots, lines) = (Double(canvas.dotColumns), Double(canvas.dotRows))
    var dx = slopes[0] / size * (scale / spans[0]) * dots
    var dy = slopes[1] / size * (scale / spans[1]) * lines
    let length = (dx * dx + dy * dy).squareRoot()
    guard length.isFinite, length > 0 else { return }
    let reach = 0.4 * min(dots, 2 * lines) / length
    dx *= reach / dots
    dy *= reach / lines
    let x = canvas.x.position(of: plot.inputs[0].value)
    let y = canvas.y.position(of: plot.inputs[1].value)
    // It ends inside the field, if it has a point of any length there.
    var part = 1.0
    for (start, step) in [(x, dx), (y, dy)] where step != 0 {
      part = min(part, max(0, ((step > 0 ? 0.98 : 0.02) - start) / step))
    }
    dx *= part
    dy *= part
    let end = (x: canvas.x.number(at: x + dx), y: canvas.y.number(at: y + dy))
    canvas.line(
      through: [(x: plot.inputs[0].value, y: plot.inputs[1].value), end], arrow)
    let heads: [(Unicode.Scalar, Unicode.Scalar)] = [
      ("→", ">"), ("↗", "/"), ("↑", "^"), ("↖", "\\"), ("←", "<"), ("↙", "/"), ("↓", "v"),
      ("↘", "\\"),
    ]
    let head = heads[Self.octant(dx * dots, dy * lines)]
    canvas.mark(x: end.x, y: end.y, head.0, ascii: head.1, arrow.role)
  }

  /// Which of eight directions a vector points in: 0 to the right, 2 up.
  private static func octant(_ x: Double, _ y: Double) -> Int {
    // tan 22.5° = √2 − 1.
    let flat = 0.41421356
    if abs(y) <= flat * abs(x) { return x >= 0 ? 0 : 4 }
    if abs(x) <= flat * abs(y) { return y >= 0 ? 2 : 6 }
    return y > 0 ? (x > 0 ? 1 : 3) : (x > 0 ? 7 : 5)
  }

  // MARK: Words

  private func writeLegend() {
    let style = writer.style
    var line = writer.line()
    line.hang = 2
    line.add(style.ascii ? "O " : "● ", .value)
    for input in plot.inputs {
      line.add(input.name, .name)
      line.add(" = ", .sign)
      line.add(input.value, style.numbers, .value)
      line.add(", ")
      line.allowBreak()
    }
    line.write(.name, limit: 30) { $0.append(plot.of) }
    line.add(" = ", .sign)
    line.add(plot.value, style.numbers, .value)
    writer.write(line)
    let slopes = plot.inputs.compactMap(\.slope)
    guard slopes.count == plot.inputs.count else { return }
    var gradient = writer.line()
    gradient.hang = 2
    gradient.add(style.ascii ? "* " : "→ ", .adjoint)
    gradient.add("gradient: ")
    for (index, input) in plot.inputs.enumerated() {
      if index > 0 { gradient.add(", ") }
      gradient.allowBreak()
      gradient.add(PlotText.derivative(plot, input), .adjoint)
      gradient.add(" = ", .sign)
      gradient.add(slopes[index], style.numbers, .adjoint)
    }
    writer.write(gradient)
  }

  private func writeNotes(_ range: PlotRange) {
    if plot.samples.contains(where: { !$0.isFinite }) {
      PlotText.note("Where \(plot.of) is infinite or not a number there is nothing.", writer)
    }
    if range.isCut {
      PlotText.note("Far larger or smaller values have no contours.", writer)
    }
    if plot.isFlat {
      PlotText.note("\(plot.of) is the same everywhere here.", writer)
    }
    if let slopes = plot.inputs.first?.slope, slopes == 0, plot.inputs.last?.slope == 0 {
      PlotText.note("The gradient is 0: there is no arrow.", writer)
    }
    if plot.inputs.contains(where: { $0.value < $0.from || $0.value > $0.to }) {
      PlotText.note("The point lies outside.", writer)
    }
  }
}
