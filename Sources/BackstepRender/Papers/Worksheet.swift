// Worksheets: a document with blanks, and a second one with the answers.

import BackstepTrace

/// A trace on paper, of which the last results are left for the reader.
enum Worksheet {
  /// The worksheet, and its answers.
  static func files(
    _ trace: TraceDigest, _ request: DocumentRequest, _ source: DocumentSource
  ) -> [DocumentFile] {
    let sheet = WorkedTrace(trace, fade: request.fade, isBlank: true)
    let key = WorkedTrace(trace)
    return [
      DocumentFile(document(sheet, "Worksheet: backpropagation", request, source)),
      DocumentFile(document(key, "Answers: backpropagation", request, source), suffix: "-key"),
    ]
  }

  private static func document(
    _ derivation: WorkedTrace, _ title: String, _ request: DocumentRequest, _ source: DocumentSource
  ) -> ByteBuffer {
    let format = NumberFormat(digits: request.digits)
    switch request.form {
    case .html: return WorksheetPage(derivation, title: title, format: format).text()
    case .markdown:
      return MarkdownDocument(derivation, title: title, format: format, source: source).text()
    default: return LaTeXDocument(derivation, title: title, format: format).text()
    }
  }
}
