// Text, code and mathematics as Markdown.

/// Text from anywhere as Markdown.
enum Markdown {
  /// Text in which no character means anything but itself.
  static func escaped(_ text: String) -> String {
    Escape.map(text) { scalar in
      switch scalar {
      case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "(", ")", "#", "+", "!", "|", "$",
        "~",
        "&":
        "\\\(scalar)"
      case "\n", "\t": " "
      default: Escape.control(scalar)
      }
    }
  }

  /// Text as code within a line.
  static func code(_ text: String) -> String {
    let line = Escape.map(text) { $0 == "\n" || $0 == "\t" ? " " : Escape.control($0) }
    let fence = fence(around: line, least: 1)
    return fence.count > 1 ? "\(fence) \(line) \(fence)" : "\(fence)\(line)\(fence)"
  }

  /// Text as a block of code.
  static func block(_ text: String) -> String {
    let lines = Escape.map(text) { $0 == "\n" || $0 == "\t" ? nil : Escape.control($0) }
    let fence = fence(around: lines, least: 3)
    return "\(fence)text\n\(lines)\n\(fence)"
  }

  /// Grave accents, more of them than there are together anywhere in the text.
  private static func fence(around text: String, least: Int) -> String {
    var longest = 0
    var run = 0
    for scalar in text.unicodeScalars {
      run = scalar == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    return String(repeating: "`", count: max(least, longest + 1))
  }
}

/// Mathematics between dollar signs, written so that Markdown leaves it alone.
///
/// GitHub reads the text between dollar signs as Markdown before it is mathematics: a backslash
/// before a sign is taken away, underscores become emphasis, `|` ends a cell of a table, `<` begins a
/// tag. Jupyter does none of this. So every such sign is written by a word that means the same.
enum MarkdownMath {
  /// Mathematics within a line.
  static func inline(_ latex: String) -> String { "$\(safe(latex))$" }

  /// Mathematics in a paragraph of its own.
  static func display(_ latex: String) -> String { "$$\n\(safe(latex))\n$$" }

  /// The same mathematics without what Markdown would change.
  static func safe(_ latex: String) -> String {
    // GitHub does not allow \operatorname.
    let text = latex.replacing("\\operatorname{", with: "\\mathrm{")
    var result = ""
    var isCommand = false
    for character in text {
      if isCommand {
        isCommand = false
        result += command(character)
        continue
      }
      switch character {
      case "\\": isCommand = true
      case "|": result += "\\vert "
      case "<": result += "\\lt "
      case ">": result += "\\gt "
      case "*": result += "\\ast "
      case "~": result += "\\enspace "
      case " ", "$", "`", "\n": if !result.hasSuffix(" ") { result += " " }
      // Behind a blank it can begin emphasis but never end it, so that there is none.
      case "_": result += result.hasSuffix(" ") ? "_" : " _"
      case "(" where result.hasSuffix("]"): result += " ("
      default: result.append(character)
      }
    }
    return result
  }

  /// What stands behind a backslash, in words.
  private static func command(_ character: Character) -> String {
    switch character {
    case "\\": "\\cr "
    case ",": "\\thinspace "
    case " ": "\\enspace "
    case "|": "\\Vert "
    case "_": "\\underline{\\hspace{0.4em}}"
    // Mathematics within words: here a lone digit, which words can hold as well.
    case "(", ")": ""
    // These stand for themselves in words, which no formula that a session makes has.
    case "$", "&", "#", "%": "\\enspace "
    case "{": "\\lbrace "
    case "}": "\\rbrace "
    default: "\\\(character)"
    }
  }
}
