// help: a map, and a page for every command, function and topic.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let help = Command(
    names: ["help"], usage: "help [WORD]", summary: "explains a command, a function or a topic",
    details: """
      Without a word it is the map: what to type first, and what there is. Several words are one \
      question, as in help chain rule; there is an answer where any of them has one.
      """,
    example: "help sqrt", form: .words, completes: .topics, seeAlso: ["commands", "language"]
  ) { session, call, host throws(Diagnostic) in
    guard let first = call.words.first, let last = call.words.last else {
      host.show(page: Help.map)
      return
    }
    let words = call.words.map(\.text)
    guard let topic = Help.topic(of: words) else {
      let text = words.joined(separator: " ")
      throw Diagnostic(
        .unknownTopic(text, nearest: nearest(to: text, among: Help.words)),
        SourceRange(first.range.start, last.range.end))
    }
    if topic == "why" {
      host.show(page: session.whyPage(host))
    } else if let page = Help.page(on: topic) {
      host.show(page: page)
    }
  }
}

/// The pages of `help`, made from the lists of commands and operations.
enum Help {
  /// What one does with the commands, in the order in which one comes to need them.
  private static let chapters: [(purpose: String, commands: [String])] = [
    ("see how", ["trace", "forward", "backward", "grad", "step", "jacobian", "hessian"]),
    ("draw", ["graph", "plot", "export"]),
    ("ask why", ["why", "derive", "paths", "tangent", "compare"]),
    ("test", ["check", "expect"]),
    ("practise", ["lesson", "quiz", "mistake"]),
    ("keep", ["show", "delete", "undo", "redo", "reset", "save", "load", "set", "quit"]),
  ]

  /// The overview; with 80 columns it fits on a screen of 24 lines.
  static var map: Page {
    let known = Set(Command.all.map(\.names[0]))
    let named = Set(chapters.flatMap(\.commands) + ["help"])
    let others = Command.all.map(\.names[0]).filter { !named.contains($0) }
    let rows = chapters.compactMap { purpose, commands in
      let there = commands.filter(known.contains)
      return there.isEmpty ? nil : Page.Row(purpose, there.joined(separator: ", "))
    }
    return Page(
      command: "help",
      [
        .text("Type formulas, then ask how their derivatives come about. To begin with:"),
        .code("w = 0.5; x = 2; const y = 1\na = sigmoid(w*x); L = bce(a, y)\ntrace L"),
        .heading("Then"),
        .rows(rows + (others.isEmpty ? [] : [.init("also", others.joined(separator: ", "))])),
        .heading("Statements"),
        .rows([
          .init("w = 0.5", "an input; const y = 1 is data, without a derivative"),
          .init("a = sigmoid(w*x)", "a formula; it holds from now on, whatever changes"),
          .init("w := w - 0.1*dL/dw", "computes now, and stores the value"),
          .init("a*(1 - a)", "prints a value; dL/dw is a derivative's"),
        ]),
        .text(""),
        .text(
          "help trace explains a command or a function, with an example that is run; help commands "
            + "lists them. Also: "
            + topics.map(\.name).filter { $0 != "commands" }.map { "help \($0)" }
            .joined(separator: ", ") + "."),
      ])
  }

  /// Every word there is a page on.
  static var words: [String] {
    Command.all.flatMap(\.names) + OperationTable.names + Constructor.all.map(\.name)
      + topics.map(\.name) + Array(aliases.keys)
  }

  /// The word of a question that there is a page on: all words together if they are one, else the first
  /// that is; nil where there is none.
  static func topic(of words: [String]) -> String? {
    // A long question is no topic, and need not be put together in every way.
    let lower = words.prefix(8).map { $0.lowercased() }
    for separator in ["-", "", "_"] {
      let whole = lower.joined(separator: separator)
      if page(on: whole) != nil { return whole }
    }
    if words.count > 2 {
      for start in 0..<lower.count - 1 {
        let pair = lower[start] + "-" + lower[start + 1]
        if page(on: pair) != nil { return pair }
      }
    }
    // What was typed goes before what it would be in small letters: A and a differ in formulas.
    return (words.prefix(8) + lower).first { !idle.contains($0) && page(on: $0) != nil }
  }

