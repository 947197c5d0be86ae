// Which lines of a drawing the nodes stand on, and how wires run between two layers.

/// What runs from one item to those of the next layer that use it.
struct Net: Sendable {
  /// The item it comes from.
  var driver: Int
  /// The line it comes in on.
  var row: Int
  /// The lines it leaves on.
  var pins: [Int]
  /// The column of its upright part between the layers, counted from 0; nil if it goes straight.
  var track: Int?

  /// The lines between which it runs up or down.
  var span: ClosedRange<Int> {
    min(row, pins.min() ?? row)...max(row, pins.max() ?? row)
  }
}

/// The space between two layers.
struct Gap: Sendable {
  var nets: [Net] = []
  /// How many columns upright parts take.
  var trackCount = 0
}

/// The lines of all items, and the wires between layers.
///
/// Every entry of a node has a line of its own, so that two wires never run together: what touches
/// is one value. A wire may come in on the line that another one leaves on if its upright part
/// stands further left; `leftOf` keeps what follows from that free of cycles.
struct GraphRows: Sendable {
  private let graph: DrawnGraph
  private let layers: GraphLayers
  /// The first line of each item.
  private(set) var rows: [Int]
  /// What lies behind each layer but the last.
  private(set) var gaps: [Gap] = []
  /// How many lines there are.
  private(set) var height = 0

  init(_ graph: DrawnGraph, _ layers: GraphLayers) {
    self.graph = graph
    self.layers = layers
    rows = Array(repeating: 0, count: layers.source.count)
    guard !layers.layers.isEmpty else { return }
    var best: (cost: Int, rows: [Int], orders: [[[Int]]])?
    for round in 0..<3 {
      var orders: [[[Int]]] = []
      if round > 0 {
        for index in layers.layers.indices.dropLast().reversed() {
          place(index, at: layers.layers[index].map(rowByUsers))
        }
      } else {
        place(0, at: layers.layers[0].map { _ in 0 })
      }
      for index in layers.layers.indices.dropFirst() {
        place(index, at: layers.layers[index].map(rowByDrivers))
        orders.append(separate(index))
      }
      let cost = cost()
      if best.map({ cost < $0.cost }) ?? true { best = (cost, rows, orders) }
    }
    if let best {
      rows = best.rows
      normalise()
      gaps = best.orders.enumerated().map { gap(after: $0, leftOf: $1) }
    }
  }

  /// The line on which a wire enters an item.
  func row(of item: Int, entry: Int) -> Int { rows[item] + entry }

  private func height(of item: Int) -> Int { layers.isWire(item) ? 1 : graph.heights[item] }

  /// How far below the beginning of an item the next one begins at least.
  private func distance(_ item: Int, _ next: Int) -> Int {
    let isLoose =
      !layers.isWire(item) && !layers.isWire(next)
      && (!layers.drivers[item].isEmpty || !layers.drivers[next].isEmpty)
    return height(of: item) + (isLoose ? 1 : 0)
  }

  // MARK: Lines

  /// Where an item would stand if only what it comes from mattered.
  private func rowByDrivers(_ item: Int) -> Double {
    let drivers = layers.drivers[item]
    guard !drivers.isEmpty else { return Double(rows[item]) }
    let sum = drivers.enumerated().reduce(0) { $0 + rows[$1.element] - $1.offset }
    return (Double(sum) / Double(drivers.count)).rounded(.down)
  }

  /// Where an item would stand if only what uses it mattered.
  private func rowByUsers(_ item: Int) -> Double {
    let users = layers.users(of: item)
    guard !users.isEmpty else { return Double(rows[item]) }
    let sum = users.reduce(0) { $0 + row(of: $1.item, entry: $1.entry) }
    return Double(sum) / Double(users.count)
  }

  /// Places the items of a layer as near as possible to where they would like to stand, in order and
  /// without touching: neighbours that would overlap stand together around their mean.
  private mutating func place(_ index: Int, at wanted: [Double]) {
    struct Block {
      var sum: Double
      var weight: Double
      var count: Int
      var mean: Double { sum / weight }
    }
    let items = layers.layers[index]
    var offset = 0
    var offsets: [Int] = []
    var blocks: [Block] = []
    for (place, item) in items.enumerated() {
      if place > 0 { offset += distance(items[place - 1], item) }
      offsets.append(offset)
      // A wire that goes straight is worth more than a node in the middle.
      let weight = layers.isWire(item) ? 2.0 : 1.0
      blocks.append(Block(sum: weight * (wanted[place] - Double(offset)), weight: weight, count: 1))
      while blocks.count > 1, blocks[blocks.count - 2].mean > blocks[blocks.count - 1].mean {
        let last = blocks.removeLast()
        blocks[blocks.count - 1].sum += last.sum
        blocks[blocks.count - 1].weight += last.weight
        blocks[blocks.count - 1].count += last.count
      }
    }
    var place = 0
    for block in blocks {
      let start = Int(exactly: block.mean.rounded(.down)) ?? 0
      for _ in 0..<block.count {
        rows[items[place]] = start + offsets[place]
        place += 1
      }
    }
  }

