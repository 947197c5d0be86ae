// tangent: derivatives carried along in the forward pass, for one input.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let tangent = Command(
    names: ["tangent"], usage: "tangent [E] wrt w",
    summary: "forward mode: each value with its derivative, for one input",
    details: """
      The derivative with respect to one input is carried along in the forward pass: each operation \
      multiplies what its operands carry by its local derivatives, and adds where several operands \
      depend on the input. At the end stands dE/dw, for this one input; another one needs another \
      pass. w can be an entry, W[1,2], or a whole vector or matrix: then a matrix of derivatives is \
      carried along. d/dw is the whole derivative, ∂ the local one.
      """,
    example: "w = 0.5; x = 2; b = -1\nz = w*x + b; a = sigmoid(z); L = a*z\ntangent L wrt w",
    form: .expression(clauses: ["wrt"]), completes: .expression,
    seeAlso: ["compare", "backward", "forward"]
  ) { session, call, host throws(Diagnostic) in
    try session.tangent(call, host)
  }
}

extension Session {
  /// How many numbers a forward-mode trace may carry for a whole vector or matrix.
  private static let carriedLimit = 4_000_000

  fileprivate mutating func tangent(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    guard let wrt = try wrtInputs(call, host), let only = wrt.first else {
      throw Diagnostic(
        .missingArgument(command: "tangent", what: "wrt and an input"), call.word.range,
        advice: call.usage)
    }
    guard wrt.count == 1 else {
      throw Diagnostic(
        .unexpectedArgument(command: "tangent", found: "several inputs"),
        call.clause("wrt")?.last?.range ?? call.word.range,
        advice: "each input needs a pass of its own; compare shows them all")
    }
    let target = try target(of: call, "tangent")
    var built = try build(target, also: [only.name], host)
    try compute(&built, wrt: wrt, host)
    guard let input = inputs(built, wrt).first else { return }
    let entries = input.entry.map { $0..<$0 + 1 } ?? 0..<built.graph.shape(of: input.node).count
    let (carried, overflows) = entries.count.multipliedReportingOverflow(
      by: built.graph.isScalar ? built.graph.count : built.graph.numberCount)
    guard entries.count == 1 || !overflows && carried <= Self.carriedLimit else {
      throw Diagnostic(
        .tooLarge(count: "\(entries.count)·\(built.graph.numberCount)", limit: Self.carriedLimit),
        call.clause("wrt")?.last?.range ?? call.word.range,
        advice: "name one entry of it")
    }
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.isInUse($0) })
    host.begin(
      texts, options: TraceOptions(forward: false, backward: false, gradient: false, tangent: true))
    defer { host.finish() }
    let trace = TangentTrace(built: built, input: input.node, entry: input.entry, entries: entries)
    do {
      try trace.post(to: host)
    } catch {
      throw Diagnostic(error.kind, statementText)
    }
  }
}
