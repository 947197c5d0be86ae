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

extension Shape {
  /// How many rows there are when values are broadcast: a vector is one row.
  @inlinable public var broadcastRows: Int { rank == 2 ? first : 1 }

  /// How many columns there are when values are broadcast: a vector is one row.
  @inlinable public var broadcastColumns: Int { rank == 2 ? second : first }

  /// The shape of an operation entry by entry on two shapes; nil where they do not fit.
  ///
  /// **Source** NumPy's broadcasting rules: axes are aligned at the last one, and an axis of size 1,
  /// or one that is not there, is stretched to the other's size.
  public static func broadcast(_ one: Shape, _ other: Shape) -> Shape? {
    if one == other { return one }
    guard let rows = stretch(one.broadcastRows, other.broadcastRows),
      let columns = stretch(one.broadcastColumns, other.broadcastColumns)
    else { return nil }
    switch max(one.rank, other.rank) {
    case 0: return .scalar
    case 1: return .vector(columns)
    default: return .matrix(rows, columns)
    }
  }

  private static func stretch(_ one: Int, _ other: Int) -> Int? {
    one == other || other == 1 ? one : one == 1 ? other : nil
  }
}

extension Shape {
  /// The index of an entry as it is written, from its place counted from 0: `[2]`, `[2,3]`; nothing
  /// for a scalar.
  public func index(of place: Int) -> String {
    switch rank {
    case 0: ""
    case 1: "[\(place + 1)]"
    default: "[\(place / columns + 1),\(place % columns + 1)]"
    }
  }

  /// The numbers of that index.
  public func indices(of place: Int) -> [Int] {
    switch rank {
    case 0: []
    case 1: [place + 1]
    default: [place / columns + 1, place % columns + 1]
    }
  }
}

extension Shape: CustomStringConvertible {
  /// The sizes in brackets: `[2, 3]`.
  public var description: String { "\(sizes)" }

  /// The sizes as a trace writes them in place of numbers, `⟨2×3⟩`: in square brackets they would look
  /// like a value.
  public var angled: String {
    var text = ByteBuffer()
    writeAngled(to: &text)
    return text.string
  }

  /// Writes the sizes as ``angled`` has them.
  public func writeAngled(to text: inout ByteBuffer) {
    text.append("⟨")
    for (axis, size) in sizes.enumerated() {
      if axis > 0 { text.append("×") }
      text.append(size)
    }
    text.append("⟩")
  }
}
