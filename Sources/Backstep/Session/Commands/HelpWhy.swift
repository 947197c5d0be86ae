// help why: the story of forward mode and backpropagation, told with the user's own graph.

import BackstepLanguage
import BackstepTrace

extension Help {
  /// The story without anyone's graph.
  static let why: [Page.Block] = [
    .heading("Why go backwards?"),
    .text(
      "Derivatives can be multiplied up in the forward pass. Choose one input w. Each operation then "
        + "gives two numbers: its value v, and dv/dw. With the operands u of v,"),
    .code("dv/dw = ∂v/∂u1 · du1/dw + ∂v/∂u2 · du2/dw + …"),
    .text(
      "and at the end stands dL/dw. This is forward mode; tangent shows it. Two things are easily "
        + "overlooked. Multiplying alone is not enough: where several operands depend on w, their "
        + "products are added. And what is carried along belongs to this one w: the next input needs "
        + "another pass, and n inputs need n."),
    .text(
      "Backwards one carries ∂L/∂v, which belongs to no input but to L. A value u passes it on from "
        + "all the values v that use u:"),
    .code("∂L/∂u = ∂L/∂v1 · ∂v1/∂u + ∂L/∂v2 · ∂v2/∂u + …"),
    .text(
      "It starts with ∂L/∂L = 1, and one pass ends with the derivative for every input. There are a "
        + "million weights and one loss: that is why. The price is memory. The local derivatives need "
        + "the values of the forward pass, in reverse order, so all of them are kept."),
    .text(
      "Both add up the same products, one for each path from w to L, and bracket them differently: "
        + "(c·b)·a from the output, c·(b·a) from the input. With few inputs and many outputs forward "
        + "mode is the cheaper one."),
  ]

  /// The way on for those who have no graph yet.
  static let whyWithoutGraph: [Page.Block] = [
    .text("With numbers, for one neuron:"),
    .example(
      "w1 = 0.5; w2 = -0.3; b = 0.1; const x1 = 1; const x2 = 2; const y = 1\n"
        + "a = sigmoid(w1*x1 + w2*x2 + b); L = bce(a, y)\ncompare L"),
    .text("See also: tangent, backward, compare, paths"),
  ]
}

extension Session {
  /// How many numbers forward mode may carry for the sake of a page of help.
  private static let storyLimit = 3_000_000

  /// The story, with what both ways take for the formula defined last.
  mutating func whyPage(_ host: any SessionHost) -> Page {
    let own = (try? ownGraph(host)) ?? Help.whyWithoutGraph
    return Page(command: "help", Help.why + own)
  }

  /// What both ways take for the formula defined last, and the commands that show it; nil where there
  /// is nothing to compare.
  private mutating func ownGraph(_ host: any SessionHost) throws(Diagnostic) -> [Page.Block]? {
    let target = try target(of: nil, "compare")
    var built = try build(target, host)
    let asked = inputs(built, nil)
    let count = asked.reduce(0) { $0 + built.graph.shape(of: $1.node).count }
    let (carried, overflows) = count.multipliedReportingOverflow(
      by: built.graph.isScalar ? built.graph.count : built.graph.numberCount)
    guard count > 0, !overflows, carried <= Self.storyLimit else { return nil }
    try compute(&built, wrt: nil, host)
    let both = try comparison(target, built, asked, host)
    let first = built.graph.label(of: asked[0].node).map(parser.names.string) ?? "w"
    func times(_ cost: PassCost) -> String {
      "\(cost.operations) operations on derivatives in \(cost.passes) pass\(cost.passes == 1 ? "" : "es")"
    }
    return [
      .heading("In your graph"),
      .text(
        "\(target.text) depends on \(count) input number\(count == 1 ? "" : "s"). Forward mode takes "
          + "\(times(both.forward)); backpropagation takes \(times(both.reverse))."),
      .code("tangent \(target.text) wrt \(first)\nbackward \(target.text)\ncompare \(target.text)"),
      .text("See also: tangent, backward, compare, paths"),
    ]
  }
}
