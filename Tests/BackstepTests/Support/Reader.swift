// Text read by the parser, and shown again with every parenthesis.

import BackstepLanguage

/// What the parser makes of a text.
struct Reader {
  /// The commands it knows.
  static let commands = [
    CommandSyntax(words: ["trace"], form: .expression(clauses: ["wrt", "seed"])),
    CommandSyntax(words: ["load"], form: .words),
  ]

  private(set) var parser = Parser(commands: Reader.commands)
  private(set) var statements: [Statement] = []
  /// The names that each statement mentions.
  private(set) var mentions: [[NameID]] = []
  private(set) var mistake: Diagnostic?

  /// Reads a text to its end or up to the first mistake; `defined` are names that have a definition.
  init(_ text: String, defined: [String] = []) { self.init(bytes: Array(text.utf8), defined) }

  init(bytes: [UInt8], _ defined: [String] = []) {
    for name in defined { _ = parser.setDefined(parser.intern(name), true) }
    parser.begin(file: nil, firstLine: 1)
    parser.append(bytes)
    do {
      while let statement = try parser.next() {
        statements.append(statement)
        mentions.append(Array(parser.mentions))
      }
    } catch {
      mistake = error
    }
  }

  /// The text of a range.
  func text(_ range: SourceRange) -> String { parser.source.string(range) }

  /// The text that the mistake points at.
  var culprit: String? { mistake.map { text($0.range) } }

  /// The expression of the first statement.
  var expression: SyntaxRange? {
    switch statements.first?.kind {
    case .expression(let range), .assignment(_, _, let range), .definition(_, _, let range, _),
      .function(_, _, _, let range):
      range
    case .command(let call): call.expression?.syntax
    case nil: nil
    }
  }

  /// The expression of the first statement with a pair of parentheses around every operation.
  var grouped: String {
    guard let expression else { return mistake.map { "\($0.kind)" } ?? "nothing" }
    var stack: [String] = []
    for node in expression.start..<expression.end { push(node, &stack) }
    return stack.count == 1 ? stack[0] : "\(stack)"
  }

  /// The texts of the nodes of a statement, in their order.
  mutating func nodeTexts(ofStatement index: Int = 0) -> [String] {
    guard statements.indices.contains(index) else { return [] }
    let statement = statements[index]
    return parser.ranges(inStatementAt: statement.range).map(text)
  }

  private func push(_ node: Int, _ stack: inout [String]) {
    let payload = parser.syntax.payloads[node]
    func take(_ count: Int) -> [String] {
      defer { stack.removeLast(count) }
      return Array(stack.suffix(count))
    }
    switch parser.syntax.kinds[node] {
    case .number: stack.append("\(parser.syntax.number(at: node))")
    case .name: stack.append(parser.names.string(payload))
    case .parameter: stack.append("$\(payload)")
    case .negate: stack.append("(-\(take(1)[0]))")
    case .transpose: stack.append("\(take(1)[0])'")
    case .call:
      let arguments = take(Int(parser.syntax.payloads[node + 1])).joined(separator: ", ")
      stack.append("\(parser.names.string(payload))(\(arguments))")
    case .arguments: break
    case .keyword: stack.append("\(parser.names.string(payload))=\(take(1)[0])")
    case .list: stack.append("[\(take(Int(payload)).joined(separator: ", "))]")
    case .index:
      let parts = take(Int(payload) + 1)
      stack.append("\(parts[0])[\(parts[1...].joined(separator: ", "))]")
    case .slice:
      let upper = payload & 2 == 0 ? "" : take(1)[0]
      let lower = payload & 1 == 0 ? "" : take(1)[0]
      stack.append("\(lower):\(upper)")
    case .gradient:
      let parts = take(2)
      stack.append("∂\(parts[0])/∂\(parts[1])")
    default:
      let parts = take(2)
      stack.append("(\(parts[0]) \(parser.syntax.kinds[node]) \(parts[1]))")
    }
  }
}
