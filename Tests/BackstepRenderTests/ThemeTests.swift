// Whether colours can be read, also by those who see fewer of them.

import BackstepTrace
import Foundation
import Testing

@testable import BackstepRender

/// A colour of a screen.
struct Colour {
  /// Red, green and blue in linear light, from 0 to 1.
  var light: [Double]

  static let black = Colour(0, 0, 0)
  static let white = Colour(255, 255, 255)

  init(_ red: Int, _ green: Int, _ blue: Int) {
    light = [red, green, blue].map { value in
      let part = Double(value) / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
  }

  /// A colour of xterm's palette: a cube of 6 × 6 × 6, then greys.
  init(xterm index: Int) {
    let steps = [0, 95, 135, 175, 215, 255]
    if index >= 232 {
      let grey = 8 + 10 * (index - 232)
      self.init(grey, grey, grey)
    } else {
      let cube = index - 16
      self.init(steps[cube / 36], steps[cube / 6 % 6], steps[cube % 6])
    }
  }

  /// **Source** WCAG 2.2, definition of relative luminance.
  var luminance: Double { 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] }

  /// **Source** WCAG 2.2, definition of contrast ratio.
  func contrast(with other: Colour) -> Double {
    (max(luminance, other.luminance) + 0.05) / (min(luminance, other.luminance) + 0.05)
  }

  /// How the colour is seen without one kind of cones.
  ///
  /// **Source** Machado, Oliveira and Fernandes (2009), severity 1.0.
  func seen(with eyes: Eyes) -> Colour {
    var seen = self
    seen.light = eyes.matrix.map { row in
      min(1, max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2]))
    }
    return seen
  }

  /// CIE 1976 L*a*b*, for daylight D65.
  private var lab: [Double] {
    let (r, g, b) = (light[0], light[1], light[2])
    let x = 0.4124564 * r + 0.3575761 * g + 0.1804375 * b
    let y = 0.2126729 * r + 0.7151522 * g + 0.0721750 * b
    let z = 0.0193339 * r + 0.1191920 * g + 0.9503041 * b
    func f(_ t: Double) -> Double { t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116 }
    let (fx, fy, fz) = (f(x / 0.95047), f(y), f(z / 1.08883))
    return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
  }

  /// How different two colours look.
  func distance(to other: Colour) -> Double {
    sqrt(zip(lab, other.lab).map { ($0 - $1) * ($0 - $1) }.reduce(0, +))
  }
}

/// How someone sees colours.
enum Eyes: CaseIterable {
  case common, protanopia, deuteranopia, tritanopia

  var matrix: [[Double]] {
    switch self {
    case .common: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case .protanopia:
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    case .deuteranopia:
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    case .tritanopia:
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    }
  }
}

@Suite("Themes")
struct ThemeTests {
  /// The colours of a theme, by their roles; roles without a colour are left out.
  private func colours(_ theme: Theme) -> [(role: Role, colour: Colour)] {
    Role.allCases.compactMap { role in
      let parts = theme[role].split(separator: ";").compactMap { Int($0) }
      guard let place = parts.firstIndex(of: 38), parts.count > place + 2 else { return nil }
      return (role, Colour(xterm: parts[place + 2]))
    }
  }

  @Test("Contrast is as the themes promise")
  func contrast() {
    let cream = Colour(253, 246, 227)
    let blueGreen = Colour(0, 43, 54)
    for (theme, background, least) in [
      (ThemeName.standard, Colour.white, 4.45), (.standard, .black, 4.45), (.light, .white, 5.7),
      (.light, cream, 5.3), (.dark, .black, 7), (.dark, blueGreen, 5),
    ] {
      for (role, colour) in colours(theme.theme) {
        let contrast = colour.contrast(with: background)
        #expect(contrast >= least, "\(theme) \(role): \(contrast)")
      }
    }
  }

  /// The backgrounds of common terminals and of their best-known colour schemes.
  private static let backgrounds = [
    Colour.black, Colour(0x1E, 0x1E, 0x1E), Colour(0x00, 0x2B, 0x36), Colour(0xFD, 0xF6, 0xE3),
    .white,
  ]

  @Test("The documentation has the least contrasts")
  func documentedContrast() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Docs/Drawings.md")
    let document = try String(contentsOf: file, encoding: .utf8)
    for theme in [ThemeName.standard, .light, .dark] {
      let least = Self.backgrounds.map { background in
        let all = colours(theme.theme).map { $0.colour.contrast(with: background) }
        return String(format: "%.1f", floor((all.min() ?? 0) * 10) / 10)
      }
      let row = "| `\(theme.rawValue)` | " + least.joined(separator: " | ") + " |"
      #expect(document.contains(row), "\(row)")
    }
    // What no colour can do, a theme for all backgrounds cannot.
    let best = (16..<256).map { index in
      Self.backgrounds.map { Colour(xterm: index).contrast(with: $0) }.min() ?? 0
    }.max()
    #expect(abs((best ?? 0) - 3.7) < 0.05)
    for (role, colour) in colours(ThemeName.standard.theme) {
      for background in Self.backgrounds {
        #expect(colour.contrast(with: background) > 3, "\(role)")
      }
    }
  }

  @Test("Roles stay apart in every kind of colour blindness", arguments: Eyes.allCases)
  func distances(eyes: Eyes) {
    for (theme, least) in [(ThemeName.standard, 26.0), (.light, 26), (.dark, 28)] {
      let list = colours(theme.theme)
      #expect(list.count == 6)
      for (index, one) in list.enumerated() {
        for other in list[..<index] where theme.theme[one.role] != theme.theme[other.role] {
          // A warning is a hint in bold, and steps are as dim as what can be passed over.
          guard Set([one.role, other.role]) != [.warning, .hint] else { continue }
          let distance = one.colour.seen(with: eyes).distance(to: other.colour.seen(with: eyes))
          #expect(distance >= least, "\(theme) \(one.role) \(other.role): \(distance)")
        }
      }
    }
  }

  @Test("The theme for projectors has no colours, and tells the roles apart")
  func highContrast() {
    let theme = ThemeName.highContrast.theme
    #expect(colours(theme).isEmpty)
    #expect(Set([Role.value, .partial, .adjoint, .plain].map { theme[$0] }).count == 4)
  }

  @Test("The tests' own colours are right")
  func known() {
    // Published contrasts: black on white 21, #767676 on white 4.54.
    #expect(abs(Colour.black.contrast(with: .white) - 21) < 1e-9)
    #expect(abs(Colour(0x76, 0x76, 0x76).contrast(with: .white) - 4.54) < 0.005)
    // White is L* 100, black 0; greys look the same to all.
    #expect(abs(Colour.white.distance(to: .black) - 100) < 0.01)
    for eyes in Eyes.allCases {
      #expect(Colour.white.seen(with: eyes).distance(to: .white) < 0.1)
    }
    #expect(Colour(xterm: 130).light == Colour(175, 95, 0).light)
    #expect(Colour(xterm: 243).light == Colour(118, 118, 118).light)
  }
}
