// Functions sampled for a plot: a curve over one input, a field over two.

/// One input of a plot, or an entry of one.
public struct PlotInput: Sendable, Equatable {
  /// Its name, with the entry where it is one.
  public var name: String
  /// Its value now.
  public var value: Double
  /// Where the samples begin.
  public var from: Double
  /// Where they end.
  public var to: Double
  /// The derivative with respect to it at its value now; nil where there is none.
  public var slope: Double?

  /// Describes an input.
  public init(name: String, value: Double, from: Double, to: Double, slope: Double?) {
    self.name = name
    self.value = value
    self.from = from
    self.to = to
    self.slope = slope
  }

  /// The place of one of `count` samples at equal distances, both ends included.
  public func place(of sample: Int, among count: Int) -> Double {
    let part = count < 2 ? 0 : Double(sample) / Double(count - 1)
    // The ends are met exactly, and no difference of the two overflows.
    return sample == 0 ? from : sample == count - 1 ? to : from * (1 - part) + to * part
  }
}

/// An expression's values while one or two inputs move and all others stay.
public struct Plot: Sendable, Equatable {
  /// The expression.
  public var of: String
  /// Its value now.
  public var value: Double
  /// What moves: one input, drawn across, or two, the second one drawn upwards.
  public var inputs: [PlotInput]
  /// How many samples there are along each input.
  public var counts: [Int]
  /// The samples; of two inputs the first runs fastest.
  public var samples: [Double]
  /// What there is to say of the slope, as about a kink.
  public var note: String?

  /// Whether all samples are the same number.
  public var isFlat: Bool { samples.allSatisfy { $0 == samples[0] } }

  /// Puts a plot together.
  public init(
    of: String, value: Double, inputs: [PlotInput], counts: [Int], samples: [Double],
    note: String? = nil
  ) {
    self.of = of
    self.value = value
    self.inputs = inputs
    self.counts = counts
    self.samples = samples
    self.note = note
  }
}
