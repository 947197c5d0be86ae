// check: the gradient beside differences of the value, which know nothing of derivatives.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let check = Command(
    names: ["check"], usage: "check [E] [wrt a, b]",
    summary: "each derivative against differences of the value",
    details: """
      Each input is moved a little to both sides, with steps that fit its size, and the slope compared \
      with the derivative. The error is relative to the larger of the two. At a kink the slopes on the \
      two sides differ: the derivative then must lie between them. Where all operations on the way are \
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
      let name = built.graph.label(of: input.node).map(parser.names.string) ?? ""
      var slopes: [Difference] = []
      var steps: [Double?] = []
      for entry in input.entry.map({ $0..<$0 + 1 }) ?? 0..<gradient.elements.count {
        if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
        slopes.append(
          differences.slope(of: input.node, entry, expected: gradient.elements[entry]))
        steps.append(complex.slope(of: input.node, entry))
      }
      let numbers = slopes.map(\.slope)
      let worst = slopes.max { $0.error < $1.error }
      let note = slopes.compactMap(\.note).first
      // At a kink a step into the complex plane sees one side only.
      let step = note == nil ? complexStep(steps, gradient, entry: input.entry) : nil
      checks.append(
        GradientCheck(
          of: target.text,
          wrt: name + (input.entry.map { gradient.shape.index(of: $0) } ?? ""),
          gradient: input.entry.map { .scalar(gradient.elements[$0]) } ?? gradient,
          difference: input.entry != nil || gradient.shape.isScalar
            ? .scalar(numbers[0]) : .tensor(gradient.shape, numbers),
          error: worst?.error ?? 0,
          pass: slopes.allSatisfy(\.agrees) && (step?.error ?? 0) <= Self.stepTolerance,
          note: note, complexStep: step))
    }
    host.show(checks: checks)
    let failed = checks.filter { !$0.pass }.map(\.wrt)
    if !failed.isEmpty { throw Diagnostic(.failedCheck(failed), statementText) }
  }

  /// What the complex step found for an input, and how far the worst entry is from it; nil where it
  /// has nothing to say about some entry.
  private func complexStep(
    _ steps: [Double?], _ gradient: Reading, entry: Int?
  ) -> GradientCheck.ComplexStep? {
    let slopes = steps.compactMap(\.self)
    guard slopes.count == steps.count else { return nil }
    let expected = entry.map { [gradient.elements[$0]] } ?? gradient.elements
    let errors = zip(slopes, expected).map { slope, derivative in
      slope == derivative ? 0 : abs(slope - derivative) / max(abs(slope), abs(derivative))
    }
    let isNumber = entry != nil || gradient.shape.isScalar
    return GradientCheck.ComplexStep(
      slope: isNumber ? .scalar(slopes[0]) : .tensor(gradient.shape, slopes),
      error: errors.max() ?? 0)
  }
}
