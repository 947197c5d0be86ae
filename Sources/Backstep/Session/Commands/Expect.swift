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
    form: .expression(clauses: ["within"]), completes: .expression, seeAlso: ["check", "grad"]
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
      let value = try evaluate(only.syntax, host)
      guard case .number(let number) = value else {
        throw Diagnostic(.needsScalar("within", shape: "\(value.shape)"), only.range)
      }
      tolerance = number
    }
    var built = try build(expression.syntax, usesKnown: true, host)
    let sides = [0, 1].map { built.graph.shape(of: built.graph.operand($0, of: built.root)) }
    guard sides[0] == sides[1] || sides.contains(where: \.isScalar) else {
      throw Diagnostic(
        .shape(
          "the left side has shape \(sides[0]) but the right side has shape \(sides[1])",
          hint: "values are compared in equal shapes, or with a single number"), expression.range)
    }
    try compute(&built, host)
    let (left, right, place) = entry(built, tolerance)
    let text = parser.source.string(statementText).dropFirst(call.word.text.count)
      .drop { $0.isWhitespace }
    let holds = holds(built.graph.operations[built.root], left, right, tolerance)
    host.show(expectation: String(text), holds: holds)
    guard holds else {
      let isEquation = built.graph.operations[built.root] == .equal
      throw Diagnostic(
        .failedExpectation(
          text: String(text), left: shortest(left) + place,
          right: endsWithNumber(expression.syntax) ? nil : shortest(right)),
        expression.range,
        advice: isEquation ? advice(left, right, tolerance) : nil)
    }
  }

  /// Whether a comparison holds, equality up to rounding.
  private func holds(
    _ comparison: Operation, _ left: Double, _ right: Double, _ tolerance: Double
  ) -> Bool {
    let isClose = left == right || abs(left - right) <= tolerance * max(1, abs(right))
    switch comparison {
    case .equal: return isClose
    case .notEqual: return !isClose
    case .less: return left < right
    case .lessOrEqual: return left <= right
    case .greater: return left > right
    default: return left >= right
    }
  }

  /// The numbers that are compared: of tensors the first two that decide, and where they stand.
  ///
  /// For `!=` these are two that differ, for the others two for which it does not hold.
  private func entry(_ built: BuiltGraph, _ tolerance: Double) -> (Double, Double, String) {
    let comparison = built.graph.operations[built.root]
    let left = built.reading(of: built.graph.operand(0, of: built.root))
    let right = built.reading(of: built.graph.operand(1, of: built.root))
    let shape = built.graph.shape(of: built.root)
    let (one, other) = (Stretch(left.shape), Stretch(right.shape))
    for row in 0..<shape.broadcastRows {
      for column in 0..<shape.broadcastColumns {
        let x = left.elements[row * one.row + column * one.column]
        let y = right.elements[row * other.row + column * other.column]
        guard holds(comparison, x, y, tolerance) == (comparison == .notEqual) else { continue }
        switch shape.rank {
        case 0: return (x, y, "")
        case 1: return (x, y, " at [\(column + 1)]")
        default: return (x, y, " at [\(row + 1), \(column + 1)]")
        }
      }
    }
    return (left.first, right.first, "")
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
