// graph: the graph as a drawing, with values and, after a backward pass, adjoints.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let graph = Command(
    names: ["graph"], usage: "graph [E] [with adjoints]",
    summary: "draws the graph, inputs on the left, E on the right",
    details: """
      Each node with its name, its operation and its value; numbers written in a formula stand in the \
      operation. A dot is where one value goes to several places: fan-out. After a backward pass \
      through E, and until a definition changes, each node has its adjoint below its value; with \
      adjoints makes that pass, with values leaves the adjoints out. Numbers are rounded to what fits. A \
      graph that is wider than the terminal goes on below; of a very large one the part next to E is \
      drawn.
      """,
    example: "w = 0.5; x = 2; b = -1\nz = w*x + b; L = z*sigmoid(z)\ngraph L\nbackward L\ngraph L",
    form: .expression(clauses: [ClauseForm("with", .word), "seed"]), completes: .expression,
    seeAlso: ["forward", "backward", "paths"]
  ) { session, call, host throws(Diagnostic) in
    try session.graph(call, host)
  }
}

extension Session {
  /// How many nodes a graph may have of which a part is drawn.
  private static let drawnNodes = 100_000

  fileprivate mutating func graph(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    let target = try target(of: call, "graph")
    var withAdjoints =
      call.has("seed") || lastBackward.map { $0 == (target.text, known.changes) } ?? false
    if let word = call.value(of: "with") {
      switch word.text {
      case "adjoints": withAdjoints = true
      case "values": withAdjoints = false
      default:
        throw Diagnostic(
          .unexpectedArgument(command: "graph", found: "'\(word.text)'"), word.range,
          advice: "it is written: with adjoints, or with values")
      }
    }
    let options = TraceOptions(forward: true, backward: withAdjoints, gradient: false)
    host.show(
      graph: try record(call, "graph", atMost: Self.drawnNodes, host, options: options))
  }
}
