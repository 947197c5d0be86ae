// A derivative as a formula, laid out: chain, factors, product, result.

import BackstepTrace

/// A derivation as text.
public enum DerivationText {
  /// The chain rule, the local derivatives, their product and what is left of it, and its value.
  public static func lines(_ derivation: Derivation, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      let layout = DerivationLayout(derivation: derivation, writer: writer)
      layout.writeChain()
      layout.writeFactors()
      layout.writeSteps()
      layout.writeValue()
    }
  }
}

/// The parts of a derivation, each written by itself.
private struct DerivationLayout {
  let derivation: Derivation
  let writer: LineWriter
  private let indent = 4

  private var style: Style { writer.style }

  /// Whether there is a chain, and not only one local derivative or a constant.
  private var hasChain: Bool {
    if derivation.formula == nil {
      return !derivation.chain.allSatisfy { [[$0.left]] == $0.terms }
    }
    return derivation.isStepwise
      ? derivation.chain.count > 1 || derivation.chain.contains { $0.result != nil }
      : derivation.factors.count > 1 || derivation.omitted > 0
        || derivation.chain.contains { $0.terms.contains { $0.count > 1 } }
  }

  func writeChain() {
    guard hasChain else { return }
    writer.writeHeading(derivation.isStepwise ? "Step by step" : "Chain rule")
    let left = derivation.chain.map(\.left)
    let width = left.map { columns($0) }.greatest(upTo: style.width / 3)
    let gap = derivation.omitted > 0 ? derivation.chain.count / 2 : -1
    for (place, equation) in derivation.chain.enumerated() {
      if place == gap { writeNote("… \(derivation.omitted) more …") }
      if derivation.isStepwise {
        writeEquation(equation.left, equation.right, width, .formula)
        if let result = equation.result { writeEquation("", result, width, .formula) }
      } else {
        writeTerms(equation, width)
      }
    }
  }

  func writeFactors() {
    guard hasChain, !derivation.factors.isEmpty else { return }
    writer.writeBlank()
    writer.writeHeading("Local derivatives")
    let factors = derivation.factors
    let width = factors.map { columns($0.symbol) }.greatest(upTo: style.width / 3)
    let formulas = factors.map { columns($0.formula) }.greatest(upTo: style.width / 3)
    for factor in factors {
      var row = line(factor.symbol, width, .partial)
      let start = row.columns
      row.addFormula(factor.formula, .formula)
      let column = start + formulas + 3
      let note = factor.definition
      if row.columns < column, column + columns(note) <= style.width {
        row.pad(to: column)
        row.add(note, .dim)
      }
      writer.write(row)
    }
  }

  func writeSteps() {
    guard !derivation.steps.isEmpty || derivation.formula != nil else { return }
    if hasChain { writer.writeBlank() }
    writer.writeHeading(derivation.steps.count > 1 ? "Put together" : "Formula")
    let width = columns(derivation.symbol)
    if derivation.steps.count < 2 {
      var row = line(derivation.symbol, width, .adjoint)
      row.addFormula(derivation.formula ?? "", .adjoint)
      let definition = hasChain ? nil : derivation.factors.first?.definition
      let isShort = row.columns + 3 + columns(definition ?? "") <= style.width
      write(row, note: isShort ? definition ?? "" : "", at: indent + width + 3)
      return
    }
    for (place, step) in derivation.steps.enumerated() {
      let isLast = place == derivation.steps.count - 1
      var row = line(place == 0 ? derivation.symbol : "", width, .adjoint)
      row.addFormula(step.formula, isLast ? .adjoint : .formula)
      write(row, note: step.note, at: indent + width + 3)
    }
  }

