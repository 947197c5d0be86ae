// The words that mutations draw from: the language's own tables, and what tends to go wrong.

import BackstepTrace

@testable import Backstep
@testable import BackstepLanguage

enum Vocabulary {
  static let functions = OperationTable.names + Constructor.all.map(\.name)
  static let clauses = Command.all.flatMap { $0.form.clauses }
  static let words =
    Command.all.flatMap(\.names) + functions + clauses.map(\.name)
    + ["const", "grad", "pi", "e", "adjoint", "value", "node", "and", "or", "not"]
  static let wordSet = Set(words)
  static let names = [
    "x", "y", "w", "b", "L", "z", "W", "f", "g", "h", "dx", "σ", "ŷ", "x₁", "_", "𝛽",
  ]
  static let topics = Help.words
  static let mistakes = Mistake.allCases.map(\.rawValue)
  static let operators = [
    "+", "-", "*", "/", "^", "@", "**", "<", ">", "<=", ">=", "==", "!=", ".*",
  ]
  static let signs = [
    "(", ")", "[", "]", ",", ";", ":", ":=", "=", "'", "\"", "\\\n", "\n", "\r\n", "#", "...", ".",
    "\t", " ", "!", "?", "|", "{", "}", "\0", "\u{1B}[31m", "\u{202E}", "\u{85}", "\u{FEFF}",
    "\u{2028}", "\u{2066}", "א", "−",
    "·", "²", "∂", "√", "𝑥", "e\u{301}",
  ]
  static let numbers = [
    "0", "1", "-1", "2", "0.5", "-0.5", "1e-300", "1e300", "1e308", "5e-324", "-0.0", "1e18",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "9007199254740993",
    "4294967296", "2147483648", "100", "1000", "0.1",
    "1e999", "1.5e-8", "3.0000000000000004", "(0/0)", "(1/0)", "65536", "17", "41", "1_000", "1.",
    ".5", "1e", "0x10",
  ]
  static let files = [
    "a.dot", "a.md", "a.json", "a.html", "a.tex", "a.py", "a.grad", "a.svg", "-", "-.md", "a",
    "\"a b.grad\"", "input.grad", "lesson.grad", "1", "lesson-1", "/dev/null", "a.txt", "",
  ]
  static let settings = [
    "digits", "1", "3", "17", "width", "40", "57", "1000", "auto", "ascii", "on", "off", "theme",
    "light", "dark", "high-contrast", "standard", "level", "operation", "statement", "layer",
    "format", "json", "text", "color", "always",
  ]
  static let clauseWords =
    [
      "torch", "jax", "numpy", "0", "1", "3", "99999999999999999999", "lesson", "values",
      "adjoints",
    ]
    + settings
  static let answers = [
    "hint", "skip", "quit", "stop", "?", "why", "1/2", "x", "-", "", "# no", "w*x",
  ]
}
