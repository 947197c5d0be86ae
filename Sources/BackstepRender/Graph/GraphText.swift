// What `graph` answers: a drawing with a line below it that says how to read it; or JSON.

import BackstepTrace

/// The values and adjoints that a recording ends with.
public struct NodeReadings: Sendable {
  /// The value of each node.
  public private(set) var values: [NodeIndex: Reading] = [:]
  /// The adjoint of each node that has one.
  public private(set) var adjoints: [NodeIndex: Reading] = [:]

  /// Goes through events in order, up to the end.
  public init(_ events: some Sequence<TraceEvent>) {
    for event in events { receive(event) }
  }

  /// Notes what one more event tells.
  public mutating func receive(_ event: TraceEvent) {
    switch event {
    case .constant(let node, let value), .input(let node, let value),
      .forward(let node, let value, _):
      values[node] = value
    case .seed(let node, let adjoint), .backward(let node, let adjoint, _),
      .fanOut(let node, _, let adjoint):
      adjoints[node] = adjoint
    case .contribution(let contribution):
      adjoints[contribution.operand] = contribution.accumulated
    default: break
    }
  }
}

/// A graph as text.
public enum GraphText {
  /// The drawing and how to read it; of a graph that does not fit a part, and what to do.
  public static func lines(_ recording: Recording, style: Style) -> ByteBuffer {
    guard let header = recording.header else { return ByteBuffer() }
    let showsAdjoints = recording.options?.backward ?? false
    let drawing = GraphDrawing(
      header: header, style: style, width: style.width, showsAdjoints: showsAdjoints)
    let readings = NodeReadings(recording.events)
    return ResultText.text(style) { writer in
      let bands = drawing.bands(values: readings.values, adjoints: readings.adjoints)
      let parts =
        bands ?? [drawing.lines(values: readings.values, adjoints: readings.adjoints)]
      for part in parts {
        for line in part { writer.writeWhole(line) }
        writer.writeBlank()
      }
      for note in notes(drawing, header, bands?.count, showsAdjoints, style) {
        var line = writer.line()
        line.hang = 0
        line.addWords(note, .dim)
        writer.write(line)
      }
    }
  }

  private static func notes(
    _ drawing: GraphDrawing, _ header: any TraceHeader, _ bands: Int?, _ showsAdjoints: Bool,
    _ style: Style
  ) -> [String] {
    var name = ByteBuffer()
    header.writeName(of: header.root, to: &name)
    var notes: [String] = []
    if bands == nil {
      notes.append(
        "The graph has \(drawing.nodeCount) nodes: this is the part next to \(name.string). "
          + "export graph.svg draws all of it.")
    } else if bands != 1 {
      notes.append(
        "Too wide for \(style.width) columns, so it goes on below: … stands before a value from "
          + "above. export graph.svg draws it in one piece.")
    }
    if showsAdjoints {
      notes.append("∂ is the derivative of \(name.string) with respect to the node.")
    } else {
      let isShort =
        header.rootText.utf8.count <= 24 && !header.rootText.contains(where: \.isNewline)
      notes.append(
        "graph \(isShort ? header.rootText : "…") with adjoints shows the adjoints below the values."
      )
    }
    return notes
  }
}

/// A graph as JSON Lines.
public enum GraphJSON {
  /// A line for the graph, then one for each node and one for each of its operands.
  public static func lines(_ recording: Recording, ascii: Bool) -> ByteBuffer {
    guard let header = recording.header else { return ByteBuffer() }
    let readings = NodeReadings(recording.events)
    var json = JSONWriter(ascii: ascii)
    let edges = (0...header.root).reduce(0) { $0 + header.operandCount(of: $1) }
    json.beginEvent("graph")
    json.member("of", header.rootText)
    json.member("nodes", header.root + 1)
    json.member("edges", edges)
    json.endEvent()
    for node in 0...header.root { write(node, header, readings, &json) }
    return json.output
  }

  private static func write(
    _ node: NodeIndex, _ header: any TraceHeader, _ readings: NodeReadings,
    _ json: inout JSONWriter
  ) {
    json.beginEvent("node")
    json.member("node", node + 1)
    json.key("name")
    json.string { header.writeName(of: node, to: &$0) }
    json.member("kind", "\(header.kind(of: node))")
    if header.kind(of: node) == .operation {
      json.member("op", header.operation(of: node))
      json.key("text")
      json.string { header.write(header.text(of: node), of: node, to: &$0) }
    }
    json.member(shape: header.shape(of: node))
    if let value = readings.values[node] { json.member("value", value) }
    if let adjoint = readings.adjoints[node] { json.member("adjoint", adjoint) }
    json.endEvent()
    for slot in 0..<header.operandCount(of: node) {
      json.beginEvent("edge")
      json.member("from", header.operand(slot, of: node) + 1)
      json.member("to", node + 1)
      json.member("arg", slot + 1)
      json.endEvent()
    }
  }
}
