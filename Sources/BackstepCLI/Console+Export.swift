// Documents: made by a renderer, drawn by Graphviz where they are drawings, written as a whole.

import Backstep
import BackstepRender
import BackstepTerminal
import BackstepTrace

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension Console {
  func export(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) throws(HostError) {
    // Text on standard output touches no file and runs no program.
    if sandbox, !request.isForStandardOutput { throw .sandbox }
    if sandbox, request.form.isDrawing {
      throw .document("running Graphviz is not allowed with --sandbox", hint: nil)
    }
    if request.isForStandardOutput { try checkStandardOutput(request.form) }
    var request = request
    request.digits = display.digits
    var files: [DocumentFile]
    do throws(DocumentProblem) {
      files = try Documents.render(recording, request, source)
      if isInterrupted { throw DocumentProblem("interrupted") }
      if request.form.isDrawing {
        for index in files.indices {
          let drawing = try Graphviz.draw(files[index].text, as: request.form) { isInterrupted }
          files[index].text = Drawing.finish(drawing, recording, request)
        }
      }
    } catch {
      throw .document(error.message, hint: error.hint)
    }
    if request.isForStandardOutput {
      if let document = files.first { send(document, request) }
      return
    }
    let written = files.map { (bytes: $0.text.bytes, path: path(of: $0, request)) }
    // It may be where the output goes.
    output.flush()
    do {
      for file in written where !request.overwrites { try OwnFiles.check(file.path) }
      try WholeFile.write(written)
    } catch let problem as DocumentProblem {
      throw .document(problem.message, hint: problem.hint)
    } catch {
      throw .file("\(error)")
    }
    for file in written { report(file.path, file.bytes.count, request) }
  }

  // MARK: Standard output

  /// A picture's bytes would only confuse a terminal, and no JSON string can hold them.
  private func checkStandardOutput(_ form: DocumentRequest.Form) throws(HostError) {
    guard !form.isText, output.isTerminal || display.json else { return }
    let place = output.isTerminal ? "to a terminal" : "among lines of JSON"
    throw .document(
      "a .\(form.ending) drawing is not text and cannot go \(place)",
      hint: "give it a file: export L.\(form.ending)")
  }

  /// Writes a document to standard output; with `--json` as a string within an event.
  private func send(_ document: DocumentFile, _ request: DocumentRequest) {
    guard display.json else { return output.write(document.text.bytes) }
    let event = ResultJSON.export(
      file: "-", form: request.form, bytes: document.text.count, text: document.text.string,
      ascii: display.ascii)
    output.write(event.bytes)
  }

  // MARK: Files

  /// The name of a file that belongs to a document: `sheet-key.tex` beside `sheet.tex`.
  private func path(of file: DocumentFile, _ request: DocumentRequest) -> String {
    guard !file.suffix.isEmpty else { return request.file }
    let name = request.file
    let start = FileNames.nameStart(in: name)
    guard let dot = name.utf8[start...].lastIndex(of: UInt8(ascii: ".")), dot > start else {
      return name + file.suffix
    }
    return String(name[..<dot]) + file.suffix + String(name[dot...])
  }

  /// Says what was written: to a program always, to a person at the prompt.
  private func report(_ path: String, _ count: Int, _ request: DocumentRequest) {
    if display.json {
      let event = ResultJSON.export(
        file: path, form: request.form, bytes: count, ascii: display.ascii)
      output.write(event.bytes)
    } else if request.reports, !quiet {
      let size = count < 10_000 ? "\(count) bytes" : "\(count / 1000) kB"
      show(page: Page(command: "export", [.text("wrote \(path), \(size)")]))
    }
  }
}

/// Which files Backstep may replace: those it has written.
private enum OwnFiles {
  /// Makes sure that there is no file at the path, or one that Backstep wrote.
  ///
  /// - Throws: A ``DocumentProblem`` where there is another one, or one that cannot be read.
  static func check(_ path: String) throws {
    var status = stat()
    let target = try WholeFile.target(of: path)
    guard stat(target, &status) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFREG where try isOwn(target): return
    case S_IFREG, S_IFBLK:
      throw DocumentProblem(
        "'\(printable(path))' is there already, and Backstep did not write it",
        hint: "to replace it, put '!' at the end of the statement")
    // A folder is refused when it is written to; what is written to a device replaces nothing.
    default: return
    }
  }

  /// Whether Backstep's mark stands near the beginning or the end of a file.
  private static func isOwn(_ path: String) throws(SystemFailure) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SystemFailure("cannot read '\(printable(path))'", code: errno)
    }
    defer { close(descriptor) }
    if hasMark(descriptor) { return true }
    return lseek(descriptor, -off_t(Drawing.tailCount), SEEK_END) >= 0 && hasMark(descriptor)
  }

  private static func hasMark(_ descriptor: Int32) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(descriptor, &bytes, bytes.count)
    let text = String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    return text.utf8.count > 0 && text.contains(Documents.mark)
  }
}
