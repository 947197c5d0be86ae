// What `plot` answers: a curve with its tangent, or a map with contours and the gradient.

import BackstepTrace

/// A plot as text.
public enum PlotText {
  /// The function itself: in the colour of local derivatives, or bold.
  private static func curve(_ style: Style) -> PlotCanvas.Pen {
    PlotCanvas.Pen(style.drawsInColour ? .partial : .value, ascii: "*")
  }

  /// What has to do with its derivative: in the colour of adjoints.
  private static func tangent(_ style: Style) -> PlotCanvas.Pen {
    PlotCanvas.Pen(style.drawsInColour ? .adjoint : .plain, every: 3, ascii: ".")
  }

  /// The plot, `rows` lines high without its axis, and a line that says what is where.
  public static func lines(_ plot: Plot, rows: Int, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      if plot.inputs.count == 2 {
        MapText(plot: plot, writer: writer).write(rows: rows)
      } else if let input = plot.inputs.first {
        write(plot, input, rows, writer)
      }
    }
  }

  // MARK: A curve

  private static func write(
    _ plot: Plot, _ input: PlotInput, _ rows: Int, _ writer: LineWriter
  ) {
    let finite = plot.samples.filter(\.isFinite)
    guard !finite.isEmpty else {
      return note("\(plot.of) has no finite value there.", writer)
    }
    let range = PlotRange(plot.samples, plot.value)
    let x = PlotAxis(input.from, input.to)
    var canvas = PlotCanvas(
      x: x, y: range.axis, width: writer.style.width, rows: rows, style: writer.style)
    if let slope = input.slope, slope.isFinite, plot.value.isFinite {
      let ends = [x.lower, x.upper].map { end in
        (x: end, y: plot.value + slope * (end - input.value))
      }
      canvas.line(through: ends, tangent(writer.style))
    }
    canvas.line(through: points(plot, input, range), curve(writer.style))
    canvas.mark(x: input.value, y: plot.value, "●", ascii: "O", .value)
    for line in canvas.lines(xName: input.name, yName: plot.of) { writer.write(line) }
    writer.writeBlank()
    writeLegend(plot, input, writer)
    for text in notes(plot, input, range) { note(text, writer) }
  }

  /// The samples as points, with a break where the curve jumps from beyond one edge to beyond the
  /// other, as at a pole.
  private static func points(
    _ plot: Plot, _ input: PlotInput, _ range: PlotRange
  ) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    for (index, y) in plot.samples.enumerated() {
      let x = input.place(of: index, among: plot.samples.count)
      if let last = points.last?.y, range.isCut, min(last, y) < range.axis.lower,
        max(last, y) > range.axis.upper
      {
        points.append((x, .nan))
      }
      points.append((x, y))
    }
    return points
  }

  /// `● w = 0.5, L = 0.25    ┄ tangent with slope ∂L/∂w = -0.5`.
  private static func writeLegend(_ plot: Plot, _ input: PlotInput, _ writer: LineWriter) {
    let style = writer.style
    var line = writer.line()
    line.hang = 2
    line.add(style.ascii ? "O " : "● ", .value)
    line.add(input.name, .name)
    line.add(" = ", .sign)
    line.add(input.value, style.numbers, .value)
    line.add(", ")
    line.write(.name, limit: 30) { $0.append(plot.of) }
    line.add(" = ", .sign)
    line.add(plot.value, style.numbers, .value)
    if let slope = input.slope {
      line.add("   ")
      line.allowBreak()
      line.add(style.ascii ? "." : "⠒ ⠒", tangent(style).role)
      line.add(" tangent, slope ")
      line.add(derivative(plot, input), .adjoint)
      line.add(" = ", .sign)
      line.add(slope, style.numbers, .adjoint)
    }
    writer.write(line)
  }

  /// `∂L/∂w`, or `∂(w*x)/∂w`.
  static func derivative(_ plot: Plot, _ input: PlotInput) -> String {
    let isName = plot.of.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    let isShort = plot.of.utf8.count <= 30 && !plot.of.contains(where: \.isNewline)
    return "∂\(isName ? plot.of : isShort ? "(\(plot.of))" : "E")/∂\(input.name)"
  }

  private static func notes(_ plot: Plot, _ input: PlotInput, _ range: PlotRange) -> [String] {
    var notes: [String] = []
    let finite = plot.samples.filter(\.isFinite)
    if finite.count < plot.samples.count {
      notes.append("Where \(plot.of) is infinite or not a number there is no curve.")
    }
    if range.isCut {
      notes.append("Far larger or smaller values are left out; from and to come closer.")
    }
    if plot.isFlat {
      notes.append("\(plot.of) is the same everywhere here: \(input.name) does not change it.")
    }
    if input.value < input.from || input.value > input.to {
      notes.append("The value of \(input.name) lies outside.")
    }
    if let note = plot.note { notes.append("\(input.name) is \(note).") }
    if input.slope == nil {
      notes.append("The slope of what is itself a derivative is not computed.")
    }
    return notes
  }

  static func note(_ text: String, _ writer: LineWriter) {
    var line = writer.line()
    line.hang = 0
    line.addWords(text, .dim)
    writer.write(line)
  }
}

/// The range of values that a plot shows.
struct PlotRange {
  let axis: PlotAxis
  /// Whether there are values beyond it.
  let isCut: Bool

  /// All values, unless a few reach so far that the others would be a flat line.
  init(_ samples: [Double], _ value: Double) {
    let sorted = samples.filter(\.isFinite).sorted()
    var low = sorted.first ?? -1
    var high = sorted.last ?? 1
    let most = (sorted[sorted.count / 10], sorted[sorted.count - 1 - sorted.count / 10])
    let width = most.1 - most.0
    var isCut = false
    if width > 0, high / 2 - low / 2 > 10 * width {
      isCut = low < most.0 - width || high > most.1 + width
      low = max(low, most.0 - width)
      high = min(high, most.1 + width)
    }
    if value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    // A little room above and below, so that the curve does not touch the edges.
    let room = (high / 2 - low / 2) * 0.06
    axis = PlotAxis(low - room, high + room)
    self.isCut = isCut
  }
}

/// A plot as JSON.
public enum PlotJSON {
  /// `{"event":"plot","of":"L","value":0.2,"inputs":[{"name":"w","value":0.5,…}],"samples":[…]}`.
  public static func line(_ plot: Plot, ascii: Bool) -> ByteBuffer {
    ResultJSON.line("plot", ascii) { json in
      json.member("of", plot.of)
      json.member("value", .scalar(plot.value))
      json.key("inputs")
      json.open("[")
      for input in plot.inputs {
        json.open("{")
        json.member("name", input.name)
        json.member("value", .scalar(input.value))
        json.member("from", .scalar(input.from))
        json.member("to", .scalar(input.to))
        if let slope = input.slope { json.member("slope", .scalar(slope)) }
        json.close("}")
      }
      json.close("]")
      let shape: Shape =
        plot.counts.count == 2 ? .matrix(plot.counts[1], plot.counts[0]) : .vector(plot.counts[0])
      json.member(shape: shape)
      json.member("samples", .tensor(shape, plot.samples))
    }
  }
}
