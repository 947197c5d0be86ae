// hessian: second derivatives, as a labelled matrix.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let hessian = Command(
    names: ["hessian"], usage: "hessian [E] wrt x, y",
    summary: "the matrix of all second derivatives, labelled",
    details: """
      Row and column for every entry of the inputs named. Each column is a backward pass at dual \
      numbers, which carry along how everything moves with that entry.
      """,
    example: "x = 1; y = 2\nf = x^2*y + sin(x*y)\nhessian f wrt x, y",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["jacobian", "grad"]
  ) { session, call, host throws(Diagnostic) in
    try session.hessian(call, host)
  }
}

extension Session {
  fileprivate mutating func hessian(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    guard let wrt = try wrtInputs(call, host), !wrt.isEmpty else {
      throw Diagnostic(
        .missingArgument(command: "hessian", what: "wrt and inputs"), call.word.range,
        advice: call.usage)
    }
    let target = try target(of: call, "hessian")
    var built = try build(target, also: wrt.map(\.name), host)
    let shape = built.graph.shape(of: built.root)
    guard shape.count == 1 else {
      throw Diagnostic(.needsScalar("a Hessian", shape: "\(shape)"), target.range)
    }
    try compute(&built, wrt: wrt, host)
    let asked = inputs(built, wrt)
    let active = built.graph.dependents(of: asked.map(\.node))
    let entries = asked.flatMap { input -> [(node: Int, entry: Int)] in
      let count = built.graph.shape(of: input.node).count
      return (input.entry.map { $0..<$0 + 1 } ?? 0..<count).map { (input.node, $0) }
    }
    guard entries.count <= 4096 else {
      throw Diagnostic(
        .tooLarge(count: "\(entries.count)·\(entries.count)", limit: 4096 * 4096), statementText,
        advice: "name single entries, as in wrt W[1,2]")
    }
    try checkMemory(built)
    let pass = HessianPass(built: built, active: active)
    var columns: [[Double]] = []
    for (node, entry) in entries {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      let adjoints = pass.adjoints(of: asked.map(\.node), seeding: node, entry)
      columns.append(
        zip(asked, adjoints).flatMap { input, numbers in
          input.entry.map { [numbers[$0].tangent] } ?? numbers.map(\.tangent)
        })
    }
    let labels = entries.map { node, entry in
      (built.graph.label(of: node).map(parser.names.string) ?? "")
        + built.graph.shape(of: node).index(of: entry)
    }
    let names = asked.map { input in
      (built.graph.label(of: input.node).map(parser.names.string) ?? "")
        + (input.entry.map { built.graph.shape(of: input.node).index(of: $0) } ?? "")
    }
    host.show(
      matrix: DerivativeMatrix(
        kind: .hessian, output: target.text, input: names.joined(separator: ", "), rows: labels,
        columns: labels,
        numbers: labels.indices.flatMap { row in columns.map { $0[row] } }))
  }
}
