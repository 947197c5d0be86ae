// Vectors and matrices in a session: what is kept of them, shown, expected, and drawn at random.

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

  /// The values of what is defined, by name.
  fileprivate mutating func readings() throws -> [String: Reading] {
    try run("show")
    var readings: [String: Reading] = [:]
    for line in host.listing {
      if case .value(let reading) = line.state { readings[line.name] = reading }
    }
    return readings
  }
}

extension Reading {
  /// Whether every bit is the same, also the sign of 0.
  fileprivate func isIdentical(to other: Reading?) -> Bool {
    shape == other?.shape && elements.map(\.bitPattern) == other?.elements.map(\.bitPattern)
  }
}

@Suite struct TensorSessionTests {
  @Test func showTellsShapes() throws {
    var talk = Conversation()
    try talk.run(
      """
      x = [1, 2, 3]; W = ones(2, 3); z = W @ x; row = x'; one = [[7]]; s = sum(z)
      const y = [1]; a = W*missing
      """)
    let shapes = try talk.readings().mapValues(\.shape.sizes)
    #expect(
      shapes == [
        "x": [3], "W": [2, 3], "z": [2], "row": [1, 3], "one": [1, 1], "s": [], "y": [1],
      ])
    #expect(talk.host.listing.last?.state == .waiting(for: ["missing"]))
  }

  @Test func aRedefinitionChangesTheShapesOfWhatDependsOnIt() throws {
    var talk = Conversation()
    try talk.run("x = [1, 2]; y = 2*x; s = sum(y); show; x = [[1, 2], [3, 4]]")
    #expect(try talk.reading("y") == .tensor(.matrix(2, 2), [2, 4, 6, 8]))
    #expect(try talk.reading("grad(s, x)") == .tensor(.matrix(2, 2), [2, 2, 2, 2]))
    try talk.run("x = 5")
    #expect(try talk.reading("y") == .scalar(10))
  }

  @Test func whatIsSavedIsReadBackToTheLastBit() throws {
    var talk = Conversation()
    try talk.run(
      """
      seed(3); w = rand(3); W = randn(2, 3); const x = rand(); one = rand(1, 1)
      u := W @ w/3
      edges := [[-0.0, 5e-324, -inf], [1.7976931348623157e308, 0.1, inf]]
      written = [[1, 2], [3, 4]]/3; L = sum(u*u) + x
      """)
    let before = try talk.readings()
    #expect(before.count == 8)
    try talk.run("save all")
    var other = Conversation()
    other.host.files = talk.host.files
    // The numbers do not depend on how many were drawn before.
    try other.run("rand(7); load all")
    let after = try other.readings()
    #expect(Set(after.keys) == Set(before.keys))
    for (name, reading) in before {
      #expect(reading.isIdentical(to: after[name]), "\(name): \(reading), read back as \(after)")
    }
    #expect(try other.reading("grad(L, u)") == talk.reading("grad(L, u)"))
    try other.run("show")
    #expect(other.host.listing.map(\.kind) == talk.host.listing.map(\.kind))
  }

  @Test func definitionsOfTensorsCanBeUndone() throws {
    var talk = Conversation()
    try talk.run("x = [[1, 2], [3, 4]]; y = x'; x = [1, 2]; x := rand(5); x = 7")
    let drawn = try talk.readings()
    try talk.run("undo")
    let five = try talk.reading("x")
    #expect(five.shape == .vector(5))
    try talk.run("undo")
    #expect(try talk.reading("y") == .tensor(.matrix(1, 2), [1, 2]))
    try talk.run("undo")
    #expect(try talk.reading("y") == .tensor(.matrix(2, 2), [1, 3, 2, 4]))
    // What was drawn comes back as it was.
    try talk.run("redo; redo")
    #expect(try talk.reading("x").isIdentical(to: five))
    try talk.run("redo")
    #expect(try talk.readings() == drawn)
    try talk.run("undo; undo; undo; undo; undo")
    #expect(try talk.readings().isEmpty)
  }

  @Test(arguments: [
    "[1, 2] == [1, 2]", "[1, 2] == [1, 2 + 1e-10]", "[[3, 3], [3, 3]] == 3", "3 == [3, 3]",
    "[[1, 2], [1, 2]] == [[1, 2], [1, 2]]", "[1, 2] < [2, 3]", "[1, 2] <= [1, 3]",
    "[1, 2] != [3, 4]",
    "[1, 2] == [1, 2.05] within 0.1", "[inf, 1] == [inf, 1]", "A @ [1, 1] == [3, 7]",
    "grad(L, A) == [[1, 1], [1, 1]]", "A[:, 2] > 1", "100 == 100.5 within 0.01",
  ])
  func anExpectationHoldsIfItDoesForEveryEntry(_ text: String) throws {
    var talk = Conversation()
    try talk.run("A = [[1, 2], [3, 4]]; L = sum(A)")
    try talk.run("expect \(text)")
    #expect(talk.host.expectations == [true])
  }

  @Test(arguments: [
    ("[1, 2] == [1, 3]", "2 at [2]"), ("[[1, 2], [3, 4]] == 1", "2 at [1, 2]"),
    ("[[1, 2], [3, 4]] == [[1, 2], [5, 4]]", "3 at [2, 1]"), ("[1, 2] < [2, 2]", "2 at [2]"),
    ("[1, inf - inf] == [1, inf - inf]", "NaN at [2]"), ("[inf, 1] == [1, 1]", "inf at [1]"),
    ("[1, 2] == [1, 2.2] within 0.01", "2 at [2]"),
    ("[[1, 2], [1, 3]] == [[1, 2], [1, 2]]", "3 at [2, 2]"),
  ])
  func anExpectationNamesTheFirstEntryThatFails(_ text: String, _ place: String) throws {
    var talk = Conversation()
    guard case .failedExpectation(_, let left, _)? = talk.mistake("expect \(text)") else {
      Issue.record("\(text) held")
      return
    }
    #expect(left == place)
    #expect(talk.host.expectations == [false])
  }

  @Test func shapesThatDoNotFitAreNoExpectation() {
    var talk = Conversation()
    guard case .shape? = talk.mistake("expect [1, 2] == [1, 2, 3]") else {
      Issue.record("the shapes were taken to fit")
      return
    }
    #expect(talk.mistake("expect 1 == 1 within [1]") == .needsScalar("within", shape: "[1]"))
  }
}

