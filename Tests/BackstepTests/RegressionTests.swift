// Programs that once went wrong.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct RegressionTests {
  @Test func aDerivativeIsTheSameAfterItsFormulaWasShown() throws {
    var talk = Conversation()
    try talk.run("w = 3; L = w^2; slope = dL/dw; show L")
    #expect(try talk.value("dL/dw") == 6)
    #expect(try talk.value("slope") == 6)
  }

  @Test func anUpdateAtThePromptUsesTheDerivative() throws {
    var talk = Conversation()
    talk.session.isInteractive = true
    try talk.run("w = 3; L = w^2; w := w - dL/dw")
    #expect(try talk.value("w") == -3)
  }

  @Test func aDerivativeReachesAFormulaThatDependsOnNoInput() throws {
    var talk = Conversation()
    try talk.run("const c = 2; a = c*3; L = a^2; expect dL/da == 12")
    #expect(talk.host.expectations == [true])
  }

  @Test func aLoadThatFailsLeavesWhatCanBeDoneAgain() throws {
    var talk = Conversation()
    talk.host.files["bad"] = "a = 1\nb = 2x\n"
    try talk.run("w = 1; w = 2; undo")
    #expect(throws: Diagnostic.self) { try talk.run("load bad") }
    try talk.run("redo")
    #expect(try talk.value("w") == 2)
  }

  @Test func aLoadThatFailsBringsBackWhatItTookBack() throws {
    var talk = Conversation()
    talk.host.files["bad"] = "undo\nb = 2x\n"
    try talk.run("a = 1; b = 2")
    #expect(throws: Diagnostic.self) { try talk.run("load bad") }
    try talk.run("show")
    #expect(talk.host.listing.map(\.text) == ["a = 1", "b = 2"])
  }

  @Test func anOpenBracketInALoadedFileDoesNotLeaveTheStatementOpen() throws {
    var session = Session()
    let host = RecordingHost()
    host.files["bad"] = "a = (1\n"
    session.begin(file: nil)
    try session.append("load bad\n".utf8)
    #expect(throws: Diagnostic.self) { try session.runNext(host) }
  }

  @Test func aBackslashAtTheEndAsksForMoreText() throws {
    var session = Session()
    session.begin(file: nil)
    try session.append("x = 1 \\\n".utf8)
    guard case .incomplete = try session.runNext(RecordingHost()) else {
      Issue.record("taken as complete")
      return
    }
  }

  @Test(arguments: ["w*2 # why", "trace w*2\t# why", "(w\n*2) # why"])
  func aCommentIsNoPartOfAStatement(_ text: String) throws {
    let reader = Reader(text)
    let statement = try #require(reader.statements.first)
    #expect(!reader.text(statement.range).contains("#"))
    if case .command(let call) = statement.kind, let expression = call.expression {
      #expect(reader.text(expression.range) == "w*2")
    }
  }
}
