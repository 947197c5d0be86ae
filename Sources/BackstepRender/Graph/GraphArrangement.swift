// A drawing whose nodes and wires have their places.

import BackstepTrace

/// Some nodes of a graph, to be drawn together.
struct GraphPart: Sendable {
  /// What is drawn, in forward order.
  var nodes: [NodeIndex]
  /// Which of them are drawn elsewhere and only named here.
  var references: Set<NodeIndex> = []
  /// Which of them are used only in another part.
  var goesOn: Set<NodeIndex> = []
  /// The slot of each entry of each node.
  var slots: [[Int]] = []
  /// Which nodes have operands that are not drawn.
  var hidesOperands: [Bool] = []
  var graph = DrawnGraph(operands: [], heights: [])

  init(members: [NodeIndex]) { nodes = members }
}

/// Nodes, wires and texts in their columns and lines.
struct Arrangement: Sendable {
  private let part: GraphPart
  let layers: GraphLayers
  let rows: GraphRows
  let detail: GraphDetail
  /// Where the text of each layer begins.
  let starts: [Int]
  /// How many columns the text of each node takes at most.
  let widths: [Int]
  private(set) var grid: WireGrid
  /// Where the wire of each item begins.
  private var begins: [Int] = []

  /// What stands behind a node whose wire goes on in another part.
  private static let onward = 4

  private var nodes: [NodeIndex] { part.nodes }

  /// Chooses how much is said at the nodes; nil if even the least is too wide.
  init?(
    _ part: GraphPart, layers unordered: GraphLayers, labels: GraphLabels, width: Int,
    details: ArraySlice<GraphDetail>
  ) {
    var layers = unordered
    // What cannot fit however it is arranged need not be.
    guard let least = details.last,
      Self.widths(of: part, layers, labels, least).starts.last.map({ $0 < width }) ?? false
    else { return nil }
    layers.order()
    let rows = GraphRows(part.graph, layers)
    for detail in details {
      let (widths, starts, column) = Self.widths(of: part, layers, labels, detail, rows.gaps)
      guard column < width else { continue }
      self.part = part
      self.layers = layers
      self.rows = rows
      self.detail = detail
      self.starts = starts
      self.widths = widths
      grid = WireGrid(width: width, height: rows.height)
      drawEdges(labels)
      drawWires(labels)
      drawHidden()
      return
    }
    return nil
  }

  /// How wide the nodes are, where layers begin, and where all ends; before the wires are known, where
  /// it ends at least.
  private static func widths(
    of part: GraphPart, _ layers: GraphLayers, _ labels: GraphLabels, _ detail: GraphDetail,
    _ gaps: [Gap]? = nil
  ) -> (nodes: [Int], starts: [Int], end: Int) {
    let widths = part.nodes.map { node in
      part.references.contains(node)
        ? labels.reference(to: node).columns
        : labels.width(of: node, detail) + (part.goesOn.contains(node) ? Self.onward : 0)
    }
    var starts: [Int] = []
    // What is left out to the left is shown by dots at the edge of the node.
    let isCut = zip(layers.layer, part.hidesOperands).contains { $0 == 0 && $1 }
    var column = isCut ? 3 : 1
    for (index, layer) in layers.layers.enumerated() {
      starts.append(column)
      column += layer.map { layers.isWire($0) ? 1 : widths[$0] }.max() ?? 0
      guard index < layers.layers.count - 1 else { break }
      column += columns(gaps?[index] ?? Gap(), detail)
    }
    return (widths, starts, column)
  }

  /// A blank, the upright wires, an arrow, and a blank.
  private static func columns(_ gap: Gap, _ detail: GraphDetail) -> Int {
    3 + 2 * detail.lead + max(1, (gap.trackCount - 1) * detail.spacing + 1)
  }

