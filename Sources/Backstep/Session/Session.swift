// A session: definitions, one after the other, and what is asked about them.

import BackstepLanguage
import BackstepTrace

/// Reads statements and carries them out.
///
/// The session knows no terminal and no files; its ``SessionHost`` does. A statement that fails
/// leaves the session as it was.
public struct Session {
  /// What came of asking for the next statement.
  public enum Step: Sendable, Equatable {
    /// A statement was carried out.
    case ran
    /// The text is at its end.
    case end
    /// The text stops in the middle of a statement that begins at this offset; the mistake it is
    /// if no more text comes.
    case incomplete(from: Int, Diagnostic)
    /// The user wants to leave.
    case quit
  }

  /// Whether each definition is answered with its value, as at a prompt.
  public var isInteractive = false

  var parser: Parser
  var definitions = Definitions()
  var known = KnownValues()
  var builder = GraphBuilder()
  /// The graph that values were computed on last.
  var kept: KeptGraph?
  /// Whether an input has had another value before: then it may have others again.
  var hasMoved = false
  /// The files that are being loaded, outermost first.
  var loading: [String] = []
  /// The text around the outermost of them that has not been read: answers are taken from there.
  var outerPlace: (offset: Int, limit: Int)?
  /// Lines lent by the session that runs this one, which answers are taken from.
  var lent = LentText()
  /// Where the text ends that answers were taken from in this statement.
  var answersEnd = 0
  /// Whether this is the session of a lesson.
  var isLesson = false
  /// The statement that is being carried out.
  var statementText = SourceRange(0, 0)
  var statementSyntax = 0
  /// Whether the last statement was read completely, whatever then came of it.
  private var isRead = false
  /// How many more definitions the search for cycles may look at; grows with every statement.
  var cycleCredit = 1_000_000
  /// Where the text ends that definitions refer to.
  private var keptText = 0
  /// Where the syntax ends that definitions refer to; `load` makes some while it is carried out.
  var keptSyntax = 0
  /// The definitions in which `dL/dw` stands.
  var readings = DerivativeReadings()
  /// What the last backward pass began at, and how many changes there had been by then.
  var lastBackward: (text: String, changes: Int)?

  /// What the last trace was about.
  var lastTrace: LastTrace?

  /// Whether the statements so far were definitions only: then a script ends with a trace.
  public private(set) var hasOnlyDefinitions = true

  /// The functions that draw random numbers.
  private let randomFunctions: [NameID]

  /// Starts with no definitions.
  public init() {
    var parser = Parser(commands: Command.all.map { CommandSyntax(words: $0.names, form: $0.form) })
    randomFunctions = Constructor.all.filter(\.isRandom).map { parser.intern($0.name) }
    self.parser = parser
  }

  // MARK: Text in

  /// Begins a file, or a line typed at the prompt (`file` is nil).
  public mutating func begin(file: String?, firstLine: Int = 1) {
    parser.begin(file: file, firstLine: firstLine)
  }

  /// Makes room for text, and for what text of that length defines in most programs.
  ///
  /// Memory that is not touched costs nothing; what grows by doubling is copied, and touched twice.
  public mutating func reserve(_ bytes: Int) {
    parser.reserve(bytes)
    definitions.reserve(min(bytes, 1 << 30) / 16)
  }

  /// Adds text to be read.
  public mutating func append(_ text: some Collection<UInt8>) throws(Diagnostic) {
    try append(ArraySlice(text))
  }

  /// Adds text to be read.
  public mutating func append(_ text: ArraySlice<UInt8>) throws(Diagnostic) {
    guard parser.source.bytes.count + text.count < SourceText.capacity else {
      throw Diagnostic(.textTooLong, SourceRange(parser.offset, parser.offset))
    }
    parser.append(text)
  }

  /// After an error goes on behind the line of the statement that failed.
  public mutating func skipLine(after diagnostic: Diagnostic, from offset: Int) {
    // What was read completely may have failed for a reason that stands elsewhere in the text.
    let place = max(isRead ? statementText.end : diagnostic.range.start, answersEnd - 1)
    parser.skipLine(from: max(offset, min(place, parser.source.bytes.count)))
  }

