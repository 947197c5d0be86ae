// The shortest decimal digits of a binary number, found by a multiplication with a power of ten.

/// Finds the shortest digits that read back to the same double, and of these the closest to it.
///
/// **Source** R. Giulietti, "The Schubfach way to render doubles" (2020).
enum ShortestDigits {
  /// Finds a whole number, whose last digits may be zeros, and the power of ten that it is multiplied by.
  ///
  /// What reads as `number` lies between the middles to its two neighbours. These and the number
  /// itself are scaled by a power of ten such that 1 to 10 units fit between the middles: then there
  /// is a whole number between them, and at most one multiple of ten. All are kept four times as
  /// large, and odd where digits were cut off, so that comparisons come out as for the exact numbers.
  ///
  /// - Parameter number: Finite and greater than 0.
  /// - Returns: The digits and the power of ten.
  static func of(_ number: Double) -> (significand: UInt64, exponent: Int) {
    let fraction = number.significandBitPattern
    let isNormal = number.exponentBitPattern > 0
    let whole = isNormal ? fraction | 1 << 52 : fraction
    let binary = max(1, Int(number.exponentBitPattern)) - 1075
    // Below a power of two the numbers lie twice as close.
    let isUneven = fraction == 0 && number.exponentBitPattern > 1
    // The logarithm to base 10 of the distance between the middles, rounded down: 2^binary, or 3/4 of it.
    let decimal = (binary * 1_262_611 - (isUneven ? 524_031 : 0)) >> 22
    let power = PowerOfTen.table[-decimal - PowerOfTen.least]
    let shift = UInt64(truncatingIfNeeded: binary + (-decimal * 1_741_647) >> 19 + 1)
    let middle = power.product((4 &* whole) &<< shift)
    // A middle itself is read as the number beside it whose last bit is 0.
    let odd = whole & 1
    let lower = power.product((4 &* whole &- (isUneven ? 1 : 2)) &<< shift) &+ odd
    let upper = power.product((4 &* whole &+ 2) &<< shift) &- odd

    let tens = middle / 40
    if tens > 0 {
      let isBelow = lower <= 40 &* tens
      let isAbove = 40 &* tens &+ 40 <= upper
      if isBelow != isAbove { return (tens &+ (isAbove ? 1 : 0), decimal + 1) }
    }
    let units = middle / 4
    let isBelow = lower <= 4 &* units
    let isAbove = 4 &* units &+ 4 <= upper
    if isBelow != isAbove { return (units &+ (isAbove ? 1 : 0), decimal) }
    let half = 4 &* units &+ 2
    let roundsUp = middle > half || middle == half && units & 1 == 1
    return (units &+ (roundsUp ? 1 : 0), decimal)
  }
}

/// The leading 128 bits of a power of ten, rounded up where there are more.
private struct PowerOfTen {
  let high: UInt64
  let low: UInt64

  /// The highest 64 bits of a product; the last of them is set where there is more behind it.
  @inline(__always) func product(_ factor: UInt64) -> UInt64 {
    let (upper, middle) = high.multipliedFullWidth(by: factor)
    let (sum, carries) = middle.addingReportingOverflow(low.multipliedFullWidth(by: factor).high)
    return (upper &+ (carries ? 1 : 0)) | (sum > 1 ? 1 : 0)
  }

  static let least = -292
  private static let most = 324
  /// Greater powers of ten have more than 128 bits.
  private static let lastExact = 55

  /// Those from `least` on, computed when the first number needs them, in a tenth of a millisecond.
  static let table: ContiguousArray<PowerOfTen> = {
    // 2^1152 divided by ten again and again: rounding down each time is rounding down once.
    var words = ContiguousArray<UInt64>(repeating: 0, count: 18) + [1]
    var below: ContiguousArray<PowerOfTen> = []
    for _ in least..<0 {
      var rest: UInt64 = 0
      for index in words.indices.reversed() {
        (words[index], rest) = UInt64(10).dividingFullWidth((rest, words[index]))
      }
      while words.last == 0 { words.removeLast() }
      below.append(PowerOfTen(leadingBitsOf: words, isExact: false))
    }
    words = [1]
    var table = ContiguousArray(below.reversed())
    for exponent in 0...most {
      table.append(PowerOfTen(leadingBitsOf: words, isExact: exponent <= lastExact))
      var carry: UInt64 = 0
      for index in words.indices {
        let (high, low) = words[index].multipliedFullWidth(by: 10)
        let (sum, carries) = low.addingReportingOverflow(carry)
        words[index] = sum
        carry = high + (carries ? 1 : 0)
      }
      if carry > 0 { words.append(carry) }
    }
    return table
  }()

  /// Takes the leading bits of a number whose words are given, the lowest first.
  private init(leadingBitsOf words: ContiguousArray<UInt64>, isExact: Bool) {
    func word(_ place: Int) -> UInt64 { words.indices.contains(place) ? words[place] : 0 }
    let last = words.count - 1
    let shift = word(last).leadingZeroBitCount
    func aligned(_ place: Int) -> UInt64 { word(place) << shift | word(place - 1) >> (64 - shift) }
    let (low, carries) = aligned(last - 1).addingReportingOverflow(isExact ? 0 : 1)
    self.low = low
    high = aligned(last) &+ (carries ? 1 : 0)
  }
}
