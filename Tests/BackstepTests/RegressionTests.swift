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

  @Test func derivativesAreCountedAfterTheyAreWrittenOut() throws {
    for text in [
      "x = 1; k = 2*x; y = 3*grad(2, k); help why", "W = 1; w = grad(2, W); compare w by W",
      "n = 2; w = 2*ones(n); L = sum(w^3); g = sum(grad(L, w)^2); compare g wrt w by n, 2",
    ] {
      var other = Conversation()
      // Whether it is refused or not, it comes to an end.
      _ = try? other.run(text)
      #expect(try other.value("1 + 1") == 2)
    }
  }

  @Test func aStatementThatFailsChangesNoReadingOfDerivatives() throws {
    var talk = Conversation()
    talk.session.isInteractive = true
    try talk.run("W = [1]; q = dW/dz")
    #expect(throws: Diagnostic.self) { try talk.run("z = W + [1, 2] + [1, 2, 3]") }
    try talk.run("dW = 6; dz = 3")
    #expect(try talk.value("q") == 2)
  }

  @Test func aDerivativeThatWouldDependOnItselfStaysAQuotient() throws {
    for text in [
      "y = dz/dy; z = 1", "z = 1; y = dz/dy", "W = 1; y = dW/dz; z = y; dW = 0; delete W",
    ] {
      var talk = Conversation()
      try talk.run(text)
      try talk.run("show")
      #expect(talk.host.listing.count >= 2, "\(text)")
      try talk.run("dz = 6; dy = 3; dW = 6")
      #expect(try talk.value("y") == (text.hasPrefix("W") ? 1 : 2), "\(text)")
    }
  }

  @Test(arguments: [
    "w = 3; check w", "x = 0; L = x^3; check L", "x = 0.3; y = exp(x)*exp(-x); check y",
    "b = [0.1, 0.7, 0.3]; s = sum(softmax(b)); check s",
    "x = [1, 2, 3]; s = sum(x - mean(x)) + 1; check s",
    "k = 0.9883; R = where(1/erf(k) < 9, k^2, 3); check R",
    "k = 0.9883; R = where([erf(k), 1] @ [k, 2] < 9, k^2, 3); check R",
    "n = [0.1, 0]; L = norm(exp(asinh(n*n))); check L",
    "n = 0; z = -0.3; k = n*where(n > 0, z, n); check k",
    "x = 0; y = 1; L = 1/x + y; check L wrt y",
    "x = 2; y = x^(-2^63); check y",
  ])
  func aCorrectDerivativePasses(_ text: String) throws {
    var talk = Conversation()
    try talk.run(text)
  }

  @Test func equalEntriesDoNotDeviate() throws {
    for number in ["0.1", "0.7", "1.3", "1e200", "3e-300"] {
      for count in 1...12 {
        var talk = Conversation()
        try talk.run("x = [\(Array(repeating: number, count: count).joined(separator: ", "))]")
        #expect(try talk.value("std(x)") == 0)
        #expect(try talk.value("var(x)") == 0)
      }
    }
    var talk = Conversation()
    try talk.run("s = std([1e200, -1e200]); t = std([1e-200, -1e-200]); u = std([1e16, 1e16 + 2])")
    #expect(try talk.value("s") == 1e200)
    #expect(try talk.value("t") == 1e-200)
    #expect(try talk.value("u") == 1)
  }

  /// The true numbers are mpmath's, at 60 digits.
  @Test(arguments: [
    ("z = [0, 40]; S = softmax(z)[2]; d = dS/dz; d[2]", "4.248354255291589e-18"),
    ("z = [0, 40]; S = log_softmax(z)[2]; d = dS/dz; d[2]", "4.248354255291589e-18"),
    (
      "x = [-0.0029, -76.95]; L = cross_entropy(x, onehot(1, 2)); d = dL/dx; d[1]",
      "-3.8220738263865431e-34"
    ),
    ("x = 3262.3086503371364; y = -87.52940392352127; L = x^y; dL/dx", "-7.7960717697257007e-310"),
    ("x = 1.4988475323325e-311; y = 1*x; L = x^1.4988475323325e-311; dL/dx", "1"),
    ("x = 5e-324; y = 1.9519960432419023; L = x^y; dL/dx", "3.1933106605567541e-308"),
    ("x = -740; a = 1000; L = elu(x, a); dL/dx", "4.18873988005e-319"),
    (
      "a = -1.0000000000000007; y = -0.9999999999999993; L = hinge(a, y); dL/da",
      "0.9999999999999993"
    ),
  ])
  func digitsAreKept(_ text: String, _ number: String) throws {
    let expected = try #require(Double(number))
    var talk = Conversation()
    let statements = text.split(separator: ";")
    try talk.run(statements.dropLast().joined(separator: ";"))
    let found = try talk.value(String(statements.last ?? ""))
    #expect(abs(found - expected) <= 1e-12 * abs(expected) + 4 * Double.leastNonzeroMagnitude)
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