  /// Where reading goes on, and where the text ends.
  public var offset: Int { parser.offset }
  /// How much text there is.
  public var textCount: Int { parser.source.bytes.count }

  /// A stretch of the text.
  public func text(in range: Range<Int>) -> ContiguousArray<UInt8>.SubSequence {
    parser.source.bytes[range.clamped(to: 0..<textCount)]
  }

  /// Skips what was not read of the text so far.
  public mutating func dropText() {
    parser.place = (parser.source.bytes.count, parser.source.bytes.count)
  }

  /// Takes the text from an offset on away, and gives it back.
  public mutating func dropText(from offset: Int) -> String {
    let text = parser.source.string(SourceRange(offset, parser.source.bytes.count))
    parser.forgetText(from: offset)
    return text
  }

  /// Where a mistake stands, as people say it.
  public func location(of diagnostic: Diagnostic) -> SourceLocation {
    parser.source.location(of: diagnostic.range)
  }

  // MARK: Statements

  /// Reads and carries out the next statement.
  ///
  /// **Errors** A ``Diagnostic``; the session is then as it was before the statement.
  public mutating func runNext(_ host: any SessionHost) throws(Diagnostic) -> Step {
    settleReadings()
    let start = parser.offset
    let mark = parser.syntax.mark
    let random = builder.random
    let steps = definitions.stepCount
    let (traced, backward) = (lastTrace, lastBackward)
    cycleCredit += 16
    isRead = false
    if loading.isEmpty { answersEnd = 0 }
    do throws(Diagnostic) {
      guard let statement = try parser.next() else { return .end }
      // After a backslash the statement goes on in text that is still to come.
      if parser.isIncomplete {
        throw Diagnostic(.openEnd, SourceRange(statement.range.end, statement.range.end))
      }
      statementText = statement.range
      statementSyntax = mark.nodes
      isRead = true
      let keepsSyntax = try run(statement, host)
      // What was interrupted may have stopped on the way and come to anything.
      if host.isInterrupted { throw Diagnostic(.interrupted, statement.range) }
      if !keepsSyntax, keptSyntax <= mark.nodes { parser.forgetSyntax(from: mark) }
      definitions.endStep()
      if case .command(let call) = statement.kind, Command.all[call.command].isQuit {
        return .quit
      }
      return .ran
    } catch {
      if parser.isIncomplete, !isRead { return .incomplete(from: start, error) }
      if definitions.hasOpenStep {
        kept = nil
        noteChanges(all: false, definitions.rollBack())
      }
      returnTo(step: steps)
      builder.random = random
      (lastTrace, lastBackward) = (traced, backward)
      if error.kind == .interrupted { known.forget() }
      keptSyntax = min(keptSyntax, mark.nodes)
      parser.forgetSyntax(from: mark)
      throw error
    }
  }

  /// Carries a statement out; true where its syntax must be kept.
  private mutating func run(_ statement: Statement, _ host: any SessionHost)
    throws(Diagnostic) -> Bool
  {
    switch statement.kind {
    case .definition(let name, let place, let value, let isConstant):
      return try define(name, at: place, value, isConstant: isConstant, host)
    case .function(let name, let place, let parameters, let body):
      try checkForCycle(name, at: place, isFunction: true)
      let payload = definitions.store(parameters: parameters)
      hold(Definition(.function, name, text: statementText, syntax: body, payload: payload))
      if isInteractive { host.show(definition: parser.names.string(name), state: .function) }
      return true
    case .assignment(let name, _, let expression):
      let value = try evaluate(expression, host)
      let wasData = definitions.definition(of: name)?.kind == .data
      var definition = definitions.input(
        wasData ? .data : .input, name, text: statementText, value: value)
      definition.isAsWritten = false
      hold(definition)
      if isInteractive {
        host.show(definition: parser.names.string(name), state: .value(try reading(value)))
      }
    case .expression(let expression):
      hasOnlyDefinitions = false
      let value = try evaluate(expression, host)
      if calls("seed", expression) { break }
      host.show(value: try reading(value), of: parser.source.string(statementText))
    case .command(let call):
      hasOnlyDefinitions = false
      defer { isRead = true }
      try Command.all[call.command].run(&self, call, host)
    }
    return false
  }

