// Documents made of traces that were put together by hand.

import BackstepTrace
import Foundation
import Testing

@testable import BackstepRender

@Suite("Documents")
struct DocumentTests {
  static let forms: [DocumentRequest.Form] = [.dot, .markdown, .json]
  static let examples: [Example] = [.neuron, .shared, .unicode, .notFinite, .tensors]

  /// Makes a document of an example.
  static func text(_ example: Example, _ form: DocumentRequest.Form) throws -> String {
    var recording = Recording()
    example.run(&recording)
    let source = DocumentSource(
      definitions: [DocumentSource.Definition(name: "w", kind: .input, text: "w = 0.5 # `w` ```")],
      expression: example.trace.rootText)
    let files = try Documents.render(
      recording, DocumentRequest(file: "-", form: form), source)
    #expect(files.count == 1)
    return files.map(\.text.string).joined()
  }

  @Test("Documents are as in their files", arguments: examples, forms)
  func golden(_ example: Example, _ form: DocumentRequest.Form) throws {
    try expectGolden(Self.text(example, form), "\(example.name).export.\(form.ending)")
  }

  @Test("Every document bears the mark where it is looked for", arguments: forms)
  func mark(_ form: DocumentRequest.Form) throws {
    #expect(try Self.text(.neuron, form).utf8.prefix(1024).count > 100)
    #expect(String(try Self.text(.neuron, form).prefix(600)).contains(Documents.mark))
  }

