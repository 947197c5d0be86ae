// Forward mode, comparisons, paths and checks through sessions.

import BackstepTrace
import Testing

@testable import Backstep

@Suite struct ForwardModeTests {
  /// Definitions with a last formula L.
  static let programs = [
    "w = 0.5; x = 2; b = -1; L = bce(sigmoid(w*x + b), 1)",
    "x = 3; y = -2; u = x*y; L = u*sin(u) + x^2*u",
    "a = 1.5; b = 0.5; L = (sin(a/b) + a/b - exp(b))*(a/b - exp(b))",
    "c = 2; t = 0.3; L = where(c > 1, t^c, log(t)) + hypot(t, c) + atan2(t, c)",
    "W = [[1, -2], [0.5, 3]]; x = [0.1, -0.2]; b = [0, 1]; L = sum(tanh(W @ x + b)^2)",
    "X = [[1, 2], [3, -1], [0, 2]]; W = [[0.1, 0.2], [-0.3, 0.4]]; L = cross_entropy(X @ W, [1, 2, 2])",
    "x = [1, 2, 4]; L = logsumexp(x) + norm(x) + var(x) + prod(x) + max(x) + dot(x, x)",
    "x = [0.1, 0.7, -0.3]; L = sum(softmax(x)*log_softmax(x)) + x[2]*sum(x[1:2])",
    "A = [[1, 2], [3, 4]]; v = [5, 6]; L = sum(concat(A, outer(v, v)) * stack(v, v, v, v))",
    "A = [[1, 2], [3, 4]]; L = mean(A' @ A / sum(A, axis=1)) + std(reshape(A, 4))",
    "p = [0.2, 0.9]; L = bce(p, [0, 1]) + mse(p, 0.5) + huber(p, [3, 0]) + mean(clamp(p, 0.3, 1))",
  ]

  @Test(arguments: programs)
  func bothWaysAgreeAndSoDoDifferences(_ program: String) throws {
    var talk = Conversation()
    try talk.run(program + "; compare L; check L")
    let comparison = try #require(talk.host.comparisons.last)
    #expect(comparison.agree, "\(comparison.largestDifference)")
    #expect(comparison.forward.passes == comparison.inputs)
    #expect(comparison.reverse.passes == comparison.outputs)
    #expect(comparison.rows.count == min(32, comparison.inputs * comparison.outputs))
    #expect(talk.host.checks.allSatisfy { $0.pass && $0.error < 1e-6 })
    #expect(!talk.host.checks.isEmpty)
  }

  @Test(arguments: [1, 10, 100, 1000])
  func forwardModeGrowsWithTheInputsTimesTheGraph(_ inputs: Int) throws {
    // s1 = w1*x, s2 = s1 + w2*x, …: from wi on there are inputs - i + 2 edges; i = 1 has one less.
    var text = "const x = 2; w1 = 1; s1 = w1*x"
    for i in 1..<max(1, inputs) { text += "; w\(i + 1) = 1; s\(i + 1) = s\(i) + w\(i + 1)*x" }
    var talk = Conversation()
    try talk.run(text + "; compare s\(inputs)")
    let comparison = try #require(talk.host.comparisons.last)
    let expected = inputs + (2...max(2, inputs + 1)).dropLast().reduce(0) { $0 + inputs - $1 + 2 }
    #expect(comparison.forward.multiplications == (inputs == 1 ? 1 : expected))
    #expect(comparison.reverse.multiplications == 3 * inputs - 2)
    #expect(comparison.agree)
  }

  /// Of n inputs forward mode takes n times the graph, backpropagation the graph: counted by hand in
  /// the transcript growth/vector.grad.
  @Test func growthIsCountedForEverySize() throws {
    var talk = Conversation()
    try talk.run("n = 3; w = ones(n); L = tanh(sum(w*2))^2; compare L by n, 1, 7, 50; n")
    let growth = try #require(talk.host.growths.last)
    #expect(growth.rows.map(\.size) == [1, 7, 50])
    for row in growth.rows {
      let n = row.size
      #expect(row.comparison.inputs == n)
      #expect(row.comparison.forward.operations == n * (2 * n + 1))
      #expect(row.comparison.reverse.operations == n + 2)
      #expect(row.comparison.agree)
    }
    #expect(talk.host.values == [3], "the size is what it was")
  }

