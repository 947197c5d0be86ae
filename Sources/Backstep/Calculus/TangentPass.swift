// Forward mode: every node's derivative with respect to one input, carried along with the values.

import BackstepLanguage
import BackstepTrace

/// How many operations a pass has done on derivatives, counted while it did them.
struct Tally: Equatable {
  var passes = 0
  var multiplications = 0
  var additions = 0
  /// The most numbers kept at a time for the derivatives' sake.
  var stored = 0
}

/// Derivatives carried forward from one input: the other way to apply the chain rule.
///
/// **Source** R. E. Wengert, *A simple automatic derivative evaluation program* (1964); Griewank and
/// Walther, *Evaluating Derivatives*, 2nd ed., chapter 3.1.
struct TangentPass {
  let built: BuiltGraph
  /// The nodes that depend on the input, the input included.
  let active: ContiguousArray<Bool>
  private let input: Int
  /// In a graph of numbers each node's tangent; 0 for those that do not depend on the input.
  private var numbers: ContiguousArray<Double> = []
  /// In a graph with tensors each node's tangents, one for each of its numbers; nil for those that do not
  /// depend on the input.
  private var tangents: [Int: [Double]] = [:]

  private struct LocalKey: Hashable {
    let node: Int
    let slot: Int
  }
  private var knownLocals: [LocalKey: [Double]] = [:]

  /// Prepares passes from one input.
  init(_ built: BuiltGraph, input: Int) {
    self.built = built
    self.input = input
    active = built.graph.dependents(of: [input])
    if built.graph.isScalar {
      numbers = ContiguousArray(repeating: 0, count: built.graph.count)
    }
  }

  /// The tangents of a node's numbers.
  func tangents(of node: Int) -> [Double] {
    if built.graph.isScalar { return [numbers[node]] }
    return tangents[node] ?? Array(repeating: 0, count: built.graph.shape(of: node).count)
  }

  /// The tangent of a node of a graph of numbers.
  func number(of node: Int) -> Double { numbers[node] }

  /// Carries the derivative with respect to one entry of the input through the graph.
  ///
  /// - Parameters:
  ///   - entry: The entry, counted from 0.
  ///   - tally: Is added to.
  ///   - tell: In a graph with tensors, is told each node that depends on the input, with the products
  ///     that were added up.
  mutating func run(
    entry: Int, tally: inout Tally, tell: (_ node: Int, _ terms: [Term]) -> Void = { _, _ in }
  ) {
    if built.graph.isScalar { return runOverNumbers(&tally) }
    var seed = Array(repeating: 0.0, count: built.graph.shape(of: input).count)
    seed[entry] = 1
    tangents = [input: seed]
    tally.passes += 1
    guard input < built.root else { return }
    var watch = Watch()
    for node in (input + 1)...built.root where active[node] {
      if watch.isOver(after: 1000) { return }
      let terms = terms(of: node, &tally)
      // Some of them may be missing.
      if Interruption.isRequested { return }
      // Of a `where` whose branch is not taken there is no product.
      let none = Array(repeating: 0.0, count: terms.isEmpty ? built.graph.shape(of: node).count : 0)
      var sum = terms.first?.product ?? none
      for term in terms.dropFirst() {
        for (index, number) in term.product.enumerated() { sum[index] += number }
        tally.additions += sum.count
      }
      tangents[node] = sum
      tell(node, terms)
    }
    tally.stored = max(tally.stored, tangents.values.reduce(0) { $0 + $1.count })
  }

  // MARK: Numbers

  /// One product in a graph of numbers: a local derivative times the tangent of an operand.
  struct Product {
    var slot = 0
    var operand = 0
    var local = 0.0
    var carried = 0.0
    var product: Double { local * carried }
  }

  /// The products that one operation adds up, at most three.
  struct Products {
    private(set) var count = 0
    private var all = (Product(), Product(), Product())

    subscript(index: Int) -> Product { index == 0 ? all.0 : index == 1 ? all.1 : all.2 }

    fileprivate mutating func append(_ product: Product) {
      switch count {
      case 0: all.0 = product
      case 1: all.1 = product
      default: all.2 = product
      }
      count += 1
    }

    fileprivate var sum: Double {
      switch count {
      case 0: 0
      case 1: all.0.product
      case 2: all.0.product + all.1.product
      default: all.0.product + all.1.product + all.2.product
      }
    }
  }

