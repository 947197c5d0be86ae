// Axes, lines and maps: round numbers, places, and nothing that traps.

import BackstepTrace
import Testing

@testable import BackstepRender

@Suite("Plots")
struct PlotTests {
  @Test("Ticks are round, lie on the axis, and stand at equal distances")
  func ticks() {
    var dice = Dice(state: 4)
    for _ in 0..<400 {
      let start = (Double(dice.roll(20_001)) - 10_000) / [1, 7, 1000][dice.roll(3)]
      var scale = 1.0
      for _ in 0..<dice.roll(12) { scale *= 10 }
      let span = Double(1 + dice.roll(10_000)) / scale * 10
      let axis = PlotAxis(start, start + span)
      let limit = 3 + dice.roll(8)
      let ticks = axis.ticks(atMost: limit)
      #expect((1...limit).contains(ticks.count), "\(axis)")
      for tick in ticks {
        let place = axis.position(of: tick)
        #expect(place > -1e-6 && place < 1.000001)
      }
      let steps = zip(ticks, ticks.dropFirst()).map {
        axis.position(of: $1) - axis.position(of: $0)
      }
      #expect(steps.allSatisfy { abs($0 - steps[0]) < 1e-5 }, "\(axis) \(ticks)")
    }
  }

  @Test("Ticks known by hand")
  func knownTicks() {
    #expect(PlotAxis(0, 1).ticks(atMost: 6) == [0, 0.2, 0.4, 0.6, 0.8, 1])
    #expect(PlotAxis(-3, 4).ticks(atMost: 8) == [-3, -2, -1, 0, 1, 2, 3, 4])
    #expect(PlotAxis(0.1, 0.35).ticks(atMost: 6) == [0.1, 0.15, 0.2, 0.25, 0.3, 0.35])
    #expect(PlotAxis(1, 1000, scale: .logarithmic).ticks(atMost: 5) == [1, 10, 100, 1000])
    #expect(PlotAxis(0.01, 10, scale: .logarithmic).ticks(atMost: 5) == [0.01, 0.1, 1, 10])
  }

  @Test("Numbers with two digits")
  func roundedNumbers() {
    let known: [(Double, Double)] = [
      (0, 0), (0.1234, 0.12), (-0.1262, -0.13), (9.96, 10), (123_456, 120_000), (1, 1),
      (0.001, 0.001), (-7.04e-5, -7e-5), (.nan, 0), (.infinity, 0), (.leastNonzeroMagnitude, 0),
    ]
    for (number, rounded) in known {
      #expect(abs(PlotAxis.rounded(number) - rounded) <= 1e-12 * abs(rounded), "\(number)")
    }
  }

  @Test("In a valley below steep walls as much lies between any two contours")
  func contoursOfAValley() {
    // x^8 on 0…1: seven eighths of the field are below half the height.
    let valley = plot([101, 41], from: 0) { x, _ in x * x * x * x * x * x * x * x }
    let text = PlotText.lines(valley, rows: 10, style: Style(width: 60, ascii: true)).string
    let field = Set(text.split(separator: "heights").first ?? "")
    #expect(field.isSuperset(of: " .:-=+%#@"), "\(text)")
  }

  @Test("A logarithmic axis measures by ratios")
  func logarithm() {
    let axis = PlotAxis(1, 10_000, scale: .logarithmic)
    for (number, place) in [(1.0, 0.0), (10, 0.25), (100, 0.5), (1000, 0.75), (10_000, 1)] {
      #expect(abs(axis.position(of: number) - place) < 1e-9)
    }
    #expect(axis.position(of: 0).isNaN && axis.position(of: -1).isNaN)
    // log10 2 and log10 e, from tables.
    #expect(abs(PlotAxis.log10(2) - 0.30102999566) < 1e-9)
    #expect(abs(PlotAxis.log10(2.718281828459045) - 0.43429448190) < 1e-9)
    #expect(abs(PlotAxis.log10(1.0 / 3) + 0.47712125472) < 1e-9)
  }

