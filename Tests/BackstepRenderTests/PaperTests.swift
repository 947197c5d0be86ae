// Papers, scripts, worksheets and lessons made of traces that were put together by hand.

import BackstepTrace
import Testing

@testable import BackstepRender

/// A document that is made of a trace, with its golden file's ending.
enum Paper: String, CaseIterable {
  case tex, torch, jax, numpy, sheetTeX, sheetPage, lesson

  var request: DocumentRequest {
    var request: DocumentRequest
    switch self {
    case .tex, .sheetTeX: request = DocumentRequest(file: "-", form: .tex)
    case .torch, .jax, .numpy:
      request = DocumentRequest(file: "-", form: .python)
      request.framework = rawValue
    case .sheetPage: request = DocumentRequest(file: "-", form: .html)
    case .lesson:
      request = DocumentRequest(file: "-", form: .grad)
      request.isLesson = true
    }
    request.worksheet = self == .sheetTeX || self == .sheetPage
    return request
  }

  var ending: String {
    switch self {
    case .tex: "paper.tex"
    case .torch, .jax, .numpy: "\(rawValue).py"
    case .sheetTeX: "sheet.tex"
    case .sheetPage: "sheet.html"
    case .lesson: "lesson.grad"
    }
  }
}

@Suite("Papers")
struct PaperTests {
  static let examples: [Example] = [.neuron, .shared, .unicode, .notFinite, .tensors]

  /// The files that an export makes.
  static func files(
    _ example: Example, _ request: DocumentRequest, definitions: [String] = []
  ) throws -> [String] {
    var recording = Recording()
    example.run(&recording)
    let source = DocumentSource(
      definitions: definitions.map { .init(name: "w", kind: .input, text: $0) },
      expression: example.trace.rootText)
    return try Documents.render(recording, request, source).map(\.text.string)
  }

  @Test("Papers are as in their files", arguments: examples, Paper.allCases)
  func golden(_ example: Example, _ paper: Paper) throws {
    let files = try Self.files(example, paper.request, definitions: ["w = 0.5  # start"])
    try expectGolden(files[0], "\(example.name).\(paper.ending)")
    #expect(files[0].prefix(600).contains(Documents.mark))
  }

  // MARK: Worksheets

  @Test("A worksheet has as many blanks as it leaves results out, and none of their numbers")
  func fading() throws {
    var recording = Recording()
    Example.neuron.run(&recording)
    let trace = try #require(TraceDigest(recording))
    let whole = WorkedTrace(trace)
    // Six operations; ten products come back, and none is added up: no node is used twice.
    #expect(whole.results == 6 + 10)
    #expect(whole.backwardResults == 10)
    for fade in [0, 1, 5, 10, 13, 16, 99] {
      let sheet = WorkedTrace(trace, fade: fade, isBlank: true)
      #expect(sheet.blanks == min(fade, 16))
      let text = LaTeXDocument(sheet, title: "Sheet", format: NumberFormat()).text().string
      let blanks = text.components(of: "\\underline{")
      // What is left blank is blank again in the gradient.
      let repeated = trace.gradients.count { !sheet.showsAdjoint(of: $0.node) }
      #expect(blanks == min(fade, 16) + repeated)
    }
    let all = WorkedTrace(trace, isBlank: true)
    #expect(all.blanks == 10)
    // -2 · 0.25 = -0.5 is the adjoint of everything up to the weights.
    for form in [DocumentRequest.Form.html, .tex] {
      var request = DocumentRequest(file: "-", form: form)
      request.worksheet = true
      let files = try Self.files(.neuron, request)
      #expect(files.count == 2)
      #expect(!files[0].contains("0.25"))
      #expect(files[1].contains("0.25"))
      #expect(files[1].contains("Answers"))
    }
  }

  // MARK: Names

  @Test(
    "Names as on paper",
    arguments: [
      ("w", "w"), ("w1", "w_{1}"), ("w₁", "w_{1}"), ("w_1", "w_{1}"), ("v12", "v_{12}"),
      ("ŷ", "\\hat{y}"), ("y\u{302}", "\\hat{y}"), ("ŷ₂", "\\hat{y}_{2}"), ("θ", "\\theta"),
      ("theta", "\\theta"), ("Ω3", "\\Omega_{3}"), ("ĩ", "\\tilde{\\imath}"),
      ("loss", "\\mathit{loss}"), ("w_in", "w_{\\mathrm{in}}"), ("W_i_j", "W_{i,j}"),
      ("rate_2", "\\mathit{rate}_{2}"), ("_x", "\\mathtt{\\_x}"), ("_1", "\\mathtt{\\_1}"),
      ("张", "\\mathtt{U{+}5F20}"),
    ])
  func names(_ name: String, _ latex: String) {
    #expect(TeXName.pretty(name).latex == latex)
  }

