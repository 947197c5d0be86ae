// Derivatives of derivatives: graphs written out, against other ways to second derivatives.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct NestedDerivativeTests {
  // MARK: Formulas

  /// Formulas that are differentiated again must keep their digits: all but the last few.
  @Test(arguments: Operation.withRule.filter { $0 != .powerConstant && $0 != .select })
  func stableFormulasKeepTheirDigits(_ operation: Operation) throws {
    let entry = try operation.described()
    var told = 0
    for point in entry.points {
      let partials = operation.partials(point)
      for (slot, text) in entry.stablePartialFormulas.enumerated() {
        let found = try Written.local(operation, slot, at: point)
        let size = Self.size(operation, slot, point)
        #expect(
          found == partials[slot] || found.isNaN && partials[slot].isNaN
            || abs(found - partials[slot]) <= 1e-12 * max(abs(partials[slot]), size)
            || max(abs(found), abs(partials[slot])) < 1e-290,
          "\(text) is \(found), not \(partials[slot]), along operand \(slot) at \(point)")
        told += 1
      }
    }
    #expect(told >= 25)
  }

  /// The size of the terms of which a derivative is the difference.
  private static func size(_ operation: Operation, _ slot: Int, _ point: [Double]) -> Double {
    switch (operation, slot) {
    // Terms of the size of the loss' own slope cancel where the prediction is close to its label.
    case (.binaryCrossEntropy, 0):
      let (a, y) = (point[0], point[1])
      return (y == 0 ? 0 : y / a) + (y == 1 ? 0 : (1 - y) / (1 - a))
    case (.binaryCrossEntropy, 1): return 1
    case (.binaryCrossEntropyWithLogits, 0): return Sigmoid.value(-abs(point[0]))
    case (.huberLoss, 2): return abs(point[0] - point[1])
    case (.gelu, _), (.silu, _): return abs(point[0]) < 1.5 ? 1 : 0
    default: return 0
    }
  }

  @Test func aPowerWithANumberAsExponentHasItsOwnFormula() throws {
    for exponent in [-3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.2, 3, 7] {
      for x in [0.3, 2, 1e10] {
        let found = try Written.local(.powerConstant, 0, at: [x, exponent])
        let exact = Operation.powerConstant.partials([x, exponent])[0]
        #expect(abs(found - exact) <= 1e-13 * abs(exact), "\(exponent) at \(x)")
      }
    }
  }

  @Test(arguments: Operation.structural, [false, true])
  func formulasOfWhatIsSentGiveIt(_ operation: Operation, _ isSingular: Bool) throws {
    let names = try operation.described().operands.map(\.name)
    var generator = Deterministic(state: 15)
    for call in StructuralCase.accepted(of: operation) {
      var numbers = call.draw(&generator)
      // Zeros, equal entries: where the usual formulas have no value.
      if isSingular { numbers = numbers.map { $0.map { _ in 0 } } }
      if call.operands.indices.contains(where: call.isIndex) && isSingular { continue }
      let out = call.value(numbers)
      let adjoint = out.map { _ in Double.random(in: -2...2, using: &generator) }
      for slot in numbers.indices {
        let formula = try #require(call.stablePullFormula(slot: slot, isSingular: isSingular))
        let sent = call.pull(adjoint, numbers, slot: slot)
        let shown = try Written.pull(formula, names, call, numbers, out, adjoint)
        #expect(shown.shape == call.operands[slot], "\(formula.text) for \(call)")
        #expect(
          zip(shown.elements, sent).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) },
          "\(formula.text) is \(shown.elements), not \(sent), for operand \(slot) of \(call)")
      }
    }
  }

  // MARK: Operations

  /// The derivative of each local derivative, written out, against the rules at dual numbers.
  @Test(arguments: Operation.withRule.filter { $0 != .powerConstant })
  func secondDerivativesEqualThoseOfDualNumbers(_ operation: Operation) throws {
    let entry = try operation.described()
    var told = 0
    for point in entry.smoothPoints {
      if operation == .power, point[0] == 0 { continue }
      var talk = Conversation()
      for (operand, number) in zip(entry.operands, point) {
        try talk.run("\(operand.name) = \(number)")
      }
      for row in point.indices {
        for column in point.indices {
          let names = [row, column].map { entry.operands[$0].name }
          let found = try talk.value("grad(grad(\(entry.text), \(names[0])), \(names[1]))")
          let seeded = Operation.seeded(point, slot: column)
          let exact = operation.partials(seeded)[row].tangent
          guard exact.isFinite, abs(exact) < 1e100 else { continue }
          told += 1
          // Either way a small one may be the difference of two that are not.
          let size = max(abs(exact), Self.secondSize(operation, point))
          #expect(
            abs(found - exact) <= 1e-10 * size || abs(found) < 1e-290,
            "\(found), not \(exact), along \(names) at \(point)")
        }
      }
    }
    #expect(told > 25)
  }

  /// The size of the terms of which a second derivative is the difference.
  private static func secondSize(_ operation: Operation, _ point: [Double]) -> Double {
    switch operation {
    case .hypot, .atan2:
      let length = Double.hypot(point[0], point[1])
      return operation == .hypot ? 1 / length : 1 / length / length
    case .binaryCrossEntropy:
      // The code computes (a - y)/(a*(1 - a)), whose derivative cancels where a is close to y.
      let (a, y) = (point[0], point[1])
      let slope = 1 / (a * (1 - a))
      return slope + abs(a - y) * slope * slope
    case .gelu, .silu, .sigmoid, .tanh: return abs(point[0]) < 3 ? 1e-3 : 0
    case .power: return abs(operation.value(point)) * 1e-3
    default: return 0
    }
  }

  // MARK: Graphs

  @Test func theGradientOfAGradientIsTheHessianOnRandomGraphs() throws {
    var told = 0
    for seed in 0..<300 as Range<UInt64> {
      let sample = SampleGraph(seed: seed)
      var built = sample.built
      let graph = built.graph
      let pass = HessianPass(built: built, active: graph.varies)
      let columns = sample.inputs.map { pass.adjoints(of: sample.inputs, seeding: $0, 0) }
      guard columns.joined().joined().allSatisfy({ abs($0.tangent) < 1e6 }) else { continue }
      let derivatives = sample.inputs.map {
        built.graph.append(derivativeOf: NodeID(built.root), wrt: NodeID($0))
      }
      for _ in derivatives { built.makeRoom(.scalar) }
      for (row, derivative) in derivatives.enumerated() {
        var one = built
        one.root = Int(derivative)
        try Expansion.run(&one, active: one.graph.varies, keeping: []) { false }
        #expect(one.graph.derivatives.isEmpty)
        try Evaluation.run(&one) { false }
        var silence = Silence()
        let adjoints = Reverse.sweep(
          one, from: one.root, active: one.graph.varies, observer: &silence)
        let first = columns[0][row][0].primal
        #expect(abs(one.values[one.root] - first) <= 1e-9 * max(1, abs(first)), "\(sample)")
        for node in 0..<one.graph.count where one.graph.operations[node] == .input {
          // Inputs keep their order, but those that do not matter are gone.
          let value = one.values[node]
          guard let column = sample.inputs.firstIndex(where: { sample.values[$0] == value })
          else { continue }
          let second = columns[column][row][0].tangent
          let size = columns.joined().joined().reduce(1) { max($0, abs($1.tangent)) }
          told += 1
          #expect(
            abs(adjoints.reading(of: node).elements[0] - second) <= 1e-8 * size,
            "row \(row), column \(column) of \(sample)")
        }
      }
    }
    #expect(told > 300)
  }

  @Test func derivativesThatNoPassGoesThroughStay() throws {
    var talk = Conversation()
    try talk.run("w = 3; v = 2; L = w^3; f = v*dL/dw\ntrace f wrt v")
    #expect(talk.host.trace.header?.operations.contains("grad") == true)
    try talk.run("trace f wrt w")
    #expect(talk.host.trace.header?.operations.contains("grad") == false)
  }

  @Test func aDerivativeWithRespectToAFormulaLeavesTheSlopeAlone() throws {
    // Something added to y moves y, but not the slope of exp at x, though that is computed as y.
    var talk = Conversation()
    try talk.run("x = 1; y = exp(x); g = grad(y, x)")
    #expect(try talk.value("grad(g, y)") == 0)
    #expect(try talk.value("grad(g, x)") == Double.exp(1))
  }
}

