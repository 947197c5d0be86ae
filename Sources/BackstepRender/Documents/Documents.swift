// Documents made of a trace: which type makes which form.

import BackstepTrace

/// Turns a recorded trace into the document that was asked for.
public enum Documents {
  /// What stands near the beginning or the end of every document, so that its file can be replaced
  /// without asking.
  public static let mark = "Made by Backstep"

  /// Makes the document, and those that belong to it.
  ///
  /// A drawing comes as text for Graphviz, which whoever calls this has to run.
  ///
  /// - Returns: The document, then what goes with it, such as the answers to a worksheet.
  /// - Throws: Why there is no such document of this trace.
  public static func render(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) throws(DocumentProblem) -> [DocumentFile] {
    guard let trace = TraceDigest(recording) else { throw DocumentProblem("there is no trace") }
    switch request.form {
    case .dot, .svg, .png, .pdf:
      return [DocumentFile(DotDocument(trace, request, source).text())]
    case .json:
      try checkSize(trace, holdsAll: true)
      return [DocumentFile(JSONDocument(trace, request, source).text())]
    case .markdown where !request.worksheet:
      let document = MarkdownDocument(
        WorkedTrace(trace), title: "Backpropagation", format: NumberFormat(digits: request.digits),
        source: source)
      return [DocumentFile(document.text())]
    case .tex where !request.worksheet:
      let document = LaTeXDocument(
        WorkedTrace(trace), title: "Backpropagation", format: NumberFormat(digits: request.digits))
      return [DocumentFile(document.text())]
    case .python:
      try checkSize(trace)
      switch PythonFramework(rawValue: request.framework ?? "") ?? .torch {
      case .torch: return [DocumentFile(TorchDocument(trace).text())]
      case .jax: return [DocumentFile(JAXDocument(trace).text())]
      case .numpy: return [DocumentFile(NumPyDocument(trace).text())]
      }
    case .tex, .markdown: return Worksheet.files(trace, request, source)
    case .html where request.worksheet: return Worksheet.files(trace, request, source)
    case .grad:
      let format = NumberFormat(digits: request.digits)
      return [DocumentFile(LessonDocument(trace, source, format: format).text())]
    case .html:
      try checkSize(trace, holdsAll: true)
      return [DocumentFile(PageDocument(recording, request, source).text())]
    }
  }
}

extension Documents {
  /// The most numbers that are written into a document: a page takes some 100 MB for them.
  private static let mostNumbers = 1_000_000

  /// Makes sure that what a document holds in full is not too much: inputs and derivatives, or all values.
  private static func checkSize(
    _ trace: TraceDigest, holdsAll: Bool = false
  ) throws(DocumentProblem) {
    var count = 0
    for node in trace.nodes where holdsAll || trace.header.kind(of: node) != .operation {
      count += trace.header.shape(of: node).count
    }
    for gradient in trace.gradients { count += gradient.value.shape.count }
    guard count > mostNumbers else { return }
    throw DocumentProblem(
      "the document would hold \(count) numbers; \(mostNumbers) are the most",
      hint: "smaller matrices show the same")
  }
}

/// One file of a document.
public struct DocumentFile: Sendable, Equatable {
  /// What comes between the file's name and its ending: nothing for the document itself,
  /// `-key` for the answers to a worksheet.
  public var suffix: String
  /// What is in it.
  public var text: ByteBuffer

  /// Puts a file together.
  public init(_ text: ByteBuffer, suffix: String = "") {
    self.suffix = suffix
    self.text = text
  }
}

/// Why there is no such document.
public struct DocumentProblem: Error, Sendable, Equatable {
  /// What is wrong, in a sentence.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// Says what is wrong.
  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}
