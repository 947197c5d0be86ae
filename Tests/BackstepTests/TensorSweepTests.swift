// Backpropagation on random graphs of vectors and matrices, against forward mode.

import BackstepTrace
import Testing

@testable import Backstep

@Suite struct TensorSweepTests {
  @Test func adjointsEqualTangentsOnRandomGraphs() {
    var seen: Set<Operation> = []
    var told = 0
    for seed in 0..<300 as Range<UInt64> {
      let sample = SampleTensors(seed: seed)
      var built = sample.built
      Forward.sweep(&built, 0..<built.graph.count)
      var record = TensorRecord()
      let adjoints = Reverse.sweep(
        built, from: built.root, active: built.graph.varies, observer: &record)
      seen.formUnion(sample.nodes.map(\.operation))
      let values = sample.duals(along: 0, 0).map { $0.map(\.primal) }
      for node in sample.nodes.indices {
        #expect(built.reading(of: node).elements == values[node], "node \(node) of \(sample)")
      }
      for (leaf, node) in sample.nodes.enumerated() where node.operation == .input {
        let sent = adjoints.reading(of: leaf)
        #expect(sent.shape == node.shape)
        for (entry, adjoint) in sent.elements.enumerated() {
          let tangent = sample.duals(along: leaf, entry)[sample.root][0].tangent
          #expect(
            abs(adjoint - tangent) <= 1e-11 * max(1, record.largest),
            "\(adjoint), but \(tangent), for entry \(entry) of \(leaf) in \(sample)")
          if tangent != 0 { told += 1 }
        }
      }
    }
    let all = Set(Operation.structural + Operation.withRule)
    #expect(all.subtracting(seen) == [.oneHot, .powerConstant])
    #expect(told > 2000, "too many graphs are flat: \(told)")
  }

  @Test func whatIsToldOfAPassAddsUp() {
    var (locals, omitted) = (0, 0)
    for seed in 0..<300 as Range<UInt64> {
      let sample = SampleTensors(seed: seed)
      var built = sample.built
      Forward.sweep(&built, 0..<built.graph.count)
      var record = TensorRecord()
      let adjoints = Reverse.sweep(
        built, from: built.root, active: built.graph.varies, observer: &record)
      #expect(record.visits.map(\.node) == record.visits.map(\.node).sorted(by: >))
      for visit in record.visits { #expect(visit.adjoint == adjoints.reading(of: visit.node)) }
      for node in sample.nodes.indices.dropLast() {
        let terms = record.steps.filter { $0.operand == node }
        // To the last bit, in the order of the trace.
        let sums = sample.nodes[node].shape.count
        let sum = (0..<sums).map { entry in
          terms.dropFirst().reduce(terms.first?.product.elements[entry] ?? 0) {
            $0 + $1.product.elements[entry]
          }
        }
        #expect(sum == adjoints.reading(of: node).elements, "node \(node) of \(sample)")
        #expect(terms.last.map { $0.sum == adjoints.reading(of: node) } ?? true)
      }
      for step in record.steps {
        guard let local = step.local else {
          omitted += 1
          continue
        }
        locals += 1
        let product = sample.product(
          adjoints.reading(of: step.node).elements, local, step.node, step.operand)
        #expect(
          zip(product, step.product.elements).allSatisfy {
            abs($0 - $1) <= 1e-12 * max(1, record.largest)
          }, "\(step) in \(sample)")
      }
    }
    #expect(locals > 2000 && omitted > 0, "\(locals) told, \(omitted) omitted")
  }
}

extension SampleTensors {
  /// Adjoint times local derivative: entry by entry, or with a Jacobian that has a row for each
  /// entry of the result.
  fileprivate func product(
    _ adjoint: [Double], _ local: Reading, _ node: Int, _ operand: Int
  ) -> [Double] {
    let shape = nodes[operand].shape
    var product = Array(repeating: 0.0, count: shape.count)
    if nodes[node].operation.isStructural {
      for (index, slope) in local.elements.enumerated() {
        product[index % shape.count] += adjoint[index / shape.count] * slope
      }
    } else if let alignment = Alignment(nodes[node].operands.map { nodes[$0].shape.sizes }) {
      for (index, slope) in local.elements.enumerated() {
        product[alignment.place(index, in: shape.sizes)] +=
          adjoint[nodes[node].operation.isMean ? 0 : index] * slope
      }
    }
    return product
  }
}

/// Everything that a backward pass over tensors tells.
private struct TensorRecord: ReverseObserver {
  struct Step {
    let node: Int
    let slot: Int
    let operand: Int
    let local: Reading?
    let product: Reading
    let sum: Reading
  }

  static let listens = true
  private(set) var visits: [(node: Int, adjoint: Reading)] = []
  private(set) var steps: [Step] = []
  /// The size of the largest contribution: a sum of them is no more accurate.
  private(set) var largest = 0.0

  mutating func visit(_ node: Int, adjoint: Reading) { visits.append((node, adjoint)) }

  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading
  ) {
    steps.append(
      Step(node: node, slot: slot, operand: operand, local: local, product: product, sum: sum))
    largest = product.elements.reduce(largest) { max($0, abs($1)) }
  }
}
