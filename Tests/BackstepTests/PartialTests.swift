// Whether every local derivative is the derivative of the value it belongs to.

import Testing

@testable import Backstep

@Suite struct `Local derivatives` {
  @Test(arguments: Operation.computing)
  func `They equal the tangent of the value`(_ operation: Operation) {
    for point in Points.of(operation) {
      let partials = operation.partials(point)
      for slot in point.indices {
        let moved = point.indices.map { Dual(point[$0], tangent: $0 == slot ? 1 : 0) }
        let tangent = operation.value(moved).tangent
        #expect(
          ulps(partials[slot], tangent) <= 4,
          "slot \(slot) at \(point): \(partials[slot]), tangent \(tangent)")
      }
    }
  }
}
