// Documents: made by a renderer, drawn by Graphviz where they are drawings, written as a whole.

import Backstep
import BackstepRender
import BackstepTerminal
import BackstepTrace

extension Console {
  func export(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) throws(HostError) {
    var request = request
    request.digits = display.digits
    if sandbox, !request.isForStandardOutput || request.form.isDrawing { throw .sandbox }
    let files: [DocumentFile]
    do {
      files = try Documents.render(recording, request, source)
    } catch {
      throw .document(error.message, hint: error.hint)
    }
    guard let document = files.first else { return }
    if request.isForStandardOutput { return try print(document, request) }
    for file in files {
      try write(file.text.string, file: path(of: file, request))
    }
  }

  /// Writes a document to standard output; with `--json` as a string within an event.
  private func print(_ document: DocumentFile, _ request: DocumentRequest) throws(HostError) {
    if display.json {
      output.write(
        ResultJSON.export(
          file: "-", form: request.form, bytes: document.text.count, text: document.text.string,
          ascii: display.ascii
        ).bytes)
    } else {
      output.write(document.text.bytes)
    }
  }

  /// The name of a file that belongs to a document: `sheet-answers.tex` beside `sheet.tex`.
  private func path(of file: DocumentFile, _ request: DocumentRequest) -> String {
    guard !file.suffix.isEmpty else { return request.file }
    let name = request.file
    let start = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    guard let dot = name[start...].lastIndex(of: "."), dot > start else {
      return name + file.suffix
    }
    return name[..<dot] + file.suffix + name[dot...]
  }
}
