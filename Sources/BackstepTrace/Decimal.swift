// From a binary number to decimal digits: the shortest ones that read back to the same double.

/// A positive decimal number: a whole number times a power of ten.
struct Decimal: Equatable {
  /// The digits as a whole number, the last of them not 0.
  var significand: UInt64
  /// The power of ten that the digits are multiplied by.
  var exponent: Int

  /// Takes trailing zeros off the digits.
  init(significand: UInt64, exponent: Int) {
    var significand = significand
    var exponent = exponent
    while significand >= 10, significand % 10 == 0 {
      significand /= 10
      exponent += 1
    }
    self.significand = significand
    self.exponent = exponent
  }

  /// The fewest digits that read back to the same double.
  ///
  /// - Parameter number: a finite number greater than 0.
  init(shortest number: Double) {
    if let short = Decimal(short: number) {
      self = short
    } else {
      let (significand, exponent) = ShortestDigits.of(number)
      self.init(significand: significand, exponent: exponent)
    }
  }

  /// Powers of ten that a double holds exactly.
  static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Numbers with few decimals, such as people type: 2, 0.5, 0.0125.
  ///
  /// A whole number below 10^15 divided by a power of ten up to 10^22 is rounded once, so if the
  /// quotient is `number`, the digits read back to it. Decimals of up to 15 digits all read as
  /// different doubles, so no other digits as short do.
  init?(short number: Double) {
    guard number < 1e15, number >= 1e-5 else { return nil }
    // Most numbers have more decimals than four: one division tells.
    let scaled = number * Decimal.powers[4]
    if scaled < 1e15, Double(UInt64(scaled + 0.5)) / Decimal.powers[4] != number { return nil }
    for places in 0...4 {
      let scaled = number * Decimal.powers[places]
      guard scaled < 1e15 else { return nil }
      let whole = UInt64(scaled + 0.5)
      if Double(whole) / Decimal.powers[places] == number {
        self.init(significand: whole, exponent: -places)
        return
      }
    }
    return nil
  }

  /// The number rounded to so many digits; a half is rounded up, as at school.
  func rounded(toDigits digits: Int) -> Decimal {
    let surplus = ByteBuffer.digitCount(significand) - digits
    guard surplus > 0 else { return self }
    let unit = ByteBuffer.powersOfTen[surplus]
    let whole = significand / unit
    let rest = significand % unit
    return Decimal(
      significand: rest >= unit - rest ? whole + 1 : whole, exponent: exponent + surplus)
  }
}
