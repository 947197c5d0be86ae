// What export asks its surroundings for.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct ExportTests {
  /// Runs a statement after a few definitions; what was asked for.
  static func ask(_ statement: String) throws -> (DocumentRequest, DocumentSource, Recording) {
    var talk = Conversation()
    try talk.run("w = 0.5; b = 1; const x = 2; unused = 3; g(t) = t*b; L = g(w*x) # note")
    try talk.run(statement)
    let asked = try #require(talk.host.exports.first)
    return (asked.request, asked.source, talk.host.trace)
  }

  @Test(
    "The ending says the form",
    arguments: [
      ("L.dot", DocumentRequest.Form.dot), ("a.b/L.SVG", .svg), ("L.png", .png), ("L.pdf", .pdf),
      ("L.html", .html), ("L.htm", .html), ("L.tex", .tex), ("L.md", .markdown),
      ("L.markdown", .markdown), ("L.json", .json), ("L.py", .python), ("L.grad", .grad),
    ])
  func ending(_ file: String, _ form: DocumentRequest.Form) throws {
    let (request, _, recording) = try Self.ask("export \(file)")
    #expect(request.file == file)
    #expect(request.form == form)
    #expect(request.isLesson == (form == .grad))
    #expect(!request.overwrites && !request.worksheet && !request.reports)
    #expect(recording.events.count > 8)
  }

  @Test func `clauses are read in any order`() throws {
    let (request, source, _) = try Self.ask("export sheet.md L wrt w fade 3 worksheet !")
    #expect(request.worksheet && request.fade == 3 && request.overwrites)
    #expect(source.wrt == ["w"])
    let (other, _, _) = try Self.ask("export! x.txt fade 2 as tex")
    #expect(other.form == .tex && other.worksheet && other.fade == 2 && other.overwrites)
    let (script, _, _) = try Self.ask("export x.py with jax")
    #expect(script.framework == "jax")
    let (lesson, _, _) = try Self.ask("export \"my lesson.txt\" as lesson")
    #expect(lesson.form == .grad && lesson.isLesson && lesson.file == "my lesson.txt")
  }

  @Test func `standard output is a dash, with an ending or without`() throws {
    #expect(try Self.ask("export -").0.form == .dot)
    let (request, _, _) = try Self.ask("export -.json L")
    #expect(request.isForStandardOutput && request.form == .json)
    #expect(try Self.ask("export - as md").0.form == .markdown)
    #expect(try !Self.ask("export ./-.md").0.isForStandardOutput)
  }

  @Test func `the source holds what the expression depends on, as it was written`() throws {
    let (_, source, _) = try Self.ask("export -.md L*2 wrt w, b seed 2")
    #expect(source.definitions.map(\.name) == ["w", "b", "x", "g", "L"])
    #expect(source.definitions.map(\.kind) == [.input, .input, .const, .function, .formula])
    #expect(source.definitions[2].text == "const x = 2")
    #expect(source.expression == "L*2")
    #expect(source.wrt == ["w", "b"])
    #expect(source.seed == "2")
  }

  @Test func `a value that was assigned is written as a definition`() throws {
    var talk = Conversation()
    try talk.run("w = 1; L = w^2; w := w + 0.5; export -.dot")
    let asked = try #require(talk.host.exports.first)
    #expect(asked.source.definitions.map(\.text) == ["L = w^2", "w = 1.5"])
  }

  @Test(
    "behind the file come the expression, clauses, and what they take",
    arguments: [
      ("export L.svg wor", ["worksheet"]), ("export L.svg L wr", ["wrt"]),
      ("export L.py with ", ["torch", "jax", "numpy"]), ("export L.svg L as l", ["lesson"]),
      ("export x as h", ["html"]), ("export L.svg L wrt ", ["w", "b"]),
      ("export L.svg unu", ["unused"]),
    ])
  func completion(_ text: String, _ expected: [String]) throws {
    var talk = Conversation()
    try talk.run("w = 0.5; b = 1; unused = 2; L = w*b")
    guard case .words(_, let words) = talk.session.complete(text, host: talk.host) else {
      Issue.record("a file is offered")
      return
    }
    #expect(words.map(\.text) == expected)
    #expect(talk.session.complete("export L.s", host: talk.host) == .file(from: 7))
  }

  @Test(
    "What does not go together is a mistake",
    arguments: [
      "export", "export L", "export L.docx", "export L.svg worksheet", "export L.svg fade 2",
      "export L.tex with jax", "export L.py with tensorflow", "export L.md fade -1",
      "export L.md fade x", "export L.md fade", "export L.md as word", "export L.md ! !",
      "export! L.md !", "export L.md L wrt x", "export L.md 3 L", "export ''", "export 'a\0.md'",
    ])
  func mistake(_ statement: String) throws {
    #expect(throws: Diagnostic.self) { try Self.ask(statement) }
  }
}
