// Graphs made by hand, at random, and all small ones; and what is true of their derivatives.

@testable import Backstep

/// A graph with its leaves first, operations behind them, and its values.
struct SampleGraph: CustomStringConvertible {
  typealias Step = (operation: Operation, operands: [Int])

  private(set) var graph = Graph()
  private(set) var values: ContiguousArray<Double> = []
  private(set) var root: Int
  private var steps: [Step] = []

  /// Builds the graph of these operations; the root is the last node if nothing else is said.
  init(
    _ steps: [Step], inputs: [Double] = [0.7, -1.3], constants: [Double] = [], root: Int? = nil
  ) {
    self.root = 0
    for _ in constants { _ = graph.append(leaf: .constant) }
    for _ in inputs { _ = graph.append(leaf: .input) }
    values = ContiguousArray(constants + inputs)
    for step in steps { append(step) }
    self.root = root ?? graph.count - 1
  }

  /// Builds a graph of 2 to 60 random operations and their sum, each finite and not too steep.
  init(seed: UInt64) {
    var generator = Deterministic(state: seed)
    let inputs = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      Double.random(in: -2...2, using: &generator)
    }
    self.init([], inputs: inputs, constants: [-1, 0.5, 2, 3])
    let count = Int.random(in: 2...60, using: &generator)
    while steps.count < count {
      guard let operation = Operation.withRule.randomElement(using: &generator) else { continue }
      // Mostly from the latest nodes, so that the graph is deep; sometimes the same one twice.
      var operands = (0..<operation.arity).map { _ in
        Bool.random(using: &generator)
          ? max(0, graph.count - Int.random(in: 1...4, using: &generator))
          : Int.random(in: 0..<graph.count, using: &generator)
      }
      if operation == .powerConstant {
        operands[1] = Int.random(in: 0..<4, using: &generator)
      }
      let point = operands.map { values[$0] }
      let numbers = [operation.value(point)] + operation.partials(point)
      guard numbers.allSatisfy({ abs($0) < 1e3 }) else { continue }
      append((operation, operands))
    }
    // What nothing uses is added up, so that the root depends on everything.
    let used = Set(steps.flatMap(\.operands))
    for node in 0..<graph.count - 1 where !used.contains(node) {
      append((.add, [graph.count - 1, node]))
    }
    root = graph.count - 1
  }

  private mutating func append(_ step: Step) {
    let operands = step.operands.map { NodeID($0) }
    _ =
      switch operands.count {
      case 1: graph.append(step.operation, operands[0])
      case 2: graph.append(step.operation, operands[0], operands[1])
      default: graph.append(step.operation, operands[0], operands[1], operands[2])
      }
    values.append(0)
    Forward.sweep(graph, graph.count - 1..<graph.count, &values)
    steps.append(step)
  }

  /// The graph with its values, as passes take it.
  var built: BuiltGraph {
    var built = BuiltGraph()
    built.graph = graph
    built.values = values
    built.root = root
    return built
  }

  var inputs: [Int] { (0..<graph.count).filter { graph.operations[$0] == .input } }

  var description: String {
    let first = graph.count - steps.count
    return steps.enumerated().map { "\(first + $0) = \($1.operation)\($1.operands)" }
      .joined(separator: ", ")
  }

  /// The operands of a node.
  func operands(of node: Int) -> [Int] {
    (0..<graph.operandCount(of: node)).map { graph.operand($0, of: node) }
  }

  /// The local derivatives of a node.
  func partials(of node: Int) -> [Double] {
    graph.operations[node].isLeaf
      ? [] : graph.operations[node].partials(operands(of: node).map { values[$0] })
  }

  /// How many operands these nodes have together, a node used twice counted twice.
  func activeUses(of nodes: [Int]) -> Int {
    nodes.reduce(0) { $0 + operands(of: $1).count { graph.varies[$0] } }
  }
}

// MARK: Derivatives, in four ways

extension SampleGraph {
  /// By backpropagation.
  func adjoints<Observer: ReverseObserver>(_ observer: inout Observer) -> ContiguousArray<Double> {
    var adjoints = ContiguousArray(repeating: 0.0, count: graph.count)
    adjoints[root] = 1
    var reached = ContiguousArray(repeating: false, count: graph.count)
    reached[root] = true
    Reverse.sweep(
      graph, from: root, active: graph.varies, values: values, adjoints: &adjoints,
      reached: &reached, observer: &observer)
    return adjoints
  }

  /// By backpropagation that nobody watches.
  func adjoints() -> ContiguousArray<Double> {
    var silence = Silence()
    return adjoints(&silence)
  }

  /// By forward mode: every node's value and its derivative with respect to one input.
  func duals(along input: Int) -> [Dual] {
    var duals = ContiguousArray(values.map { Dual($0) })
    duals[input].tangent = 1
    Forward.sweep(graph, 0..<graph.count, &duals)
    return Array(duals)
  }

  /// By the definition: for each node the sum over all paths to the root, and the sum of the
  /// paths' sizes.
  func sumsOverPaths() -> [(sum: Double, size: Double)] {
    var sums = Array(repeating: (sum: 0.0, size: 0.0), count: graph.count)
    func follow(_ node: Int, _ product: Double) {
      sums[node].sum += product
      sums[node].size += abs(product)
      for (operand, partial) in zip(operands(of: node), partials(of: node)) {
        follow(operand, product * partial)
      }
    }
    follow(root, 1)
    return sums
  }

  /// The sums of the paths' sizes, for graphs with too many paths to follow each.
  func sizes() -> [Double] {
    var sizes = Array(repeating: 0.0, count: graph.count)
    sizes[root] = 1
    for node in (0...root).reversed() {
      for (operand, partial) in zip(operands(of: node), partials(of: node)) {
        sizes[operand] += sizes[node] * abs(partial)
      }
    }
    return sizes
  }
}

/// Every graph of up to so many operations on two inputs.
struct SmallGraphs {
  let operations: [Operation]
  let most: Int

  func forEach(_ body: (SampleGraph) -> Void) { extend([], body) }

  private func extend(_ steps: [SampleGraph.Step], _ body: (SampleGraph) -> Void) {
    guard steps.count < most else { return }
    let nodes = 0..<(2 + steps.count)
    for operation in operations {
      for x in nodes {
        for y in operation.arity == 2 ? nodes : 0..<1 {
          let longer = steps + [(operation, operation.arity == 2 ? [x, y] : [x])]
          body(SampleGraph(longer))
          extend(longer, body)
        }
      }
    }
  }
}