  @Test("A JSON document holds the events of --json, in order")
  func events() throws {
    for example in Example.all {
      let text = try Self.text(example, .json)
      let document = try #require(
        JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(document["schema"] as? Int == TraceJSON.schema)
      let events = try #require(document["events"] as? [NSDictionary])
      let lines = try json(example).split(separator: "\n").map { line in
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? NSDictionary)
      }
      #expect(events == lines)
      #expect(lines.count > 3)
    }
  }

  // MARK: Names

  /// What follows a name from right to left stays behind it: Unicode's mark stands on both sides, and
  /// the name itself is whole.
  @Test("Names from right to left keep what is beside them in its place")
  func directions() {
    #expect(Escape.xml("∂L/∂שלום = 4") == "∂L/∂\u{200E}שלום\u{200E} = 4")
    #expect(Escape.dot("وزن1*ב") == "\u{200E}وزن\u{200E}1*\u{200E}ב\u{200E}")
    #expect(Escape.xml("שָׁ") == "\u{200E}שָׁ\u{200E}")
    #expect(Escape.xml("θ·ŷ < w₁") == "θ·ŷ &lt; w₁")
  }

  @Test("A comment within an expression is no part of a heading")
  func comments() {
    #expect(Escape.statement("(w*2 # </script>\n  + b) # end") == "(w*2 + b)")
    #expect(Escape.statement("w \\\n  + b") == "w + b")
  }

  // MARK: Names that mean harm

  static let harmful = "\"]; x [label=<script>&amp;\\N'|`$*_{}\u{1b}[31m\u{202e}\n"

  static var hostile: Example {
    var example = Example(name: "hostile") { trace in
      let input = trace.input(harmful, 2)
      _ = trace.operation(harmful + "2", "mul", "a*a", [input, input], 4, [("a", 2), ("a", 2)])
    }
    example.trace.nodes[1].text = Template(pieces: [.text(Array((harmful + "--> ]]>").utf8))])
    return example
  }

  @Test("No name breaks out of its label")
  func dot() throws {
    let text = try Self.text(Self.hostile, .dot)
    #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
    // Outside labels and strings only the words that are always there.
    var outside = ""
    var isString = false
    var depth = 0
    var isEscaped = false
    for character in text {
      if isEscaped {
        isEscaped = false
      } else if isString {
        if character == "\\" { isEscaped = true }
        if character == "\"" { isString = false }
      } else if character == "\"", depth == 0 {
        isString = true
      } else if character == "<" {
        depth += 1
      } else if character == ">", depth > 0 {
        depth -= 1
      } else if depth == 0 {
        outside.append(character)
      }
    }
    #expect(!isString && depth == 0)
    #expect(!outside.contains("x [label") && !outside.contains("amp;"))
    #expect(outside.filter { $0 == "[" }.count == outside.filter { $0 == "]" }.count)
  }

  @Test("Nothing in Markdown ends a cell, a formula or a comment")
  func markdown() throws {
    let document = try Self.text(Self.hostile, .markdown)
    // Code means nothing but itself.
    let text = document.replacing(/(`+)[^`][\s\S]*?[^`]\1(?!`)/, with: "")
    #expect(!text.contains("<script"))
    #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
    for row in text.split(separator: "\n") where row.hasPrefix("| $") {
      #expect(row.filter { $0 == "|" }.count <= 4, "\(row)")
    }
  }

  // MARK: Mathematics in Markdown

  @Test(
    "Mathematics keeps its meaning without the signs of Markdown",
    arguments: [
      ("a_{1} \\cdot b_{1}", "a _{1} \\cdot b _{1}"),
      ("\\left|x\\right|", "\\left\\vert x\\right\\vert "),
      ("\\left\\| W \\right\\|", "\\left\\Vert W \\right\\Vert "),
      ("1 & 2 \\\\ 3 & 4", "1 & 2 \\cr 3 & 4"), ("2 \\, x", "2 \\thinspace x"),
      ("\\operatorname{softplus}", "\\mathrm{softplus}"), ("a < b > c", "a \\lt b \\gt c"),
      ("\\left[1\\right](2)", "\\left[1\\right] (2)"), ("[1](2)", "[1] (2)"),
      ("\\text{at \\(0\\)}", "\\text{at 0}"), ("x*y", "x\\ast y"),
    ])
  func mathematics(_ latex: String, _ expected: String) {
    #expect(MarkdownMath.safe(latex) == expected)
  }

  @Test("Code is fenced by more accents than it holds")
  func code() {
    #expect(Markdown.code("a*b") == "`a*b`")
    #expect(Markdown.code("a `b` ``c``") == "``` a `b` ``c`` ```")
    #expect(Markdown.block("x ```` y").hasPrefix("`````text\n"))
    #expect(Markdown.escaped("v_1 < |x| *y*") == "v\\_1 \\< \\|x\\| \\*y\\*")
  }

  // MARK: After Graphviz

  /// Puts the mark into what Graphviz might have drawn.
  static func finish(_ drawing: String, _ form: DocumentRequest.Form) -> ByteBuffer {
    var recording = Recording()
    Self.hostile.run(&recording)
    return Drawing.finish(
      ByteBuffer(drawing), recording, DocumentRequest(file: "a.svg", form: form))
  }

  @Test("An SVG gets a title and a description, and loses its document type")
  func svg() {
    let drawn = """
      <?xml version="1.0"?>
      <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">
      <svg width="8pt" viewBox="0 0 8 8" xmlns="http://www.w3.org/2000/svg"><g/></svg>
      """
    let text = Self.finish(drawn, .svg).string
    #expect(!text.contains("DOCTYPE"))
    #expect(text.hasSuffix("<g/></svg>"))
    #expect(text.contains("viewBox=\"0 0 8 8\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\""))
    #expect(text.contains("<title id=\"title\">Computation graph of &quot;]; x [label"))
    #expect(text.contains("1 operation."))
    #expect(!text.contains("<script"))
    // What is no SVG stays as it is.
    #expect(Self.finish("nothing", .svg).string == "nothing")
  }

  @Test("A PNG gets a chunk of text with its checksum")
  func png() {
    let head = "PNG" + String(repeating: "h", count: 29)
    var drawing = ByteBuffer()
    drawing.append(byte: 0x89)
    drawing.append(head)
    drawing.append("rest")
    var recording = Recording()
    Example.neuron.run(&recording)
    let marked = Drawing.finish(drawing, recording, DocumentRequest(file: "a.png", form: .png))
    // zlib.crc32(b"tEXtComment\0Made by Backstep") is 0x33913360.
    var expected = ByteBuffer()
    expected.append(byte: 0x89)
    expected.append(head)
    expected.append([0, 0, 0, 24])
    expected.append("tEXtComment\u{0}Made by Backstep")
    expected.append([0x33, 0x91, 0x33, 0x60])
    expected.append("rest")
    #expect(marked == expected)
    #expect(Self.finish("short", .png).string == "short")
  }

  @Test("A PDF gets a comment behind its end, within what is looked at")
  func pdf() {
    let text = Self.finish("%PDF-1.7\n%%EOF\n", .pdf).string
    #expect(text == "%PDF-1.7\n%%EOF\n% Made by Backstep\n")
    #expect(Documents.mark.utf8.count + 3 <= Drawing.tailCount)
  }
}