  private mutating func runOverNumbers(_ tally: inout Tally) {
    begin(&tally)
    guard input < built.root else { return }
    for node in (input + 1)...built.root where active[node] {
      if node & 0x3FF == 0, Interruption.isRequested { return }
      _ = step(node, &tally)
    }
  }

  /// Begins a pass over numbers: the input moves.
  mutating func begin(_ tally: inout Tally) {
    numbers[input] = 1
    tally.passes += 1
    guard input < built.root else { return }
    let stored = (input...built.root).count { active[$0] }
    tally.stored = max(tally.stored, stored)
  }

  /// Carries the derivative through one operation on numbers that depends on the input.
  ///
  /// - Returns: The products that were added up; of a `where` there are none but that of the branch taken.
  mutating func step(_ node: Int, _ tally: inout Tally) -> Products {
    let graph = built.graph
    let (dx, dy, dz) = built.partials(of: node)
    // Of a `where` only the operand that is taken.
    let isChoice = graph.operations[node] == .select
    let taken = isChoice ? (built.values[graph.operand(0, of: node)] != 0 ? 1 : 2) : nil
    var products = Products()
    for slot in 0..<graph.operandCount(of: node) where taken == nil || taken == slot {
      let operand = graph.operand(slot, of: node)
      guard active[operand] else { continue }
      products.append(
        Product(
          slot: slot, operand: operand, local: slot == 0 ? dx : slot == 1 ? dy : dz,
          carried: numbers[operand]))
    }
    tally.multiplications += products.count
    tally.additions += max(0, products.count - 1)
    numbers[node] = products.sum
    return products
  }

  // MARK: Tensors

  /// One product of the chain rule: a local derivative times what was carried to an operand.
  struct Term {
    var slot: Int
    var operand: Int
    var product: [Double]
  }

  /// The products for a node: for each operand slot, or on whole tensors for each operand.
  private mutating func terms(of node: Int, _ tally: inout Tally) -> [Term] {
    let isStructural = built.graph.operations[node].isStructural
    var seen: Set<Int> = []
    var terms: [Term] = []
    for slot in 0..<built.graph.operandCount(of: node) {
      if Interruption.isRequested { break }
      let operand = built.graph.operand(slot, of: node)
      guard let tangent = tangents[operand] else { continue }
      if !isStructural {
        guard let product = product(of: node, slot, operand, tangent, &tally) else { break }
        terms.append(Term(slot: slot, operand: operand, product: product))
      } else if seen.insert(operand).inserted {
        let (product, counts) = DualEvaluation(built: built)
          .tangents(of: node, seeding: operand, with: tangent)
        tally.multiplications += counts.multiplications
        tally.additions += counts.additions
        terms.append(Term(slot: slot, operand: operand, product: product))
      }
    }
    return terms
  }

  /// Local derivatives times what was carried, entry by entry; of a loss their sum; nil after ^C.
  private mutating func product(
    of node: Int, _ slot: Int, _ operand: Int, _ tangent: [Double], _ tally: inout Tally
  ) -> [Double]? {
    let graph = built.graph
    let isMean = graph.operations[node].isMean
    let shapes = (0..<graph.operandCount(of: node)).map {
      graph.shape(of: graph.operand($0, of: node))
    }
    let shape = Elementwise.walked(graph.shape(of: node), shapes, isMean: isMean)
    let stretch = Stretch(shapes[slot])
    let isChoice = graph.operations[node] == .select
    guard let local = locals(of: node, slot: slot) else { return nil }
    let products = [Double](unsafeUninitializedCapacity: shape.count) { memory, filled in
      var count = 0
      Elementwise.walk(shape, stretch, stretch) { place, from, _ in
        let carried = tangent[from]
        // Nothing moves where nothing is carried, even if the local derivative is infinite; and what
        // comes to the branch of a `where` that is not taken goes no further.
        let isStill = carried == 0 || local[place] == 0 && isChoice
        memory.initializeElement(at: place, to: isStill ? 0 : local[place] * carried)
        count = place &+ 1
      }
      filled = count
    }
    guard products.count == shape.count else { return nil }
    tally.multiplications += shape.count
    guard isMean else { return products }
    tally.additions += shape.count - 1
    return [products.reduce(0, +)]
  }

  /// The local derivatives along an operand, the same in every pass; nil after ^C.
  private mutating func locals(of node: Int, slot: Int) -> [Double]? {
    let key = LocalKey(node: node, slot: slot)
    if let known = knownLocals[key] { return known }
    let local = built.withPoints { $0.local(of: node, slot: slot)?.elements }
    if let local { knownLocals[key] = local }
    return local
  }
}

