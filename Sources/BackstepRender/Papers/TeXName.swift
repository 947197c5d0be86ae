// Names in mathematics: ŷ with its hat, w₁ and w1 with an index, θ and theta as the letter.

import BackstepLanguage
import BackstepTrace

/// The nodes' names as LaTeX, each different from all others.
struct TeXNames {
  private let names: [TeX]
  /// Names that had to be spelled out, with their own spelling.
  private(set) var spelled: [(latex: String, name: String)] = []

  /// Finds a name for every node.
  init(_ header: any TraceHeader, _ format: NumberFormat) {
    var names: [TeX] = []
    names.reserveCapacity(header.count)
    /// Which name of ours a spelling in LaTeX stands for: w1 and w_1 look the same.
    var owners: [String: String] = [:]
    for node in (0..<header.count).untilInterrupted {
      var buffer = ByteBuffer()
      header.writeName(of: node, to: &buffer)
      let name = buffer.string
      if header.kind(of: node) == .constant {
        names.append(Self.constant(name, header.shape(of: node), format))
        continue
      }
      var result = TeXName.pretty(name)
      if let owner = owners[result.latex], owner != name { result = TeXName.literal(name) }
      if owners[result.latex] == nil {
        owners[result.latex] = name
        if result.latex.contains("U{+}") { spelled.append((result.latex, name)) }
      }
      result.isTensor = header.shape(of: node).rank > 0
      names.append(result)
    }
    // After ^C some are missing; the document is still finished, and then thrown away.
    names += Array(repeating: TeX.text(""), count: header.count - names.count)
    self.names = names
  }

  subscript(node: NodeIndex) -> TeX { names[node] }

  /// A constant by its digits, a tensor of them by its entries or by its shape.
  private static func constant(_ text: String, _ shape: Shape, _ format: NumberFormat) -> TeX {
    if shape.isScalar {
      let isNumber = text.utf8.first.map { $0 < 0x3A } ?? false
      return isNumber || text == "inf" ? TeX.digits(text.replacingInfinity) : TeXName.pretty(text)
    }
    guard text.first == "[" else {
      var result = TeX.text(text)
      result.isTensor = true
      return result
    }
    let numbers = text.split { "[], ".contains($0) }.map { TeX.digits(String($0)) }
    guard numbers.count == shape.count else { return TeX.text(text) }
    let columns = shape.rank == 2 ? shape.columns : 1
    return TeX.matrix(
      stride(from: 0, to: numbers.count, by: max(1, columns)).map { start in
        Array(numbers[start..<min(numbers.count, start + columns)])
      })
  }
}

extension String {
  /// Digits as they are, but a sign for infinity.
  fileprivate var replacingInfinity: String {
    self == "inf" ? "\\infty" : self == "-inf" ? "-\\infty" : self
  }
}

/// One name as LaTeX.
enum TeXName {
  /// The most letters of a name that are shown.
  private static let longest = 28

  /// A name as one would write it: `\hat{y}`, `w_{1}`, `\theta`, `\mathit{rate}_{\mathrm{in}}`.
  static func pretty(_ name: String) -> TeX {
    guard name.unicodeScalars.count <= longest else { return literal(name) }
    let parts = name.split(separator: "_", omittingEmptySubsequences: false).map(units)
    guard !parts.contains(where: \.isEmpty), var base = parts.first else { return literal(name) }
    var subscripts: [TeX] = []
    if let end = base.lastIndex(where: { !$0.isIndex }), end + 1 < base.count {
      subscripts.append(joined(Array(base[(end + 1)...]), isIndex: true))
      base.removeSubrange((end + 1)...)
    }
    if base.allSatisfy(\.isIndex) { return literal(name) }
    for part in parts.dropFirst() { subscripts.append(joined(part, isIndex: true)) }
    let main = joined(base, isIndex: false)
    guard !subscripts.isEmpty else { return main }
    let width = subscripts.reduce(0) { $0 + $1.width * 0.75 + 0.4 }
    return TeX(
      "\(main.latex)_{\(subscripts.map(\.latex).joined(separator: ","))}",
      width: main.width + width)
  }

  /// A name letter by letter, as on a typewriter, for where two would look the same.
  static func literal(_ name: String) -> TeX {
    var latex = ""
    var width = 0.0
    let scalars = Array(name.unicodeScalars)
    for (place, scalar) in scalars.enumerated() {
      // Of a long name the beginning, and a number that tells it from others.
      if scalars.count > longest, place == 8 {
        latex += "{\\ldots}\(checksum(name))"
        width += 11
        break
      }
      switch scalar {
      case "_": latex += "\\_"
      case "0"..."9", "a"..."z", "A"..."Z": latex.unicodeScalars.append(scalar)
      default:
        latex += code(scalar)
        width += 4
      }
      width += 1
    }
    return TeX("\\mathtt{\(latex)}", width: width)
  }

