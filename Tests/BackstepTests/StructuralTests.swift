// Operations on whole tensors, over all shapes they take: values, derivatives, refusals.

import BackstepTrace
import Testing

@testable import Backstep

extension Operation {
  /// All operations on whole tensors.
  static let structural = allCases.filter(\.isStructural)
}

@Suite struct StructuralTests {
  @Test func theTableHasThemAll() {
    #expect(Operation.structural.count >= 23)
    let leaves = Operation.allCases.filter(\.isLeaf)
    #expect(
      Set(Operation.structural + Operation.withRule + leaves) == Set(Operation.allCases))
    #expect(
      Operation.structural.count + Operation.withRule.count + leaves.count
        == Operation.allCases.count)
  }

  @Test(arguments: Operation.structural)
  func theValueIsTheDefinitions(_ operation: Operation) {
    var generator = Deterministic(state: 1)
    var told = 0
    for call in StructuralCase.all(of: operation) {
      let numbers = call.draw(&generator)
      let definition = call.definition(numbers)
      switch call.result {
      case .success(let shape):
        told += 1
        #expect(shape.sizes == definition?.sizes, "\(call)")
        let value = call.value(numbers)
        let truth = definition?.entries ?? []
        #expect(
          value.count == truth.count
            && zip(value, truth).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) },
          "\(call) is \(value), not \(truth)")
      case .failure(let problem):
        #expect(definition == nil, "\(call): \(problem.sentence)")
        for text in [problem.sentence, problem.hint ?? "none"] {
          #expect(!text.isEmpty)
          // No second operand is spoken of where there is only one.
          let second = ["%2", "@2", "#2"].contains { text.contains($0) }
          #expect(call.operands.count > 1 || !second, "\(text)")
        }
      }
    }
    #expect(told > 0, "no call was accepted")
  }

  @Test(arguments: Operation.structural)
  func whatAnOperandIsSentIsTheJacobiansProduct(_ operation: Operation) {
    var generator = Deterministic(state: 2)
    let calls = StructuralCase.accepted(of: operation)
    #expect(!calls.isEmpty, "no call was accepted")
    for call in calls {
      let numbers = call.draw(&generator)
      let adjoint = call.value(numbers).map { _ in Double.random(in: -2...2, using: &generator) }
      for slot in numbers.indices {
        let sent = call.pull(adjoint, numbers, slot: slot)
        let jacobian = call.jacobian(numbers, slot: slot)
        for (entry, number) in sent.enumerated() {
          let terms = zip(adjoint, jacobian).map { $0 * $1[entry] }
          let size = terms.reduce(1e-3) { $0 + abs($1) }
          #expect(
            abs(number - terms.reduce(0, +)) <= 1e-12 * size, "\(call), entry \(entry) of \(slot)")
        }
      }
    }
  }

  @Test(arguments: Operation.structural)
  func whatAnOperandIsSentIsADifference(_ operation: Operation) {
    var generator = Deterministic(state: 3)
    var told = 0
    for call in StructuralCase.accepted(of: operation) {
      let numbers = call.draw(&generator)
      let adjoint = call.value(numbers).map { _ in Double.random(in: -2...2, using: &generator) }
      for slot in numbers.indices where !call.isIndex(slot) {
        let sent = call.pull(adjoint, numbers, slot: slot)
        for (entry, number) in sent.enumerated() {
          let step = 1e-5
          let sides = [step, -step].map { step in
            var moved = numbers
            moved[slot][entry] += step
            return zip(adjoint, call.value(moved)).reduce(0) { $0 + $1.0 * $1.1 }
          }
          let difference = (sides[0] - sides[1]) / (2 * step)
          #expect(
            abs(number - difference) <= 1e-6 * max(1, abs(difference)),
            "\(call), entry \(entry) of \(slot): \(number), but \(difference)")
          told += 1
        }
      }
    }
    #expect(told > 0 || operation == .oneHot, "no call was accepted")
  }

  @Test(arguments: Operation.structural)
  func theSecondDerivativeIsADifference(_ operation: Operation) {
    var generator = Deterministic(state: 4)
    var told = 0
    for call in StructuralCase.accepted(of: operation) {
      let numbers = call.draw(&generator)
      let adjoint = call.value(numbers).map { _ in Double.random(in: -2...2, using: &generator) }
      let direction = numbers.indices.map { slot in
        numbers[slot].map { _ in
          call.isIndex(slot) ? 0 : Double.random(in: -1...1, using: &generator)
        }
      }
      let step = 1e-5
      func moved(_ step: Double) -> [[Double]] {
        zip(numbers, direction).map { zip($0, $1).map { $0 + step * $1 } }
      }
      let duals = zip(numbers, direction).map { zip($0, $1).map { Dual($0, tangent: $1) } }
      for slot in numbers.indices {
        let tangents = call.pull(adjoint.map { Dual($0) }, duals, slot: slot).map(\.tangent)
        let right = call.pull(adjoint, moved(step), slot: slot)
        let left = call.pull(adjoint, moved(-step), slot: slot)
        for (entry, tangent) in tangents.enumerated() {
          let difference = (right[entry] - left[entry]) / (2 * step)
          #expect(
            abs(tangent - difference) <= 1e-6 * max(1, abs(difference)),
            "\(call), entry \(entry) of \(slot): \(tangent), but \(difference)")
          told += 1
        }
      }
    }
    #expect(told > 0, "no call was accepted")
  }
}

