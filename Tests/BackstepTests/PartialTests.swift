// Whether every local derivative is the derivative of the value it belongs to.

import Testing

@testable import Backstep

@Suite struct `Local derivatives` {
  @Test(arguments: Operation.computing)
  func `They equal the tangent of the value`(_ operation: Operation) {
    for slot in operation.slots {
      var worst = Worst()
      for point in Points.of(operation) {
        let partial = operation.partials(point)[slot]
        let moved = point.indices.map { Dual(point[$0], tangent: $0 == slot ? 1 : 0) }
        let tangent = operation.value(moved).tangent
        let error = ulps(partial, tangent, floor: operation.termSize(slot, point))
        worst.see(error, "\(point): \(partial), tangent \(tangent)")
      }
      #expect(worst.error <= 4, "slot \(slot) at \(worst.place)")
    }
  }
}
