// The names and formulas of a trace whose steps are statements or layers.

import BackstepTrace

/// A header in which each group of operations is one node.
struct CondensedTexts: TraceHeader {
  /// What is shown of a group.
  struct Entry: Sendable {
    /// The nodes it is computed from, as this header counts them.
    var operands: [NodeIndex]
    var text: Template
    var formulas: [Template]
    var isContribution: Bool
    var operation: String
  }

  private let texts: NodeTexts
  /// The node of the graph for each node here.
  private let nodes: [Int]
  /// What is shown of each node; nil for an input.
  private let entries: [Entry?]
  let root: NodeIndex

  init(_ texts: NodeTexts, nodes: [Int], entries: [Entry?], root: NodeIndex) {
    self.texts = texts
    self.nodes = nodes
    self.entries = entries
    self.root = root
  }

  var rootText: String { texts.rootText }
  var count: Int { nodes.count }

  func kind(of node: NodeIndex) -> NodeKind {
    entries[node] == nil ? texts.kind(of: nodes[node]) : .operation
  }
  func shape(of node: NodeIndex) -> Shape { texts.shape(of: nodes[node]) }
  func operandCount(of node: NodeIndex) -> Int { entries[node]?.operands.count ?? 0 }
  func operand(_ slot: Int, of node: NodeIndex) -> NodeIndex {
    entries[node]?.operands[slot] ?? node
  }
  func operation(of node: NodeIndex) -> String { entries[node]?.operation ?? "" }
  func writeName(of node: NodeIndex, to output: inout ByteBuffer) {
    texts.writeName(of: nodes[node], to: &output)
  }
  func text(of node: NodeIndex) -> Template { entries[node]?.text ?? Template(pieces: []) }
  func partialFormula(of node: NodeIndex, slot: Int) -> Template {
    entries[node]?.formulas[slot] ?? Template(pieces: [])
  }
  func formulaIsContribution(of node: NodeIndex, slot: Int) -> Bool {
    guard let entry = entries[node] else { return false }
    return entry.isContribution && !entry.formulas[slot].pieces.isEmpty
  }
}
