// A piece of LaTeX in mathematics, with what its surroundings need to know of it.

import BackstepTrace

/// LaTeX for mathematics with its width.
struct TeX {
  /// The text.
  var latex: String
  /// About how wide it is, in digits.
  var width: Double
  /// How tightly it holds together.
  var binding = Binding.atom
  /// Whether it stands for a vector or a matrix.
  var isTensor = false
  /// Whether it is a number, which may stand before a name without a sign.
  var isNumber = false
  /// Whether it is a product of matrices, which may not be torn apart by other products.
  var isMatrixProduct = false
  /// Whether it is a comparison, which counts as 1 or 0 within a sum or a product.
  var isComparison = false

  init(_ latex: String, width: Double, binding: Binding = .atom) {
    self.latex = latex
    self.width = width
    self.binding = binding
  }

  /// In parentheses where it would fall apart beside an operator.
  func within(_ binding: Binding) -> TeX {
    if isComparison {
      // Iverson's bracket: 1 where it holds, else 0.
      var bracket = TeX("\\left[\(latex)\\right]", width: width + 1)
      bracket.isTensor = isTensor
      return bracket
    }
    return self.binding < binding ? parenthesized : self
  }

  var parenthesized: TeX {
    let text = isTall ? "\\left(\(latex)\\right)" : "(\(latex))"
    var inside = TeX(text, width: width + 1.6)
    inside.isTensor = isTensor
    return inside
  }

  /// Whether it is higher than a line, so that parentheses around it have to grow.
  ///
  /// What is longer than a line is not searched, and taken for it.
  var isTall: Bool {
    if width > 200 { return true }
    let words = ["\\frac", "\\begin", "\\sum", "\\sqrt", "\\left", "\\underbrace"]
    return words.contains { latex.contains($0) }
  }

  // MARK: Derivatives

  /// The derivative of one thing with respect to another: `∂L/∂w` as a fraction.
  static func derivative(_ output: TeX, _ input: TeX) -> TeX {
    var result = TeX(
      "\\frac{\\partial \(output.latex)}{\\partial \(input.latex)}",
      width: max(output.width, input.width) + 1.6)
    result.isTensor = output.isTensor || input.isTensor
    return result
  }

  // MARK: Numbers

  /// A number as it is shown: `-1.5 \cdot 10^{-7}`.
  static func number(_ number: Double, _ format: NumberFormat) -> TeX {
    guard number.isFinite else {
      let latex = number.isNaN ? "\\mathrm{NaN}" : number < 0 ? "-\\infty" : "\\infty"
      var result = TeX(latex, width: number.isNaN ? 3.6 : 2, binding: number < 0 ? .sum : .atom)
      result.isNumber = true
      return result
    }
    var digits = ByteBuffer()
    format.append(number, to: &digits)
    return self.digits(digits.string)
  }

  /// A number from its digits, which may have an exponent.
  static func digits(_ text: String) -> TeX {
    let parts = text.split(separator: "e", maxSplits: 1)
    let isNegative = text.hasPrefix("-")
    var width = Double(text.utf8.count) - (text.contains(".") ? 0.45 : 0)
    var latex = text
    var binding = Binding.atom
    if parts.count == 2 {
      latex = "\(parts[0]) \\cdot 10^{\(parts[1])}"
      width += 3
      binding = .product
    }
    if isNegative {
      binding = min(binding, .sum)
      width += 0.6
    }
    var result = TeX(latex, width: width, binding: binding)
    result.isNumber = true
    return result
  }

  /// A number, a vector as a column, or a matrix; of a large one the corners.
  static func value(_ reading: Reading, _ format: NumberFormat, room: Double = 38) -> TeX {
    let shape = reading.shape
    let numbers = reading.elements
    if shape.isScalar { return numbers.first.map { number($0, format) } ?? TeX("", width: 0) }
    let (rows, columns) = shape.rank == 2 ? (shape.rows, shape.columns) : (shape.count, 1)
    guard rows > 0, columns > 0 else { return TeX("()", width: 2) }
    let shownRows = places(rows, most: 6)
    var cells: [[TeX]] = []
    var shownColumns = places(columns, most: 8)
    var widths: [Double] = []
    while true {
      cells = shownRows.map { row in
        shownColumns.map { column in
          guard let row, let column else { return dots(row == nil, column == nil) }
          return number(numbers[row * columns + column], format)
        }
      }
      widths = shownColumns.indices.map { place in cells.map { $0[place].width }.max() ?? 0 }
      let total = widths.reduce(0) { $0 + $1 + 2 }
      guard total > room, shownColumns.count > 3 else { break }
      shownColumns = places(columns, most: shownColumns.count - 1)
    }
    return matrix(cells)
  }

  /// Which of many places are shown: all, or the first and the last with a gap between them.
  static func places(_ count: Int, most: Int) -> [Int?] {
    guard count > most else { return Array(0..<count) }
    let first = max(1, most - 2)
    return (0..<first).map { $0 } + [nil, count - 1]
  }

  static func dots(_ down: Bool, _ across: Bool) -> TeX {
    TeX(down ? across ? "\\ddots" : "\\vdots" : "\\cdots", width: 2)
  }

  /// Rows of cells in round brackets.
  static func matrix(_ cells: [[TeX]]) -> TeX {
    let rows = cells.map { $0.map(\.latex).joined(separator: " & ") }
    var width = 2.0
    for place in (cells.first ?? []).indices {
      width += (cells.map { $0[place].width }.max() ?? 0) + 2
    }
    var result = TeX(
      "\\begin{pmatrix} \(rows.joined(separator: " \\\\ ")) \\end{pmatrix}", width: width)
    result.isTensor = true
    return result
  }

  // MARK: Text

  /// Any text within mathematics.
  static func text(_ text: String) -> TeX {
    TeX("\\text{\(escaped(text))}", width: Double(text.count))
  }

  /// Any text at all as text for LaTeX: no character of it is a command.
  ///
  /// What is not ASCII becomes a symbol where there is a common one, else its code point, so that
  /// the file compiles everywhere; breaks become blanks.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\textbackslash{}"
      case "{", "}", "$", "&", "#", "_", "%": result += "\\\(scalar)"
      case "^": result += "\\textasciicircum{}"
      case "~": result += "\\textasciitilde{}"
      case "<": result += "\\textless{}"
      case ">": result += "\\textgreater{}"
      case "|": result += "\\textbar{}"
      // By number, for two of them, or one before a question mark, would melt into another sign.
      case "\"", "'", "`": result += "{\\char\(scalar.value)}"
      case "-": result += "-{}"
      case "\u{20}"..."\u{7E}": result.unicodeScalars.append(scalar)
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{7F}":
        result += "\\texttt{U+\(String(scalar.value, radix: 16, uppercase: true))}"
      default: result += "\\ensuremath{\(TeXName.symbol(scalar))}"
      }
    }
    return result
  }

  /// Any text as code on one line, which may be broken behind every sign.
  static func code(_ text: String) -> String {
    var result = ""
    for character in PlainLine.text(text) {
      result += escaped(String(character))
      if !character.isLetter, !character.isNumber { result += "\\allowbreak{}" }
    }
    return "\\texttt{\(result)}"
  }
}

/// Text from anywhere on one line that shows all there is.
enum PlainLine {
  /// The text with breaks as blanks, and control and formatting characters by their code points.
  static func text(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
        .privateUse:
        result +=
          scalar == "\n" || scalar == "\t" || scalar == "\r"
          ? " " : "U+\(String(scalar.value, radix: 16, uppercase: true))"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
