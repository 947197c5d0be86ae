// Which operations one step takes in, where steps are statements or layers.

import BackstepLanguage
import BackstepTrace

/// The operations of a graph in groups, each of which is shown as one step.
///
/// At the level of statements a group is a named node with everything up to the names it uses. At
/// that of layers, statements are put together: the number of a layer is how many products of
/// matrices, and losses, lie on the way to it, so that each of these begins a new one; statements of
/// one number belong together unless a later one uses their names.
struct Grouping {
  /// Some operations with one result.
  struct Group {
    /// The node of the result.
    var root: Int
    /// The operations, in forward order; the root is the last one.
    var members: [Int] = []
    /// The results of other groups, and the inputs, that they are computed from, in forward order.
    var uses: [Int] = []
  }

  /// The groups, in forward order.
  private(set) var groups: [Group] = []
  /// For each node the place of its group plus 1; 0 where it is in none.
  private(set) var places: [Int]

  /// Puts the operations below the root together.
  ///
  /// - Parameters:
  ///   - built: The graph.
  ///   - level: What counts as a step.
  ///   - kept: Nodes that are to be results whatever the level: those asked about.
  init(_ built: BuiltGraph, _ level: ViewLevel, keeping kept: [Int]) {
    let graph = built.graph
    let layers = Self.layers(graph)
    places = Array(repeating: 0, count: graph.count)
    /// The root of the group of what uses a node, -1 for none; whether there are several, and the
    /// largest number of a layer among them.
    var user = Array(repeating: -1, count: graph.count)
    var isShared = Array(repeating: false, count: graph.count)
    var latest = Array(repeating: 0, count: graph.count)
    var owner = Array(repeating: -1, count: graph.count)
    let kept = Set(kept)
    for node in stride(from: built.root, through: 0, by: -1) {
      guard !graph.operations[node].isLeaf, node == built.root || user[node] >= 0 else { continue }
      let isNamed = graph.label(of: node) != nil
      let isResult =
        node == built.root || isShared[node] || kept.contains(node)
        || isNamed && (level == .statement || latest[node] > layers[node])
      owner[node] = isResult ? node : user[node]
      for slot in 0..<graph.operandCount(of: node) where graph.operations[node] != .derivative {
        let operand = graph.operand(slot, of: node)
        if user[operand] >= 0, user[operand] != owner[node] { isShared[operand] = true }
        user[operand] = owner[node]
        latest[operand] = max(latest[operand], layers[owner[node]])
      }
    }
    for node in 0...built.root where owner[node] == node {
      groups.append(Group(root: node))
      places[node] = groups.count
    }
    for node in 0...built.root where owner[node] >= 0 {
      places[node] = places[owner[node]]
      groups[places[node] - 1].members.append(node)
    }
    for index in groups.indices { groups[index].uses = uses(of: groups[index], graph) }
  }

  /// What a group is computed from: everything outside it but constants.
  private func uses(of group: Group, _ graph: Graph) -> [Int] {
    var seen: Set<Int> = []
    var uses: [Int] = []
    for node in group.members where graph.operations[node] != .derivative {
      for slot in 0..<graph.operandCount(of: node) {
        let operand = graph.operand(slot, of: node)
        guard graph.operations[operand] != .constant,
          places[operand] == 0 || groups[places[operand] - 1].root != group.root,
          seen.insert(operand).inserted
        else { continue }
        uses.append(operand)
      }
    }
    return uses.sorted()
  }

  /// The number of each node's layer.
  private static func layers(_ graph: Graph) -> [Int] {
    var layers = Array(repeating: 0, count: graph.count)
    for node in 0..<graph.count {
      for slot in 0..<graph.operandCount(of: node) {
        layers[node] = max(layers[node], layers[graph.operand(slot, of: node)])
      }
      let operation = graph.operations[node]
      let isProduct = operation == .matrixProduct && graph.varies[node]
      if isProduct || operation.entry?.family == .losses { layers[node] += 1 }
    }
    return layers
  }
}

extension BuiltGraph {
  /// A group as a graph of its own, whose inputs are what it is computed from.
  ///
  /// - Parameters:
  ///   - group: The group.
  ///   - active: Which nodes a derivative is wanted of.
  ///   - places: Room for each node's place, 0 for all; it is left as it was found.
  /// - Returns: The graph, whose first nodes are the uses; its values are to be computed.
  func part(
    _ group: Grouping.Group, active: ContiguousArray<Bool>,
    places: inout ContiguousArray<NodeID>
  ) -> BuiltGraph {
    var part = BuiltGraph()
    var touched: [Int] = []
    func place(_ node: Int, _ copy: NodeID) {
      places[node] = copy + 1
      touched.append(node)
    }
    for use in group.uses {
      place(use, part.append(leaf: active[use] ? .input : .data, value(of: use)))
    }
    for member in group.members {
      guard graph.operations[member] != .derivative else {
        place(member, part.append(leaf: .data, value(of: member)))
        continue
      }
      for slot in 0..<graph.operandCount(of: member) {
        let operand = graph.operand(slot, of: member)
        guard places[operand] == 0 else { continue }
        place(operand, part.append(leaf: .constant, value(of: operand)))
      }
      place(member, part.append(copyOf: member, in: self, places))
    }
    part.root = Int(places[group.root]) - 1
    for node in touched { places[node] = 0 }
    return part
  }
}
