// How a product of the chain rule is written where vectors and matrices are among its factors.

import BackstepTrace

/// The factors of one product in forward mode, `diag([0.7, 0.3]) @ ⟨2×4⟩`.
///
/// What is carried is a number, a value in the operand's shape for one entry of the input, or a matrix
/// with a row for each entry of the operand and a column for each of the input. The signs are those of
/// the language; diag(…) is a matrix with these entries on its diagonal, and stretched(…) repeats rows
/// as broadcasting does.
struct TangentFactors {
  /// A piece of the text.
  enum Piece {
    case sign(String)
    case local(Reading)
    /// A local derivative with too many entries to be told: its shape.
    case localShape(Shape)
    case carried
  }

  /// The pieces, in their order.
  let pieces: [Piece]
  /// Whether the entries of the local derivative are among them.
  var showsLocal: Bool {
    pieces.contains { piece in
      if case .local(let local) = piece { local.shape.count > 1 } else { false }
    }
  }

  /// Finds how a product is to be written; nil where none of the forms would be true.
  ///
  /// - Parameters:
  ///   - local: The local derivative: a Jacobian for an operation on whole tensors, in the shape of
  ///     the result for one entry by entry; nil where it has too many entries.
  ///   - result: The shape of the result.
  ///   - operand: The shape of the operand.
  ///   - carriesOne: Whether the derivative is with respect to a single number.
  init?(local: Reading?, result: Shape, operand: Shape, carriesOne: Bool) {
    let (rows, columns) = (result.count, operand.count)
    guard let local else {
      pieces = Self.product(.localShape(.matrix(rows, columns)), operand, carriesOne)
      return
    }
    let isOne = local.elements.allSatisfy { $0 == 1 }
    let factor = Piece.local(isOne ? .scalar(1) : local)
    if rows == 1 {
      if carriesOne {
        pieces =
          local.shape.count > 1
          ? [.sign("sum("), factor, .sign(" × "), .carried, .sign(")")]
          : [factor, .sign(" × "), .carried]
      } else if columns == 1, local.shape.count == 1 {
        pieces = [factor, .sign(" × "), .carried]
      } else if local.shape.count == columns {
        // Its numbers are the one row of the Jacobian.
        pieces = [.local(.tensor(.vector(columns), local.elements)), .sign(" @ "), .carried]
      } else {
        return nil
      }
    } else if columns > 1, local.shape.count == rows * columns {
      pieces = Self.product(.local(local), operand, carriesOne)
    } else if carriesOne {
      let isColumn = local.shape == .matrix(rows, 1) && result != .matrix(rows, 1)
      pieces = [
        isColumn && !isOne ? .local(.tensor(result, local.elements)) : factor, .sign(" × "),
        .carried,
      ]
    } else if columns == 1 {
      let column = Reading.tensor(.vector(local.shape.count), local.elements)
      pieces = [.sign("outer("), .local(column), .sign(", "), .carried, .sign(")")]
    } else {
      let carried: [Piece] =
        rows == columns ? [.carried] : [.sign("stretched("), .carried, .sign(")")]
      pieces =
        (isOne ? [factor, .sign(" × ")] : [.sign("diag("), factor, .sign(") @ ")]) + carried
    }
  }

  /// A Jacobian times what is carried; a matrix is taken row after row.
  private static func product(_ jacobian: Piece, _ operand: Shape, _ carriesOne: Bool) -> [Piece] {
    carriesOne && operand.rank == 2
      ? [jacobian, .sign(" @ flatten("), .carried, .sign(")")] : [jacobian, .sign(" @ "), .carried]
  }
}
