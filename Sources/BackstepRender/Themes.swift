// The colours, and why these: contrast, and what colour-blind eyes make of them.

/// The themes there are, by the names that `set theme` takes.
///
/// Values are bold, local derivatives bluish, adjoints orange to brown: a pair that stays apart in
/// every common kind of colour blindness. Colours are those of the 256 whose RGB values are fixed, so
/// that a terminal's own palette cannot spoil them. The contrasts below are those of WCAG 2, where 4.5
/// is the least for text and 7 is called enhanced; distances are ΔE of CIE 1976 between any two roles,
/// also as seen without one of the three kinds of cones, and 10 is plainly visible. Tests compute both.
public enum ThemeName: String, Sendable, CaseIterable {
  /// For dark and light backgrounds alike: contrast 4.5 to 4.7 with white as well as with black, which
  /// only a handful of colours have. Distances 26 and more.
  case standard
  /// For light backgrounds: contrast 5.7 and more with white, 5.3 with cream. Distances 27 and more.
  case light
  /// For dark backgrounds: contrast 7 and more with black, 5 with dark blue-green. Distances 29 and more.
  case dark
  /// For projectors: no colours, so that all text has the full contrast; bold, underlined, reversed.
  case highContrast = "high-contrast"

  /// The colours.
  public var theme: Theme {
    switch self {
    case .standard: .coloured(partial: 63, adjoint: 130, hint: 163, dim: 243)
    case .light: .coloured(partial: 25, adjoint: 94, hint: 93, dim: 240)
    case .dark: .coloured(partial: 117, adjoint: 215, hint: 226, dim: 247)
    case .highContrast: .highContrast
    }
  }
}

extension Theme {
  /// The theme where none is chosen.
  public static let standard = ThemeName.standard.theme

  /// Values bold, and four of the 256 colours.
  fileprivate static func coloured(partial: Int, adjoint: Int, hint: Int, dim: Int) -> Theme {
    Theme { role in
      switch role {
      case .plain, .name, .formula, .sign: ""
      case .heading, .value: "1"
      case .partial: "38;5;\(partial)"
      case .adjoint: "38;5;\(adjoint)"
      case .step, .dim: "38;5;\(dim)"
      case .warning: "1;38;5;\(hint)"
      case .hint: "38;5;\(hint)"
      }
    }
  }

  fileprivate static let highContrast = Theme { role in
    switch role {
    case .plain, .name, .formula, .sign, .step, .dim: ""
    case .heading, .value: "1"
    case .partial: "4"
    case .adjoint: "1;4"
    case .warning: "1;7"
    case .hint: "7"
    }
  }
}
