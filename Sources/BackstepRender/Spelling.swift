// Characters in ASCII: mathematical signs by their nearest relatives, Greek letters by name.

import BackstepTrace

/// How characters are written where only ASCII can be shown.
enum Spelling {
  /// Writes a character in ASCII: `∂` as `d`, `θ` as `theta`, others as `\u{6f22}`.
  static func append(_ scalar: Unicode.Scalar, to output: inout ByteBuffer) {
    if let sign = sign(scalar) {
      output.append(sign)
    } else if let letter = greek(scalar) {
      output.append(letter)
    } else if let digit = subscriptDigit(scalar) {
      output.append(byte: UInt8(ascii: "_"))
      output.append(byte: digit)
    } else if let (base, accent) = accented(scalar) {
      output.append(base)
      output.append(accent)
    } else {
      appendEscaped(scalar, to: &output)
    }
  }

  /// Writes a character by its number: `\u{1b}`.
  static func appendEscaped(_ scalar: Unicode.Scalar, to output: inout ByteBuffer) {
    output.append("\\u{")
    output.append(String(scalar.value, radix: 16))
    output.append("}")
  }

  private static func sign(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "∂": "d"
    case "−": "-"
    case "·", "×", "⋅": "*"
    case "⟨": "<"
    case "⟩": ">"
    case "÷": "/"
    case "…": "..."
    case "→": "->"
    case "←": "<-"
    case "≤": "<="
    case "≥": ">="
    case "≠": "!="
    case "≈": "~"
    case "∞": "inf"
    case "′": "'"
    case "\u{302}": "_hat"
    case "\u{303}": "_tilde"
    case "\u{304}": "_bar"
    case "\u{307}": "_dot"
    default: nil
    }
  }

  /// The letters from α to ω in the order of their code points, with both forms of sigma.
  private static let letters = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi",
    "chi", "psi", "omega",
  ]

  private static func greek(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x3B1...0x3C9: return letters[Int(scalar.value - 0x3B1)]
    case 0x391...0x3A9:
      let name = letters[Int(scalar.value - 0x391)]
      return name.prefix(1).uppercased() + name.dropFirst()
    case 0x3D1: return "theta"
    case 0x3D5: return "phi"
    case 0x3F5: return "epsilon"
    default: return nil
    }
  }

  private static func subscriptDigit(_ scalar: Unicode.Scalar) -> UInt8? {
    (0x2080...0x2089).contains(scalar.value) ? UInt8(scalar.value - 0x2080) + 0x30 : nil
  }

  /// The letters with an accent of their own that mathematics uses: ŷ, x̄, w̃.
  private static func accented(_ scalar: Unicode.Scalar) -> (String, String)? {
    switch scalar {
    case "â": ("a", "_hat")
    case "ê": ("e", "_hat")
    case "ĥ": ("h", "_hat")
    case "î": ("i", "_hat")
    case "ô": ("o", "_hat")
    case "û": ("u", "_hat")
    case "ŵ": ("w", "_hat")
    case "ŷ": ("y", "_hat")
    case "ẑ": ("z", "_hat")
    case "ā": ("a", "_bar")
    case "ū": ("u", "_bar")
    case "ȳ": ("y", "_bar")
    case "ã": ("a", "_tilde")
    case "ñ": ("n", "_tilde")
    case "õ": ("o", "_tilde")
    case "ẏ": ("y", "_dot")
    case "ẋ": ("x", "_dot")
    case "ż": ("z", "_dot")
    default: nil
    }
  }
}
