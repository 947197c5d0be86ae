// All paths from an input to the output, counted and listed: the chain rule without its saving.

import BackstepLanguage
import BackstepTrace

/// The paths from one node up to the root, and the products of local derivatives along them.
///
/// Their number can be astronomical, so it is counted without listing them, by adding up along the
/// graph; only as many are listed as were asked for.
///
/// **Source** F. L. Bauer, *Computational graphs and rounding error* (1974).
struct Paths {
  /// A way from a node up to one that uses it.
  struct Edge: Equatable {
    var user: Int
    var slot: Int
    /// The local derivative; 1 where there are vectors or matrices.
    var local: Double
    /// Whether the same user has the node as another operand too.
    var isOneOfSeveral: Bool
  }

  /// One path: the edges from the input up.
  typealias Path = [Edge]

  private let built: BuiltGraph
  private let input: Int
  /// The edges that lead up from each node, one node after another, and where each node's begin.
  private var edges: ContiguousArray<Edge> = []
  private var begins: ContiguousArray<Int>
  /// Whether a path leads from each node to the root.
  private var reaches: ContiguousArray<Bool>
  /// How many paths there are.
  private(set) var count = Natural(0)
  /// How many multiplications going along every path by itself takes, one for each edge.
  private(set) var multiplications = Natural(0)

  /// Looks at a graph whose values are computed.
  init(_ built: BuiltGraph, from input: Int) {
    self.built = built
    self.input = input
    begins = ContiguousArray(repeating: 0, count: built.graph.count + 1)
    reaches = ContiguousArray(repeating: false, count: built.graph.count)
    reaches[built.root] = true
    if input <= built.root {
      findEdges(built.graph.dependents(of: [input]))
      countPaths()
    }
  }

  private mutating func findEdges(_ active: ContiguousArray<Bool>) {
    let graph = built.graph
    var watch = Watch()
    func eachEdge(_ body: (_ user: Int, _ slot: Int, _ operand: Int) -> Void) {
      guard input < built.root else { return }
      for user in (input + 1)...built.root where active[user] {
        if watch.isOver(after: 0) { return }
        for slot in 0..<graph.operandCount(of: user) {
          let operand = graph.operand(slot, of: user)
          if active[operand], isTaken(user, slot) { body(user, slot, operand) }
        }
      }
    }
    var places = ContiguousArray(repeating: 0, count: graph.count + 1)
    eachEdge { _, _, operand in places[operand + 1] += 1 }
    for node in 0..<graph.count { places[node + 1] += places[node] }
    begins = places
    var found = ContiguousArray(
      repeating: Edge(user: 0, slot: 0, local: 1, isOneOfSeveral: false), count: places[graph.count]
    )
    built.withPoints { points in
      eachEdge { user, slot, operand in
        let place = places[operand]
        places[operand] += 1
        found[place].user = user
        found[place].slot = slot
        if points.isScalar, case .scalar(let local)? = points.local(of: user, slot: slot) {
          found[place].local = local
        }
        // Edges to one user stand side by side.
        if place > begins[operand], found[place - 1].user == user {
          found[place - 1].isOneOfSeveral = true
          found[place].isOneOfSeveral = true
        }
      }
    }
    edges = found
  }

  /// Adds up along the graph, from the root down.
  ///
  /// Counts can be long, so a node's are forgotten when all that lies below it has been counted.
  private mutating func countPaths() {
    var counts: [Int: (paths: Natural, edges: Natural)] = [built.root: (Natural(1), Natural(0))]
    /// How many nodes still have to be counted that need a node's count.
    var uses = ContiguousArray<UInt32>(repeating: 0, count: built.graph.count)
    for edge in edges { uses[edge.user] += 1 }
    var watch = Watch()
    for node in stride(from: built.root, through: input, by: -1) {
      if watch.isOver(after: 1000) { return }
      if node == built.root, node != input { continue }
      var sum = node == built.root ? counts[node] : nil
      for edge in up(node) {
        guard let above = counts[edge.user] else { continue }
        if sum == nil { sum = (Natural(0), Natural(0)) }
        sum?.paths += above.paths
        sum?.edges += above.paths
        sum?.edges += above.edges
        uses[edge.user] -= 1
        if uses[edge.user] == 0 { counts[edge.user] = nil }
      }
      reaches[node] = sum != nil
      if node == input {
        count = sum?.paths ?? Natural(0)
        multiplications = sum?.edges ?? Natural(0)
      } else {
        counts[node] = sum
      }
    }
  }

  /// The edges that lead up from a node.
  private func up(_ node: Int) -> ArraySlice<Edge> {
    edges[begins[node]..<begins[node + 1]]
  }

  /// Whether a derivative goes to an operand: not to the branch of a `where` that is not taken.
  private func isTaken(_ user: Int, _ slot: Int) -> Bool {
    guard built.graph.operations[user] == .select, slot > 0 else { return true }
    let condition = built.graph.operand(0, of: user)
    guard built.graph.shape(of: condition).isScalar else { return true }
    return (built.reading(of: condition).first != 0) == (slot == 1)
  }

  /// How many multiplications backpropagation takes between the two, one for each edge.
  var edgeCount: Int { edges.count { reaches[$0.user] } }

  /// The first paths, in the order of the backward pass read from the input.
  func first(_ limit: Int) -> [Path] {
    guard input != built.root else { return [[]] }
    var paths: [Path] = []
    /// The path as far as it goes, and which edge is taken next from each of its nodes.
    var path: Path = []
    var next = [begins[input]]
    var watch = Watch()
    while let choice = next.last, paths.count < limit {
      if watch.isOver(after: 0) { return [] }
      let node = path.last?.user ?? input
      if node == built.root { paths.append(path) }
      guard node != built.root, choice < begins[node + 1] else {
        if !path.isEmpty { path.removeLast() }
        next.removeLast()
        continue
      }
      next[next.count - 1] += 1
      let edge = edges[choice]
      guard reaches[edge.user] else { continue }
      path.append(edge)
      next.append(begins[edge.user])
    }
    return paths
  }

  /// The paths whose products are largest in size, found without listing the others.
  ///
  /// From the root down every node keeps the best paths up from it; a path that is best from a node
  /// goes on as one that is best from its next node, since sizes of products multiply.
  func largest(_ limit: Int) -> [Path] {
    typealias Step = (size: Double, rank: Int, edge: Edge)
    var best = ContiguousArray<[Step]>(repeating: [], count: built.graph.count)
    var watch = Watch()
    for node in stride(from: built.root - 1, through: input, by: -1) where reaches[node] {
      if watch.isOver(after: 1000) { return [] }
      var found: [Step] = []
      for edge in up(node) where reaches[edge.user] {
        if edge.user == built.root { found.append((abs(edge.local), 0, edge)) }
        for (rank, above) in best[edge.user].enumerated() {
          found.append((abs(edge.local) * above.size, rank, edge))
        }
      }
      if found.count > 1 { found.sort { $0.size > $1.size } }
      best[node] = found.count > limit ? Array(found.prefix(limit)) : found
    }
    return best[input].indices.map { rank in
      var path: Path = []
      var (node, place) = (input, rank)
      while node != built.root, place < best[node].count {
        let step = best[node][place]
        path.append(step.edge)
        (node, place) = (step.edge.user, step.rank)
      }
      return path
    }
  }
}
