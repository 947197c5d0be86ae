// Random numbers that are the same on every machine.

/// Uniform and normal random numbers from a seed.
///
/// Only arithmetic that IEEE 754 fixes to the last bit is used, so that a seed gives the same numbers
/// everywhere; the C library's logarithm would not.
///
/// **Source** Blackman and Vigna, *Scrambled linear pseudorandom number generators* (2021):
/// xoshiro256++, seeded through SplitMix64; Marsaglia's polar method for the normal distribution.
struct Random: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  /// The polar method makes two numbers at a time.
  private var spare: Double?

  init(seed: UInt64) {
    var mix = seed
    func next() -> UInt64 {
      mix &+= 0x9E37_79B9_7F4A_7C15
      var word = mix
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
    state = (next(), next(), next(), next())
  }

  private mutating func word() -> UInt64 {
    func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
    let result = rotate(state.0 &+ state.3, 23) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotate(state.3, 45)
    return result
  }

  /// A number from 0 up to, not including, 1: a multiple of 2^-53.
  mutating func uniform() -> Double { Double(word() >> 11) * 0x1p-53 }

  /// A number from the standard normal distribution.
  mutating func normal() -> Double {
    if let number = spare {
      spare = nil
      return number
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * Self.logarithm(square) / square).squareRoot()
      spare = y * factor
      return x * factor
    }
  }

  /// The natural logarithm of a positive number, to about 1e-15, by operations that are exact to the
  /// last bit everywhere.
  ///
  /// With x = 2^k·m and m from √½ to √2, log x = k·log 2 + 2·artanh((m − 1)/(m + 1)); the series of
  /// artanh in s² up to s^21 leaves out less than 1e-17 for |s| ≤ 0.1716.
  static func logarithm(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    let s = (significand - 1) / (significand + 1)
    let square = s * s
    var sum = 0.0
    for power in stride(from: 21.0, through: 3, by: -2) { sum = (sum + 1 / power) * square }
    return exponent * 0.6931471805599453 + 2 * s * (1 + sum)
  }
}
