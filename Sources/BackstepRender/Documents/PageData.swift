// What a page knows of its trace: the nodes, their formulas, and what happened, as one JSON object.

import BackstepLanguage
import BackstepTrace

/// Writes a recorded trace as the data of a page.
///
/// Nodes are counted from 0. A formula is a list of texts and gaps: a number is the operand in that
/// slot, and objects stand for the other gaps. Values are numbers or nested lists.
struct PageData {
  private var json = JSONWriter(ascii: true)
  private let header: any TraceHeader

  init(
    _ recording: Recording, _ header: any TraceHeader, _ source: DocumentSource, digits: Int
  ) {
    self.header = header
    json.open("{")
    json.member("schema", TraceJSON.schema)
    json.member("of", header.rootText)
    json.member("root", header.root)
    json.member("digits", digits)
    json.key("definitions")
    json.open("[")
    for definition in source.definitions {
      json.open("{")
      json.member("name", definition.name)
      json.member("text", definition.text)
      json.close("}")
    }
    json.close("]")
    writeNodes(recording)
    json.key("events")
    json.open("[")
    writeEvents(recording.events)
    json.close("]")
    json.close("}")
  }

  /// Everything about the trace, fit to stand between `<script>` and `</script>`.
  ///
  /// Inside JSON a `<` stands in strings only; escaped it ends no script and opens no comment.
  var bytes: ByteBuffer {
    var safe = ByteBuffer()
    let text = json.output
    var start = 0
    for place in (0..<text.count).untilInterrupted where text[place] == UInt8(ascii: "<") {
      safe.append(text, start..<place)
      safe.append("\\u003c")
      start = place + 1
    }
    safe.append(text, start..<text.count)
    return safe
  }

  // MARK: Nodes

  private mutating func writeNodes(_ recording: Recording) {
    var values: [NodeIndex: Reading] = [:]
    for event in recording.events.untilInterrupted {
      switch event {
      case .constant(let node, let value), .input(let node, let value): values[node] = value
      default: break
      }
    }
    json.key("nodes")
    json.open("[")
    for node in (0...header.root).untilInterrupted {
      json.open("{")
      writeName(node)
      json.member("kind", kind(of: node))
      json.member(shape: header.shape(of: node))
      if let value = values[node] { json.member("value", value) }
      if header.kind(of: node) == .operation { writeOperation(node) }
      json.close("}")
    }
    json.close("]")
  }

  private mutating func writeName(_ node: NodeIndex) {
    let header = header
    json.key("name")
    json.string { header.writeName(of: node, to: &$0) }
  }

  private func kind(of node: NodeIndex) -> String {
    switch header.kind(of: node) {
    case .constant: "constant"
    case .input: "input"
    case .data: "data"
    case .operation: "operation"
    }
  }

  private mutating func writeOperation(_ node: NodeIndex) {
    let slots = 0..<header.operandCount(of: node)
    json.member("op", header.operation(of: node))
    json.key("args")
    json.open("[")
    for slot in slots { json.item(header.operand(slot, of: node)) }
    json.close("]")
    let attributes = header.attributes(of: node)
    if attributes.axis > 0 { json.member("axis", attributes.axis) }
    if !attributes.selections.isEmpty {
      json.key("selections")
      json.open("[")
      for selection in attributes.selections {
        json.open("[")
        json.item(selection.places.lowerBound)
        json.item(selection.places.upperBound)
        json.close("]")
      }
      json.close("]")
    }
    json.key("text")
    write(header.text(of: node))
    json.key("partials")
    json.open("[")
    for slot in slots {
      json.open("{")
      json.key("formula")
      write(header.partialFormula(of: node, slot: slot))
      if header.formulaIsContribution(of: node, slot: slot) {
        json.member("isContribution", true)
      }
      json.close("}")
    }
    json.close("]")
  }

  private mutating func write(_ template: Template) {
    json.open("[")
    for piece in template.pieces {
      switch piece {
      case .text(let bytes): json.string { $0.append(bytes) }
      case .operand(let slot, _): json.item(slot)
      case .operands: gap("operands")
      case .result: gap("result")
      case .adjoint: gap("adjoint")
      }
    }
    json.close("]")
  }

  private mutating func gap(_ name: String) {
    json.open("{")
    json.member("gap", name)
    json.close("}")
  }

  // MARK: Events

  /// The events of the trace, those that belong to a group inside it.
  private mutating func writeEvents(_ events: [TraceEvent]) {
    var missing = 0
    for event in events.untilInterrupted {
      switch event {
      case .forward(let node, let value, let partials):
        begin("forward", node)
        json.member("value", value)
        missing = beginGroup("partials", partials)
      case .partial(_, let slot, _, let local):
        part(slot, local)
        missing = endPart(missing)
      case .seed(let node, let adjoint):
        begin("seed", node)
        json.member("adjoint", adjoint)
        json.close("}")
      case .fanOut(let node, let terms, let adjoint):
        begin("fanout", node)
        json.member("adjoint", adjoint)
        missing = beginGroup("terms", terms)
      case .term(_, let user, let slot, let contribution):
        part(slot, nil)
        json.member("user", user)
        json.member("contribution", contribution)
        missing = endPart(missing)
      case .backward(let node, let adjoint, let contributions):
        begin("backward", node)
        json.member("adjoint", adjoint)
        missing = beginGroup("contributions", contributions)
      case .contribution(let contribution):
        part(contribution.slot, contribution.local)
        json.member("contribution", contribution.contribution)
        json.member("accumulated", contribution.accumulated)
        missing = endPart(missing)
      case .gradient(let node, let entry, let value): write(gradient: node, entry, value)
      case .warning(let warning): write(warning)
      case .constant, .input, .tangent, .tangentTerm, .tangentCost, .entry, .entryUse: break
      }
    }
  }

  private mutating func begin(_ event: String, _ node: NodeIndex) {
    json.open("{")
    json.member("event", event)
    json.member("node", node)
  }

  /// Opens a list of so many parts; tells how many are to come.
  private mutating func beginGroup(_ key: StaticString, _ parts: Int) -> Int {
    json.key(key)
    json.open("[")
    guard parts == 0 else { return parts }
    json.close("]")
    json.close("}")
    return 0
  }

  private mutating func endPart(_ missing: Int) -> Int {
    json.close("}")
    guard missing == 1 else { return missing - 1 }
    json.close("]")
    json.close("}")
    return 0
  }

  private mutating func part(_ slot: Int, _ local: Reading?) {
    json.open("{")
    json.member("slot", slot)
    guard let local else { return }
    json.key("local")
    json.open("{")
    json.member(shape: local.shape)
    json.member("value", local)
    json.close("}")
  }

  private mutating func write(gradient node: NodeIndex, _ entry: Int?, _ value: Reading) {
    // A name that was asked for and is not part of the formula has no node on the page.
    json.open("{")
    json.member("event", "gradient")
    writeName(node)
    if node <= header.root { json.member("node", node) }
    json.member(shape: value.shape)
    if let entry { json.member("entry", entry) }
    json.member("value", value)
    json.close("}")
  }

  private mutating func write(_ warning: Warning) {
    begin("warning", warning.node)
    if let slot = warning.slot { json.member("slot", slot) }
    json.member("kind", warning.identifier)
    if let reading = warning.reading {
      json.member(shape: reading.shape)
      json.member("value", reading)
    }
    if let hint = warning.hint { json.member("hint", hint) }
    json.close("}")
  }
}
