// export: a trace as a document, for other programs and for paper.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let export = Command(
    names: ["export"],
    usage: "export FILE [E] [wrt a, b] [!]",
    summary: "writes the trace to a file, as a drawing, page, text or script",
    details: """
      The ending of the file says what is written. .svg, .png, .pdf and .dot: the graph; Graphviz \
      draws it, but .dot needs none. .html: a page to step through. .tex and .md: a derivation. \
      .json: every event. .py: the same computation for PyTorch, or behind with jax or with numpy \
      for these. .grad: a lesson. \
      The word worksheet leaves the results of a .tex, .md or .html blank, fade n the last n of \
      them; a second file has the answers. as FORM chooses the form whatever the ending: as lesson. \
      The file '-' is standard output: export -.md L. A file that Backstep did not write is \
      replaced only with ! at the end: export L.svg ! says so.
      """,
    sample: "w = 0.5; x = 2; const y = 1\na = sigmoid(w*x); L = bce(a, y)\nexport neuron.html L",
    form: .wordThenExpression(clauses: [
      "wrt", "seed", ClauseForm("with", .word), ClauseForm("worksheet", .nothing),
      ClauseForm("fade", .word), ClauseForm("as", .word), ClauseForm("!", .nothing),
    ]),
    completes: .files, seeAlso: ["trace", "save"]
  ) { session, call, host throws(Diagnostic) in
    try session.export(call, host)
  }
}

extension Session {
  /// The largest graph of which a document is made.
  private static let exportLimit = 200_000

  fileprivate mutating func export(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic)
  {
    var request = try DocumentRequest(call)
    request.reports = isInteractive
    let recording = try record(call, "export", atMost: Self.exportLimit, host)
    let source = try documentSource(call)
    do {
      try host.export(recording, request, source)
    } catch {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      let file = call.words[0].range
      switch error {
      case .file(let message): throw Diagnostic(.file(message), file)
      case .document(let message, let hint):
        throw Diagnostic(.document(message), file, advice: hint)
      case .sandbox: throw Diagnostic(.sandbox("writing files"), file)
      case .unknownSetting, .invalidSetting: throw Diagnostic(.file("export failed"), file)
      }
    }
  }

  /// How the trace was asked for, and the definitions that it depends on.
  private func documentSource(_ call: CommandCall) throws(Diagnostic) -> DocumentSource {
    let target = try target(of: call, "export")
    var names = target.name.map { [$0] } ?? mentions(in: target.syntax)
    for clause in ["wrt", "seed"] {
      for item in call.clause(clause) ?? [] { names += mentions(in: item.syntax) }
    }
    let written = dependencies(of: names).map { definition in
      DocumentSource.Definition(
        name: parser.names.string(definition.name), kind: definition.listingKind,
        text: text(of: definition))
    }
    func texts(_ clause: String) -> [String]? {
      call.clause(clause)?.map { parser.source.string($0.range) }
    }
    return DocumentSource(
      definitions: written, expression: target.text, wrt: texts("wrt"), seed: texts("seed")?.first)
  }

  /// The names that an expression mentions.
  private func mentions(in syntax: SyntaxRange) -> [NameID] {
    (syntax.start..<syntax.end).compactMap { node in
      switch parser.syntax.kinds[node] {
      case .name, .call: parser.syntax.payloads[node]
      default: nil
      }
    }
  }

  /// The definitions of the names and of all that they depend on, in the order they were made in.
  private func dependencies(of names: [NameID]) -> [Definition] {
    var reached = Set(names)
    var stack = names
    while let next = stack.popLast() {
      guard let definition = definitions.definition(of: next), !definition.isValue else { continue }
      for mentioned in mentions(of: definition) where reached.insert(mentioned).inserted {
        stack.append(mentioned)
      }
    }
    return definitions.held.filter { reached.contains($0.name) }
  }
}

extension DocumentRequest {
  /// Reads what was asked for.
  ///
  /// **Errors** A ``Diagnostic`` where there is no such form, or a clause does not go with it.
  fileprivate init(_ call: CommandCall) throws(Diagnostic) {
    try call.expectWords(1...1, "a file name")
    let word = call.words[0]
    if word.text.utf8.contains(0) { throw Diagnostic(.nulByte, word.range) }
    let name = word.text.split(separator: "/").last ?? ""
    let ending = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) }
    let isStandardOutput = word.text == "-" || word.text.hasPrefix("-.")
    var form = ending.flatMap(Form.init(ending:))
    if let asked = call.value(of: "as") {
      form = asked.text == "lesson" ? .grad : Form(ending: asked.text)
      guard form != nil else {
        throw Diagnostic(
          .invalidSetting(
            name: "as", value: asked.text,
            expected: Self.endings.joined(separator: ", ") + " or lesson"), asked.range)
      }
    }
    if form == nil, word.text == "-" { form = .dot }
    guard let form else {
      throw Diagnostic(
        .unknownForm(ending: ending, known: Self.endings.map { ".\($0)" }), word.range,
        advice: name.isEmpty || ending != nil ? nil : "write, for example, export \(name).svg")
    }
    self.init(file: isStandardOutput ? "-" : word.text, form: form)
    isLesson = form == .grad
    overwrites = call.has("!")
    try readFramework(call)
    try readWorksheet(call)
  }

  private static let endings = Form.allCases.map(\.ending)

  private mutating func readFramework(_ call: CommandCall) throws(Diagnostic) {
    guard let word = call.value(of: "with") else { return }
    guard Self.frameworks.contains(word.text) else {
      throw Diagnostic(
        .invalidSetting(name: "with", value: word.text, expected: "torch, jax or numpy"),
        word.range)
    }
    guard form == .python else { throw misfit("with", call, "'with' chooses what a .py is for") }
    framework = word.text
  }

  private mutating func readWorksheet(_ call: CommandCall) throws(Diagnostic) {
    if let word = call.value(of: "fade") {
      guard let count = Int(word.text), count >= 0 else {
        throw Diagnostic(
          .invalidSetting(name: "fade", value: word.text, expected: "a whole number from 0"),
          word.range)
      }
      fade = count
    }
    worksheet = call.has("worksheet") || fade != nil
    guard worksheet else { return }
    guard form == .tex || form == .markdown || form == .html else {
      let clause = call.has("worksheet") ? "worksheet" : "fade"
      throw misfit(clause, call, "worksheets end in .tex, .md or .html")
    }
  }

  /// The mistake that a clause does not go with the form.
  private func misfit(_ clause: String, _ call: CommandCall, _ advice: String) -> Diagnostic {
    let word = call.clauses.first { $0.word.text == clause }?.word.range ?? call.word.range
    return Diagnostic(
      .unexpectedArgument(command: "a .\(form.ending) file", found: "'\(clause)'"), word,
      advice: advice)
  }
}
