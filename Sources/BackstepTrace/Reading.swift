// A value as an event carries it: numbers to be shown, not to be computed with.

/// What a node, an adjoint or a derivative read when the event was posted.
public enum Reading: Sendable, Equatable {
  /// A single number.
  case scalar(Double)
  /// A vector or a matrix, row after row.
  indirect case tensor(Shape, [Double])

  /// The shape of what was read.
  public var shape: Shape {
    switch self {
    case .scalar: .scalar
    case .tensor(let shape, _): shape
    }
  }

  /// The numbers, row after row.
  ///
  /// Never inlined: in release builds of Swift 6.3 the array of a single number may be freed before it
  /// is read, as Scripts/fuzz found.
  @inline(never) public var elements: [Double] {
    switch self {
    case .scalar(let number): [number]
    case .tensor(_, let elements): elements
    }
  }

  /// The number, or the first one; NaN where there is none.
  ///
  /// It makes no array for a single number.
  public var first: Double {
    switch self {
    case .scalar(let number): number
    case .tensor(_, let elements): elements.first ?? .nan
    }
  }

  /// Whether every number is finite.
  public var isFinite: Bool {
    switch self {
    case .scalar(let number): number.isFinite
    case .tensor(_, let elements): elements.allSatisfy(\.isFinite)
    }
  }

  /// The numbers as they can be typed, each in the shortest form that reads back to itself; NaN, which
  /// has no name, as 0/0.
  public var literal: String {
    var text = ByteBuffer()
    let elements = elements
    func append(_ range: Range<Int>) {
      text.append("[")
      for index in range {
        if index > range.lowerBound { text.append(", ") }
        append(elements[index])
      }
      text.append("]")
    }
    func append(_ number: Double) {
      if number.isNaN { text.append("0/0") } else { text.appendShortest(number) }
    }
    switch shape.rank {
    case 0: append(elements[0])
    case 1: append(0..<elements.count)
    default:
      text.append("[")
      for row in 0..<shape.rows {
        if row > 0 { text.append(", ") }
        append(row * shape.columns..<(row + 1) * shape.columns)
      }
      text.append("]")
    }
    return text.string
  }
}
