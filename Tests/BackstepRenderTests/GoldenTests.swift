// What the renderers print, compared with files that are easy to read.

import BackstepRender
import BackstepTrace
import Foundation
import Testing

/// A way to print a trace.
enum Look: String, CaseIterable {
  case text80 = "80"
  case text40 = "40"
  case text140 = "140"
  case ascii80 = "80-ascii"
  case color80 = "80-color"

  var style: Style {
    switch self {
    case .text80: Style()
    case .text40: Style(width: 40)
    case .text140: Style(width: 140)
    case .ascii80: Style(ascii: true)
    case .color80: Style(theme: .standard)
    }
  }
}

/// Prints an example as text.
func text(
  _ example: Example, _ style: Style,
  options: TraceOptions = TraceOptions(forward: true, backward: true, gradient: true)
) -> String {
  var output = ""
  var sink = TraceText(style: style) { output += $0.string }
  example.run(&sink, options: options)
  return output
}

/// Prints an example as JSON Lines.
func json(_ example: Example, ascii: Bool = false) -> String {
  var output = ""
  var sink = TraceJSON(ascii: ascii) { output += $0.string }
  example.run(&sink)
  return output
}

/// Compares with a file, or writes it where `RECORD=1` is set and then fails.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation)
  throws
{
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden").appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["RECORD"] == "1" {
    try text.write(to: file, atomically: true, encoding: .utf8)
    Issue.record("recorded \(name)", sourceLocation: sourceLocation)
    return
  }
  let golden = try String(contentsOf: file, encoding: .utf8)
  #expect(text == golden, sourceLocation: sourceLocation)
}

@Suite("Golden files")
struct GoldenTests {
  @Test("The trace as text", arguments: Example.all, Look.allCases)
  func text(example: Example, look: Look) throws {
    let printed = BackstepRenderTests.text(example, look.style)
    try expectGolden(printed, "\(example.name).\(look.rawValue).txt")
  }

  @Test("The trace as JSON Lines", arguments: Example.all)
  func json(example: Example) throws {
    try expectGolden(BackstepRenderTests.json(example), "\(example.name).json.txt")
  }

  @Test("A part of the trace alone", arguments: ["forward", "backward", "gradient"])
  func part(name: String) throws {
    let options = TraceOptions(
      forward: name == "forward", backward: name == "backward", gradient: name == "gradient")
    try expectGolden(
      BackstepRenderTests.text(.neuron, Style(), options: options), "neuron.80-\(name).txt")
  }

  @Test("Values that answer an expression")
  func values() throws {
    let wide = (0..<40).map { Double($0) / 8 - 2.5 }
    let readings: [Reading] = [
      .scalar(0.5), .scalar(-.infinity), .tensor(.vector(3), [1, -2.5, 1e-9]),
      .tensor(.vector(40), wide), .tensor(.matrix(2, 20), wide), .tensor(.matrix(20, 2), wide),
      .tensor(.vector(0), []), .tensor(.matrix(0, 3), []),
      .tensor(.matrix(2, 2), [1, .nan, -0.0, 3]),
    ]
    var text = ""
    for reading in readings {
      text += ResultText.value(reading, style: Style()).string
      text += ResultText.definition("a", reading, style: Style()).string
      text += ResultJSON.value(text: "a", reading: reading).string
    }
    text += ResultJSON.expect(text: "dL/dw1 == -0.5", pass: true).string
    text +=
      ResultJSON.error(
        file: "neuron.grad", line: 3, column: 7, message: "'a' has shape [2]", hint: nil
      ).string
    text += ResultJSON.message(event: "help", text: "a \"quoted\"\n\u{1b}[31mline\\").string
    text += ResultText.message("a \u{1b}[31mred\u{202e} line", style: Style()).string
    try expectGolden(text, "results.txt")
  }
}
