// A session's memory: what holds, what depends on what, and the way back.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

extension Conversation {
  /// The mistake that a text ends with.
  fileprivate mutating func mistake(_ text: String) -> Diagnostic.Kind? {
    do {
      try run(text)
      return nil
    } catch {
      return error.kind
    }
  }

  /// What is defined, as it was written.
  fileprivate mutating func texts() throws -> [String] {
    try run("show")
    return host.listing.map(\.text)
  }

  /// The kinds of what is defined, by name.
  fileprivate mutating func kinds() throws -> [String: Listing.Kind] {
    try run("show")
    return Dictionary(uniqueKeysWithValues: host.listing.map { ($0.name, $0.kind) })
  }
}

@Suite struct HistoryTests {
  @Test func undoGoesBackStepByStepAndRedoForward() throws {
    var talk = Conversation()
    try talk.run("w = 1; w = 2; w = 3")
    try talk.run("undo; undo")
    #expect(try talk.value("w") == 1)
    try talk.run("redo")
    #expect(try talk.value("w") == 2)
    try talk.run("redo")
    #expect(try talk.value("w") == 3)
    #expect(talk.mistake("redo") == .nothingTo("redo"))
    try talk.run("undo; undo; undo")
    #expect(talk.mistake("w") == .noValue(name: "w", nearest: nil))
    #expect(talk.mistake("undo") == .nothingTo("undo"))
  }

  @Test func aNewDefinitionEndsWhatCanBeDoneAgain() throws {
    var talk = Conversation()
    try talk.run("w = 1; w = 2; undo; v = 5")
    #expect(talk.mistake("redo") == .nothingTo("redo"))
    #expect(try talk.value("w + v") == 6)
  }

  @Test func questionsAreNoSteps() throws {
    var talk = Conversation()
    try talk.run("w = 1; L = w^2; L; trace L; grad L; expect L == 1; show; undo")
    #expect(try talk.texts() == ["w = 1"])
  }

  @Test(arguments: [
    "w = 1 +", "w = v +* 2", "v = w", "const c = w", "f(x, x) = x", "w = 2x", "w := nothing",
    "L := log(", "delete nothing", "load nothing", "expect w == 2", "w[1] := 3", "trace w wrt y",
    "set digits 3", "g(x) = g(x)", "grad = 2", "const w", "1e999", "unknown(w)", "w; w = (1 2",
  ])
  func aStatementThatFailsChangesNothing(_ text: String) throws {
    var talk = Conversation()
    // v waits for u; w = v would close no cycle, but v = w does.
    try talk.run("w = v; v = u; u = 7; u = 8; undo")
    let before = try talk.texts()
    #expect(talk.mistake(text) != nil)
    #expect(try talk.texts() == before)
    #expect(try talk.value("w") == 7)
    // What was undone can be done again: a failure is no step.
    try talk.run("redo")
    #expect(try talk.value("w") == 8)
    try talk.run("undo; undo")
    #expect(talk.mistake("w") == .noValue(name: "u", nearest: nil))
  }

  @Test(arguments: ["y = sigmod(x)", "y = a*x", "f(t) = f(t)", "x = y"])
  func aDefinitionThatFailsAtThePromptDoesNotHold(_ text: String) throws {
    var talk = Conversation()
    talk.session.isInteractive = true
    try talk.run("x = 1; a(t) = t; y = 2*x")
    #expect(talk.mistake(text) != nil)
    #expect(try talk.texts() == ["x = 1", "a(t) = t", "y = 2*x"])
    #expect(try talk.value("y") == 2)
    try talk.run("undo")
    #expect(try talk.texts() == ["x = 1", "a(t) = t"])
  }

  @Test func deleteAndResetCanBeUndone() throws {
    var talk = Conversation()
    try talk.run("a = 2; b = a*3; delete a")
    #expect(talk.mistake("b") == .noValue(name: "a", nearest: nil))
    try talk.run("undo")
    #expect(try talk.value("b") == 6)
    try talk.run("reset")
    #expect(try talk.texts().isEmpty)
    try talk.run("undo")
    #expect(try talk.value("b") == 6)
    try talk.run("redo")
    #expect(try talk.texts().isEmpty)
  }

  @Test func loadIsOneStep() throws {
    var talk = Conversation()
    talk.host.files["three"] = "a = 1\nb = 2\na = 10\n"
    try talk.run("a = 0; load three")
    #expect(try talk.value("a + b") == 12)
    try talk.run("undo")
    #expect(try talk.texts() == ["a = 0"])
    try talk.run("redo")
    #expect(try talk.value("a + b") == 12)
  }

