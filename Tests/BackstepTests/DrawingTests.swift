// What sessions hand to drawings: recordings with and without adjoints, samples of functions.

import BackstepLanguage
import BackstepTrace
import Foundation
import Testing

@testable import Backstep

@Suite struct DrawingTests {
  private func hasAdjoints(_ conversation: Conversation) -> Bool {
    conversation.host.trace.events.contains { if case .seed = $0 { true } else { false } }
  }

  @Test("Adjoints come with a backward pass, and go with a change")
  func adjoints() throws {
    var conversation = Conversation()
    try conversation.run("w = 2; x = 3; L = w*x; M = L^2; q = 1")
    for (statement, expected) in [
      ("", false), ("forward L", false), ("backward L", true), ("grad L", true), ("z = 5", true),
      ("w", true), ("grad M", false), ("grad L", true), ("x = 4", false), ("trace L", true),
      ("w := w - 1", false), ("grad L", true), ("undo", false), ("grad L", true),
      ("delete w; w = 1", false), ("tangent L wrt w", false),
    ] {
      try conversation.run(statement + "\ngraph L")
      #expect(hasAdjoints(conversation) == expected, "after \(statement)")
    }
    try conversation.run("graph L with adjoints")
    #expect(hasAdjoints(conversation))
    try conversation.run("graph L with values")
    #expect(!hasAdjoints(conversation))
    // With a seed of its own the pass was another one.
    try conversation.run("x = 1; backward L seed 2\ngraph L")
    #expect(!hasAdjoints(conversation))
    try conversation.run("graph L seed 2")
    #expect(hasAdjoints(conversation))
  }

  @Test("Samples are the function's values, slopes its derivatives")
  func samples() throws {
    var conversation = Conversation()
    try conversation.run("w = 0.5; v = 2; L = exp(w)*v + sin(v)\nplot L wrt w from -1 to 2")
    let plot = try #require(conversation.host.plots.last)
    let input = plot.inputs[0]
    #expect((input.from, input.to, input.value) == (-1, 2, 0.5))
    #expect(abs((input.slope ?? 0) - 2 * exp(0.5)) < 1e-12)
    #expect(abs(plot.value - (2 * exp(0.5) + sin(2))) < 1e-12)
    for (index, sample) in plot.samples.enumerated() {
      let w = -1 + 3 * Double(index) / Double(plot.samples.count - 1)
      #expect(abs(sample - (2 * exp(w) + sin(2))) < 1e-12)
    }
  }

  @Test("Of two inputs the first runs fastest, and each entry is moved alone")
  func map() throws {
    var conversation = Conversation()
    try conversation.run(
      "W = [[1, 2], [3, 4]]; b = 1; L = W[1,2]^2 + 10*W[2,1] + b*W[1,1]\n"
        + "plot L wrt W[1,2], W[2,1] from 0, -1 to 2, 3")
    let plot = try #require(conversation.host.plots.last)
    #expect(plot.inputs.map(\.name) == ["W[1,2]", "W[2,1]"])
    #expect(plot.inputs.map(\.slope) == [4, 10])
    #expect(plot.counts.count == 2 && plot.samples.count == plot.counts[0] * plot.counts[1])
    for (row, column) in [(0, 0), (3, 7), (plot.counts[1] - 1, plot.counts[0] - 1), (10, 0)] {
      let x = 2 * Double(column) / Double(plot.counts[0] - 1)
      let y = -1 + 4 * Double(row) / Double(plot.counts[1] - 1)
      let sample = plot.samples[row * plot.counts[0] + column]
      #expect(abs(sample - (x * x + 10 * y + 1)) < 1e-12)
    }
    // The session is as it was.
    #expect(try conversation.value("L") == 35)
  }

  @Test("A range is chosen where there are values, and around what there is")
  func ranges() throws {
    var conversation = Conversation()
    for (value, expression, from, to) in [
      ("0.5", "w^2", -2.5, 3.5), ("10", "w^2", -10.0, 30.0), ("0", "w", -3.0, 3.0),
      ("0.01", "w*1", -2.99, 3.01),
    ] {
      try conversation.run("w = \(value)\nplot \(expression) wrt w")
      let input = try #require(conversation.host.plots.last?.inputs.first)
      #expect(abs(input.from - from) < 1e-12 && abs(input.to - to) < 1e-12, "\(expression)")
    }
    // asin has values from -1 to 1 only: the range comes closer to them.
    try conversation.run("w = 0\nplot asin(w) wrt w")
    let input = try #require(conversation.host.plots.last?.inputs.first)
    #expect(input.to <= 3)
    for value in ["1e308", "-1e308", "inf", "inf - inf", "1e-320"] {
      try conversation.run("w = \(value)\nplot w*2 wrt w")
      let input = try #require(conversation.host.plots.last?.inputs.first)
      #expect(input.from.isFinite && input.to.isFinite && input.from < input.to, "\(value)")
    }
  }

  @Test("A derivative can be plotted, and its slope is the second derivative")
  func derivative() throws {
    var conversation = Conversation()
    try conversation.run("w = 2; f = w^3\nplot grad(f, w) wrt w from 0 to 1")
    let plot = try #require(conversation.host.plots.last)
    #expect(plot.inputs[0].slope == 12)
    #expect(plot.samples.last == 3 && plot.value == 12)
  }
}
