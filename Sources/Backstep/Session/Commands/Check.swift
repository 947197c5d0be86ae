// check: the gradient beside differences of the value, which know nothing of derivatives.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let check = Command(
    names: ["check"], usage: "check [E] [wrt a, b]",
    summary: "each derivative against differences of the value",
    details: """
      Each input is moved a little to both sides, with steps that fit its size, and the slope compared \
      with the derivative. The error is relative to the larger of the two, or to 1e-6 of the value's \
      own slope where they are tiny. At a kink the slopes on the two sides differ: the derivative then \
      must lie between them. A mismatch fails.
      """,
    example: "w = 0.5; x = 2; L = sigmoid(w*x)^2\ncheck L",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["grad", "compare"]
  ) { session, call, host throws(Diagnostic) in
    try session.check(call, host)
  }
}

extension Session {
  /// How many entries are checked in one go.
  private static let entryLimit = 10_000

  fileprivate mutating func check(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    let wrt = try wrtInputs(call, host)
    let target = try target(of: call, "check")
    var built = try build(target, also: wrt?.map(\.name) ?? [], host)
    let shape = built.graph.shape(of: built.root)
    guard shape.count == 1 else {
      throw Diagnostic(.needsScalar("check", shape: "\(shape)"), target.range)
    }
    try compute(&built, wrt: wrt, host)
    let asked = inputs(built, wrt)
    if let formula = asked.first(where: { built.graph.operations[$0.node] != .input }) {
      let name = built.graph.label(of: formula.node).map(parser.names.string) ?? "it"
      throw Diagnostic(
        .derivativeTarget("the formula '\(name)', which cannot be moved"), statementText)
    }
    let active = built.graph.dependents(of: asked.map(\.node))
    let count = asked.reduce(0) {
      $0 + ($1.entry == nil ? built.graph.shape(of: $1.node).count : 1)
    }
    guard count <= Self.entryLimit else {
      throw Diagnostic(
        .tooLarge(count: "\(count)", limit: Self.entryLimit), statementText,
        advice: "name one entry, as in check wrt W[1,2]")
    }
    var silence = Silence()
    let adjoints = Reverse.sweep(
      built, from: built.root, seed: .ones(shape), active: active, observer: &silence)
    var differences = Differences(built)
    var checks: [GradientCheck] = []
    for input in asked {
      let gradient = adjoints.reading(of: input.node)
      let name = built.graph.label(of: input.node).map(parser.names.string) ?? ""
      var slopes: [Difference] = []
      for entry in input.entry.map({ $0..<$0 + 1 }) ?? 0..<gradient.elements.count {
        if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
        slopes.append(
          differences.slope(of: input.node, entry, expected: gradient.elements[entry]))
      }
      let numbers = slopes.map(\.slope)
      let worst = slopes.max { $0.error < $1.error }
      checks.append(
        GradientCheck(
          of: target.text,
          wrt: name + (input.entry.map { gradient.shape.index(of: $0) } ?? ""),
          gradient: input.entry.map { .scalar(gradient.elements[$0]) } ?? gradient,
          difference: input.entry != nil || gradient.shape.isScalar
            ? .scalar(numbers[0]) : .tensor(gradient.shape, numbers),
          error: worst?.error ?? 0, pass: slopes.allSatisfy(\.agrees),
          note: slopes.compactMap(\.note).first))
    }
    host.show(checks: checks)
    let failed = checks.filter { !$0.pass }.map(\.wrt)
    if !failed.isEmpty { throw Diagnostic(.failedCheck(failed), statementText) }
  }
}
