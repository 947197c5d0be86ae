// Functions that make numbers from sizes: zeros, ones, ranges, random numbers.

import BackstepLanguage
import BackstepTrace

/// A function of whole numbers that are known when the graph is built; its result is a constant.
struct Constructor: Sendable {
  let name: String
  /// How it is called.
  let usage: String
  let summary: String
  let notes: String
  let example: String
  /// How many arguments it takes.
  let arity: ClosedRange<Int>
  /// Whether the arguments are sizes, so at least 1.
  var takesSizes = true
  /// Whether it draws random numbers.
  var isRandom = false
  /// What to look at as well.
  var seeAlso: [String] {
    let family = isRandom ? ["rand", "randn", "seed"] : ["zeros", "ones", "eye", "range"]
    return family.filter { $0 != name }
  }
  /// Makes the value; sizes have been checked.
  let make: @Sendable ([Int], inout Random) -> Value

  /// All of them, in the order in which help lists them.
  static let all: [Constructor] = [
    Constructor(
      name: "zeros", usage: "zeros(r, c)", summary: "a vector or a matrix of zeros",
      notes: "zeros(n) is a vector.", example: "zeros(3)\nzeros(2, 3)", arity: 1...2
    ) { sizes, _ in tensor(sizes) { $0.fill(0) } },
    Constructor(
      name: "ones", usage: "ones(r, c)", summary: "a vector or a matrix of ones",
      notes: "ones(n) is a vector.", example: "ones(3)\nones(2, 3)", arity: 1...2
    ) { sizes, _ in tensor(sizes) { $0.fill(1) } },
    Constructor(
      name: "eye", usage: "eye(n)", summary: "the identity matrix of n rows",
      notes: "", example: "eye(3)", arity: 1...1
    ) { sizes, _ in
      tensor([sizes[0], sizes[0]]) { block in
        block.fill(0)
        for place in 0..<sizes[0] { block[place * (sizes[0] + 1)] = 1 }
      }
    },
    Constructor(
      name: "range", usage: "range(a, b)", summary: "the whole numbers from a to b, both included",
      notes: "", example: "range(1, 5)\nrange(-2, 2)/2", arity: 2...2, takesSizes: false
    ) { bounds, _ in
      tensor([bounds[1] - bounds[0] + 1]) { block in
        for place in 0..<block.count { block[place] = Double(bounds[0] + place) }
      }
    },
    Constructor(
      name: "rand", usage: "rand(r, c)", summary: "random numbers from 0 to 1",
      notes: randomNotes, example: "seed(1)\nrand(3)\nW = rand(2, 3)", arity: 0...2, isRandom: true
    ) { sizes, random in draw(sizes) { random.uniform() } },
    Constructor(
      name: "randn", usage: "randn(r, c)", summary: "random numbers of mean 0 and variance 1",
      notes: randomNotes, example: "seed(1)\nrandn(3)\nW = 0.1*randn(2, 3)", arity: 0...2,
      isRandom: true
    ) { sizes, random in draw(sizes) { random.normal() } },
    Constructor(
      name: "seed", usage: "seed(n)", summary: "starts the random numbers anew from n",
      notes: "The same seed gives the same numbers in every session and on every machine.",
      example: "seed(7); a = rand(2)\nseed(7); b = rand(2)\na - b", arity: 1...1,
      takesSizes: false, isRandom: true
    ) { numbers, random in
      random = Random(seed: UInt64(bitPattern: Int64(numbers[0])))
      return .number(Double(numbers[0]))
    },
  ]

  private static let randomNotes = """
    Without sizes it is a number, rand(n) is a vector. They are drawn once, when an input is \
    defined or with ':='; save keeps the numbers. Without seed(n) a session begins as after seed(0).
    """

  /// The constructor of a name.
  static func named(_ name: String) -> Constructor? { all.first { $0.name == name } }

  private static func shape(_ sizes: [Int]) -> Shape {
    sizes.count == 1 ? .vector(sizes[0]) : .matrix(sizes[0], sizes[1])
  }

  private static func tensor(_ sizes: [Int], _ fill: (Block<Double>) -> Void) -> Value {
    .tensor(Tensor(shape(sizes), fill: fill))
  }

  private static func draw(_ sizes: [Int], _ number: () -> Double) -> Value {
    guard !sizes.isEmpty else { return .number(number()) }
    return tensor(sizes) { block in
      var watch = Watch()
      for place in 0..<block.count {
        if watch.isOver(after: 0) { return }
        block[place] = number()
      }
    }
  }
}
