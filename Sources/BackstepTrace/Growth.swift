// How the cost of forward mode and of backpropagation grows with a size.

/// Both ways of computing derivatives, counted for several values of a size.
public struct Growth: Sendable, Equatable {
  /// What was counted for one size.
  public struct Row: Sendable, Equatable {
    /// The size.
    public var size: Int
    /// Both ways side by side.
    public var comparison: Comparison

    /// Puts a size and its counts together.
    public init(size: Int, _ comparison: Comparison) {
      self.size = size
      self.comparison = comparison
    }
  }

  /// The output.
  public var of: String
  /// The name of the size.
  public var by: String
  /// The counts, in the order of the sizes.
  public var rows: [Row]
  /// The sizes for which forward mode would have taken too long.
  public var leftOut: [Int]

  /// Puts the counts together.
  public init(of: String, by: String, rows: [Row], leftOut: [Int]) {
    self.of = of
    self.by = by
    self.rows = rows
    self.leftOut = leftOut
  }
}

extension PassCost {
  /// Multiplications and additions together.
  public var operations: Int { multiplications + additions }
}
