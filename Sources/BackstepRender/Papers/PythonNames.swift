// Names that Python accepts, each different from all others and from what a script uses itself.

import BackstepLanguage
import BackstepTrace

/// The names of a script: those of the nodes, then others as they are asked for.
struct PythonNames {
  private var taken: Taken
  private let nodes: [String]

  /// Names that are taken, and for each wish how far its numbers have come.
  private struct Taken {
    var names: Set<String>
    private var numbers: [String: Int] = [:]

    init(_ names: Set<String>) { self.names = names }

    /// A name that nothing has yet.
    mutating func unused(_ wish: String) -> String {
      var name = wish
      var number = numbers[wish] ?? 1
      while !names.insert(name).inserted {
        number += 1
        name = number == 2 && !wish.hasSuffix("_") ? "\(wish)_" : "\(wish)_\(number)"
      }
      numbers[wish] = number
      return name
    }
  }

  /// Finds a name for every node; `reserved` are names that the script uses.
  init(_ trace: TraceDigest, reserved: [String]) {
    taken = Taken(Self.keywords.union(Self.builtins).union(reserved))
    var nodes: [String] = []
    for node in (0..<trace.header.count).untilInterrupted {
      let isConstant = trace.header.kind(of: node) == .constant
      nodes.append(taken.unused(isConstant ? "constant" : Self.identifier(trace.name(node))))
    }
    // What is left after ^C is not shown.
    while nodes.count < trace.header.count { nodes.append("_") }
    self.nodes = nodes
  }

  subscript(node: NodeIndex) -> String { nodes[node] }

  /// A name that nothing has yet.
  mutating func fresh(_ wish: String) -> String { taken.unused(wish) }

  /// A name as Python can have it: letters that it leaves as they are, index digits as digits, marks
  /// and all others in words.
  static func identifier(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      if isPlain(scalar) {
        result.unicodeScalars.append(scalar)
      } else if (0x2080...0x2089).contains(scalar.value) {
        result += "\(scalar.value - 0x2080)"
      } else if let word = marks[scalar] {
        result += "_\(word)"
      } else {
        result += "_u\(String(scalar.value, radix: 16))"
      }
    }
    guard let first = result.unicodeScalars.first, !("0"..."9").contains(first) else {
      return "_\(result)"
    }
    return result
  }

  /// Letters and digits that Unicode's compatibility form, which Python applies, leaves alone.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
    case 0xC0...0x17E: ![0xD7, 0xF7, 0x132, 0x133, 0x13F, 0x140, 0x149].contains(scalar.value)
    case 0x391...0x3A1, 0x3A3...0x3A9, 0x3B1...0x3C9, 0x410...0x44F, 0x1E02...0x1E99: true
    case 0x3041...0x3096, 0x30A1...0x30FA, 0x4E00...0x9FA5, 0xAC00...0xD7A3: true
    default: false
    }
  }

  private static let marks: [Unicode.Scalar: String] = [
    "\u{302}": "hat", "\u{303}": "tilde", "\u{304}": "bar", "\u{305}": "bar", "\u{307}": "dot",
    "\u{308}": "ddot", "\u{20D7}": "vec", "\u{30C}": "check",
  ]

  private static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in",
    "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with",
    "yield", "__debug__",
  ]

  /// Functions of Python that the scripts call.
  private static let builtins: Set<String> = ["print", "range", "float", "max", "abs"]
}

/// Text and numbers as Python's literals.
enum PythonLiteral {
  /// A float: `2.0`, `1e-07`; without the point of a whole number where an integer does as well.
  static func number(_ number: Double, _ module: String, isFloat: Bool = true) -> String {
    if !number.isFinite {
      return number.isNaN ? "\(module).nan" : number < 0 ? "-\(module).inf" : "\(module).inf"
    }
    var text = ByteBuffer()
    text.appendShortest(number)
    let hasPoint = text.bytes.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
    return hasPoint || !isFloat ? text.string : text.string + ".0"
  }

  /// A number, a list, or a list of rows, each on its own line where they are long.
  static func nested(_ reading: Reading, _ module: String, indent: Int) -> String {
    let numbers = reading.elements.map { number($0, module) }
    let shape = reading.shape
    switch shape.rank {
    case 0: return numbers.first ?? "0.0"
    case 1: return "[\(filled(numbers, indent: indent + 1))]"
    default:
      let rows = (0..<shape.rows).map { row in
        let entries = Array(numbers[row * shape.columns..<(row + 1) * shape.columns])
        return "[\(filled(entries, indent: indent + 2))]"
      }
      let isShort = rows.reduce(0) { $0 + $1.utf8.count + 2 } + indent < 88
      let blanks = String(repeating: " ", count: indent + 1)
      return "[\(rows.joined(separator: isShort ? ", " : ",\n\(blanks)"))]"
    }
  }

  /// Entries with commas, broken into lines.
  private static func filled(_ entries: [String], indent: Int) -> String {
    var result = ""
    var column = indent
    for (place, entry) in entries.enumerated() {
      if place > 0 {
        let breaks = column + entry.utf8.count > 86
        result += breaks ? ",\n\(String(repeating: " ", count: indent))" : ", "
        column = breaks ? indent : column + 2
      }
      result += entry
      column += entry.utf8.count
    }
    return result
  }

  /// Any text in quotation marks.
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case " "..."~": result.unicodeScalars.append(scalar)
      default:
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .otherLetter, .modifierLetter, .titlecaseLetter,
          .otherNumber, .decimalNumber, .nonspacingMark, .mathSymbol:
          result.unicodeScalars.append(scalar)
        default:
          let digits = String(scalar.value, radix: 16)
          result += "\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)"
        }
      }
    }
    return result + "\""
  }

  /// Any text as a comment.
  static func comment(_ text: String) -> String { "# \(PlainLine.text(text))" }
}
