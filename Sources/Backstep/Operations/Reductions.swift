// Operations that make one number of many: sums, means, extremes, norms.

import BackstepLanguage
import BackstepTrace

/// What formulas about lanes are made of.
struct LaneText {
  let shape: Shape
  let axis: Int

  /// How many numbers a lane has.
  var count: Int { Lanes(shape, axis: axis).count }
  /// `, axis=2`, or nothing where all entries are one lane.
  var argument: String { isWhole ? "" : ", axis=\(axis)" }
  /// Whether all entries are one lane.
  var isWhole: Bool { axis == 0 || shape.rank < 2 }
  /// A tensor of ones of the operand's shape.
  var ones: String { shape.rank == 0 ? "1" : "ones(\(sizes))" }
  var sizes: String { shape.sizes.map { "\($0)" }.joined(separator: ", ") }

  /// A text for one number per lane, so that it is stretched along the lanes when it is multiplied.
  func stretched(_ text: String) -> String {
    isWhole || axis == 1 ? text : "reshape(\(text), \(shape.rows), 1)"
  }
}

/// An operation that makes one number of each lane.
protocol LaneReduction: StructuralRule {
  /// The number that a lane becomes.
  static func reduce<T: Scalar>(_ x: Lane<T>) -> T
  /// What each number of a lane is sent.
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>)
  /// The local derivative of a lane's result, in terms of x and `out`.
  static func slope(_ lanes: LaneText, out: String) -> String
  /// What there is to say of the derivative at a lane.
  static func remark(_ x: Lane<Double>, _ out: Double) -> Remark?
}

extension LaneReduction {
  static func remark(_ x: Lane<Double>, _ out: Double) -> Remark? { nil }

  static func remark(
    _ x: Operands<Double>, _ out: Block<Double>, _ attributes: Attributes
  ) -> Remark? {
    var found: Remark?
    x[0].forEachLane(Lanes(x[0].shape, axis: attributes.axis)) { number, lane in
      if found == nil { found = remark(lane, out[number]) }
    }
    return found
  }

  static var family: Family { .reductions }
  static var operands: [Operand] { [Operand("x"), .axis] }
  static var text: String { "\(label)(x)" }
  static var example: String {
    "A = [[1, 2, 4], [3, -1, 0.5]]\nf = \(label)(A)\ntrace f\n\(label)(A, axis=1)\n\(label)(A, axis=2)"
  }

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    try Lanes.reduced(operands[0], axis: attributes.axis)
  }

  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    let lanes = Lanes(x[0].shape, axis: attributes.axis)
    x[0].forEachLane(lanes) { number, lane in out[number] = reduce(lane) }
  }

  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    let lanes = Lanes(x[0].shape, axis: attributes.axis)
    x[0].forEachLane(lanes) { number, lane in
      pull(adjoint[number], lane, out[number], into: result.lane(number, lanes))
    }
  }

  static func text(_ operands: [Shape], _ attributes: Attributes) -> String {
    "\(label)(x\(attributes.axis == 0 ? "" : ", axis=\(attributes.axis)"))"
  }

  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    let lanes = LaneText(shape: operands[0], axis: attributes.axis)
    guard !lanes.isWhole else { return .local(slope(lanes, out: "out")) }
    return .contribution("\(lanes.stretched("adj"))*\(slope(lanes, out: lanes.stretched("out")))")
  }
}

/// A reduction whose slope is divided by its result, and is 0 where that is 0.
protocol LaneLength: LaneReduction {}

extension LaneLength {
  static func isSingular(_ x: Reading, _ out: Reading) -> Bool { out.elements.contains(0) }
  static func stablePullFormula(
    slot: Int, _ operands: [Shape], _ attributes: Attributes, isSingular: Bool
  ) -> PullFormula {
    guard isSingular else { return pullFormula(slot: slot, operands, attributes) }
    let lanes = LaneText(shape: operands[0], axis: attributes.axis)
    let out = lanes.stretched("out")
    let slope = "where(\(out) == 0, 0, \(slope(lanes, out: out)))"
    return lanes.isWhole ? .local(slope) : .contribution("\(lanes.stretched("adj"))*\(slope)")
  }
}

