// The trace as JSON Lines: one object for each event, for programs.

import BackstepTrace

/// Writes a trace as JSON Lines, each as soon as its last part has come.
public struct TraceJSON: TraceSink {
  /// The version of the form; it goes up when a key is renamed.
  public static let schema = 1

  private var json: JSONWriter
  private let send: (borrowing ByteBuffer) -> Void
  private var texts: Texts?
  private var options = TraceOptions(forward: true, backward: true, gradient: true)
  /// The group that is being written: how many parts are to come, and what stands after them.
  private var missing = 0
  private var sum: Reading?
  private static let bulk = 1 << 16
  /// Longer names are not made ready beforehand.
  private static let longest = 1 << 12

  /// Keeps the texts in one place, which is not copied for every event.
  fileprivate final class Texts {
    let header: any TraceHeader
    let names: NodeNames
    init(_ header: any TraceHeader, _ names: NodeNames) {
      self.header = header
      self.names = names
    }
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
    self.options = options
    var names = NodeNames()
    if options.forward || options.backward {
      let writer = JSONWriter(ascii: json.ascii)
      names = NodeNames(header, limit: Self.longest) { text, start in
        writer.escape(&text, from: start)
        return text.count - start
      }
    }
    texts = Texts(header, names)
    if json.numbers == nil {
      json = JSONWriter(ascii: json.ascii, numbers: JSONWriter.Numbers())
    }
    json.beginEvent("trace")
    json.member("schema", Self.schema)
    json.member("of", header.rootText)
    json.endEvent()
  }

  /// Writes the event's line, or its part of a line.
  public mutating func receive(_ event: TraceEvent) {
    guard let texts, isWanted(event) else { return }
    switch event {
    case .constant(let node, let value): write(constant: node, value)
    case .input(let node, let value): write(input: node, value, texts)
    case .forward(let node, let value, let partials):
      if !json.compose({ texts.beginForward(node, value, to: &$0) }) {
        texts.beginForward(node, value, to: &json)
      }
      beginGroup(partials, sum: nil)
    case .partial(let node, let slot, let operand, let value):
      if !json.compose({ texts.write(partial: node, slot, operand, value, to: &$0) }) {
        texts.write(partial: node, slot, operand, value, to: &json)
      }
      endPart()
    case .seed(let node, let adjoint): write(seed: node, adjoint, texts)
    case .fanOut(let node, let terms, let adjoint):
      if !json.compose({ texts.beginFanOut(node, to: &$0) }) { texts.beginFanOut(node, to: &json) }
      beginGroup(terms, sum: adjoint)
    case .term(_, let user, _, let contribution):
      if !json.compose({ texts.write(term: user, contribution, to: &$0) }) {
        texts.write(term: user, contribution, to: &json)
      }
      endPart()
    case .backward(let node, let adjoint, let contributions):
      if !json.compose({ texts.beginBackward(node, adjoint, to: &$0) }) {
        texts.beginBackward(node, adjoint, to: &json)
      }
      beginGroup(contributions, sum: nil)
    case .contribution(let contribution):
      if !json.compose({ texts.write(contribution, to: &$0) }) {
        texts.write(contribution, to: &json)
      }
      endPart()
    case .tangent(let tangent):
      write(tangent, texts)
      json.key("terms")
      json.open("[")
      beginGroup(tangent.terms, sum: nil)
    case .tangentTerm(let term):
      write(term, texts)
      json.endPart()
      endPart()
    case .tangentCost(let passes, let multiplications, let additions):
      json.beginEvent("cost")
      json.member("passes", passes)
      json.member("multiplications", multiplications)
      json.member("additions", additions)
      json.endEvent()
    case .entry(let node, let place, let uses, let adjoint):
      begin("entry", node, texts)
      index(texts.header.shape(of: node), place)
      json.key("terms")
      json.open("[")
      beginGroup(uses, sum: .scalar(adjoint))
    case .entryUse(let use):
      write(use, texts)
      json.endPart()
      endPart()
    case .gradient(let node, let entry, let value): write(gradient: node, entry, value, texts)
    case .warning(let warning): write(warning, texts)
    }
    if json.output.count >= Self.bulk, missing == 0 { flush() }
  }

  /// Sends everything off.
  public mutating func finish() {
    if missing > 0 { endGroup() }
    flush()
    texts = nil
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
    missing = parts
    self.sum = sum
    if parts == 0 { endGroup() }
  }

