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
  /// One path, from the input up, and the local derivative along each of its edges.
  struct Path: Equatable {
    var nodes: [Int]
    var locals: [Double]
    /// The local derivatives multiplied from the input upwards.
    var product: Double { locals.reduce(1) { $0 * $1 } }
  }

  private let built: BuiltGraph
  private let input: Int
  /// The edges that leave each node upwards: the user and the local derivative.
  private var users: [Int: [(user: Int, local: Double)]] = [:]
  /// How many paths lead from each node to the root.
  private var counts: [Int: Natural] = [:]
  /// How many edges all paths from each node have together.
  private var lengths: [Int: Natural] = [:]

  /// Looks at a graph of numbers whose values are computed.
  init(_ built: BuiltGraph, from input: Int) {
    self.built = built
    self.input = input
    let active = built.graph.dependents(of: [input])
    var watch = Watch()
    built.withPoints { points in
      guard input < built.root else { return }
      for user in (input + 1)...built.root where active[user] {
        if watch.isOver(after: 1000) { return }
        for slot in 0..<built.graph.operandCount(of: user) where isTaken(user, slot) {
          let operand = built.graph.operand(slot, of: user)
          guard active[operand], case .scalar(let local)? = points.local(of: user, slot: slot)
          else { continue }
          users[operand, default: []].append((user, local))
        }
      }
    }
    counts[built.root] = Natural(1)
    lengths[built.root] = Natural(0)
    for node in stride(from: built.root - 1, through: input, by: -1) where active[node] {
      if watch.isOver(after: 1000) { return }
      var (count, length) = (Natural(0), Natural(0))
      for (user, _) in users[node] ?? [] {
        guard let above = counts[user], let further = lengths[user] else { continue }
        count += above
        length += above
        length += further
      }
      counts[node] = count
      lengths[node] = length
    }
  }

  /// Whether a derivative goes to an operand: not to the branch of a `where` that is not taken.
  private func isTaken(_ user: Int, _ slot: Int) -> Bool {
    guard built.graph.operations[user] == .select, slot > 0 else { return true }
    return (built.values[built.graph.operand(0, of: user)] != 0) == (slot == 1)
  }

  /// How many paths there are.
  var count: Natural { counts[input] ?? Natural(0) }

  /// How many multiplications going along every path by itself takes, one for each edge.
  var multiplications: Natural { lengths[input] ?? Natural(0) }

  /// How many multiplications backpropagation takes between the two, one for each edge.
  var edges: Int {
    users.reduce(0) { sum, entry in
      sum + entry.value.count { counts[$0.user] != nil && counts[$0.user] != Natural(0) }
    }
  }

  /// The first paths, in the order of the backward pass read from the input.
  func first(_ limit: Int) -> [Path] {
    var paths: [Path] = []
    /// The path as far as it goes, and which way is taken next from each of its nodes.
    var path = Path(nodes: [input], locals: [])
    var next = [0]
    var watch = Watch()
    while let node = path.nodes.last, let choice = next.last, paths.count < limit {
      if watch.isOver(after: 0) { return [] }
      let choices = users[node] ?? []
      if node == built.root { paths.append(path) }
      guard node != built.root, choice < choices.count else {
        path.nodes.removeLast()
        if !path.locals.isEmpty { path.locals.removeLast() }
        next.removeLast()
        continue
      }
      next[next.count - 1] += 1
      let (user, local) = choices[choice]
      guard counts[user] ?? Natural(0) != Natural(0) else { continue }
      path.nodes.append(user)
      path.locals.append(local)
      next.append(0)
    }
    return paths
  }

  /// The paths whose products are largest in size, found without listing the others.
  ///
  /// From the root down every node keeps the best paths up from it; a path that is best from a node
  /// goes on as one that is best from its next node, since sizes of products multiply.
  func largest(_ limit: Int) -> [Path] {
    var best: [Int: [(size: Double, user: Int, rank: Int, local: Double)]] = [:]
    var watch = Watch()
    for node in stride(from: built.root - 1, through: input, by: -1) {
      if watch.isOver(after: 1000) { return [] }
      guard let choices = users[node] else { continue }
      var found: [(size: Double, user: Int, rank: Int, local: Double)] = []
      for (user, local) in choices {
        if user == built.root {
          found.append((abs(local), user, 0, local))
        } else {
          for (rank, above) in (best[user] ?? []).enumerated() {
            found.append((abs(local) * above.size, user, rank, local))
          }
        }
      }
      best[node] = Array(found.sorted { $0.size > $1.size }.prefix(limit))
    }
    return (best[input] ?? []).indices.map { rank in
      var path = Path(nodes: [input], locals: [])
      var (node, place) = (input, rank)
      while node != built.root, let step = best[node]?[place] {
        path.nodes.append(step.user)
        path.locals.append(step.local)
        (node, place) = (step.user, step.rank)
      }
      return path
    }
  }
}