// MARK: Edges

/// A call at numbers where calculus leaves a choice, or floating point gets in the way.
struct StructuralEdge: CustomTestStringConvertible, Sendable {
  var call: StructuralCase
  var numbers: [[Double]]
  var value: [Double]
  /// What the first operand is sent for an adjoint of ones; nil where it is not looked at.
  var sent: [Double]?
  /// Whether forward mode has to say the same: not where 0 times infinity decides.
  var hasTangents = true

  init(
    _ operation: Operation, _ x: [Double], _ value: [Double], sent: [Double]? = nil,
    axis: Int = 0, rows: Int? = nil, hasTangents: Bool = true
  ) {
    let shape = rows.map { Shape.matrix($0, x.count / $0) } ?? .vector(x.count)
    call = StructuralCase(
      operation: operation, operands: [shape], attributes: Attributes(axis: axis))
    numbers = [x]
    self.value = value
    self.sent = sent
    self.hasTangents = hasTangents
  }

  var testDescription: String { "\(call) at \(numbers)" }
}

@Suite struct StructuralEdgeTests {
  private static let inf = Double.infinity
  private static let nan = Double.nan

  private static let exponentials: [StructuralEdge] = [
    StructuralEdge(.softmax, [1000, 1000], [0.5, 0.5], sent: [0, 0]),
    StructuralEdge(.softmax, [-1000, 0], [0, 1], sent: [0, 0]),
    StructuralEdge(.softmax, [-1000, -1000], [0.5, 0.5], sent: [0, 0]),
    StructuralEdge(.softmax, [1e308, -1e308], [1, 0], sent: [0, 0]),
    StructuralEdge(.softmax, [-inf, 0], [0, 1], sent: [0, 0]),
    StructuralEdge(.softmax, [inf, 0], [nan, nan], sent: [nan, nan]),
    StructuralEdge(.softmax, [-inf, -inf], [nan, nan], sent: [nan, nan]),
    StructuralEdge(.softmax, [nan, 0], [nan, nan], sent: [nan, nan]),
    StructuralEdge(
      .softmax, [nan, 0, 7, 7], [nan, nan, 0.5, 0.5], sent: [nan, nan, 0, 0], rows: 2),
    StructuralEdge(.softmax, [nan, 7, 0, 7], [nan, 0.5, nan, 0.5], axis: 1, rows: 2),
    StructuralEdge(.logSumExp, [1000, 1000], [1000.6931471805599], sent: [0.5, 0.5]),
    StructuralEdge(.logSumExp, [1e10, 1e10], [1e10 + 0.6931471805599453], sent: [0.5, 0.5]),
    StructuralEdge(.logSumExp, [-1000, -1000], [-999.3068528194401], sent: [0.5, 0.5]),
    StructuralEdge(.logSumExp, [-1000, 0], [0], sent: [0, 1]),
    StructuralEdge(.logSumExp, [-inf, 0], [0], sent: [0, 1]),
    StructuralEdge(.logSumExp, [-inf, -inf], [-inf], sent: [nan, nan], hasTangents: false),
    StructuralEdge(.logSumExp, [inf, 0], [inf]),
    StructuralEdge(.logSumExp, [0, nan], [nan], sent: [nan, nan]),
    StructuralEdge(.logSoftmax, [1000, 0], [0, -1000], sent: [-1, 1]),
    StructuralEdge(.logSoftmax, [-inf, 0], [-inf, 0], sent: [1, -1]),
    StructuralEdge(.logSoftmax, [0, nan], [nan, nan], sent: [nan, nan]),
    StructuralEdge(
      .logSoftmax, [1000, 1000], [-0.6931471805599453, -0.6931471805599453], sent: [0, 0]),
  ]

