// What holds for every line that is printed: its width, its characters.

import BackstepRender
import BackstepTrace
import Testing

@testable import BackstepRender

@Suite("Lines")
struct LineTests {
  @Test("No line is wider than it may be", arguments: Example.all, [true, false])
  func width(example: Example, ascii: Bool) {
    for width in 40...200 {
      let printed = text(example, Style(width: width, ascii: ascii))
      let tooWide = printed.split(separator: "\n").first {
        DisplayWidth.columns(of: String($0)) > width
      }
      #expect(tooWide == nil)
    }
  }

  @Test("ASCII mode writes ASCII", arguments: Example.all)
  func ascii(example: Example) {
    #expect(text(example, Style(ascii: true)).utf8.allSatisfy { $0 < 0x80 })
    #expect(json(example, ascii: true).utf8.allSatisfy { $0 < 0x80 })
  }

  @Test("No line ends with a blank", arguments: Example.all)
  func trailingBlanks(example: Example) {
    #expect(!text(example, Style()).contains(" \n"))
  }

  @Test("Colour changes nothing but the colour", arguments: Example.all)
  func color(example: Example) throws {
    var plain = ""
    var isEscape = false
    for scalar in text(example, Style(theme: .standard)).unicodeScalars {
      if scalar == "\u{1B}" { isEscape = true }
      if !isEscape { plain.unicodeScalars.append(scalar) }
      if scalar == "m" { isEscape = false }
    }
    #expect(plain == text(example, Style()))
  }

  @Test("Characters that could do harm are shown by their numbers")
  func unsafeCharacters() {
    let text = "a\u{1B}[2J\u{7F}\u{85}\u{202E}\u{2066}\u{2028}\r\n\tb"
    var line = FragmentLine(ascii: false)
    line.add(text)
    #expect(
      line.text.string
        == "a\\u{1b}[2J\\u{7f}\\u{85}\\u{202e}\\u{2066}\\u{2028}\\u{d}\\u{a}\\u{9}b")
    #expect(line.columns == line.text.count)
  }

  @Test(
    "Columns of characters",
    arguments: [
      ("abc", 3), ("ŷ", 1), ("y\u{302}", 1), ("∂L/∂w", 5), ("漢字", 4), ("ﾊ", 1), ("ハ", 2),
      ("한", 2), ("🙂", 2), ("θ₁", 2), ("−×·…", 4),
    ])
  func columns(text: String, columns: Int) {
    #expect(DisplayWidth.columns(of: text) == columns)
  }

  @Test(
    "Characters in ASCII",
    arguments: [
      ("∂L/∂θ", "dL/dtheta"), ("ŷ", "y_hat"), ("y\u{302}", "y_hat"), ("w₁₂", "w_1_2"),
      ("Λ − Ω", "Lambda - Omega"), ("a · b × c", "a * b * c"), ("漢", "\\u{6f22}"),
      ("σ(z)", "sigma(z)"), ("ς", "sigma"), ("x…", "x..."),
    ])
  func ascii(text: String, ascii: String) {
    var line = FragmentLine(ascii: true)
    line.add(text)
    #expect(line.text.string == ascii)
    #expect(line.columns == ascii.utf8.count)
  }

  @Test("The middle of a long text is left out", arguments: [8, 9, 20, 41])
  func shortening(limit: Int) {
    var line = FragmentLine(ascii: false)
    line.add("> ")
    line.write(.formula, limit: limit) { $0.append("漢字abcdefghijklmnopqrstuvwxyz漢字漢字漢字漢字") }
    #expect(line.columns <= limit + 2 && line.columns >= limit)
    #expect(line.text.string.contains("…"))
    #expect(DisplayWidth.columns(of: line.text.string) == line.columns)
  }
}