  /// FNV-1a over the bytes, in hexadecimal digits.
  private static func checksum(_ name: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return String(hash, radix: 16)
  }

  private static func code(_ scalar: Unicode.Scalar) -> String {
    "U{+}\(String(scalar.value, radix: 16, uppercase: true))"
  }

  /// A character as a symbol of mathematics, or by its code point.
  static func symbol(_ scalar: Unicode.Scalar) -> String {
    if let unit = units(Substring(String(scalar))).first, !unit.latex.contains("U{+}") {
      return unit.isIndex && !scalar.isASCII ? "{}_{\(unit.latex)}" : unit.latex
    }
    return symbols[scalar] ?? "\\mathtt{\(code(scalar))}"
  }

  // MARK: Letters

  /// A letter with its accents.
  private struct Unit {
    var latex: String
    /// The letter, where it is a plain one.
    var letter: Unicode.Scalar?
    /// Whether it belongs below the line: a digit, or a letter that is written there.
    var isIndex = false
  }

  /// The letters of a part of a name.
  private static func units(_ part: Substring) -> [Unit] {
    var units: [Unit] = []
    for scalar in part.unicodeScalars {
      if let accent = accents[scalar] {
        guard let last = units.popLast() else { return [] }
        units.append(Unit(latex: "\(accent){\(dotless(last))}"))
      } else if scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
        units.append(
          Unit(
            latex: String(scalar), letter: scalar, isIndex: ("0"..."9").contains(scalar)))
      } else if let letter = greek[scalar] {
        units.append(Unit(latex: letter))
      } else if let (base, accent) = composed[scalar] {
        units.append(Unit(latex: "\(accent){\(dotless(Unit(latex: base)))}"))
      } else if let index = indices[scalar] {
        units.append(Unit(latex: index, isIndex: true))
      } else {
        units.append(Unit(latex: "\\mathtt{\(code(scalar))}"))
      }
    }
    return units
  }

  private static func dotless(_ unit: Unit) -> String {
    unit.latex == "i" ? "\\imath" : unit.latex == "j" ? "\\jmath" : unit.latex
  }

  /// Letters as one symbol; a word is set as a word.
  private static func joined(_ units: [Unit], isIndex: Bool) -> TeX {
    if units.count == 1 {
      // As an index a digit or a letter stands as it is.
      return TeX(units[0].latex, width: units[0].latex.contains("U{+}") ? 7 : 1.1)
    }
    let letters = units.compactMap(\.letter)
    if letters.count == units.count {
      var word = ""
      for letter in letters { word.unicodeScalars.append(letter) }
      if greekWords.contains(word) { return TeX("\\\(word)", width: 1.2) }
      if letters.allSatisfy({ ("0"..."9").contains($0) }) {
        return TeX(word, width: Double(word.count))
      }
      return TeX(
        isIndex ? "\\mathrm{\(word)}" : "\\mathit{\(word)}", width: Double(word.count) * 1.05)
    }
    return TeX(
      "{\(units.map(\.latex).joined(separator: " "))}",
      width: units.reduce(0) { $0 + ($1.latex.contains("U{+}") ? 7 : 1.2) })
  }

  // MARK: Tables

  private static let greekWords: Set<String> = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
    "Omega",
  ]

  private static let greek: [Unicode.Scalar: String] = {
    var table: [Unicode.Scalar: String] = [:]
    let small = [
      "\\alpha", "\\beta", "\\gamma", "\\delta", "\\varepsilon", "\\zeta", "\\eta", "\\theta",
      "\\iota", "\\kappa", "\\lambda", "\\mu", "\\nu", "\\xi", "o", "\\pi", "\\rho",
      "\\varsigma", "\\sigma", "\\tau", "\\upsilon", "\\varphi", "\\chi", "\\psi", "\\omega",
    ]
    let capital = [
      "\\mathrm{A}", "\\mathrm{B}", "\\Gamma", "\\Delta", "\\mathrm{E}", "\\mathrm{Z}",
      "\\mathrm{H}", "\\Theta", "\\mathrm{I}", "\\mathrm{K}", "\\Lambda", "\\mathrm{M}",
      "\\mathrm{N}", "\\Xi", "\\mathrm{O}", "\\Pi", "\\mathrm{P}", "", "\\Sigma", "\\mathrm{T}",
      "\\Upsilon", "\\Phi", "\\mathrm{X}", "\\Psi", "\\Omega",
    ]
    for (offset, latex) in small.enumerated() {
      if let scalar = Unicode.Scalar(0x3B1 + UInt32(offset)) { table[scalar] = latex }
    }
    for (offset, latex) in capital.enumerated() where !latex.isEmpty {
      if let scalar = Unicode.Scalar(0x391 + UInt32(offset)) { table[scalar] = latex }
    }
    table["ϑ"] = "\\vartheta"
    table["ϕ"] = "\\phi"
    table["ϵ"] = "\\epsilon"
    table["ϖ"] = "\\varpi"
    table["ϱ"] = "\\varrho"
    table["ℓ"] = "\\ell"
    return table
  }()

  /// Marks above and below the letter before them.
  private static let accents: [Unicode.Scalar: String] = [
    "\u{300}": "\\grave", "\u{301}": "\\acute", "\u{302}": "\\hat", "\u{303}": "\\tilde",
    "\u{304}": "\\bar", "\u{305}": "\\bar", "\u{306}": "\\breve", "\u{307}": "\\dot",
    "\u{308}": "\\ddot", "\u{30A}": "\\mathring", "\u{30C}": "\\check", "\u{20D7}": "\\vec",
    "\u{332}": "\\underline",
  ]

  /// Letters that carry their mark already, each behind the letter without it.
  private static let composed: [Unicode.Scalar: (String, String)] = {
    var table: [Unicode.Scalar: (String, String)] = [:]
    for (accent, pairs) in [
      ("\\hat", "aâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷzẑAÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶZẐ"),
      ("\\tilde", "aãeẽiĩnñoõuũvṽyỹAÃEẼIĨNÑOÕUŨVṼYỸ"),
      ("\\bar", "aāeēiīoōuūyȳgḡAĀEĒIĪOŌUŪYȲGḠ"),
      ("\\dot", "aȧbḃcċdḋeėfḟgġhḣmṁnṅoȯpṗrṙsṡtṫwẇxẋyẏzżAȦBḂCĊDḊEĖFḞGĠHḢMṀNṄOȮPṖRṘSṠTṪWẆXẊYẎZŻ"),
      ("\\ddot", "aäeëhḧiïoötẗuüwẅxẍyÿAÄEËHḦIÏOÖUÜWẄXẌYŸ"),
      ("\\acute", "aácćeégǵiíkḱlĺmḿnńoópṕrŕsśuúwẃyýzźAÁCĆEÉGǴIÍKḰLĹMḾNŃOÓPṔRŔSŚUÚWẂYÝZŹ"),
      ("\\grave", "aàeèiìnǹoòuùwẁyỳAÀEÈIÌNǸOÒUÙWẀYỲ"),
      ("\\check", "aǎcčdďeěgǧhȟiǐkǩnňoǒrřsštťuǔzžAǍCČDĎEĚGǦHȞIǏKǨNŇOǑRŘSŠTŤUǓZŽ"),
      ("\\breve", "aăeĕgğiĭoŏuŭAĂEĔGĞIĬOŎUŬ"), ("\\mathring", "aåuůwẘyẙAÅUŮ"),
    ] {
      let scalars = Array(pairs.unicodeScalars)
      for place in stride(from: 0, to: scalars.count - 1, by: 2) {
        table[scalars[place + 1]] = (String(scalars[place]), accent)
      }
    }
    return table
  }()

  /// Digits and letters below the line.
  private static let indices: [Unicode.Scalar: String] = {
    var table: [Unicode.Scalar: String] = [:]
    for digit in 0..<UInt32(10) {
      if let scalar = Unicode.Scalar(0x2080 + digit) { table[scalar] = "\(digit)" }
    }
    let pairs = Array("ₐaₑeₕhᵢiⱼjₖkₗlₘmₙnₒoₚpᵣrₛsₜtᵤuᵥvₓx".unicodeScalars)
    for place in stride(from: 0, to: pairs.count - 1, by: 2) {
      table[pairs[place]] = String(pairs[place + 1])
    }
    return table
  }()

  /// Signs that are no letters.
  private static let symbols: [Unicode.Scalar: String] = [
    "∂": "\\partial", "·": "\\cdot", "⋅": "\\cdot", "×": "\\times", "÷": "\\div", "−": "-",
    "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "…": "\\ldots", "⟨": "\\langle", "⟩": "\\rangle",
    "∞": "\\infty",
  ]
}
