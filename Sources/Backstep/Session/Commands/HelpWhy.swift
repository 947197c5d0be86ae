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
      "Both add up the same products, one for each path from w to L. Along a path with the local "
        + "derivatives a, b and c, from w up, forward mode works out c·(b·a) and backpropagation "
        + "(c·b)·a: the same number, but c·b serves every input below. "
        + "With few inputs and many outputs it is the other way round, and forward mode is cheaper."
    ),
  ]

  /// The way on for those who have no graph yet.
  static let whyWithoutGraph: [Page.Block] = [
    .text("With numbers, for one neuron:"),
    .example(
      "w1 = 0.5; w2 = -0.3; b = 0.1; const x1 = 1; const x2 = 2; const y = 1\n"
        + "a = sigmoid(w1*x1 + w2*x2 + b); L = bce(a, y)\ncompare L"),
  ]

  /// The command of the same name, which one may have been looking for.
  static let whyCommand: [Page.Block] = [
    .heading("The command \(Command.why.usage)"),
    .text("Explains one derivative or one step, from the chain rule to the number."),
    .text(Command.why.details),
    .example("x = 3; y = x*x + x\nwhy x"),
    .text("See also: tangent, backward, compare, paths, step"),
  ]
}

extension Session {
  /// How many numbers forward mode may carry for the sake of a page of help.
  private static let storyLimit = 3_000_000

  /// How many values and inputs of a graph are told one by one.
  private static let storyRows = 12

  /// The story, with what both ways take for the formula defined last.
  mutating func whyPage(_ host: any SessionHost) -> Page {
    let own = (try? ownGraph(host)) ?? Help.whyWithoutGraph
    return Page(command: "help", Help.why + own + Help.whyCommand)
  }

  /// What both ways take for the formula defined last, and the commands that show it; nil where there
  /// is nothing to compare.
  private mutating func ownGraph(_ host: any SessionHost) throws(Diagnostic) -> [Page.Block]? {
    let target = try target(of: nil, "compare")
    var built = try build(target, host)
    let count = inputs(built, nil).reduce(0) { $0 + built.graph.shape(of: $1.node).count }
    let (carried, overflows) = count.multipliedReportingOverflow(
      by: built.graph.isScalar ? built.graph.count : built.graph.numberCount)
    guard count > 0, !overflows, carried <= Self.storyLimit else { return nil }
    try compute(&built, wrt: nil, host)
    // Computing writes derivatives out, and gives the nodes other numbers.
    let asked = inputs(built, nil)
    guard !asked.isEmpty else { return nil }
    let both = try comparison(target, built, asked, host)
    let first = built.graph.label(of: asked[0].node).map(parser.names.string) ?? "w"
    func times(_ cost: PassCost) -> String {
      "\(cost.operations) operations on derivatives in \(cost.passes) pass\(cost.passes == 1 ? "" : "es")"
    }
    let isNumber = built.graph.shape(of: built.root).isScalar
    let backward =
      isNumber ? "backward \(target.text)" : "jacobian \(target.text) wrt \(first)"
    return [.heading("In your graph")] + carriedBothWays(target, built, asked) + [
      .text(
        "\(target.text) depends on \(count) input number\(count == 1 ? "" : "s"). Forward mode takes "
          + "\(times(both.forward)); backpropagation takes \(times(both.reverse))."),
      .code("tangent \(target.text) wrt \(first)\n\(backward)\ncompare \(target.text)"),
    ]
  }

  /// What each value carries in either way, side by side; nothing for a graph that is large or has
  /// vectors or matrices.
  private func carriedBothWays(
    _ target: Target, _ built: BuiltGraph, _ asked: [AskedInput]
  ) -> [Page.Block] {
    let active = built.graph.dependents(of: asked.map(\.node))
    let nodes = (0...built.root).filter { active[$0] && !built.graph.operations[$0].isLeaf }
    let input = asked[0].node
    guard built.graph.isScalar, (1...Self.storyRows).contains(nodes.count),
      asked.count <= Self.storyRows
    else { return [] }
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.isInUse($0) })
    var tally = Tally()
    var pass = TangentPass(built, input: input)
    pass.run(entry: 0, tally: &tally)
    var silence = Silence()
    let adjoints = Reverse.sweep(built, from: built.root, active: active, observer: &silence)
    func equation(_ left: String, _ right: Double) -> String {
      var number = ByteBuffer()
      NumberFormat(digits: 4).append(right, to: &number)
      return "\(left) = \(number.string)"
    }
    func columns(_ text: String) -> Int { text.unicodeScalars.count }
    func padded(_ texts: [String]) -> [String] {
      let width = texts.map(columns).max() ?? 0
      return texts.map { $0 + String(repeating: " ", count: width - columns($0)) }
    }
    let first = texts.name(of: input)
    let root = texts.name(of: built.root)
    let names = nodes.map { texts.name(of: $0) }
    let forward = zip(nodes, padded(names.map { "d\($0)/d\(first)" })).map {
      equation($1, pass.number(of: $0))
    }
    let backward = zip(nodes, padded(names.map { "∂\(root)/∂\($0)" })).map {
      equation($1, adjoints.reading(of: $0).first)
    }
    let rows = zip(
      padded(["for \(first), downwards"] + forward), ["from \(root), upwards"] + backward
    ).map { "\($0)   \($1)" }
    let hasUnnamed = nodes.contains { built.graph.label(of: $0) == nil && $0 != built.root }
    let note = hasUnnamed ? " (v1, v2 and so on are operations without a name, as in trace.)" : ""
    let ends = asked.map {
      equation("∂\(root)/∂\(texts.name(of: $0.node))", adjoints.reading(of: $0.node).first)
    }
    return [
      .text(
        "What each value carries: forward, from the first to the last, and backwards up again.\(note)"
      ),
      .code(rows.joined(separator: "\n")),
      .text(
        "Forward ends with \(equation("d\(root)/d\(first)", pass.number(of: built.root))) "
          + "and has to begin again for the next input. Backwards "
          + "each input takes its own from what has come to the values that use it: "
          + "\(ends.joined(separator: ", "))."),
    ]
  }
}
