// The trace as JSON Lines: one object for each event, for programs.

import BackstepTrace

/// Writes a trace as JSON Lines, each as soon as its last part has come.
public struct TraceJSON: TraceSink {
  /// The version of the form; it goes up when a key is renamed.
  public static let schema = 1

  private var json: JSONWriter
  private let send: (borrowing ByteBuffer) -> Void
  private var texts: Texts?
  private var names = NodeNames()
  private var options = TraceOptions(forward: true, backward: true, gradient: true)
  /// The group that is being written: how many parts are to come, and what stands after them.
  private var missing = 0
  private var sum: Reading?
  private static let bulk = 1 << 16
  /// Longer names are not made ready beforehand.
  private static let longest = 1 << 12

  /// Keeps the texts in one place, which is not copied for every event.
  private final class Texts {
    let header: any TraceHeader
    init(_ header: any TraceHeader) { self.header = header }
  }

  /// Starts with nothing.
  ///
  /// - Parameters:
  ///   - ascii: Whether characters that are not ASCII are escaped.
  ///   - send: Takes the text away, some 64 KiB at a time and at the end of a trace.
  public init(ascii: Bool = false, send: @escaping (borrowing ByteBuffer) -> Void) {
    json = JSONWriter(ascii: ascii)
    self.send = send
  }

  /// Writes the line that opens a trace.
  public mutating func begin(_ header: any TraceHeader, options: TraceOptions) {
    texts = Texts(header)
    self.options = options
    if options.forward || options.backward {
      let writer = JSONWriter(ascii: json.ascii)
      names = NodeNames(header, limit: Self.longest) { text, start in
        writer.escape(&text, from: start)
        return text.count - start
      }
    } else {
      names = NodeNames()
    }
    json.beginEvent("trace")
    json.member("schema", Self.schema)
    json.member("of", header.rootText)
    json.endEvent()
  }