  private mutating func endPart() {
    missing -= 1
    if missing == 0 { endGroup() }
  }

  private mutating func endGroup() {
    missing = 0
    guard let sum else { return json.endArrayAndEvent() }
    json.close("]")
    member("adjoint", sum)
    self.sum = nil
    json.endEvent()
  }
}

// MARK: Lines

extension TraceJSON {
  /// Begins a line about a node: event, number, name.
  private mutating func begin(_ event: String, _ node: NodeIndex, _ texts: Texts) {
    json.beginEvent(event)
    json.member("node", node + 1)
    name("name", node, texts)
  }

  private mutating func name(_ key: StaticString, _ node: NodeIndex, _ texts: Texts) {
    json.key(key)
    json.literal("\"")
    texts.name(node, to: &json)
    json.endString()
  }

  /// A value that is a number in most traces: its shape is written only where it is none.
  private mutating func member(_ key: StaticString, _ value: Reading) {
    if !value.shape.isScalar { json.member(shape: value.shape) }
    json.member(key, value)
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
    input node: NodeIndex, _ value: Reading, _ texts: Texts
  ) {
    begin("input", node, texts)
    shapeAndValue(value)
    if texts.header.kind(of: node) == .data { json.member("const", true) }
    json.endEvent()
  }

  private mutating func write(
    seed node: NodeIndex, _ adjoint: Reading, _ texts: Texts
  ) {
    begin("seed", node, texts)
    member("adjoint", adjoint)
    json.endEvent()
  }

  private mutating func write(_ tangent: Tangent, _ texts: Texts) {
    begin("tangent", tangent.node, texts)
    json.key("wrt")
    json.string { text in
      texts.header.writeName(of: tangent.wrt, to: &text)
      if let entry = tangent.entry {
        text.append(texts.header.shape(of: tangent.wrt).index(of: entry))
      }
    }
    member("value", tangent.value)
    json.member("tangent", tangent.tangent)
  }

  private mutating func write(_ term: TangentTerm, _ texts: Texts) {
    json.open("{")
    json.member("arg", term.slot + 1)
    json.member("node", term.operand + 1)
    name("from", term.operand, texts)
    json.key("formula")
    json.literal("\"")
    texts.formula(term.node, slot: term.slot, to: &json)
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

  private mutating func write(_ use: EntryUse, _ texts: Texts) {
    json.open("{")
    json.member("node", use.node + 1)
    name("from", use.node, texts)
    index(texts.header.shape(of: use.node), use.place)
    json.member("adjoint", .scalar(use.adjoint))
    json.member("local", .scalar(use.local))
    json.member("contribution", .scalar(use.contribution))
  }

  private mutating func write(
    gradient node: NodeIndex, _ entry: Int?, _ value: Reading, _ texts: Texts
  ) {
    json.beginEvent("gradient")
    json.member("of", texts.header.rootText)
    json.key("wrt")
    json.string { text in
      texts.header.writeName(of: node, to: &text)
      if let entry { text.append(texts.header.shape(of: node).index(of: entry)) }
    }
    shapeAndValue(value)
    json.endEvent()
  }

  private mutating func write(_ warning: Warning, _ texts: Texts) {
    begin("warning", warning.node, texts)
    if let slot = warning.slot { json.member("arg", slot + 1) }
    json.member("kind", warning.identifier)
    if let reading = warning.reading { member("value", reading) }
    json.key("message")
    json.string { warning.writeSentence(texts.header, NumberFormat(), to: &$0) }
    if let hint = warning.hint { json.member("hint", hint) }
    json.endEvent()
  }
}

// MARK: What is written most, on a writer or in memory that is there

extension TraceJSON.Texts {
  // The first four write what stands between quotation marks.

  @inline(__always) func name(_ node: NodeIndex, to json: inout some JSONPieces) {
    json.characters {
      names.write(node, to: &$0) != nil
    } else: {
      header.writeName(of: node, to: &$0)
    }
  }

  /// The operation's name.
  @inline(__always) private func operation(_ node: NodeIndex, to json: inout some JSONPieces) {
    json.characters {
      names.writeOperation(of: node, to: &$0)
    } else: {
      $0.append(header.operation(of: node))
    }
  }

  /// The operation in terms of names.
  @inline(__always) private func formula(_ node: NodeIndex, to json: inout some JSONPieces) {
    json.characters {
      names.writeFormula(of: node, to: &$0) != nil
    } else: {
      header.write(header.text(of: node), of: node, to: &$0)
    }
  }

