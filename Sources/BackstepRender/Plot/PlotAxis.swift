// An axis of a plot: where a number lies on it, and the round numbers beside it.

import BackstepTrace

/// A range of numbers along one side of a plot.
public struct PlotAxis: Sendable, Equatable {
  /// How distances on the axis are measured.
  public enum Scale: Sendable {
    /// By differences.
    case linear
    /// By ratios; only positive numbers have a place.
    case logarithmic
  }

  /// The number at the beginning.
  public let lower: Double
  /// The number at the end; larger than `lower`.
  public let upper: Double
  /// How distances are measured.
  public let scale: Scale

  /// Spans a range; an empty one is widened, and what is not finite replaced.
  public init(_ first: Double, _ last: Double, scale: Scale = .linear) {
    let isLog = scale == .logarithmic && first > 0 && last > 0
    let largest = Double.greatestFiniteMagnitude
    var low = first.isFinite ? min(first, last) : isLog ? 1 : -1
    var high = last.isFinite ? max(first, last) : isLog ? 10 : 1
    if !(low <= high) { (low, high) = isLog ? (1, 10) : (-1, 1) }
    if isLog { low = max(low, 1e-300) }
    let least = max(1e-13 * max(abs(low), abs(high)), 1e-300)
    if !(high / 2 - low / 2 > least) {
      let room = isLog ? 0 : abs(low) < 1e-290 ? 1 : abs(low) / 2
      low = isLog ? low / 3 : max(low - room, -largest)
      high = isLog ? min(low * 9, largest) : min(high + room, largest)
    }
    self.scale = isLog ? .logarithmic : .linear
    lower = low
    upper = high
  }

  /// Where a number lies: 0 at the beginning, 1 at the end, beyond them outside; NaN where it has no
  /// place.
  public func position(of number: Double) -> Double {
    switch scale {
    case .linear: return (number / 2 - lower / 2) / (upper / 2 - lower / 2)
    case .logarithmic:
      guard number > 0, number.isFinite else { return .nan }
      let start = Self.log10(lower)
      return (Self.log10(number) - start) / (Self.log10(upper) - start)
    }
  }

  /// The number at a place between 0 and 1 of a linear axis.
  public func number(at position: Double) -> Double { lower + (upper - lower) * position }

  /// Round numbers on the axis: multiples of 1, 2 or 5 times a power of ten; powers of ten on a
  /// logarithmic axis.
  public func ticks(atMost count: Int) -> [Double] {
    let limit = max(2, count)
    if scale == .logarithmic {
      let first = Int(Self.log10(lower).rounded(.up) - 1)
      let last = Int(Self.log10(upper).rounded(.down) + 1)
      let powers = (first...max(first, last)).map(Self.power).filter {
        $0.isFinite && $0 >= lower * 0.999999 && $0 <= upper * 1.000001
      }
      if powers.count >= 2 {
        let stride = (powers.count + limit - 1) / limit
        return powers.indices.filter { $0.isMultiple(of: stride) }.map { powers[$0] }
      }
    }
    // Halves, so that a range from end to end of the doubles has a width.
    let rough = max((upper / 2 - lower / 2) / Double(limit) * 2, 1e-300)
    guard rough.isFinite else { return [lower, 0, upper].filter { $0 >= lower && $0 <= upper } }
    let exponent = Int(Self.log10(rough).rounded(.down))
    for (factor, power) in [
      (1.0, exponent), (2, exponent), (5, exponent), (1, exponent + 1), (2, exponent + 1),
      (5, exponent + 1),
    ] {
      let ticks = multiples(of: factor, power)
      if ticks.count <= limit { return ticks }
    }
    return []
  }

  /// The multiples of a round step on the axis; dividing by powers of ten keeps them exact.
  private func multiples(of factor: Double, _ power: Int) -> [Double] {
    let unit = Self.power(abs(power))
    let step = power < 0 ? factor / unit : factor * unit
    guard step > 0, step.isFinite,
      let first = Int(exactly: (lower / step - 1e-9).rounded(.up)),
      let last = Int(exactly: (upper / step + 1e-9).rounded(.down)), first <= last,
      last - first < 1000
    else { return [] }
    return (first...last).map { count in
      let whole = Double(count) * factor
      return count == 0 ? 0 : power < 0 ? whole / unit : whole * unit
    }
  }

  /// The nearest number with two digits.
  static func rounded(_ number: Double) -> Double {
    guard number.isFinite, abs(number) > 1e-290, abs(number) < 1e290 else { return 0 }
    let power = Int(log10(abs(number)).rounded(.down)) - 1
    let unit = Self.power(abs(power))
    return power < 0 ? (number * unit).rounded() / unit : (number / unit).rounded() * unit
  }

  /// A power of ten, the nearest double for all whose exponent is small.
  private static func power(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<min(abs(exponent), 400) { result *= 10 }
    return exponent < 0 ? 1 / result : result
  }

  /// The decimal logarithm, to ten digits, which is plenty for a place on a screen.
  static func log10(_ number: Double) -> Double {
    guard number > 0, number.isFinite else { return number == 0 ? -.infinity : number }
    let t = (number.significand - 1) / (number.significand + 1)
    // ln m = 2 (t + t³/3 + t⁵/5 + …) with t = (m − 1)/(m + 1) ≤ 1/3.
    var sum = 0.0
    var power = t
    for term in stride(from: 1.0, through: 21, by: 2) {
      sum += power / term
      power *= t * t
    }
    return (Double(number.exponent) * 0.6931471805599453 + 2 * sum) / 2.302585092994046
  }

  /// A tick's number as it is written beside the axis.
  static func label(_ number: Double) -> String {
    var text = ByteBuffer()
    NumberFormat(digits: abs(number) >= 1e6 ? 4 : 12).append(number, to: &text)
    return text.string
  }
}
