// Derivatives beside differences of the value, as check tells them.

/// The derivative with respect to one input, beside what knows nothing of derivatives.
public struct GradientCheck: Sendable, Equatable {
  /// The slopes on the two sides of a kink.
  public struct Sides: Sendable, Equatable {
    /// Where the input is a little smaller.
    public var left: Double
    /// Where it is a little larger.
    public var right: Double

    /// Puts both together.
    public init(left: Double, right: Double) {
      self.left = left
      self.right = right
    }
  }

  /// One entry of the input; a number is its only one.
  public struct Entry: Sendable, Equatable {
    /// Its index, `[1,2]`; nothing where the input is a number or only this entry was asked for.
    public var index: String
    /// The derivative by backpropagation.
    public var gradient: Double
    /// By differences.
    public var difference: Double
    /// How far they are apart, relative to the larger one.
    public var error: Double
    /// By a step into the complex plane; nil where an operation does not allow it.
    public var complexStep: Double?
    /// How far that is from the derivative, relative to the larger one.
    public var stepError: Double?
    /// Whether all agree.
    public var pass: Bool
    /// What there is to say, as about a kink.
    public var note: String?
    /// The slopes on the two sides of a kink; nil elsewhere.
    public var sides: Sides?

    /// Puts an entry together.
    public init(
      index: String, gradient: Double, difference: Double, error: Double, complexStep: Double?,
      stepError: Double?, pass: Bool, note: String?, sides: Sides?
    ) {
      self.index = index
      self.gradient = gradient
      self.difference = difference
      self.error = error
      self.complexStep = complexStep
      self.stepError = stepError
      self.pass = pass
      self.note = note
      self.sides = sides
    }
  }

  /// What is said of entries that are not told one by one: all of them agree.
  public struct Others: Sendable, Equatable {
    /// How many there are.
    public var count: Int
    /// The largest error among them.
    public var error: Double
    /// The largest error of complex steps; nil where there are none.
    public var stepError: Double?
  }

  /// The output.
  public var of: String
  /// The input.
  public var wrt: String
  /// The input's shape.
  public var shape: Shape
  /// Every entry, row after row.
  public var all: [Entry]

  /// How many entries of an input are told if these are all, and how many of more.
  private static let told = (all: 9, worst: 6)

  /// Puts a check together.
  public init(of: String, wrt: String, shape: Shape, entries: [Entry]) {
    self.of = of
    self.wrt = wrt
    self.shape = shape
    self.all = entries
  }

  /// The entries that are told one by one: all, or of many those with the largest errors, the worst
  /// first, and those there is something to say of.
  public var entries: [Entry] { order.prefix(toldCount).map { all[$0] } }

  /// The entries, the worst first.
  private var order: [Int] {
    guard all.count > Self.told.all else { return Array(all.indices) }
    func rank(_ entry: Entry) -> Int { !entry.pass ? 0 : entry.sides != nil ? 1 : 2 }
    return all.indices.sorted { one, other in
      let (first, second) = (all[one], all[other])
      if rank(first) != rank(second) { return rank(first) < rank(second) }
      return first.error != second.error ? first.error > second.error : one < other
    }
  }

  private var toldCount: Int {
    guard all.count > Self.told.all else { return all.count }
    let failed = all.count { !$0.pass }
    return min(max(Self.told.worst, failed), max(Self.told.worst, 24))
  }

  /// The entries that are not told.
  public var others: Others {
    let rest = order.dropFirst(toldCount).map { all[$0] }
    return Others(
      count: rest.count, error: rest.map(\.error).max() ?? 0,
      stepError: complexStep == nil ? nil : rest.compactMap(\.stepError).max())
  }

  /// Whether all entries agree.
  public var pass: Bool { all.allSatisfy(\.pass) }
  /// The largest error of an entry.
  public var error: Double { all.map(\.error).max() ?? 0 }
  /// What there is to say of the first entry that there is something to say of.
  public var note: String? { remarks.first?.note }

  /// What there is to say, each with the entries it is said of.
  public var remarks: [(note: String, indices: [String])] {
    var remarks: [(note: String, indices: [String])] = []
    for entry in all {
      guard let note = entry.note else { continue }
      if let place = remarks.firstIndex(where: { $0.note == note }) {
        remarks[place].indices.append(entry.index)
      } else {
        remarks.append((note, [entry.index]))
      }
    }
    return remarks
  }

  /// The derivative by backpropagation.
  public var gradient: Reading { reading(all.map(\.gradient)) }
  /// By differences.
  public var difference: Reading { reading(all.map(\.difference)) }

  /// The derivative by steps into the complex plane, and their largest error; nil where one of them has
  /// nothing to say.
  public var complexStep: (slope: Reading, error: Double)? {
    let slopes = all.compactMap(\.complexStep)
    guard slopes.count == all.count else { return nil }
    return (reading(slopes), all.compactMap(\.stepError).max() ?? 0)
  }

  /// Numbers in the input's shape.
  private func reading(_ numbers: [Double]) -> Reading {
    shape.isScalar ? .scalar(numbers.first ?? .nan) : .tensor(shape, numbers)
  }
}