  func writeValue() {
    if derivation.outcome == .tooLong {
      if hasChain { writer.writeBlank() }
      writeText(
        hasChain
          ? "The formula would be too long to read. What the chain says is the same."
          : "The formula would be too long to read. Where parts of \(derivation.of) have names, "
            + "there is a chain over them.")
    }
    writer.writeBlank()
    writer.writeHeading("Value")
    var row = line(derivation.symbol, columns(derivation.symbol), .adjoint)
    guard derivation.value.shape.isScalar else {
      let inline = InlineValue(
        derivation.value, limit: style.width - row.columns, numbers: style.numbers)
      if let inline {
        row.add(inline.text, .adjoint)
        writer.write(row)
      } else {
        row.add(InlineValue.shape(derivation.value.shape), .adjoint)
        writer.write(row)
        writer.writeTable(derivation.value, indent: indent + 2)
      }
      writeOutcome()
      return
    }
    let hasNumbers = !derivation.numbers.isEmpty
    for piece in derivation.numbers {
      switch piece {
      case .text(let text): row.addFormula(text, .value)
      case .number(let number): row.add(number, style.numbers, .value)
      }
    }
    if hasNumbers { row.addEquals() }
    row.add(derivation.value.elements.first ?? .nan, style.numbers, .adjoint)
    if derivation.outcome == .agrees {
      write(row, note: Self.agreement, at: indent)
    } else {
      writer.write(row)
      writeOutcome()
    }
  }

  private static let agreement = "backpropagation gives the same"

  private func writeOutcome() {
    switch derivation.outcome {
    case .agrees: writeNote(Self.agreement)
    case .differs(let reading):
      var row = writer.line()
      row.pad(to: indent)
      row.addFormula("by backpropagation; the formula gives ", .warning)
      if let inline = InlineValue(reading, limit: 30, numbers: style.numbers) {
        row.add(inline.text, .warning)
      } else {
        row.add("other numbers", .warning)
      }
      row.addFormula(" here, where not all its parts are defined or rounding is large", .warning)
      writer.write(row)
    case .hidden(let name):
      var row = writer.line()
      row.pad(to: indent)
      row.addFormula(
        "by backpropagation; the formula means the built-in \(name), which a definition hides",
        .warning)
      writer.write(row)
    case .tooLong: break
    }
  }

  // MARK: Lines

  private func columns(_ text: String) -> Int { DisplayWidth.columns(of: text) }

  /// `    ∂L/∂w = `, or as many blanks and `= `.
  private func line(_ left: String, _ width: Int, _ role: Role) -> FragmentLine {
    var row = writer.line()
    row.pad(to: indent)
    row.add(left, role)
    row.pad(to: indent + width)
    row.add(" = ", .sign)
    row.hang = min(row.columns, style.width / 3)
    return row
  }

  private func writeEquation(_ left: String, _ right: String, _ width: Int, _ role: Role) {
    var row = line(left, width, .adjoint)
    row.addFormula(right, role)
    writer.write(row)
  }

  private func writeTerms(_ equation: Derivation.Equation, _ width: Int) {
    var row = line(equation.left, width, .adjoint)
    let room = style.width - row.columns - 3
    for (place, term) in equation.terms.enumerated() {
      let isWide = columns(term.joined(separator: " · ")) > room
      if place > 0 {
        row.add(" ", .sign)
        row.allowBreak()
        row.add("+ ", .sign)
      }
      for (slot, factor) in term.enumerated() {
        if slot > 0 {
          row.add(" · ", .sign)
          if isWide { row.allowBreak() }
        }
        row.add(factor, .partial)
      }
    }
    writer.write(row)
  }

  /// Writes a line with a note behind it, or below it where there is no room.
  private func write(_ line: borrowing FragmentLine, note: String, at column: Int) {
    guard line.columns + 3 + columns(note) > style.width || note.isEmpty else {
      var row = writer.line()
      row.add(line)
      row.add("   ", .dim)
      row.add(note, .dim)
      writer.write(row)
      return
    }
    writer.write(line)
    guard !note.isEmpty else { return }
    var row = writer.line()
    row.pad(to: column)
    row.addFormula(note, .dim)
    row.hang = column
    writer.write(row)
  }

  private func writeNote(_ text: String) {
    var row = writer.line()
    row.pad(to: indent)
    row.addFormula(text, .dim)
    writer.write(row)
  }

  private func writeText(_ text: String) {
    var row = writer.line()
    row.hang = 0
    row.addFormula(text, .plain)
    writer.write(row)
  }
}

extension FragmentLine {
  /// Adds text that may be broken at its blanks.
  fileprivate mutating func addFormula(_ text: String, _ role: Role) {
    for (place, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      if place > 0 {
        add(" ", role)
        allowBreak()
      }
      if !word.isEmpty { add(String(word), role) }
    }
  }
}
