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

  @Test func argumentsOfADerivativeHaveNoNames() throws {
    for text in [
      "sin(grad(a=grad(b=L, x), x))", "grad(a=L, x)", "grad(L, a=x)", "tanh(grad(b=L, x))",
    ] {
      var talk = Conversation()
      try talk.run("x = 2; L = x^3")
      #expect(throws: Diagnostic.self) { try talk.run(text) }
      #expect(try talk.value("grad(L, x)") == 12)
    }
  }

  @Test func aDerivativeThatIsReadAgainForAnAnswerStaysWhole() throws {
    var talk = Conversation()
    talk.host.files["lesson.grad"] = "#* T\n#? t\ng = dL/dw; w = 3; L = w^2; L\n"
    talk.host.answers = ["g = dL/dw", "w = 3; L = w^2", "g", "skip"]
    // A lesson that is left is a failure; what counts is what it leaves behind.
    _ = try? talk.run("lesson lesson.grad")
    try talk.run("g = dL/dw; w = 3; L = w^2")
    #expect(try talk.value("g") == 6)
    var session = talk.session
    #expect(try session.value(ofText: "g + 1", talk.host).value.elements == [7])
  }

  @Test func anEntryThatIsNotThereAnyMoreIsAMistake() throws {
    for text in [
      "W = [1, 2, 3]; L = sum(W^2); trace L wrt W[3]; W = [1, 2]; why 1",
      "W = [1, 2, 3]; L = sum(W^2); trace L wrt W[3]; W = 1; why 1",
      "n = 5; w = ones(n); L = sum(w^2); compare L wrt w[5] by n",
    ] {
      var talk = Conversation()
      #expect(throws: Diagnostic.self) { try talk.run(text) }
    }
  }

  @Test func aNulIsNoName() throws {
    var names = NameTable()
    _ = names.intern("x")
    #expect(names.find("\0") == nil)
    #expect(names.find("") == nil)
    #expect(names.find("x") != nil)
    var talk = Conversation()
    #expect(throws: Diagnostic.self) { try talk.run("show \"\0\"") }
  }

  @Test func aPowerOfTenThatManyZerosMakeUpForIsRead() throws {
    var talk = Conversation()
    let zeros = String(repeating: "0", count: 100_010)
    #expect(try talk.value("0.\(zeros)1e100021") == 1e10)
    #expect(try talk.value("1\(zeros)e-100010") == 1)
  }

  @Test func manyDerivativesDefinedBeforeTheirNamesAreReadOnceEach() throws {
    var talk = Conversation()
    let count = 300
    try talk.run((0..<count).map { "g\($0) = dL\($0)/dw\($0)" }.joined(separator: "\n"))
    try talk.run((0..<count).map { "w\($0) = \($0); L\($0) = w\($0)^2" }.joined(separator: "\n"))
    for place in [0, 1, 150, 299] { #expect(try talk.value("g\(place)") == Double(2 * place)) }
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
