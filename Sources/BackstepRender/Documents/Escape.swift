// Text from users, made safe for each form of document.

/// Escapes text so that nothing in it is taken for more than text.
enum Escape {
  /// For the text and for quoted attributes of XML and HTML, and for Graphviz's labels like HTML.
  static func xml(_ text: String) -> String {
    let escaped = map(text) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      case "\n", "\t": nil
      default: control(scalar)
      }
    }
    return leftToRight(escaped)
  }

  /// For a quoted string of Graphviz, where a backslash introduces names of the graph's parts.
  static func dot(_ text: String) -> String {
    let escaped = map(text) { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      // Graphviz reads entities in every string.
      case "&": "&amp;"
      default: control(scalar)
      }
    }
    return leftToRight(escaped)
  }

  /// Text whose parts stand from left to right, whatever letters are in it.
  ///
  /// A name in Hebrew or Arabic would carry the signs and numbers beside it along: `= 4` would stand
  /// before it. So there is a mark on both sides of it that turns the direction back.
  static func leftToRight(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isRightToLeft) else { return text }
    let mark: Unicode.Scalar = "\u{200E}"
    var result = String.UnicodeScalarView()
    var isWithin = false
    for scalar in text.unicodeScalars {
      // What combines with a letter, or joins two, belongs to it.
      let isPart =
        isRightToLeft(scalar) || isWithin && DisplayWidth.columns(of: scalar) == 0
      if isPart != isWithin { result.append(mark) }
      isWithin = isPart
      result.append(scalar)
    }
    if isWithin { result.append(mark) }
    return String(result)
  }

  /// Whether a letter is written from right to left: the blocks that Unicode keeps for such scripts.
  private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }

  /// A statement or an expression on one line and without comments, which would hide what follows
  /// them there.
  static func statement(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline).map { line -> String in
      var line = Substring(line.prefix { $0 != "#" })
      while line.last == " " || line.last == "\\" { line.removeLast() }
      return String(line.drop { $0 == " " })
    }
    return lines.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// One line of at most so many characters: blanks and new lines become single blanks.
  static func line(_ text: String, limit: Int) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard line.count > limit else { return line }
    return line.prefix(limit - limit / 3 - 1) + "…" + line.suffix(limit / 3)
  }

  /// What steers a terminal or turns the direction of writing, by its number; XML has no way to say
  /// most of them.
  static func control(_ scalar: Unicode.Scalar) -> String? {
    let isUnsafe = DisplayWidth.isUnsafe(scalar) || scalar.value == 0xFFFE || scalar.value == 0xFFFF
    return isUnsafe ? "\\u{\(String(scalar.value, radix: 16))}" : nil
  }

  /// Replaces characters where the closure says by what.
  static func map(_ text: String, _ replace: (Unicode.Scalar) -> String?) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let other = replace(scalar) {
        result.append(contentsOf: other.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
