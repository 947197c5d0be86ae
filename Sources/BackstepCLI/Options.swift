// The command line: what there is to say there, described once.

import BackstepRender
import BackstepTerminal

/// What the command line asked for.
struct Options {
  /// Where statements come from.
  enum Source: Equatable {
    case file(String)
    case standardInput
    case text(String)
  }

  var sources: [Source] = []
  var entersPrompt = false
  var json = false
  var digits = 6
  var ascii = false
  var color = ColorChoice.auto
  var theme = ThemeName.standard
  var width: Int?
  var keepsGoing = false
  var quiet = false
  var readsInit = true
  var sandbox = false
  var showsHelp = false
  var showsVersion = false

  /// What is wrong with a command line.
  struct Misuse: Error, Equatable {
    var message: String
  }

  /// One option: how it is written, what it is for, what it does.
  private struct Option: Sendable {
    var names: [String]
    var operand: String?
    var summary: String
    var apply: @Sendable (inout Options, String) throws(Misuse) -> Void
  }

  private static let all: [Option] = [
    Option(
      names: ["-e"], operand: "TEXT", summary: "run TEXT; may be repeated, and mixed with files"
    ) {
      $0.sources.append(.text($1))
    },
    Option(names: ["-i"], operand: nil, summary: "after that, the prompt with the same session") {
      options, _ in options.entersPrompt = true
    },
    Option(names: ["--json"], operand: nil, summary: "every result as JSON Lines") {
      options, _ in options.json = true
    },
    Option(names: ["--digits"], operand: "N", summary: "significant digits, 1 to 17 (6)") {
      options, value throws(Misuse) in
      options.digits = try number(value, 1...17, "--digits")
    },
    Option(names: ["--ascii"], operand: nil, summary: "ASCII only: dL/dw instead of ∂L/∂w") {
      options, _ in options.ascii = true
    },
    Option(names: ["--color"], operand: "WHEN", summary: "auto, always or never (auto)") {
      options, value throws(Misuse) in
      guard let choice = ColorChoice(rawValue: value) else {
        throw Misuse(message: "--color takes auto, always or never, not '\(value)'")
      }
      options.color = choice
    },
    Option(
      names: ["--theme"], operand: "NAME", summary: "standard, light, dark or high-contrast"
    ) {
      options, value throws(Misuse) in
      guard let theme = ThemeName(rawValue: value) else {
        throw Misuse(
          message: "--theme takes standard, light, dark or high-contrast, not '\(value)'")
      }
      options.theme = theme
    },
    Option(
      names: ["--width"], operand: "N",
      summary: "columns to fill, 40 to 1000 (the terminal's, else 80)"
    ) {
      options, value throws(Misuse) in
      options.width = try number(value, 40...1000, "--width")
    },
    Option(
      names: ["-k", "--keep-going"], operand: nil, summary: "go on after a statement that fails"
    ) {
      options, _ in options.keepsGoing = true
    },
    Option(
      names: ["-q", "--quiet"], operand: nil,
      summary: "no greeting, and no line for what merely succeeds"
    ) {
      options, _ in options.quiet = true
    },
    Option(names: ["--no-init"], operand: nil, summary: "read neither init.grad nor .editrc") {
      options, _ in options.readsInit = false
    },
    Option(names: ["--sandbox"], operand: nil, summary: "no loading and no writing of files") {
      // The start-up file may write, and is loaded.
      options, _ in (options.sandbox, options.readsInit) = (true, false)
    },
    Option(names: ["-h", "--help"], operand: nil, summary: "this") {
      options, _ in options.showsHelp = true
    },
    Option(names: ["-V", "--version"], operand: nil, summary: "the version") {
      options, _ in options.showsVersion = true
    },
  ]

  private static func number(_ text: String, _ range: ClosedRange<Int>, _ option: String)
    throws(Misuse) -> Int
  {
    guard let number = Int(text), range.contains(number) else {
      throw Misuse(
        message: "\(option) takes a whole number from \(range.lowerBound) to "
          + "\(range.upperBound), not '\(text)'")
    }
    return number
  }

  /// Reads the words of a command line.
  ///
  /// **Errors** a ``Misuse`` in a sentence.
  init(_ words: [String]) throws(Misuse) {
    var rest = words[...]
    var onlyFiles = false
    while let word = rest.popFirst() {
      if onlyFiles || !word.hasPrefix("-") {
        sources.append(.file(word))
      } else if word == "-" {
        sources.append(.standardInput)
      } else if word == "--" {
        onlyFiles = true
      } else {
        try take(word, &rest)
      }
    }
  }

  private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(Misuse) {
    var name = word
    var value: String?
    if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
      name = String(word[..<equals])
      value = String(word[word.index(after: equals)...])
    }
    guard let option = Options.all.first(where: { $0.names.contains(name) }) else {
      if !word.hasPrefix("--"), word.count > 2 { return try takeCluster(word, &rest) }
      throw Misuse(message: "there is no option '\(name)'")
    }
    if option.operand == nil {
      guard value == nil else { throw Misuse(message: "\(name) takes no value") }
      try option.apply(&self, "")
    } else {
      guard let text = value ?? rest.popFirst() else {
        throw Misuse(message: "\(name) needs a value: \(name) \(option.operand ?? "")")
      }
      try option.apply(&self, text)
    }
  }

  /// Short options written together, as in `-kq`.
  private mutating func takeCluster(_ word: String, _ rest: inout ArraySlice<String>)
    throws(Misuse)
  {
    for letter in word.dropFirst() {
      let name = "-\(letter)"
      guard let option = Options.all.first(where: { $0.names.contains(name) }),
        option.operand == nil
      else { throw Misuse(message: "there is no option '\(word)'") }
      try option.apply(&self, "")
    }
  }

  /// What `--help` prints.
  static var usage: String {
    var text = """
      Backstep shows backpropagation step by step.

      backstep [OPTION…] [FILE…]     runs scripts; at a terminal without FILE, the prompt
      backstep -e 'w = 3; L = w^2'   runs the text


      """
    let heads = all.map { option in
      option.names.joined(separator: ", ") + (option.operand.map { " \($0)" } ?? "")
    }
    let width = heads.map(\.count).max() ?? 0
    for (head, option) in zip(heads, all) {
      text += "  \(head)\(String(repeating: " ", count: width - head.count + 2))\(option.summary)\n"
    }
    return text + "\nExit status: 0 done, 1 a statement failed, 2 wrong usage, 130 interrupted.\n"
  }
}
