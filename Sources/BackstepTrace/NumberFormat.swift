// How numbers are written: exactly for programs, with a chosen number of digits for people.

/// How many digits the numbers of a text have.
public struct NumberFormat: Sendable, Equatable {
  /// Significant digits, from 1 to 17.
  public let digits: Int

  /// Integers below this are written in full, whatever the number of digits.
  private static let plainIntegers = 1e10

  /// Chooses the number of significant digits; outside 1…17 the nearest of these.
  public init(digits: Int = 6) { self.digits = min(max(digits, 1), 17) }

  /// Writes a number for people: `0.5`, `0.693147`, `4.24835e-18`, `1e20`, `NaN`, `-inf`.
  ///
  /// The number is rounded to ``digits`` significant digits, and trailing zeros are dropped.
  /// Rounding starts from the shortest decimal digits that stand for the double, and a half is
  /// rounded away from zero: 0.125 with two digits is 0.13, as at school, although half of the
  /// numbers with such digits are stored slightly below them. Integers below 10^10 are written in
  /// full, and the negative zero as `-0.0`. Powers of ten appear from 10^-5 downwards, and upwards
  /// from where the digits end before the decimal point. What is written can be typed back, but
  /// for `NaN`.
  public func append(_ number: Double, to output: inout ByteBuffer) {
    let size = number.magnitude
    guard size.isFinite else { return appendNonFinite(number, to: &output) }
    if number.sign == .minus { output.append(byte: UInt8(ascii: "-")) }
    if size < Self.plainIntegers, Double(UInt64(size)) == size {
      output.append(digits: UInt64(size))
      if size == 0, number.sign == .minus { output.append(".0") }
      return
    }
    let decimal =
      quickDecimal(of: size) ?? Decimal(shortest: size).rounded(toDigits: digits)
    let isInteger = size >= Self.plainIntegers && size == size.rounded(.towardZero)
    decimal.append(positional: -3...max(digits, isInteger ? 10 : 1), to: &output)
  }

  private func appendNonFinite(_ number: Double, to output: inout ByteBuffer) {
    output.append(number.isNaN ? "NaN" : number < 0 ? "-inf" : "inf")
  }

  /// The rounded digits of a number of ordinary size, by one multiplication.
  ///
  /// The product is below 10^9 and so off by less than 10^-7, and the shortest decimal digits lie
  /// as close to the number: only near a half could another digit come out, and there this gives up.
  private func quickDecimal(of size: Double) -> Decimal? {
    guard digits <= 9, size >= 1e-4, size < Decimal.powers[digits] else { return nil }
    var places = digits - 1
    if size >= 1 {
      var power = 1
      while size >= Decimal.powers[power] { power += 1 }
      places -= power - 1
    } else {
      places += size >= 1e-1 ? 1 : size >= 1e-2 ? 2 : size >= 1e-3 ? 3 : 4
    }
    let scaled = size * Decimal.powers[places]
    let whole = UInt64(scaled)
    let rest = scaled - Double(whole)
    guard abs(rest - 0.5) > 1e-5 else { return nil }
    return Decimal(significand: whole + (rest > 0.5 ? 1 : 0), exponent: -places)
  }
}

extension ByteBuffer {
  /// Adds the shortest digits that read back to the same double: `2`, `0.1`, `1e-7`, `-0.0`.
  ///
  /// Infinities are `inf` and `-inf`, as they are typed; what is no number is `NaN`.
  public mutating func appendShortest(_ number: Double) {
    let size = number.magnitude
    if number.sign == .minus, !number.isNaN { append(byte: UInt8(ascii: "-")) }
    if !size.isFinite {
      append(number.isNaN ? "NaN" : "inf")
    } else if size == 0 {
      append(number.sign == .minus ? "0.0" : "0")
    } else if let decimal = Decimal(short: size) {
      decimal.append(positional: -3...16, to: &self)
    } else {
      append(description: size.description)
    }
  }

  /// Adds what the standard library prints: its digits are the shortest, only `5.0` and `1e+20`
  /// are written with less here.
  private mutating func append(description: String) {
    let start = count
    append(description)
    // Of 17 digits only the last five places can hold the exponent's letter.
    guard let mark = (max(start, count - 5)..<count).first(where: { self[$0] == UInt8(ascii: "e") })
    else {
      if self[count - 1] == UInt8(ascii: "0"), self[count - 2] == UInt8(ascii: ".") {
        truncate(to: count - 2)
      }
      return
    }
    var exponent = 0
    for place in (mark + 2)..<count { exponent = exponent * 10 + Int(self[place] & 0xF) }
    let isNegative = self[mark + 1] == UInt8(ascii: "-")
    truncate(to: mark + 1)
    append(isNegative ? -exponent : exponent)
  }

  /// Adds a number as JSON: as ``appendShortest(_:)`` does, but `"NaN"`, `"Infinity"` and
  /// `"-Infinity"` are strings, since JSON has no numbers for them.
  public mutating func appendJSON(_ number: Double) {
    if number.isFinite {
      appendShortest(number)
    } else {
      append(number.isNaN ? "\"NaN\"" : number < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    }
  }
}

extension Decimal {
  /// Writes the digits with a decimal point, or with a power of ten.
  ///
  /// - Parameters:
  ///   - positional: Where the decimal point may lie without a power of ten, counted from before
  ///     the first digit: at 0 in 0.5, at 1 in 5.
  ///   - output: Where the digits go.
  func append(positional: ClosedRange<Int>, to output: inout ByteBuffer) {
    let count = ByteBuffer.digitCount(significand)
    let point = count + exponent
    guard positional.contains(point) else { return appendScientific(count, to: &output) }
    if point <= 0 {
      // At most three zeros follow the decimal point.
      output.append(packed: Self.zeros, first: 2 - point)
      output.append(digits: significand, count: count)
    } else if exponent >= 0 {
      output.append(digits: significand, count: count)
      output.append(byte: UInt8(ascii: "0"), times: exponent)
    } else {
      appendSplit(decimals: -exponent, to: &output)
    }
  }

  /// `0.000000`, the first character in the lowest byte.
  private static let zeros: UInt64 = 0x3030_3030_3030_2E30

  private func appendScientific(_ count: Int, to output: inout ByteBuffer) {
    if count == 1 {
      output.append(digits: significand)
    } else {
      appendSplit(decimals: count - 1, to: &output)
    }
    output.append(byte: UInt8(ascii: "e"))
    output.append(exponent + count - 1)
  }

  /// Writes the digits with the last `decimals` of them after the point.
  private func appendSplit(decimals: Int, to output: inout ByteBuffer) {
    if significand < 10_000_000 {
      let count = ByteBuffer.digitCount(significand)
      let digits = ByteBuffer.packedDigits(significand) &>> UInt64(8 * (8 - count))
      // The digits behind the point move up by one byte, which makes room for it.
      let place = UInt64(8 * (count - decimals))
      let whole = digits & ((1 &<< place) &- 1)
      let rest = (digits &>> place) &<< (place &+ 8)
      let point = UInt64(UInt8(ascii: ".")) &<< place
      output.append(packed: whole | point | rest, first: count + 1)
      return
    }
    var unit: UInt64 = 1
    for _ in 0..<decimals { unit &*= 10 }
    output.append(digits: significand / unit)
    output.append(byte: UInt8(ascii: "."))
    output.append(digits: significand % unit, count: decimals)
  }
}
