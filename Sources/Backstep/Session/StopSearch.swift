// Where to stop in a trace: at a node, at a derivative, or where a condition holds.

import BackstepLanguage
import BackstepTrace

/// A node, or a derivative of the output, as people write it.
struct NodeReference: Equatable {
  /// What is differentiated; nil where only a node is named.
  var output: String?
  /// The node's name, without an index.
  var name: String
  /// The index as it was written: `1,2`; nil where there is none.
  var index: String?

  /// Reads `v3`, `W[1,2]`, `∂L/∂w`, `dL/dw` or `grad(L, w)`.
  init(_ text: String) {
    var rest = Substring(text.filter { !$0.isWhitespace })
    if let open = rest.firstIndex(of: "["), rest.last == "]" {
      index = String(rest[rest.index(after: open)...].dropLast())
      rest = rest[..<open]
    }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, let top = parts[0].first, let bottom = parts[1].first,
      top == "∂" && bottom == "∂" || top == "d" && bottom == "d", parts[0].count > 1,
      parts[1].count > 1
    {
      output = String(parts[0].dropFirst())
      name = String(parts[1].dropFirst())
    } else if rest.hasPrefix("grad("), rest.last == ")",
      let comma = rest.lastIndex(of: ",")
    {
      output = String(rest[..<comma].dropFirst(5))
      name = String(rest[rest.index(after: comma)...].dropLast())
    } else {
      name = String(rest)
    }
  }
}

extension TraceHeader {
  /// The name of a node.
  func nameText(of node: NodeIndex) -> String {
    var text = ByteBuffer()
    writeName(of: node, to: &text)
    return text.string
  }

  /// The node that is called so; constants are not looked at.
  ///
  /// Names are equal as Swift's strings are, under canonical equivalence.
  func node(named name: String) -> NodeIndex? {
    (0..<count).first { kind(of: $0) != .constant && nameText(of: $0) == name }
  }
}

extension Session {
  /// The positions asked for by `until` and `break`, in order.
  mutating func stops(
    _ call: CommandCall, _ recording: Recording, _ host: any SessionHost
  ) throws(Diagnostic) -> [TraceStop] {
    guard let header = recording.header else { return [] }
    let steps = recording.steps
    var stops: [TraceStop] = []
    for item in call.clause("until") ?? [] {
      let text = parser.source.string(item.range)
      if let first = text.utf8.first, (0x30...0x39).contains(first) {
        guard let position = steps.firstIndex(where: { $0.number > 0 && $0.number == Int(text) })
        else {
          let count = steps.map(\.number).max() ?? 0
          throw Diagnostic(.noSuchStep(text, of: header.rootText, count: count), item.range)
        }
        stops.append(TraceStop(position: position, text: "step \(text)"))
        continue
      }
      let reference = NodeReference(text)
      let node = try node(reference, header, item.range)
      guard let position = position(of: reference, node, header, steps) else {
        throw Diagnostic(.neverComputed(text), item.range)
      }
      stops.append(TraceStop(position: position, text: text))
    }
    for item in call.clause("break") ?? [] {
      stops += try positions(where: item, recording, steps, host)
    }
    // Where two conditions hold at once, one stop says both.
    var merged: [TraceStop] = []
    for stop in stops.sorted(by: { $0.position < $1.position }) {
      if let last = merged.last, last.position == stop.position {
        merged[merged.count - 1].text += ", \(stop.text)"
      } else {
        merged.append(stop)
      }
    }
    return merged
  }

  /// The node of the trace that is meant.
  func node(
    _ reference: NodeReference, _ header: any TraceHeader, _ range: SourceRange
  ) throws(Diagnostic) -> NodeIndex {
    let root = header.nameText(of: header.root)
    if let output = reference.output, output != root {
      throw Diagnostic(.otherOutput(output, traced: root), range)
    }
    guard let node = header.node(named: reference.name) else {
      let names = (0..<min(header.count, 10_000)).filter { header.kind(of: $0) != .constant }
        .map { header.nameText(of: $0) }
      throw Diagnostic(
        .notInTrace(
          name: reference.name, of: header.rootText,
          nearest: nearest(to: reference.name, among: names)),
        range)
    }
    return node
  }

  /// Where a value is computed, or a derivative complete.
  private func position(
    of reference: NodeReference, _ node: NodeIndex, _ header: any TraceHeader, _ steps: [TraceStep]
  ) -> Int? {
    if reference.output == nil, header.kind(of: node) == .operation {
      return steps.firstIndex { $0.kind == .forward && $0.node == node }
    }
    return steps.lastIndex {
      $0.node == node && ($0.kind == .sum || $0.kind == .seed)
        || $0.kind == .contribution && $0.operand == node
    }
  }

  // MARK: Conditions

  /// The positions at which a condition holds.
  private mutating func positions(
    where item: ParsedExpression, _ recording: Recording, _ steps: [TraceStep],
    _ host: any SessionHost
  ) throws(Diagnostic) -> [TraceStop] {
    var condition = try Condition(item, self)
    let text = parser.source.string(item.range)
    // A mistake in it shows with numbers, whatever comes later.
    _ = try holds(&condition, StepWords(uniform: .scalar(0.5)), isFirst: true, host)
    let words = WordReader(recording)
    var stops: [TraceStop] = []
    for (position, step) in steps.enumerated() {
      if position & 0xFF == 0, host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      var isTrue = false
      for candidate in words.words(at: step) where !isTrue {
        isTrue = try holds(&condition, candidate, isFirst: false, host)
      }
      if isTrue { stops.append(TraceStop(position: position, text: text)) }
    }
    return stops
  }

