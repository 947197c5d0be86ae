// Every operation against itself: derivatives by other ways, and what its entry says.

import Testing

@testable import Backstep

@Suite struct DerivativeTests {
  @Test(arguments: Operation.withRule)
  func partialsEqualTheTangentOfTheValue(_ operation: Operation) throws {
    let entry = try operation.described()
    for point in entry.points {
      let partials = operation.partials(point)
      for slot in point.indices where !(operation == .powerConstant && slot == 1) {
        let error = Accuracy.error(
          operation.tangent(point, slot: slot), partials[slot],
          scale: Accuracy.scale(operation, .partial(slot), point))
        #expect(
          error <= DualTolerance.limit(operation, slot, point), "along operand \(slot) at \(point)")
      }
    }
  }

  @Test(arguments: Operation.withRule)
  func partialsEqualDifferencesOfTheValue(_ operation: Operation) throws {
    try compareWithDifferences(operation, operation.value, operation.partials)
  }

  @Test(arguments: Operation.withRule)
  func secondDerivativesEqualDifferencesOfThePartials(_ operation: Operation) throws {
    let slots = try operation.described().operands.indices
    for slot in slots {
      try compareWithDifferences(
        operation, { operation.partials($0)[slot] },
        { point in
          slots.map { operation.partials(Operation.seeded(point, slot: $0))[slot].tangent }
        })
    }
  }

  private func compareWithDifferences(
    _ operation: Operation, _ function: ([Double]) -> Double, _ slopes: ([Double]) -> [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let points = try operation.described().smoothPoints
    var told = 0
    for point in points {
      let slopes = slopes(point)
      for slot in point.indices where !(operation == .powerConstant && slot == 1) {
        let difference = Difference(at: point[slot]) {
          var moved = point
          moved[slot] = $0
          return function(moved)
        }
        // Where the differences themselves disagree they can tell nothing.
        guard let difference else { continue }
        told += 1
        let gap = abs(difference.derivative - slopes[slot])
        #expect(
          gap <= difference.error + 1e-7 * abs(slopes[slot]) + 1e-12,
          "along operand \(slot) at \(point)", sourceLocation: sourceLocation)
      }
    }
    #expect(told * 4 > points.count, "too few differences told anything")
  }

  @Test(arguments: Operation.withRule)
  func mixedSecondDerivativesAreSymmetric(_ operation: Operation) throws {
    for point in try operation.described().smoothPoints where operation != .powerConstant {
      // x^y has no second derivative at x = 0: its logarithm is infinite.
      if operation == .power, point[0] == 0 { continue }
      let hessian = point.indices.map { column in
        operation.partials(Operation.seeded(point, slot: column)).map(\.tangent)
      }
      for row in point.indices {
        for column in 0..<row {
          let (one, other) = (hessian[row][column], hessian[column][row])
          let size = max(abs(one), abs(other), 1e-6)
          #expect(one == other || abs(one - other) <= 1e-9 * size, "at \(point)")
        }
      }
    }
  }

  @Test(arguments: Operation.withRule)
  func outsideTheDomainValueAndDerivativesAreNotNumbers(_ operation: Operation) throws {
    let entry = try operation.described()
    for (slot, operand) in entry.operands.enumerated() {
      for number in operand.domain.outside {
        for var point in entry.samples {
          point[slot] = number
          if case .labelOutsideUnitInterval? = operation.remark(point) { continue }
          #expect(operation.value(point).isNaN, "at \(point)")
          #expect(operation.partials(point)[slot].isNaN, "at \(point)")
          #expect(operation.tangent(point, slot: slot).isNaN, "at \(point)")
        }
      }
    }
  }

  @Test(arguments: Operation.withRule)
  func everyRemarkIsBorneOutByTheSlopes(_ operation: Operation) throws {
    for point in try operation.described().points where operation.remark(point) == .flat {
      #expect(operation.partials(point).allSatisfy { $0 == 0 }, "at \(point)")
    }
  }
}

/// How far the tangent of a value may be from the partial: a sum of tangents may cancel.
enum DualTolerance {
  static func limit(_ operation: Operation, _ slot: Int, _ point: [Double]) -> Double {
    switch (operation, slot) {
    // The slopes of log(a) and log(1 - a), divided by numbers that were rounded.
    case (.binaryCrossEntropy, 0):
      let (a, y) = (point[0], point[1])
      guard a > 0, a < 1 else { return Accuracy.limit }
      return Accuracy.limit * max(1, (y / a + (1 - y) / (1 - a)) * a * (1 - a) / abs(a - y))
    case (.binaryCrossEntropy, 1):
      let difference = abs(Double.log(point[0]) - Double.log1p(-point[0]))
      return Accuracy.limit * max(1, 1 / difference)
    // Two positive parts in one, the sum of two roundings more.
    case (.gelu, 0), (.silu, 0): return 2 * Accuracy.limit
    default: return Accuracy.limit
    }
  }
}

