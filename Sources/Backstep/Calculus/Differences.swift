// Derivatives by differences: slow and rough, and independent of everything else.

import BackstepLanguage
import BackstepTrace

/// What differences say of one derivative.
struct Difference {
  /// The slope; at a kink the mean of those on the two sides.
  var slope: Double
  /// How far the derivative is from it, relative to the larger of the two.
  var error: Double
  /// Whether derivative and differences agree.
  var agrees: Bool
  /// What there is to say, as about a kink.
  var note: String?
  /// The slopes on the two sides of a kink; nil elsewhere.
  var sides: GradientCheck.Sides?
}

/// Moves one entry of an input at a time and computes the graph anew.
///
/// **Source** Abramowitz and Stegun, formula 25.3.6, for the five-point difference.
struct Differences {
  private var built: BuiltGraph

  /// Where numbers are not finite.
  private static let nothing = Difference(
    slope: .nan, error: 0, agrees: true, note: "not finite, so there is nothing to compare")

  init(_ built: BuiltGraph) { self.built = built }

  /// Compares the slope of the root along one entry of an input with a derivative.
  mutating func slope(of node: Int, _ entry: Int, expected: Double) -> Difference {
    let reading = built.reading(of: node)
    let at = reading.elements[entry]
    guard at.isFinite, expected.isFinite else { return Self.nothing }
    var values: [Double: Double] = [:]
    let step = max(abs(at), 0.1) * 1e-3
    for steps in [-2, -1, -0.5, 0, 0.5, 1, 2] {
      if Interruption.isRequested { break }
      values[steps] = value(of: node, entry, at + steps * step)
    }
    func f(_ steps: Double) -> Double { values[steps] ?? .nan }
    guard f(0).isFinite else { return Self.nothing }
    let wide = (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * step)
    let narrow = (8 * (f(0.5) - f(-0.5)) - (f(1) - f(-1))) / (6 * step)
    let left = (f(0) - f(-0.5)) / (0.5 * step)
    let right = (f(0.5) - f(0)) / (0.5 * step)
    let size = max(abs(narrow), abs(expected), 1e-300)
    let error = narrow == expected ? 0 : abs(narrow - expected) / size
    // What the differences themselves cannot tell: halving the step changes them by so much.
    let rounding = 1e-15 * abs(f(0)) / step
    let doubt = 8 * abs(wide - narrow) + 100 * rounding + 1e-12
    // Where the slope jumps, the two sides differ by as much at half the step; elsewhere by half of it.
    let jump = (f(0.5) - 2 * f(0) + f(-0.5)) / (0.5 * step)
    let wideJump = (f(1) - 2 * f(0) + f(-1)) / step
    let sides = max(abs(left), abs(right))
    let jumps = abs(jump) > 0.8 * abs(wideJump) && abs(jump) > 1e-4 * sides + 1000 * rounding
    let (low, high) = (min(left, right), max(left, right))
    // The slopes on the two sides are off by as much as they change from half the step to all of it.
    let bend = max(abs(left - (f(0) - f(-1)) / step), abs(right - (f(1) - f(0)) / step))
    let margin = 1e-6 * max(abs(low), abs(high), 1) + 2 * bend
    if jumps, expected >= low - margin, expected <= high + margin {
      return Difference(
        slope: narrow, error: 0, agrees: true,
        note: "at a kink, where the slope is \(Self.shown(left)) on the left and "
          + "\(Self.shown(right)) on the right; any number between the two will do as a derivative, "
          + "and Backstep takes \(Self.shown(expected))",
        sides: GradientCheck.Sides(left: left, right: right))
    }
    if abs(narrow - expected) <= max(doubt, 1e-6 * size) {
      return Difference(
        slope: narrow, error: error, agrees: true,
        note: error > 1e-3
          ? "so small beside the value that differences drown in its rounding" : nil)
    }
    return Difference(slope: narrow, error: error, agrees: false)
  }

  private static func shown(_ number: Double) -> String {
    var text = ByteBuffer()
    NumberFormat(digits: 4).append(number, to: &text)
    return text.string
  }

  /// The root's value with one entry moved.
  private func value(of node: Int, _ entry: Int, _ number: Double) -> Double {
    var sampling = Sampling(built)
    return sampling.value(at: [(node, entry, number)])
  }
}
