// Numbers as they stand in formulas.

import BackstepTrace

extension Coefficient {
  /// The number: 3, 0.1, 2/3; decimals where they end, halves and so on as fractions.
  var text: String {
    let (above, below) = parts
    return below.isEmpty ? above : "\(above)/\(below)"
  }

  /// What of the number stands above the line and what below: 2*x/3, but 0.2*x and 1.5*x.
  var parts: (above: String, below: String) {
    if bottom == 1 { return (Self.digits(top), "") }
    let isDecimal = bottom.truncatingRemainder(dividingBy: 5) == 0 && endsAsDecimal
    let isHalf = bottom == 2 && top.magnitude != 1
    if isDecimal || isHalf { return (Self.digits(value), "") }
    return (Self.digits(top), Self.digits(bottom))
  }

  /// Whether what stands below the line divides a power of ten.
  private var endsAsDecimal: Bool {
    var rest = bottom
    for prime in [2.0, 5.0] {
      while rest > 1, rest.truncatingRemainder(dividingBy: prime) == 0 { rest /= prime }
    }
    return rest == 1
  }

  private static func digits(_ number: Double) -> String {
    var buffer = ByteBuffer()
    buffer.appendShortest(number)
    return buffer.string
  }
}
