// The formulas that are shown to students, against the code that computes.

import BackstepTrace
import Testing

@testable import Backstep

@Suite struct FormulaTests {
  /// How many points must tell something about each formula.
  private static let enough = 25

  @Test(arguments: Operation.withRule)
  func theTextOfAnOperationComputesItself(_ operation: Operation) throws {
    let entry = try operation.described()
    var formula = ShownFormula(entry)
    for point in entry.points {
      try formula.move(to: point)
      let value = try formula.talk.value("out")
      #expect(value == operation.value(point), "at \(point)")
      let partials = operation.partials(point)
      for (slot, operand) in entry.operands.enumerated() where formula.isVariable(slot) {
        let partial = try formula.talk.value("grad(out, \(operand.name))")
        #expect(partial == partials[slot], "along \(operand.name) at \(point)")
      }
    }
  }

  @Test(arguments: Operation.withRule.filter { $0.entry?.formula != nil })
  func theFormulaOfAnOperationGivesItsValue(_ operation: Operation) throws {
    let entry = try operation.described()
    let text = try #require(entry.formula)
    try compare(entry, text, operation.value)
  }

  @Test(arguments: Operation.withRule)
  func theFormulasOfTheLocalDerivativesGiveTheirValues(_ operation: Operation) throws {
    let entry = try operation.described()
    for (slot, text) in entry.partialFormulas.enumerated() {
      try compare(entry, text, { operation.partials($0)[slot] })
    }
  }

  @Test func aPowerWithANumberAsExponentHasFormulasOfItsOwn() throws {
    let entry = try Operation.powerConstant.described()
    var shown: Set<String> = []
    for exponent in [-3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 7] {
      let constants = [nil, exponent]
      let text = try #require(Operation.powerConstant.specialFormula(0, constants))
      shown.insert(text)
      let points = entry.points.map { [$0[0], exponent] }
        .filter { Operation.powerConstant.value($0).isFinite }
      try compare(entry, at: points, text, { Operation.powerConstant.partials($0)[0] })
    }
    #expect(shown.isSuperset(of: ["0", "1", "2*x", "3*x^2", "-1/x^2", "0.5*x^(-0.5)"]))
  }

  /// Compares a text with a number at all points where the text can be computed at all.
  private func compare(
    _ entry: OperationEntry, at points: [[Double]]? = nil, _ text: String,
    _ number: ([Double]) -> Double, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var formula = ShownFormula(entry)
    var told = 0
    for point in points ?? entry.points {
      let (value, rounding) = try formula.evaluate(text, at: point)
      // The textbook's form overflows, or divides by what has vanished.
      guard rounding.isFinite else { continue }
      let native = number(point)
      let limit = 4 * native.ulp + 4 * rounding
      if limit <= 1e-12 * abs(native) || value == native { told += 1 }
      #expect(
        abs(value - native) <= limit, "\(text) is \(value), not \(native), at \(point)",
        sourceLocation: sourceLocation)
    }
    #expect(told >= Self.enough, "only \(told) points told", sourceLocation: sourceLocation)
  }
}

/// A formula in the operands of an operation and in its result `out`, computed by a session.
private struct ShownFormula {
  let entry: OperationEntry
  var talk = Conversation()

  init(_ entry: OperationEntry) { self.entry = entry }

  /// Whether an operand is an input of the session; the exponent of `x^2` stands in the text.
  func isVariable(_ slot: Int) -> Bool { entry.operation != .powerConstant || slot == 0 }

  /// Gives the operands their values.
  mutating func move(to point: [Double]) throws {
    for (operand, number) in zip(entry.operands, point) {
      try talk.run("\(operand.name) = \(number)")
    }
    try talk.run("out = \(isVariable(1) ? entry.text : "x^(\(point[1]))")")
  }

  /// The value of a formula, and how far the rounding of each of its steps may move it.
  ///
  /// **Source** S. Linnainmaa, "Taylor expansion of the accumulated rounding error" (1976): a
  /// step's rounding error reaches the result multiplied by the step's adjoint.
  mutating func evaluate(_ text: String, at point: [Double]) throws -> (Double, rounding: Double) {
    try move(to: point)
    try talk.run("shown = \(text)\ntrace shown")
    var values: [NodeIndex: Double] = [:]
    var rounding = 0.0
    for event in talk.host.trace.events {
      switch event {
      case .constant(let node, let value), .input(let node, let value),
        .forward(let node, let value, _):
        values[node] = value.elements[0]
      case .backward(let node, let adjoint, _):
        rounding += abs(adjoint.elements[0]) * (values[node] ?? .nan).ulp
      default: break
      }
    }
    let root = talk.host.trace.header?.root ?? 0
    return (values[root] ?? .nan, rounding)
  }
}
