// Traces: which graph, which inputs, which parts.

import BackstepLanguage
import BackstepTrace

/// The expression a command is about.
struct Target {
  var syntax: SyntaxRange
  var text: String
  var range: SourceRange
  /// The name, where the expression is one.
  var name: NameID?
  /// The definition the syntax belongs to, where none was written.
  var owner: NameID?
}

/// What a derivative is taken with respect to: a name, or one entry of its value.
struct WrtInput: Equatable {
  var name: NameID
  /// The entry, counted from 0 row after row.
  var entry: Int?
}

extension Session {
  /// The expression that was written, or the last formula.
  func target(of call: CommandCall?, _ command: String) throws(Diagnostic) -> Target {
    if let expression = call?.expression {
      let syntax = expression.syntax
      let isName = syntax.count == 1 && parser.syntax.kinds[syntax.start] == .name
      return Target(
        syntax: syntax, text: parser.source.string(expression.range), range: expression.range,
        name: isName ? parser.syntax.payloads[syntax.start] : nil)
    }
    guard let name = definitions.lastFormula, let definition = definitions.definition(of: name)
    else { throw Diagnostic(.nothingDefined(command: command), statementText) }
    return Target(
      syntax: definition.syntax, text: parser.names.string(name), range: statementText, name: name,
      owner: name)
  }

  /// Builds the graph of a command's expression.
  mutating func build(
    _ target: Target, also: [NameID] = [], _ host: any SessionHost
  ) throws(Diagnostic) -> BuiltGraph {
    guard let owner = target.owner else {
      return try build(target.syntax, usesKnown: false, also: also, host)
    }
    // A name is entered as a name, so that its node carries it.
    let mark = parser.syntax.mark
    defer { parser.forgetSyntax(from: mark) }
    let syntax = parser.append(reference: owner)
    return try build(syntax, usesKnown: false, owner: owner, also: also, host)
  }

  /// What stands behind `wrt`; nil where there is no such clause.
  mutating func wrtInputs(
    _ call: CommandCall?, _ host: any SessionHost
  ) throws(Diagnostic) -> [WrtInput]? {
    guard let list = call?.clause("wrt") else { return nil }
    var inputs: [WrtInput] = []
    for item in list {
      let input = try wrtInput(item, host)
      if !inputs.contains(input) { inputs.append(input) }
    }
    return inputs
  }

  /// A name, or one entry of a name's value: `W1[2, 3]`.
  private mutating func wrtInput(
    _ item: ParsedExpression, _ host: any SessionHost
  ) throws(Diagnostic) -> WrtInput {
    let kinds = parser.syntax.kinds
    let isName = item.syntax.count == 1
    guard kinds[item.syntax.start] == .name, isName || kinds[item.syntax.end - 1] == .index else {
      throw Diagnostic(.derivativeTarget("'\(parser.source.string(item.range))'"), item.range)
    }
    let name = parser.syntax.payloads[item.syntax.start]
    let text = parser.names.string(name)
    switch definitions.definition(of: name)?.kind {
    case .data: throw Diagnostic(.constantHasNoDerivative(text), item.range)
    case .function: throw Diagnostic(.functionUsedAsValue(text), item.range)
    case nil:
      throw Diagnostic(.notDefined(name: text, nearest: nearestValue(to: text)), item.range)
    case .input, .formula: break
    }
    guard !isName else { return WrtInput(name: name) }
    let built = try build(item.syntax, usesKnown: true, host)
    let selections = built.graph.attributes(of: built.root).selections
    let shape = built.graph.shape(of: built.graph.operand(0, of: built.root))
    guard selections.count == shape.rank, selections.allSatisfy(\.isSingle),
      built.graph.label(of: built.graph.operand(0, of: built.root)) == name
    else { throw Diagnostic(.derivativeTarget("several entries"), item.range) }
    let places = selections.map(\.places.lowerBound)
    return WrtInput(
      name: name, entry: places.count > 1 ? places[0] * shape.columns + places[1] : places[0])
  }

