// The table of edges in Docs/Numerics.md, row by row, as a session computes them.

import BackstepTrace
import Testing

@testable import Backstep

/// A formula at an edge: its value, its derivatives, and what the trace says about them.
struct Edge: CustomTestStringConvertible, Sendable {
  enum Note: Sendable { case notFinite, kink, tie, label }

  var formula: String
  var point: [String: Double]
  var value: Double
  var slopes: [String: Double]
  var notes: Set<Note>
  /// A word of the advice that comes with the warning.
  var hint: String

  init(
    _ formula: String, at point: [String: Double], _ value: Double, _ slopes: [String: Double],
    _ notes: Set<Note> = [], hint: String = ""
  ) {
    self.formula = formula
    self.point = point
    self.value = value
    self.slopes = slopes
    self.notes = notes
    self.hint = hint
  }

  var testDescription: String { "\(formula) at \(point)" }
}

@Suite struct EdgeTests {
  private static let kinks: [Edge] = [
    Edge("relu(x)", at: ["x": 0], 0, ["x": 0], [.kink]),
    Edge("leaky_relu(x, 0.1)", at: ["x": 0], 0, ["x": 0.1], [.kink]),
    Edge("leaky_relu(x, s)", at: ["x": 0, "s": -0.5], 0, ["x": 0, "s": 0], [.kink]),
    Edge("leaky_relu(x, s)", at: ["x": 0, "s": 3], 0, ["x": 1, "s": 0], [.kink]),
    Edge("elu(x, alpha=0.5)", at: ["x": 0], 0, ["x": 0.5], [.kink]),
    Edge("elu(x)", at: ["x": 0], 0, ["x": 1]),
    Edge("abs(x)", at: ["x": 0], 0, ["x": 0], [.kink]),
    Edge("abs(x)", at: ["x": -0.0], 0, ["x": 0], [.kink]),
    Edge("mae(a, y)", at: ["a": 2, "y": 2], 0, ["a": 0, "y": 0], [.kink]),
    Edge("hinge(a, y)", at: ["a": 1, "y": 1], 0, ["a": 0, "y": 0], [.kink]),
    Edge("huber(a, y)", at: ["a": 1, "y": 0], 0.5, ["a": 1, "y": -1]),
    Edge("hypot(x, y)", at: ["x": 0, "y": 0], 0, ["x": 0, "y": 0], [.kink]),
  ]

  private static let choices: [Edge] = [
    Edge("max(x, y)", at: ["x": 2, "y": 2], 2, ["x": 0.5, "y": 0.5], [.tie]),
    Edge("min(x, y)", at: ["x": 2, "y": 2], 2, ["x": 0.5, "y": 0.5], [.tie]),
    Edge("max(x, x)", at: ["x": 2], 2, ["x": 1], [.tie]),
    Edge("max(x, 0)", at: ["x": 0], 0, ["x": 0.5], [.tie]),
    Edge("max(x, y)", at: ["x": .nan, "y": 1], .nan, ["x": .nan, "y": 0], [.notFinite]),
    Edge("max(x, y)", at: ["x": 1, "y": .nan], .nan, ["x": 0, "y": .nan], [.notFinite]),
    Edge("min(x, y)", at: ["x": .nan, "y": 1], .nan, ["x": .nan, "y": 0], [.notFinite]),
    Edge("min(x, y)", at: ["x": 1, "y": .nan], .nan, ["x": 0, "y": .nan], [.notFinite]),
    Edge("clamp(x, 0, 2)", at: ["x": 2], 2, ["x": 1]),
    Edge("clamp(x, 0, 2)", at: ["x": 0], 0, ["x": 1]),
    Edge("clamp(x, 0, 2)", at: ["x": 3], 2, ["x": 0]),
    Edge("clamp(x, lo, hi)", at: ["x": 1, "lo": 5, "hi": 3], 3, ["x": 0, "lo": 0, "hi": 1]),
    Edge("where(x > 0, log(x), 2*x)", at: ["x": 0], 0, ["x": 2], [.notFinite]),
    Edge("where(x == 0, 1, sin(x)/x)", at: ["x": 0], 1, ["x": 0], [.notFinite]),
  ]

