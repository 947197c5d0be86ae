// Backpropagation on graphs of every kind, against forward mode and against the sum over paths.

import BackstepTrace
import Testing

@testable import Backstep

@Suite struct SweepTests {
  @Test func adjointsEqualTangentsOnRandomGraphs() {
    var seen: Set<Operation> = []
    var told = 0
    for seed in 0..<400 as Range<UInt64> {
      let sample = SampleGraph(seed: seed)
      let sizes = sample.sizes()
      let reached = (0...sample.root).filter { sizes[$0] > 0 }
      seen.formUnion(reached.map { sample.graph.operations[$0] })
      told += sample.inputs.count { sizes[$0] > 0 }
      expectAdjointsEqualTangents(sample, sizes)
    }
    #expect(seen.isSuperset(of: Operation.withRule))
    #expect(told > 600, "too many graphs are flat")
  }

  @Test func contributionsAddUpToTheAdjointBitForBit() {
    for seed in 0..<400 as Range<UInt64> {
      let sample = SampleGraph(seed: seed)
      var record = Record()
      let adjoints = sample.adjoints(&record)
      #expect(record.visited == record.visited.sorted(by: >), "each node once, backwards")
      for (node, adjoint) in record.adjoints { #expect(adjoint == adjoints[node]) }
      for node in 0..<sample.root {
        let terms = record.steps.filter { $0.operand == node }
        #expect(terms.reduce(0) { $0 + $1.product } == adjoints[node])
        #expect(terms.last.map { $0.sum == adjoints[node] } ?? true)
      }
      for step in record.steps {
        #expect(sample.graph.operand(step.slot, of: step.node) == step.operand)
        #expect(step.product == adjoints[step.node] * step.local)
      }
      if !sample.graph.hasChoice {
        #expect(record.steps.count == sample.activeUses(of: record.visited))
      }
    }
  }

  @Test func adjointsEqualTheSumOverPathsOnEverySmallGraph() {
    var count = 0
    var wrong: [SampleGraph] = []
    SmallGraphs(operations: [.sin, .multiply], most: 4).forEach { sample in
      count += 1
      let adjoints = sample.adjoints()
      let sums = sample.sumsOverPaths()
      let areClose = (0...sample.root).allSatisfy {
        abs(adjoints[$0] - sums[$0].sum) <= 1e-12 * sums[$0].size
      }
      if !areClose { wrong.append(sample) }
    }
    #expect(wrong.isEmpty, "among them \(wrong.first?.description ?? "")")
    // Two inputs, and one more operand to choose from with each operation: n + n² ways.
    #expect(count == 6 + 6 * 12 + 6 * 12 * 20 + 6 * 12 * 20 * 30)
  }

  @Test func whatIsNotAnAncestorIsNotVisited() {
    let sample = SampleGraph([(.sin, [0]), (.cos, [1]), (.multiply, [2, 2])], root: 2)
    var record = Record()
    let adjoints = sample.adjoints(&record)
    #expect(adjoints[3...].allSatisfy { $0 == 0 })
    #expect(record.visited.first == 2)
    #expect(adjoints[1] == 0)
  }

  @Test func nothingComesThroughTheBranchNotTaken() {
    // where(x, y, log(0*x)): behind the other branch the local derivative is infinite.
    let sample = SampleGraph(
      [(.subtract, [0, 0]), (.log, [2]), (.select, [0, 1, 3])], inputs: [1, 2])
    #expect(sample.partials(of: 3)[0] == .infinity)
    #expect(sample.adjoints() == [0, 1, 0, 0, 1])
  }

  private func expectAdjointsEqualTangents(_ sample: SampleGraph, _ sizes: [Double]) {
    let adjoints = sample.adjoints()
    for input in sample.inputs {
      let duals = sample.duals(along: input)
      #expect(duals.map(\.primal) == Array(sample.values))
      let gap = abs(duals[sample.root].tangent - adjoints[input])
      #expect(gap <= 1e-11 * sizes[input], "input \(input) of \(sample)")
    }
  }
}

/// Everything that a backward pass tells.
private struct Record: ReverseObserver {
  static let listens = true
  private(set) var visited: [Int] = []
  private(set) var adjoints: [(node: Int, adjoint: Double)] = []
  private(set) var steps:
    [(node: Int, slot: Int, operand: Int, local: Double, product: Double, sum: Double)] = []

  mutating func visit(_ node: Int, adjoint: Reading) {
    visited.append(node)
    adjoints.append((node, adjoint.elements[0]))
  }
  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading
  ) {
    let local = local?.elements.first ?? .nan
    steps.append((node, slot, operand, local, product.elements[0], sum.elements[0]))
  }
}
