// Products of matrices by whichever library, and random numbers that are the same everywhere.

import Testing

@testable import Backstep

/// Two matrices, each as it is or transposed.
private struct Factors: CustomStringConvertible {
  let (m, k, n): (Int, Int, Int)
  let transposesFirst: Bool
  let transposesSecond: Bool
  let x: [Double]
  let y: [Double]

  /// All four ways of transposing factors of these sizes.
  static func all(_ m: Int, _ k: Int, _ n: Int) -> [Factors] {
    [(false, false), (true, false), (false, true), (true, true)].map {
      var generator = Deterministic(state: UInt64(m * k * n))
      func draw(_ count: Int) -> [Double] {
        (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
      }
      return Factors(
        m: m, k: k, n: n, transposesFirst: $0, transposesSecond: $1, x: draw(m * k),
        y: draw(k * n))
    }
  }

  var description: String {
    "\(m)×\(k)×\(n)\(transposesFirst ? ", first transposed" : "")"
      + "\(transposesSecond ? ", second transposed" : "")"
  }

  /// Whether these are the entries of the product.
  func expectProduct(
    _ product: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var worst = 0.0
    for i in 0..<m {
      for j in 0..<n {
        var (sum, size) = (0.0, 0.0)
        for p in 0..<k {
          let term =
            (transposesFirst ? x[p * m + i] : x[i * k + p])
            * (transposesSecond ? y[j * k + p] : y[p * n + j])
          sum += term
          size += abs(term)
        }
        let gap = abs(product[i * n + j] - sum) / size
        if !(gap <= worst) { worst = gap }
      }
    }
    #expect(worst <= Double(k) * .ulpOfOne, "\(self)", sourceLocation: sourceLocation)
  }

  /// The product by a function that writes it over what was there, which is not a number.
  func product<T: Scalar>(
    _ type: T.Type,
    _ multiply: (UnsafeMutablePointer<T>, UnsafeMutablePointer<T>, UnsafeMutablePointer<T>) -> Void
  ) -> [T] {
    withMemory(x.map { T($0) }) { x in
      withMemory(y.map { T($0) }) { y in
        withMemory(Array(repeating: T(.nan), count: m * n)) { out in
          multiply(x, y, out)
          return (0..<m * n).map { out[$0] }
        }
      }
    }
  }

  private func withMemory<T, Answer>(
    _ numbers: [T], _ body: (UnsafeMutablePointer<T>) -> Answer
  ) -> Answer {
    let memory = UnsafeMutablePointer<T>.allocate(capacity: numbers.count)
    memory.initialize(from: numbers, count: numbers.count)
    defer { memory.deallocate() }
    return body(memory)
  }
}

@Suite struct MatrixKernelTests {
  private static let sizes: [(Int, Int, Int)] = [
    (1, 1, 1), (1, 5, 1), (5, 1, 3), (2, 3, 4), (7, 5, 3), (3, 1, 1), (1, 4, 6), (17, 13, 19),
    (33, 31, 29), (101, 99, 103),
  ]

  @Test(arguments: sizes)
  func theProductIsTheSumOfProducts(_ m: Int, _ k: Int, _ n: Int) {
    for factors in Factors.all(m, k, n) {
      // The smaller ones by our own loops, the larger ones by the system's library where it is.
      factors.expectProduct(
        factors.product(Double.self) { x, y, out in
          MatrixKernel.multiply(
            m, k, n, x, transposesFirst: factors.transposesFirst, y,
            transposesSecond: factors.transposesSecond, into: out)
        })
      // Of dual numbers always by our own.
      let duals = factors.product(Dual.self) { x, y, out in
        for index in 0..<m * k { x[index].tangent = 1 }
        for index in 0..<k * n { y[index].tangent = 0 }
        MatrixKernel.multiply(
          m, k, n, x, transposesFirst: factors.transposesFirst, y,
          transposesSecond: factors.transposesSecond, into: out)
      }
      factors.expectProduct(duals.map(\.primal))
      // The tangent is the product with a matrix of ones.
      let ones = Factors(
        m: m, k: k, n: n, transposesFirst: factors.transposesFirst,
        transposesSecond: factors.transposesSecond, x: Array(repeating: 1, count: m * k),
        y: factors.y)
      ones.expectProduct(duals.map(\.tangent))
    }
  }