  private static let steps: [Edge] = [
    Edge("sign(x)", at: ["x": 0], 0, ["x": 0]),
    Edge("floor(x)", at: ["x": 2], 2, ["x": 0]),
    Edge("ceil(x)", at: ["x": -2], -2, ["x": 0]),
    Edge("round(x)", at: ["x": 2.5], 3, ["x": 0]),
    Edge("round(x)", at: ["x": -2.5], -3, ["x": 0]),
    Edge("x >= 0", at: ["x": 0], 1, ["x": 0]),
    Edge("x < y", at: ["x": 1, "y": 1], 0, ["x": 0, "y": 0]),
  ]

  private static let roots: [Edge] = [
    Edge("sqrt(x)", at: ["x": 0], 0, ["x": .infinity], [.notFinite]),
    Edge("sqrt(x)", at: ["x": -0.0], -0.0, ["x": .infinity], [.notFinite]),
    Edge("sqrt(x)", at: ["x": -1], .nan, ["x": .nan], [.notFinite]),
    Edge("sqrt(x^2)", at: ["x": 0], 0, ["x": .nan], [.notFinite], hint: "abs(x)"),
    Edge(
      "sqrt(x^2 + y^2)", at: ["x": 0, "y": 0], 0, ["x": .nan, "y": .nan], [.notFinite],
      hint: "hypot(x, y)"),
    Edge("cbrt(x)", at: ["x": 0], 0, ["x": .infinity], [.notFinite]),
  ]

  private static let quotientsAndPowers: [Edge] = [
    Edge("1/x", at: ["x": 0], .infinity, ["x": -.infinity], [.notFinite]),
    Edge("1/x", at: ["x": -0.0], -.infinity, ["x": -.infinity], [.notFinite]),
    Edge("x/y", at: ["x": 0, "y": 0], .nan, ["y": .nan], [.notFinite]),
    Edge("x^0", at: ["x": 0], 1, ["x": 0]),
    Edge("x^y", at: ["x": 0, "y": 0], 1, ["x": 0, "y": 0]),
    Edge("x^0.5", at: ["x": 0], 0, ["x": .infinity], [.notFinite]),
    Edge("x^y", at: ["x": 0, "y": 0.5], 0, ["x": .infinity, "y": 0], [.notFinite]),
    Edge("x^1", at: ["x": 0], 0, ["x": 1]),
    Edge("x^y", at: ["x": 0, "y": 1], 0, ["x": 1, "y": 0]),
    Edge("x^2", at: ["x": 0], 0, ["x": 0]),
    Edge("x^y", at: ["x": 0, "y": 2], 0, ["x": 0, "y": 0]),
    Edge("x^(-1)", at: ["x": 0], .infinity, ["x": -.infinity], [.notFinite]),
    Edge("x^y", at: ["x": 0, "y": -1], .infinity, ["x": -.infinity, "y": .nan], [.notFinite]),
    Edge("x^3", at: ["x": -2], -8, ["x": 12]),
    Edge("x^y", at: ["x": -2, "y": 3], -8, ["x": 12, "y": .nan], [.notFinite]),
    Edge("x^0.5", at: ["x": -2], .nan, ["x": .nan], [.notFinite]),
    Edge("pow(x, 0)", at: ["x": .nan], 1, ["x": 0]),
    Edge("pow(x, y)", at: ["x": .nan, "y": 0], 1, ["x": 0, "y": .nan], [.notFinite]),
  ]

  private static let logarithms: [Edge] = [
    Edge("log(x)", at: ["x": 0], -.infinity, ["x": .infinity], [.notFinite]),
    Edge("log(x)", at: ["x": -0.0], -.infinity, ["x": .infinity], [.notFinite]),
    Edge("log(x)", at: ["x": -1], .nan, ["x": .nan], [.notFinite]),
    Edge("x*log(x)", at: ["x": 0], .nan, ["x": .nan], [.notFinite], hint: "xlogy(x, x)"),
    Edge("xlogy(x, y)", at: ["x": 0, "y": 2], 0, ["x": 0.6931471805599453, "y": 0]),
    Edge("xlogy(x, y)", at: ["x": 0, "y": 0], 0, ["x": -.infinity, "y": 0], [.notFinite]),
  ]

