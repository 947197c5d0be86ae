// Tests of where a long text is broken into screens.

import Testing

@testable import BackstepTerminal

@Suite struct PagesTests {
  /// The screens that a text makes, each as its lines.
  private func screens(_ text: String, columns: Int = 20, rows: Int = 10) -> [[String]] {
    var pages = Pages(prompt: "more") { (columns, rows) }
    var screens: [[String]] = []
    func shown(_ lines: [[UInt8]]) -> [String] {
      lines.map { String(decoding: $0.dropLast(), as: UTF8.self) }
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      Array("\(line)\n".utf8).withUnsafeBytes { pages.hold($0) }
      while pages.isTooLong {
        screens.append(shown(pages.takePage()))
        pages.startOver()
      }
    }
    return screens + [shown(pages.takeAll())]
  }

  private func block(_ name: String, _ count: Int) -> String {
    (1...count).map { "\(name)\($0)\n" }.joined()
  }

  @Test func whatFitsIsOneScreen() {
    #expect(screens(block("a", 9)).map(\.count) == [9])
  }

  @Test func aBlockThatFitsStaysInOnePiece() {
    let all = screens(block("a", 5) + "\n" + block("b", 7))
    #expect(all.map(\.first) == ["a1", ""])
    #expect(all.map(\.last) == ["a5", "b7"])
  }

  @Test func aTitleGoesWithWhatFollows() {
    let all = screens(block("a", 4) + "\nTitle\n\n" + block("b", 5))
    #expect(all.map(\.last) == ["a4", "b5"])
    #expect(all[1].prefix(3) == ["", "Title", ""])
  }

  @Test func aBlockLongerThanTheScreenFillsIt() {
    #expect(screens("a\n\n" + block("b", 20)).map(\.count) == [9, 9, 4])
  }

  @Test func aBlockLongerThanTheScreenIsBrokenBeforeAStep() {
    let steps = (1...6).map { " \($0) step\n    one\n    two\n    three\n" }.joined()
    #expect(screens(steps).map(\.first) == [" 1 step", " 3 step", " 5 step"])
  }

  @Test func whatDoesNotFitBelowWhatIsThereBeginsThePage() {
    var pages = Pages(prompt: "more") { (columns: 20, rows: 10) }
    for _ in 0..<7 { Array("a\n".utf8).withUnsafeBytes { pages.hold($0) } }
    #expect(pages.takeAll().count == 7)
    Array("\(String(repeating: "x", count: 41))\n".utf8).withUnsafeBytes { pages.hold($0) }
    #expect(pages.isTooLong)
    #expect(pages.takePage().isEmpty)
    pages.startOver()
    #expect(!pages.isTooLong)
    #expect(pages.takeAll().count == 1)
  }

  @Test func longLinesTakeSeveralRows() {
    let long = String(repeating: "x", count: 41)
    #expect(screens("\(long)\n\(long)\n\(long)\n\(long)\n").map(\.count) == [3, 1])
    #expect(screens("\u{1b}[31m12345678901234567890\u{1b}[0m\n" + block("a", 8)).count == 1)
  }

  @Test func aLineWiderThanTheScreenIsWrittenAllTheSame() {
    #expect(screens(String(repeating: "x", count: 400) + "\nend\n").map(\.count) == [1, 1])
  }

  @Test func aLineCanComeInPieces() {
    var pages = Pages(prompt: "more") { (20, 10) }
    for piece in ["a", "b\n", "c"] { Array(piece.utf8).withUnsafeBytes { pages.hold($0) } }
    #expect(pages.takeAll().map { String(decoding: $0, as: UTF8.self) } == ["ab\n", "c"])
  }
}