  @Test(.enabled(if: BLAS.loaded(for: 10_000_000) != nil, "there is no BLAS"), arguments: sizes)
  func theSystemsLibraryAgrees(_ m: Int, _ k: Int, _ n: Int) throws {
    let blas = try #require(BLAS.loaded(for: 10_000_000))
    for factors in Factors.all(m, k, n) {
      factors.expectProduct(
        factors.product(Double.self) { x, y, out in
          blas.multiply(m, k, n, x, factors.transposesFirst, y, factors.transposesSecond, out)
        })
    }
  }
}

@Suite struct RandomTests {
  /// Computed by another program.
  private static let uniform: [(UInt64, [Double])] = [
    (0, [0x1.4c5d7585242c8p-2, 0x1.8769bcf70e034p-2, 0x1.703f7e47b269ep-2, 0x1.775fc61ddf2c0p-7]),
    (1, [0x1.9f8ba0fede078p-1, 0x1.7e8482652c7fcp-1, 0x1.9a37d5757aaf0p-4, 0x1.7e10233e0b9aap-1]),
    (42, [0x1.a0ec9a9e88ecdp-1, 0x1.467905d15dbccp-2, 0x1.f7c0f9f61849dp-1, 0x1.66fb3ec019b06p-1]),
  ]
  private static let normal: [(UInt64, [Double])] = [
    (
      0,
      [-0x1.8a8af17f2fe67p+0, -0x1.08da2bc24f66ep+0, -0x1.08d7cb6a3955dp-8, -0x1.a373ec4a72f01p-2]
    ),
    (1, [0x1.7fe2b6e80acbfp-1, 0x1.306aac6d7be1ep-1, -0x1.b4f02841c1196p-2, 0x1.0d0e2ada3c016p-2]),
    (
      42,
      [0x1.f679d98b6ab7bp-1, -0x1.21a610c887574p-1, 0x1.571f94d19c30ap+0, 0x1.9bf7e7b2c7e67p-2]
    ),
  ]

  @Test(arguments: uniform)
  func uniformNumbersAreTheSameEverywhere(_ seed: UInt64, _ numbers: [Double]) {
    var random = Random(seed: seed)
    #expect(numbers.map { _ in random.uniform() } == numbers)
  }

  @Test(arguments: normal)
  func normalNumbersAreTheSameEverywhere(_ seed: UInt64, _ numbers: [Double]) {
    var random = Random(seed: seed)
    #expect(numbers.map { _ in random.normal() } == numbers)
  }

  /// A hundred thousand draws: the moments are as far away as chance allows, four deviations.
  @Test func theMomentsAreThoseOfTheDistributions() {
    var random = Random(seed: 7)
    let count = 100_000
    let root = Double(count).squareRoot()
    let uniform = (0..<count).map { _ in random.uniform() }
    let normal = (0..<count).map { _ in random.normal() }
    func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(count) }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(mean(uniform) - 0.5) < 4 * (1.0 / 12).squareRoot() / root)
    #expect(abs(mean(uniform.map { ($0 - 0.5) * ($0 - 0.5) }) - 1.0 / 12) < 4 * 0.0746 / root)
    #expect(abs(mean(normal)) < 4 / root)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 4 * 2.0.squareRoot() / root)
    #expect(abs(mean(normal.map { $0 * $0 * $0 })) < 4 * 15.0.squareRoot() / root)
    #expect(abs(mean(normal.map { $0 * $0 * $0 * $0 }) - 3) < 4 * 96.0.squareRoot() / root)
    // Neighbours, two of which come from one draw, have nothing to do with each other.
    let products = zip(normal, normal.dropFirst()).map { $0 * $1 }
    #expect(abs(products.reduce(0, +) / Double(count)) < 4 / root)
  }

  @Test func theLogarithmIsAccurateTo2ULP() {
    var generator = Deterministic(state: 8)
    var points = (0..<5000).map { _ in Double.random(in: 0...1, using: &generator) }
    points += (0..<4000).map { _ in Double.exp(Double.random(in: -700...700, using: &generator)) }
    points += (0..<1000).map { _ in 1 + Double.random(in: -1e-3...1e-3, using: &generator) }
    points += [1, 0.5, 2, .leastNormalMagnitude, .leastNonzeroMagnitude, 1 - 0x1p-53, 1 + 0x1p-52]
    for x in points where x > 0 {
      let error = Accuracy.error(Random.logarithm(x), Double.log(x))
      #expect(error <= 2, "at \(x)")
    }
  }
}