  @Test("Names that would look the same are told apart")
  func sameNames() {
    var trace = HandMade()
    let names = ["w1", "w_1", "w₁", "theta", "θ", "w1"]
    for name in names { _ = trace.input(name, 1) }
    let latex = TeXNames(trace, NumberFormat())
    let found = names.indices.map { latex[$0].latex }
    #expect(
      found == [
        "w_{1}", "\\mathtt{w\\_1}", "\\mathtt{wU{+}2081}", "\\theta", "\\mathtt{U{+}3B8}", "w_{1}",
      ])
    let long = String(repeating: "x", count: 4000)
    #expect(TeXName.pretty(long).latex.utf8.count < 60)
    #expect(TeXName.pretty(long).latex != TeXName.pretty(long + "x").latex)
  }

  @Test(
    "Names that Python takes",
    arguments: [
      ("w", "w"), ("w₁", "w1"), ("ŷ", "ŷ"), ("y\u{302}", "y_hat"), ("θ", "θ"), ("重み", "重み"),
      ("ﬁ", "_ufb01"), ("1a", "_1a"), ("ſ", "_u17f"), ("x\u{301}", "x_u301"),
    ])
  func identifiers(_ name: String, _ identifier: String) {
    #expect(PythonNames.identifier(name) == identifier)
  }

  @Test("Names that Python has already are avoided, and all are different")
  func takenNames() throws {
    let example = Example(name: "taken") { trace in
      for name in ["lambda", "in", "np", "w1", "w₁", "w1_", "print"] { _ = trace.input(name, 1) }
    }
    var recording = Recording()
    example.run(&recording)
    let names = PythonNames(try #require(TraceDigest(recording)), reserved: ["np"])
    #expect(
      (0..<7).map { names[$0] } == ["lambda_", "in_", "np_", "w1", "w1_", "w1__2", "print_"])
  }

  // MARK: Formulas

  private static let operands = ["a", "b", "c"]

  private static func latex(_ formula: String, tensors: Set<Int> = []) -> String? {
    let template = Template(formula, operands: operands)
    let notation = TeXNotation { gap in
      guard case .operand(let slot) = gap else { return TeX("z", width: 1) }
      var name = TeX(operands[slot], width: 1)
      name.isTensor = tensors.contains(slot)
      return name
    }
    return Formula(template, operands: 3)?.printed(in: notation)?.latex
  }

  @Test(
    "Formulas in LaTeX, with no parentheses but those that are needed",
    arguments: [
      ("a*b*c", "a \\cdot b \\cdot c"), ("a*(b*c)", "a \\cdot b \\cdot c"),
      ("a - (b - c)", "a - (b - c)"), ("(a - b) - c", "a - b - c"),
      ("(a + b)*c", "(a + b) \\cdot c"), ("2*a", "2 \\, a"), ("a*2", "a \\cdot 2"),
      ("a/(b + c)", "\\frac{a}{b + c}"), ("(a/b)^2", "\\left(\\frac{a}{b}\\right)^{2}"),
      ("-a^2", "-a^{2}"), ("(-a)^2", "(-a)^{2}"), ("a^(-0.5)", "a^{-0.5}"),
      ("(a^b)^c", "(a^{b})^{c}"), ("a*(-b)", "a \\cdot (-b)"),
      ("a - -b", "a - (-b)"), ("sqrt(a + 1)", "\\sqrt{a + 1}"),
      ("out*(1 - out)", "z \\cdot (1 - z)"),
      (
        "where(a > 0, 1, b)",
        "\\begin{cases} 1 & \\text{if } a > 0 \\\\ b & \\text{else} \\end{cases}"
      ), ("(a == b)*c", "\\left[a = b\\right] \\cdot c"), ("a @ b'", "a \\, b^{\\top}"),
      ("a*(b @ c)", "a \\cdot (b \\, c)"), ("a[2, 1:3]", "a_{2,1{:}3}"),
      ("log(a/b)", "\\log\\mathopen{}\\left(\\frac{a}{b}\\right)"),
      ("a[:, 1]", "a_{{:},1}"), ("abs(a)", "\\left|a\\right|"), ("log(a)", "\\log(a)"),
      ("1e-7*a", "1 \\cdot 10^{-7} \\cdot a"),
    ])
  func formulas(_ formula: String, _ latex: String) {
    #expect(Self.latex(formula) == latex)
  }

  @Test("Vectors and matrices are multiplied entry by entry with a sign of its own")
  func entries() {
    #expect(Self.latex("a*b", tensors: [0, 1]) == "a \\odot b")
    #expect(Self.latex("a*b", tensors: [0]) == "a \\cdot b")
    #expect(
      Self.latex("sum(a)*b", tensors: [0, 1]) == "\\operatorname{sum}(a) \\cdot b")
  }

  @Test("Words are no formula")
  func words() {
    #expect(Self.latex("adj at [2], 0 elsewhere") == nil)
    #expect(Self.latex("a; b") == nil)
  }

  @Test("A deep formula is printed without recursion")
  func deep() throws {
    let formula = String(repeating: "-", count: 5_000) + "a"
    let text = try #require(Self.latex(formula))
    #expect(text.hasPrefix("-\\left("))
  }

  @Test(
    "Formulas in Python, counted from 0",
    arguments: [
      ("a*(b*c)", "a*(b*c)"), ("a - (b - c)", "a - (b - c)"), ("a/(b*c)", "a/(b*c)"),
      ("a/b*c", "a/b*c"), ("-a^2", "-a**2"), ("(-a)^2", "(-a)**2"), ("a^b^c", "a**(b**c)"),
      ("(a^b)^c", "(a**b)**c"), ("a^-1", "a**(-1)"), ("sum(a, axis=2)", "np.sum(a, axis=1)"),
      ("a[1, 2:3]", "a[0, 1:3]"), ("a[:, 2]", "a[:, 1]"), ("max(a, b)", "np.maximum(a, b)"),
      ("max(a)", "np.max(a)"), ("reshape(a, 2, 3)", "np.reshape(a, (2, 3))"),
      ("ones(4)", "np.ones((4,))"), ("sigmoid(a)", "sigmoid(a)"), ("a @ b'", "a @ b.T"),
      ("(a == b)/c", "(a == b)/c"), ("exp(-a^2)", "np.exp(-a**2)"),
    ])
  func pythonFormulas(_ formula: String, _ python: String) {
    let template = Template(formula, operands: Self.operands)
    let notation = PythonNotation(
      fill: { gap in
        if case .operand(let slot) = gap { Python(Self.operands[slot]) } else { Python("z") }
      }, helpers: PythonHelperList())
    #expect(Formula(template, operands: 3)?.printed(in: notation)?.text == python)
  }

  // MARK: Texts that mean harm

  static let harmful =
    "\\end{document}\n\\input{/etc/passwd}$%#&_^~\"'`{}\u{1b}[31m\u{202e}\u{2028}import os"

  static let hostile = Example(name: "hostile") { trace in
    let input = trace.input(harmful, 2)
    let other = trace.input("\"\"\"\n</script><script>alert(1)</script>-->", 3)
    _ = trace.operation(
      harmful + "'", "mul", "a*b", [input, other], 6, [("b", 3), ("a", 2)],
      warnings: [.kink])
  }

  @Test("Whatever a name is, it stays a name", arguments: Paper.allCases)
  func hostileNames(_ paper: Paper) throws {
    for text in try Self.files(
      Self.hostile, paper.request, definitions: ["w = (1 +\n#? gotcha\n2)  # \u{1b}[31m"])
    {
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
      #expect(!text.contains("\u{202e}") && !text.contains("\u{2028}"))
      switch paper {
      case .tex, .sheetTeX:
        let commands = text.split(separator: "\n").filter { !$0.hasPrefix("%") }.joined(
          separator: "\n")
        #expect(commands.components(of: "\\end{document}") == 1)
        #expect(!commands.contains("\\input"))
        #expect(commands.components(of: "{") == commands.components(of: "}"))
      case .torch, .jax, .numpy:
        for line in text.split(separator: "\n") {
          #expect(!line.hasPrefix("import os") && !line.hasPrefix("\\"))
        }
      case .sheetPage: #expect(!text.contains("<script") && !text.contains("alert(1)<"))
      case .lesson:
        #expect(!text.contains("\n#? gotcha"))
        #expect(text.contains("\nw = (1 + 2)\n"))
      }
    }
  }
}

extension String {
  /// How often another text occurs in it.
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