  @Test(arguments: ["c = (", "c = 2x", "expect a == 3", "load missing", "load bad", "d = c; c = d"])
  func aLoadThatFailsChangesNothing(_ last: String) throws {
    var talk = Conversation()
    talk.host.files["bad"] = "a = 10\ndelete z\nf(x) = 2*x\nload good\n\(last)\n"
    talk.host.files["good"] = "b = 20\n"
    try talk.run("a = 1; z = 3; y = a + z")
    let before = try talk.texts()
    #expect(talk.mistake("load bad") != nil)
    #expect(try talk.texts() == before)
    #expect(try talk.value("y") == 4)
    try talk.run("undo")
    #expect(try talk.texts() == ["a = 1", "z = 3"])
  }

  @Test func whatIsSavedIsReadBack() throws {
    var talk = Conversation()
    try talk.run("w = 0.5; const y = 1; f(x) = x^2; L = f(w) - y; w := w/3; save all")
    let value = try talk.value("L")
    var other = Conversation()
    other.host.files = talk.host.files
    try other.run("load all")
    #expect(try other.value("L") == value)
    #expect(try other.kinds() == talk.kinds())
  }
}

@Suite struct DependenceTests {
  @Test func definitionsComeInAnyOrder() throws {
    var talk = Conversation()
    talk.session.isInteractive = true
    try talk.run("L = a*b; a = 2")
    #expect(talk.host.definitions.map(\.state) == [.waiting(for: ["a", "b"]), .value(.scalar(2))])
    try talk.run("b = 4")
    #expect(try talk.value("L") == 8)
  }

  @Test func redefiningChangesWhatDependsOnIt() throws {
    var talk = Conversation()
    try talk.run("a = 1; b = a + 1; c = b*b; f(x) = x + b; d = f(c); show")
    #expect(try talk.value("d") == 6)
    try talk.run("a = 2; show")
    #expect(try talk.value("d") == 12)
    try talk.run("b = 10*a; show")
    #expect(try talk.value("d") == 420)
    try talk.run("f(x) = x; show")
    #expect(try talk.value("d") == 400)
    try talk.run("undo; undo; undo")
    #expect(try talk.value("d") == 6)
  }

  @Test func aDerivativeFollowsARedefinition() throws {
    var talk = Conversation()
    try talk.run("w = 3; L = w^2; slope = dL/dw")
    #expect(try talk.value("slope") == 6)
    try talk.run("L = w^3")
    #expect(try talk.value("slope") == 27)
    try talk.run("w := 1")
    #expect(try talk.value("slope") == 3)
  }

  @Test func predefinedNamesCanBeTakenAndGivenBack() throws {
    var talk = Conversation()
    // What is shown is remembered, until something changes that it depends on.
    try talk.run("r = 2; area = pi*r^2; show; pi = 3")
    #expect(try talk.value("area") == 12)
    try talk.run("delete pi")
    #expect(try talk.value("area") == 4 * Double.pi)
  }

  @Test func aCycleIsFoundWhereItCloses() throws {
    var talk = Conversation()
    try talk.run("a = b + 1; b = c*2")
    #expect(talk.mistake("c = a") == .cycle(["c", "a", "b", "c"]))
    #expect(talk.mistake("b = b") == .cycle(["b", "b"]))
    #expect(talk.mistake("f(x) = f(x - 1)") == .recursion(["f", "f"]))
    try talk.run("c = 5")
    #expect(try talk.value("a") == 11)
  }

  @Test func aCycleThatTheSearchLeftOutIsFoundLater() throws {
    var talk = Conversation()
    let length = 4000
    try talk.run("v0 = 1; y = x")
    try talk.run((1...length).map { "v\($0) = v\($0 - 1)" }.joined(separator: "\n"))
    // Each of these looks at the whole chain, until the credit for searching is used up.
    for _ in 0..<300 { try talk.run("x = v\(length)") }
    try talk.run("v0 = x")
    guard case .cycle(let names)? = talk.mistake("v7") else {
      Issue.record("the cycle was not found")
      return
    }
    #expect(names.first == names.last && names.count == length + 3)
    #expect(talk.mistake("grad y") != nil)
    try talk.run("v0 = 2")
    #expect(try talk.value("y") == 2)
  }
}

