// check: the gradient beside differences of the value, which know nothing of derivatives.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let check = Command(
    names: ["check"], usage: "check [E] [wrt a, b]",
    summary: "each derivative against differences of the value",
    details: """
      Each input is moved a little to both sides, with steps that fit its size, and the slope compared \
      with the derivative. The error is relative to the larger of the two. Of a vector or a matrix with \
      many entries those with the largest errors are shown. At a kink the slopes on the two sides \
      differ: both are shown, and the derivative must lie between them. Where all operations on the way are \
      analytic, the input is also moved into the complex plane, to w + ih: the imaginary part of the \
      result, divided by h, is the derivative to the last digits, for nothing cancels. Both look at \
      values only and know no rule for derivatives. A mismatch fails.
      """,
    example: "w = 0.5; x = 2; L = sigmoid(w*x)^2\ncheck L",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["grad", "compare"]
  ) { session, call, host throws(Diagnostic) in
    try session.check(call, host)
  }
}

extension Session {
  /// How far a derivative may be from a complex step, which is exact but for rounding that cancels.
  private static let stepTolerance = 1e-6
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
    var complex = ComplexStep(built)
    var checks: [GradientCheck] = []
    for input in asked {
      let gradient = adjoints.reading(of: input.node)
      let numbers = gradient.elements
      let name = built.graph.label(of: input.node).map(parser.names.string) ?? ""
      var entries: [GradientCheck.Entry] = []
      for entry in input.entry.map({ $0..<$0 + 1 }) ?? 0..<gradient.shape.count {
        if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
        let derivative = numbers[entry]
        let difference = differences.slope(of: input.node, entry, expected: derivative)
        // At a kink a step into the complex plane sees one side only.
        let isSmooth = difference.sides == nil && !difference.slope.isNaN
        let step = isSmooth ? complex.slope(of: input.node, entry) : nil
        let error = step.map { Self.error(of: $0, derivative) }
        entries.append(
          GradientCheck.Entry(
            index: input.entry == nil ? gradient.shape.index(of: entry) : "", gradient: derivative,
            difference: difference.slope, error: difference.error, complexStep: step,
            stepError: error, pass: difference.agrees && (error ?? 0) <= Self.stepTolerance,
            note: difference.note, sides: difference.sides))
      }
      checks.append(
        GradientCheck(
          of: target.text, wrt: name + (input.entry.map { gradient.shape.index(of: $0) } ?? ""),
          shape: input.entry == nil ? gradient.shape : .scalar, entries: entries))
    }
    host.show(checks: checks)
    let failed = checks.filter { !$0.pass }.map(\.wrt)
    if !failed.isEmpty { throw Diagnostic(.failedCheck(failed), statementText) }
  }

  /// How far a slope is from a derivative, relative to the larger of the two; a derivative that is 0, as that
  /// of exp(x)*exp(-x), comes out as no more than rounding.
  private static func error(of slope: Double, _ derivative: Double) -> Double {
    if slope == derivative { return 0 }
    return abs(slope - derivative) / max(abs(slope), abs(derivative), nothing / stepTolerance)
  }
  /// What is as good as 0, whatever the derivative.
  private static let nothing = 1e-13
}
