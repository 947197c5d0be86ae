// Graphviz: where the nodes of a drawing go.

import Backstep
import BackstepRender
import BackstepTrace

/// The program `dot` of Graphviz, which lays a graph out and draws it.
enum Graphviz {
  /// How long a layout may take, in seconds.
  private static let patience = 120

  /// Draws a graph that is written in Graphviz's language.
  ///
  /// - Throws: A ``DocumentProblem`` that says why there is no drawing, as where Graphviz is missing.
  static func draw(
    _ graph: ByteBuffer, as form: DocumentRequest.Form, isInterrupted: () -> Bool
  ) throws(DocumentProblem) -> ByteBuffer {
    var arguments = ["-T\(form.ending)"]
    // Sharp on a projector, and at most 6912 dots high and wide, for which there is memory.
    if form == .png { arguments += ["-Gdpi=144", "-Gsize=48,48"] }
    let dot = ChildProcess(program: "dot", arguments: arguments, timeout: patience)
    switch dot.run(input: graph.bytes, isInterrupted: isInterrupted) {
    case .output(let bytes):
      var drawing = ByteBuffer()
      drawing.append(bytes)
      return drawing
    case .notFound:
      throw DocumentProblem(
        "a drawing needs the program 'dot' of Graphviz, which is not installed",
        hint: "install the package: \(installation); or export to .dot, which needs nothing")
    case .failed(let words):
      throw DocumentProblem("Graphviz could not draw the graph: \(words)", hint: nil)
    case .timedOut:
      throw DocumentProblem(
        "Graphviz did not finish the drawing in \(patience) seconds",
        hint: "export to .dot and try another of its programs, such as sfdp")
    case .interrupted: throw DocumentProblem("interrupted")
    }
  }

  private static var installation: String {
    #if os(macOS)
    "brew install graphviz"
    #else
    "apt install graphviz"
    #endif
  }
}
