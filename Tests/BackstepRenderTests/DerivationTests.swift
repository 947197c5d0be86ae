// Derivations made by hand, at several widths, against golden files.

import BackstepRender
import BackstepTrace
import Testing

@Suite struct DerivationTests {
  private static let neuron = Derivation(
    of: "L", wrt: "w", symbol: "∂L/∂w",
    chain: [Derivation.Equation(left: "∂L/∂w", terms: [["∂L/∂a", "∂a/∂z", "∂z/∂w"]])], omitted: 0,
    isStepwise: false,
    factors: [
      Derivation.Factor(
        of: "L", wrt: "a", symbol: "∂L/∂a", formula: "(a - y)/(a*(1 - a))",
        definition: "L = bce(a, y)"),
      Derivation.Factor(
        of: "a", wrt: "z", symbol: "∂a/∂z", formula: "a*(1 - a)", definition: "a = sigmoid(z)"),
      Derivation.Factor(
        of: "z", wrt: "w", symbol: "∂z/∂w", formula: "x",
        definition: "z = w*x + b + c + d + e + f + g + h + i + j + k + l"),
    ],
    steps: [
      Derivation.Step("(a - y)/(a*(1 - a)) · a*(1 - a) · x"),
      Derivation.Step("(a - y)*x", note: "a*(1 - a) cancels"),
    ],
    formula: "(a - y)*x",
    numbers: [.text("("), .number(0.75026011), .text(" - "), .number(1), .text(")*"), .number(2)],
    value: .scalar(-0.49947979), outcome: .agrees)

  private static let layer = Derivation(
    of: "L", wrt: "W", symbol: "∂L/∂W",
    chain: [
      Derivation.Equation(left: "∂L/∂a", terms: [["(a - y)/(a*(1 - a))"]]),
      Derivation.Equation(left: "∂L/∂z", terms: [["∂L/∂a*a*(1 - a)"]], result: "a - y"),
      Derivation.Equation(left: "∂L/∂W", terms: [["∂L/∂z @ x'"]], result: "(a - y) @ x'"),
    ], omitted: 2, isStepwise: true, factors: [], steps: [], formula: "(a - y) @ x'", numbers: [],
    value: .tensor(.matrix(2, 2), [0.5, -1.25, 0, 1e-9]),
    outcome: .differs(.tensor(.matrix(2, 2), [0.5, .nan, 0, 0])))

  private static let paths = Derivation(
    of: "L", wrt: "x\u{1b}[31m", symbol: "∂L/∂x\u{1b}[31m",
    chain: (1...4).map { place in
      Derivation.Equation(
        left: "∂L/∂u\(place)",
        terms: [["∂L/∂u9", "∂u9/∂u\(place)"], ["∂L/∂w9", "∂w9/∂v", "∂v/∂u\(place)"]])
    }, omitted: 91, isStepwise: false, factors: [], steps: [], formula: nil, numbers: [],
    value: .scalar(.infinity), outcome: .tooLong)

  @Test(arguments: Look.allCases)
  func text(look: Look) throws {
    let all = [Self.neuron, Self.layer, Self.paths]
    let text = all.map { DerivationText.lines($0, style: look.style).string }
    #expect(!text.joined().contains("\u{1b}[31m"))
    if look != .color80 {
      let lines = text.joined().split(separator: "\n")
      #expect(lines.allSatisfy { $0.unicodeScalars.count <= look.style.width })
    }
    try expectGolden(text.joined(separator: "\n"), "derivation.\(look.rawValue).txt")
  }

  @Test func json() throws {
    let all = [Self.neuron, Self.layer, Self.paths]
    let text = all.map { ResultJSON.derivation($0).string }.joined()
    try expectGolden(text, "derivation.json.txt")
    #expect(
      text.hasPrefix(
        #"{"event":"derivative","of":"L","wrt":"w","chain":"∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w","#))
  }
}
