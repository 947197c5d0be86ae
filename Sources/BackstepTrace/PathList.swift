// The paths from an input to an output, as paths tells them.

/// The paths from an input to an output.
public struct PathList: Sendable, Equatable {
  /// One path.
  public struct Path: Sendable, Equatable {
    /// An edge, from a node to one that uses it.
    public struct Edge: Sendable, Equatable {
      /// Which operand of the upper node the lower one is, counted from 1.
      public var operand: Int
      /// Whether the lower node is another of its operands as well.
      public var isOneOfSeveral: Bool

      /// Describes an edge.
      public init(operand: Int, isOneOfSeveral: Bool) {
        self.operand = operand
        self.isOneOfSeveral = isOneOfSeveral
      }
    }

    /// The names of its nodes, from the input up.
    public var nodes: [String]
    /// Its edges, one fewer than the nodes.
    public var edges: [Edge]
    /// The local derivative along each edge; none where there are vectors or matrices.
    public var locals: [Double]
    /// The shape of the Jacobian along each edge; none among numbers.
    public var jacobians: [Shape]
    /// The product along the path.
    public var product: Reading

    /// Describes a path.
    public init(
      nodes: [String], edges: [Edge], locals: [Double], jacobians: [Shape] = [], product: Reading
    ) {
      self.nodes = nodes
      self.edges = edges
      self.locals = locals
      self.jacobians = jacobians
      self.product = product
    }
  }

  /// Which paths are listed.
  public enum Listing: Sendable, Equatable {
    /// Every one.
    case all
    /// Those with the largest products, in size.
    case largest
    /// The first ones.
    case first
  }

  /// The output.
  public var of: String
  /// The input.
  public var wrt: String
  /// How many paths there are, in decimal digits.
  public var count: String
  /// Which of them are listed.
  public var listing: Listing
  /// The paths.
  public var paths: [Path]
  /// The sum over all paths: the derivative.
  public var sum: Reading
  /// Whether the factors are Jacobians: there are vectors or matrices on the way.
  public var hasJacobians: Bool
  /// How many multiplications going along every path takes, in decimal digits.
  public var multiplications: String
  /// How many backpropagation takes between the two.
  public var edges: Int

  /// Puts the list together.
  public init(
    of: String, wrt: String, count: String, listing: Listing, paths: [Path], sum: Reading,
    hasJacobians: Bool, multiplications: String, edges: Int
  ) {
    self.of = of
    self.wrt = wrt
    self.count = count
    self.listing = listing
    self.paths = paths
    self.sum = sum
    self.hasJacobians = hasJacobians
    self.multiplications = multiplications
    self.edges = edges
  }
}
