// What operations on whole tensors are by definition, over lists of lists.

import BackstepTrace

@testable import Backstep

/// A number, a vector or a matrix as a list of rows: another form than the one that is tested.
enum Nested: Equatable {
  case number(Double)
  case vector([Double])
  case matrix([[Double]])

  init(_ shape: Shape, _ numbers: [Double]) {
    switch shape.sizes.count {
    case 0: self = .number(numbers[0])
    case 1: self = .vector(numbers)
    default:
      let columns = shape.sizes[1]
      self = .matrix((0..<shape.sizes[0]).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) })
    }
  }

  var entries: [Double] {
    switch self {
    case .number(let number): [number]
    case .vector(let list): list
    case .matrix(let rows): rows.flatMap(\.self)
    }
  }

  var sizes: [Int] {
    switch self {
    case .number: []
    case .vector(let list): [list.count]
    case .matrix(let rows): [rows.count, rows[0].count]
    }
  }

  /// Each lane along an axis becomes a number; nil where there is no such axis.
  fileprivate func reduced(_ axis: Int, _ body: ([Double]) -> Double) -> Nested? {
    switch (self, axis) {
    case (_, 0): .number(body(entries))
    case (.vector(let list), 1): .number(body(list))
    case (.matrix(let rows), 1): .vector(transposed(rows).map(body))
    case (.matrix(let rows), 2): .vector(rows.map(body))
    default: nil
    }
  }

  /// Each lane along an axis, the last where none is named, becomes another lane.
  fileprivate func mapped(_ axis: Int, _ body: ([Double]) -> [Double]) -> Nested? {
    switch (self, axis) {
    case (.number(let number), 0): .number(body([number])[0])
    case (.vector(let list), 0), (.vector(let list), 1): .vector(body(list))
    case (.matrix(let rows), 0), (.matrix(let rows), 2): .matrix(rows.map(body))
    case (.matrix(let rows), 1): .matrix(transposed(transposed(rows).map(body)))
    default: nil
    }
  }
}

private func transposed(_ rows: [[Double]]) -> [[Double]] {
  rows[0].indices.map { column in rows.map { $0[column] } }
}

private func inner(_ x: [Double], _ y: [Double]) -> Double? {
  x.count == y.count ? zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } : nil
}

private func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }

/// The mean squared distance of any two entries, halved: the variance without a mean.
private func variance(_ x: [Double]) -> Double {
  mean(x.flatMap { one in x.map { other in (one - other) * (one - other) } }) / 2
}

private func logSumExp(_ x: [Double]) -> Double {
  Double.log(x.reduce(0) { $0 + Double.exp($1) })
}

/// A list of results, if there is every one of them.
private func complete<Element>(_ list: [Element?]) -> [Element]? {
  let there = list.compactMap(\.self)
  return there.count == list.count ? there : nil
}

