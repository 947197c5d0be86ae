// Which column of a drawing each node of a graph stands in, and in which order.

/// What is drawn of a graph: nodes in forward order, and which of them are whose operands.
struct DrawnGraph: Sendable {
  /// The operands of each node that are drawn, in the order of their slots.
  var operands: [[Int]]
  /// How many lines the text of each node takes.
  var heights: [Int]
}

/// Nodes and wires in layers from left to right: operands always stand left of what uses them.
///
/// A value that is used further right goes through the layers between as a wire, one wire for all
/// its uses, so that fan-out is seen where the wire branches.
///
/// **Source** the layered drawing of Sugiyama, Tagawa and Toda (1981): longest paths for the
/// layers, barycentres for the order within a layer.
struct GraphLayers: Sendable {
  /// The most items that are arranged; beyond that a drawing would help nobody.
  static let limit = 6000

  /// How many items are nodes; the others are pieces of wires.
  let nodeCount: Int
  /// The node that a piece of wire comes from; a node itself.
  private(set) var source: [Int]
  /// The layer of each item.
  private(set) var layer: [Int]
  /// For each item what it is reached from in the layer before, one for each entry.
  private(set) var drivers: [[Int]]
  /// The items of each layer from top to bottom.
  private(set) var layers: [[Int]] = []
  /// For each item what it leads to in the next layer, and by which entry.
  private var users: [[(item: Int, entry: Int)]]

  /// How many pieces of wires go through layers.
  var wireCount: Int { source.count - nodeCount }

  /// Arranges a graph; nil where it has more than ``limit`` items, or more layers than fit.
  ///
  /// The layers are in forward order until ``order()`` is called.
  ///
  /// With `leavesLeft` everything without operands stands in the first layer, else just before its
  /// first use.
  init?(_ graph: DrawnGraph, atMost layerLimit: Int, leavesLeft: Bool = true) {
    nodeCount = graph.operands.count
    guard nodeCount <= Self.limit else { return nil }
    source = Array(0..<nodeCount)
    layer = Array(repeating: 0, count: nodeCount)
    var first = Array(repeating: Int.max, count: nodeCount)
    for node in 0..<nodeCount {
      for operand in graph.operands[node] { layer[node] = max(layer[node], layer[operand] + 1) }
      for operand in graph.operands[node] { first[operand] = min(first[operand], layer[node]) }
    }
    if !leavesLeft {
      for node in 0..<nodeCount where graph.operands[node].isEmpty && first[node] < .max {
        layer[node] = first[node] - 1
      }
    }
    var last = layer
    for node in 0..<nodeCount {
      for operand in graph.operands[node] { last[operand] = max(last[operand], layer[node]) }
    }
    guard (layer.max() ?? 0) < layerLimit else { return nil }
    var firstWire = layer
    for node in 0..<nodeCount {
      firstWire[node] = source.count
      let between = (layer[node] + 1)..<max(layer[node] + 1, last[node])
      guard source.count + between.count <= Self.limit else { return nil }
      for layer in between {
        source.append(node)
        self.layer.append(layer)
      }
    }
    drivers = Array(repeating: [], count: source.count)
    users = Array(repeating: [], count: source.count)
    for item in source.indices {
      let sources = item < nodeCount ? graph.operands[item] : [source[item]]
      for (entry, node) in sources.enumerated() {
        let distance = layer[item] - layer[node]
        let driver = distance == 1 ? node : firstWire[node] + distance - 2
        drivers[item].append(driver)
        users[driver].append((item, entry))
      }
    }
    layers = Array(repeating: [], count: (layer.max() ?? -1) + 1)
    for item in source.indices { layers[layer[item]].append(item) }
    for index in layers.indices { layers[index].sort { source[$0] < source[$1] } }
  }

  /// Whether an item is a piece of a wire.
  func isWire(_ item: Int) -> Bool { item >= nodeCount }

  /// What an item leads to in the next layer.
  func users(of item: Int) -> [(item: Int, entry: Int)] { users[item] }

  // MARK: Order

  /// Moves items towards the middle of what they are connected with, back and forth, and keeps the
  /// order with the fewest crossings.
  mutating func order() {
    var best = layers
    var fewest = crossings()
    var sweep = 0
    while fewest > 0, sweep < 12 {
      if sweep.isMultiple(of: 2) {
        for index in layers.indices.dropFirst() { sort(index, by: barycentreOfDrivers) }
      } else {
        for index in layers.indices.dropLast().reversed() { sort(index, by: barycentreOfUsers) }
      }
      let count = crossings()
      if count < fewest {
        fewest = count
        best = layers
      }
      sweep += 1
    }
    layers = best
  }

  private mutating func sort(_ index: Int, by key: (Int, [Int]) -> Double?) {
    let places = places()
    let keyed = layers[index].enumerated().map { place, item in
      (key: key(item, places) ?? Double(place), place: place, item: item)
    }
    layers[index] = keyed.sorted { ($0.key, $0.place) < ($1.key, $1.place) }.map(\.item)
  }

  private func places() -> [Int] {
    var places = Array(repeating: 0, count: source.count)
    for layer in layers {
      for (place, item) in layer.enumerated() { places[item] = place }
    }
    return places
  }

  private func barycentreOfDrivers(_ item: Int, _ places: [Int]) -> Double? {
    guard !drivers[item].isEmpty else { return nil }
    let sum = drivers[item].reduce(0) { $0 + places[$1] }
    return Double(sum) / Double(drivers[item].count)
  }

  private func barycentreOfUsers(_ item: Int, _ places: [Int]) -> Double? {
    guard !users[item].isEmpty else { return nil }
    let sum = users[item].reduce(0.0) { $0 + place(of: $1.item, entry: $1.entry, places) }
    return sum / Double(users[item].count)
  }

  /// Where an entry lies in its layer: the entries of one item below each other.
  private func place(of item: Int, entry: Int, _ places: [Int]) -> Double {
    Double(places[item]) + Double(entry) / Double(max(1, drivers[item].count))
  }

  /// How often two connections between neighbouring layers cross.
  private func crossings() -> Int {
    let places = places()
    var count = 0
    for layer in layers.dropFirst() {
      // In the order of their right ends: what begins lower than a later one crosses it.
      var starts: [Int] = []
      for item in layer { starts += drivers[item].map { places[$0] } }
      count += inversions(starts)
    }
    return count
  }

  /// How many pairs of numbers stand in the wrong order; counted with a Fenwick tree.
  private func inversions(_ numbers: [Int]) -> Int {
    let size = (numbers.max() ?? 0) + 1
    var tree = Array(repeating: 0, count: size + 1)
    var count = 0
    for (seen, number) in numbers.enumerated() {
      var notLarger = 0
      var place = number + 1
      while place > 0 {
        notLarger += tree[place]
        place &= place - 1
      }
      count += seen - notLarger
      place = number + 1
      while place <= size {
        tree[place] += 1
        place += place & -place
      }
    }
    return count
  }
}