  private static let activations: [Edge] = [
    Edge("sigmoid(x)", at: ["x": 1000], 1, ["x": 0]),
    Edge("sigmoid(x)", at: ["x": -1000], 0, ["x": 0]),
    Edge("sigmoid(x)", at: ["x": 40], 1, ["x": 4.248354255291589e-18]),
    Edge("tanh(x)", at: ["x": 18], 1 - 0x1p-51, ["x": 9.278091320974276e-16]),
    Edge("softplus(x)", at: ["x": 1000], 1000, ["x": 1]),
    Edge("softplus(x)", at: ["x": -1000], 0, ["x": 0]),
    Edge("softplus(x)", at: ["x": 0], 0.6931471805599453, ["x": 0.5]),
    Edge("logsigmoid(x)", at: ["x": 1000], -0.0, ["x": 0]),
    Edge("logsigmoid(x)", at: ["x": -1000], -1000, ["x": 1]),
  ]

  private static let losses: [Edge] = [
    Edge("bce(a, 1)", at: ["a": 1], 0, ["a": -1]),
    Edge("bce(a, 0)", at: ["a": 0], 0, ["a": 1]),
    Edge("bce(a, 1)", at: ["a": 0], .infinity, ["a": -.infinity], [.notFinite], hint: "bce_logits"),
    Edge("bce(a, 0)", at: ["a": 1], .infinity, ["a": .infinity], [.notFinite], hint: "bce_logits"),
    Edge("bce(a, y)", at: ["a": 0.5, "y": 2], 0.6931471805599453, ["a": -6, "y": 0], [.label]),
    Edge("bce_logits(z, y)", at: ["z": 1000, "y": 0], 1000, ["z": 1, "y": -1000]),
    Edge("bce_logits(z, y)", at: ["z": 1000, "y": 1], 0, ["z": 0, "y": -1000]),
    Edge("bce_logits(z, y)", at: ["z": -1000, "y": 1], 1000, ["z": -1, "y": 1000]),
    Edge("bce_logits(z, y)", at: ["z": 0, "y": -1], 0.6931471805599453, ["z": 1.5], [.label]),
  ]

  private static let numbers: [Edge] = [
    Edge("-0.0", at: [:], -0.0, [:]),
    Edge("x*1", at: ["x": -0.0], -0.0, ["x": 1]),
    Edge("5e-324", at: [:], .leastNonzeroMagnitude, [:]),
    Edge("x*0.5", at: ["x": 0x1p-1040], 0x1p-1041, ["x": 0.5]),
  ]

  @Test(
    arguments: [
      kinks, choices, steps, roots, quotientsAndPowers, logarithms, activations, losses, numbers,
    ].flatMap(\.self))
  func isAsDocumented(_ edge: Edge) throws {
    var talk = Conversation()
    for (name, number) in edge.point.sorted(by: { $0.key < $1.key }) {
      try talk.run("\(name) = \(number.isNaN ? "0/0" : "\(number)")")
    }
    try talk.run("out = \(edge.formula)")
    let value = try talk.value("out")
    #expect(isSame(value, edge.value) && (value != 0 || value.sign == edge.value.sign))
    for (name, slope) in edge.slopes {
      let derivative = try talk.value("grad(out, \(name))")
      #expect(isSame(derivative, slope), "along \(name): \(derivative)")
    }
    try talk.run("trace out")
    #expect(Set(talk.warnings.compactMap(\.note)) == edge.notes)
    #expect(edge.hint.isEmpty || talk.warnings.contains { $0.hint?.contains(edge.hint) ?? false })
  }

  /// The same number, up to what libraries of mathematical functions differ by.
  private func isSame(_ number: Double, _ other: Double) -> Bool {
    Accuracy.error(number, other) <= Accuracy.limit
  }

  @Test func contributionsAreAddedInTheOrderOfTheTrace() throws {
    var talk = Conversation()
    try talk.run("x = 1; big = 1e16*x; y = x + big - 1e16*x")
    // From the last term to the first: -1e16, then x's own 1, which is lost, then 1e16.
    #expect(try talk.value("grad(y, x)") == (-1e16 + 1) + 1e16)
  }
}

extension Conversation {
  /// The warnings of the last trace.
  fileprivate var warnings: [Warning] {
    host.trace.events.compactMap { if case .warning(let warning) = $0 { warning } else { nil } }
  }
}

extension Warning {
  fileprivate var note: Edge.Note? {
    switch kind {
    case .nonFiniteValue, .nonFinitePartial, .nonFiniteAdjoint: .notFinite
    case .kink: .kink
    case .tieSplit: .tie
    case .labelOutsideUnitInterval: .label
    case .flat: nil
    }
  }
}
