// Derivatives by differences, with a judgement on what they can tell.

/// The five-point difference of a function, and how far it can be trusted.
///
/// **Source** Abramowitz and Stegun, formula 25.3.6; the error is judged by halving the step.
struct Difference {
  let derivative: Double
  /// How far the true derivative may be away: what halving the step changed, and rounding.
  let error: Double

  /// Nil where the function is not finite around the point, or where it bends too sharply there.
  init?(at x: Double, _ function: (Double) -> Double) {
    let step = max(abs(x), 1e-3) * 1e-3
    guard let wide = Difference.slope(at: x, step, function),
      let narrow = Difference.slope(at: x, step / 2, function)
    else { return nil }
    let right = (function(x + 2 * step) - function(x)) / (2 * step)
    let left = (function(x) - function(x - 2 * step)) / (2 * step)
    guard abs(right - left) <= 0.1 * max(abs(right), abs(left), 1e-3) else { return nil }
    let rounding = 1e-15 * (abs(function(x)) + 1e-300) / step
    error = 4 * abs(wide - narrow) + 20 * rounding
    derivative = narrow
    guard error <= 1e-6 * max(abs(derivative), 1e-3) else { return nil }
  }

  private static func slope(at x: Double, _ step: Double, _ function: (Double) -> Double) -> Double?
  {
    let outer = function(x + 2 * step) - function(x - 2 * step)
    let inner = function(x + step) - function(x - step)
    let slope = (8 * inner - outer) / (12 * step)
    return slope.isFinite ? slope : nil
  }
}
