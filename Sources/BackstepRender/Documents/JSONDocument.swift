// A trace as one JSON document: what --json writes line by line, in one piece.

import BackstepLanguage
import BackstepTrace

/// Makes `.json`: the form's version, what the names stand for, and every event.
struct JSONDocument {
  private let trace: TraceDigest
  private let source: DocumentSource

  init(_ trace: TraceDigest, _ request: DocumentRequest, _ source: DocumentSource) {
    self.trace = trace
    self.source = source
  }

  /// The document.
  func text() -> ByteBuffer {
    var json = JSONWriter()
    json.open("{")
    json.member("generator", Documents.mark)
    json.member("schema", TraceJSON.schema)
    json.member("of", trace.header.rootText)
    json.key("definitions")
    json.open("[")
    for definition in source.definitions {
      json.open("{")
      json.member("name", definition.name)
      json.member("kind", definition.kind.rawValue)
      json.member("text", definition.text)
      json.close("}")
    }
    json.close("]")
    json.key("events")
    json.open("[")
    var text = json.output
    text.append("\n")
    var events = ByteBuffer()
    var lines = TraceJSON { events.append($0) }
    lines.begin(trace.header, options: trace.options)
    for event in trace.events.untilInterrupted { lines.receive(event) }
    lines.finish()
    // Every event is a line of its own: what is missing for an array are the commas.
    var start = 0
    for place in (0..<events.count).untilInterrupted where events[place] == UInt8(ascii: "\n") {
      if start > 0 { text.append(",\n") }
      text.append(events, start..<place)
      start = place + 1
    }
    text.append("\n]}\n")
    return text
  }
}
