// Differences that know how far they can be trusted.

/// A derivative by central differences, extrapolated to a step of 0, with an estimate of its error.
///
/// **Source** C. J. F. Ridders, *Accurate computation of F'(x) and F'(x)F''(x)*, 1982.
struct RiddersDifference {
  let derivative: Double
  let error: Double

  /// Starts with the largest step at which the function is defined on both sides; nil if none is.
  init?(at x: Double, _ function: (Double) -> Double) {
    var step = max(abs(x), 0.1) / 4
    var best: RiddersDifference?
    for _ in 0..<30 {
      if let trial = RiddersDifference(at: x, step: step, function),
        trial.error < best?.error ?? .infinity
      {
        best = trial
      }
      step /= 4
    }
    guard let best else { return nil }
    self = best
  }

  private init(derivative: Double, error: Double) {
    self.derivative = derivative
    self.error = error
  }

  private init?(at x: Double, step: Double, _ function: (Double) -> Double) {
    let shrink = 1.4
    var previous: [Double] = []
    var best = RiddersDifference(derivative: .nan, error: .infinity)
    var step = step
    for _ in 0..<8 {
      let (after, before) = (x + step, x - step)
      var row = [(function(after) - function(before)) / (after - before)]
      guard row[0].isFinite else { return nil }
      var factor = shrink * shrink
      for coarser in previous {
        let finer = row[row.count - 1]
        row.append((finer * factor - coarser) / (factor - 1))
        factor *= shrink * shrink
        let error = max(abs(row[row.count - 1] - finer), abs(row[row.count - 1] - coarser))
        if error < best.error {
          best = RiddersDifference(derivative: row[row.count - 1], error: error)
        }
      }
      previous = row
      step /= shrink
    }
    self = best
  }
}
