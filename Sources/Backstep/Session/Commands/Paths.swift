// paths: the derivative as a sum over all paths, and why nobody computes it that way.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let paths = Command(
    names: ["paths"], usage: "paths [E] wrt w",
    summary: "every path from w to E, with the product along it",
    details: """
      The derivative is the sum over all paths of the products of local derivatives along them. Their \
      number can grow like 2^n with the size of the graph; it is told exactly, and where there are \
      more than 64 those with the largest products are listed. Backpropagation goes along each edge \
      once, because it adds up what has come together before it goes on. Where an operation uses a \
      node twice there is a path through each operand: (1st) and (2nd). With vectors and matrices \
      the factors are Jacobians.
      """,
    example: "x = 2; y = 3\nu = x*y; v = x + u; L = u*v\npaths L wrt x",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["backward", "compare"]
  ) { session, call, host throws(Diagnostic) in
    try session.paths(call, host)
  }
}

extension Session {
  /// How many paths are listed if these are all, and how many of more.
  private static let listed = (all: 64, largest: 8)

  fileprivate mutating func paths(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic) {
    guard let wrt = try wrtInputs(call, host), let only = wrt.first, wrt.count == 1 else {
      throw Diagnostic(
        .missingArgument(command: "paths", what: "wrt and one input"), call.word.range,
        advice: call.usage)
    }
    let target = try target(of: call, "paths")
    var built = try build(target, also: [only.name], host)
    try compute(&built, wrt: wrt, host)
    guard let input = inputs(built, wrt).first else { return }
    let hasJacobians = !built.graph.isScalar
    let paths = Paths(built, from: input.node)
    let isComplete = paths.count.small.map { $0 <= Self.listed.all } ?? false
    let listing: PathList.Listing = isComplete ? .all : hasJacobians ? .first : .largest
    let list =
      listing == .largest
      ? paths.largest(Self.listed.largest)
      : paths.first(isComplete ? Self.listed.all : Self.listed.largest)
    let sum = try gradient(of: built, input, host)
    let factors = PathProduct(built: built, input: input.node, entry: input.entry)
    let products =
      hasJacobians ? factors.products(along: list) : list.map { .scalar($0.product) }
    if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.isInUse($0) })
    let name = texts.name(of: input.node)
    let index = input.entry.map { built.graph.shape(of: input.node).index(of: $0) } ?? ""
    host.show(
      paths: PathList(
        of: target.text, wrt: name + index, count: paths.count.description, listing: listing,
        paths: zip(list, products).map { path, product in
          PathList.Path(
            nodes: [name + index] + path.map { texts.name(of: $0.user) },
            edges: path.map { .init(operand: $0.slot + 1, isOneOfSeveral: $0.isOneOfSeveral) },
            locals: hasJacobians ? [] : path.map(\.local),
            jacobians: hasJacobians ? factors.jacobians(along: path) : [],
            product: product)
        },
        sum: sum, hasJacobians: hasJacobians,
        multiplications: paths.multiplications.description, edges: paths.edgeCount))
  }

  /// The derivative by backpropagation, a pass for each entry of the output.
  private func gradient(
    of built: BuiltGraph, _ input: AskedInput, _ host: any SessionHost
  ) throws(Diagnostic) -> Reading {
    let active = built.graph.dependents(of: [input.node])
    let output = built.graph.shape(of: built.root)
    let columns = input.entry == nil ? built.graph.shape(of: input.node).count : 1
    if let problem = Memory.problem(output.count, by: columns) {
      throw Diagnostic(problem, statementText)
    }
    var rows: [[Double]] = []
    for row in 0..<output.count {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      var silence = Silence()
      let adjoints = Reverse.sweep(
        built, from: built.root, seed: .unit(output, row), active: active, observer: &silence)
      rows.append(adjoints.reading(of: input.node).elements)
    }
    return PathProduct(built: built, input: input.node, entry: input.entry).reading(rows)
  }
}
