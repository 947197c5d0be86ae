// How close is close: units in the last place, and the exceptions with their reasons.

@testable import Backstep

/// What of an operation is measured.
enum Quantity: Equatable, Sendable {
  case value
  case partial(Int)
}

/// A number that need not be right to 4 ULP of itself, but to 4 ULP of a larger one.
struct AccuracyException: Sendable {
  let operation: Operation
  let quantity: Quantity
  let reason: String
  /// The size of which the error is measured where it exceeds the number's own.
  let scale: @Sendable ([Double]) -> Double
}

enum Accuracy {
  static let limit = 4.0

  /// The limit of an operation: gelu is made of the C library's erfc, which alone takes 3.7.
  static func limit(_ operation: Operation) -> Double { operation == .gelu ? 6 : limit }

  /// Everything that is allowed to be less accurate; the reason says why it cannot be helped.
  static let exceptions: [AccuracyException] = [
    AccuracyException(
      operation: .silu, quantity: .partial(0),
      reason: "crosses 0 at x = -1.2785, where 1 + x and exp(x) cancel",
      scale: { abs($0[0] + 1.2785) < 0.5 ? 0.25 : 0 }),
    AccuracyException(
      operation: .gelu, quantity: .partial(0),
      reason: "crosses 0 at x = -0.7518: the two terms cancel",
      scale: { abs($0[0] + 0.7518) < 1.3 ? 0.25 : 0 }),
    AccuracyException(
      operation: .binaryCrossEntropyWithLogits, quantity: .partial(0),
      reason: "sigmoid(z) - y cancels close to the minimum of a soft label",
      scale: { min(Sigmoid.value($0[0]), Sigmoid.value(-$0[0])) }),
    AccuracyException(
      operation: .hingeLoss, quantity: .value,
      reason: "1 - a*y cancels close to the hinge",
      scale: { abs($0[0] * $0[1]) < 2 ? 1 : 0 }),
    AccuracyException(
      operation: .huberLoss, quantity: .partial(2),
      reason: "abs(a - y) - delta cancels close to delta",
      scale: { abs($0[0] - $0[1]) }),
  ]

  static func scale(_ operation: Operation, _ quantity: Quantity, _ point: [Double]) -> Double {
    exceptions.first { $0.operation == operation && $0.quantity == quantity }?.scale(point) ?? 0
  }

  /// The error in units in the last place of the true number, or of the scale where that is larger.
  static func error(_ number: Double, _ truth: Double, scale: Double = 0) -> Double {
    if number == truth || (number.isNaN && truth.isNaN) { return 0 }
    guard number.isFinite, truth.isFinite else { return .infinity }
    return abs(number - truth) / max(abs(truth), scale, .leastNormalMagnitude).ulp
  }
}
