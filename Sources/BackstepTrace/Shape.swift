// The shape of a value: a scalar, a vector or a matrix.

/// The sizes of a value along each of its axes: `[]` a scalar, `[n]` a vector, `[r, c]` a matrix.
public struct Shape: Hashable, Sendable {
  /// How many axes there are: 0, 1 or 2.
  public let rank: Int
  @usableFromInline let first: Int
  @usableFromInline let second: Int

  /// The shape of a single number.
  public static let scalar = Shape(rank: 0, first: 1, second: 1)

  /// The shape of a vector of `count` entries.
  public static func vector(_ count: Int) -> Shape { Shape(rank: 1, first: count, second: 1) }

  /// The shape of a matrix.
  public static func matrix(_ rows: Int, _ columns: Int) -> Shape {
    Shape(rank: 2, first: rows, second: columns)
  }

  /// How many numbers a value of this shape holds.
  @inlinable public var count: Int { extent(0) * extent(1) }

  /// Whether this is the shape of a single number.
  @inlinable public var isScalar: Bool { rank == 0 }

  /// The sizes, as they are written: `[]`, `[3]`, `[2, 3]`.
  public var sizes: [Int] {
    switch rank {
    case 0: []
    case 1: [first]
    default: [first, second]
    }
  }

  /// The size along an axis, counted from 0; 1 for an axis that is not there.
  @inlinable public func extent(_ axis: Int) -> Int { axis == 0 ? first : second }

  /// How many rows a matrix has; a vector counts as one column.
  public var rows: Int { first }

  /// How many columns a matrix has; 1 for a vector and a scalar.
  public var columns: Int { second }
}

extension Shape: CustomStringConvertible {
  /// The sizes in brackets: `[2, 3]`.
  public var description: String { "\(sizes)" }
}
