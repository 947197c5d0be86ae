// Tests of what TAB does with its candidates, and of the list.

import Testing

@testable import BackstepTerminal

@Suite struct CompletionTests {
  private func step(_ line: String, from: Int, _ candidates: [Candidate]) -> CompletionStep {
    let bytes = Array(line.utf8)
    return CompletionStep(
      CompletionAnswer(replacing: from..<bytes.count, candidates: candidates), line: bytes)
  }

  @Test func writesTheOnlyCandidateWithItsSuffix() {
    let only = [Candidate("sigmoid", suffix: "(")]
    #expect(step("2*sig", from: 2, only) == .replace(2..<5, with: "sigmoid("))
  }

  @Test func keepsASuffixThatStandsThere() {
    let line = Array("sig(x)".utf8)
    let answer = CompletionAnswer(
      replacing: 0..<3, candidates: [Candidate("sigmoid", suffix: "(")])
    #expect(CompletionStep(answer, line: line) == .replace(0..<3, with: "sigmoid"))
  }

  @Test func extendsThenLists() {
    let two = [Candidate("sigmoid"), Candidate("sign")]
    #expect(step("s", from: 0, two) == .replace(0..<1, with: "sig"))
    #expect(step("sig", from: 0, two) == .list(two))
    let greek = [Candidate("σ1"), Candidate("σ2")]
    #expect(step("", from: 0, greek) == .replace(0..<0, with: "σ"))
  }

  @Test func refusesWhatIsNotThere() {
    #expect(step("x", from: 0, []) == .nothing)
    #expect(step("x", from: 0, [Candidate("x")]) == .nothing)
    let line = Array("σ".utf8)
    for range in [0..<1, 1..<2, 0..<9] {
      let answer = CompletionAnswer(replacing: range, candidates: [Candidate("y")])
      #expect(CompletionStep(answer, line: line) == .nothing)
    }
  }

  @Test func listsSummariesInOneColumn() {
    let list = CompletionList.text(
      [Candidate("sin", summary: "sine"), Candidate("漢字", summary: "two wide"), Candidate("x")],
      width: 12)
    #expect(list == "sin   sine\n漢字  two w\nx\n")
  }

  @Test func listsManyInColumnsDownwards() {
    let many = (1...7).map { Candidate("n\($0)") }
    #expect(CompletionList.text(many, width: 13) == "n1  n4  n7\nn2  n5\nn3  n6\n")
    #expect(CompletionList.text(many, width: 1).split(separator: "\n").count == 7)
  }

  @Test func saysHowManyMore() {
    let many = (1...130).map { Candidate("n\($0)", summary: "s") }
    #expect(CompletionList.text(many, width: 80).hasSuffix("\n… and 30 more\n"))
    let ascii = CompletionList.text(many, width: 80, isUnicode: false)
    #expect(ascii.hasSuffix("\n... and 30 more\n"))
  }

  @Test func escapesWhatWouldSteerTheTerminal() {
    #expect(CompletionList.text([Candidate("a\u{1b}[2J")], width: 80) == "a\\u{1b}[2J\n")
  }
}