@Suite struct AssignmentTests {
  @Test func aValueIsComputedNow() throws {
    var talk = Conversation()
    try talk.run("w = 2; L = w^2; const rate = 0.1; w := w - rate*dL/dw")
    #expect(try talk.value("w") == 2 - 0.1 * 4)
    #expect(try talk.value("L") == (2 - 0.1 * 4) * (2 - 0.1 * 4))
    try talk.run("undo")
    #expect(try talk.value("w") == 2)
  }

  @Test func aFormulaBecomesAnInput() throws {
    var talk = Conversation()
    try talk.run("a = 1; b = a + 1; c = b^2; b := b; a = 100")
    #expect(try talk.value("c") == 4)
    #expect(try talk.value("dc/db") == 4)
    #expect(try talk.kinds() == ["a": .input, "b": .input, "c": .formula])
  }

  @Test func dataStaysData() throws {
    var talk = Conversation()
    try talk.run("const y = 1; y := y + 1")
    #expect(try talk.kinds() == ["y": .const])
    #expect(try talk.value("y") == 2)
  }

  @Test func withoutAValueThereIsNothingToAssign() throws {
    var talk = Conversation()
    #expect(talk.mistake("w := w + 1") == .noValue(name: "w", nearest: nil))
    #expect(try talk.texts().isEmpty)
  }
}

@Suite struct DataTests {
  @Test func noDerivativeReachesData() throws {
    var talk = Conversation()
    try talk.run("w = 3; const y = 1; L = (w - y)^2")
    #expect(talk.mistake("dL/dy") == .constantHasNoDerivative("y"))
    #expect(talk.mistake("grad L wrt y") == .constantHasNoDerivative("y"))
    try talk.run("trace L")
    let header = try #require(talk.host.trace.header)
    let gradients = talk.host.trace.events.compactMap { event -> String? in
      guard case .gradient(let node, _, _) = event else { return nil }
      var name = ByteBuffer()
      header.writeName(of: node, to: &name)
      return name.string
    }
    #expect(gradients == ["w"])
    for case .contribution(let step) in talk.host.trace.events {
      #expect(header.kind(of: step.operand) != .data)
    }
  }

  @Test func dataDependsOnDataAlone() throws {
    var talk = Conversation()
    try talk.run("w = 3; v = w; const y = 1; const two = sqrt(4)*pi/pi")
    #expect(talk.mistake("const z = w + y") == .namesInConstant(["w"]))
    #expect(talk.mistake("const z = v") == .namesInConstant(["v"]))
    try talk.run("const z = y + two")
    #expect(try talk.value("z") == 3)
  }
}

@Suite struct TextTests {
  @Test func aStatementCanComeInPieces() throws {
    var session = Session()
    let host = RecordingHost()
    session.begin(file: nil)
    try session.append("a = (1 +\n".utf8)
    guard case .incomplete(let start, let mistake) = try session.runNext(host) else {
      Issue.record("taken as complete")
      return
    }
    #expect(start == 0 && mistake.kind == .unclosed("("))
    let text = session.dropText(from: start)
    session.begin(file: nil)
    try session.append((text + "2)\na").utf8)
    #expect(try session.runNext(host) == .ran)
    #expect(try session.runNext(host) == .ran)
    #expect(try session.runNext(host) == .end)
    #expect(host.values == [3])
  }

  @Test func aMistakeHasItsFileLineAndColumn() throws {
    var session = Session()
    session.begin(file: "a.grad")
    try session.append("x = 1\n\n  y = θ₁ + 2x\n".utf8)
    let host = RecordingHost()
    #expect(try session.runNext(host) == .ran)
    do {
      _ = try session.runNext(host)
      Issue.record("no mistake")
    } catch {
      let place = session.location(of: error)
      #expect(place.file == "a.grad" && place.line == 3 && place.column == 12)
      #expect(place.lineText == "  y = θ₁ + 2x" && place.length == 2)
    }
  }

  @Test func whatRunsCanBeInterrupted() throws {
    var talk = Conversation()
    try talk.run("x = 2; y = sin(x)*x")
    talk.host.isInterrupted = true
    #expect(talk.mistake("trace y") == .interrupted)
    #expect(talk.mistake("y") == .interrupted)
    talk.host.isInterrupted = false
    #expect(try talk.value("y") == Double.sin(2) * 2)
  }
}