  /// Carries a definition out; true where its syntax must be kept.
  private mutating func define(
    _ name: NameID, at place: SourceRange, _ syntax: SyntaxRange, isConstant: Bool,
    _ host: any SessionHost
  ) throws(Diagnostic) -> Bool {
    let kind: Definition.Kind = isConstant ? .data : .input
    if mentionsOnlyPredefined {
      let value = try evaluate(syntax, host)
      var definition = definitions.input(kind, name, text: statementText, value: value)
      definition.isAsWritten = !drawsNumbers
      hold(definition)
      if isInteractive {
        host.show(definition: parser.names.string(name), state: .value(try reading(value)))
      }
      return false
    }
    if isConstant { try checkConstant() }
    if drawsNumbers { try checkRandom(syntax) }
    try checkForCycle(name, at: place, isFunction: false)
    var definition = Definition(.formula, name, text: statementText, syntax: syntax)
    definition.isConstant = isConstant
    hold(definition)
    if isInteractive {
      let state = try state(of: name, host)
      if case .waiting = state { try checkSpelling(syntax, host) }
      host.show(definition: parser.names.string(name), state: state)
    }
    return true
  }

  /// At a prompt a function that does not exist is a slip if its name comes close to one that does;
  /// else it may still come.
  private mutating func checkSpelling(_ syntax: SyntaxRange, _ host: any SessionHost)
    throws(Diagnostic)
  {
    do {
      _ = try build(syntax, usesKnown: true, host)
    } catch {
      guard case .unknownFunction(_, nearest: .some) = error.kind else { return }
      throw error
    }
  }

  /// Forgets the text that no definition was written in; call it between pieces of text.
  public mutating func reclaimText() {
    if loading.isEmpty { parser.forgetText(from: keptText) }
  }

  /// Makes a definition hold, and forgets values that depended on the one before.
  private mutating func hold(_ definition: Definition) {
    let name = definition.name
    keptSyntax = max(keptSyntax, definition.syntax.end)
    if definition.isAsWritten { keptText = max(keptText, definition.text.end) }
    let before = definitions.definition(of: name)
    if before != nil || definitions.wasMentioned(name) {
      let moves = before.map { isMove(from: $0, to: definition) } ?? false
      let holds = kept?.changes == known.changes
      known.forget()
      if moves { hasMoved = true }
      if moves, holds { kept?.note(name, changes: known.changes) } else { kept = nil }
    }
    definitions.define(definition)
    definitions.mention(parser.mentions)
    let areDerivatives = parser.quotients.map(parser.isDerivative)
    setDefined(name, true)
    // A value has been read for good.
    if !definition.isValue {
      noteReadings(of: name, at: definition.text.start, areDerivatives: areDerivatives)
    }
  }

  /// Whether the statement's right side names nothing but numbers and built-in functions.
  private var mentionsOnlyPredefined: Bool {
    for name in parser.mentions where definitions.definition(of: name) != nil { return false }
    return parser.mentions.allSatisfy { name in
      let text = parser.names.string(name)
      return GraphBuilder.predefined(text) != nil || OperationTable.named(text) != nil
        || Constructor.named(text) != nil
    }
  }

  /// Whether the statement calls a function that draws random numbers.
  private var drawsNumbers: Bool {
    parser.mentions.contains {
      randomFunctions.contains($0) && definitions.definition(of: $0) == nil
    }
  }

  /// A formula with random numbers in it would have another value each time.
  private mutating func checkRandom(_ syntax: SyntaxRange) throws(Diagnostic) {
    for node in syntax.start..<syntax.end where parser.syntax.kinds[node] == .call {
      let name = parser.names.string(parser.syntax.payloads[node])
      guard Constructor.named(name)?.isRandom == true else { continue }
      let error = BuildError(kind: .randomInFormula(name), node: node)
      throw diagnostic(for: error, owner: nil)
    }
  }

