// What a warning says in words: every sentence, for text and for JSON.

import BackstepTrace

extension Warning {
  /// The word before the sentence: something to beware of, or only to know.
  var label: String {
    switch kind {
    case .nonFiniteValue, .nonFinitePartial, .nonFiniteAdjoint, .labelOutsideUnitInterval:
      "warning"
    case .tieSplit, .kink, .flat: "note"
    }
  }

  /// The kind's name in JSON.
  var identifier: String {
    switch kind {
    case .nonFiniteValue: "nonFiniteValue"
    case .nonFinitePartial: "nonFinitePartial"
    case .nonFiniteAdjoint: "nonFiniteAdjoint"
    case .tieSplit: "tieSplit"
    case .kink: "kink"
    case .flat: "flat"
    case .labelOutsideUnitInterval: "labelOutsideUnitInterval"
    }
  }

  /// The value that the warning is about, where there is one.
  var reading: Reading? {
    switch kind {
    case .nonFiniteValue(let reading), .nonFinitePartial(let reading),
      .nonFiniteAdjoint(let reading), .labelOutsideUnitInterval(let reading):
      reading
    case .tieSplit, .kink, .flat: nil
    }
  }

  /// Writes the sentence, which names the node: `v3 = log(x) is -inf: …`.
  func writeSentence(
    _ header: any TraceHeader, _ numbers: NumberFormat, to output: inout ByteBuffer
  ) {
    switch kind {
    case .nonFiniteValue(let value):
      writeNode(header, to: &output)
      output.append(" is ")
      write(value, numbers, to: &output)
      output.append(": the first value that is not finite")
    case .nonFinitePartial(let value):
      writePartial(header, to: &output)
      output.append(" is ")
      write(value, numbers, to: &output)
      output.append(": the first local derivative that is not finite")
    case .nonFiniteAdjoint(let value):
      output.append("∂")
      header.writeName(of: header.root, to: &output)
      output.append("/∂")
      header.writeName(of: node, to: &output)
      output.append(" is ")
      write(value, numbers, to: &output)
      output.append(": the first adjoint that is not finite, though its parts are")
    case .tieSplit:
      writeNode(header, to: &output)
      output.append(": tie split: the operands are equal and share the derivative in equal parts")
    case .kink:
      writeNode(header, to: &output)
      output.append(" has a kink here: the derivative is the subgradient of least norm")
    case .flat:
      writeNode(header, to: &output)
      output.append(" is flat: its derivative is 0 wherever there is one")
    case .labelOutsideUnitInterval(let value):
      writeNode(header, to: &output)
      output.append(": the label ")
      if let slot {
        header.writeName(of: header.operand(slot, of: node), to: &output)
        output.append(" ")
      }
      output.append("is ")
      write(value, numbers, to: &output)
      output.append(", outside the interval from 0 to 1")
    }
  }

  /// Writes `v3 = log(x)`, or only the name of an input.
  private func writeNode(_ header: any TraceHeader, to output: inout ByteBuffer) {
    header.writeName(of: node, to: &output)
    guard header.kind(of: node) == .operation else { return }
    output.append(" = ")
    header.write(header.text(of: node), of: node, to: &output)
  }

  /// Writes `∂v3/∂x = 1/x`.
  private func writePartial(_ header: any TraceHeader, to output: inout ByteBuffer) {
    guard let slot else { return writeNode(header, to: &output) }
    output.append("∂")
    header.writeName(of: node, to: &output)
    output.append("/∂")
    header.writeName(of: header.operand(slot, of: node), to: &output)
    output.append(" = ")
    header.write(header.partialFormula(of: node, slot: slot), of: node, to: &output)
  }

  /// A number, or of a tensor the first number that is at fault.
  private func write(
    _ reading: Reading, _ numbers: NumberFormat, to output: inout ByteBuffer
  ) {
    if case .tensor(_, let elements) = reading {
      let culprit = elements.first { !(0...1).contains($0) && isAtFault($0) } ?? .nan
      numbers.append(culprit, to: &output)
      output.append(" in places")
    } else {
      for number in reading.elements { numbers.append(number, to: &output) }
    }
  }

  private func isAtFault(_ number: Double) -> Bool {
    if case .labelOutsideUnitInterval = kind { return true }
    return !number.isFinite
  }
}

extension TraceCells {
  /// A warning's line: `warning: v3 = log(x) is -inf: the first value that is not finite`.
  func line(for warning: Warning) -> FragmentLine {
    var line = line()
    line.pad(to: indent)
    line.add(warning.label + ":", .warning)
    var sentence = ByteBuffer()
    warning.writeSentence(header, style.numbers, to: &sentence)
    line.addWords(sentence.string, .plain)
    if let hint = warning.hint { line.addWords("(hint: \(hint))", .hint) }
    line.hang = indent + 2
    return line
  }
}

extension FragmentLine {
  /// Adds words, each after a blank where the line may be broken.
  mutating func addWords(_ text: String, _ role: Role) {
    for word in text.utf8.split(separator: UInt8(ascii: " ")) {
      add(" ", role)
      allowBreak()
      add(String(Substring(word)), role)
    }
  }
}
