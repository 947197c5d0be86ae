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
      1000 signs, or of a graph of more than 20,000 operations between w and E, is not written: the \
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
    let saved = (parser.place, parser.source.bytes.count, parser.syntax.mark)
    defer {
      parser.forgetSyntax(from: saved.2)
      parser.forgetText(from: saved.1)
      parser.place = saved.0
    }
    let inner = try innerFormula(of: target, host)
    host.show(
      derivation: try derivation(of: inner ?? target, wrt: only, isFormula: inner != nil, host))
  }

  private func derivation(
    of target: Target, wrt: WrtInput, isFormula: Bool, _ host: any SessionHost
  ) throws(Diagnostic) -> Derivation {
    // A copy, for what is read on the way is to leave no trace.
    var session = self
    return try session.derive(target, wrt: wrt, isFormula: isFormula, host)
  }

  /// Derives an expression; `isFormula` says that its text is not what was written.
  private mutating func derive(
    _ target: Target, wrt: WrtInput, isFormula: Bool, _ host: any SessionHost
  ) throws(Diagnostic) -> Derivation {
    var built = try build(target, also: [wrt.name], host)
    let shape = built.graph.shape(of: built.root)
    guard shape.count == 1 else {
      throw Diagnostic(.needsScalar("derive", shape: "\(shape)"), target.range)
    }
    try compute(&built, wrt: [wrt], host)
    guard let input = inputs(built, [wrt]).first else {
      throw Diagnostic(.derivativeTarget("this"), target.range)
    }
    let active = built.graph.dependents(of: [input.node])
    var silence = Silence()
    let adjoints = Reverse.sweep(built, from: built.root, active: active, observer: &silence)
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.isInUse($0) })
    let (held, source) = (definitions, parser.source)
    let formula = isFormula ? source.string(target.range) : nil
    let writer = DerivationWriter(
      built: built, texts: texts, input: input.node, entry: input.entry, active: active,
      definition: { node in
        if node == built.root, let formula { return "\(target.text) = \(formula)" }
        return Self.definitionText(of: node, built, texts, held, source)
      })
    var value = adjoints.reading(of: input.node)
    if let entry = input.entry { value = .scalar(value.elements[entry]) }
    var derivation = writer.derivation(value: value) { host.isInterrupted }
    if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
    if let formula = derivation.formula {
      let found = self.value(ofFormula: formula, host)
      if !Self.agree(found, value) {
        derivation.outcome =
          hiddenName(in: formula).map { .hidden($0) } ?? .differs(found ?? .scalar(.nan))
      }
    }
    return derivation
  }

  /// How a node was defined: the user's own text, or v1 = w*x.
  private static func definitionText(
    of node: Int, _ built: BuiltGraph, _ texts: NodeTexts, _ definitions: Definitions,
    _ source: SourceText
  ) -> String {
    if let label = built.graph.label(of: node), let definition = definitions.definition(of: label),
      definition.kind == .formula
    {
      // A definition over several lines is told in one.
      return source.string(definition.text).split { $0.isNewline || $0 == " " }
        .joined(separator: " ")
    }
    var buffer = ByteBuffer()
    texts.write(texts.text(of: node), of: node, to: &buffer)
    return node == built.root ? buffer.string : "\(texts.name(of: node)) = \(buffer.string)"
  }

  /// A built-in name in a formula that means something else because a definition hides it.
  private func hiddenName(in formula: String) -> String? {
    let words = formula.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    for word in words.map(String.init) {
      let isBuiltIn =
        OperationTable.named(word) != nil || Constructor.named(word) != nil
        || GraphBuilder.predefined(word) != nil
      guard isBuiltIn, let name = parser.names.find(word) else { continue }
      if definitions.definition(of: name) != nil { return word }
    }
    return nil
  }

  // MARK: Derivatives of derivatives

  /// A derivative such as dL/dw as the formula that it is, so that it can be derived again; nil where
  /// the expression is something else, or the formula would be too long.
  private mutating func innerFormula(
    of target: Target, _ host: any SessionHost
  ) throws(Diagnostic) -> Target? {
    let (kinds, payloads) = (parser.syntax.kinds, parser.syntax.payloads)
    let range = target.syntax
    guard range.count >= 3, range.count % 2 == 1, kinds[range.start] == .name else { return nil }
    var inputs: [NameID] = []
    for place in stride(from: range.start + 1, to: range.end, by: 2) {
      guard kinds[place] == .name, kinds[place + 1] == .gradient else { return nil }
      inputs.append(payloads[place])
    }
    let output = payloads[range.start]
    var inner = Target(
      syntax: parser.append(reference: output), text: parser.names.string(output),
      range: target.range, name: output)
    for (place, input) in inputs.enumerated() {
      let derivation = try derivation(
        of: inner, wrt: WrtInput(name: input), isFormula: place > 0, host)
      guard let formula = derivation.formula, let parsed = read(formula) else { return nil }
      inner = Target(
        syntax: parsed.syntax, text: derivation.symbol, range: parsed.range, name: nil)
    }
    inner.text = target.text
    return inner
  }

  /// Reads a formula as if it had been typed; nil where it is none.
  private mutating func read(_ formula: String) -> (syntax: SyntaxRange, range: SourceRange)? {
    parser.begin(file: nil, firstLine: 1)
    do {
      // In parentheses, so that no word in it is taken for a command.
      try append("(\(formula))\n".utf8)
      guard let statement = try parser.next(), case .expression(let syntax) = statement.kind
      else { return nil }
      let range = SourceRange(statement.range.start + 1, statement.range.end - 1)
      return (syntax, range)
    } catch {
      return nil
    }
  }

  /// The value of a formula that is typed in; nil where that fails.
  private mutating func value(ofFormula formula: String, _ host: any SessionHost) -> Reading? {
    let node = parser.syntax.count
    guard let parsed = read(formula) else { return nil }
    statementText = parsed.range
    statementSyntax = node
    return (try? evaluate(parsed.syntax, host))?.reading
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
