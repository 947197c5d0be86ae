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
        .missingArgument(command: "expect", what: "a comparison"), call.word.range)
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
      var (a, b) = (ByteBuffer(), ByteBuffer())
      a.appendShortest(left)
      b.appendShortest(right)
      throw Diagnostic(
        .failedExpectation(text: String(text), left: a.string, right: b.string), expression.range)
    }
  }
}