  /// Moves the items of a layer down where a wire would enter on a line that another one comes in
  /// on and the two could not pass; for each item of the layer before, which must turn left of it.
  private mutating func separate(_ index: Int) -> [[Int]] {
    let before = layers.layers[index - 1]
    var netOf: [Int: Int] = [:]
    var netAt: [Int: Int] = [:]
    for (net, item) in before.enumerated() {
      netOf[item] = net
      if !layers.users(of: item).isEmpty { netAt[rows[item]] = net }
    }
    var leftOf: [[Int]] = Array(repeating: [], count: before.count)
    var free = Int.min
    for (place, item) in layers.layers[index].enumerated() {
      if place > 0 {
        let previous = layers.layers[index][place - 1]
        free = rows[previous] + distance(previous, item)
      }
      rows[item] = max(rows[item], free)
      let nets = layers.drivers[item].compactMap { netOf[$0] }
      while true {
        var changed = leftOf
        var fits = true
        for (entry, net) in nets.enumerated() {
          guard let other = netAt[row(of: item, entry: entry)], other != net else { continue }
          if reaches(from: other, to: net, changed) {
            fits = false
            break
          }
          if !changed[net].contains(other) { changed[net].append(other) }
        }
        if fits {
          leftOf = changed
          break
        }
        rows[item] += 1
      }
    }
    return leftOf
  }

  /// Whether a net must, directly or not, turn right of another one.
  private func reaches(from start: Int, to end: Int, _ leftOf: [[Int]]) -> Bool {
    var seen: Set<Int> = [start]
    var open = [start]
    while let net = open.popLast() {
      if net == end { return true }
      for next in leftOf[net] where seen.insert(next).inserted { open.append(next) }
    }
    return false
  }

  /// How far wires run up and down, and how many lines it takes.
  private func cost() -> Int {
    var cost = 0
    for item in rows.indices {
      for (entry, driver) in layers.drivers[item].enumerated() {
        cost += abs(row(of: item, entry: entry) - rows[driver])
      }
    }
    let top = rows.min() ?? 0
    let bottom = rows.indices.map { rows[$0] + height(of: $0) }.max() ?? 0
    return cost + 2 * (bottom - top)
  }

  private mutating func normalise() {
    let top = rows.min() ?? 0
    for item in rows.indices { rows[item] -= top }
    height = rows.indices.map { rows[$0] + height(of: $0) }.max() ?? 0
  }

  // MARK: Wires

  /// The wires behind a layer, with a column for each upright part.
  private func gap(after index: Int, leftOf: [[Int]]) -> Gap {
    var gap = Gap()
    for item in layers.layers[index] {
      gap.nets.append(
        Net(
          driver: item, row: rows[item],
          pins: layers.users(of: item).map { row(of: $0.item, entry: $0.entry) }.sorted()))
    }
    var columns: [[ClosedRange<Int>]] = []
    for net in order(gap.nets, leftOf) {
      let span = gap.nets[net].span
      guard span.count > 1 else { continue }
      let first = leftOf[net].compactMap { gap.nets[$0].track }.max().map { $0 + 1 } ?? 0
      let track =
        columns.indices.first { column in
          column >= first && !columns[column].contains { $0.overlaps(span) }
        } ?? max(first, columns.count)
      while columns.count <= track { columns.append([]) }
      columns[track].append(span)
      gap.nets[net].track = track
    }
    gap.trackCount = columns.count
    gap.nets.removeAll { $0.pins.isEmpty }
    return gap
  }

  /// The nets in an order in which each stands behind those that must turn left of it; of those
  /// going down the lowest first, of those going up the highest, so that they do not cross.
  private func order(_ nets: [Net], _ leftOf: [[Int]]) -> [Int] {
    func key(_ net: Net) -> (Int, Int) {
      let isUp = (net.pins.last ?? net.row) <= net.row
      return isUp ? (1, net.row) : (0, -net.row)
    }
    let preferred = nets.indices.sorted { key(nets[$0]) < key(nets[$1]) }
    var isDone = Array(repeating: false, count: nets.count)
    var order: [Int] = []
    // A net is appended when all that must come before it have been; depth first.
    for start in preferred where !isDone[start] {
      var open = [(net: start, next: 0)]
      while let top = open.last {
        if top.next < leftOf[top.net].count {
          open[open.count - 1].next += 1
          let before = leftOf[top.net][top.next]
          if !isDone[before], !open.contains(where: { $0.net == before }) {
            open.append((before, 0))
          }
        } else {
          open.removeLast()
          if !isDone[top.net] { order.append(top.net) }
          isDone[top.net] = true
        }
      }
    }
    return order
  }
}
