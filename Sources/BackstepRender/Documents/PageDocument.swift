// A trace as a web page in one file: graph, stepper, calculations, and inputs that can be changed.

import BackstepTrace

/// Writes a recorded trace as a page that needs nothing but a browser.
///
/// The page holds the trace as data, a style and a script; `Page/` has them as files of their own.
/// Its content security policy names the digests of those two and forbids everything else, so it
/// loads nothing and runs nothing that was not written here.
struct PageDocument {
  private let recording: Recording
  private let digits: Int
  private let source: DocumentSource

  /// Prepares a page of a trace with both passes and the gradient.
  init(_ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource) {
    self.recording = recording
    digits = request.digits
    self.source = source
  }

  /// The whole page; nothing where the recording is empty.
  func text() -> ByteBuffer {
    var page = ByteBuffer()
    guard let header = recording.header else { return page }
    let parts = PageParts.shared
    var rest = PackageResources.page_html[...]
    while let mark = rest.firstRange(of: "{{".utf8) {
      page.append(rest[..<mark.lowerBound])
      rest = rest[mark.upperBound...]
      guard let end = rest.firstRange(of: "}}".utf8) else { break }
      switch String(decoding: rest[..<end.lowerBound], as: UTF8.self) {
      case "title":
        page.append(Escape.xml(Escape.line(Escape.statement(header.rootText), limit: 60)))
      case "style digest": page.append(parts.styleDigest)
      case "script digest": page.append(parts.scriptDigest)
      case "style": page.append(parts.style)
      case "script": page.append(parts.script)
      case "mark": page.append(Documents.mark)
      case "data": page.append(PageData(recording, header, source, digits: digits).bytes)
      default: break
      }
      rest = rest[end.upperBound...]
    }
    page.append(rest)
    return page
  }
}

/// The style and the script of every page, with their digests.
private struct PageParts: Sendable {
  let style: ByteBuffer
  let script: ByteBuffer
  let styleDigest: String
  let scriptDigest: String

  static let shared = PageParts()

  private init() {
    var style = ByteBuffer()
    style.append(PackageResources.page_css)
    // Each file speaks of those before it.
    var script = ByteBuffer()
    for file in [
      PackageResources.numbers_js, PackageResources.rules_js, PackageResources.tensors_js,
      PackageResources.evaluate_js, PackageResources.formulas_js, PackageResources.layout_js,
      PackageResources.drawing_js, PackageResources.steps_js, PackageResources.tables_js,
      PackageResources.inputs_js, PackageResources.page_js,
    ] {
      script.append(file)
    }
    self.style = style
    self.script = script
    styleDigest = Digest.sha256Base64(style.bytes)
    scriptDigest = Digest.sha256Base64(script.bytes)
  }
}