extension StructuralCase {
  /// The value by the operation's definition; nil where it has none.
  func definition(_ numbers: [[Double]]) -> Nested? {
    let values = zip(operands, numbers).map { Nested($0, $1) }
    let x = values[0]
    let axis = attributes.axis
    switch operation {
    case .sum: return x.reduced(axis) { $0.reduce(0, +) }
    case .mean: return x.reduced(axis, mean)
    case .product: return x.reduced(axis) { $0.reduce(1, *) }
    case .largest: return x.reduced(axis) { $0.max() ?? .nan }
    case .smallest: return x.reduced(axis) { $0.min() ?? .nan }
    case .argMax:
      return x.reduced(axis) { lane in
        Double((lane.firstIndex(of: lane.max() ?? .nan) ?? -1) + 1)
      }
    case .variance: return x.reduced(axis, variance)
    case .standardDeviation: return x.reduced(axis) { variance($0).squareRoot() }
    case .norm: return x.reduced(axis) { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    case .logSumExp: return x.reduced(axis, logSumExp)
    case .softmax:
      return x.mapped(axis) { lane in lane.map { Double.exp($0 - logSumExp(lane)) } }
    case .logSoftmax: return x.mapped(axis) { lane in lane.map { $0 - logSumExp(lane) } }
    case .matrixProduct: return Self.product(x, values[1])
    case .dot:
      guard operands[0] == operands[1] else { return nil }
      return inner(x.entries, values[1].entries).map { .number($0) }
    case .outer:
      guard case .vector(let left) = x, case .vector(let right) = values[1] else { return nil }
      return .matrix(left.map { factor in right.map { factor * $0 } })
    case .transpose:
      switch x {
      case .number: return x
      case .vector(let list): return .matrix([list])
      case .matrix(let rows): return .matrix(transposed(rows))
      }
    case .crossEntropy: return Self.crossEntropy(x, values[1]).map { .number($0) }
    case .stack: return Self.stack(values, axis)
    case .concatenate: return Self.concatenation(values, axis)
    case .reshape:
      let shape = attributes.shape
      return x.entries.count == shape.sizes.reduce(1, *) ? Nested(shape, x.entries) : nil
    case .flatten: return .vector(x.entries)
    case .element: return element(x)
    case .oneHot:
      let classes = attributes.shape.sizes[0]
      func row(_ place: Double) -> [Double] { (1...classes).map { Double($0) == place ? 1 : 0 } }
      switch x {
      case .number(let place): return .vector(row(place))
      case .vector(let places): return .matrix(places.map(row))
      case .matrix: return nil
      }
    default: preconditionFailure("\(operation) has no definition here")
    }
  }

  private static func product(_ x: Nested, _ y: Nested) -> Nested? {
    switch (x, y) {
    case (.vector(let row), .vector(let column)): return inner(row, column).map { .number($0) }
    case (.matrix(let rows), .vector(let column)):
      return complete(rows.map { inner($0, column) }).map { .vector($0) }
    case (.vector(let column), .matrix(let rows)) where rows.count == 1 && column.count > 1:
      return .matrix(column.map { factor in rows[0].map { factor * $0 } })
    case (.vector(let row), .matrix(let rows)):
      return complete(transposed(rows).map { inner(row, $0) }).map { .vector($0) }
    case (.matrix(let rows), .matrix(let others)):
      return complete(rows.map { row in complete(transposed(others).map { inner(row, $0) }) })
        .map { .matrix($0) }
    default: return nil
    }
  }

  private static func crossEntropy(_ logits: Nested, _ target: Nested) -> Double? {
    func cost(_ row: [Double], at place: Double) -> Double {
      logSumExp(row) - row[Int(place) - 1]
    }
    func cost(_ row: [Double], _ weights: [Double]) -> Double {
      zip(row, weights).reduce(0) { $0 + $1.1 * (logSumExp(row) - $1.0) }
    }
    switch (logits, target) {
    case (.vector(let row), .number(let place)): return cost(row, at: place)
    case (.vector(let row), .vector(let weights)) where row.count == weights.count:
      return cost(row, weights)
    case (.matrix(let rows), .vector(let places)) where rows.count == places.count:
      return mean(zip(rows, places).map { cost($0, at: $1) })
    case (.matrix(let rows), .matrix(let weights)) where logits.sizes == target.sizes:
      return mean(zip(rows, weights).map { cost($0, $1) })
    default: return nil
    }
  }

  private static func stack(_ values: [Nested], _ axis: Int) -> Nested? {
    guard values.allSatisfy({ $0.sizes == values[0].sizes }) else { return nil }
    switch (values[0], axis) {
    case (.number, 0...1): return .vector(values.flatMap(\.entries))
    case (.vector, 0...1): return .matrix(values.map(\.entries))
    case (.vector, 2): return .matrix(transposed(values.map(\.entries)))
    default: return nil
    }
  }

  private static func concatenation(_ values: [Nested], _ axis: Int) -> Nested? {
    guard values.contains(where: { $0.sizes.count == 2 }) else {
      return axis < 2 ? .vector(values.flatMap(\.entries)) : nil
    }
    let matrices = values.compactMap { value in
      if case .matrix(let rows) = value { rows } else { nil }
    }
    guard matrices.count == values.count else { return nil }
    /// Below each other, if all are of one width.
    func joined(_ matrices: [[[Double]]]) -> [[Double]]? {
      Set(matrices.map { $0[0].count }).count == 1 ? matrices.flatMap(\.self) : nil
    }
    switch axis {
    case 0, 1: return joined(matrices).map { .matrix($0) }
    case 2: return joined(matrices.map(transposed)).map { .matrix(transposed($0)) }
    default: return nil
    }
  }

  private func element(_ x: Nested) -> Nested? {
    /// What a selection takes from a list.
    func pick<Element>(_ list: [Element], _ selection: Attributes.Selection) -> [Element]? {
      selection.places.allSatisfy(list.indices.contains) ? selection.places.map { list[$0] } : nil
    }
    let selections = attributes.selections
    switch (x, selections.count) {
    case (.vector(let list), 1):
      guard let picked = pick(list, selections[0]) else { return nil }
      return selections[0].isSingle ? .number(picked[0]) : .vector(picked)
    case (.matrix(let rows), 1):
      guard let picked = pick(rows, selections[0]) else { return nil }
      return selections[0].isSingle ? .vector(picked[0]) : .matrix(picked)
    case (.matrix(let rows), 2):
      guard let some = pick(rows, selections[0]),
        let picked = complete(some.map({ pick($0, selections[1]) }))
      else { return nil }
      switch (selections[0].isSingle, selections[1].isSingle) {
      case (true, true): return .number(picked[0][0])
      case (true, false): return .vector(picked[0])
      case (false, true): return .vector(picked.map { $0[0] })
      case (false, false): return .matrix(picked)
      }
    default: return nil
    }
  }
}
