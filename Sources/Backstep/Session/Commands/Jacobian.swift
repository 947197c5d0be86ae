// jacobian: every output entry's derivative with respect to every input entry.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let jacobian = Command(
    names: ["jacobian"], usage: "jacobian [E] wrt x",
    summary: "the matrix of all derivatives, labelled",
    details: """
      Row i has the derivatives of entry i of E, column j those with respect to entry j of x; \
      matrices are taken row after row. Each row is a backward pass of its own.
      """,
    example: "W = [[0.1, 0.2], [0.3, 0.4]]; x = [1, -1]\na = sigmoid(W @ x)\njacobian a wrt x",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["grad", "backward"]
  ) { session, call, host throws(Diagnostic) in
    try session.jacobian(call, host)
  }
}

extension Session {
  fileprivate mutating func jacobian(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    guard let wrt = try wrtInputs(call, host), !wrt.isEmpty else {
      throw Diagnostic(
        .missingArgument(command: "jacobian", what: "wrt and an input"), call.word.range,
        advice: call.usage)
    }
    let target = try target(of: call, "jacobian")
    var built = try build(target, also: wrt.map(\.name), host)
    try compute(&built, wrt: wrt, host)
    let asked = inputs(built, wrt)
    let active = built.graph.dependents(of: asked.map(\.node))
    let output = built.graph.shape(of: built.root)
    let columns = asked.reduce(0) {
      $0 + ($1.entry == nil ? built.graph.shape(of: $1.node).count : 1)
    }
    if let problem = Memory.problem(output.count, by: columns) {
      throw Diagnostic(problem, statementText)
    }
    var matrices: [[Double]] = asked.map { _ in [] }
    for row in 0..<output.count {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      var silence = Silence()
      let adjoints = Reverse.sweep(
        built, from: built.root, seed: .unit(output, row), active: active, observer: &silence)
      for (index, input) in asked.enumerated() {
        let derivative = adjoints.reading(of: input.node).elements
        matrices[index] += input.entry.map { [derivative[$0]] } ?? derivative
      }
    }
    for (input, numbers) in zip(asked, matrices) {
      let name = built.graph.label(of: input.node).map(parser.names.string) ?? ""
      let shape = built.graph.shape(of: input.node)
      let entries = input.entry.map { $0..<$0 + 1 } ?? 0..<shape.count
      let text = target.name == nil ? "E" : target.text
      host.show(
        matrix: DerivativeMatrix(
          kind: .jacobian, output: target.text,
          input: name + (input.entry.map { shape.index(of: $0) } ?? ""),
          rows: (0..<output.count).map { text + output.index(of: $0) },
          columns: entries.map { name + shape.index(of: $0) }, numbers: numbers))
    }
  }
}