  private static let extremes: [StructuralEdge] = [
    StructuralEdge(.largest, [2, 2, 1], [2], sent: [0.5, 0.5, 0]),
    StructuralEdge(.largest, [3, 3, 1, 3], [3], sent: [1.0 / 3, 1.0 / 3, 0, 1.0 / 3]),
    StructuralEdge(.largest, [1, 1, 2, 2], [2, 2], sent: [0, 0, 1, 1], axis: 1, rows: 2),
    StructuralEdge(.largest, [1, 1, 2, 1], [1, 2], sent: [0.5, 0.5, 1, 0], axis: 2, rows: 2),
    StructuralEdge(.largest, [-inf, -inf], [-inf], sent: [0.5, 0.5]),
    StructuralEdge(.largest, [1, nan], [nan], sent: [0, nan]),
    StructuralEdge(.largest, [nan, 1], [nan], sent: [nan, 0]),
    StructuralEdge(.smallest, [2, 2, 3], [2], sent: [0.5, 0.5, 0]),
    StructuralEdge(.smallest, [1, 2, 1, 1], [1], sent: [1.0 / 3, 0, 1.0 / 3, 1.0 / 3]),
    StructuralEdge(.smallest, [1, nan], [nan], sent: [0, nan]),
    StructuralEdge(.smallest, [nan, 1], [nan], sent: [nan, 0]),
    StructuralEdge(.argMax, [1, 3, 3], [2], sent: [0, 0, 0]),
    StructuralEdge(.argMax, [-inf, -inf], [1], sent: [0, 0]),
    StructuralEdge(.argMax, [1, nan, inf], [2]),
    StructuralEdge(.argMax, [1, 3, 2, 9, 0, 0], [4], rows: 2),
    StructuralEdge(.argMax, [1, 3, 2, 9, 0, 0], [2, 1], axis: 2, rows: 2),
    StructuralEdge(.argMax, [1, 3, 2, 9, 0, 0], [2, 1, 1], axis: 1, rows: 2),
  ]

