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
      once, because it adds up what has come together before it goes on.
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
    guard built.graph.isScalar else {
      throw Diagnostic(
        .shape(
          "paths go through single numbers, but '\(target.text)' depends on vectors or matrices",
          hint: "tangent and backward show how these are used"), target.range)
    }
    try compute(&built, wrt: wrt, host)
    guard let input = inputs(built, wrt).first?.node else { return }
    let active = built.graph.dependents(of: [input])
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.definition(of: $0) != nil || definitions.wasMentioned($0) })
    let paths = Paths(built, from: input)
    let isComplete = paths.count.small.map { $0 <= Self.listed.all } ?? false
    let list = isComplete ? paths.first(Self.listed.all) : paths.largest(Self.listed.largest)
    var silence = Silence()
    let adjoints = Reverse.sweep(built, from: built.root, active: active, observer: &silence)
    host.show(
      paths: PathList(
        of: target.text, wrt: texts.name(of: input), count: paths.count.description,
        isComplete: isComplete,
        paths: list.map { path in
          PathList.Path(
            nodes: path.nodes.map(texts.name), locals: path.locals, product: path.product)
        },
        sum: adjoints.reading(of: input).elements[0],
        multiplications: paths.multiplications.description, edges: paths.edges))
  }
}
