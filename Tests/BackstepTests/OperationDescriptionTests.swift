// Whether every operation describes itself completely.

import Testing

@testable import Backstep

@Suite struct `What operations say of themselves` {
  @Test func `No name belongs to two operations`() {
    #expect(Set(OperationTable.names).count == OperationTable.names.count)
    for entry in OperationTable.entries {
      for name in entry.names { #expect(OperationTable.named(name) == entry.operation) }
    }
  }

  @Test func `Entries stand at their operation's raw value`() {
    for operation in Operation.allCases { #expect(operation.entry.operation == operation) }
  }

  @Test func `Only the two kinds of power share a label`() {
    var seen: [String: Operation] = [:]
    for operation in Operation.computing {
      let before = seen.updateValue(operation, forKey: operation.entry.label)
      #expect(before == nil || before == .power && operation == .powerConstant)
    }
  }

  @Test(arguments: Operation.computing)
  func `Words and formulas are there`(_ operation: Operation) {
    let entry = operation.entry
    #expect(!entry.label.isEmpty)
    #expect(!entry.summary.isEmpty && entry.summary.last != ".")
    #expect(entry.family != nil)
    #expect(entry.operands.count == operation.arity)
    #expect(entry.partialFormulas.count == operation.arity)
    #expect(Set(entry.operands.map(\.name)).count == operation.arity)
    #expect(entry.notes.isEmpty || entry.notes.last == ".")
    // Operands are named in order in the text, and those with a default come last.
    for operand in entry.operands { #expect(entry.text.contains(operand.name)) }
    let optional = entry.operands.map { $0.fallback != nil }
    let sorted = optional.sorted { !$0 && $1 }
    #expect(optional == sorted)
  }

  @Test(arguments: Operation.computing)
  func `There are samples, and they lie in the domain`(_ operation: Operation) {
    let entry = operation.entry
    #expect(entry.samples.count >= 2)
    for sample in entry.samples {
      #expect(sample.count == operation.arity)
      for (number, operand) in zip(sample, entry.operands) {
        #expect(operand.domain.contains(number), "\(operand.name) = \(number)")
      }
      #expect(operation.value(sample).isFinite, "\(sample)")
      for partial in operation.partials(sample) { #expect(partial.isFinite, "\(sample)") }
    }
    for operand in entry.operands {
      if let fallback = operand.fallback { #expect(operand.domain.contains(fallback)) }
    }
  }

  @Test(arguments: Operation.computing)
  func `What to see also exists and is not the operation itself`(_ operation: Operation) {
    for name in operation.entry.seeAlso {
      #expect(OperationTable.named(name) != nil, "\(name)")
      #expect(!operation.entry.names.contains(name), "\(name)")
    }
  }
}
