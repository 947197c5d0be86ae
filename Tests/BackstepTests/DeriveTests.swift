// Formulas for derivatives: their forms, and that they give what backpropagation gives.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct DeriveTests {
  /// What is derived with respect to what, and the formula by hand.
  struct Form: CustomTestStringConvertible, Sendable {
    let program: String
    let formula: String
    var testDescription: String { "\(program) → \(formula)" }

    init(_ program: String, _ formula: String) {
      self.program = program
      self.formula = formula
    }
  }

  private static let neuron =
    "w = 0.5; b = 0.1; const x = 2; const y = 1; z = w*x + b; a = sigmoid(z); "
  private static let typed = "w = 0.5; const x = 2; const y = 1; z = w*x + 0.1; "
  private static let layer =
    "W = [[1, 2], [3, 4], [5, 6]]; const x = [0.1, 0.2]; b = [0.1, 0.2, 0.3]; z = W @ x + b; "
  private static let batch =
    "const X = [[1, 2], [3, 4], [5, 6]]; v = [0.1, 0.2]; d = 0.1; const y = [1, 0, 1]; q = X @ v + d; "

  static let forms = [
    Form(neuron + "L = bce(a, y); derive L wrt w", "(a - y)*x"),
    Form(neuron + "L = bce(a, y); derive L wrt b", "a - y"),
    Form(neuron + "L = -(y*log(a) + (1 - y)*log(1 - a)); derive L wrt w", "(a - y)*x"),
    Form(neuron + "L = bce_logits(z, y); derive L wrt w", "(sigmoid(z) - y)*x"),
    Form(neuron + "L = mse(z, y); derive L wrt w", "2*(z - y)*x"),
    Form(neuron + "L = mse(a, y); derive L wrt w", "2*(a - y)*a*(1 - a)*x"),
    Form(neuron + "t = tanh(z); L = mse(t, y); derive L wrt w", "2*(t - y)*(1 - t^2)*x"),
    Form(neuron + "L = -log(a); derive L wrt w", "(a - 1)*x"),
    Form(neuron + "L = bce(a, y); derive dL/dw wrt w", "a*(1 - a)*x^2"),
    Form(layer + "L = cross_entropy(z, [0, 1, 0]); derive L wrt z", "softmax(z) - [0, 1, 0]"),
    Form(
      layer + "const y = [0, 1, 0]; L = cross_entropy(z, y); derive L wrt W",
      "(softmax(z) - y) @ x'"),
    Form(layer + "p = softmax(z); L = -log(p[2]); derive L wrt z", "p - onehot(2, 3)"),
    Form(layer + "L = sum(z); derive L wrt b", "ones(3)"),
    Form(batch + "L = mse(q, y); derive L wrt v", "2*X' @ (q - y)/3"),
    Form(batch + "L = mse(q, y); derive L wrt d", "2*sum(q - y)/3"),
    Form(batch + "m = sigmoid(q); L = bce(m, y); derive L wrt v", "X' @ (m - y)/3"),
    Form(batch + "L = bce_logits(q, y); derive L wrt v", "X' @ (sigmoid(q) - y)/3"),
    // What stands below a fraction with a name is told by the name. By hand: a = c/(αE + β) has
    // E = (c - βa)/(αa), and so da = -c·αE'/(αE + β)^2 = -a(c - βa)/c · E'/E.
    Form(typed + "a = 1/(1 + exp(-z)); derive a wrt z", "a*(1 - a)"),
    Form(typed + "a = 1/(1 + exp(-z)); L = bce(a, y); derive L wrt w", "(a - y)*x"),
    Form(typed + "a = exp(z)/(1 + exp(z)); derive a wrt z", "a*(1 - a)"),
    Form(typed + "a = exp(z)/(1 + exp(z)); L = (a - y)^2; derive L wrt w", "2*(a - y)*a*(1 - a)*x"),
    Form(typed + "a = 2/(3*exp(-2*z) + 5); derive a wrt z", "a*(2 - 5*a)"),
    Form(typed + "a = 1/(1 + z^2); derive a wrt z", "-2*a^2*z"),
    Form(batch + "m = 1/(1 + exp(-q)); L = bce(m, y); derive L wrt v", "X' @ (m - y)/3"),
    // By hand: M's derivative along v[1] is the sum over i of (p - t)[i]*W[i,1].
    Form(
      "W = [[1, 2], [3, 4]]; v = [1, 2]; const t = [1, 0]; p = W @ v; M = mse(p, t); "
        + "derive grad(M, v)[1] wrt W", "(p - t) @ onehot(1, 2)' + W @ onehot(1, 2) @ v'"),
    Form("x = 2; derive x^2 + 3*x^2 wrt x", "8*x"),
    Form("x = 2; derive 0.1*x + 0.2*x wrt x", "0.3"),
    Form("x = 2; derive x*sqrt(x) wrt x", "1.5*sqrt(x)"),
    Form("x = 2; y = 3; derive x*y - y*x wrt x", "0"),
    Form("x = 2; y = 3; derive x/y wrt y", "-x/y^2"),
    Form("x = 2; y = 3; L = (x + y)^2*(x - y); derive L wrt x", "(x + y)*(3*x - y)"),
    Form("x = [1, 2]; derive sum(x - x) wrt x", "zeros(2)"),
    Form("x = 2; derive x*exp(0)*log(1) wrt x", "0"),
  ]

  @Test(arguments: forms)
  func theFormIsTheTextbooks(_ form: Form) throws {
    var talk = Conversation()
    try talk.run(form.program)
    let derivation = try #require(talk.host.derivations.last)
    #expect(derivation.formula == form.formula)
    #expect(derivation.outcome == .agrees)
    #expect(!derivation.chain.isEmpty)
  }

  @Test(arguments: ForwardModeTests.programs)
  func theFormulaGivesWhatBackpropagationGives(_ program: String) throws {
    var talk = Conversation()
    try talk.run(program)
    let names = program.split(separator: ";").compactMap { statement -> String? in
      let name = statement.split(separator: "=").first.map { $0.filter { $0 != " " } }
      return name == "L" ? nil : name
    }
    for name in names {
      try talk.run("derive L wrt \(name)")
      let derivation = try #require(talk.host.derivations.last)
      #expect(derivation.outcome == .agrees, "\(name): \(derivation.formula ?? "none")")
      // Typed back in, by name, as a reader would.
      guard let formula = derivation.formula else { continue }
      try talk.run("g = \(formula); expect g == dL/d\(name); delete g")
    }
  }

  /// Conventions of the rules at kinks are in the formulas as well.
  @Test(arguments: [
    "abs(x)", "relu(x)", "max(x, 0)", "min(x, x)", "clamp(x, 0, 1)", "sign(x)*x", "hinge(x + 1, 1)",
  ])
  func kinksAreAsInTheTrace(_ expression: String) throws {
    var talk = Conversation()
    try talk.run("x = 0; f = \(expression); derive f wrt x")
    #expect(talk.host.derivations.last?.outcome == .agrees)
  }

  // MARK: Large input

  @Test func aLongChainIsToldInPart() throws {
    var text = "x0 = 0.5"
    for i in 1...3000 { text += "; x\(i) = sin(x\(i - 1))" }
    var talk = Conversation()
    try talk.run(text + "; derive x3000 wrt x0")
    let derivation = try #require(talk.host.derivations.last)
    #expect(derivation.outcome == .tooLong && derivation.formula == nil)
    #expect(derivation.chain.count == 1 && derivation.chain[0].omitted > 2900)
    #expect(derivation.value.elements[0].isFinite)
  }

  @Test func manyPathsThatCollectHaveAFormula() throws {
    // 2^200 paths; each doubles.
    var text = "x0 = 3"
    for i in 1...200 { text += "; x\(i) = x\(i - 1) + x\(i - 1)" }
    var talk = Conversation()
    try talk.run(text + "; derive x200 wrt x0")
    #expect(talk.host.derivations.last?.formula == "1.6069380442589903e60")
  }

  @Test(arguments: [
    "x = 0.5; u0 = x; w0 = 2*x; "
      + (1...200).map { "u\($0) = u\($0 - 1)*w\($0 - 1); w\($0) = sin(u\($0 - 1)) + w\($0 - 1)" }
      .joined(separator: "; ") + "; L = u200 + w200",
    "x = 0.5; L = " + String(repeating: "sin(", count: 5000) + "x"
      + String(repeating: ")", count: 5000),
    "x = 0.5; L = " + (1...2000).map { "(x + \($0))" }.joined(separator: "*"),
    "x = 0.5; L = " + (1...5000).map { "sin(\($0)*x)*x" }.joined(separator: " + "),
    "x = 0.5; f(t) = t*t + sin(t); L = " + String(repeating: "f(", count: 40) + "x"
      + String(repeating: ")", count: 40),
    "x = 1e200; L = x*1e200*x*1e-300*x^300",
  ])
  func whatIsTooLongIsSaid(_ program: String) throws {
    var talk = Conversation()
    try talk.run(program + "; derive L wrt x")
    let derivation = try #require(talk.host.derivations.last)
    #expect(!derivation.chain.isEmpty)
    if derivation.formula == nil { #expect(derivation.outcome == .tooLong) }
  }

  @Test func derivingLeavesNoTrace() throws {
    var talk = Conversation()
    try talk.run("w = 2; a = w^2; L = a*3; derive dL/dw wrt w; derive L wrt w")
    let (text, syntax) = (talk.session.textCount, talk.session.parser.syntax.count)
    try talk.run("derive dL/dw wrt w")
    #expect(talk.session.parser.syntax.count == syntax)
    #expect(talk.session.textCount <= text + 64)
    #expect(try talk.value("L") == 12)
    #expect(talk.host.derivations.last?.formula == "6")
  }

  // MARK: Numbers in formulas

  @Test func coefficientsAreExact() {
    let (tenth, third) = (Coefficient(0.1), Coefficient(1).divided(by: 3))
    #expect((tenth + Coefficient(0.2)).value == 0.3)
    #expect((third + third + third).isOne)
    #expect((third * Coefficient(3)).isOne)
    #expect(Coefficient(0.75).top == 3 && Coefficient(0.75).bottom == 4)
    #expect(Coefficient(-0.0) == .zero)
    #expect(Coefficient(1e300).value == 1e300)
    #expect((Coefficient(1e15) * Coefficient(1e15)).value == 1e30)
    #expect(Coefficient(.pi).value == .pi)
    #expect(Coefficient(2).power(-2)?.value == 0.25)
    #expect(Coefficient(0).power(-1) == nil)
    #expect(Coefficient(10).power(400) == nil)
  }
}