/// The sum.
enum Sum: LaneReduction {
  static let label = "sum"
  static let names = ["sum"]
  static let summary = "the sum of all entries, or along an axis"
  static let notes = """
    sum(A, axis=1) runs over the first index and leaves a number for each column; axis=2 leaves \
    one for each row. Backwards, every entry of the sum gets the adjoint.
    """
  static let seeAlso = ["mean", "prod"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T {
    var sum: T = 0
    for index in 0..<x.count { sum = sum + x[index] }
    return sum
  }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    for index in 0..<x.count { result[index] = adjoint }
  }
  static func slope(_ lanes: LaneText, out: String) -> String { lanes.ones }
}

/// The arithmetic mean.
enum Mean: LaneReduction {
  static let label = "mean"
  static let names = ["mean"]
  static let summary = "the mean of all entries, or along an axis"
  static let notes = "The sum divided by the number of entries; backwards each gets its share."
  static let seeAlso = ["sum", "var"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T { Sum.reduce(x) / T(Double(x.count)) }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    let share = adjoint * T(1 / Double(x.count))
    for index in 0..<x.count { result[index] = share }
  }
  static func slope(_ lanes: LaneText, out: String) -> String { "\(lanes.ones)/\(lanes.count)" }
}

/// The product.
enum Product: LaneReduction {
  static let label = "prod"
  static let names = ["prod"]
  static let summary = "the product of all entries, or along an axis"
  static let notes = """
    The derivative along an entry is the product of the others, also where an entry is 0 and \
    out/x has no value.
    """
  static let seeAlso = ["sum"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T {
    var product: T = 1
    for index in 0..<x.count { product = product * x[index] }
    return product
  }
  /// The products of what comes before and of what comes after each entry, so that none is divided.
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    var before: T = 1
    for index in 0..<x.count {
      result[index] = before
      before = before * x[index]
    }
    var after: T = 1
    for index in stride(from: x.count - 1, through: 0, by: -1) {
      result[index] = adjoint * (result[index] * after)
      after = after * x[index]
    }
  }
  static func slope(_ lanes: LaneText, out: String) -> String { "\(out)/x" }

  static func isSingular(_ x: Reading, _ out: Reading) -> Bool {
    x.elements.contains(0) || !out.elements.allSatisfy { $0.isFinite && $0 != 0 }
  }
  /// Where an entry is 0, the products of the others written out.
  static func stablePullFormula(
    slot: Int, _ operands: [Shape], _ attributes: Attributes, isSingular: Bool
  ) -> PullFormula {
    let shape = operands[0]
    let lanes = LaneText(shape: shape, axis: attributes.axis)
    let length = shape.count.multipliedReportingOverflow(by: lanes.count)
    guard isSingular, !length.overflow, length.partialValue <= longest else {
      return pullFormula(slot: slot, operands, attributes)
    }
    guard shape.rank > 0 else { return .local("1") }
    let texts = (0..<shape.count).map { place -> String in
      let others = (0..<shape.count).filter { other in
        other != place
          && (lanes.isWhole
            || (attributes.axis == 1
              ? other % shape.columns == place % shape.columns
              : other / shape.columns == place / shape.columns))
      }
      return others.isEmpty ? "1" : others.map { "x\(shape.index(of: $0))" }.joined(separator: "*")
    }
    var list = "[\(texts.joined(separator: ", "))]"
    if shape.rank == 2 {
      let rows = (0..<shape.rows).map { row in
        "[\(texts[row * shape.columns..<(row + 1) * shape.columns].joined(separator: ", "))]"
      }
      list = "[\(rows.joined(separator: ", "))]"
    }
    return lanes.isWhole ? .local(list) : .contribution("\(lanes.stretched("adj"))*\(list)")
  }
  /// How many factors are written out.
  private static let longest = 100_000
}

/// The largest entry.
enum Largest: LaneReduction {
  static let label = "max"
  static let names: [String] = []
  static let summary = "the largest entry, of all or along an axis"
  static let notes = """
    Entries that are equal share the derivative. One NaN makes the result NaN, and so are the \
    derivatives along those that are.
    """

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T { extreme(x) { $0 > $1 } }

