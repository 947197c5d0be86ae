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
  /// Each node's tangents, one for each of its numbers; nil for those that do not depend on the input.
  private(set) var tangents: [Int: [Double]] = [:]

  private struct LocalKey: Hashable {
    let node: Int
    let slot: Int
  }
  private var knownLocals: [LocalKey: [Double]] = [:]

  /// One product of the chain rule: a local derivative times what was carried to an operand.
  struct Term {
    var slot: Int
    var operand: Int
    var product: [Double]
  }

  init(_ built: BuiltGraph, input: Int) {
    self.built = built
    active = built.graph.dependents(of: [input])
  }

  /// Carries the derivative with respect to one entry of the input through the graph.
  ///
  /// - Parameters:
  ///   - input: The node of the input.
  ///   - entry: The entry, counted from 0.
  ///   - tally: Is added to.
  ///   - tell: Is told each node that depends on the input, with the products that were added up.
  mutating func run(
    input: Int, entry: Int, tally: inout Tally, tell: (_ node: Int, _ terms: [Term]) -> Void
  ) {
    var seed = Array(repeating: 0.0, count: built.graph.shape(of: input).count)
    seed[entry] = 1
    tangents = [input: seed]
    tally.passes += 1
    guard input < built.root else { return }
    var watch = Watch()
    for node in (input + 1)...built.root where active[node] {
      if watch.isOver(after: 1000) { return }
      let terms = terms(of: node, &tally)
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

  /// The products for a node: for each operand slot, or on whole tensors for each operand.
  private mutating func terms(of node: Int, _ tally: inout Tally) -> [Term] {
    let graph = built.graph
    let slots = (0..<graph.operandCount(of: node)).filter { active[graph.operand($0, of: node)] }
    guard graph.isScalar else { return tensorTerms(of: node, slots, &tally) }
    let points = (0..<3).map { slot in
      slot < graph.operandCount(of: node) ? built.values[graph.operand(slot, of: node)] : 0
    }
    let (dx, dy, dz) = graph.operations[node].accept(
      PartialsAt(x: points[0], y: points[1], z: points[2], out: built.values[node]))
    // What comes to the branch of a `where` that is not taken goes no further.
    let isChoice = graph.operations[node] == .select
    return slots.compactMap { slot in
      if isChoice, slot != (points[0] != 0 ? 1 : 2) { return nil }
      let operand = graph.operand(slot, of: node)
      let local = slot == 0 ? dx : slot == 1 ? dy : dz
      tally.multiplications += 1
      return Term(slot: slot, operand: operand, product: [local * (tangents[operand]?[0] ?? 0)])
    }
  }

  private mutating func tensorTerms(of node: Int, _ slots: [Int], _ tally: inout Tally) -> [Term] {
    let isStructural = built.graph.operations[node].isStructural
    var seen: Set<Int> = []
    var terms: [Term] = []
    for slot in slots {
      let operand = built.graph.operand(slot, of: node)
      guard let tangent = tangents[operand] else { continue }
      if !isStructural {
        let product = product(of: node, slot, operand, tangent, &tally)
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

  /// Local derivatives times what was carried, entry by entry; of a loss their sum.
  private mutating func product(
    of node: Int, _ slot: Int, _ operand: Int, _ tangent: [Double], _ tally: inout Tally
  ) -> [Double] {
    let graph = built.graph
    let isMean = graph.operations[node].isMean
    let shapes = (0..<graph.operandCount(of: node)).map {
      graph.shape(of: graph.operand($0, of: node))
    }
    let shape = Elementwise.walked(graph.shape(of: node), shapes, isMean: isMean)
    let stretch = Stretch(shapes[slot])
    let local = locals(of: node, slot: slot)
    var products = Array(repeating: 0.0, count: shape.count)
    for row in 0..<shape.broadcastRows {
      for column in 0..<shape.broadcastColumns {
        let place = row * shape.broadcastColumns + column
        let carried = tangent[row * stretch.row + column * stretch.column]
        // Nothing moves where nothing is carried, even if the local derivative is infinite; and what
        // comes to the branch of a `where` that is not taken goes no further.
        let isStill = carried == 0 || local[place] == 0 && graph.operations[node] == .select
        products[place] = isStill ? 0 : local[place] * carried
      }
    }
    tally.multiplications += shape.count
    guard isMean else { return products }
    tally.additions += shape.count - 1
    return [products.reduce(0, +)]
  }

  /// The local derivatives along an operand; the same in every pass.
  private mutating func locals(of node: Int, slot: Int) -> [Double] {
    let key = LocalKey(node: node, slot: slot)
    if let known = knownLocals[key] { return known }
    let local = built.withPoints { $0.local(of: node, slot: slot)?.elements ?? [] }
    knownLocals[key] = local
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
    // All numbers in one piece of memory, and a table of where each node's begin.
    var numbers: ContiguousArray<CountedDual> = []
    var begins: [Int] = []
    for operand in nodes.dropLast() {
      begins.append(numbers.count)
      for (index, number) in built.reading(of: operand).elements.enumerated() {
        let isActive = operand == node
        numbers.append(
          CountedDual(Dual(number, tangent: isActive ? tangent[index] : 0), isActive: isActive))
      }
    }
    begins.append(numbers.count)
    numbers += repeatElement(0, count: graph.shape(of: user).count)
    return CountedDual.counting {
      numbers.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return [] }
        let starts = UnsafeMutablePointer<UnsafeMutablePointer<CountedDual>>
          .allocate(capacity: graph.count)
        defer { starts.deallocate() }
        starts.initialize(repeating: start, count: graph.count)
        for (node, begin) in zip(nodes, begins) { starts[node] = start + begin }
        return graph.withPlaces(starts) { places in
          graph.operations[user].accept(TensorValue(node: TensorNode(graph, user, places)))
          let out = places.block(user)
          return (0..<out.count).map { out[$0].dual.tangent }
        }
      }
    }
  }

  /// What the rule of a node's operation does to send its adjoint to one operand.
  ///
  /// The rule is run on dual numbers whose adjoint moves and whose values do not: what is counted is
  /// what happens to the adjoint.
  func pullCounts(of user: Int, slot: Int) -> CountedDual.Counts {
    let graph = built.graph
    let operands = (0..<graph.operandCount(of: user)).map { graph.operand($0, of: user) }
    let nodes = Set(operands + [user]).sorted()
    var numbers: ContiguousArray<CountedDual> = []
    var begins: [Int] = []
    for node in nodes {
      begins.append(numbers.count)
      for number in built.reading(of: node).elements { numbers.append(CountedDual(number)) }
    }
    let shape = graph.shape(of: user)
    let result = graph.shape(of: graph.operand(slot, of: user))
    begins.append(numbers.count)
    numbers += repeatElement(CountedDual(Dual(1, tangent: 1), isActive: true), count: shape.count)
    begins.append(numbers.count)
    numbers += repeatElement(0, count: result.count)
    return CountedDual.counting {
      numbers.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        let starts = UnsafeMutablePointer<UnsafeMutablePointer<CountedDual>>
          .allocate(capacity: graph.count)
        defer { starts.deallocate() }
        starts.initialize(repeating: start, count: graph.count)
        for (node, begin) in zip(nodes, begins) { starts[node] = start + begin }
        let adjoint = Block(start + begins[nodes.count], shape)
        graph.withPlaces(starts) { places in
          graph.operations[user].accept(
            TensorPull(
              node: TensorNode(graph, user, places), adjoint: adjoint, slot: slot,
              hasChoice: false, result: Block(start + begins[nodes.count + 1], result)))
        }
      }
    }.1
  }
}