  @Test("Any two numbers make an axis, and any points a plot")
  func extremes() {
    let numbers: [Double] = [
      0, -0.0, 1, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, .leastNonzeroMagnitude, .leastNormalMagnitude, 1e300,
      123_456_789.25,
    ]
    for scale in [PlotAxis.Scale.linear, .logarithmic] {
      for one in numbers {
        for other in numbers {
          let axis = PlotAxis(one, other, scale: scale)
          #expect(axis.lower < axis.upper && axis.lower.isFinite && axis.upper.isFinite)
          #expect(axis.ticks(atMost: 6).allSatisfy { $0.isFinite })
          var canvas = PlotCanvas(x: axis, y: axis, width: 40, rows: 8, style: Style(width: 40))
          canvas.line(
            through: zip(numbers, numbers.reversed()).map { (x: $0, y: $1) },
            PlotCanvas.Pen(.value, ascii: "*"))
          for number in numbers { canvas.mark(x: number, y: one, "●", ascii: "O", .value) }
          for line in canvas.lines(xName: "x", yName: "y") { #expect(line.columns <= 40) }
        }
      }
    }
  }

  private func plot(
    _ counts: [Int] = [201], at value: Double = 0, from: Double = -1, to: Double = 1,
    name: String = "L", _ f: (Double, Double) -> Double
  ) -> Plot {
    let inputs = counts.indices.map {
      PlotInput(name: "w\($0 + 1)", value: value, from: from, to: to, slope: 1)
    }
    var samples: [Double] = []
    for row in 0..<(counts.count > 1 ? counts[1] : 1) {
      for column in 0..<counts[0] {
        samples.append(
          f(
            inputs[0].place(of: column, among: counts[0]),
            counts.count > 1 ? inputs[1].place(of: row, among: counts[1]) : 0))
      }
    }
    return Plot(
      of: name, value: f(value, value), inputs: inputs, counts: counts, samples: samples)
  }

  @Test("Plots keep to the width, in ASCII, whatever the values")
  func hostile() {
    let functions: [(Double, Double) -> Double] = [
      { _, _ in .nan }, { _, _ in .infinity }, { x, _ in x < 0 ? .nan : x }, { x, _ in 1 / x },
      { x, _ in x < 0 ? -1e308 : 1e308 }, { _, _ in 7 }, { x, y in x * y },
      { x, _ in x == 0 ? .infinity : 0 }, { x, _ in x * .leastNormalMagnitude },
      { x, y in 1 / (x - y) },
    ]
    for f in functions {
      for counts in [[101], [31, 21]] {
        for width in [20, 57] {
          for ascii in [false, true] {
            let plot = plot(counts, name: "a\u{1B}[31m漢字", f)
            let text = PlotText.lines(plot, rows: 9, style: Style(width: width, ascii: ascii))
              .string
            for line in text.split(separator: "\n") {
              #expect(DisplayWidth.columns(of: String(line)) <= max(20, width), "\(line)")
            }
            #expect(!text.contains("\u{1B}"))
            if ascii { #expect(text.utf8.allSatisfy { $0 < 0x80 }) }
            #expect(!PlotJSON.line(plot, ascii: ascii).isEmpty)
          }
        }
      }
    }
  }

  @Test("The curve passes where the function does")
  func curve() {
    // The diagonal of a square field: every row has its dot further right than the row below.
    let text = PlotText.lines(plot { x, _ in x }, rows: 12, style: Style(width: 60, ascii: true))
    let rows = text.string.split(separator: "\n").dropFirst().prefix(12)
    let places = rows.compactMap { row -> Int? in
      row.firstIndex { $0 == "*" || $0 == "O" }.map { row.distance(from: row.startIndex, to: $0) }
    }
    #expect(places.count >= 10)
    #expect(zip(places, places.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("The gradient's arrow points up and to the right where both slopes are positive")
  func arrow() {
    let text = PlotText.lines(
      plot([41, 31]) { x, y in x + y }, rows: 15, style: Style(width: 70)
    ).string
    #expect(text.contains("↗"))
  }

  @Test("A plot of growth on logarithmic axes")
  func growth() throws {
    let x = PlotAxis(1, 1000, scale: .logarithmic)
    let y = PlotAxis(1, 1e6, scale: .logarithmic)
    var text = ""
    for ascii in [false, true] {
      let style = Style(width: 60, ascii: ascii)
      var canvas = PlotCanvas(x: x, y: y, width: 60, rows: 10, style: style)
      let counts = [1.0, 10, 100, 1000]
      canvas.line(
        through: counts.map { (x: $0, y: $0 * $0) }, PlotCanvas.Pen(.partial, ascii: "*"))
      canvas.line(
        through: counts.map { (x: $0, y: 3 * $0) }, PlotCanvas.Pen(.adjoint, every: 2, ascii: "."))
      for count in counts { canvas.mark(x: count, y: count * count, "●", ascii: "O", .value) }
      let writer = LineWriter(style: style) { text += $0.string }
      for line in canvas.lines(xName: "inputs", yName: "multiplications") { writer.write(line) }
      writer.flush()
    }
    try expectGolden(text, "growth.plot.txt")
  }
}