  /// Whether an expression is nothing but a call of a built-in function.
  private func calls(_ function: String, _ syntax: SyntaxRange) -> Bool {
    guard syntax.count > 1, parser.syntax.kinds[syntax.end - 2] == .call else { return false }
    let name = parser.syntax.payloads[syntax.end - 2]
    return parser.names.string(name) == function && definitions.definition(of: name) == nil
  }

  /// A const may depend on other data only.
  private func checkConstant() throws(Diagnostic) {
    let moving = parser.mentions.filter {
      let kind = definitions.definition(of: $0)?.kind
      return kind == .input || kind == .formula
    }
    guard moving.isEmpty else {
      throw Diagnostic(.namesInConstant(moving.map(parser.names.string)), statementText)
    }
  }

  // MARK: Values

  /// The value of one of the statement's expressions.
  mutating func evaluate(_ syntax: SyntaxRange, _ host: any SessionHost) throws(Diagnostic)
    -> Value
  {
    if syntax.count == 1, parser.syntax.kinds[syntax.start] == .number {
      return .number(parser.syntax.number(at: syntax.start))
    }
    recall(syntax, host)
    if syntax.count == 1, parser.syntax.kinds[syntax.start] == .name,
      let value = known.value(of: parser.syntax.payloads[syntax.start])
    {
      return value
    }
    let isNew = known.isEmpty
    var built = try build(syntax, usesKnown: true, host)
    try compute(&built, host)
    if isNew { keep(built, of: nil) }
    return built.value(of: built.root)
  }

  /// What a definition is worth now, or what it waits for.
  mutating func state(of name: NameID, _ host: any SessionHost) throws(Diagnostic)
    -> DefinitionState
  {
    let missing = missingNames(of: name)
    guard missing.isEmpty else { return .waiting(for: missing.map(parser.names.string)) }
    let value = try value(of: name, host)
    return .value(try reading(value))
  }

  /// A value as it is told to others.
  private func reading(_ value: Value) throws(Diagnostic) -> Reading {
    guard let reading = value.readingUnlessInterrupted else {
      throw Diagnostic(.interrupted, statementText)
    }
    return reading
  }

  /// The value of a name that has one.
  mutating func value(of name: NameID, _ host: any SessionHost) throws(Diagnostic) -> Value {
    if let definition = definitions.definition(of: name), definition.isValue {
      return definitions.value(of: definition)
    }
    if let value = known.value(of: name) { return value }
    if kept?.changes == known.changes, let value = kept?.value(of: name, definitions) {
      known.remember(value, of: name)
      return value
    }
    guard let definition = definitions.definition(of: name) else {
      throw Diagnostic(.noValue(name: parser.names.string(name), nearest: nil), statementText)
    }
    guard definition.kind != .function else {
      throw Diagnostic(.functionUsedAsValue(parser.names.string(name)), statementText)
    }
    let isNew = known.isEmpty
    var built = try build(definition.syntax, usesKnown: true, owner: name, host)
    try compute(&built, host)
    if isNew { keep(built, of: name) }
    let value = built.value(of: built.root)
    known.remember(value, of: name)
    return value
  }

  /// Builds the graph of an expression; mistakes get their place.
  mutating func build(
    _ syntax: SyntaxRange, usesKnown: Bool, owner: NameID? = nil, also: [NameID] = [],
    _ host: any SessionHost
  ) throws(Diagnostic) -> BuiltGraph {
    var input = GraphBuilder.Input(
      syntax: parser.syntax, definitions: definitions, known: usesKnown ? known : nil,
      allowsRandom: owner == nil, isInterrupted: { host.isInterrupted })
    let random = builder.random
    do {
      let built = try builder.build(syntax, input, names: parser.names, also: also)
      // A derivative needs the graph behind a value, not the value alone.
      if !usesKnown || built.graph.derivatives.isEmpty { return built }
    } catch {
      guard usesKnown, case .constantHasNoDerivative = error.kind else {
        throw diagnostic(for: error, owner: error.owner ?? owner)
      }
    }
    builder.random = random
    input.known = nil
    do {
      return try builder.build(syntax, input, names: parser.names, also: also)
    } catch {
      throw diagnostic(for: error, owner: error.owner ?? owner)
    }
  }