@Suite struct RandomInputTests {
  @Test func aSeedGivesTheNumbersOfTheGenerator() throws {
    var talk = Conversation()
    var random = Random(seed: 42)
    try talk.run("seed(42); a = rand(2, 2); b = randn(3); c = rand()")
    #expect(try talk.reading("a").elements == (0..<4).map { _ in random.uniform() })
    #expect(try talk.reading("b").elements == (0..<3).map { _ in random.normal() })
    #expect(try talk.reading("c") == .scalar(random.uniform()))
    try talk.run("seed(42); a2 = rand(2, 2); seed(-1); d = rand(2); seed(-1); d2 = rand(2)")
    #expect(try talk.reading("a2") == talk.reading("a"))
    #expect(try talk.reading("d2") == talk.reading("d"))
    #expect(try talk.reading("d2") != talk.reading("a[1, :]"))
  }

  @Test func withoutASeedItIsZero() throws {
    var talk = Conversation()
    var random = Random(seed: 0)
    #expect(try talk.reading("rand(3)").elements == (0..<3).map { _ in random.uniform() })
  }

  @Test func whatIsDrawnStays() throws {
    var talk = Conversation()
    try talk.run("w = rand(3); y = w*w")
    let first = try talk.reading("w")
    try talk.run("show; trace sum(y); grad sum(y); a = 1; a = 2; undo")
    #expect(try talk.reading("w") == first)
    #expect(try talk.reading("y").elements == first.elements.map { $0 * $0 })
    #expect(try talk.reading("w := rand(3); w") != first)
  }

  @Test(arguments: [
    "a = rand(2) + missing", "y = w*rand(3)", "rand(0)", "rand(2.5)", "rand(1, 2, 3)",
  ])
  func aRefusedCallDrawsNothing(_ text: String) throws {
    var talk = Conversation()
    try talk.run("seed(5); w = 1")
    var random = Random(seed: 5)
    #expect(talk.mistake(text) != nil)
    #expect(try talk.reading("rand()") == .scalar(random.uniform()))
  }

  @Test(arguments: [
    ("y = w*rand(3)", "rand"), ("y = w + randn(3)", "randn"), ("y = seed(w)", "seed"),
    ("y = sum(w[1]*rand())", "rand"),
  ])
  func aFormulaDrawsNothing(_ text: String, _ function: String) throws {
    var talk = Conversation()
    try talk.run("w = [1, 2, 3]")
    #expect(talk.mistake(text) == .randomInFormula(function))
    try talk.run("show")
    #expect(talk.host.listing.map(\.name) == ["w"])
  }

  @Test func aFunctionMayDrawWhereNoFormulaCallsIt() throws {
    var talk = Conversation()
    try talk.run("seed(9); noisy(x) = x + rand(2); a := noisy(1); w = 1; y = noisy(w)")
    var random = Random(seed: 9)
    #expect(try talk.reading("a").elements == (0..<2).map { _ in 1 + random.uniform() })
    #expect(talk.mistake("y") == .randomInFormula("rand"))
  }
}