  /// Values by JAX in double precision.
  @Test(arguments: [
    (
      "x = 1; y = 2; f = x^2*y + sin(x*y); hessian f wrt x, y",
      [0.36281029269727316, -0.234741690198506, -0.234741690198506, -0.9092974268256817]
    ),
    (
      "W = [[1, 2], [3, 4]]; x = [0.1, -0.2]; L = sum(tanh(W @ x)^2); hessian L wrt x, W[1,2]",
      [
        6.4511897, 9.51112367, -0.27286122, 9.51112367, 14.50057304, -1.07890432, -0.27286122,
        -1.07890432, 0.05457224,
      ]
    ),
    (
      "x = [0.1, -0.2]; hessian logsumexp(x) wrt x",
      [0.24445831, -0.24445831, -0.24445831, 0.24445831]
    ),
  ])
  func secondDerivativesAreThoseOfJAX(_ program: String, _ expected: [Double]) throws {
    var talk = Conversation()
    try talk.run(program)
    let matrix = try #require(talk.host.matrices.last)
    #expect(matrix.kind == .hessian && matrix.numbers.count == expected.count)
    for (number, value) in zip(matrix.numbers, expected) { #expect(abs(number - value) < 1e-8) }
  }

  @Test func aHessianIsTheJacobianOfTheGradientByDifferences() throws {
    var talk = Conversation()
    let text = "x = [0.3, -0.7, 1.1]; c = 0.4; L = sum(softmax(x)*x^2)/(c + norm(x)) + prod(x)*c"
    try talk.run(text + "; hessian L wrt x, c")
    let matrix = try #require(talk.host.matrices.last)
    let step = 1e-5
    for column in 0..<4 {
      func gradient(_ sign: Double) throws -> [Double] {
        var point = [0.3, -0.7, 1.1, 0.4]
        point[column] += sign * step
        try talk.run("x = [\(point[0]), \(point[1]), \(point[2])]; c = \(point[3]); dL/dx; dL/dc")
        return Array(talk.host.values.suffix(4))
      }
      for (row, (up, down)) in zip(try gradient(1), try gradient(-1)).enumerated() {
        #expect(abs(matrix.numbers[row * 4 + column] - (up - down) / (2 * step)) < 1e-8)
      }
    }
  }

  @Test func theNeuronIsCountedAsByHand() throws {
    var talk = Conversation()
    try talk.run(
      "w1 = 0.5; w2 = -0.3; b = 0.1; x1 = 1; x2 = 2; const y = 1; "
        + "a = sigmoid(w1*x1 + w2*x2 + b); L = bce(a, y); compare L")
    let comparison = try #require(talk.host.comparisons.last)
    #expect(
      comparison.forward == PassCost(passes: 5, multiplications: 23, additions: 0, stored: 6))
    #expect(
      comparison.reverse == PassCost(passes: 1, multiplications: 10, additions: 0, stored: 23))
  }

  @Test func tangentsOfAFunctionOfTwoVariables() throws {
    // Baydin, Pearlmutter, Radul and Siskind, Automatic differentiation in machine learning: a survey
    // (2018), table 2: f = ln(x1) + x1·x2 − sin(x2) at (2, 5), along x1.
    var talk = Conversation()
    try talk.run("x1 = 2; x2 = 5; f = log(x1) + x1*x2 - sin(x2); tangent f wrt x1")
    let tangents = talk.host.trace.events.compactMap { event -> Double? in
      guard case .tangent(let tangent) = event else { return nil }
      return tangent.tangent.elements[0]
    }
    #expect(tangents == [1, 0.5, 0, 5, 5.5, 0, 5.5])
  }

  @Test func pathsOfADeepGraphAreCountedExactly() throws {
    var text = "v0 = 1"
    for i in 1...200 { text += "; v\(i) = v\(i - 1) + v\(i - 1)" }
    var talk = Conversation()
    try talk.run(text + "; paths v200 wrt v0")
    let list = try #require(talk.host.pathLists.last)
    // 2^200.
    #expect(list.count == "1606938044258990275541962092341162602522202993782792835301376")
    #expect(list.sum == .scalar(0x1p200))
    #expect(list.edges == 400)
    #expect(list.paths.count == 8)
    #expect(list.paths.allSatisfy { $0.product == .scalar(1) && $0.locals.count == 200 })
  }

  @Test(arguments: programs.prefix(2))
  func listedPathsAddUpToTheDerivative(_ program: String) throws {
    var talk = Conversation()
    try talk.run(program + "; paths L wrt x")
    let list = try #require(talk.host.pathLists.last)
    #expect(list.listing == .all && list.count == "\(list.paths.count)")
    let sum = list.paths.reduce(0) { $0 + $1.product.first }
    #expect(abs(sum - list.sum.first) <= 1e-12 * max(1, abs(list.sum.first)))
  }

  @Test func productsOfJacobiansAddUpToTheDerivative() throws {
    // A network that uses its weights three times, and its state in both operands of a product.
    var talk = Conversation()
    try talk.run(
      """
      W = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6], [0.7, 0.8, 0.9]]; const x = [1, -1, 0.5]; b = [0.1, 0.2, 0.3]
      h1 = tanh(W @ x + b); h2 = tanh(W @ h1 + b)*h1; h3 = softmax(W @ h2 + b)
      L = cross_entropy(h3*h3, 2)
      """)
    for (of, wrt) in [("L", "W"), ("L", "b"), ("L", "W[2,3]"), ("h3", "W"), ("h3", "b[1]")] {
      try talk.run("paths \(of) wrt \(wrt)")
      let list = try #require(talk.host.pathLists.last)
      #expect(list.hasJacobians && list.listing == .all && list.count == "\(list.paths.count)")
      #expect(list.paths.count > 3)
      var sums = list.sum.elements.map { _ in 0.0 }
      for path in list.paths {
        #expect(path.product.shape == list.sum.shape && path.jacobians.count == path.edges.count)
        for (index, number) in path.product.elements.enumerated() { sums[index] += number }
      }
      for (sum, whole) in zip(sums, list.sum.elements) {
        #expect(abs(sum - whole) <= 1e-14, "\(of) wrt \(wrt)")
      }
    }
  }
}
