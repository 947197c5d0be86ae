// The formulas for what an operand of a tensor operation is sent, against the code.

import BackstepTrace
import Testing

@testable import Backstep

@Suite struct PullFormulaTests {
  /// An index sends its adjoint to a place: that is said in words, which cannot be typed.
  private static let typed = Operation.structural.filter { $0 != .element }

  @Test(arguments: typed)
  func theFormulaOfWhatIsSentGivesIt(_ operation: Operation) throws {
    let names = try operation.described().operands.map(\.name)
    var generator = Deterministic(state: 5)
    var told = 0
    for call in StructuralCase.accepted(of: operation) {
      let shape = try call.result.get()
      let numbers = call.draw(&generator)
      let out = call.value(numbers)
      let adjoint = out.map { _ in Double.random(in: -2...2, using: &generator) }
      for slot in numbers.indices {
        let formula = try #require(call.pullFormula(slot: slot))
        var talk = Conversation()
        // Of operations of any number of operands no formula names one.
        for (name, place) in zip(names, call.operands.indices) {
          try talk.define(name, call.operands[place], numbers[place])
        }
        try talk.define("out", shape, out)
        try talk.define("adj", shape, adjoint)
        let text = formula.isContribution ? formula.text : "(\(formula.text))*adj"
        let sent = call.pull(adjoint, numbers, slot: slot)
        do {
          let shown = try talk.reading(text)
          #expect(shown.shape == call.operands[slot], "\(text) for operand \(slot) of \(call)")
          #expect(
            zip(shown.elements, sent).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) },
            "\(text) is \(shown.elements), not \(sent), for operand \(slot) of \(call)")
          #expect(formula.isContribution || shape.isScalar, "\(text) is no matrix")
          told += 1
        } catch {
          Issue.record("\(text) for operand \(slot) of \(call): \(error)")
        }
      }
    }
    #expect(told > 0, "no call was accepted")
  }

  @Test func whatAnIndexSendsIsSaidInWords() {
    let calls = StructuralCase.accepted(of: .element)
    #expect(!calls.isEmpty)
    for call in calls {
      let places = call.attributes.selections.map(\.text).joined(separator: ", ")
      #expect(call.pullFormula(slot: 0)?.text == "adj at [\(places)], 0 elsewhere")
      #expect(call.pullFormula(slot: 0)?.isContribution == true)
    }
  }

  @Test(arguments: Operation.structural)
  func theTextOfAnOperationComputesItself(_ operation: Operation) throws {
    let entry = try operation.described()
    // Lists are written out by the renderer.
    guard !entry.isVariadic else { return }
    var generator = Deterministic(state: 6)
    var told = 0
    for call in StructuralCase.accepted(of: operation) {
      let numbers = call.draw(&generator)
      var talk = Conversation()
      for (slot, operand) in entry.operands.filter({ $0.role == .operand }).enumerated() {
        try talk.define(operand.name, call.operands[slot], numbers[slot])
      }
      let text = call.text
      let reading = try talk.reading(text)
      #expect(reading.shape == (try call.result.get()), "\(text) for \(call)")
      #expect(reading.elements == call.value(numbers), "\(text) for \(call)")
      told += 1
    }
    #expect(told > 0, "no call was accepted")
  }
}

extension Conversation {
  /// Defines an input with these numbers.
  mutating func define(_ name: String, _ shape: Shape, _ numbers: [Double]) throws {
    let reading = shape.isScalar ? Reading.scalar(numbers[0]) : .tensor(shape, numbers)
    try run("\(name) = \(reading.literal)")
  }
}
