// derive: the derivative as a formula, by the chain rule and then simplified.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let derive = Command(
    names: ["derive"], usage: "derive [E] wrt w",
    summary: "the derivative as a formula, and how it comes about",
    details: """
      Writes the chain of local derivatives over the names between w and E, each one's formula, their \
      product, and what is left of it when factors cancel and equal terms are collected. The formula \
      can be typed in. Where more than a few paths lead from w to E, each derivative of the chain is \
      defined once. Of vectors and matrices it goes step by step from E down. A formula of more than \
      1000 signs, or of a graph of more than 2000 operations between w and E, is not written: the \
      chain is. The formula holds wherever all its parts are defined.
      """,
    example:
      "w = 0.5; b = 0.1; const x = 2; const y = 1\nz = w*x + b; a = sigmoid(z); L = bce(a, y)\n"
      + "derive L wrt w\ng = (a - y)*x\nexpect g == dL/dw",
    form: .expression(clauses: ["wrt"]), completes: .expression,
    seeAlso: ["backward", "paths", "jacobian"]
  ) { session, call, host throws(Diagnostic) in
    try session.derive(call, host)
  }
}

extension Session {
  fileprivate mutating func derive(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    guard let wrt = try wrtInputs(call, host), let only = wrt.first, wrt.count == 1 else {
      throw Diagnostic(
        .missingArgument(command: "derive", what: "wrt and one input"), call.word.range,
        advice: call.usage)
    }
    let target = try target(of: call, "derive")
    var built = try build(target, also: [only.name], host)
    let shape = built.graph.shape(of: built.root)
    guard shape.count == 1 else {
      throw Diagnostic(.needsScalar("derive", shape: "\(shape)"), target.range)
    }
    try compute(&built, host)
    guard let input = inputs(built, wrt).first else { return }
    let active = built.graph.dependents(of: [input.node])
    try checkDerivatives(built, active)
    var silence = Silence()
    let adjoints = Reverse.sweep(built, from: built.root, active: active, observer: &silence)
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.definition(of: $0) != nil || definitions.wasMentioned($0) })
    let (held, source) = (definitions, parser.source)
    let writer = DerivationWriter(
      built: built, texts: texts, input: input.node, entry: input.entry, active: active,
      definition: { Self.definitionText(of: $0, built, texts, held, source) })
    var value = adjoints.reading(of: input.node)
    if let entry = input.entry { value = .scalar(value.elements[entry]) }
    var derivation = writer.derivation(value: value) { host.isInterrupted }
    if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
    if let formula = derivation.formula {
      let found = self.value(ofFormula: formula, host)
      if !Self.agree(found, value) { derivation.outcome = .differs(found ?? .scalar(.nan)) }
    }
    host.show(derivation: derivation)
  }

  /// How a node was defined: the user's own text, or v1 = w*x.
  private static func definitionText(
    of node: Int, _ built: BuiltGraph, _ texts: NodeTexts, _ definitions: Definitions,
    _ source: SourceText
  ) -> String {
    if let label = built.graph.label(of: node), let definition = definitions.definition(of: label),
      definition.kind == .formula
    {
      return source.string(definition.text)
    }
    var buffer = ByteBuffer()
    texts.write(texts.text(of: node), of: node, to: &buffer)
    return node == built.root ? buffer.string : "\(texts.name(of: node)) = \(buffer.string)"
  }

  /// Reads a formula as if it had been typed, and computes it; nil where that fails.
  private mutating func value(ofFormula formula: String, _ host: any SessionHost) -> Reading? {
    let place = parser.place
    let (end, mark) = (parser.source.bytes.count, parser.syntax.mark)
    let saved = (statementText, statementSyntax)
    defer {
      parser.forgetSyntax(from: mark)
      parser.forgetText(from: end)
      parser.place = place
      (statementText, statementSyntax) = saved
    }
    parser.begin(file: nil, firstLine: 1)
    do {
      try append("(\(formula))\n".utf8)
      guard let statement = try parser.next(), case .expression(let syntax) = statement.kind
      else { return nil }
      statementText = statement.range
      statementSyntax = mark.nodes
      return try evaluate(syntax, host).reading
    } catch {
      return nil
    }
  }

  /// Whether two values are equal up to rounding.
  private static func agree(_ one: Reading?, _ other: Reading) -> Bool {
    guard let one, one.shape == other.shape else { return false }
    return zip(one.elements, other.elements).allSatisfy { left, right in
      left == right || (left.isNaN && right.isNaN)
        || (left - right).magnitude <= 1e-9 * max(1, right.magnitude)
    }
  }
}