  /// Words of questions that say nothing about what is asked, though some are topics.
  private static let idle: Set<String> = [
    "a", "an", "and", "are", "do", "does", "for", "how", "i", "in", "is", "me", "of", "on", "show",
    "the", "to", "what",
  ]

  /// Words that one looks up, and the page that explains them.
  private static let aliases: [String: String] = {
    let lists = [
      "words": [
        "tape", "node", "operand", "value", "derivative", "partial", "adjoint", "slot", "+=",
        "contribution", "fan-out", "fanout", "chain", "gradient", "backprop", "backpropagation",
        "chain-rule", "local-derivative", "adjoint-slot", "seed-1", "gradients", "derivatives",
      ],
      "tangent": ["forward-mode", "jvp", "dual-numbers"],
      "backward": ["reverse-mode", "backward-pass", "reverse", "vjp"],
      "forward": ["forward-pass"],
      "check": ["gradient-check", "finite-differences", "numerical-gradient"],
      "paths": ["sum-of-paths"],
      "graph": ["computation-graph", "computational-graph"],
      "lesson": [
        "gradient-descent", "vanishing-gradients", "vanishing-gradient", "learning-rate", "lessons",
      ],
      "language": [
        "const", ":=", "@", "matmul", "'", "π", "matrix-product", "syntax", "vector", "matrix",
      ],
      "commands": ["wrt"],
      "set": ["settings", "theme", "width", "digits", "level", "color", "ascii"],
      "mistake": Mistake.allCases.map(\.rawValue),
      "quiz": ["hint"],
    ]
    var aliases: [String: String] = [:]
    for (page, words) in lists {
      for word in words { aliases[word] = page }
    }
    return aliases
  }()

  /// The page on a word.
  static func page(on word: String) -> Page? {
    if let topic = topics.first(where: { $0.name == word }) { return topic.page }
    if let command = Command.named(word) { return page(command) }
    if let constructor = Constructor.named(word) { return page(constructor) }
    if let entry = OperationTable.named(word)?.entry { return page(entry) }
    return aliases[word].flatMap { page(on: $0) }
  }

  // MARK: Made from the lists

  private static func page(_ command: Command) -> Page {
    var blocks: [Page.Block] = [
      .heading(command.usage), .text(sentence(command.summary)), .text(command.details),
    ]
    if let example = command.example { blocks.append(.example(example)) }
    if let sample = command.sample { blocks.append(.code(sample)) }
    if !command.seeAlso.isEmpty {
      if command.sample != nil { blocks.append(.text("")) }
      blocks.append(.text("See also: " + command.seeAlso.joined(separator: ", ")))
    }
    return Page(command: "help", blocks)
  }

  private static func page(_ entry: OperationEntry) -> Page {
    let name = entry.names.first ?? entry.label
    var blocks: [Page.Block] = [.heading(entry.call(name)), .text(sentence(entry.summary))]
    var rows: [Page.Row] = []
    if entry.names.count > 1 {
      rows.append(.init("also", entry.names.dropFirst().joined(separator: ", ")))
    }
    if let formula = entry.formula { rows.append(.init("value", formula)) }
    for (operand, formula) in zip(entry.operands, entry.partialFormulas) {
      let shown = formula.replacing("out", with: name)
      rows.append(
        .init(
          "∂\(name)/∂\(operand.name)",
          formula.contains("out") ? "\(formula), where out is the value" : shown))
    }
    for operand in entry.operands where operand.domain != .real {
      rows.append(.init("domain", "\(operand.name) \(words(operand.domain))"))
    }
    blocks.append(.rows(rows))
    if !entry.notes.isEmpty { blocks.append(.text(entry.notes)) }
    blocks.append(.example(entry.example ?? example(entry, name)))
    if !entry.seeAlso.isEmpty {
      blocks.append(.text("See also: " + entry.seeAlso.joined(separator: ", ")))
    }
    return Page(command: "help", blocks)
  }

