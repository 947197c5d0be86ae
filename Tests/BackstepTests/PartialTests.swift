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

  @Test(arguments: Operation.computing)
  func `They equal a complex step of the value`(_ operation: Operation) {
    for slot in operation.slots {
      var worst = Worst()
      for point in Points.of(operation) {
        // By convention the exponent of a negative base has no derivative.
        if operation == .power, slot == 1, point[0] < 0 { continue }
        let partial = operation.partials(point)[slot]
        let x = abs(point[slot])
        let step = x == 0 ? 1e-100 : max(x * 0x1p-60, .leastNormalMagnitude)
        let moved = point.indices.map { Complex(point[$0], $0 == slot ? step : 0) }
        let slope = operation.value(moved).im / step
        let size = max(abs(partial), operation.termSize(slot, point))
        if partial == slope || partial.isNaN && slope.isNaN { continue }
        // What the step shrinks towards the smallest normal numbers is not compared.
        if max(size, abs(slope)) * step < 1e-290 { continue }
        worst.see(abs(partial - slope) / size, "\(point): \(partial), complex step \(slope)")
      }
      #expect(worst.error <= 1e-12, "slot \(slot) at \(worst.place)")
    }
  }

  @Test(arguments: Operation.computing)
  func `Mixed second derivatives do not depend on the order`(_ operation: Operation) {
    for first in operation.slots {
      for second in operation.slots where second > first {
        var worst = Worst()
        for point in Points.of(operation, tails: -6...6) {
          let one = self.second(of: operation, first, second, at: point)
          let other = self.second(of: operation, second, first, at: point)
          if one == other || one.isNaN && other.isNaN { continue }
          if !one.isFinite || !other.isFinite { continue }
          // Where a mixed derivative is 0 the others say how large an error matters.
          let pure = [first, second].map { abs(self.second(of: operation, $0, $0, at: point)) }
          let size = max(abs(one), abs(other), pure[0], pure[1])
          worst.see(abs(one - other) / size, "\(point): \(one) and \(other)")
        }
        #expect(worst.error <= 1e-12, "slots \(first), \(second) at \(worst.place)")
      }
    }
  }

  /// The derivative with respect to one operand of the derivative with respect to another.
  private func second(
    of operation: Operation, _ slot: Int, _ direction: Int, at point: [Double]
  ) -> Double {
    let moved = point.indices.map { Dual(point[$0], tangent: $0 == direction ? 1 : 0) }
    return operation.partials(moved)[slot].tangent
  }
}