  /// Computes every value of a graph.
  func compute(_ built: inout BuiltGraph, _ host: any SessionHost) throws(Diagnostic) {
    try compute(&built, through: nil, keeping: [], host)
  }

  /// Computes every value of a graph through whose active nodes a pass will go.
  func compute(
    _ built: inout BuiltGraph, through active: ContiguousArray<Bool>?, keeping names: [NameID],
    _ host: any SessionHost
  ) throws(Diagnostic) {
    do {
      if !built.graph.derivatives.isEmpty {
        try Expansion.run(&built, active: active, keeping: names) { host.isInterrupted }
      }
      try Evaluation.run(&built) { host.isInterrupted }
    } catch {
      throw Diagnostic(error.kind, statementText)
    }
  }

  /// Finds the place of a mistake in the text.
  mutating func diagnostic(for error: BuildError, owner: NameID?) -> Diagnostic {
    var text = statementText
    var firstNode = statementSyntax
    if let owner, let definition = definitions.definition(of: owner) {
      text = definition.text
      firstNode = definition.syntax.start
    }
    let ranges = parser.ranges(inStatementAt: text)
    let index = error.node - firstNode
    var range = ranges.indices.contains(index) ? ranges[index] : text
    var kind = error.kind
    switch kind {
    case .noValue(let name, _):
      kind = .noValue(name: name, nearest: nearestValue(to: name))
      if let advice = adviceOnDerivative(name) { return Diagnostic(kind, range, advice: advice) }
      if range == statementText, nearestValue(to: name) == nil,
        let command = nearest(to: name, among: Command.all.flatMap(\.names))
      {
        return Diagnostic(
          kind, range,
          advice: "did you mean the command '\(command)'? Or give it a value: \(name) = 1")
      }
    case .unknownFunction(let name, _):
      kind = .unknownFunction(name: name, nearest: nearestFunction(to: name))
      range = parser.source.prefix(of: range, before: UInt8(ascii: "("))
      if Command.named(name) != nil {
        return Diagnostic(
          kind, range,
          advice: "what a command is about cannot begin with '(': give it a name first")
      }
    case .valueUsedAsFunction:
      range = parser.source.prefix(of: range, before: UInt8(ascii: "("))
    case .shape(let sentence, let hint):
      let operands = operandTexts(of: error.node, place: index, ranges, error.shapes.count)
      kind = .shape(
        fill(sentence, operands, error.shapes), hint: hint.map { fill($0, operands, error.shapes) })
    case .constantHasNoDerivative:
      kind = .constantHasNoDerivative(parser.source.string(range))
    default: break
    }
    return Diagnostic(kind, range, advice: error.advice)
  }

  /// The texts of the first operands of a syntax node, found by their ranges: in postfix order each
  /// ends right before the next begins.
  private func operandTexts(
    of node: Int, place: Int, _ ranges: [SourceRange], _ count: Int
  ) -> [String] {
    var texts: [String] = []
    var next: SourceRange?
    var place = min(place, ranges.count) - 1
    while texts.count < parser.syntax.operandCount(of: node), place >= 0 {
      let range = ranges[place]
      if next.map({ range.end <= $0.start }) ?? true {
        texts.append(parser.source.string(range))
        next = range
      }
      place -= 1
    }
    texts.reverse()
    return texts + Array(repeating: "it", count: max(0, count - texts.count))
  }

  /// Puts operands into a sentence about shapes: see ``ShapeProblem``.
  private func fill(_ sentence: String, _ texts: [String], _ shapes: [Shape]) -> String {
    var filled = sentence
    for (index, shape) in shapes.enumerated() {
      let text = parser.abbreviated(texts[index])
      let isSimple =
        text.first == "[" || text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      filled = filled.replacing("%\(index + 1)", with: "'\(text)' has shape \(shape)")
        .replacing("@\(index + 1)", with: "\(text) is \(shape)")
        .replacing("#\(index + 1)", with: isSimple ? text : "(\(text))")
    }
    return filled
  }

