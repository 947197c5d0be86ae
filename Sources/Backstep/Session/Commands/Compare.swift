// compare: the derivatives by forward mode and by backpropagation, and what each took.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let compare = Command(
    names: ["compare"], usage: "compare [E] [wrt a, b]",
    summary: "forward mode beside backpropagation, with what each cost",
    details: """
      Forward mode needs a pass for every input, backpropagation one for every output. Both give the \
      same derivatives; counted are the multiplications and additions of derivatives that the passes \
      did, and the numbers they kept. A forward pass keeps the derivative of each node that depends \
      on its input; a backward pass needs every value again and keeps an adjoint for each node.
      """,
    example: "w1 = 0.5; w2 = -0.3; b = 0.1; const x1 = 1; const x2 = 2; const y = 1\n"
      + "a = sigmoid(w1*x1 + w2*x2 + b); L = bce(a, y)\ncompare L",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["tangent", "backward"]
  ) { session, call, host throws(Diagnostic) in
    try session.compare(call, host)
  }
}

extension Session {
  /// How many derivatives are told; the others are compared too.
  private static let rowLimit = 32

  fileprivate mutating func compare(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    let wrt = try wrtInputs(call, host)
    let target = try target(of: call, "compare")
    var built = try build(target, also: wrt?.map(\.name) ?? [], host)
    try compute(&built, wrt: wrt, host)
    let asked = inputs(built, wrt)
    let active = built.graph.dependents(of: asked.map(\.node))
    let output = built.graph.shape(of: built.root)
    let entries = asked.flatMap { input -> [(node: Int, entry: Int)] in
      let count = built.graph.shape(of: input.node).count
      return (input.entry.map { $0..<$0 + 1 } ?? 0..<count).map { (input.node, $0) }
    }
    var (forward, reverse) = (Tally(), Tally())
    var columns: [[Double]] = []
    for (node, entry) in entries {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      var pass = TangentPass(built, input: node)
      pass.run(input: node, entry: entry, tally: &forward) { _, _ in }
      columns.append(pass.tangents[built.root] ?? Array(repeating: 0, count: output.count))
    }
    var rows: [[Double]] = []
    for row in 0..<output.count {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      var observer = CountingObserver(built, root: built.root)
      let adjoints = Reverse.sweep(
        built, from: built.root, seed: .unit(output, row), active: active, observer: &observer)
      reverse.passes += 1
      reverse.multiplications += observer.multiplications
      reverse.additions += observer.additions
      reverse.stored = built.graph.valueCount(active) + built.graph.valueCount(nil)
      rows.append(entries.map { adjoints.reading(of: $0.node).elements[$0.entry] })
    }
    host.show(
      comparison: comparison(target, built, entries, output, columns, rows, forward, reverse))
  }

  private func comparison(
    _ target: Target, _ built: BuiltGraph, _ entries: [(node: Int, entry: Int)], _ output: Shape,
    _ columns: [[Double]], _ rows: [[Double]], _ forward: Tally, _ reverse: Tally
  ) -> Comparison {
    let isName = target.name != nil
    var shown: [Comparison.Row] = []
    var largest = 0.0
    for row in 0..<output.count {
      for (column, input) in entries.enumerated() {
        let (one, other) = (columns[column][row], rows[row][column])
        let isSame = one == other || one.isNaN && other.isNaN
        let gap = isSame ? 0 : abs(one - other) / max(1, abs(one), abs(other))
        largest = gap.isNaN ? .infinity : max(largest, gap)
        guard shown.count < Self.rowLimit else { continue }
        let name = built.graph.label(of: input.node).map(parser.names.string) ?? ""
        let shape = built.graph.shape(of: input.node)
        shown.append(
          Comparison.Row(
            "\(isName ? target.text : "E")\(output.index(of: row))|\(name)\(shape.index(of: input.entry))",
            forward: one, reverse: other))
      }
    }
    return Comparison(
      of: target.text, outputs: output.count, inputs: entries.count, forward: forward.cost,
      reverse: reverse.cost, rows: shown, largestDifference: largest, agree: largest <= 1e-9)
  }
}

extension Tally {
  fileprivate var cost: PassCost {
    PassCost(
      passes: passes, multiplications: multiplications, additions: additions, stored: stored)
  }
}

extension Graph {
  /// How many numbers the values of some nodes have, without the constants.
  fileprivate func valueCount(_ nodes: ContiguousArray<Bool>?) -> Int {
    (0..<count).reduce(0) { sum, node in
      let counts = operations[node] != .constant && nodes?[node] ?? true
      return sum + (counts ? shape(of: node).count : 0)
    }
  }
}
