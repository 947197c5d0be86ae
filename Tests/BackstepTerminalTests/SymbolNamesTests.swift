// Tests of the names that TAB turns into symbols.

import Testing

@testable import BackstepTerminal

@Suite struct SymbolNamesTests {
  private func completed(_ text: String) -> String? {
    let line = Array(text.utf8)
    guard let answer = SymbolNames.answer(line: line, cursor: line.count) else { return nil }
    guard case .replace(let range, let with) = CompletionStep(answer, line: line) else {
      return nil
    }
    return String(decoding: line[..<range.lowerBound], as: UTF8.self) + with
  }

  @Test(arguments: [
    ("\\sigma", "σ"), ("2*\\part", "2*∂"), ("dL \\Ome", "dL Ω"), ("y\\hat", "ŷ"), ("x\\bar", "x̄"),
    ("w\\_1", "w₁"), ("w\\_12", "w₁₂"), ("x\\^2", "x²"), ("\\le", "≤"), ("\\ne", "≠"),
    ("\\inf", "∞"), ("\\minus", "−"), ("\\eta", "η"), ("θ\\dot", "θ̇"), ("\\vareps", "ϵ"),
  ])
  func replaces(_ typed: String, _ expected: String) {
    #expect(completed(typed) == expected)
  }

  @Test func prefersOneCharacterForAnAccent() {
    #expect(completed("y\\hat")?.unicodeScalars.count == 1)
    #expect(completed("k\\hat")?.unicodeScalars.count == 2)
  }

  @Test func offersSeveralByName() {
    let line = Array("\\s".utf8)
    let answer = SymbolNames.answer(line: line, cursor: 2)
    #expect(
      answer?.candidates == [Candidate("\\sigma", summary: "σ")] || answer?.candidates.count == 1)
    #expect(SymbolNames.completions(prefix: "\\th").map(\.symbol) == ["θ"])
    #expect(completed("\\vare") == "ϵ")
    #expect(completed("\\var") == nil)
  }

  @Test(arguments: ["", "sigma", "\\ 1", "a\\b c", "1\\hat", "\\hat", "\\_", "\\_a", "\\nosuch"])
  func leavesAlone(_ typed: String) { #expect(completed(typed) == nil) }

  @Test func toleratesAnyCursor() {
    let line = Array("\\sigma".utf8)
    for cursor in [-3, 0, 1, 6, 7, 99] { _ = SymbolNames.answer(line: line, cursor: cursor) }
  }

  @Test func hasEveryNameOnce() {
    #expect(Set(SymbolNames.all.map(\.name)).count == SymbolNames.all.count)
    #expect(SymbolNames.all.allSatisfy { !$0.symbol.isEmpty && $0.name.hasPrefix("\\") })
  }
}
