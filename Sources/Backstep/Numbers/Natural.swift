// Whole numbers of any size, for counting paths.

/// A natural number without a limit.
///
/// **Cost** addition in proportion to the number of digits; multiplication is not needed.
struct Natural: Sendable, Equatable, CustomStringConvertible {
  /// The digits to the base 10^9, the lowest first; none for 0.
  private var digits: [UInt32] = []

  static let base: UInt32 = 1_000_000_000

  init(_ number: UInt32) {
    if number > 0 { digits = [number % Self.base] }
    if number >= Self.base { digits.append(number / Self.base) }
  }

  /// The number as an `Int`, where it fits.
  var small: Int? {
    guard digits.count <= 2 else { return nil }
    return digits.reversed().reduce(0) { $0 * Int(Self.base) + Int($1) }
  }

  static func += (sum: inout Natural, other: Natural) {
    var carry: UInt32 = 0
    var place = 0
    while place < other.digits.count || carry > 0 {
      if place == sum.digits.count { sum.digits.append(0) }
      let digit = place < other.digits.count ? other.digits[place] : 0
      let total = sum.digits[place] + digit + carry
      sum.digits[place] = total >= base ? total - base : total
      carry = total >= base ? 1 : 0
      place += 1
    }
  }

  /// The decimal digits.
  var description: String {
    guard let first = digits.last else { return "0" }
    return digits.dropLast().reversed().reduce("\(first)") { text, digit in
      let part = "\(digit)"
      return text + String(repeating: "0", count: 9 - part.utf8.count) + part
    }
  }
}