/// Formulas added to a graph of their operands, and computed.
private enum Written {
  static func local(_ operation: Operation, _ slot: Int, at point: [Double]) throws -> Double {
    var writer = AdjointWriter { false }
    let leaf: [Operation] = point.indices.map {
      operation == .powerConstant && $0 == 1 ? .constant : .input
    }
    let operands = zip(leaf, point).map { writer.formulas.built.append(leaf: $0, .number($1)) }
    writer.formulas.built.makeRoom(.scalar)
    let node =
      switch operands.count {
      case 1: writer.formulas.built.graph.append(operation, operands[0])
      case 2: writer.formulas.built.graph.append(operation, operands[0], operands[1])
      default:
        writer.formulas.built.graph.append(operation, operands[0], operands[1], operands[2])
      }
    try Evaluation.run(&writer.formulas.built) { false }
    let terms = try writer.derivatives(of: Int(node), wrt: [Int(operands[slot])])
    guard let term = terms[0] else { return 0 }
    let result = try Int(writer.formulas.node(term))
    try Evaluation.run(&writer.formulas.built) { false }
    return writer.formulas.built.values[result]
  }

  static func pull(
    _ formula: PullFormula, _ names: [String], _ call: StructuralCase, _ numbers: [[Double]],
    _ out: [Double], _ adjoint: [Double]
  ) throws -> Reading {
    var formulas = FormulaWriter()
    func leaf(_ shape: Shape, _ numbers: [Double]) -> FormulaTerm {
      let reading: Reading = shape.isScalar ? .scalar(numbers[0]) : .tensor(shape, numbers)
      return .node(formulas.built.append(leaf: .input, Value(reading)))
    }
    let shape = try call.result.get()
    let operands = zip(call.operands, numbers).map(leaf)
    let result = leaf(shape, out)
    let sent = leaf(shape, adjoint)
    let operandNames = names.prefix(operands.count)
    var term = try formulas.write(
      formula.text, operandNames + ["out", "adj"],
      operands.prefix(operandNames.count) + [result, sent])
    if !formula.isContribution { term = try formulas.binary(.multiply, sent, term) }
    let node = try Int(formulas.node(term))
    try Evaluation.run(&formulas.built) { false }
    return formulas.built.reading(of: node)
  }
}

extension TraceHeader {
  /// The short names of all operations.
  fileprivate var operations: [String] { (0..<count).map(operation) }
}
