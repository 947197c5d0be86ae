// Whether an answer is right: as a number to the digits shown, as a formula at several points.

import BackstepLanguage
import BackstepTrace

/// What an answer is.
enum Judgement {
  case right
  /// Right for these numbers, but not when the inputs move.
  case rightHereOnly
  /// Wrong: what it came to, and the misconception that comes to the same.
  case wrong(Reading, QuizItem.Diagnosis?)
  /// It has another shape than what is asked for.
  case misshapen(Shape)
  /// It names what is asked for.
  case circular
  /// It cannot be read.
  case unreadable(Diagnostic)
}

extension AnswerSheet {
  /// At how many other points a formula must agree.
  private static let points: UInt64 = 3

  /// Judges an answer; numbers are compared to so many digits.
  mutating func judge(
    _ text: String, for item: QuizItem, digits: Int, _ host: any SessionHost
  ) throws(Diagnostic) -> Judgement {
    var answer: Answer
    do {
      answer = try read(text, host)
    } catch {
      if error.kind == .interrupted { throw error }
      return .unreadable(error)
    }
    if answer.isFormula, Self.mentions(text, item) { return .circular }
    if case .local = item.subject, answer.value.shape.isScalar, !item.answer.shape.isScalar,
      try read(item.formula, host).value.shape.isScalar
    {
      // Entry by entry the rule is one number for all: 1 for a sum.
      let number = answer.value.first
      answer.value = item.answer.mapped { _ in number }
    }
    let closeness = Closeness(text, digits: digits, isFormula: answer.isFormula)
    let isRight = closeness.agree(answer.value, item.answer)
    if isRight {
      guard answer.isFormula else { return .right }
      return try agreesElsewhere(text, item, host) ? .right : .rightHereOnly
    }
    let diagnosis = item.diagnosis { closeness.agree(answer.value, $0) }
    if answer.value.shape != item.answer.shape, diagnosis == nil {
      return .misshapen(answer.value.shape)
    }
    return .wrong(answer.value, diagnosis)
  }

  /// Whether a formula is the rule's, computed with the inputs moved.
  ///
  /// A point where either cannot be computed, or is not finite, decides nothing.
  private mutating func agreesElsewhere(
    _ text: String, _ item: QuizItem, _ host: any SessionHost
  ) throws(Diagnostic) -> Bool {
    var agrees = true
    for seed in 1...Self.points where agrees {
      do {
        try move(seed: seed, host)
        let expected = try read(item.formula, host).value
        let value = try read(text, host).value
        guard expected.isFinite, value.isFinite, expected.shape == value.shape else { continue }
        agrees = value.isClose(to: expected, within: 1e-7)
      } catch {
        if error.kind == .interrupted { throw error }
      }
    }
    try restore(host)
    return agrees
  }

  /// Whether the text names the derivative that is asked for.
  private static func mentions(_ text: String, _ item: QuizItem) -> Bool {
    let asked = bare(item.symbol)
    let parts = asked.split(separator: "/")
    let call = parts.count == 2 ? "grad(\(parts[0].dropFirst()),\(parts[1].dropFirst()))" : asked
    let given = bare(text)
    if given.contains(call) { return true }
    var rest = given[...]
    while let range = rest.firstRange(of: asked) {
      let next = rest[range.upperBound...].first
      if !(next.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false) { return true }
      rest = rest[range.upperBound...]
    }
    return false
  }

  /// A text without blanks, its derivatives written with d.
  private static func bare(_ text: String) -> String {
    String(text.filter { !$0.isWhitespace }).replacing("∂", with: "d")
  }
}

/// How close an answer must come.
struct Closeness {
  /// Half a unit of the last digit that was typed, where at least three were; else 0.
  private var typed = 0.0
  /// The relative difference that is allowed.
  private let relative: Double

  /// Formulas must agree to rounding; typed numbers to the digits shown, or to those typed, if
  /// there are three at least.
  init(_ text: String, digits: Int, isFormula: Bool) {
    let shown = Self.power(1 - digits) / 2
    if isFormula {
      relative = 1e-9
      return
    }
    guard let number = Self.digits(of: text) else {
      // A vector, or a calculation with numbers that were rounded before.
      relative = max(shown, 5e-4)
      return
    }
    relative = shown * 1.000001
    if number.significant >= 3 { typed = Self.power(number.last) / 2 * 1.000001 }
  }

  /// Whether two readings are the same to that.
  func agree(_ answer: Reading, _ expected: Reading) -> Bool {
    guard answer.shape == expected.shape || answer.shape.count == 1 && expected.shape.count == 1
    else { return false }
    let scale = expected.elements.map(\.magnitude).max() ?? 0
    return zip(answer.elements, expected.elements).allSatisfy { mine, its in
      mine == its || (mine - its).magnitude <= max(scale * relative, min(typed, scale * 0.005))
        || scale == 0 && mine.magnitude < 1e-6
    }
  }

  /// How many significant digits a number is written with, and the place of the last; nil where the
  /// text is no single number.
  private static func digits(of text: String) -> (significant: Int, last: Int)? {
    var significant = 0
    var last = 0
    var isFraction = false
    var exponent = ""
    var isExponent = false
    for (index, character) in text.enumerated() {
      switch character {
      case "-" where index == 0, "+" where index == 0, "−" where index == 0: continue
      case "." where !isFraction && !isExponent: isFraction = true
      case "e" where !isExponent && index > 0, "E" where !isExponent && index > 0:
        isExponent = true
      case "0"..."9" where !isExponent:
        if significant > 0 || character != "0" { significant += 1 }
        if isFraction { last -= 1 }
      case "0"..."9", "-", "+": exponent.append(character)
      default: return nil
      }
    }
    if isExponent {
      guard let power = Int(exponent), power.magnitude < 1000 else { return nil }
      last += power
    }
    return (significant, last)
  }

  /// A power of ten, not beyond what a double holds.
  private static func power(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<min(exponent.magnitude, 330) { power = exponent < 0 ? power / 10 : power * 10 }
    return power
  }
}