  /// Writes the event's line, or its part of a line.
  public mutating func receive(_ event: TraceEvent) {
    guard let header = texts?.header, isWanted(event) else { return }
    switch event {
    case .constant(let node, let value): write(constant: node, value)
    case .input(let node, let value): write(input: node, value, header)
    case .forward(let node, let value, let partials):
      beginForward(node, value, header)
      beginGroup(partials, sum: nil)
    case .partial(let node, let slot, let operand, let value):
      write(partial: node, slot, operand, value, header)
      endPart()
    case .seed(let node, let adjoint): write(seed: node, adjoint, header)
    case .fanOut(let node, let terms, let adjoint):
      json.literal(#"{"event":"fanout","node":"#)
      json.item(node + 1)
      json.literal(#","name":""#)
      name(node, header)
      json.literal(#"","terms":"#)
      beginGroup(terms, sum: adjoint)
    case .term(_, let user, _, let contribution):
      write(term: user, contribution, header)
      endPart()
    case .backward(let node, let adjoint, let contributions):
      beginBackward(node, adjoint, header)
      beginGroup(contributions, sum: nil)
    case .contribution(let contribution):
      write(contribution, header)
      endPart()
    case .tangent(let tangent):
      write(tangent, header)
      json.key("terms")
      beginGroup(tangent.terms, sum: nil)
    case .tangentTerm(let term):
      write(term, header)
      endPart()
    case .tangentCost(let passes, let multiplications, let additions):
      json.beginEvent("cost")
      json.member("passes", passes)
      json.member("multiplications", multiplications)
      json.member("additions", additions)
      json.endEvent()
    case .entry(let node, let place, let uses, let adjoint):
      begin("entry", node, header)
      index(header.shape(of: node), place)
      json.key("terms")
      beginGroup(uses, sum: .scalar(adjoint))
    case .entryUse(let use):
      write(use, header)
      endPart()
    case .gradient(let node, let entry, let value): write(gradient: node, entry, value, header)
    case .warning(let warning): write(warning, header)
    }
    if json.output.count >= Self.bulk, missing == 0 { flush() }
  }

  /// Sends everything off.
  public mutating func finish() {
    if missing > 0 { endGroup() }
    flush()
    texts = nil
    names = NodeNames()
  }

  private mutating func flush() {
    guard !json.output.isEmpty else { return }
    send(json.output)
    json.removeAll()
  }

  private func isWanted(_ event: TraceEvent) -> Bool {
    switch event {
    case .constant, .input, .forward, .partial: options.forward
    case .seed, .fanOut, .term, .backward, .contribution: options.backward
    case .entry, .entryUse, .gradient: options.gradient
    case .tangent, .tangentTerm, .tangentCost: options.tangent
    case .warning: true
    }
  }

  // MARK: Groups

  private mutating func beginGroup(_ parts: Int, sum: Reading?) {
    json.open("[")
    missing = parts
    self.sum = sum
    if parts == 0 { endGroup() }
  }

  private mutating func endPart() {
    json.close("}")
    missing -= 1
    if missing == 0 { endGroup() }
  }

  private mutating func endGroup() {
    missing = 0
    json.close("]")
    if let sum { member("adjoint", sum) }
    sum = nil
    json.endEvent()
  }
}

// MARK: Lines

extension TraceJSON {
  /// Begins a line about a node: event, number, name.
  private mutating func begin(_ event: String, _ node: NodeIndex, _ header: any TraceHeader) {
    json.beginEvent(event)
    json.member("node", node + 1)
    name("name", node, header)
  }

  private mutating func name(_ key: StaticString, _ node: NodeIndex, _ header: any TraceHeader) {
    json.key(key)
    json.literal("\"")
    name(node, header)
    json.endString()
  }

  // The following write what stands between quotation marks.

  private mutating func name(_ node: NodeIndex, _ header: any TraceHeader) {
    json.characters {
      names.write(node, to: &$0) != nil
    } else: {
      header.writeName(of: node, to: &$0)
    }
  }

  /// The operation's name.
  private mutating func operation(_ node: NodeIndex, _ header: any TraceHeader) {
    json.characters {
      names.writeOperation(of: node, to: &$0)
    } else: {
      $0.append(header.operation(of: node))
    }
  }

  /// The operation in terms of names.
  private mutating func formula(_ node: NodeIndex, _ header: any TraceHeader) {
    json.characters {
      names.writeFormula(of: node, to: &$0) != nil
    } else: {
      header.write(header.text(of: node), of: node, to: &$0)
    }
  }

  /// A local derivative in terms of names.
  private mutating func formula(_ node: NodeIndex, slot: Int, _ header: any TraceHeader) {
    json.characters {
      names.writePartial(of: node, slot: slot, to: &$0) != nil
    } else: {
      header.write(header.partialFormula(of: node, slot: slot), of: node, to: &$0)
    }
  }

  /// A value that is a number in most traces: its shape is written only where it is none.
  private mutating func member(_ key: StaticString, _ value: Reading) {
    shapeUnlessNumber(value)
    json.member(key, value)
  }

  private mutating func shapeUnlessNumber(_ value: Reading) {
    if !value.shape.isScalar { json.member(shape: value.shape) }
  }

  private mutating func shapeAndValue(_ value: Reading) {
    json.member(shape: value.shape)
    json.member("value", value)
  }

  private mutating func write(constant node: NodeIndex, _ value: Reading) {
    json.beginEvent("constant")
    json.member("node", node + 1)
    shapeAndValue(value)
    json.endEvent()
  }

  private mutating func write(
    input node: NodeIndex, _ value: Reading, _ header: any TraceHeader
  ) {
    begin("input", node, header)
    shapeAndValue(value)
    if header.kind(of: node) == .data { json.member("const", true) }
    json.endEvent()
  }

  /// Writes the beginning of an operation's event, up to the end of the operation's name.
  @inline(__always)
  private mutating func beginOperation(
    _ opening: StaticString, _ node: NodeIndex, _ header: any TraceHeader
  ) {
    json.literal(opening)
    json.item(node + 1)
    json.literal(#","name":""#)
    name(node, header)
    json.literal(#"","op":""#)
    operation(node, header)
  }

  private mutating func beginForward(
    _ node: NodeIndex, _ value: Reading, _ header: any TraceHeader
  ) {
    beginOperation(#"{"event":"forward","node":"#, node, header)
    json.literal(#"","args":["#)
    for slot in 0..<header.operandCount(of: node) {
      json.item(header.operand(slot, of: node) + 1)
    }
    json.literal(#"],"text":""#)
    formula(node, header)
    if case .scalar(let number) = value {
      json.literal(#"","shape":[],"value":"#)
      json.number(number)
    } else {
      json.endString()
      shapeAndValue(value)
    }
    json.literal(#","partials":"#)
  }

  private mutating func beginBackward(
    _ node: NodeIndex, _ adjoint: Reading, _ header: any TraceHeader
  ) {
    beginOperation(#"{"event":"backward","node":"#, node, header)
    json.endString()
    shapeUnlessNumber(adjoint)
    json.literal(#","adjoint":"#)
    json.reading(adjoint)
    json.literal(#","contributions":"#)
  }

  /// Begins a part about an operand: `{"arg":1,"node":2,"to":"w1","formula":"x1"`.
  private mutating func beginOperand(
    _ node: NodeIndex, _ slot: Int, _ operand: NodeIndex, _ header: any TraceHeader
  ) {
    json.open("{")
    json.literal(#""arg":"#)
    json.item(slot + 1)
    json.literal(#","node":"#)
    json.item(operand + 1)
    json.literal(#","to":""#)
    name(operand, header)
    json.literal(#"","formula":""#)
    formula(node, slot: slot, header)
    json.endString()
  }

  private mutating func write(
    partial node: NodeIndex, _ slot: Int, _ operand: NodeIndex, _ value: Reading?,
    _ header: any TraceHeader
  ) {
    beginOperand(node, slot, operand, header)
    guard let value else { return }
    json.literal(#","value":"#)
    json.reading(value)
  }

  private mutating func write(
    seed node: NodeIndex, _ adjoint: Reading, _ header: any TraceHeader
  ) {
    begin("seed", node, header)
    member("adjoint", adjoint)
    json.endEvent()
  }

  private mutating func write(
    term user: NodeIndex, _ contribution: Reading, _ header: any TraceHeader
  ) {
    json.open("{")
    json.literal(#""node":"#)
    json.item(user + 1)
    json.literal(#","from":""#)
    name(user, header)
    json.literal(#"","contribution":"#)
    json.reading(contribution)
  }

  private mutating func write(_ contribution: Contribution, _ header: any TraceHeader) {
    beginOperand(contribution.node, contribution.slot, contribution.operand, header)
    if let local = contribution.local {
      json.literal(#","local":"#)
      json.reading(local)
    }
    shapeUnlessNumber(contribution.contribution)
    json.literal(#","contribution":"#)
    json.reading(contribution.contribution)
    json.literal(#","accumulated":"#)
    json.reading(contribution.accumulated)
  }

  private mutating func write(_ tangent: Tangent, _ header: any TraceHeader) {
    begin("tangent", tangent.node, header)
    json.key("wrt")
    json.string { text in
      header.writeName(of: tangent.wrt, to: &text)
      if let entry = tangent.entry { text.append(header.shape(of: tangent.wrt).index(of: entry)) }
    }
    if !tangent.value.shape.isScalar { json.member(shape: tangent.value.shape) }
    json.member("value", tangent.value)
    json.member("tangent", tangent.tangent)
  }

  private mutating func write(_ term: TangentTerm, _ header: any TraceHeader) {
    json.open("{")
    json.member("arg", term.slot + 1)
    json.member("node", term.operand + 1)
    name("from", term.operand, header)
    json.key("formula")
    json.literal("\"")
    formula(term.node, slot: term.slot, header)
    json.endString()
    if let local = term.local { json.member("local", local) }
    json.member("tangent", term.carried)
    json.member("product", term.product)
  }

  /// The numbers of an index: `"index":[2,3]`.
  private mutating func index(_ shape: Shape, _ place: Int) {
    json.key("index")
    json.open("[")
    for number in shape.indices(of: place) { json.item(number) }
    json.close("]")
  }

  private mutating func write(_ use: EntryUse, _ header: any TraceHeader) {
    json.open("{")
    json.member("node", use.node + 1)
    name("from", use.node, header)
    index(header.shape(of: use.node), use.place)
    json.member("adjoint", .scalar(use.adjoint))
    json.member("local", .scalar(use.local))
    json.member("contribution", .scalar(use.contribution))
  }

  private mutating func write(
    gradient node: NodeIndex, _ entry: Int?, _ value: Reading, _ header: any TraceHeader
  ) {
    json.beginEvent("gradient")
    json.member("of", header.rootText)
    json.key("wrt")
    json.string { text in
      header.writeName(of: node, to: &text)
      if let entry { text.append(header.shape(of: node).index(of: entry)) }
    }
    shapeAndValue(value)
    json.endEvent()
  }

  private mutating func write(_ warning: Warning, _ header: any TraceHeader) {
    begin("warning", warning.node, header)
    if let slot = warning.slot { json.member("arg", slot + 1) }
    json.member("kind", warning.identifier)
    if let reading = warning.reading { member("value", reading) }
    json.key("message")
    json.string { warning.writeSentence(header, NumberFormat(), to: &$0) }
    if let hint = warning.hint { json.member("hint", hint) }
    json.endEvent()
  }
}
