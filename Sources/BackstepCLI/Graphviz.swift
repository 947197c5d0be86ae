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
      guard isWhole(drawing.bytes, form) else {
        throw DocumentProblem(
          "Graphviz could not draw the graph: what it wrote is no whole .\(form.ending)", hint: nil)
      }
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

  /// Whether what was written begins and ends as the form does: a program that is called `dot` need not
  /// be one that draws.
  private static func isWhole(
    _ bytes: ContiguousArray<UInt8>, _ form: DocumentRequest.Form
  ) -> Bool {
    func isThere(_ text: String, in part: ArraySlice<UInt8>) -> Bool {
      part.firstRange(of: text.utf8) != nil
    }
    let (head, tail) = (bytes.prefix(2048), bytes.suffix(1024))
    return switch form {
    case .svg: isThere("<svg", in: head) && isThere("</svg>", in: tail)
    case .png:
      bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        && isThere("IEND", in: tail)
    case .pdf: bytes.starts(with: "%PDF-".utf8) && isThere("%%EOF", in: tail)
    default: true
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