@Suite struct EntryTests {
  @Test(arguments: Operation.withRule)
  func isComplete(_ operation: Operation) throws {
    let entry = try operation.described()
    #expect(!entry.label.isEmpty && !entry.summary.isEmpty && !entry.text.isEmpty)
    #expect(!entry.samples.isEmpty)
    #expect(entry.partialFormulas.count == entry.operands.count)
    #expect(entry.arity.upperBound == entry.operands.count)
    #expect(entry.operands.drop { $0.fallback == nil }.allSatisfy { $0.fallback != nil })
    for sample in entry.samples {
      #expect(sample.count == entry.operands.count)
      #expect(zip(sample, entry.operands).allSatisfy { $1.domain.contains($0) }, "\(sample)")
      #expect(operation.value(sample).isFinite, "\(sample)")
      #expect(operation.partials(sample).allSatisfy { !$0.isNaN }, "\(sample)")
    }
    for name in entry.names { #expect(OperationTable.named(name) == operation) }
  }

  @Test func namesAndLabelsAreUnique() {
    let entries = Operation.withRule.compactMap(\.entry)
    let names = entries.flatMap(\.names)
    #expect(Set(names).count == names.count)
    let labels = entries.filter { $0.operation != .powerConstant }.map(\.label)
    #expect(Set(labels).count == labels.count)
  }

  @Test(arguments: Operation.withRule)
  func formulasUseKnownNamesAlone(_ operation: Operation) throws {
    let entry = try operation.described()
    let known = Set(entry.operands.map(\.name) + ["out", "pi"])
    for formula in entry.partialFormulas + [entry.text] + (entry.formula.map { [$0] } ?? []) {
      for word in formula.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
      where word.first?.isLetter == true {
        let name = String(word)
        #expect(known.contains(name) || OperationTable.named(name) != nil, "\(name) in \(formula)")
      }
    }
    let tensorFunctions = ["norm", "cross_entropy"]
    for name in entry.seeAlso where !tensorFunctions.contains(name) {
      #expect(OperationTable.named(name) != nil, "see also \(name)")
    }
  }

  @Test func everyFunctionOfTheLanguageIsThere() {
    let names = """
      abs sign sqrt cbrt exp expm1 log ln log2 log10 log1p sin cos tan asin acos atan atan2 sinh \
      cosh tanh asinh acosh atanh sigmoid σ logsigmoid softplus relu leaky_relu elu gelu silu erf \
      pow min max clamp hypot floor ceil round where bce bce_logits mse mae huber hinge xlogy
      """
    for name in names.split(separator: " ") {
      #expect(OperationTable.named(String(name)) != nil, "\(name)")
    }
    #expect(OperationTable.named("nonesuch") == nil)
  }

  @Test func aCallMayLeaveOutWhatHasADefault() {
    #expect(Operation.huberLoss.entry?.arity == 2...3)
    #expect(Operation.leakyRelu.entry?.operands[1].fallback == 0.01)
    #expect(Operation.elu.entry?.operands[1].fallback == 1)
    #expect(Operation.huberLoss.entry?.operands[2].fallback == 1)
    #expect(Operation.clamp.entry?.arity == 3...3)
  }

  @Test func bceShowsTheTextbookForm() {
    #expect(Operation.binaryCrossEntropy.entry?.partialFormulas[0] == "(a - y)/(a*(1 - a))")
  }

  @Test(arguments: [
    (2, "2*x"), (3, "3*x^2"), (1, "1"), (0, "0"), (-1, "-1/x^2"), (-2, "-2/x^3"),
    (0.5, "0.5*x^(-0.5)"), (2.5, "2.5*x^1.5"), (-0.5, "-0.5*x^(-1.5)"), (0.1, "0.1*x^(-0.9)"),
    (2.2, nil), (.infinity, nil),
  ])
  func aConstantExponentIsWorkedIn(_ exponent: Double, _ formula: String?) {
    #expect(PowerConstant.partialFormula(slot: 0, constants: [nil, exponent]) == formula)
  }
}
