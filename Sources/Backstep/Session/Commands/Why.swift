// why: one derivative, or one step of the last trace, from the chain rule to the number.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let why = Command(
    names: ["why"], usage: "why NAME or why N",
    summary: "one derivative or one step explained: from the chain rule to the number",
    details: """
      NAME is a node of the trace that was shown last, also v1 or an entry W[1,2]: the derivative of \
      what was traced with respect to it is put together rung by rung, the chain rule over its own \
      uses in symbols, then in numbers, then the sum. N is a step of that trace by its number. Each \
      factor can be asked about in turn; the last rung says how. Without a trace it is about the \
      formula defined last.
      """,
    example: "w = 0.5; x = 2; const y = 1\nz = w*x; a = sigmoid(z); L = bce(a, y)\nwhy w\nwhy a",
    form: .expression(clauses: []), completes: .expression, seeAlso: ["trace", "step", "paths"]
  ) { session, call, host throws(Diagnostic) in
    try session.why(call, host)
  }
}

extension Session {
  fileprivate mutating func why(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic) {
    guard let item = call.expression else {
      throw Diagnostic(
        .missingArgument(command: "why", what: "a name, or the number of a step"),
        call.word.range, advice: call.usage)
    }
    let (target, last) = try lastTarget("explain")
    let isNumber = item.syntax.count == 1 && parser.syntax.kinds[item.syntax.start] == .number
    if isNumber {
      let number = Int(exactly: parser.syntax.number(at: item.syntax.start))
      return try explainStep(number, item, target, last, host)
    }
    let reference = NodeReference(parser.source.string(item.range))
    let name = parser.names.find(reference.name)
    let isDefined = name.flatMap { definitions.definition(of: $0)?.kind }
    var also: [NameID] = []
    if let name, isDefined == .input || isDefined == .formula { also = [name] }
    var view = try view(target, nil, also: also, atMost: Self.recordingLimit, host)
    try seed(&view, last, target)
    if let name, isDefined == .data, view.texts.node(named: reference.name) != nil {
      throw Diagnostic(.constantHasNoDerivative(parser.names.string(name)), item.range)
    }
    // The step's own numbers are those of the level at which it was shown.
    let condensed = condensed(view, target, last.level)
    let header: any TraceHeader = condensed.map { $0.header } ?? view.texts
    let node = try node(reference, header, item.range)
    var entry: Int?
    if let index = reference.index {
      entry = try place(index, reference.name, header.shape(of: node), item.range)
      // Uses of one entry are told operation by operation.
      guard let own = view.texts.node(named: reference.name) else { return }
      view.asked = [AskedInput(node: own, entry: entry)]
      let recording = try record(view, target, .operation, host)
      host.explain(.derivative(own, entry: entry), in: recording)
      return
    }
    host.explain(
      .derivative(node, entry: nil), in: try record(view, target, last.level, host))
  }

  /// Explains a step by its number.
  private mutating func explainStep(
    _ number: Int?, _ item: ParsedExpression, _ target: Target, _ last: LastTrace,
    _ host: any SessionHost
  ) throws(Diagnostic) {
    var view = try view(target, last.wrt, atMost: Self.recordingLimit, host)
    try seed(&view, last, target)
    let recording = try record(view, target, last.level, host)
    let steps = recording.steps.reduce(0) { max($0, $1.number) }
    guard let number, (1...max(1, steps)).contains(number), steps > 0 else {
      throw Diagnostic(
        .noSuchStep(parser.source.string(item.range), of: target.text, count: steps), item.range)
    }
    host.explain(.step(number), in: recording)
  }

  /// Puts in the seed that the last trace had.
  private func seed(_ view: inout View, _ last: LastTrace, _ target: Target) throws(Diagnostic) {
    let shape = view.built.graph.shape(of: view.built.root)
    if let seed = last.seed, seed.shape == shape {
      view.seed = seed
    } else if shape.count != 1 {
      throw Diagnostic(.needsSeed(target.text, shape: "\(shape)"), statementText)
    }
  }

  /// The place of an entry, counted from 0, from its index as it was written.
  private func place(
    _ index: String, _ name: String, _ shape: Shape, _ range: SourceRange
  ) throws(Diagnostic) -> Int {
    let mistake = Diagnostic(
      .shape("\(name) has shape \(shape) and no entry [\(index)]", hint: nil), range,
      advice: shape.isScalar ? "it is a single number: why \(name)" : "indices begin at 1")
    let parts = index.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == shape.rank, shape.rank > 0 else { throw mistake }
    var place = 0
    for (part, size) in zip(parts, shape.sizes) {
      guard let part, part > 0, part <= size else { throw mistake }
      place = place * size + part - 1
    }
    return place
  }
}