  /// Carries out `forward`, `backward`, `trace` and `grad`.
  mutating func trace(
    _ call: CommandCall?, _ options: TraceOptions, _ command: String, _ host: any SessionHost
  ) throws(Diagnostic) {
    let target = try target(of: call, command)
    let wrt = try wrtInputs(call, host)
    var built = try build(target, also: wrt?.map(\.name) ?? [], host)
    let needsSeed = options.backward || options.gradient
    let seed =
      needsSeed
      ? try seed(call, built.graph.shape(of: built.root), target, host) : Value.number(1)
    try compute(&built, wrt: wrt, host)
    if options.forward || options.backward { try checkMemory(built) }
    let active = active(built, wrt: wrt)
    let asked = inputs(built, wrt)
    var adjoints: Adjoints?
    if !options.forward, !options.backward {
      var silence = Silence()
      adjoints = Reverse.sweep(
        built, from: built.root, seed: seed, active: active, observer: &silence)
    }
    let isAffected = asked.contains { adjoints?.isFinite($0.node) == false }
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names,
      isNumbered: options.forward || options.backward || isAffected
        || asked.contains { $0.entry != nil },
      isInUse: { definitions.isInUse($0) })
    let level = options.forward || options.backward ? host.level : .operation
    let view = View(built: built, active: active, asked: asked, seed: seed, texts: texts)
    do {
      if let condensed = condensed(view, target, level) {
        host.begin(condensed.header, options: options)
        defer { host.finish() }
        try condensed.post(to: host, options)
      } else {
        host.begin(texts, options: options)
        defer { host.finish() }
        try post(built, active, asked, seed, adjoints, options, host)
      }
    } catch {
      throw Diagnostic(error.kind, statementText)
    }
    remember(target, wrt, call?.clause("seed") == nil ? nil : seed, host.level)
    noteBackward(call, target, options)
  }

  /// Makes sure that the entries asked about are there: names may have had larger values when they were
  /// asked about.
  func checkEntries(_ asked: [AskedInput], of built: BuiltGraph) throws(Diagnostic) {
    for input in asked {
      let shape = built.graph.shape(of: input.node)
      guard let entry = input.entry, entry >= shape.count else { continue }
      let name = built.graph.label(of: input.node).map(parser.names.string) ?? ""
      throw Diagnostic(
        .shape(
          "'\(name)' has shape \(shape): the entry that is asked about is not there", hint: nil),
        statementText)
    }
  }

  /// Makes sure that there is memory for the local derivatives and contributions that are looked at.
  func checkMemory(_ built: BuiltGraph) throws(Diagnostic) {
    guard !built.graph.isScalar,
      let problem = Memory.problem(built.graph.numberCount, for: .tracing)
    else { return }
    throw Diagnostic(problem, statementText)
  }

  /// A graph with its values and what is asked about it.
  struct View {
    var built: BuiltGraph
    var active: ContiguousArray<Bool>
    var asked: [AskedInput]
    var seed: Value
    var texts: NodeTexts
  }

  /// Remembers that a backward pass was made, for drawings: it holds until a definition changes.
  private mutating func noteBackward(
    _ call: CommandCall?, _ target: Target, _ options: TraceOptions
  ) {
    guard options.backward || options.gradient, call?.has("seed") != true else { return }
    lastBackward = (target.text, known.changes)
  }

  /// Computes a trace, by default a whole one, and keeps it, for what looks at it more than once: the
  /// stepper, drawings, documents.
  ///
  /// **Errors** A ``Diagnostic`` as for `trace`, or where the graph has more than `limit` nodes.
  mutating func record(
    _ call: CommandCall?, _ command: String, atMost limit: Int, _ host: any SessionHost,
    options: TraceOptions = TraceOptions(forward: true, backward: true, gradient: true),
    level: ViewLevel = .operation
  ) throws(Diagnostic) -> Recording {
    let target = try target(of: call, command)
    let wrt = try wrtInputs(call, host)
    let needsSeed = options.backward || options.gradient
    var view = try view(target, wrt, atMost: limit, host, isDifferentiated: needsSeed)
    if needsSeed {
      view.seed = try seed(call, view.built.graph.shape(of: view.built.root), target, host)
    }
    let recording = try record(view, target, level, host, options: options)
    noteBackward(call, target, options)
    return recording
  }

  /// Builds and computes the graph of a target, with a seed of ones.
  mutating func view(
    _ target: Target, _ wrt: [WrtInput]?, also: [NameID] = [], atMost limit: Int,
    _ host: any SessionHost, isDifferentiated: Bool = true
  ) throws(Diagnostic) -> View {
    var built = try build(target, also: (wrt?.map(\.name) ?? []) + also, host)
    if isDifferentiated {
      try compute(&built, wrt: wrt, host)
    } else {
      try compute(&built, host)
    }
    guard built.graph.count <= limit else {
      throw Diagnostic(.tooLarge(count: "\(built.graph.count)", limit: limit), target.range)
    }
    let active = active(built, wrt: wrt)
    let asked = inputs(built, wrt)
    try checkEntries(asked, of: built)
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.isInUse($0) })
    return View(
      built: built, active: active, asked: asked,
      seed: .ones(built.graph.shape(of: built.root)), texts: texts)
  }

  /// Keeps the trace of a graph.
  func record(
    _ view: View, _ target: Target, _ level: ViewLevel, _ host: any SessionHost,
    options: TraceOptions = TraceOptions(forward: true, backward: true, gradient: true)
  ) throws(Diagnostic) -> Recording {
    try checkMemory(view.built)
    do throws(EvaluationError) {
      if let condensed = condensed(view, target, level) {
        let recorder = Recorder(condensed.header, options, host)
        try condensed.post(to: recorder, options)
        if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
        return recorder.recording
      }
      let recorder = Recorder(view.texts, options, host)
      try post(view.built, view.active, view.asked, view.seed, nil, options, recorder)
      if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
      return recorder.recording
    } catch {
      throw Diagnostic(error.kind, statementText)
    }
  }

  /// The value behind `seed`; 1 where there is none.
  mutating func seed(
    _ call: CommandCall?, _ shape: Shape, _ target: Target, _ host: any SessionHost
  ) throws(Diagnostic) -> Value {
    guard let expressions = call?.clause("seed") else {
      guard shape.count == 1 else {
        throw Diagnostic(.needsSeed(target.text, shape: "\(shape)"), target.range)
      }
      return .ones(shape)
    }
    guard expressions.count == 1, let only = expressions.first else {
      throw Diagnostic(
        .unexpectedArgument(command: "seed", found: "several values"),
        expressions.last?.range ?? statementText)
    }
    let seed = try evaluate(only.syntax, host)
    guard seed.shape == shape else {
      throw Diagnostic(.seedShape("\(seed.shape)", of: target.text, "\(shape)"), only.range)
    }
    return seed
  }

  /// Which nodes the derivatives depend on: those between the inputs asked for and the root.
  func active(_ built: BuiltGraph, wrt: [WrtInput]?) -> ContiguousArray<Bool> {
    wrt == nil ? built.graph.varies : built.graph.dependents(of: inputs(built, wrt).map(\.node))
  }

  /// Computes a graph that will be differentiated with respect to some of its names, or to all inputs.
  func compute(
    _ built: inout BuiltGraph, wrt: [WrtInput]?, _ host: any SessionHost
  ) throws(Diagnostic) {
    let hasDerivatives = !built.graph.derivatives.isEmpty
    try compute(
      &built, through: hasDerivatives ? active(built, wrt: wrt) : nil,
      keeping: wrt?.map(\.name) ?? [], host)
  }

  /// Tells the parts that were asked for.
  private func post(
    _ built: BuiltGraph, _ active: ContiguousArray<Bool>, _ asked: [AskedInput], _ seed: Value,
    _ computed: Adjoints?, _ options: TraceOptions, _ host: any TraceReceiver
  ) throws(EvaluationError) {
    if options.forward {
      try ForwardTrace(built: built, active: active).post(to: host)
    }
    var overflow: Warning?
    var adjoints = computed
    if options.backward {
      host.receive(.seed(node: built.root, adjoint: seed.reading))
      var observer = BackwardTrace(built.graph, root: built.root, active: active, host: host)
      adjoints = Reverse.sweep(
        built, from: built.root, seed: seed, active: active, observer: &observer)
      overflow = observer.firstNonFinite
    }
    guard options.gradient, let adjoints else { return }
    let isAffected = asked.contains { !adjoints.isFinite($0.node) }
    warn(built, active, isAffected, overflow, options, host)
    let entries = EntryUses(built: built, active: active, adjoints: adjoints)
    for input in asked {
      if host.isInterrupted { throw EvaluationError(kind: .interrupted) }
      guard let entry = input.entry else {
        guard let value = adjoints.readingUnlessInterrupted(of: input.node) else {
          throw EvaluationError(kind: .interrupted)
        }
        host.receive(.gradient(node: input.node, entry: nil, value: value))
        continue
      }
      if options.backward { post(entry, of: input.node, entries, host) }
      let number = adjoints.number(of: input.node, at: entry)
      host.receive(.gradient(node: input.node, entry: entry, value: .scalar(number)))
    }
  }

  /// Tells where one entry is used, and what comes back from there.
  private func post(_ entry: Int, of node: Int, _ entries: EntryUses, _ host: any TraceReceiver) {
    let uses = entries.uses(of: node, place: entry)
    let adjoint = entries.adjoints.number(of: node, at: entry)
    host.receive(.entry(node: node, place: entry, uses: uses.count, adjoint: adjoint))
    for use in uses { host.receive(.entryUse(use)) }
  }

  /// A node whose derivative is told, or one entry of it.
  struct AskedInput {
    var node: Int
    var entry: Int?
  }

  /// The nodes whose derivatives are told, in the order asked for, or in forward order.
  func inputs(_ built: BuiltGraph, _ wrt: [WrtInput]?) -> [AskedInput] {
    let graph = built.graph
    guard let wrt else {
      return (0..<graph.count).filter { graph.operations[$0] == .input }.map {
        AskedInput(node: $0)
      }
    }
    var places: [NameID: Int] = [:]
    for node in 0..<graph.count {
      if let label = graph.label(of: node), wrt.contains(where: { $0.name == label }) {
        places[label] = node
      }
    }
    return wrt.compactMap { input in
      places[input.name].map { AskedInput(node: $0, entry: input.entry) }
    }
  }

  /// Says where a derivative stopped being finite, unless the forward pass has said so already.
  private func warn(
    _ built: BuiltGraph, _ active: ContiguousArray<Bool>, _ isAffected: Bool,
    _ overflow: Warning?, _ options: TraceOptions, _ host: any TraceReceiver
  ) {
    guard isAffected || overflow != nil else { return }
    let causes = ForwardTrace(built: built, active: active).causes
    if causes.isEmpty {
      if let overflow { host.receive(.warning(overflow)) }
    } else if !options.forward {
      for cause in causes { host.receive(.warning(cause)) }
    }
  }
}

/// Keeps the events of a trace.
private final class Recorder: TraceReceiver {
  private(set) var recording = Recording()
  private let host: any SessionHost

  init(_ header: any TraceHeader, _ options: TraceOptions, _ host: any SessionHost) {
    self.host = host
    recording.begin(header, options: options)
  }

  func receive(_ event: TraceEvent) { recording.receive(event) }
  var isInterrupted: Bool { host.isInterrupted }
}
