// The chain rule over the names between an input and an output.

import BackstepLanguage
import BackstepTrace

/// Derivatives of named nodes with respect to the named nodes they are computed from.
///
/// What lies between two names, an operation without a name of its own, is worked into the derivative:
/// of z = w*x + b it is ∂z/∂w = x.
struct ChainRule {
  /// A use of a node: by which named node, and the derivative, or the contribution for tensors.
  struct Use {
    let user: Int
    let local: ExpressionID
  }

  /// How many paths are written out, and how many factors these may have together.
  static let pathLimit = (paths: 6, factors: 48)

  let root: Int
  let input: Int
  /// The named nodes on paths from the input to the root, the root first.
  let nodes: [Int]
  /// The uses of each of these, the last user first.
  private(set) var uses: [Int: [Use]] = [:]

  /// Takes the derivatives between neighbours.
  ///
  /// `isNode` tells which nodes of the graph are links of the chain, as root and input are, and `active`
  /// which depend on the input. With `asAdjoints` each use is the whole contribution, with the user's
  /// adjoint as a name; without `hasFormulas` there are only the links.
  init(
    _ pass: inout SymbolicPass, root: Int, input: Int, active: ContiguousArray<Bool>,
    asAdjoints: Bool, hasFormulas: Bool, isNode: (Int) -> Bool
  ) {
    self.root = root
    self.input = input
    var found: [Int] = []
    var isWaiting: Set<Int> = [root]
    var watch = Watch()
    for node in stride(from: root, through: input, by: -1) where isWaiting.contains(node) {
      if watch.isOver(after: 1000) { break }
      found.append(node)
      guard node != input else { continue }
      let seed =
        !hasFormulas
        ? nil
        : node == root || !asAdjoints
          ? pass.table.stretched(pass.table.one, to: pass.graph.shape(of: node))
          : pass.table.make(adjointOf: node, pass.graph.shape(of: node))
      let locals = Self.locals(of: node, seed, &pass, active, isNode)
      for (operand, local) in locals {
        isWaiting.insert(operand)
        uses[operand, default: []].append(Use(user: node, local: local))
      }
    }
    nodes = found
  }

  /// The derivatives of one node with respect to the next nodes of the chain below it.
  private static func locals(
    of node: Int, _ seed: ExpressionID?, _ pass: inout SymbolicPass,
    _ active: ContiguousArray<Bool>, _ isNode: (Int) -> Bool
  ) -> [(operand: Int, local: ExpressionID)] {
    var inside = [node]
    var seen: Set<Int> = [node]
    var place = 0
    while place < inside.count {
      let top = inside[place]
      place += 1
      for slot in 0..<pass.graph.operandCount(of: top) {
        let operand = pass.graph.operand(slot, of: top)
        if active[operand], !isNode(operand), seen.insert(operand).inserted {
          inside.append(operand)
        }
      }
    }
    inside.sort(by: >)
    var sent: [Int: [Weighted]] = [node: seed.map { [Weighted(factor: .one, term: $0)] } ?? []]
    var order: [Int] = []
    var watch = Watch()
    for top in inside {
      if watch.isOver(after: 1000) { break }
      let adjoint = seed == nil ? 0 : pass.table.sum(sent[top] ?? [])
      for slot in 0..<pass.graph.operandCount(of: top) {
        let operand = pass.graph.operand(slot, of: top)
        guard active[operand] else { continue }
        if isNode(operand), sent[operand] == nil { order.append(operand) }
        let term = seed == nil ? 0 : pass.contribution(of: top, slot: slot, adjoint: adjoint)
        sent[operand, default: []].append(Weighted(factor: .one, term: term))
      }
    }
    return order.map { ($0, seed == nil ? 0 : pass.table.sum(sent[$0] ?? [])) }
  }

