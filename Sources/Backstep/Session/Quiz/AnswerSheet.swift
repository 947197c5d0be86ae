// Where answers are computed: a session of its own in which every node has a name.

import BackstepLanguage
import BackstepTrace

/// Evaluates answers, at the point the quiz is about and at others near by.
struct AnswerSheet {
  private var session = Session()
  private let worked: WorkedGraph
  /// Whether formulas can be computed here; else there are numbers only.
  private(set) var hasNames = false
  /// The most numbers whose definitions are written out.
  private static let limit = 10_000

  /// An answer that has been read.
  struct Answer {
    var value: Reading
    /// Whether it names something that can move.
    var isFormula: Bool
    /// Whether a derivative stands in it.
    var hasDerivative: Bool
  }

  init(_ worked: WorkedGraph, _ host: any SessionHost) {
    self.worked = worked
    let count = (0...worked.root).reduce(0) { $0 + worked.graph.shape(of: $1).count }
    guard count <= Self.limit else { return }
    var text = ""
    for node in 0...worked.root { text += definition(of: node) }
    hasNames = (try? run(text, host)) != nil
    if !hasNames { session = Session() }
  }

  /// A statement that defines a node as the graph does.
  private func definition(of node: Int) -> String {
    let name = worked.name(node)
    switch worked.graph.operations[node] {
    case .constant: return ""
    case .data: return "const \(name) = \(worked.value(node).literal)\n"
    case .input, .derivative: return "\(name) = \(worked.value(node).literal)\n"
    default: return "\(name) = \(formula(of: node))\n"
    }
  }

  /// The operation with constants written out in full.
  private func formula(of node: Int) -> String {
    var text = ""
    for piece in worked.texts.text(of: node).pieces {
      switch piece {
      case .text(let bytes): text += String(decoding: bytes, as: UTF8.self)
      case .operand(let slot, _): text += operand(slot, of: node)
      case .operands(let first):
        text += (first..<max(first, worked.graph.operandCount(of: node)))
          .map { operand($0, of: node) }.joined(separator: ", ")
      case .result, .adjoint: text += worked.name(node)
      }
    }
    return text
  }

  private func operand(_ slot: Int, of node: Int) -> String {
    let operand = worked.graph.operand(slot, of: node)
    guard worked.graph.operations[operand] == .constant else { return worked.name(operand) }
    let literal = worked.value(operand).literal
    return literal.first == "-" ? "(\(literal))" : literal
  }

  private mutating func run(_ text: String, _ host: any SessionHost) throws(Diagnostic) {
    session.begin(file: nil)
    try session.append(text.utf8)
    while true {
      switch try session.runNext(host) {
      case .ran: continue
      case .incomplete(_, let mistake): throw mistake
      case .end, .quit: return
      }
    }
  }

  /// Reads and computes an answer.
  ///
  /// **Errors** A ``Diagnostic`` where it is no expression, or names something unknown.
  mutating func read(_ text: String, _ host: any SessionHost) throws(Diagnostic) -> Answer {
    try session.value(ofText: text, host)
  }

  /// Moves every input a little; calls with the same seed move them the same way.
  mutating func move(seed: UInt64, _ host: any SessionHost) throws(Diagnostic) {
    var random = Random(seed: seed)
    var text = ""
    for node in 0...worked.root where worked.graph.operations[node] == .input {
      let moved = worked.value(node).mapped { number in
        let change = 0.1 + 0.2 * random.uniform()
        let sign = random.uniform() < 0.5 ? -1.0 : 1.0
        return number == 0 ? sign * change : number * (1 + sign * change)
      }
      text += "\(worked.name(node)) = \(moved.literal)\n"
    }
    try run(text, host)
  }

  /// Puts every input back.
  mutating func restore(_ host: any SessionHost) throws(Diagnostic) {
    var text = ""
    for node in 0...worked.root where worked.graph.operations[node] == .input {
      text += definition(of: node)
    }
    try run(text, host)
  }
}

extension Session {
  /// The value of an expression given as text, and whether it names something that is defined.
  mutating func value(ofText text: String, _ host: any SessionHost) throws(Diagnostic)
    -> AnswerSheet.Answer
  {
    // What it gives to definitions has to outlive the answer.
    settleReadings()
    let place = parser.place
    let saved = (statementText, statementSyntax)
    let mark = parser.syntax.mark
    defer {
      parser.forgetSyntax(from: mark)
      parser.place = place
      (statementText, statementSyntax) = saved
    }
    parser.begin(file: nil, firstLine: 1)
    try append(text.utf8)
    guard let statement = try parser.next() else {
      throw Diagnostic(
        .expectedOperand(found: "nothing"), SourceRange(parser.offset, parser.offset))
    }
    guard case .expression(let syntax) = statement.kind else {
      throw Diagnostic(.expectedOperand(found: "a statement"), statement.range)
    }
    let end = parser.offset
    if let more = try parser.next() {
      throw Diagnostic(.expectedOperator(found: "a second statement"), more.range)
    }
    parser.place = (end, end)
    statementText = statement.range
    statementSyntax = mark.nodes
    let kinds = parser.syntax.kinds
    let isFormula = (syntax.start..<syntax.end).contains { node in
      switch kinds[node] {
      case .gradient: true
      case .name: definitions.definition(of: parser.syntax.payloads[node]) != nil
      default: false
      }
    }
    let hasDerivative = kinds[syntax.start..<syntax.end].contains(.gradient)
    let value = try evaluate(syntax, host)
    return AnswerSheet.Answer(
      value: value.reading, isFormula: isFormula, hasDerivative: hasDerivative)
  }
}
