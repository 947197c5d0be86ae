// Numbers as text: that they read back, and that rounding is right.

import BackstepTrace
import Testing

@Suite("Numbers")
struct NumberTests {
  static func shortest(_ number: Double) -> String {
    var buffer = ByteBuffer()
    buffer.appendShortest(number)
    return buffer.string
  }

  static func rounded(_ number: Double, _ digits: Int = 6) -> String {
    var buffer = ByteBuffer()
    NumberFormat(digits: digits).append(number, to: &buffer)
    return buffer.string
  }

  @Test(
    "Shortest digits",
    arguments: [
      (2, "2"), (-0.0, "-0.0"), (0, "0"), (0.5, "0.5"), (-0.3, "-0.3"), (0.1 + 0.2, nil),
      (1e15, "1000000000000000"), (1e16, "1e16"), (123e20, "1.23e22"), (1e-4, "0.0001"),
      (1e-5, "1e-5"), (.leastNonzeroMagnitude, "5e-324"),
      (.greatestFiniteMagnitude, "1.7976931348623157e308"),
      (9007199254740992, "9007199254740992"), (0.30000000000000004, "0.30000000000000004"),
      (.nan, "NaN"), (.infinity, "inf"), (-.infinity, "-inf"), (4503599627370495.5, nil),
    ] as [(Double, String?)])
  func shortest(number: Double, text: String?) {
    if let text { #expect(Self.shortest(number) == text) }
    if number.isFinite { #expect(Double(Self.shortest(number)) == number) }
  }

  @Test("JSON has strings for what it has no numbers for")
  func json() {
    var buffer = ByteBuffer()
    for number in [1, .nan, .infinity, -.infinity, -0.0] { buffer.appendJSON(number) }
    #expect(buffer.string == "1\"NaN\"\"Infinity\"\"-Infinity\"-0.0")
  }

  @Test(
    "Six digits",
    arguments: [
      (0.5, "0.5"), (-0.6, "-0.6"), (0.6931471805599453, "0.693147"), (1e20, "1e20"),
      (4.248354255291589e-18, "4.24835e-18"), (0, "0"), (-0.0, "-0.0"), (.nan, "NaN"),
      (.infinity, "inf"), (-.infinity, "-inf"), (123456, "123456"), (1234567, "1234567"),
      (9_999_999_999, "9999999999"), (1e10, "1e10"), (12_345_678_901, "1.23457e10"),
      (123456.7, "123457"), (999999.5, "1e6"), (1234567.8, "1.23457e6"), (0.0001, "0.0001"),
      (0.00001, "1e-5"), (0.000123456789, "0.000123457"), (0.9999996, "1"), (9.9999995, "10"),
      (0.1 + 0.2, "0.3"), (1.0000005, "1"), (1.000005, "1.00001"), (0.00099999996, "0.001"),
    ] as [(Double, String)])
  func six(number: Double, text: String) {
    #expect(Self.rounded(number) == text)
  }

  @Test(
    "A half is rounded away from zero",
    arguments: [(0.125, "0.13"), (0.375, "0.38"), (-2.25, "-2.3")])
  func halves(number: Double, text: String) {
    #expect(Self.rounded(number, 2) == text)
  }

  @Test("Rounding up beyond the largest double is written as it is")
  func beyondTheLargest() {
    #expect(Self.rounded(1.7e308, 1) == "2e308")
    #expect(Self.rounded(-1.7e308, 1) == "-2e308")
  }

  @Test("Any number of digits of any number")
  func anyNumber() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let number = Self.random(&generator)
      guard number.isFinite else { continue }
      let shortest = Self.shortest(number)
      try #require(Double(shortest) == number, "\(number)")
      #expect(shortest.utf8.count <= number.description.utf8.count + 3, "\(number)")
      let digits = Int.random(in: 1...17, using: &generator)
      let text = Self.rounded(number, digits)
      let back = try #require(Double(text), "\(number) \(digits) \(text)")
      if digits == 17 {
        #expect(back == number)
      } else {
        let allowed = Self.half(of: number, digits) * 1.000001 + abs(number) * 1e-15
        // Close to the largest double, rounding up leads beyond it: 1.7e308 in one digit is 2e308.
        if back.isInfinite {
          #expect(number.magnitude + allowed > .greatestFiniteMagnitude, "\(number) \(digits)")
          continue
        }
        #expect(abs(back - number) <= allowed, "\(number) \(digits) \(text)")
      }
    }
  }

  /// Half a unit of the last of so many significant digits.
  private static func half(of number: Double, _ digits: Int) -> Double {
    var unit = 1.0
    var exponent = 0
    while unit <= number.magnitude / 10, exponent < 308 {
      (unit, exponent) = (unit * 10, exponent + 1)
    }
    while unit > number.magnitude, unit > 1e-307 { unit /= 10 }
    return unit * Double("1e\(1 - digits)", default: 0) / 2
  }

  /// Numbers as they come in traces, and any bits at all.
  private static func random(_ generator: inout SystemRandomNumberGenerator) -> Double {
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: Double(bitPattern: generator.next())
    case 1: Double.random(in: -10...10, using: &generator)
    case 2: (Double.random(in: -10...10, using: &generator) * 1000).rounded() / 1000
    case 3: Double(Int.random(in: -1_000_000...1_000_000, using: &generator))
    default: Double.random(in: -1...1, using: &generator) * 1e-3
    }
  }

  @Test("Whole numbers", arguments: [0, 7, 10, 99, 100, 9999, 10_000, -1, Int.max, Int.min])
  func whole(number: Int) {
    var buffer = ByteBuffer("n")
    buffer.append(number)
    #expect(buffer.string == "n\(number)")
  }
}

extension Double {
  fileprivate init(_ text: String, default number: Double) { self = Double(text) ?? number }
}
