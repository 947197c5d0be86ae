// The operations under test, how to evaluate them, and the points at which the tests do so.

import Testing

@testable import Backstep

extension Operation: CustomTestStringConvertible {
  public var testDescription: String { "\(self)" }

  /// Every operation that computes something.
  static let computing = allCases.filter { !$0.isLeaf }

  /// What the operation says of itself.
  var entry: OperationEntry { OperationTable.entries[Int(rawValue)] }

  /// The operands that have a derivative: not the exponent that is a number in the formula.
  var slots: Range<Int> { self == .powerConstant ? 0..<1 : 0..<arity }

  /// The operation's value, read at any kind of number.
  func value<T: Scalar>(_ point: [T]) -> T {
    accept(
      ValueAt(
        x: point[0], y: point.count > 1 ? point[1] : 0, z: point.count > 2 ? point[2] : 0))
  }

  /// The operation's local derivatives, read at any kind of number.
  func partials<T: Scalar>(_ point: [T]) -> [T] {
    let (x, y, z) = (point[0], point.count > 1 ? point[1] : 0, point.count > 2 ? point[2] : 0)
    let (dx, dy, dz) = accept(PartialsAt(x: x, y: y, z: z, out: value(point)))
    return Array([dx, dy, dz].prefix(arity))
  }
}

/// The points at which an operation is tested.
enum Points {
  /// The rule's own samples, then points drawn from the operands' domains.
  static func of(_ operation: Operation, tails: ClosedRange<Int> = -12...12) -> [[Double]] {
    operation.entry.samples + drawn(operation, tails: tails)
  }

  /// Points drawn from the operands' domains, the same ones each time.
  ///
  /// `tails` are the powers of 2 between which the operands' sizes lie.
  static func drawn(_ operation: Operation, tails: ClosedRange<Int>) -> [[Double]] {
    let choices = operation.entry.operands.map { coordinates($0.domain, tails) }
    let count = operation.arity == 1 ? choices[0].count : 200
    var random = Dice(seed: UInt64(operation.rawValue))
    return (0..<count).map { index in
      choices.enumerated().map { slot, numbers in
        slot == 0 ? numbers[index % numbers.count] : numbers[random.next(below: numbers.count)]
      }
    }
  }

  /// Numbers all over an interval, log-spaced from each of its ends or from 0.
  private static func coordinates(_ domain: Domain, _ tails: ClosedRange<Int>) -> [Double] {
    var numbers: [Double] = []
    // The factors keep the numbers off the round ones, where errors would not show.
    for (index, power) in tails.enumerated() {
      let size = (1 + 0.37 * Double(index % 5) / 5 + 0.0123) * exp2(power)
      if domain.lower.isFinite { numbers.append(domain.lower + size) }
      if domain.upper.isFinite { numbers.append(domain.upper - size) }
      if !domain.lower.isFinite { numbers += [-size, size] }
    }
    return numbers.filter { domain.contains($0) && $0 != domain.lower && $0 != domain.upper }
  }

  private static func exp2(_ power: Int) -> Double {
    Double(sign: .plus, exponent: power, significand: 1)
  }
}

/// Numbers that look random and are the same in every run.
struct Dice {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 2_685_821_657_736_338_717 &+ 88_172_645_463_325_252 }

  /// A number from 0 up to a bound, by a linear congruential generator.
  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}

/// How many doubles lie between two numbers; 0 for NaN and NaN, and for 0 and −0.
///
/// Numbers smaller than `floor` count in units of its last place.
func ulps(_ a: Double, _ b: Double, floor: Double = 0) -> Double {
  if a.isNaN && b.isNaN { return 0 }
  if floor > max(abs(a), abs(b)) { return abs(a - b) / floor.ulp }
  if a.isNaN || b.isNaN { return .infinity }
  func place(_ x: Double) -> Int64 {
    let bits = Int64(bitPattern: x.magnitude.bitPattern)
    return x.sign == .minus ? -bits : bits
  }
  let (distance, overflow) = place(a).subtractingReportingOverflow(place(b))
  return overflow ? .infinity : Double(distance.magnitude)
}

/// The largest of several errors, and where it was.
struct Worst {
  private(set) var error = -1.0
  private(set) var place = "nowhere"

  /// Looks at one more error; NaN is larger than any.
  mutating func see(_ error: Double, _ place: @autoclosure () -> String) {
    guard error > self.error || error.isNaN && !self.error.isNaN else { return }
    self.error = error.isNaN ? .infinity : error
    self.place = place()
  }
}

extension Operation {
  /// The size of the terms a local derivative is the sum of, where they can cancel.
  ///
  /// Near the derivative's own zero no formula in doubles keeps its digits; there an error counts
  /// in units of the terms' last place.
  func termSize(_ slot: Int, _ point: [Double]) -> Double {
    let x = point[0]
    switch (self, slot) {
    case (.gelu, 0): return Double.normalDistribution(x)
    case (.silu, 0): return Sigmoid.value(x)
    case (.binaryCrossEntropy, 0): return abs(point[1] / x)
    case (.binaryCrossEntropyOfLogit, 0): return min(Sigmoid.value(x), abs(point[1]))
    default: return 0
    }
  }
}
