// expect: a statement that fails unless something holds.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let expect = Command(
    names: ["expect"], usage: "expect A == B [within T]",
    summary: "fails unless it holds; this grades a script",
    details: """
      Equality is meant up to rounding: within T, 1e-9 if left out, relative to the larger of 1 \
      and the size of B. <, <=, > and >= are meant exactly.
      """,
    example: "w = 3; L = w^2\nexpect dL/dw == 6\nexpect L == 9.01 within 0.01",
    form: .expression(clauses: ["within"]), completes: .expression
  ) { session, call, host throws(Diagnostic) in
    try session.expect(call, host)
  }
}

extension Session {
  fileprivate mutating func expect(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic)
  {
    guard let expression = call.expression else {
      throw Diagnostic(
        .missingArgument(command: "expect", what: "a comparison"), call.word.range,
        advice: call.usage)
    }
    guard parser.syntax.kinds[expression.syntax.end - 1].isComparison else {
      throw Diagnostic(.notAComparison, expression.range)
    }
    var tolerance = 1e-9
    if let within = call.clause("within") {
      guard within.count == 1, let only = within.first else {
        throw Diagnostic(
          .unexpectedArgument(command: "within", found: "several values"),
          within.last?.range ?? call.word.range)
      }
      tolerance = try evaluate(only.syntax, host)
    }
    var built = try build(expression.syntax, usesKnown: true)
    try compute(&built, host)
    let left = built.values[built.graph.operand(0, of: built.root)]
    let right = built.values[built.graph.operand(1, of: built.root)]
    let text = parser.source.string(statementText).dropFirst(call.word.text.count)
      .drop { $0.isWhitespace }
    let isClose = left == right || abs(left - right) <= tolerance * max(1, abs(right))
    let holds =
      switch built.graph.operations[built.root] {
      case .equal: isClose
      case .notEqual: !isClose
      default: built.values[built.root] != 0
      }
    host.show(expectation: String(text), holds: holds)
    guard holds else {
      let isEquation = built.graph.operations[built.root] == .equal
      throw Diagnostic(
        .failedExpectation(
          text: String(text), left: shortest(left),
          right: endsWithNumber(expression.syntax) ? nil : shortest(right)),
        expression.range,
        advice: isEquation ? advice(left, right, tolerance) : nil)
    }
  }

  /// Whether the right side of a comparison is a number as it was written.
  private func endsWithNumber(_ syntax: SyntaxRange) -> Bool {
    var last = syntax.end - 2
    if parser.syntax.kinds[last] == .negate { last -= 1 }
    return parser.syntax.kinds[last] == .number
  }

  /// What to do where two numbers are not as close as was asked.
  private func advice(_ left: Double, _ right: Double, _ tolerance: Double) -> String? {
    if left.isNaN || right.isNaN { return "NaN equals nothing, not even NaN" }
    let difference = abs(left - right)
    guard difference.isFinite else { return nil }
    var size = ByteBuffer()
    NumberFormat(digits: 3).append(difference, to: &size)
    return "off by \(size.string); 'within T' allows more than \(shortest(tolerance))"
  }

  private func shortest(_ number: Double) -> String {
    var buffer = ByteBuffer()
    buffer.appendShortest(number)
    return buffer.string
  }
}
