// Traces by statement and by layer: the same derivatives, a sweep inside each step.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite("Levels of view")
struct LevelTests {
  /// Programs whose last formula is L.
  static let programs = [
    "w = 0.5; b = -1; const x = 2; const y = 1; a = sigmoid(w*x + b); L = bce(a, y)",
    "x = 3; u = x*x + x; v = u*x - sin(u); L = u*v/x",
    "x = 0; y = where(x > 0, log(x), x^2 + x); L = y*3 + x",
    "x = -2; h = relu(x) + x; t = where(h > 0, h, exp(h)); L = t*t",
    "f(a, b) = a*b + a; x = 1.5; y = f(x, f(x, 2)); L = f(y, x)",
    "x = 2; a = x^2; b = a + x; c = a*b; d = c - a; L = c*d*b",
    "z = 0.3; L = (z +  # one\n z^2)*pi",
    """
    W1 = [[0.5, -0.25], [0.75, 1], [-0.5, 0.125]]; b1 = [0.1, 0.2, -0.1]
    W2 = [[1, -0.5, 0.25]]; b2 = [0.3]; const x = [1, -2]; const y = [1]
    z1 = W1 @ x + b1; h = tanh(z1); z2 = W2 @ h + b2; p = sigmoid(z2); L = bce(p, y) + sum(W1^2)
    """,
    """
    W = [[1, 2], [3, 4]]; b = [1, -1]; s = 2; const X = [[1, 2], [5, 6]]
    z = X @ W + b; y = s*z; m = max(y, axis=1); L = sum(relu(y))/s + sum(m*b)
    """,
    """
    q = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]; k = [[1, 0], [0.5, 0.5], [0.2, -1]]
    scores = q @ k'; a = softmax(scores); o = a @ k; r = o + q; L = mean(r^2)
    """,
    "w = 3; L0 = w^2; v = 2; g = dL0/dw*v; L = v + g*v",
  ]

  /// The trace of L at a level.
  private func trace(_ program: String, _ level: ViewLevel, _ end: String = "") throws -> Recording
  {
    var conversation = Conversation()
    conversation.host.level = level
    try conversation.run(program + "\ntrace L" + end)
    return conversation.host.trace
  }

  private func names(_ recording: Recording) -> (NodeIndex) -> String {
    { node in
      var name = ByteBuffer()
      recording.header?.writeName(of: node, to: &name)
      return name.string
    }
  }

  /// The gradient by name.
  private func gradient(_ recording: Recording) -> [String: [Double]] {
    let name = names(recording)
    var all: [String: [Double]] = [:]
    for case .gradient(let node, _, let value) in recording.events {
      all[name(node)] = value.elements
    }
    return all
  }

  private func isClose(_ one: [Double], _ other: [Double]) -> Bool {
    one.count == other.count
      && zip(one, other).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($0)) }
  }

  @Test("Every level ends in the same gradient", arguments: programs)
  func sameGradient(program: String) throws {
    // A derivative cannot be differentiated again: that program asks for v alone.
    let end = program.contains("dL0") ? " wrt v" : ""
    let reference = gradient(try trace(program, .operation, end))
    #expect(!reference.isEmpty)
    for level in [ViewLevel.statement, .layer] {
      let found = gradient(try trace(program, level, end))
      #expect(found.keys.sorted() == reference.keys.sorted())
      for (name, numbers) in reference { #expect(isClose(found[name] ?? [], numbers), "\(name)") }
    }
  }

  @Test("Named values have the same adjoints, and sums add up", arguments: programs)
  func sameAdjoints(program: String) throws {
    let end = program.contains("dL0") ? " wrt v" : ""
    let fine = try trace(program, .operation, end)
    var reference: [String: [Double]] = [:]
    for case .backward(let node, let adjoint, _) in fine.events {
      reference[names(fine)(node)] = adjoint.elements
    }
    for level in [ViewLevel.statement, .layer] {
      let recording = try trace(program, level, end)
      let name = names(recording)
      var sums: [NodeIndex: [Double]] = [:]
      var adjoint: [Double] = []
      for event in recording.events {
        switch event {
        case .backward(let node, let reading, _):
          adjoint = reading.elements
          #expect(isClose(adjoint, reference[name(node)] ?? []), "\(name(node))")
        case .contribution(let contribution):
          let product = contribution.contribution.elements
          // Where there is a local derivative, the product is that of the two.
          if let local = contribution.local?.elements {
            for (index, number) in product.enumerated() {
              #expect(number == adjoint[adjoint.count == 1 ? 0 : index] * local[index])
            }
          }
          let before = sums[contribution.operand]
          let sum = before.map { zip($0, product).map { $0 + $1 } } ?? product
          sums[contribution.operand] = sum
          #expect(contribution.accumulated.elements == sum)
        default: break
        }
      }
    }
  }

  @Test("Only names are steps, and every operand is a name, an input or data", arguments: programs)
  func stepsAreNames(program: String) throws {
    let end = program.contains("dL0") ? " wrt v" : ""
    let recording = try trace(program, .statement, end)
    let header = try #require(recording.header)
    for case .forward(let node, _, _) in recording.events {
      let isDerivative = header.operation(of: node) == "grad"
      #expect(isDerivative || !names(recording)(node).hasPrefix("v1"))
      for slot in 0..<header.operandCount(of: node) {
        #expect(header.operand(slot, of: node) < node)
        #expect(header.kind(of: header.operand(slot, of: node)) != .constant)
      }
    }
  }

  @Test("The formula of a statement's derivative has its value")
  func formulas() throws {
    // By hand: dz/dw = x, dz/dx = w + 3*x^2, dL/dz = 2*z*cos(z^2).
    var conversation = Conversation()
    conversation.host.level = .statement
    try conversation.run("w = 0.7; x = -1.3; z = w*x + x^3; L = sin(z^2)\ntrace L")
    let recording = conversation.host.trace
    let header = try #require(recording.header)
    var count = 0
    for case .partial(let node, let slot, _, let value?) in recording.events {
      var formula = ByteBuffer()
      header.write(header.partialFormula(of: node, slot: slot), of: node, to: &formula)
      let computed = try conversation.value(formula.string)
      #expect(isClose([computed], value.elements), "\(formula.string)")
      count += 1
    }
    #expect(count == 3)
    let byHand = [0.7 + 3 * 1.69, -1.3]
    var locals: [Double] = []
    for case .partial(1..., _, _, .scalar(let number)?) in recording.events {
      locals.append(number)
    }
    #expect(byHand.allSatisfy { expected in locals.contains { abs($0 - expected) < 1e-12 } })
  }

  @Test("Layers are products of matrices with what follows, and losses")
  func layers() throws {
    let recording = try trace(Self.programs[7], .layer)
    let name = names(recording)
    var steps: [String] = []
    for case .forward(let node, _, _) in recording.events { steps.append(name(node)) }
    #expect(steps == ["h", "p", "L"])
  }

  @Test("Thousands of statements, and one of thousands of operations")
  func large() throws {
    var program = "x = 0.5\n"
    for index in 1...2_000 {
      program += "a\(index) = \(index == 1 ? "x" : "a\(index - 1)")*0.999 + x*0.001\n"
    }
    program += "L = a2000^2 + " + Array(repeating: "x", count: 2_000).joined(separator: " + ")
    let found = gradient(try trace(program, .statement))
    let reference = gradient(try trace(program, .operation))
    let (one, other) = (found["x"]?.first ?? 0, reference["x"]?.first ?? 1)
    #expect(abs(one - other) < 1e-9 * abs(other))
  }
}

