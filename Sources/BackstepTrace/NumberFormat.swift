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
    output.write(upTo: Decimal.longest) { write(number, to: $0, at: $1) }
  }

  /// Writes a number into memory that has room for ``Decimal/longest`` bytes; returns where it ends.
  func write(_ number: Double, to memory: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
    let size = number.magnitude
    guard size.isFinite else { return Decimal.writeNonFinite(number, to: memory, at: start) }
    memory[start] = UInt8(ascii: "-")
    let place = number.sign == .minus ? start + 1 : start
    if size < Self.plainIntegers, Double(UInt64(size)) == size {
      let whole = UInt64(size)
      let end = ByteBuffer.write(
        digits: whole, count: ByteBuffer.digitCount(whole), to: memory, at: place)
      return whole == 0 && place > start ? Decimal.writePointZero(to: memory, at: end) : end
    }
    let decimal =
      quickDecimal(of: size) ?? Decimal(shortest: size).rounded(toDigits: digits)
    let isInteger = size >= Self.plainIntegers && size == size.rounded(.towardZero)
    return decimal.write(
      positional: -3...max(digits, isInteger ? 10 : 1), to: memory, at: place)
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

/// Numbers as a format writes them, the latest ones kept: a trace shows each of its numbers several times,
/// within a few lines.
public struct NumberWriter: Sendable {
  /// nil for JSON.
  private let format: NumberFormat?
  private var kept: ContiguousArray<Kept>

  /// A number and its text, up to 24 characters in three words, the first one lowest.
  private struct Kept {
    var bits: UInt64
    var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
    var count = 0
  }

  /// How many numbers are kept, 2 to the power of this.
  private let sizeBits: UInt64

  /// Writes in a format; without one the shortest digits, as JSON.
  ///
  /// It is of use where most numbers take up to 24 characters.
  ///
  /// - Parameters:
  ///   - format: How numbers are written.
  ///   - isLong: Whether many numbers will be written; for few of them not many are kept.
  public init(_ format: NumberFormat?, isLong: Bool = true) {
    self.format = format
    sizeBits = isLong ? 9 : 3
    // 0 is kept from the beginning, so every place has its number.
    kept = ContiguousArray(
      repeating: Kept(bits: 0, words: (0x30, 0, 0), count: 1), count: 1 << Int(sizeBits))
  }

  /// Writes a number as its format does.
  public mutating func append(_ number: Double, to output: inout ByteBuffer) {
    _ = output.compose(upTo: Decimal.longest) { append(number, to: &$0) }
  }

  /// Writes a number as its format does.
  public mutating func append(_ number: Double, to output: inout ByteCursor) {
    let bits = number.bitPattern
    let place = Int(truncatingIfNeeded: (bits &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- sizeBits))
    if kept[place].bits == bits {
      return output.append(kept[place].words, first: kept[place].count)
    }
    let start = output.count
    output.write(upTo: Decimal.longest) { memory, start in
      if let format { return format.write(number, to: memory, at: start) }
      return Decimal.writeJSON(number, to: memory, at: start)
    }
    let count = output.count - start
    guard !output.isFull, count <= 24 else { return }
    kept[place] = Kept(bits: bits, words: output.words(from: start), count: count)
  }
}

extension ByteBuffer {
  /// Adds the shortest digits that read back to the same double: `2`, `0.1`, `1e-7`, `-0.0`.
  ///
  /// Infinities are `inf` and `-inf`, as they are typed; what is no number is `NaN`.
  public mutating func appendShortest(_ number: Double) {
    write(upTo: Decimal.longest) { Decimal.writeShortest(number, to: $0, at: $1) }
  }

  /// Adds a number as JSON: as ``appendShortest(_:)`` does, but `"NaN"`, `"Infinity"` and
  /// `"-Infinity"` are strings, since JSON has no numbers for them.
  public mutating func appendJSON(_ number: Double) {
    write(upTo: Decimal.longest) { Decimal.writeJSON(number, to: $0, at: $1) }
  }
}

extension Decimal {
  /// More bytes than any number is written in.
  static let longest = 48

  /// Writes the shortest digits that read back to the same double; returns where they end.
  static func writeShortest(
    _ number: Double, to memory: UnsafeMutableRawBufferPointer, at start: Int
  ) -> Int {
    let size = number.magnitude
    guard size.isFinite else { return writeNonFinite(number, to: memory, at: start) }
    memory[start] = UInt8(ascii: "-")
    let place = number.sign == .minus ? start + 1 : start
    if size == 0 {
      memory[place] = UInt8(ascii: "0")
      return place > start ? writePointZero(to: memory, at: place + 1) : place + 1
    }
    // Beyond 2^53, where doubles are no longer all whole numbers, none is written in full.
    return Decimal(shortest: size).write(
      positional: -3...(size > 0x1p53 ? 15 : 16), to: memory, at: place)
  }

  /// Writes a number as JSON; returns where it ends.
  static func writeJSON(
    _ number: Double, to memory: UnsafeMutableRawBufferPointer, at start: Int
  ) -> Int {
    if number.isFinite { return writeShortest(number, to: memory, at: start) }
    let text: StaticString =
      number.isNaN ? #""NaN""# : number < 0 ? #""-Infinity""# : #""Infinity""#
    return write(text, to: memory, at: start)
  }

  /// Writes `inf`, `-inf` or `NaN`; returns where it ends.
  static func writeNonFinite(
    _ number: Double, to memory: UnsafeMutableRawBufferPointer, at start: Int
  ) -> Int {
    write(number.isNaN ? "NaN" : number < 0 ? "-inf" : "inf", to: memory, at: start)
  }

  private static func write(
    _ text: StaticString, to memory: UnsafeMutableRawBufferPointer, at start: Int
  ) -> Int {
    text.withUTF8Buffer { bytes in
      for (offset, byte) in bytes.enumerated() { memory[start + offset] = byte }
      return start + bytes.count
    }
  }

  /// Writes `.0` and returns where it ends.
  static func writePointZero(to memory: UnsafeMutableRawBufferPointer, at place: Int) -> Int {
    memory[place] = UInt8(ascii: ".")
    memory[place + 1] = UInt8(ascii: "0")
    return place + 2
  }

  /// Writes the digits with a decimal point, or with a power of ten.
  ///
  /// - Parameters:
  ///   - positional: Where the decimal point may lie without a power of ten, counted from before
  ///     the first digit: at 0 in 0.5, at 1 in 5. From -3 to 17.
  ///   - memory: Where the digits go; it has room for ``longest`` bytes.
  ///   - place: Where they begin.
  /// - Returns: Where they end.
  @inline(__always)
  func write(
    positional: ClosedRange<Int>, to memory: UnsafeMutableRawBufferPointer, at place: Int
  ) -> Int {
    let count = ByteBuffer.digitCount(significand)
    let point = count + exponent
    guard positional.contains(point) else {
      return writeScientific(count, to: memory, at: place)
    }
    if exponent < 0, point > 0 { return writeSplit(count, point, to: memory, at: place) }
    guard point <= 0 else {
      let end = ByteBuffer.write(digits: significand, count: count, to: memory, at: place)
      for zero in end..<end + exponent { memory[zero] = UInt8(ascii: "0") }
      return end + exponent
    }
    // `0.` and at most three zeros more.
    memory.storeBytes(of: Self.zeros.littleEndian, toByteOffset: place, as: UInt64.self)
    return ByteBuffer.write(digits: significand, count: count, to: memory, at: place + 2 - point)
  }

  /// `0.000000`, the first character in the lowest byte.
  private static let zeros: UInt64 = 0x3030_3030_3030_2E30

  private func writeScientific(
    _ count: Int, to memory: UnsafeMutableRawBufferPointer, at place: Int
  ) -> Int {
    var end =
      count == 1
      ? ByteBuffer.write(digits: significand, count: 1, to: memory, at: place)
      : writeSplit(count, 1, to: memory, at: place)
    memory[end] = UInt8(ascii: "e")
    let power = exponent + count - 1
    if power < 0 {
      end += 1
      memory[end] = UInt8(ascii: "-")
    }
    let size = UInt64(power.magnitude)
    return ByteBuffer.write(
      digits: size, count: ByteBuffer.digitCount(size), to: memory, at: end + 1)
  }

  /// Writes the digits with a decimal point behind the first `point` of them.
  @inline(__always)
  private func writeSplit(
    _ count: Int, _ point: Int, to memory: UnsafeMutableRawBufferPointer, at place: Int
  ) -> Int {
    let end = ByteBuffer.write(digits: significand, count: count, to: memory, at: place + 1)
    for digit in place..<place + point { memory[digit] = memory[digit + 1] }
    memory[place + point] = UInt8(ascii: ".")
    return end
  }
}