  /// The entry that comes before all others; of those that are equal the mean, so that each has its
  /// share of the slope.
  @inline(__always) static func extreme<T: Scalar>(
    _ x: Lane<T>, _ isBefore: (Double, Double) -> Bool
  ) -> T {
    var first = x[0]
    var ties = 1.0
    for index in 1..<max(1, x.count) {
      if first.primal.isNaN { return first }
      let entry = x[index]
      if isBefore(entry.primal, first.primal) || entry.primal.isNaN {
        (first, ties) = (entry, 1)
      } else if entry.primal == first.primal {
        ties += 1
        first = T.edge(first.primal, (ties - 1) / ties, first, 1 / ties, entry)
      }
    }
    return first
  }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    var ties = 0.0
    for index in 0..<x.count where x[index].primal == out.primal { ties += 1 }
    let share = T(1 / ties)
    for index in 0..<x.count {
      let entry = x[index].primal
      result[index] = entry == out.primal ? adjoint * share : entry.isNaN ? T(.nan) : 0
    }
  }
  static func remark(_ x: Lane<Double>, _ out: Double) -> Remark? {
    (0..<x.count).count { x[$0] == out } > 1 ? .tieSplit : nil
  }
  static func slope(_ lanes: LaneText, out: String) -> String {
    "(x == \(out))/\(lanes.stretched("sum(x == \(out)\(lanes.argument))"))"
  }
}

/// The smallest entry.
enum Smallest: LaneReduction {
  static let label = "min"
  static let names: [String] = []
  static let summary = "the smallest entry, of all or along an axis"
  static let notes = Largest.notes

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T { Largest.extreme(x) { $0 < $1 } }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    Largest.pull(adjoint, x, out, into: result)
  }
  static func remark(_ x: Lane<Double>, _ out: Double) -> Remark? { Largest.remark(x, out) }
  static func slope(_ lanes: LaneText, out: String) -> String { Largest.slope(lanes, out: out) }
}

/// The place of the largest entry.
enum ArgMax: LaneReduction {
  static let label = "argmax"
  static let names = ["argmax"]
  static let summary = "the index of the largest entry, counted from 1"
  static let notes = """
    Of equal entries it is the first, and NaN counts as the largest. For a matrix without axis= \
    the entries are counted row after row. It is flat: no derivative passes.
    """
  static let seeAlso = ["max", "onehot"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T {
    var place = 0
    for index in 1..<max(1, x.count) where !x[place].primal.isNaN {
      if x[index].primal > x[place].primal || x[index].primal.isNaN { place = index }
    }
    return T(Double(place + 1))
  }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    for index in 0..<x.count { result[index] = 0 }
  }
  static func remark(_ x: Lane<Double>, _ out: Double) -> Remark? { .flat }
  static func slope(_ lanes: LaneText, out: String) -> String { "0*x" }
}

/// How far the entries of a lane lie from their mean.
///
/// **Numbers** The mean is rounded, and all distances are off by that: what they add up to tells how much
/// and is taken off. Equal entries are then at a distance of exactly 0.
///
/// **Source** Chan, Golub and LeVeque, *Algorithms for computing the sample variance*, The American
/// Statistician 37 (1983): the corrected two-pass algorithm.
private struct Distances<T: Scalar> {
  private let x: Lane<T>
  private let mean: T
  private let rest: T

  init(_ x: Lane<T>) {
    self.x = x
    mean = Mean.reduce(x)
    var sum: T = 0
    for index in 0..<x.count { sum = sum + (x[index] - mean) }
    let rest = sum / T(Double(x.count))
    self.rest = rest.primal.isFinite ? rest : 0
  }

  subscript(index: Int) -> T { (x[index] - mean) - rest }

  /// The mean of the squares over the square of a power of two near the largest, and that power: so the
  /// squares neither overflow nor vanish.
  var scaled: (mean: T, scale: Double) {
    var largest = 0.0
    for index in 0..<x.count { largest = Maximum.value(largest, Abs.value(self[index].primal)) }
    guard largest > 0, largest < .infinity else { return (T(largest), 1) }
    let scale = Double(sign: .plus, exponent: largest.exponent, significand: 1)
    var sum: T = 0
    for index in 0..<x.count {
      let part = self[index] / T(scale)
      sum = sum + part * part
    }
    return (sum / T(Double(x.count)), scale)
  }
}