/// Operations on tensors at dual numbers: their values' tangents, for given tangents of one operand.
struct DualEvaluation {
  let built: BuiltGraph

  /// The tangents of a node's numbers where one operand moves, and what computing them took.
  func tangents(
    of user: Int, seeding node: Int, with tangent: [Double]
  ) -> (tangents: [Double], counts: CountedDual.Counts) {
    let graph = built.graph
    let operands = (0..<graph.operandCount(of: user)).map { graph.operand($0, of: user) }
    let nodes = Set(operands).sorted() + [user]
    var watch = Watch()
    // All numbers in one piece of memory, and a table of where each node's begin.
    var numbers: ContiguousArray<CountedDual> = []
    numbers.reserveCapacity(nodes.reduce(0) { $0 + graph.shape(of: $1).count })
    var begins: [Int] = []
    for operand in nodes.dropLast() {
      begins.append(numbers.count)
      let isActive = operand == node
      let values = built.reading(of: operand).elements
      for index in values.indices {
        if watch.isOver(after: 0) { return (nothing(of: user), CountedDual.Counts()) }
        let tangent = isActive ? tangent[index] : 0
        numbers.append(CountedDual(Dual(values[index], tangent: tangent), isActive: isActive))
      }
    }
    begins.append(numbers.count)
    for _ in 0..<graph.shape(of: user).count {
      if watch.isOver(after: 0) { return (nothing(of: user), CountedDual.Counts()) }
      numbers.append(0)
    }
    return CountedDual.counting {
      numbers.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return [] }
        return withPlaces(of: nodes, from: start, begins) { places in
          graph.operations[user].accept(TensorValue(node: TensorNode(graph, user, places)))
          let out = places.block(user)
          return (0..<out.count).map { out[$0].dual.tangent }
        }
      }
    }
  }

  /// What nobody looks at after ^C, as many numbers as a node has.
  private func nothing(of node: Int) -> [Double] {
    Array(repeating: 0, count: built.graph.shape(of: node).count)
  }

  /// Calls `body` with the places of these nodes, whose numbers begin so far behind `start`; others have none.
  private func withPlaces<Result>(
    of nodes: [Int], from start: UnsafeMutablePointer<CountedDual>, _ begins: [Int],
    _ body: (Places<CountedDual>) -> Result
  ) -> Result {
    let starts = UnsafeMutablePointer<UnsafeMutablePointer<CountedDual>>
      .allocate(capacity: built.graph.count)
    defer { starts.deallocate() }
    // Only those that are looked at: to set all would make a pass over the graph quadratic.
    for (node, begin) in zip(nodes, begins) { (starts + node).initialize(to: start + begin) }
    return built.graph.withPlaces(starts, body)
  }

  /// What the rule of a node's operation does to send its adjoint to one operand.
  ///
  /// The rule is run on dual numbers whose adjoint moves and whose values do not: what is counted is
  /// what happens to the adjoint.
  func pullCounts(of user: Int, slot: Int) -> CountedDual.Counts {
    let graph = built.graph
    let operands = (0..<graph.operandCount(of: user)).map { graph.operand($0, of: user) }
    let nodes = Set(operands + [user]).sorted()
    let shape = graph.shape(of: user)
    let result = graph.shape(of: graph.operand(slot, of: user))
    var numbers: ContiguousArray<CountedDual> = []
    numbers.reserveCapacity(
      nodes.reduce(shape.count + result.count) { $0 + graph.shape(of: $1).count })
    var begins: [Int] = []
    var watch = Watch()
    for node in nodes {
      begins.append(numbers.count)
      for number in built.reading(of: node).elements {
        if watch.isOver(after: 0) { return CountedDual.Counts() }
        numbers.append(CountedDual(number))
      }
    }
    let moving = CountedDual(Dual(1, tangent: 1), isActive: true)
    for (number, count) in [(moving, shape.count), (0, result.count)] {
      begins.append(numbers.count)
      for _ in 0..<count {
        if watch.isOver(after: 0) { return CountedDual.Counts() }
        numbers.append(number)
      }
    }
    return CountedDual.counting {
      numbers.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        let adjoint = Block(start + begins[nodes.count], shape)
        withPlaces(of: nodes, from: start, begins) { places in
          graph.operations[user].accept(
            TensorPull(
              node: TensorNode(graph, user, places), adjoint: adjoint, slot: slot,
              hasChoice: false, result: Block(start + begins[nodes.count + 1], result)))
        }
      }
    }.1
  }
}