  /// What to know where `dL/dw` was read as a quotient, because L or w is not defined.
  private func adviceOnDerivative(_ name: String) -> String? {
    guard name.first == "d", let rest = parser.names.find(String(name.dropFirst())),
      definitions.definition(of: rest) != nil
    else { return nil }
    return "dL/dw is a derivative where L and w are defined, and dL and dw are not"
  }

  /// The defined name that a misspelt one comes closest to.
  func nearestValue(to name: String) -> String? {
    nearest(
      to: name,
      among: definitions.held.prefix(10_000).filter { $0.kind != .function }
        .map { parser.names.string($0.name) })
  }

  private func nearestFunction(to name: String) -> String? {
    let own = definitions.held.filter { $0.kind == .function }.map { parser.names.string($0.name) }
    return nearest(to: name, among: own + OperationTable.names + Constructor.all.map(\.name))
  }

  // MARK: What depends on what

  /// The names without a value that a definition waits for, in the order of the forward pass.
  func missingNames(of name: NameID) -> [NameID] {
    var missing: [NameID] = []
    var seen: Set<NameID> = [name]
    var stack = [name]
    while let next = stack.popLast() {
      guard let definition = definitions.definition(of: next) else {
        let text = parser.names.string(next)
        if GraphBuilder.predefined(text) == nil, OperationTable.named(text) == nil,
          Constructor.named(text) == nil, text != "grad"
        {
          missing.append(next)
        }
        continue
      }
      guard !definition.isValue, known.value(of: next) == nil else { continue }
      for mentioned in mentions(of: definition).reversed() where seen.insert(mentioned).inserted {
        stack.append(mentioned)
      }
    }
    return missing
  }

  /// The names a definition mentions, in the order of its text.
  func mentions(of definition: Definition) -> [NameID] {
    (definition.syntax.start..<definition.syntax.end).compactMap { node in
      switch parser.syntax.kinds[node] {
      case .name, .call: parser.syntax.payloads[node]
      default: nil
      }
    }
  }

  /// Makes sure that the new definition of a name does not depend on the name itself.
  ///
  /// Only a name that was mentioned before can close a cycle. The search is paid for by a credit
  /// that grows with each statement, so that no order of definitions makes a script slow; what it
  /// leaves out is found when the value is computed.
  private mutating func checkForCycle(_ name: NameID, at place: SourceRange, isFunction: Bool)
    throws(Diagnostic)
  {
    guard definitions.wasMentioned(name) || parser.mentions.contains(name),
      let cycle = cycle(from: name)
    else { return }
    let names = cycle.map(parser.names.string)
    throw Diagnostic(isFunction ? .recursion(names) : .cycle(names), place)
  }

  /// The way from a name over those that were just read as its definition's back to itself; nil where there
  /// is none, or the credit is used up.
  mutating func cycle(from name: NameID) -> [NameID]? {
    var cameFrom: [NameID: NameID] = [:]
    var stack: [NameID] = []
    for mentioned in parser.mentions where cameFrom[mentioned] == nil {
      cameFrom[mentioned] = name
      stack.append(mentioned)
    }
    while let next = stack.popLast(), cycleCredit > 0 {
      cycleCredit -= 1
      if next == name {
        var chain = [name]
        var step = cameFrom[name]
        while let link = step, link != name {
          chain.append(link)
          step = cameFrom[link]
        }
        chain.append(name)
        return chain.reversed()
      }
      guard let definition = definitions.definition(of: next), !definition.isValue else { continue }
      for mentioned in mentions(of: definition) where cameFrom[mentioned] == nil {
        cameFrom[mentioned] = next
        stack.append(mentioned)
      }
    }
    return nil
  }

  // MARK: At the end of a script

  /// What a script that only defines ends with: a trace of the last formula.
  public mutating func traceLastDefinition(_ host: any SessionHost) throws(Diagnostic) {
    guard hasOnlyDefinitions, definitions.lastFormula != nil else { return }
    settleReadings()
    statementText = SourceRange(parser.offset, parser.offset)
    try trace(
      nil, TraceOptions(forward: true, backward: true, gradient: true), "trace", host)
  }
}
