// Values and partials against numbers computed with 800 digits.

import Testing

@testable import Backstep

@Suite struct ReferenceTests {
  @Test(arguments: Operation.withRule)
  func valuesAndPartialsAreWithinFourULP(_ operation: Operation) throws {
    for (quantity, errors) in try measured(operation) {
      for (error, point) in errors {
        #expect(error <= Accuracy.limit(operation), "\(quantity) at \(point)")
      }
    }
  }

  /// Prints the worst of every operation: `ULP=1 swift test --filter printsTheWorst`.
  @Test(.enabled(if: ReferenceTable.isPrinted))
  func printsTheWorst() throws {
    for operation in Operation.withRule {
      for (quantity, errors) in try measured(operation) {
        guard let (error, point) = errors.max(by: { $0.error < $1.error }) else { continue }
        print("\(operation) \(quantity): \(error) ULP at \(point)")
      }
    }
  }

  private typealias Measured = (quantity: Quantity, errors: [(error: Double, point: [Double])])

  private func measured(_ operation: Operation) throws -> [Measured] {
    let rows = try #require(try ReferenceTable.rows.get()["\(operation)"])
    let slots = try operation.described().operands.indices
    let quantities: [Quantity] = [.value] + slots.map { .partial($0) }
    return quantities.map { quantity in
      let errors = rows.map { row in
        let (number, truth) =
          switch quantity {
          case .value: (operation.value(row.point), row.value)
          case .partial(let slot): (operation.partials(row.point)[slot], row.partials[slot])
          }
        let scale = Accuracy.scale(operation, quantity, row.point)
        return (error: Accuracy.error(number, truth, scale: scale), point: row.point)
      }
      return (quantity, errors)
    }
  }
}
