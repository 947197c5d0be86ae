// The complex step against derivatives computed with 800 digits.

import BackstepTrace
import Testing

@testable import Backstep

@Suite struct ComplexStepTests {
  /// Operations whose values are computed without a function that the complex step does not follow.
  static let followed: [Operation] = [
    .add, .subtract, .multiply, .divide, .negate, .identity, .power, .powerConstant, .sqrt, .exp,
    .expm1, .log, .log2, .log10, .log1p, .xlogy, .sin, .cos, .tan, .sinh, .cosh, .tanh, .atan,
    .sigmoid, .logSigmoid, .softplus, .silu, .binaryCrossEntropy, .binaryCrossEntropyWithLogits,
    .squaredError,
  ]

  @Test(arguments: followed)
  func findsTheDerivative(_ operation: Operation) throws {
    let rows = try #require(try ReferenceTable.rows.get()["\(operation)"])
    var compared = 0
    for row in rows {
      for (slot, partial) in row.partials.enumerated() where slope(operation, row, slot).isFinite {
        // At the ends of the range of a double h times the derivative under- or overflows.
        guard row.point.allSatisfy({ 1e-100 < abs($0) && abs($0) < 1e100 }),
          1e-150 < abs(partial), abs(partial) < 1e150
        else { continue }
        let found = slope(operation, row, slot)
        #expect(
          abs(found - partial) <= tolerance(operation, row.point, partial),
          "\(slot) at \(row.point)")
        compared += 1
      }
    }
    #expect(compared >= 10, "the complex step has something to say")
  }

  /// The imaginary part over h.
  private func slope(_ operation: Operation, _ row: ReferenceRow, _ slot: Int) -> Double {
    let step = ComplexStep.step(at: row.point[slot])
    let point = row.point.enumerated().map { Complex($1, $0 == slot ? step : 0) }
    return operation.value(point).imaginary / step
  }

  /// A few units in the last place of the derivative; where terms of opposite sign are added up, of
  /// the larger term.
  private func tolerance(_ operation: Operation, _ point: [Double], _ partial: Double) -> Double {
    switch operation {
    case .binaryCrossEntropy:
      1e-14 * max(abs(partial), point[1] / point[0], (1 - point[1]) / (1 - point[0]))
    case .binaryCrossEntropyWithLogits, .silu, .softplus, .sigmoid, .logSigmoid:
      1e-14 * max(abs(partial), 1)
    case .power, .tan: 1e-12 * abs(partial)
    default: 1e-14 * abs(partial)
    }
  }

  @Test func saysNothingWhereAnOperationIsNotAnalytic() throws {
    for text in ["erf(w)", "hypot(w, 1)", "asin(w)", "cbrt(w)", "w + gelu(w)", "log(w - 1)"] {
      var talk = Conversation()
      try talk.run("w = 0.7; check \(text)")
      #expect(talk.host.checks.allSatisfy { $0.complexStep == nil }, "\(text)")
    }
    var talk = Conversation()
    try talk.run("w = 0; check relu(w)")
    #expect(talk.host.checks.allSatisfy { $0.complexStep == nil && $0.note != nil })
  }

  @Test(arguments: ForwardModeTests.programs)
  func agreesWithBackpropagationToTheLastDigits(_ program: String) throws {
    var talk = Conversation()
    try talk.run(program + "; check L")
    for check in talk.host.checks {
      guard let step = check.complexStep else { continue }
      #expect(step.error < 1e-12, "\(check.wrt): \(step.error)")
      #expect(step.slope.shape == check.gradient.shape)
    }
  }
}
