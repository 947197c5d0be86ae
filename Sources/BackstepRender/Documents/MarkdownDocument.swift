// A trace as Markdown with mathematics, for notes and notebooks.

import BackstepTrace

/// Makes `.md`.
struct MarkdownDocument {
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
    var text = ByteBuffer("<!-- \(Documents.mark) -->\n\n")
    text.append("# \(trace.rootName)\n")
    return text
  }
}
