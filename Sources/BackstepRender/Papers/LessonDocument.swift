// A lesson made of a trace: a script that shows the forward pass and asks for the backward pass.

import BackstepLanguage
import BackstepTrace

/// A lesson in the form that `lesson FILE` runs: prose behind `#:`, questions behind `#?`, with what is
/// right behind `#=` and hints behind `#~`.
struct LessonDocument {
  private let derivation: WorkedTrace
  private let source: DocumentSource
  private let format: NumberFormat
  private var header: any TraceHeader { derivation.trace.header }
  private var trace: TraceDigest { derivation.trace }
  private var output = ByteBuffer()

  init(_ trace: TraceDigest, _ source: DocumentSource, format: NumberFormat) {
    derivation = WorkedTrace(trace)
    self.source = source
    self.format = format
  }

  /// The whole file.
  consuming func text() -> ByteBuffer {
    var lesson = self
    lesson.write()
    return lesson.output
  }

  private mutating func line(_ text: String = "") {
    output.append(text)
    output.append("\n")
  }

  /// A paragraph.
  private mutating func say(_ text: String) { line("#: \(PlainLine.text(text))") }

  private mutating func write() {
    let root = trace.rootName
    line("# \(Documents.mark). Run it with: lesson FILE")
    line("#* Backpropagation of \(PlainLine.text(root))")
    line()
    say("These definitions are given:")
    line()
    for definition in source.definitions { line(Escape.statement(definition.text)) }
    line()
    let expression = Escape.statement(source.expression)
    if expression != root { say("The output is \(root) = \(expression).") }
    if derivation.operations.isEmpty {
      say("There is nothing to compute.")
    } else {
      say("The forward pass computes one operation after the other:")
    }
    for node in derivation.operations.untilInterrupted {
      line("#:")
      say(
        "\(trace.name(node)) = \(trace.formula(node)) = \(number(derivation.value(of: node)))")
    }
    line()
    line("#* Backwards")
    line()
    say("The backward pass begins with ∂\(root)/∂\(root) = \(number(derivation.seed)).")
    for part in derivation.parts.untilInterrupted {
      line()
      switch part {
      case .sum(let node, _): askSum(node)
      case .step(let node, _, let products):
        say(
          "Now \(trace.name(node)) = \(trace.formula(node)), with \(adjoint(node)) = "
            + "\(number(derivation.adjoint(of: node))).")
        for product in products {
          line()
          ask(product.contribution)
        }
      }
    }
    line()
    writeGradient()
  }

  // MARK: Questions

  private mutating func ask(_ contribution: Contribution) {
    let (node, slot, operand) = (contribution.node, contribution.slot, contribution.operand)
    let rule = trace.partialFormula(node, slot)
    let isSum = derivation.isSum(operand)
    let what =
      isSum
      ? "the part of \(adjoint(operand)) that comes through \(trace.name(node))"
      : adjoint(operand)
    var text: String
    var hint: String
    if header.formulaIsContribution(of: node, slot: slot) {
      text = "What is \(what)? The rule is \(rule)."
      hint = "Put the numbers into \(rule)."
    } else {
      let partial = "∂\(trace.name(node))/∂\(trace.name(operand))"
      text = "What is \(what)?"
      hint = "It is \(adjoint(node)) · \(partial), and \(partial) = \(rule)."
      if let local = contribution.local?.collapsed, number(local) != rule {
        hint += "|\(partial) is \(number(local)) here."
      }
    }
    guard Self.canBeTyped(contribution.contribution) else {
      return say("\(what) is \(number(contribution.contribution)).")
    }
    text = PlainLine.text(text)
    line("#? \(text)")
    for hint in hint.split(separator: "|") { line("#~ \(PlainLine.text(String(hint)))") }
    line("#= \(contribution.contribution.literal)")
  }

  private mutating func askSum(_ node: NodeIndex) {
    let terms = trace.terms[node]
    let sum = derivation.adjoint(of: node)
    guard Self.canBeTyped(sum) else { return say("\(adjoint(node)) is \(number(sum)).") }
    line(
      "#? \(PlainLine.text(trace.name(node))) has been sent \(terms.count) parts. What is \(adjoint(node)) altogether?"
    )
    let parts = terms.prefix(12).map { number($0.contribution) }.joined(separator: ", ")
    line("#~ Add up what was sent: \(parts)\(terms.count > 12 ? ", …" : "").")
    line("#= \(sum.literal)")
  }

  private mutating func writeGradient() {
    guard !trace.gradients.isEmpty else { return }
    line("#* The gradient")
    line()
    for gradient in trace.gradients {
      let entry = gradient.entry.map { header.shape(of: gradient.node).index(of: $0) } ?? ""
      say("\(adjoint(gradient.node))\(entry) = \(number(gradient.value))")
      line("#:")
    }
  }

  // MARK: Parts

  /// Whether a result can be asked for: a number, or a few of them.
  private static func canBeTyped(_ reading: Reading) -> Bool {
    reading.isFinite && reading.shape.count <= 9
  }

  private func adjoint(_ node: NodeIndex) -> String { "∂\(trace.rootName)/∂\(trace.name(node))" }

  private func number(_ reading: Reading) -> String {
    InlineValue(reading, limit: 60, numbers: format)?.text.string
      ?? InlineValue.shape(reading.shape).string
  }
}
