// A graph drawn in characters: inputs on the left, the output on the right.

import BackstepTrace

/// Draws a trace's graph, with whatever values and adjoints are there.
///
/// Where everybody stands is computed once; ``lines(values:adjoints:markedNode:markedEdge:height:)``
/// only writes. A graph that is too wide is not drawn whole: then each drawing shows the part around
/// the node that is marked, which takes a small arrangement of its own.
///
/// Constants are not nodes of the drawing: they stand in the operations that use them.
public struct GraphDrawing: Sendable {
  /// Whether the whole graph is drawn within the width.
  public var fits: Bool { whole != nil }
  /// How many lines the whole drawing has; 0 where it does not fit.
  public var height: Int { whole?.rows.height ?? 0 }
  /// How many nodes are drawn, and how many wires lead to them.
  public let nodeCount: Int
  /// How many operands they have that are drawn.
  public let edgeCount: Int

  private let header: any TraceHeader
  private let labels: GraphLabels
  private let width: Int
  /// The nodes that are drawn, by their places in the drawing.
  private let nodes: [NodeIndex]
  /// The place in the drawing of each node; -1 where it is not drawn.
  private let places: [Int]
  /// Which nodes depend on an input, so that they have adjoints.
  private let varies: [Bool]
  private var whole: Arrangement?

  /// How many nodes the part of a larger graph shows at most.
  private static let partLimit = 16

  /// Arranges the graph.
  ///
  /// - Parameters:
  ///   - header: The trace's names and formulas.
  ///   - style: Spelling, digits and colours.
  ///   - width: How many columns the drawing may take.
  ///   - showsAdjoints: Whether there is a line for the adjoint of each node that depends on an input.
  public init(
    header: any TraceHeader, style: Style, width: Int, showsAdjoints: Bool = true
  ) {
    self.header = header
    self.width = max(20, width)
    labels = GraphLabels(header: header, style: style, showsAdjoints: showsAdjoints)
    var isDrawn = Array(repeating: false, count: header.root + 1)
    var varies = isDrawn
    isDrawn[header.root] = true
    var edges = 0
    for node in stride(from: header.root, through: 0, by: -1) where isDrawn[node] {
      for slot in 0..<header.operandCount(of: node) {
        let operand = header.operand(slot, of: node)
        guard header.kind(of: operand) != .constant else { continue }
        isDrawn[operand] = true
        edges += 1
      }
    }
    var places = Array(repeating: -1, count: header.root + 1)
    var nodes: [NodeIndex] = []
    for node in 0...header.root {
      varies[node] =
        header.kind(of: node) == .input
        || (0..<header.operandCount(of: node)).contains { varies[header.operand($0, of: node)] }
      guard isDrawn[node] else { continue }
      places[node] = nodes.count
      nodes.append(node)
    }
    self.nodes = nodes
    self.places = places
    self.varies = varies
    nodeCount = nodes.count
    edgeCount = edges
    whole = arrange(nodes, within: self.width)
  }

  /// The lines of the drawing.
  ///
  /// - Parameters:
  ///   - values: What is known of values; `?` stands for the others.
  ///   - adjoints: What is known of adjoints.
  ///   - markedNode: A node to be shown in brackets.
  ///   - markedEdge: An operand slot of a node, counted from 0, whose wire is drawn heavy.
  ///   - height: How many lines there may be; the part around the marked node is shown.
  public func lines(
    values: [NodeIndex: Reading], adjoints: [NodeIndex: Reading], markedNode: NodeIndex? = nil,
    markedEdge: (node: NodeIndex, slot: Int)? = nil, height: Int? = nil
  ) -> [FragmentLine] {
    let focus = markedNode ?? markedEdge?.node ?? header.root
    guard let arrangement = whole ?? part(around: focus) else { return [] }
    let marked = (node: markedNode, path: markedEdge.flatMap { arrangement.path(to: $0) })
    var range = 0..<arrangement.rows.height
    if let height, height < range.count, height > 0 {
      let middle = arrangement.place(of: focus).map { arrangement.rows.rows[$0] } ?? 0
      let start = min(max(0, middle - height / 2), range.count - height)
      range = start..<start + height
    }
    return arrangement.write(range, labels, varies, values, adjoints, marked.node, marked.path)
  }

  // MARK: Which nodes

  /// The nodes around one of them, as many as fit.
  private func part(around focus: NodeIndex) -> Arrangement? {
    let near = neighbours(of: focus)
    var count = near.count
    while count > 0 {
      if let arrangement = arrange(near.prefix(count).sorted(), within: width) {
        return arrangement
      }
      count -= 1
    }
    return nil
  }

  /// Nodes in the order of their distance from one, its operands before its users.
  private func neighbours(of focus: NodeIndex) -> [NodeIndex] {
    guard places.indices.contains(focus), places[focus] >= 0 else { return [header.root] }
    var found = [focus]
    var next = 0
    while next < found.count, found.count < Self.partLimit {
      let node = found[next]
      next += 1
      for slot in 0..<min(header.operandCount(of: node), Self.partLimit) {
        let operand = header.operand(slot, of: node)
        if places[operand] >= 0, !found.contains(operand) { found.append(operand) }
      }
      // What uses a node comes after it; a node is rarely used far away.
      for user in users(of: node) where !found.contains(user) { found.append(user) }
    }
    return Array(found.prefix(Self.partLimit))
  }

  private func users(of node: NodeIndex) -> [NodeIndex] {
    var users: [NodeIndex] = []
    var user = node + 1
    while user <= header.root, users.count < Self.partLimit / 2 {
      if places[user] >= 0,
        (0..<header.operandCount(of: user)).contains(where: { header.operand($0, of: user) == node }
        )
      {
        users.append(user)
      }
      user += 1
    }
    return users
  }

  private func arrange(_ nodes: [NodeIndex], within width: Int) -> Arrangement? {
    var places: [NodeIndex: Int] = [:]
    for (place, node) in nodes.enumerated() { places[node] = place }
    var graph = DrawnGraph(operands: [], heights: [])
    var slots: [[Int]] = []
    var hidden: [[Int]] = []
    for node in nodes {
      var operands: [Int] = []
      var used: [Int] = []
      var outside: [Int] = []
      for slot in 0..<header.operandCount(of: node) {
        let operand = header.operand(slot, of: node)
        if let place = places[operand] {
          operands.append(place)
          used.append(slot)
        } else if header.kind(of: operand) != .constant {
          outside.append(slot)
        }
      }
      graph.operands.append(operands)
      slots.append(used)
      hidden.append(outside)
      graph.heights.append(
        labels.height(
          of: node, ports: operands.count + min(outside.count, 1), hasAdjoint: varies[node]))
    }
    guard let layers = GraphLayers(graph, atMost: width / 4) else { return nil }
    return Arrangement(
      nodes: nodes, slots: slots, hidden: hidden, graph: graph, layers: layers, labels: labels,
      width: width)
  }
}