  private static let sums: [StructuralEdge] = [
    StructuralEdge(.norm, [0, 0], [0], sent: [0, 0]),
    StructuralEdge(.norm, [3e200, 4e200], [5e200], sent: [0.6, 0.8]),
    StructuralEdge(.norm, [3e-200, 4e-200], [5e-200], sent: [0.6, 0.8]),
    StructuralEdge(.norm, [0, 0, 3, 4], [0, 5], sent: [0, 0, 0.6, 0.8], axis: 2, rows: 2),
    StructuralEdge(.norm, [-inf, 1], [inf], sent: nil),
    StructuralEdge(.norm, [nan, 1], [nan], sent: [nan, nan]),
    StructuralEdge(.standardDeviation, [7, 7, 7], [0], sent: [0, 0, 0]),
    StructuralEdge(.standardDeviation, [5], [0], sent: [0]),
    StructuralEdge(.variance, [7, 7, 7], [0], sent: [0, 0, 0]),
    StructuralEdge(.variance, [1e9 + 1, 1e9 - 1], [1], sent: [1, -1]),
    StructuralEdge(.product, [0, 2, 3], [0], sent: [6, 0, 0]),
    StructuralEdge(.product, [2, 0, 3], [0], sent: [0, 6, 0]),
    StructuralEdge(.product, [2, 0, 0], [0], sent: [0, 0, 0]),
    StructuralEdge(.product, [0, 0, 0], [0], sent: [0, 0, 0]),
    StructuralEdge(.product, [2, 0, 5, 3], [10, 0], sent: [5, 3, 2, 0], axis: 1, rows: 2),
    StructuralEdge(.sum, [1, inf, -inf], [nan], sent: [1, 1, 1]),
    StructuralEdge(.mean, [inf, 1], [inf], sent: [0.5, 0.5]),
  ]

  @Test(arguments: exponentials + extremes + sums)
  func isAsDocumented(_ edge: StructuralEdge) {
    let value = edge.call.value(edge.numbers)
    #expect(areSame(value, edge.value), "\(value)")
    guard let expected = edge.sent else { return }
    let sent = edge.call.pull(value.map { _ in 1.0 }, edge.numbers, slot: 0)
    #expect(areSame(sent, expected), "\(sent)")
    guard edge.hasTangents else { return }
    let jacobian = edge.call.jacobian(edge.numbers, slot: 0)
    #expect(jacobian.map(\.count) == value.map { _ in sent.count })
    let tangents = sent.indices.map { entry in jacobian.reduce(0) { $0 + $1[entry] } }
    let areFinite = expected.allSatisfy(\.isFinite)
    #expect(!areFinite || areSame(tangents, expected, within: 1e-15), "\(tangents)")
  }

  /// The same numbers, up to what libraries of mathematical functions differ by.
  private func areSame(_ numbers: [Double], _ others: [Double], within gap: Double = 0) -> Bool {
    numbers.count == others.count
      && zip(numbers, others).allSatisfy {
        Accuracy.error($0, $1) <= Accuracy.limit || abs($0 - $1) <= gap
      }
  }
}

@Suite struct CrossEntropyEdgeTests {
  /// The loss and what the scores are sent, for scores in rows of two.
  private func loss(_ scores: [Double], _ target: [Double], _ shapes: [Shape]) -> [Double] {
    let call = StructuralCase(
      operation: .crossEntropy, operands: shapes, attributes: Attributes())
    let numbers = [scores, target]
    return call.value(numbers) + call.pull([1.0], numbers, slot: 0)
  }

  @Test func largeScoresDoNotOverflow() {
    let shapes: [Shape] = [.vector(2), .scalar]
    #expect(loss([1000, 0], [1], shapes) == [0, 0, 0])
    #expect(loss([1000, 0], [2], shapes) == [1000, 1, -1])
    #expect(loss([-.infinity, 0], [2], shapes) == [0, 0, 0])
    #expect(loss([-.infinity, 0], [1], shapes) == [.infinity, -1, 1])
  }

  @Test func aProbabilityOfZeroCostsNothing() {
    let shapes: [Shape] = [.vector(2), .vector(2)]
    #expect(loss([-.infinity, 0], [0, 1], shapes) == [0, 0, 0])
    #expect(loss([1000, 1000], [0.5, 0.5], shapes)[1...] == [0, 0])
  }

  @Test func eachRowHasItsShare() {
    let shapes: [Shape] = [.matrix(2, 2), .vector(2)]
    #expect(loss([1000, 0, 0, 1000], [1, 1], shapes) == [500, 0, 0, -0.5, 0.5])
  }

  @Test func aTargetThatIsNoClassIsNotANumber() {
    let shapes: [Shape] = [.vector(2), .scalar]
    for target in [0, 3, 1.5, -1, .nan, .infinity] {
      #expect(loss([1, 2], [target], shapes)[0].isNaN)
    }
  }
}