@Suite("Stops of a trace")
struct StopTests {
  private func stops(_ program: String) throws -> [(TraceStep, String)] {
    var conversation = Conversation()
    try conversation.run(program)
    let last = try #require(conversation.host.stepped.last)
    let steps = last.recording.steps
    return last.stops.map { (steps[$0.position], $0.text) }
  }

  @Test("Without a terminal the trace is printed; with one it is handed over")
  func whoShows() throws {
    var conversation = Conversation()
    try conversation.run("w = 3; L = w^2; step L")
    #expect(conversation.host.stepped.isEmpty)
    #expect(!conversation.host.trace.events.isEmpty)
    let printed = conversation.host.trace
    conversation.host.canStep = true
    try conversation.run("step L until dL/dw")
    let last = try #require(conversation.host.stepped.last)
    #expect(last.recording.events == printed.events)
    #expect(last.stops.count == 1)
  }

  @Test("Conditions hold where the numbers say so")
  func conditions() throws {
    // y = x*x + x at 3: contributions to x are 1, 3 and 3; they gather to 1, 4 and 7.
    let found = try stops("x = 3; y = x*x + x; step y break adjoint >= 4")
    #expect(found.map(\.0.kind) == [.contribution, .contribution])
    #expect(found.map(\.0.part) == [1, 2])
    #expect(found.map(\.0.number) == [4, 4])
    #expect(try stops("x = 3; y = x*x + x; step y break adjoint > 7").isEmpty)
    #expect(try stops("x = 3; y = x*x + x; step y break value == 9").map(\.0.number) == [1])
    // `local` is computed on the way forward.
    let locals = try stops("x = 3; y = x*x + x; step y break local == 3")
    #expect(locals.map(\.0.kind) == [.forward])
    // Two words that are computed at different steps are looked at where the later one is.
    let both = try stops("x = 3; y = x*x + x; step y break contribution == value")
    #expect(both.map(\.0.number) == [4, 4])
  }

  @Test("A node is a value where it is computed, a derivative where it is complete")
  func nodes() throws {
    let program = "x = 3; y = x*x + x; step y until v1, y, ∂y/∂v1, x, ∂y/∂y"
    let found = try stops(program)
    #expect(found.map(\.1) == ["v1", "y", "∂y/∂y", "∂y/∂v1", "x"])
    #expect(found.map(\.0.kind) == [.forward, .forward, .seed, .contribution, .sum])
  }

  @Test(
    "What is written is read",
    arguments: [
      ("v3", nil, "v3", nil), ("∂L/∂w1", "L", "w1", nil), ("dL/dw", "L", "w", nil),
      ("grad(L, w)", "L", "w", nil), ("W[1, 2]", nil, "W", "1,2"), ("dw", nil, "dw", nil),
      ("∂L / ∂v1", "L", "v1", nil), ("a/b", nil, "a/b", nil),
    ] as [(String, String?, String, String?)])
  func references(text: String, output: String?, name: String, index: String?) {
    let reference = NodeReference(text)
    #expect(reference.output == output)
    #expect(reference.name == name)
    #expect(reference.index == index)
  }

  @Test("A statement that fails leaves the last trace as it was")
  func failures() throws {
    var conversation = Conversation()
    try conversation.run("w = 3; L = w^2; M = w*4; trace L")
    #expect(throws: Diagnostic.self) { try conversation.run("trace M wrt nobody") }
    #expect(throws: Diagnostic.self) { try conversation.run("step M break w") }
    try conversation.run("why w")
    #expect(conversation.host.explained.last?.recording.header?.rootText == "L")
  }
}
