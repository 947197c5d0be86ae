// Where the tests look: sample points of the rules, and many more drawn from the domains.

@testable import Backstep

/// The same numbers in every run (SplitMix64).
struct Deterministic: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

extension Domain {
  /// A number from the domain: ordinary ones, large and small ones, and some close to an end.
  func draw(_ generator: inout Deterministic) -> Double {
    let size = Double.exp(Double.random(in: -18...3.5, using: &generator))
    let number: Double
    switch Int.random(in: 0..<4, using: &generator) {
    case 0 where lower.isFinite: number = lower + size
    case 1 where upper.isFinite: number = upper - size
    case 2: number = Bool.random(using: &generator) ? size : -size
    default:
      number = Double.random(in: max(lower, -4)...min(upper, 4), using: &generator)
    }
    return contains(number) ? number : draw(&generator)
  }

  /// Numbers that are not in the domain; none for all real numbers.
  var outside: [Double] {
    var numbers: [Double] = []
    if lower.isFinite { numbers += [lower - 1e-9, lower - 0.5, lower - 1e6] }
    if upper.isFinite { numbers += [upper + 1e-9, upper + 0.5, upper + 1e6] }
    if lower.isFinite, !includesLower { numbers.append(lower) }
    if upper.isFinite, !includesUpper { numbers.append(upper) }
    return numbers
  }
}

extension OperationEntry {
  /// The samples and two hundred points from the operands' domains, where there is a value.
  var points: [[Double]] {
    var generator = Deterministic(state: UInt64(operation.rawValue))
    let drawn = (0..<200).map { _ in operands.map { $0.domain.draw(&generator) } }
    return samples + drawn.filter { operation.value($0).isFinite }
  }

  /// The points without those where a side has a slope of its own.
  var smoothPoints: [[Double]] {
    points.filter { point in
      // Steps that lie closer together than differences reach.
      if [.floor, .ceil, .round].contains(operation), abs(point[0]) > 1e3 { return false }
      switch operation.remark(point) {
      case .kink, .tieSplit: return false
      default: return operation != .clamp || !point[1...].contains(point[0])
      }
    }
  }
}
