// A value as an event carries it: numbers to be shown, not to be computed with.

/// What a node, an adjoint or a derivative read when the event was posted.
public enum Reading: Sendable, Equatable {
  /// A single number.
  case scalar(Double)
  /// A vector or a matrix, row after row.
  case tensor(Shape, [Double])

  /// The shape of what was read.
  public var shape: Shape {
    switch self {
    case .scalar: .scalar
    case .tensor(let shape, _): shape
    }
  }

  /// The numbers, row after row.
  public var elements: [Double] {
    switch self {
    case .scalar(let number): [number]
    case .tensor(_, let elements): elements
    }
  }

  /// Whether every number is finite.
  public var isFinite: Bool {
    switch self {
    case .scalar(let number): number.isFinite
    case .tensor(_, let elements): elements.allSatisfy(\.isFinite)
    }
  }
}