/// The variance of the entries as they are, not of a population they were drawn from.
enum Variance: LaneReduction {
  static let label = "var"
  static let names = ["var"]
  static let summary = "the mean squared distance from the mean"
  static let notes = "It is divided by the number of entries n, as in NumPy, not by n - 1."
  static let seeAlso = ["std", "mean"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T {
    let distances = Distances(x)
    var sum: T = 0
    for index in 0..<x.count {
      let distance = distances[index]
      sum = sum + distance * distance
    }
    return sum / T(Double(x.count))
  }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    let distances = Distances(x)
    for index in 0..<x.count {
      result[index] = adjoint * (T(2 / Double(x.count)) * distances[index])
    }
  }
  static func slope(_ lanes: LaneText, out: String) -> String {
    "2*(x - \(lanes.stretched("mean(x\(lanes.argument))")))/\(lanes.count)"
  }
}

/// The standard deviation of the entries as they are.
///
/// **Numbers** Where all entries are equal, a kink, the derivatives are 0, the subgradient of least
/// norm.
enum StandardDeviation: LaneLength {
  static let label = "std"
  static let names = ["std"]
  static let summary = "the standard deviation, the root of var"
  static let notes = """
    It is divided by the number of entries n, as in NumPy, not by n - 1. Where all entries are \
    equal, a kink, the derivatives are 0.
    """
  static let seeAlso = ["var"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T {
    let (variance, scale) = Distances(x).scaled
    return variance.primal == 0 ? 0 : T(scale) * T.sqrt(variance)
  }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    let distances = Distances(x)
    for index in 0..<x.count {
      result[index] =
        out.primal == 0 ? 0 : adjoint * (distances[index] / out / T(Double(x.count)))
    }
  }
  static func remark(_ x: Lane<Double>, _ out: Double) -> Remark? {
    out == 0 && x.count > 1 ? .kink : nil
  }
  static func slope(_ lanes: LaneText, out: String) -> String {
    // A single entry does not deviate, and out is 0.
    lanes.count == 1
      ? "0*x" : "(x - \(lanes.stretched("mean(x\(lanes.argument))")))/(\(lanes.count)*\(out))"
  }
}

/// The Euclidean norm; of a matrix the Frobenius norm.
///
/// **Numbers** The entries are divided by the largest first, so that no square overflows. At 0, a
/// kink, the derivatives are 0, the subgradient of least norm.
enum Norm: LaneLength {
  static let label = "norm"
  static let names = ["norm"]
  static let summary = "the Euclidean length: the root of the sum of squares"
  static let notes = """
    Of a matrix without axis= it is the Frobenius norm. At 0, a kink, the derivatives are 0.
    """
  static let seeAlso = ["dot", "hypot"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T {
    var scale = 0.0
    for index in 0..<x.count { scale = Maximum.value(scale, Abs.value(x[index].primal)) }
    guard scale > 0, scale < .infinity else { return T(scale) }
    var sum: T = 0
    for index in 0..<x.count {
      let part = x[index] / T(scale)
      sum = sum + part * part
    }
    return T(scale) * T.sqrt(sum)
  }
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    for index in 0..<x.count { result[index] = out.primal == 0 ? 0 : adjoint * (x[index] / out) }
  }
  static func remark(_ x: Lane<Double>, _ out: Double) -> Remark? { out == 0 ? .kink : nil }
  static func slope(_ lanes: LaneText, out: String) -> String { "x/\(out)" }
}

/// The logarithm of the sum of exponentials, a smooth maximum.
///
/// **Numbers** The largest entry is taken out of the sum, so that no exponential overflows.
enum LogSumExp: LaneReduction {
  static let label = "logsumexp"
  static let names = ["logsumexp"]
  static let summary = "log(sum(exp(x))), without overflow"
  static let notes = "Its derivative is softmax(x)."
  static let seeAlso = ["softmax", "log_softmax"]

