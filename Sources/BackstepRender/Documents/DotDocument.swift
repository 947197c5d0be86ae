// The graph of a trace in Graphviz's language.

import BackstepLanguage
import BackstepTrace

/// Makes `.dot`: nodes with their values and adjoints, edges with local derivatives and what they
/// send back.
///
/// What a node is shows in its shape, so that colour never carries meaning alone: an ellipse is an
/// input, a sheet of paper is data, a plain number a constant, a box an operation, a double box the
/// output. Who is used more than once has a thick border and the sum of what comes back.
struct DotDocument {
  private let trace: TraceDigest
  private let labels: DotLabels
  private let ranks: DotRanks
  /// Whether it is drawn from top to bottom.
  private let goesDown: Bool
  private let size: Size
  /// Whether long edges are left out.
  private let isCut: Bool
  /// The nodes that are drawn: in large graphs without the constants, which formulas show as well.
  private let nodes: [NodeIndex]

  /// How much can be said of each node, which depends on how many there are.
  private enum Size {
    /// Everything.
    case small
    /// Edges without words.
    case large
    /// Straight edges as well, and a quick layout.
    case huge
  }

  init(_ trace: TraceDigest, _ request: DocumentRequest, _ source: DocumentSource) {
    self.trace = trace
    ranks = DotRanks(trace)
    goesDown = ranks.count > Self.widest
    labels = DotLabels(trace, Style(digits: request.digits), goesDown: goesDown)
    let count = trace.nodes.count
    size = count <= 250 ? .small : count <= 600 ? .large : .huge
    let isSmall = size == .small
    isCut = !isSmall || ranks.total(trace) > Self.most
    nodes = trace.nodes.filter { isSmall || trace.header.kind(of: $0) != .constant }
  }

  /// The document.
  func text() -> ByteBuffer {
    var text = ByteBuffer()
    writeHead(to: &text)
    for node in nodes.untilInterrupted { writeNode(node, to: &text) }
    text.append("\n")
    for node in nodes.untilInterrupted {
      for slot in 0..<trace.header.operandCount(of: node) { writeEdge(node, slot, to: &text) }
    }
    text.append("}\n")
    return text
  }

  /// The most columns that the edges of a small graph may cross together with none left out.
  private static let most = 1000

  /// The longest edge that is drawn where long ones are left out.
  ///
  /// Instead of a longer one the operand's name stands beside the operation. Graphviz would lay a node
  /// into every column that it crosses, which for an input that is used all along takes minutes and
  /// leaves a thicket.
  private static let longest = 12

  /// Graphs of more operations one behind the other are drawn from top to bottom: boxes are wider
  /// than high.
  private static let widest = 16

  // MARK: Parts

  private func writeHead(to text: inout ByteBuffer) {
    text.append("// \(Documents.mark): the graph that a derivative was computed on.\n")
    text.append("// Draw it with: dot -Tsvg FILE.dot -o FILE.svg\n")
    text.append("digraph \"\(Escape.dot(Drawing.title(trace)))\" {\n")
    let words = size == .small ? labels.legend(isCut: isCut) : ""
    let legend = words.isEmpty ? "" : "label=<\(words)> labelloc=b labeljust=l"
    let quick = size == .huge ? "splines=line nslimit=0.1 nslimit1=0.1" : ""
    let direction = goesDown ? "rankdir=TB ranksep=0.35" : "rankdir=LR ranksep=0.55"
    text.append(
      """
        graph [\(direction) bgcolor=white nodesep=0.3 pad=0.3 \(quick)
               \(DotLabels.font) fontsize=11 \(legend)]
        node [\(DotLabels.font) fontsize=13 color="#444444" style=filled fillcolor=white
              margin="0.12,0.06"]
        edge [\(DotLabels.font) fontsize=11 color="#555555" arrowsize=0.7]


      """)
  }

  private func writeNode(_ node: NodeIndex, to text: inout ByteBuffer) {
    let kind = trace.header.kind(of: node)
    var look: String
    var classes: String
    switch kind {
    case .constant: (look, classes) = ("shape=plain style=\"\"", "constant")
    case .data: (look, classes) = ("shape=note fillcolor=\"#EEEEEE\"", "data")
    case .input:
      (look, classes) = ("shape=ellipse fillcolor=\"#DDEEFB\" margin=\"0.02,0.02\"", "input")
    case .operation where node == trace.header.root:
      (look, classes) = ("shape=box peripheries=2 fillcolor=\"#FFF4D6\"", "operation output")
    case .operation: (look, classes) = ("shape=box", "operation")
    }
    if isShared(node) {
      look += " penwidth=2.5"
      classes += " shared"
    }
    text.append(
      "  n\(node + 1) [id=\"node-\(node + 1)\" class=\"\(classes)\" \(look) "
        + "label=<\(labels.label(node))> tooltip=\"\(Escape.dot(labels.tooltip(node)))\"]\n")
  }

  /// Whether more than one operation uses the node, or one uses it twice.
  private func isShared(_ node: NodeIndex) -> Bool {
    trace.uses[node] > 1 && trace.header.kind(of: node) != .constant
  }

  private func writeEdge(_ node: NodeIndex, _ slot: Int, to text: inout ByteBuffer) {
    let operand = trace.header.operand(slot, of: node)
    guard size == .small || trace.header.kind(of: operand) != .constant else { return }
    var start = "n\(operand + 1)"
    if isCut, ranks.span(from: operand, to: node) > Self.longest {
      start = "r\(node + 1)_\(slot + 1)"
      let name = Escape.dot(Escape.line(trace.name(operand), limit: 40))
      text.append(
        "  \(start) [class=\"reference\" shape=ellipse style=dashed margin=\"0.02,0.02\" "
          + "label=\"\(name)\" tooltip=\"\(Escape.dot(labels.tooltip(operand)))\"]\n")
    }
    text.append("  \(start) -> n\(node + 1) [id=\"edge-\(node + 1)-\(slot + 1)\"")
    if let sent = trace.contributions[node].first(where: { $0.slot == slot }) {
      if isShared(operand) { text.append(" penwidth=2") }
      if size == .small { text.append(" label=<\(labels.label(sent))>") }
      text.append(" edgetooltip=\"\(Escape.dot(labels.tooltip(sent)))\"")
      if size == .small {
        text.append(" labeltooltip=\"\(Escape.dot(labels.tooltip(sent)))\"")
      }
    } else {
      // No derivative goes back along it.
      text.append(" style=dashed color=\"#888888\"")
    }
    text.append("]\n")
  }
}