  /// Whether a condition is true of what a step computes.
  private mutating func holds(
    _ condition: inout Condition, _ words: StepWords, isFirst: Bool, _ host: any SessionHost
  ) throws(Diagnostic) -> Bool {
    guard condition.words.contains(where: { words.isNew[$0] }) else { return false }
    var readings: [Reading] = []
    for word in condition.words {
      guard let reading = words.readings[word] else { return false }
      readings.append(reading)
    }
    let shapes = readings.map(\.shape)
    if condition.shapes != shapes {
      condition.shapes = shapes
      do throws(Diagnostic) {
        condition.built = try build(condition, readings, host)
      } catch {
        // Where the shapes of a step do not fit the condition, it does not hold there.
        guard !isFirst, case .shape = error.kind else { throw error }
        condition.built = nil
      }
    }
    guard var built = condition.built else { return false }
    for (node, reading) in zip(condition.nodes(in: built), readings) {
      if let node { built.replace(leaf: node, by: reading) }
    }
    try compute(&built, host)
    return built.reading(of: built.root).elements.contains { $0 != 0 }
  }

  /// Builds a condition's graph, its words being inputs.
  private mutating func build(
    _ condition: Condition, _ readings: [Reading], _ host: any SessionHost
  ) throws(Diagnostic) -> BuiltGraph {
    var known = definitions
    for (name, reading) in zip(condition.names, readings) {
      known.define(known.input(.input, name, text: statementText, value: Value(reading)))
    }
    let input = GraphBuilder.Input(
      syntax: parser.syntax, definitions: known, known: self.known, allowsRandom: false,
      isInterrupted: { host.isInterrupted })
    do {
      return try builder.build(condition.syntax, input, names: parser.names)
    } catch {
      throw diagnostic(for: error, owner: error.owner)
    }
  }
}

/// The words that stand for what a step computes.
enum StepWord: Int, CaseIterable {
  case value, local, contribution, adjoint
}

/// What the words stand for at one step.
struct StepWords {
  /// The number of each word that has one.
  var readings: [Reading?] = StepWord.allCases.map { _ in nil }
  /// Which of them this step computes.
  var isNew: [Bool] = StepWord.allCases.map { _ in false }

  /// No word stands for anything.
  init() {}

  /// Every word stands for the same.
  init(uniform reading: Reading) {
    readings = StepWord.allCases.map { _ in reading }
    isNew = StepWord.allCases.map { _ in true }
  }

  mutating func set(_ word: StepWord, _ reading: Reading?, isNew: Bool = true) {
    readings[word.rawValue] = reading
    self.isNew[word.rawValue] = isNew && reading != nil
  }
}

/// Reads off a recording what the words stand for.
private struct WordReader {
  private let recording: Recording
  private var values: [NodeIndex: Reading] = [:]

  init(_ recording: Recording) {
    self.recording = recording
    for event in recording.events {
      switch event {
      case .constant(let node, let value), .input(let node, let value),
        .forward(let node, let value, _):
        values[node] = value
      default: break
      }
    }
  }

  /// What a step computes: of a forward step once for each local derivative.
  func words(at step: TraceStep) -> [StepWords] {
    var words = StepWords()
    switch step.kind {
    case .start, .sum, .end: return []
    case .seed:
      for case .seed(let node, let adjoint) in recording.events[step.events] {
        words.set(.adjoint, adjoint)
        words.set(.value, values[node], isNew: false)
      }
      return [words]
    case .forward:
      words.set(.value, values[step.node])
      var all: [StepWords] = []
      for case .partial(_, _, _, let local) in recording.events[step.events] {
        words.set(.local, local)
        all.append(words)
      }
      return all.isEmpty ? [words] : all
    case .contribution:
      for case .contribution(let contribution) in recording.events[step.events] {
        words.set(.value, values[contribution.operand], isNew: false)
        words.set(.local, contribution.local, isNew: false)
        words.set(.contribution, contribution.contribution)
        words.set(.adjoint, contribution.accumulated)
      }
      return [words]
    }
  }
}

/// A condition on what a step computes.
private struct Condition {
  let syntax: SyntaxRange
  /// The words that it mentions, by their place among all, and their names.
  var words: [Int] = []
  var names: [NameID] = []
  /// The graph for words of these shapes; nil where they do not fit.
  var shapes: [Shape]?
  var built: BuiltGraph?

  init(_ item: ParsedExpression, _ session: Session) throws(Diagnostic) {
    syntax = item.syntax
    for word in StepWord.allCases {
      guard let name = session.parser.names.find("\(word)") else { continue }
      let isMentioned = (item.syntax.start..<item.syntax.end).contains {
        session.parser.syntax.kinds[$0] == .name && session.parser.syntax.payloads[$0] == name
      }
      guard isMentioned else { continue }
      words.append(word.rawValue)
      names.append(name)
    }
    guard !words.isEmpty else {
      throw Diagnostic(.notACondition(StepWord.allCases.map { "\($0)" }), item.range)
    }
  }

  /// The nodes that stand for the words.
  func nodes(in built: BuiltGraph) -> [Int?] {
    names.map { name in
      (0..<built.graph.count).first {
        built.graph.label(of: $0) == name && built.graph.operations[$0] == .input
      }
    }
  }
}