  static func reduce<T: Scalar>(_ x: Lane<T>) -> T {
    let largest = Largest.reduce(x)
    guard largest.primal.isFinite else { return largest }
    let (shift, rest) = parts(x)
    return shift + rest
  }

  /// The largest entry, and how much larger the result is: log1p of what the others add, which keeps
  /// its digits where they add little.
  static func parts<T: Scalar>(_ x: Lane<T>) -> (largest: T, rest: T) {
    let place = x.top
    var others: T = 0
    for index in 0..<x.count where index != place {
      others = others + T.exp(x[index] - x[place])
    }
    return (x[place], T.log1p(others))
  }

  /// As softmax, and not as exp(x - out): of a large result the last digits are missing.
  static func pull<T: Scalar>(_ adjoint: T, _ x: Lane<T>, _ out: T, into result: Lane<T>) {
    Softmax.map(x, into: result)
    for index in 0..<x.count { result[index] = adjoint * result[index] }
  }
  static func stablePullFormula(
    slot: Int, _ operands: [Shape], _ attributes: Attributes, isSingular: Bool
  ) -> PullFormula {
    let lanes = LaneText(shape: operands[0], axis: attributes.axis)
    guard lanes.isWhole, operands[0].rank == 2 else {
      return pullFormula(slot: slot, operands, attributes)
    }
    return .local("reshape(softmax(flatten(x)), \(lanes.sizes))")
  }
  static func slope(_ lanes: LaneText, out: String) -> String {
    // Without axis= softmax goes along the rows of a matrix, and this over all of it.
    lanes.isWhole && lanes.shape.rank == 2
      ? "exp(x - \(out))" : "softmax(x\(lanes.argument))"
  }
}

// MARK: Softmax

extension Lane where T: Scalar {
  /// Where the largest entry is; of equal ones the first.
  var top: Int {
    var place = 0
    for index in 0..<count where self[index].primal > self[place].primal { place = index }
    return place
  }
}

/// An operation that makes a lane of each lane.
protocol LaneMap: StructuralRule {
  static func map<T: Scalar>(_ x: Lane<T>, into out: Lane<T>)
  static func pull<T: Scalar>(_ adjoint: Lane<T>, _ out: Lane<T>, into result: Lane<T>)
}

extension LaneMap {
  static var family: Family { .reductions }
  static var operands: [Operand] { [Operand("x"), .axis] }
  static var text: String { "\(label)(x)" }
  static var example: String {
    "z = [2, 1, 0.1]\np = \(label)(z)\nL = -\(label == "softmax" ? "log(p[1])" : "p[1]")\ntrace L"
  }

  /// Along the last axis where none is named: rows are samples.
  private static func lanes(_ shape: Shape, _ attributes: Attributes) -> Lanes {
    Lanes(shape, axis: attributes.axis == 0 ? shape.rank : attributes.axis)
  }

  static func shape(_ operands: [Shape], _ attributes: Attributes) throws(ShapeProblem) -> Shape {
    try Lanes.check(attributes.axis, of: operands[0])
    return operands[0]
  }

  static func value<T: Scalar>(_ x: Operands<T>, _ attributes: Attributes, into out: Block<T>) {
    let lanes = lanes(x[0].shape, attributes)
    x[0].forEachLane(lanes) { number, lane in map(lane, into: out.lane(number, lanes)) }
  }

  static func pull<T: Scalar>(
    _ adjoint: Block<T>, _ x: Operands<T>, _ out: Block<T>, slot: Int, _ attributes: Attributes,
    into result: Block<T>
  ) {
    let lanes = lanes(out.shape, attributes)
    adjoint.forEachLane(lanes) { number, lane in
      pull(lane, out.lane(number, lanes), into: result.lane(number, lanes))
    }
  }

  static func text(_ operands: [Shape], _ attributes: Attributes) -> String {
    "\(label)(x\(attributes.axis == 0 ? "" : ", axis=\(attributes.axis)"))"
  }

  /// The sum of a text's entries along each lane, to be combined with the lane.
  fileprivate static func sum(_ text: String, _ shape: Shape, _ attributes: Attributes) -> String {
    let axis = attributes.axis == 0 ? shape.rank : attributes.axis
    let lanes = LaneText(shape: shape, axis: axis)
    return lanes.stretched("sum(\(text)\(lanes.argument))")
  }
}

