// How far apart the nodes of a drawing are, and which edges are too long to be drawn.

import BackstepLanguage
import BackstepTrace

/// The columns that the nodes of a drawing fall into, counted along the longest paths.
struct DotRanks {
  /// The column of each node.
  private let ranks: [Int]
  /// How many columns there are.
  let count: Int

  /// Counts; an input stands beside the first operation that uses it.
  init(_ trace: TraceDigest) {
    let header = trace.header
    var ranks = Array(repeating: 0, count: trace.values.count)
    var last = 0
    for node in trace.nodes where header.kind(of: node) == .operation {
      var rank = 1
      for slot in 0..<header.operandCount(of: node) {
        rank = max(rank, ranks[header.operand(slot, of: node)] + 1)
      }
      ranks[node] = rank
      last = max(last, rank)
    }
    var first = Array(repeating: Int.max, count: ranks.count)
    for node in trace.nodes.untilInterrupted {
      for slot in 0..<header.operandCount(of: node) {
        let operand = header.operand(slot, of: node)
        first[operand] = min(first[operand], ranks[node])
      }
    }
    for node in trace.nodes where header.kind(of: node) != .operation && first[node] < .max {
      ranks[node] = first[node] - 1
    }
    self.ranks = ranks
    count = last + 1
  }

  /// How many columns all edges cross together.
  func total(_ trace: TraceDigest) -> Int {
    var total = 0
    for node in trace.nodes.untilInterrupted {
      for slot in 0..<trace.header.operandCount(of: node) {
        total += span(from: trace.header.operand(slot, of: node), to: node)
      }
    }
    return total
  }

  /// How many columns an edge crosses.
  func span(from operand: NodeIndex, to node: NodeIndex) -> Int { ranks[node] - ranks[operand] }
}
