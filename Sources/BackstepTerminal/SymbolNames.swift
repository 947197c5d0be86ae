// Mathematical symbols by the names LaTeX gives them: `\sigma` and TAB make σ.

/// A symbol and the name one types for it.
public struct SymbolName: Equatable, Sendable {
  /// The name, with its backslash: `\sigma`.
  public var name: String

  /// What it stands for: `σ`, or for an accent the combining mark alone.
  public var symbol: String

  /// Whether the symbol goes onto the letter before the name, as in `y\hat` for ŷ.
  public var isAccent: Bool
}

/// The names that TAB turns into symbols.
public enum SymbolNames {
  /// Every name, in the order of the alphabets and then of the table.
  public static let all: [SymbolName] = greek + signs + accents + digits

  /// The names that begin like this; one that is spelled exactly so comes first.
  ///
  /// - Parameter prefix: A backslash and letters, perhaps none.
  /// - Returns: The names with what they stand for.
  public static func completions(prefix: String) -> [SymbolName] {
    let found = all.filter { $0.name.utf8.starts(with: prefix.utf8) }
    return found.filter { $0.name == prefix } + found.filter { $0.name != prefix }
  }

  /// What TAB makes of a name before the cursor; nil when there is no backslash to begin one.
  ///
  /// One name, or one spelled exactly, is replaced by its symbol; an accent takes the letter
  /// before it along; `\_12` and `\^2` lower or raise all of their digits. Several names are
  /// offered as they are, so that what they have in common can be filled in.
  public static func answer(line: [UInt8], cursor: Int) -> CompletionAnswer? {
    guard line.indices.contains(cursor - 1) else { return nil }
    guard let start = line[..<cursor].lastIndex(of: UInt8(ascii: "\\")) else { return nil }
    let typed = String(decoding: line[start..<cursor], as: UTF8.self)
    if let shifted = shiftedDigits(typed) {
      return CompletionAnswer(replacing: start..<cursor, candidates: [Candidate(shifted)])
    }
    guard typed.dropFirst().allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }

    let found = completions(prefix: typed)
    guard let only = found.first, found.count == 1 || only.name == typed else {
      let candidates = found.map { Candidate($0.name, summary: $0.symbol) }
      return CompletionAnswer(replacing: start..<cursor, candidates: candidates)
    }
    guard only.isAccent else {
      return CompletionAnswer(replacing: start..<cursor, candidates: [Candidate(only.symbol)])
    }
    let before = String(decoding: line[..<start], as: UTF8.self)
    guard let letter = before.last, letter.isLetter else {
      return CompletionAnswer(replacing: start..<cursor, candidates: [])
    }
    let from = start - letter.utf8.count
    return CompletionAnswer(
      replacing: from..<cursor, candidates: [Candidate(accented(letter, only.symbol))])
  }

  /// The letter with the mark, as one character of Unicode where there is one.
  static func accented(_ letter: Character, _ mark: String) -> String {
    let spelled = String(letter) + mark
    // Equality of strings is canonical equivalence, so this finds ŷ for y and its hat.
    return composed.first { String($0) == spelled }.map { String($0) } ?? spelled
  }

  /// `\_1` as ₁ and `\^2` as ², for any number of digits; nil for anything else.
  private static func shiftedDigits(_ typed: String) -> String? {
    let figures: [Character]
    if typed.hasPrefix("\\_") {
      figures = Array("₀₁₂₃₄₅₆₇₈₉")
    } else if typed.hasPrefix("\\^") {
      figures = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    } else {
      return nil
    }
    let values = typed.utf8.dropFirst(2).map { Int($0) - 48 }
    guard !values.isEmpty, values.allSatisfy(figures.indices.contains) else { return nil }
    return String(values.map { figures[$0] })
  }

  // MARK: The table

  private static let greek = """
    alpha α Alpha Α beta β Beta Β gamma γ Gamma Γ delta δ Delta Δ epsilon ε Epsilon Ε zeta ζ
    Zeta Ζ eta η Eta Η theta θ Theta Θ iota ι Iota Ι kappa κ Kappa Κ lambda λ Lambda Λ mu μ Mu Μ
    nu ν Nu Ν xi ξ Xi Ξ omicron ο Omicron Ο pi π Pi Π rho ρ Rho Ρ sigma σ Sigma Σ tau τ Tau Τ
    upsilon υ Upsilon Υ phi φ Phi Φ chi χ Chi Χ psi ψ Psi Ψ omega ω Omega Ω varepsilon ϵ
    vartheta ϑ varphi ϕ varrho ϱ varsigma ς
    """.names(isAccent: false)

  private static let signs = """
    partial ∂ nabla ∇ cdot · times × div ÷ minus − le ≤ ge ≥ ne ≠ inf ∞ infty ∞ ell ℓ
    """.names(isAccent: false)

  private static let accents = """
    hat \u{302} bar \u{304} tilde \u{303} dot \u{307} ddot \u{308} vec \u{20d7} check \u{30c}
    acute \u{301} grave \u{300} breve \u{306}
    """.names(isAccent: true)

  private static let digits = (0...9).flatMap { digit in
    ["\\_\(digit)", "\\^\(digit)"].map {
      SymbolName(name: $0, symbol: shiftedDigits($0) ?? "", isAccent: false)
    }
  }

  /// Letters that Unicode has in one piece with a mark of the table.
  private static let composed = Array(
    "âêîôûŷĉĝĥĵŝŵẑÂÊÎÔÛŶĈĜĤĴŜŴẐāēīōūȳḡĀĒĪŌŪȲḠãẽĩñõũṽỹÃẼĨÑÕŨṼỸȧḃċḋėḟġḣṁṅȯṗṙṡṫẇẋẏżȦḂĊḊĖḞĠḢİṀṄȮṖṘṠṪẆẊẎŻ"
      + "äëïöüÿẅẍḧẗÄËÏÖÜŸẄẌḦǎčďěǧȟǐǰǩľňǒřšťǔžǍČĎĚǦȞǏǨĽŇǑŘŠŤǓŽáćéǵíḱĺḿńóṕŕśúẃýźÁĆÉǴÍḰĹḾŃÓṔŔŚÚẂÝŹ"
      + "àèìǹòùẁỳÀÈÌǸÒÙẀỲăĕğĭŏŭĂĔĞĬŎŬάέήίόύώὰὲὴὶὸὺὼᾰῐῠᾱῑῡϊϋ")
}

extension String {
  /// Reads pairs of a name and a symbol.
  fileprivate func names(isAccent: Bool) -> [SymbolName] {
    // By scalars: as a character, a blank takes the mark after it along.
    let words = unicodeScalars.split { $0 == " " || $0 == "\n" }.map { String($0) }
    return stride(from: 0, to: words.count - 1, by: 2).map {
      SymbolName(name: "\\\(words[$0])", symbol: words[$0 + 1], isAccent: isAccent)
    }
  }
}