/// Exponentials that add up to 1.
///
/// **Source** Bridle (1990); Goodfellow, Bengio and Courville, *Deep Learning*, section 6.2.2.3.
enum Softmax: LaneMap {
  static let label = "softmax"
  static let names = ["softmax"]
  static let summary = "exp(x) divided by its sum, so that the entries add up to 1"
  static let notes = """
    Of a matrix each row is one distribution; axis=1 takes the columns. The largest entry is \
    subtracted first, so that nothing overflows. out[i] depends on every x[j]: \
    ∂out[i]/∂x[j] = out[i]*((i == j) - out[j]).
    """
  static let seeAlso = ["log_softmax", "cross_entropy"]

  static func map<T: Scalar>(_ x: Lane<T>, into out: Lane<T>) {
    let shift = T(Largest.reduce(x).primal)
    var sum: T = 0
    for index in 0..<x.count {
      if index & 0x3FFFF == 0, Interruption.isRequested { return }
      let difference = x[index] - shift
      var power = T.exp(difference)
      // What the difference was rounded by is a factor here, which grows with the difference; it is not what
      // is counted of a derivative.
      if T.self != CountedDual.self {
        let lost = Self.lost(x[index].primal, shift.primal, difference.primal)
        if lost != 0, lost.isFinite { power = power + T(lost) * power }
      }
      out[index] = power
      sum = sum + power
    }
    for index in 0..<x.count { out[index] = out[index] / sum }
  }

  /// By how much x - y was rounded, exactly.
  ///
  /// **Source** Knuth, *The Art of Computer Programming*, volume 2, section 4.2.2, theorem B.
  private static func lost(_ x: Double, _ y: Double, _ difference: Double) -> Double {
    let ofY = difference - x
    return (x - (difference - ofY)) - (y + ofY)
  }

  /// Measured from the adjoint of the largest entry: 1 minus that entry, close to 1, would have lost its
  /// digits, and is the sum of the others.
  static func pull<T: Scalar>(_ adjoint: Lane<T>, _ out: Lane<T>, into result: Lane<T>) {
    let top = out.top
    var rest: T = 0
    for index in 0..<out.count where index != top {
      rest = rest + out[index] * (adjoint[index] - adjoint[top])
    }
    let base = adjoint[top]
    for index in 0..<out.count {
      result[index] =
        index == top ? out[index] * (0 - rest) : out[index] * ((adjoint[index] - base) - rest)
    }
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution("out*(adj - \(sum("adj*out", operands[0], attributes)))")
  }
}

/// The logarithm of softmax.
enum LogSoftmax: LaneMap {
  static let label = "log_softmax"
  static let names = ["log_softmax"]
  static let summary = "log(softmax(x)), without overflow or log(0)"
  static let notes = "Of a matrix each row is one distribution; axis=1 takes the columns."
  static let seeAlso = ["softmax", "logsumexp", "cross_entropy"]

  static func map<T: Scalar>(_ x: Lane<T>, into out: Lane<T>) {
    // x - largest - log(sum): the difference first, which is exact for close numbers.
    let (shift, rest) = LogSumExp.parts(x)
    for index in 0..<x.count { out[index] = (x[index] - shift) - rest }
  }
  static func pull<T: Scalar>(_ adjoint: Lane<T>, _ out: Lane<T>, into result: Lane<T>) {
    let top = out.top
    let sum = Sum.reduce(adjoint)
    // 1 minus the largest probability is the sum of the others.
    var (others, adjoints): (T, T) = (0, 0)
    for index in 0..<out.count where index != top {
      others = others + T.exp(out[index])
      adjoints = adjoints + adjoint[index]
    }
    let base = adjoint[top]
    for index in 0..<out.count {
      let power = T.exp(out[index])
      result[index] =
        index == top ? base * others - power * adjoints : adjoint[index] - power * sum
    }
  }
  static func pullFormula(slot: Int, _ operands: [Shape], _ attributes: Attributes) -> PullFormula {
    .contribution("adj - exp(out)*\(sum("adj", operands[0], attributes))")
  }
}