  private static func page(_ constructor: Constructor) -> Page {
    var blocks: [Page.Block] = [.heading(constructor.usage), .text(sentence(constructor.summary))]
    if !constructor.notes.isEmpty { blocks.append(.text(constructor.notes)) }
    blocks.append(.example(constructor.example))
    blocks.append(.text("See also: " + constructor.seeAlso.joined(separator: ", ")))
    return Page(command: "help", blocks)
  }

  /// Statements that use the function at its first sample point and show its derivatives.
  static func example(_ entry: OperationEntry, _ name: String) -> String {
    let point =
      entry.samples.first { $0.allSatisfy { $0.isFinite && $0 != 0 } } ?? entry.samples.first ?? []
    let inputs = zip(entry.operands, point).map { "\($0.name) = \(shortest($1))" }
    let operands = entry.operands.map(\.name).joined(separator: ", ")
    return inputs.joined(separator: "; ") + "\nf = \(name)(\(operands))\ntrace f"
  }

  private static func shortest(_ number: Double) -> String {
    var buffer = ByteBuffer()
    buffer.appendShortest(number)
    return buffer.string
  }

  /// A summary as a sentence; a formula or a variable at its beginning stays as it is.
  private static func sentence(_ text: String) -> String {
    let first = text.prefix { $0 != " " && $0 != "," && $0 != ":" }
    let isWord = first.count > 1 && first.allSatisfy(\.isLetter)
    return (isWord ? text.prefix(1).uppercased() + text.dropFirst() : text)
      + (text.hasSuffix(".") ? "" : ".")
  }

  private static func words(_ domain: Domain) -> String {
    var parts: [String] = []
    if domain.lower.isFinite {
      parts.append("\(domain.includesLower ? "from" : "above") \(shortest(domain.lower))")
    }
    if domain.upper.isFinite {
      parts.append("\(domain.includesUpper ? "to" : "below") \(shortest(domain.upper))")
    }
    return parts.joined(separator: " ")
  }

  // MARK: Topics

  /// What the words mean, in the order of a trace.
  private static let glossary: [Page.Block] = [
    .heading("Words"),
    .rows([
      .init("node", "an input or an operation; what was computed has a name or is v1, v2, …"),
      .init("operand", "what an operation computes with: w and x in w*x"),
      .init("value", "what a node came to in the forward pass"),
      .init("tape", "the list of operations in the order in which they ran"),
      .init(
        "local derivative",
        "how much a node moves when one operand moves and the others stay: ∂a/∂z"),
      .init("adjoint", "how much the output moves when a node moves: ∂L/∂z"),
      .init("adjoint slot", "where the adjoint of a node is added up; 0 at first"),
      .init("seed 1", "what is written into the slot of the output, for ∂L/∂L = 1"),
      .init("contribution", "what a node sends to an operand: its adjoint × the local derivative"),
      .init("+=", "how a contribution comes into a slot: it is added to what is there"),
      .init("fan-out", "a value that is used more than once; each use sends a contribution"),
      .init("gradient", "the adjoints of all inputs"),
      .init("chain rule", "∂L/∂u = ∂L/∂v · ∂v/∂u, a sum of such products at a fan-out"),
      .init("tangent", "in forward mode, how much a node moves when one input moves: dz/dw"),
    ]),
    .text("In numbers:"),
    .example("x = 3; y = x*x + x\nbackward y"),
    .text("See also: backward, tangent, lesson, why"),
  ]

  private struct Topic {
    var name: String
    var page: Page

    init(_ name: String, _ blocks: [Page.Block]) {
      self.name = name
      page = Page(command: "help", blocks)
    }
  }