  /// The place of a node in the drawing.
  func place(of node: NodeIndex) -> Int? {
    var low = 0
    var high = nodes.count
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle] < node { low = middle + 1 } else { high = middle }
    }
    return low < nodes.count && nodes[low] == node ? low : nil
  }

  // MARK: Wires

  /// The column of an upright wire in the gap before a layer.
  private func column(ofTrack track: Int, before layer: Int) -> Int {
    let gap = rows.gaps[layer - 1]
    let first = starts[layer] - 2 - detail.lead - max(1, (gap.trackCount - 1) * detail.spacing + 1)
    return first + track * detail.spacing
  }

  /// Where a wire begins behind an item: behind the title of an operation, and behind the value of a
  /// leaf, whatever it will be.
  private func begin(of item: Int, _ labels: GraphLabels) -> Int {
    let start = starts[layers.layer[item]]
    guard !layers.isWire(item) else { return start - 1 }
    let node = nodes[item]
    let isAsWide = labels.isLeaf(node) || part.references.contains(node)
    return start + 1
      + (isAsWide ? widths[item] : labels.title(of: node, nil, detail).columns)
  }

  /// Draws the left edge of each operation.
  private mutating func drawEdges(_ labels: GraphLabels) {
    for (item, node) in nodes.enumerated()
    where !labels.isLeaf(node) && !part.references.contains(node) {
      for row in 0..<part.graph.heights[item] {
        grid.add(.edge, of: nil, rows.rows[item] + row, starts[layers.layer[item]] - 2)
      }
    }
  }

  private mutating func drawWires(_ labels: GraphLabels) {
    begins = layers.source.indices.map { begin(of: $0, labels) }
    for (index, gap) in rows.gaps.enumerated() {
      for net in gap.nets {
        let owner = layers.source[net.driver]
        var path = WirePath()
        for user in layers.users(of: net.driver) {
          draw(to: user, net, index + 1, into: &path)
        }
        for cell in path.cells {
          let isEnd = cell.arms == .arrow
          grid.add(cell.arms, of: isEnd ? nil : owner, cell.row, cell.column)
        }
      }
    }
  }

  /// The way from one layer to an entry of an item in the next.
  private func draw(
    to user: (item: Int, entry: Int), _ net: Net, _ layer: Int,
    into path: inout WirePath
  ) {
    let end = rows.row(of: user.item, entry: user.entry)
    let isWire = layers.isWire(user.item)
    let first = begins[net.driver]
    let last = starts[layer] - (isWire ? 2 : 3)
    let track = net.track.map { column(ofTrack: $0, before: layer) } ?? first
    path.bend(from: net.row, first, at: track, to: end, last)
    if !isWire { path.cells.append((end, starts[layer] - 2, .arrow)) }
  }

  /// Shows where operands are left out.
  private mutating func drawHidden() {
    for (item, isHiding) in part.hidesOperands.enumerated() where isHiding {
      let row = rows.rows[item] + part.slots[item].count
      let start = starts[layers.layer[item]]
      grid.add(.arrow, of: nil, row, start - 2)
      if start >= 3 { grid.add(.hidden, of: nil, row, start - 3) }
    }
  }

  /// The way of the wire to an operand slot, from the node it comes from.
  func path(to edge: (node: NodeIndex, slot: Int)) -> WirePath? {
    guard let item = place(of: edge.node), let entry = part.slots[item].firstIndex(of: edge.slot)
    else { return nil }
    var path = WirePath()
    var user = (item: item, entry: entry)
    while layers.layer[user.item] > 0 {
      let layer = layers.layer[user.item]
      let driver = layers.drivers[user.item][user.entry]
      guard let net = rows.gaps[layer - 1].nets.first(where: { $0.driver == driver }) else {
        return nil
      }
      draw(to: user, net, layer, into: &path)
      guard layers.isWire(driver) else { break }
      user = (driver, 0)
    }
    return path
  }

  // MARK: Writing

  /// A piece of text at its column.
  private struct Piece {
    var column: Int
    var line: FragmentLine
    /// Where the wire begins that goes on behind it, if one does.
    var wire: Int?
  }

  /// Writes some of the lines.
  func write(
    _ range: Range<Int>, _ labels: GraphLabels, _ varies: [Bool],
    _ values: [NodeIndex: Reading], _ adjoints: [NodeIndex: Reading], _ marked: NodeIndex?,
    _ path: WirePath?
  ) -> [FragmentLine] {
    var pieces: [[Piece]] = Array(repeating: [], count: range.count)
    for (layer, items) in layers.layers.enumerated() {
      for item in items where !layers.isWire(item) {
        let row = rows.rows[item]
        guard row < range.upperBound, row + 3 > range.lowerBound else { continue }
        let node = nodes[item]
        let isMarked = node == marked
        let isReference = part.references.contains(node)
        var title =
          isReference
          ? labels.reference(to: node)
          : labels.title(of: node, values[node], detail, isMarked: isMarked)
        if part.goesOn.contains(node) { labels.addOnward(to: &title) }
        let details =
          isReference
          ? []
          : labels.details(
            of: node, values[node], adjoints[node], detail, hasAdjoint: varies[node])
        for (offset, text) in ([title] + details).enumerated() where range.contains(row + offset) {
          var piece = Piece(column: starts[layer], line: text)
          if offset == 0 {
            if isMarked { piece = Piece(column: starts[layer] - 1, line: labels.bracketed(text)) }
            piece.wire = layers.users(of: item).isEmpty ? nil : begins[item]
          }
          pieces[row + offset - range.lowerBound].append(piece)
        }
      }
    }
    var heavy: [Int: Arms] = [:]
    for cell in path?.cells ?? [] {
      heavy[cell.row * grid.width + cell.column, default: []].formUnion(cell.arms)
    }
    return range.map { row in compose(row, pieces[row - range.lowerBound], heavy, labels) }
  }

  /// One line: texts, and wires between them.
  private func compose(
    _ row: Int, _ pieces: [Piece], _ heavy: [Int: Arms], _ labels: GraphLabels
  ) -> FragmentLine {
    var line = labels.line()
    var column = 0
    /// Adds the wires of a range of columns; up to `start` the one that begins there comes nearer.
    func addWires(to end: Int, from start: Int = 0) {
      while column < end {
        let source = max(column, start)
        let mark = heavy[row * grid.width + source]
        var arms = mark ?? grid[row, source]
        if mark != nil, grid[row, source].contains(.crossing) { arms.insert(.crossing) }
        if column < start, !arms.isEmpty { arms = [.left, .right] }
        if !arms.isEmpty {
          line.pad(to: column)
          let sign = arms.sign(ascii: labels.style.ascii, isMarked: mark != nil)
          line.add(String(Character(sign)), mark == nil ? .dim : .hint)
        }
        column += 1
      }
    }
    for piece in pieces {
      addWires(to: piece.column)
      line.pad(to: piece.column)
      line.add(piece.line)
      column = max(piece.column, line.columns)
      if let wire = piece.wire {
        column += 1
        addWires(to: wire, from: wire)
      }
    }
    addWires(to: grid.width)
    return line
  }
}
