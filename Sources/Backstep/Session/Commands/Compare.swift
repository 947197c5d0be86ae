// compare: the derivatives by forward mode and by backpropagation, and what each took.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let compare = Command(
    names: ["compare"], usage: "compare [E] [wrt a, b] [by n]",
    summary: "forward mode beside backpropagation, with what each cost",
    details: """
      Forward mode needs a pass for every input, backpropagation one for every output. Both give the \
      same derivatives; counted are the multiplications and additions of derivatives that the passes \
      did, and the numbers they kept. A forward pass keeps the derivative of each node that depends \
      on its input; a backward pass needs every value again and keeps an adjoint for each node. by n \
      counts again with n = 1, 10, 100 and 1000, where n is a size in what E depends on, and shows how \
      both grow; by n, 5, 50 chooses other sizes.
      """,
    example: "w1 = 0.5; w2 = -0.3; b = 0.1; const x1 = 1; const x2 = 2; const y = 1\n"
      + "a = sigmoid(w1*x1 + w2*x2 + b); L = bce(a, y)\ncompare L",
    form: .expression(clauses: ["wrt", "by"]), completes: .expression,
    seeAlso: ["tangent", "backward", "paths"]
  ) { session, call, host throws(Diagnostic) in
    if let by = call.clause("by") {
      try session.compare(call, by: by, host)
    } else {
      try session.compare(call, host)
    }
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
    host.show(comparison: try comparison(target, built, inputs(built, wrt), host))
  }

  /// Computes the derivatives by both ways and counts.
  func comparison(
    _ target: Target, _ built: BuiltGraph, _ asked: [AskedInput], _ host: any SessionHost
  ) throws(Diagnostic) -> Comparison {
    let active = built.graph.dependents(of: asked.map(\.node))
    let output = built.graph.shape(of: built.root)
    var (forward, reverse) = (Tally(), Tally())
    var entries: [(node: Int, entry: Int)] = []
    var columns: [[Double]] = []
    for input in asked {
      var pass = TangentPass(built, input: input.node)
      let count = built.graph.shape(of: input.node).count
      for entry in input.entry.map({ $0..<$0 + 1 }) ?? 0..<count {
        if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
        pass.run(entry: entry, tally: &forward)
        entries.append((input.node, entry))
        columns.append(pass.tangents(of: built.root))
      }
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
      rows.append(entries.map { adjoints.number(of: $0.node, at: $0.entry) })
    }
    return comparison(target, built, entries, output, columns, rows, forward, reverse)
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

// MARK: Growth

extension Session {
  /// The sizes that are tried where none are named.
  private static let sizes = [1, 10, 100, 1000]
  /// How many numbers the forward passes for one size may carry in all.
  private static let growthLimit = 30_000_000

  /// Counts for several values of an input that is a size.
  fileprivate mutating func compare(
    _ call: CommandCall, by list: [ParsedExpression], _ host: any SessionHost
  ) throws(Diagnostic) {
    let (size, numbers) = try sizes(list, host)
    let target = try target(of: call, "compare")
    let named = try wrtInputs(call, host)
    let asked = named ?? inputs(madeFrom: size.name)
    // The size is changed for the time being; what was defined before comes back.
    defer {
      definitions.rollBack()
      known.forget()
    }
    var rows: [Growth.Row] = []
    var leftOut: [Int] = []
    for number in numbers {
      definitions.define(
        definitions.input(size.kind, size.name, text: size.text, value: .number(Double(number))))
      known.forget()
      var built = try build(target, also: named?.map(\.name) ?? [], host)
      let inputs = inputs(built, asked, except: size.name)
      try checkEntries(inputs, of: built)
      guard !inputs.isEmpty else {
        let name = parser.names.string(size.name)
        throw Diagnostic(
          .missingArgument(command: "by \(name)", what: "wrt and names"), call.word.range,
          advice:
            "name what the derivatives are taken with respect to: compare \(target.text) wrt … by \(name)"
        )
      }
      let entries = inputs.reduce(0) {
        $0 + ($1.entry == nil ? built.graph.shape(of: $1.node).count : 1)
      }
      let (carried, overflows) = entries.multipliedReportingOverflow(
        by: built.graph.valueCount(nil))
      guard !overflows, carried <= Self.growthLimit else {
        leftOut.append(number)
        continue
      }
      try compute(&built, wrt: asked, host)
      // Computing writes derivatives out, and gives the nodes other numbers.
      let moved = self.inputs(built, asked, except: size.name)
      rows.append(Growth.Row(size: number, try comparison(target, built, moved, host)))
    }
    host.show(
      growth: Growth(
        of: target.text, by: parser.names.string(size.name), rows: rows, leftOut: leftOut))
  }

  /// The nodes whose derivatives are counted: not that of the size itself.
  private func inputs(
    _ built: BuiltGraph, _ asked: [WrtInput]?, except size: NameID
  ) -> [AskedInput] {
    inputs(built, asked).filter { built.graph.label(of: $0.node) != size }
  }

  /// The input behind `by`, and the sizes to try.
  private mutating func sizes(
    _ list: [ParsedExpression], _ host: any SessionHost
  ) throws(Diagnostic) -> (Definition, [Int]) {
    let first = list[0]
    guard first.syntax.count == 1, parser.syntax.kinds[first.syntax.start] == .name,
      let definition = definitions.definition(of: parser.syntax.payloads[first.syntax.start]),
      definition.isValue, !definition.isTensor
    else {
      throw Diagnostic(
        .unexpectedArgument(command: "by", found: "'\(parser.source.string(first.range))'"),
        first.range, advice: "by takes an input that is a size, as in n = 3; w = ones(n)")
    }
    var numbers: [Int] = []
    for expression in list.dropFirst() {
      let value = try evaluate(expression.syntax, host)
      guard case .number(let number) = value, let size = Int(exactly: number) else {
        throw Diagnostic(
          .notAnInteger(what: "a size", found: parser.source.string(expression.range)),
          expression.range)
      }
      guard size >= 1 else {
        throw Diagnostic(
          .shape("a size must be at least 1, not \(size)", hint: nil), expression.range)
      }
      numbers.append(size)
    }
    return (definition, numbers.isEmpty ? Self.sizes : numbers)
  }

  /// The names whose derivatives are meant where a size is named and no inputs are: the other inputs,
  /// and what is made from the size alone, as in `w = ones(n)`, unless it is marked `const`.
  private func inputs(madeFrom size: NameID) -> [WrtInput] {
    definitions.held.filter { definition in
      guard definition.name != size, !definition.isConstant else { return false }
      if definition.kind == .input { return true }
      guard definition.kind == .formula else { return false }
      let names = mentions(of: definition).filter { definitions.definition(of: $0) != nil }
      return !names.isEmpty && names.allSatisfy { $0 == size }
    }
    .map { WrtInput(name: $0.name) }
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
