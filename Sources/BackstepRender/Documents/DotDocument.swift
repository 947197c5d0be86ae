// The graph of a trace in Graphviz's language.

import BackstepTrace

/// Makes `.dot`.
struct DotDocument {
  private let trace: TraceDigest
  private let request: DocumentRequest
  private let source: DocumentSource

  init(_ trace: TraceDigest, _ request: DocumentRequest, _ source: DocumentSource) {
    self.trace = trace
    self.request = request
    self.source = source
  }

  /// The document.
  func text() -> ByteBuffer {
    var text = ByteBuffer("// \(Documents.mark).\ndigraph {\n")
    for node in trace.nodes { text.append("  n\(node + 1);\n") }
    text.append("}\n")
    return text
  }
}
