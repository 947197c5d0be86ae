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
}