  private static var topics: [Topic] {
    [
      Topic(
        "commands",
        [
          .text(
            "E is an expression; left out, it is the formula defined last. What stands in brackets "
              + "can be left out. wrt means with respect to."),
          .heading("Commands"), .rows(Command.all.map { .init($0.usage, $0.summary) }),
          .example("x = 3; y = x^2\ntrace y"),
          .text("See also: help, functions, language, keys"),
        ]),
      Topic(
        "functions",
        Family.allCases.flatMap { family -> [Page.Block] in
          let entries = OperationTable.entries.compactMap(\.self).filter {
            $0.family == family && !$0.names.isEmpty
          }
          guard !entries.isEmpty else { return [] }
          let rows = entries.map { entry in
            Page.Row(entry.call(entry.names[0]), entry.summary)
          }
          return [.heading(family.rawValue), .rows(rows)]
        } + [
          .heading("Made from sizes"),
          .rows(Constructor.all.map { Page.Row($0.usage, $0.summary) }),
          .example("z = 0.5; a = sigmoid(z)\nforward a"),
          .text("See also: language, commands, sigmoid, matmul"),
        ]),
      Topic(
        "language",
        [
          .heading("Formulas"),
          .rows([
            .init("1  .5  2e-3", "numbers"),
            .init("w1  ŷ  w₁  θ", "names: a letter or _, then letters, digits, _"),
            .init("x^y  x**y", "power; -x^2 is -(x^2)"),
            .init("*  /  (· × ÷)", "product and quotient; 2x is written 2*x"),
            .init("+  -", "sum and difference"),
            .init("<  <=  >  >=  ==  !=", "comparisons, 1 or 0"),
            .init("where(c, a, b)", "a where c is not 0, else b"),
            .init("[1, 2]  [[1, 2], [3, 4]]", "a vector; a matrix, row by row"),
            .init("A @ x  x'  A.T", "matrix product; transpose"),
            .init("a[2]  A[1, :]  a[2:3]", "entry, row, part; indices begin at 1"),
            .init("dL/dw  ∂L/∂w  grad(L, w)", "a derivative's value"),
            .init("pi (π)  e  inf", "numbers with a name"),
          ]),
          .heading("Statements"),
          .rows([
            .init("w = 0.5", "an input: a number that one asks a derivative for"),
            .init("const y = 1", "data: an input without a derivative"),
            .init("a = sigmoid(w*x)", "a formula"),
            .init("f(x) = x^2 + 1", "a function, written out where it is called"),
            .init("w := w - 0.1*dL/dw", "computes now, and stores the value"),
          ]),
          .text(
            "Statements end with a new line or ';'. A new line inside brackets, or after '\\', "
              + "does not end one. '#' begins a comment."),
          .text(
            "Definitions are equations, as in a spreadsheet: they may come in any order, and "
              + "redefining a name changes everything that depends on it. To update a value from "
              + "itself, write ':=', as in w := w - 0.1*dL/dw."),
          .example("w = 2; L = (w - 1)^2\nw := w - 0.1*dL/dw\nL"),
          .text("See also: functions, commands, words"),
        ]),
      Topic("words", glossary),
      Topic("why", why + whyWithoutGraph + whyCommand),
      Topic(
        "keys",
        [
          .heading("At the prompt"),
          .rows([
            .init("Tab", "completes commands, functions, names, settings and files"),
            .init("\\sigma Tab", "σ; likewise \\theta, \\partial, \\cdot and so on"),
            .init("Ctrl-R", "searches what was typed before"),
            .init("Ctrl-C", "drops the line, or stops what is running"),
            .init("Ctrl-D", "leaves"),
          ]),
          .text("Emacs and vi keys work as your ~/.editrc says."),
          .heading("In step"),
          .rows([
            .init("Enter or →, ←", "the next calculation, the one before"),
            .init("b, f", "to the next backward step, to the next fan-out"),
            .init("/ NAME Enter", "to a node; n to the next step about it"),
            .init("12 G", "to step 12"),
            .init("w, then 1, 2, …", "why the number is what it is, factor by factor"),
            .init("g, ?, q", "the graph on or off, all keys, leave"),
          ]),
          .code("x = 3; y = x*x + x\nstep y"),
          .text("See also: step, set, commands"),
        ]),
    ]
  }
}