  /// The paths from the root down, each a list of nodes; nil where there are too many.
  func paths() -> [[Int]]? {
    var counts: [Int: (paths: Double, factors: Double)] = [root: (1, 0)]
    var watch = Watch()
    for node in nodes where node != root {
      if watch.isOver(after: 500) { return nil }
      var (paths, factors) = (0.0, 0.0)
      for use in uses[node] ?? [] {
        let above = counts[use.user] ?? (0, 0)
        paths += above.paths
        factors += above.factors + above.paths
      }
      counts[node] = (paths, factors)
    }
    guard let all = counts[input], all.paths <= Double(Self.pathLimit.paths),
      all.factors <= Double(Self.pathLimit.factors)
    else { return nil }
    var complete: [[Int]] = []
    var open = [[input]]
    while let path = open.popLast() {
      guard let last = path.last else { continue }
      if last == root {
        complete.append(path.reversed())
      } else {
        for use in (uses[last] ?? []).reversed() { open.append(path + [use.user]) }
      }
    }
    return complete
  }

  /// The derivative of a node with respect to one it is computed from.
  func local(of user: Int, wrt node: Int) -> ExpressionID? {
    uses[node]?.first { $0.user == user }?.local
  }

  // MARK: Where paths are many

  /// How many equations are shown.
  static let equationLimit = 32

  /// The equations in which each derivative stands once.
  ///
  /// There is one for the input, and one for each node at which paths part or meet. `symbol` writes a whole
  /// derivative, `link` a local one. The middle of many equations is left out.
  func equations(
    _ symbol: (Int, Int) -> String, direct link: (Int, Int) -> String
  ) -> (shown: [Derivation.Equation], omitted: Int) {
    var branches: [Int: Int] = [:]
    var watch = Watch()
    for (_, list) in uses {
      if watch.isOver(after: 500) { return ([], 0) }
      for use in list { branches[use.user, default: 0] += 1 }
    }
    func isJunction(_ node: Int) -> Bool {
      node == root || node == input || (uses[node]?.count ?? 0) != 1 || (branches[node] ?? 0) > 1
    }
    // A derivative that is a local one needs no equation.
    func isLocal(_ node: Int) -> Bool { uses[node]?.count == 1 && uses[node]?[0].user == root }
    var shown: [Int] = []
    for node in nodes where node != root && isJunction(node) && !isLocal(node) {
      if watch.isOver(after: 500) { return ([], 0) }
      shown.append(node)
    }
    if shown.isEmpty { shown = [input] }
    let omitted = max(0, shown.count - Self.equationLimit)
    if omitted > 0 {
      shown = Array(shown.prefix(Self.equationLimit / 2) + shown.suffix(Self.equationLimit / 2))
    }
    let equations = shown.map { node in
      let terms = (uses[node] ?? []).map { use -> [String] in
        var factors = [link(use.user, node)]
        var top = use.user
        var watch = Watch()
        while !isJunction(top), let next = uses[top]?.first {
          if watch.isOver(after: 1000) { break }
          factors.append(link(next.user, top))
          top = next.user
        }
        if top != root { factors.append(symbol(root, top)) }
        return factors.reversed()
      }
      return Derivation.Equation(left: symbol(root, node), terms: terms).shortened()
    }
    return (equations, omitted)
  }
}

extension Derivation.Equation {
  /// How many factors and terms are shown.
  private static let limit = (factors: 24, terms: 24)

  /// The same with the middle of long terms left out.
  func shortened() -> Derivation.Equation {
    var result = self
    result.terms = Self.shortened(
      terms.map { Self.shortened($0, Self.limit.factors) { "…" } }, Self.limit.terms
    ) { ["…"] }
    let longest = terms.map(\.count).max() ?? 0
    result.omitted = max(0, longest - Self.limit.factors)
    return result
  }

  private static func shortened<Part>(
    _ parts: [Part], _ limit: Int, gap: () -> Part
  ) -> [Part] {
    guard parts.count > limit else { return parts }
    return parts.prefix(limit / 2) + [gap()] + parts.suffix(limit / 2)
  }
}