  /// A local derivative in terms of names.
  @inline(__always) func formula(_ node: NodeIndex, slot: Int, to json: inout some JSONPieces) {
    json.characters {
      names.writePartial(of: node, slot: slot, to: &$0) != nil
    } else: {
      header.write(header.partialFormula(of: node, slot: slot), of: node, to: &$0)
    }
  }

  /// Writes the beginning of an operation's event, up to the end of the operation's name.
  @inline(__always)
  private func beginOperation(
    _ opening: StaticString, _ node: NodeIndex, to json: inout some JSONPieces
  ) {
    json.literal(opening)
    json.item(node + 1)
    json.literal(#","name":""#)
    name(node, to: &json)
    json.literal(#"","op":""#)
    operation(node, to: &json)
  }

  func beginForward(_ node: NodeIndex, _ value: Reading, to json: inout some JSONPieces) {
    beginOperation(#"{"event":"forward","node":"#, node, to: &json)
    json.literal(#"","args":["#)
    for slot in 0..<operandCount(of: node) { json.item(operand(slot, of: node) + 1) }
    json.literal(#"],"text":""#)
    formula(node, to: &json)
    if case .scalar(let number) = value {
      json.literal(#"","shape":[],"value":"#)
      json.number(number)
    } else {
      json.endString()
      json.member(shape: value.shape)
      json.literal(#","value":"#)
      json.reading(value)
    }
    json.literal(#","partials":["#)
  }

  /// How many operands there are; names that are ready know it at once.
  @inline(__always) private func operandCount(of node: NodeIndex) -> Int {
    names.hasPattern(node) ? names.operandCount(of: node) : header.operandCount(of: node)
  }

  @inline(__always) private func operand(_ slot: Int, of node: NodeIndex) -> NodeIndex {
    names.hasPattern(node) ? names.operand(slot, of: node) : header.operand(slot, of: node)
  }

  func beginBackward(_ node: NodeIndex, _ adjoint: Reading, to json: inout some JSONPieces) {
    beginOperation(#"{"event":"backward","node":"#, node, to: &json)
    json.endString()
    if !adjoint.shape.isScalar { json.member(shape: adjoint.shape) }
    json.literal(#","adjoint":"#)
    json.reading(adjoint)
    json.literal(#","contributions":["#)
  }

  func beginFanOut(_ node: NodeIndex, to json: inout some JSONPieces) {
    json.literal(#"{"event":"fanout","node":"#)
    json.item(node + 1)
    json.literal(#","name":""#)
    name(node, to: &json)
    json.literal(#"","terms":["#)
  }

  /// Begins a part about an operand: `{"arg":1,"node":2,"to":"w1","formula":"x1"`.
  @inline(__always)
  private func beginOperand(
    _ node: NodeIndex, _ slot: Int, _ operand: NodeIndex, to json: inout some JSONPieces
  ) {
    json.part()
    json.literal(#""arg":"#)
    json.item(slot + 1)
    json.literal(#","node":"#)
    json.item(operand + 1)
    json.literal(#","to":""#)
    name(operand, to: &json)
    json.literal(#"","formula":""#)
    formula(node, slot: slot, to: &json)
    json.endString()
  }

  func write(
    partial node: NodeIndex, _ slot: Int, _ operand: NodeIndex, _ value: Reading?,
    to json: inout some JSONPieces
  ) {
    beginOperand(node, slot, operand, to: &json)
    if let value {
      json.literal(#","value":"#)
      json.reading(value)
    }
    json.endPart()
  }

  func write(
    term user: NodeIndex, _ contribution: Reading, to json: inout some JSONPieces
  ) {
    json.part()
    json.literal(#""node":"#)
    json.item(user + 1)
    json.literal(#","from":""#)
    name(user, to: &json)
    json.literal(#"","contribution":"#)
    json.reading(contribution)
    json.endPart()
  }

  func write(_ contribution: Contribution, to json: inout some JSONPieces) {
    beginOperand(contribution.node, contribution.slot, contribution.operand, to: &json)
    if let local = contribution.local {
      json.literal(#","local":"#)
      json.reading(local)
    }
    let sent = contribution.contribution
    if !sent.shape.isScalar { json.member(shape: sent.shape) }
    json.literal(#","contribution":"#)
    json.reading(sent)
    json.literal(#","accumulated":"#)
    json.reading(contribution.accumulated)
    json.endPart()
  }
}
