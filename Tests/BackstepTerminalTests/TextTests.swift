// Tests of escaping, width, pasted text and prompts in it.

import Testing

@testable import BackstepTerminal

@Suite struct TextTests {
  @Test func escapesControls() {
    #expect(printable("a\u{1b}[31m") == "a\\u{1b}[31m")
    #expect(printable("\u{0}\u{7f}\u{85}\u{9b}") == "\\u{0}\\u{7f}\\u{85}\\u{9b}")
    #expect(printable("a\u{202e}b\u{2066}\u{2028}") == "a\\u{202e}b\\u{2066}\\u{2028}")
    #expect(printable("\r\n") == "\\u{d}\\u{a}")
    #expect(printable("a\tb\n", newlines: true, tabs: true) == "a\tb\n")
    #expect(printable("ŷ = σ(漢字) y\u{302}") == "ŷ = σ(漢字) y\u{302}")
  }

  @Test(arguments: [("abc", 3), ("σ ŷ", 3), ("y\u{302}", 1), ("漢字", 4), ("", 0), ("😀", 2)])
  func measures(_ text: String, _ width: Int) { #expect(displayWidth(text) == width) }

  @Test func fits() {
    #expect(fitting("漢字", columns: 3) == "漢")
    #expect(fitting("y\u{302}z", columns: 1) == "y\u{302}")
    #expect(fitting("abc", columns: 0) == "")
  }

  private func pasted(_ text: String) -> PastedText {
    Array(text.utf8).withUnsafeBufferPointer { PastedText($0) }
  }

  @Test func splitsAPaste() {
    let text = pasted("a\tb\r\nc\rd\n\ne")
    #expect(text.lines == ["a b", "c", "d", ""])
    #expect(text.rest == "e")
    #expect(pasted("").lines.isEmpty)
    #expect(pasted("x\n").rest == "")
  }

  @Test func dropsControlsFromAPaste() {
    #expect(pasted("a\u{1b}[31m\u{3}\u{9b}b\u{7f}").rest == "a[31mb")
    #expect(pasted("σ\u{a0}À").rest == "σ\u{a0}À")
    let broken: [UInt8] = [0x61, 0xff, 0xc2]
    #expect(broken.withUnsafeBufferPointer { PastedText($0).rest } == "a\u{fffd}\u{fffd}")
  }

  static let prompts = ["backstep> ", "     ...> "]

  @Test(arguments: [
    ("backstep> x = 1", "x = 1"), ("     ...>   2)", "  2)"), ("...> 2)", "2)"),
    ("  backstep> x", "x"), ("backstep>", ""), ("     ...> ", ""),
    ("backstep> backstep> x", "backstep> x"), ("backstep>x", "backstep>x"), ("  x", "  x"),
    ("backstep", "backstep"), ("", ""), ("σ> x", "σ> x"),
  ])
  func stripsPrompts(_ line: String, _ expected: String) {
    #expect(LineEditor.strippingPrompts(line, prompts: Self.prompts) == expected)
  }

  @Test func stripsPromptsOfEveryPastedLine() {
    var text = pasted("backstep> f(1,\n     ...>  2)\nbackstep> y")
    var inMidLine = text
    text.stripPrompts(Self.prompts, includingFirst: true)
    #expect(text.lines == ["f(1,", " 2)"])
    #expect(text.rest == "y")
    inMidLine.stripPrompts(Self.prompts, includingFirst: false)
    #expect(inMidLine.lines.first == "backstep> f(1,")
  }

  @Test(arguments: [
    ("backstep> y = 2*w\ny = 1\nbackstep> z\n3\n", ["y = 2*w", "z"], ""),
    ("w = 1\nw = 1\nbackstep> z\n3\nbackstep> ", ["w = 1", "z"], ""),
    ("y = (1\n     ...> 2)\ny = 3", ["y = (1", "2)"], ""),
    ("w = 1\ny = 2*w\nz", ["w = 1", "y = 2*w"], "z"),
  ])
  func leavesOutWhatASessionAnswered(_ session: String, _ lines: [String], _ rest: String) {
    var text = pasted(session)
    text.stripPrompts(Self.prompts, includingFirst: true)
    #expect(text.lines == lines)
    #expect(text.rest == rest)
  }

  @Test func decidesOnColor() {
    func usesColor(_ choice: ColorChoice, _ isTerminal: Bool, _ values: [String: String]) -> Bool {
      Terminal.usesColor(choice, isTerminal: isTerminal) { values[$0] }
    }
    #expect(usesColor(.auto, true, ["TERM": "xterm"]))
    #expect(!usesColor(.auto, false, ["TERM": "xterm"]))
    #expect(!usesColor(.auto, true, ["TERM": "dumb"]))
    #expect(!usesColor(.auto, true, [:]))
    #expect(!usesColor(.auto, true, ["TERM": "xterm", "NO_COLOR": "1"]))
    #expect(usesColor(.auto, true, ["TERM": "xterm", "NO_COLOR": ""]))
    #expect(usesColor(.always, false, ["NO_COLOR": "1"]))
    #expect(!usesColor(.never, true, ["TERM": "xterm"]))
  }
}
