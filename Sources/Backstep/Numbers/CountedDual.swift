// Dual numbers that count what they do to tangents.

import Synchronization

/// A dual number that counts the multiplications and additions its tangent takes.
///
/// What does not depend on the input costs nothing. What does is counted whatever the tangent's
/// value: a pass does not look for zeros.
struct CountedDual: Scalar {
  /// What was counted.
  struct Counts: Sendable {
    var multiplications = 0
    var additions = 0
  }

  var dual: Dual
  /// Whether it depends on the input.
  private var isActive: Bool

  @inline(__always) init(_ dual: Dual, isActive: Bool) {
    self.dual = dual
    self.isActive = isActive
  }
  @inline(__always) init(_ constant: Double) { self.init(Dual(constant), isActive: false) }
  var primal: Double { dual.primal }
  var isNothing: Bool { dual.isNothing }

  private static let multiplications = Atomic(0)
  private static let additions = Atomic(0)
  /// Only one count at a time.
  private static let lock = Mutex(())

  /// Runs `body` and tells what it took.
  static func counting<Result>(_ body: () -> Result) -> (Result, Counts) {
    lock.withLock { _ in
      multiplications.store(0, ordering: .relaxed)
      additions.store(0, ordering: .relaxed)
      let result = body()
      return (
        result,
        Counts(
          multiplications: multiplications.load(ordering: .relaxed),
          additions: additions.load(ordering: .relaxed))
      )
    }
  }

  // Whoever counts holds the lock, so that reading and writing need not be one step, which takes long.
  private static func multiply(_ count: Int) {
    multiplications.store(multiplications.load(ordering: .relaxed) + count, ordering: .relaxed)
  }
  private static func add(_ count: Int) {
    additions.store(additions.load(ordering: .relaxed) + count, ordering: .relaxed)
  }
  /// 1 where it depends on the input, else 0.
  private var moves: Int { isActive ? 1 : 0 }

  static func + (x: Self, y: Self) -> Self {
    add(x.moves & y.moves)
    return Self(x.dual + y.dual, isActive: x.isActive || y.isActive)
  }
  static func - (x: Self, y: Self) -> Self {
    add(x.moves & y.moves)
    return Self(x.dual - y.dual, isActive: x.isActive || y.isActive)
  }
  static func * (x: Self, y: Self) -> Self {
    multiply(x.moves + y.moves)
    add(x.moves & y.moves)
    return Self(x.dual * y.dual, isActive: x.isActive || y.isActive)
  }
  static func / (x: Self, y: Self) -> Self {
    multiply(x.moves + y.moves)
    add(x.moves & y.moves)
    return Self(x.dual / y.dual, isActive: x.isActive || y.isActive)
  }
  static prefix func - (x: Self) -> Self { Self(-x.dual, isActive: x.isActive) }

  /// A function of one number: its slope times the tangent.
  @inline(__always) private static func map(_ x: Self, _ result: Dual) -> Self {
    multiply(x.moves)
    return Self(result, isActive: x.isActive)
  }
  /// A function of two numbers.
  @inline(__always) private static func map(_ x: Self, _ y: Self, _ result: Dual) -> Self {
    multiply(x.moves + y.moves)
    add(x.moves & y.moves)
    return Self(result, isActive: x.isActive || y.isActive)
  }

  static func sqrt(_ x: Self) -> Self { map(x, Dual.sqrt(x.dual)) }
  static func cbrt(_ x: Self) -> Self { map(x, Dual.cbrt(x.dual)) }
  static func exp(_ x: Self) -> Self { map(x, Dual.exp(x.dual)) }
  static func expm1(_ x: Self) -> Self { map(x, Dual.expm1(x.dual)) }
  static func log(_ x: Self) -> Self { map(x, Dual.log(x.dual)) }
  static func log2(_ x: Self) -> Self { map(x, Dual.log2(x.dual)) }
  static func log10(_ x: Self) -> Self { map(x, Dual.log10(x.dual)) }
  static func log1p(_ x: Self) -> Self { map(x, Dual.log1p(x.dual)) }
  static func sin(_ x: Self) -> Self { map(x, Dual.sin(x.dual)) }
  static func cos(_ x: Self) -> Self { map(x, Dual.cos(x.dual)) }
  static func tan(_ x: Self) -> Self { map(x, Dual.tan(x.dual)) }
  static func asin(_ x: Self) -> Self { map(x, Dual.asin(x.dual)) }
  static func acos(_ x: Self) -> Self { map(x, Dual.acos(x.dual)) }
  static func atan(_ x: Self) -> Self { map(x, Dual.atan(x.dual)) }
  static func sinh(_ x: Self) -> Self { map(x, Dual.sinh(x.dual)) }
  static func cosh(_ x: Self) -> Self { map(x, Dual.cosh(x.dual)) }
  static func tanh(_ x: Self) -> Self { map(x, Dual.tanh(x.dual)) }
  static func asinh(_ x: Self) -> Self { map(x, Dual.asinh(x.dual)) }
  static func acosh(_ x: Self) -> Self { map(x, Dual.acosh(x.dual)) }
  static func atanh(_ x: Self) -> Self { map(x, Dual.atanh(x.dual)) }
  static func erf(_ x: Self) -> Self { map(x, Dual.erf(x.dual)) }
  static func erfc(_ x: Self) -> Self { map(x, Dual.erfc(x.dual)) }
  static func normal(_ x: Self) -> Self { map(x, Dual.normal(x.dual)) }
  static func bell(_ x: Self, width: Double) -> Self { map(x, Dual.bell(x.dual, width: width)) }
  static func atan2(_ y: Self, _ x: Self) -> Self { map(y, x, Dual.atan2(y.dual, x.dual)) }
  static func hypot(_ x: Self, _ y: Self) -> Self { map(x, y, Dual.hypot(x.dual, y.dual)) }
  static func pow(_ x: Self, _ y: Self) -> Self { map(x, y, Dual.pow(x.dual, y.dual)) }
  static func edge(
    _ value: Double, _ slopeX: Double, _ x: Self, _ slopeY: Double, _ y: Self
  ) -> Self {
    map(x, y, Dual.edge(value, slopeX, x.dual, slopeY, y.dual))
  }
}
