// Operations entry by entry on vectors and matrices, against the same operation on numbers.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct BroadcastTests {
  private static let shapes: [Shape] = [
    .scalar, .vector(1), .vector(2), .vector(3), .matrix(1, 1), .matrix(1, 3), .matrix(2, 1),
    .matrix(2, 3), .matrix(3, 2),
  ]
  private static let few: [Shape] = [
    .scalar, .vector(3), .matrix(1, 3), .matrix(2, 1), .matrix(2, 3), .vector(2),
  ]

  /// The shapes of the operands in all combinations; an exponent that is written is a number.
  private func combinations(_ operation: Operation, _ count: Int) -> [[Shape]] {
    if operation == .powerConstant { return Self.shapes.map { [$0, .scalar] } }
    return (0..<count).reduce([[]]) { lists, _ in
      lists.flatMap { list in (count == 3 ? Self.few : Self.shapes).map { list + [$0] } }
    }
  }

  @Test(arguments: Operation.withRule)
  func everyEntryIsComputedAsANumberIs(_ operation: Operation) throws {
    let entry = try operation.described()
    var generator = Deterministic(state: UInt64(operation.rawValue))
    var (accepted, refused, finite) = (0, 0, 0)
    for shapes in combinations(operation, entry.operands.count) {
      let sample = EntrywiseSample(entry, shapes, &generator)
      var talk = Conversation()
      try sample.define(in: &talk)
      guard let alignment = Alignment(shapes.map(\.sizes)),
        !entry.operation.isMean || alignment.sizes == shapes[0].sizes
      else {
        #expect(throws: Diagnostic.self, "\(shapes)") { try talk.run("out") }
        refused += 1
        continue
      }
      accepted += 1
      finite += try sample.compare(&talk, alignment)
    }
    #expect(accepted > 5 && finite > 15, "\(accepted) accepted, \(finite) entries told")
    #expect(refused > 5 || entry.operands.count == 1 || operation == .powerConstant)
  }
}

/// Numbers for an operation's operands in given shapes.
private struct EntrywiseSample {
  let entry: OperationEntry
  let shapes: [Shape]
  let numbers: [[Double]]
  /// The adjoint of the largest result there can be.
  let adjoint: [Double]

  init(_ entry: OperationEntry, _ shapes: [Shape], _ generator: inout Deterministic) {
    self.entry = entry
    self.shapes = shapes
    numbers = zip(entry.operands, shapes).map { operand, shape in
      (0..<shape.count).map { _ in operand.domain.draw(&generator) }
    }
    adjoint = (0..<9).map { _ in Double.random(in: 0.5...2, using: &generator) }
  }

  private func isVariable(_ slot: Int) -> Bool { entry.operation != .powerConstant || slot == 0 }

  func define(in talk: inout Conversation) throws {
    for slot in shapes.indices where isVariable(slot) {
      try talk.define(entry.operands[slot].name, shapes[slot], numbers[slot])
    }
    try talk.run("out = \(isVariable(1) ? entry.text : "x^(\(numbers[1][0]))")")
  }

  /// Compares value and derivatives with those of numbers; how many results were finite.
  func compare(_ talk: inout Conversation, _ alignment: Alignment) throws -> Int {
    let operation = entry.operation
    let points = (0..<alignment.count).map { place in
      shapes.indices.map { numbers[$0][alignment.place(place, in: shapes[$0].sizes)] }
    }
    let values = points.map(operation.value)
    let out = try talk.reading("out")
    let isMean = operation.isMean
    if isMean {
      #expect(out.shape == .scalar)
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(isClose(out.elements[0], mean, size: abs(mean)), "\(shapes): \(out), not \(mean)")
    } else {
      #expect(out.shape.sizes == alignment.sizes)
      #expect(zip(out.elements, values).allSatisfy { isClose($0, $1, size: 0) }, "\(shapes)")
    }
    // The result's adjoint is the weights, whatever its shape.
    let weights = Array(adjoint[..<(isMean ? 1 : values.count)])
    try talk.define("const weights", out.shape, weights)
    try talk.run("L = sum(out*weights)")
    for slot in shapes.indices where isVariable(slot) {
      let sent = try talk.reading("grad(L, \(entry.operands[slot].name))")
      #expect(sent.shape == shapes[slot])
      var sums = Array(repeating: (sum: 0.0, size: 0.0), count: shapes[slot].count)
      for (place, point) in points.enumerated() {
        let local = operation.partials(point)[slot]
        let term =
          isMean ? weights[0] * (local / Double(points.count)) : weights[place] * local
        let own = alignment.place(place, in: shapes[slot].sizes)
        sums[own].sum += term
        sums[own].size += abs(term)
      }
      #expect(
        zip(sent.elements, sums).allSatisfy { isClose($0, $1.sum, size: $1.size) },
        "\(shapes) along operand \(slot): \(sent.elements), not \(sums.map(\.sum))")
    }
    return values.count(where: \.isFinite)
  }

  private func isClose(_ number: Double, _ truth: Double, size: Double) -> Bool {
    number == truth || number.isNaN && truth.isNaN || abs(number - truth) <= 1e-14 * size
  }
}
