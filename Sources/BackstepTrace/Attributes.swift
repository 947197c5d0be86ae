// What an operation on whole tensors says besides its operands.

/// What a call says besides its operands: an axis, indices, a shape.
public struct Attributes: Sendable, Hashable {
  /// The axis an operation runs along, counted from 1; 0 for all entries at once.
  public var axis: Int
  /// A shape asked for, or a count of classes as a vector's.
  public var shape: Shape
  /// What an index selects along each axis.
  public var selections: [Selection]

  /// What an index selects along one axis: a single place, or a stretch of them.
  public struct Selection: Sendable, Hashable {
    /// The places, counted from 0.
    public var places: Range<Int>
    /// Whether it is a single place, so that the axis is gone.
    public var isSingle: Bool
    /// As it is written: `2`, `2:3`, `:`.
    public var text: String

    /// Describes what is selected.
    public init(places: Range<Int>, isSingle: Bool, text: String) {
      self.places = places
      self.isSingle = isSingle
      self.text = text
    }
  }

  /// Says nothing but what is given.
  public init(axis: Int = 0, shape: Shape = .scalar, selections: [Selection] = []) {
    self.axis = axis
    self.shape = shape
    self.selections = selections
  }
}
