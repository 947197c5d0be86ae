// A graph drawn in characters: inputs on the left, the output on the right.

import BackstepTrace

/// Draws a trace's graph, with whatever values and adjoints are there.
///
/// Where everybody stands is computed once; ``lines(values:adjoints:markedNode:markedEdge:focus:height:)``
/// only writes. A graph that is too wide or too high is not drawn whole: then each drawing shows the
/// part around the node that is marked, which takes a small arrangement of its own.
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
  /// For each node where its users begin in the list of them all.
  private var userStarts: [Int] = []
  private var userList: [NodeIndex] = []

  /// How many nodes the part of a larger graph shows at most.
  private static let partLimit = 16
  /// With more nodes than this, and many long wires, inputs leave the left side for where they are
  /// used.
  private static let leftLimit = 16
  /// How many nodes are drawn in bands.
  private static let bandLimit = 150

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
    listUsers()
  }

  /// Whether a node is part of the drawing: constants are not, nor what the output does not need.
  public func shows(_ node: NodeIndex) -> Bool {
    places.indices.contains(node) && places[node] >= 0
  }

  /// The lines of the drawing.
  ///
  /// - Parameters:
  ///   - values: What is known of values; `?` stands for the others.
  ///   - adjoints: What is known of adjoints.
  ///   - markedNode: A node to be shown in brackets.
  ///   - markedEdge: An operand slot of a node, counted from 0, whose wire is drawn heavy.
  ///   - focus: The node around which a part is drawn; without it the marked one, else the output.
  ///   - height: How many lines there may be. Of a graph that needs more, the part around the marked
  ///     node is drawn that needs no more.
  /// - Returns: Lines that are no wider than the drawing may be.
  public func lines(
    values: [NodeIndex: Reading], adjoints: [NodeIndex: Reading], markedNode: NodeIndex? = nil,
    markedEdge: (node: NodeIndex, slot: Int)? = nil, focus: NodeIndex? = nil, height: Int? = nil
  ) -> [FragmentLine] {
    let focus = focus ?? markedNode ?? markedEdge?.node ?? header.root
    let limit = height ?? .max
    let fitting = whole.flatMap { $0.rows.height <= limit ? $0 : nil }
    let partner = markedEdge.flatMap { edge in
      edge.slot < header.operandCount(of: edge.node)
        ? header.operand(edge.slot, of: edge.node) : nil
    }
    guard let arrangement = fitting ?? part(around: focus, with: partner, height: limit) else {
      return []
    }
    let marked = (node: markedNode, path: markedEdge.flatMap { arrangement.path(to: $0) })
    let range = 0..<min(arrangement.rows.height, limit)
    return arrangement.write(range, labels, varies, values, adjoints, marked.node, marked.path)
  }

  /// The lines of the whole drawing, in bands below each other where it is too wide; nil where that
  /// would be too many.
  ///
  /// A value that is used in a later band is named there, behind dots.
  public func bands(
    values: [NodeIndex: Reading], adjoints: [NodeIndex: Reading]
  ) -> [[FragmentLine]]? {
    if let whole, whole.detail.operation != .nothing {
      return [whole.write(0..<whole.rows.height, labels, varies, values, adjoints, nil, nil)]
    }
    guard nodeCount <= Self.bandLimit, let bands = split() else { return nil }
    return bands.map {
      $0.write(0..<$0.rows.height, labels, varies, values, adjoints, nil, nil)
    }
  }

  // MARK: Bands

  /// Cuts the graph between layers into parts that fit; nil where even a single layer does not.
  private func split() -> [Arrangement]? {
    var depths: [NodeIndex: Int] = [:]
    var levels: [[NodeIndex]] = []
    for node in nodes where !labels.isLeaf(node) {
      let operands = (0..<header.operandCount(of: node)).map { header.operand($0, of: node) }
      let depth = operands.map { depths[$0] ?? -1 }.max().map { $0 + 1 } ?? 0
      depths[node] = depth
      while levels.count <= depth { levels.append([]) }
      levels[depth].append(node)
    }
    var bands: [Arrangement] = []
    var isShown: Set<NodeIndex> = []
    var start = 0
    while start < levels.count {
      var best: (arrangement: Arrangement, end: Int, nodes: [NodeIndex])?
      for end in (start + 1)...levels.count {
        let operations = levels[start..<end].flatMap(\.self)
        let members = withLeaves(operations, besides: isShown)
        let last = end == start + 1 ? GraphDetail.all[...] : GraphDetail.all.dropLast()
        guard let arrangement = arrange(members, within: width, named: true, details: last) else {
          break
        }
        best = (arrangement, end, members)
      }
      guard let best else { return nil }
      bands.append(best.arrangement)
      isShown.formUnion(best.nodes)
      start = best.end
    }
    return bands
  }

  /// Operations with the leaves they use that have not been shown yet, in forward order.
  private func withLeaves(_ operations: [NodeIndex], besides shown: Set<NodeIndex>) -> [NodeIndex] {
    var members = Set(operations)
    for node in operations {
      for slot in 0..<header.operandCount(of: node) {
        let operand = header.operand(slot, of: node)
        let isConstant = header.kind(of: operand) == .constant
        if labels.isLeaf(operand), !isConstant, !shown.contains(operand) {
          members.insert(operand)
        }
      }
    }
    return members.sorted()
  }

  // MARK: Which nodes

  /// The nodes around one of them, as many as fit; where not even it fits, it alone.
  private func part(
    around focus: NodeIndex, with partner: NodeIndex?, height: Int
  ) -> Arrangement? {
    let near = neighbours(of: focus, partner)
    var alone: Arrangement?
    var count = near.count
    while count > 0 {
      // Names alone say little: rather fewer nodes.
      let details = count > 4 ? GraphDetail.all.dropLast() : GraphDetail.all[...]
      let part = near.prefix(count).sorted()
      if let arrangement = arrange(part, within: width, details: details) {
        if arrangement.rows.height <= height { return arrangement }
        alone = arrangement
      }
      count -= 1
    }
    return alone
  }

  /// Nodes in the order of their distance from one, its operands before its users.
  private func neighbours(of focus: NodeIndex, _ partner: NodeIndex?) -> [NodeIndex] {
    guard places.indices.contains(focus), places[focus] >= 0 else { return [header.root] }
    var found = [focus]
    if let partner, partner != focus, places[partner] >= 0 { found.append(partner) }
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

  /// The first few nodes that use a node.
  private func users(of node: NodeIndex) -> ArraySlice<NodeIndex> {
    userList[userStarts[node]..<userStarts[node + 1]].prefix(Self.partLimit / 2)
  }

  /// Lists the users of every node, one after the other.
  private mutating func listUsers() {
    userStarts = Array(repeating: 0, count: places.count + 1)
    for node in nodes {
      for slot in 0..<header.operandCount(of: node) {
        userStarts[header.operand(slot, of: node) + 1] += 1
      }
    }
    for node in places.indices { userStarts[node + 1] += userStarts[node] }
    var next = userStarts
    userList = Array(repeating: 0, count: userStarts[places.count])
    for node in nodes {
      for slot in 0..<header.operandCount(of: node) {
        let operand = header.operand(slot, of: node)
        userList[next[operand]] = node
        next[operand] += 1
      }
    }
  }

  /// Arranges some nodes; operands that are not among them are named, or hinted at by dots.
  private func arrange(
    _ members: [NodeIndex], within width: Int, named: Bool = false,
    details: ArraySlice<GraphDetail> = GraphDetail.all[...]
  ) -> Arrangement? {
    var part = GraphPart(members: members)
    let inside = Set(members)
    if named {
      for node in members {
        for slot in 0..<header.operandCount(of: node) {
          let operand = header.operand(slot, of: node)
          if header.kind(of: operand) != .constant, !inside.contains(operand) {
            part.references.insert(operand)
          }
        }
      }
      part.nodes = inside.union(part.references).sorted()
    }
    var places: [NodeIndex: Int] = [:]
    for (place, node) in part.nodes.enumerated() { places[node] = place }
    for node in part.nodes {
      var entries: [(place: Int, slot: Int)] = []
      var hidden = 0
      if !part.references.contains(node) {
        for slot in 0..<header.operandCount(of: node) {
          let operand = header.operand(slot, of: node)
          if let place = places[operand] {
            entries.append((place, slot))
          } else if header.kind(of: operand) != .constant {
            hidden = 1
          }
        }
      }
      part.graph.operands.append(entries.map(\.place))
      part.slots.append(entries.map(\.slot))
      part.hidesOperands.append(hidden > 0)
      part.graph.heights.append(
        part.references.contains(node)
          ? 1
          : labels.height(of: node, ports: entries.count + hidden, hasAdjoint: varies[node]))
    }
    if named {
      let used = Set(part.graph.operands.joined())
      for (place, node) in part.nodes.enumerated()
      where !used.contains(place) && node != header.root {
        part.goesOn.insert(node)
      }
    }
    let arrange = { (layers: GraphLayers?) -> Arrangement? in
      guard let layers else { return nil }
      return Arrangement(
        part, layers: layers, labels: labels, width: width, details: details)
    }
    let ordinary = GraphLayers(part.graph, atMost: width / 4)
    let isLarge = part.nodes.count > Self.leftLimit
    guard isLarge, let ordinary, 2 * ordinary.wireCount > part.nodes.count else {
      return arrange(ordinary)
    }
    // A band that becomes too wide this way rather ends earlier.
    return arrange(GraphLayers(part.graph, atMost: width / 4, leavesLeft: false))
      ?? (named ? nil : arrange(ordinary))
  }
}
