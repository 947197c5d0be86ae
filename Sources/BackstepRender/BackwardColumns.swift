// The chain rule on a line, and how the columns of the backward pass are chosen.

import BackstepTrace

/// Where the parts of the backward pass begin.
struct BackwardColumns: Equatable {
  /// Where adjoints begin, to the right of formulas and local derivatives.
  var right = 0
  /// Whether the chain rule stands beside the local derivative and not below it.
  var isWide = false
  /// How wide the adjoint before the equals sign is.
  var target = 0
  /// How wide the product of symbols is, 0 for as wide as each needs.
  var product = 0
  /// How wide the product of numbers is, 0 for as wide as each needs.
  var numbers = 0
  /// How wide the result is before the running sum, 0 for as wide as each needs.
  var result = 0

  /// How far below a step's own text the chain rule is indented, if it stands on its own line.
  static let chainIndent = 4
}

extension TraceCells {
  /// Adds the chain rule for one operand: `∂L/∂x += ∂L/∂v1 · ∂v1/∂x = 1 × 3 = 3  so far 6`.
  func addChain(
    _ contribution: Contribution, _ columns: BackwardColumns, to line: inout FragmentLine
  ) {
    let parts = ChainParts(contribution, self)
    let start = line.columns
    line.add(parts.target)
    line.pad(to: start + columns.target)
    // `+=` needs one column more, and signs stay below each other.
    line.add(hasFanOut && !parts.isAddition ? "  " : " ", .sign)
    line.allowBreak()
    line.add(parts.isAddition ? "+= " : "= ", .sign)
    var end = line.columns
    line.add(parts.product)
    end += columns.product
    if !parts.numbers.isEmpty {
      line.pad(to: columns.product == 0 ? 0 : end)
      addEquals(to: &line)
      line.add(parts.numbers)
    }
    line.pad(to: columns.numbers == 0 ? 0 : end + 3 + columns.numbers)
    addEquals(to: &line)
    let result = line.columns
    add(contribution.contribution, .adjoint, to: &line)
    guard isShared(contribution.operand) else { return }
    line.pad(to: columns.result == 0 ? 0 : result + columns.result)
    line.add("  ", .dim)
    line.allowBreak()
    line.add("so far ", .dim)
    add(contribution.accumulated, .adjoint, to: &line)
  }

  private func addEquals(to line: inout FragmentLine) {
    line.add(" ", .sign)
    line.allowBreak()
    line.add("= ", .sign)
  }
}

/// The parts of one product of the chain rule.
struct ChainParts {
  /// The operand's adjoint: `∂L/∂x`.
  var target: FragmentLine
  /// The product in symbols, `∂L/∂v1 · ∂v1/∂x`, or a tensor's rule.
  var product: FragmentLine
  /// The product in numbers, `1 × 3`; nothing where they would take more than a line.
  var numbers: FragmentLine
  /// Whether the operand's adjoint had contributions before.
  var isAddition: Bool

  init(_ contribution: Contribution, _ cells: TraceCells) {
    let node = contribution.node
    let operand = contribution.operand
    target = cells.line()
    product = cells.line()
    numbers = cells.line()
    isAddition = cells.hasReceived(operand)
    cells.addAdjoint(operand, to: &target)
    if cells.header.formulaIsContribution(of: node, slot: contribution.slot) {
      cells.addPartialFormula(node, contribution.slot, .adjoint, to: &product)
      return
    }
    // Where an operand was stretched to the node's shape, its entries' contributions are added up.
    let shape = cells.header.shape(of: node)
    let isStretched = !shape.isScalar && cells.header.shape(of: operand) != shape
    if isStretched { product.add("sum(", .sign) }
    cells.addAdjoint(node, to: &product)
    product.add(" · ", .sign)
    cells.addPartial(node, operand, to: &product)
    if isStretched { product.add(")", .sign) }
    guard let local = contribution.local, !isStretched, cells.isInline(cells.adjoint),
      cells.isInline(local)
    else { return }
    cells.add(cells.adjoint, .adjoint, to: &numbers)
    numbers.add(" × ", .sign)
    cells.add(local, .partial, factor: true, to: &numbers)
  }
}

/// The widths of what the first steps of a backward pass have to show.
struct BackwardMeasure {
  var lefts: [Int] = []
  private var locals: [Int] = []
  private var targets: [Int] = []
  private var products: [Int] = []
  private var numbers: [Int] = []
  private var results: [Int] = []
  /// What comes after the result: the running sum.
  private var sums: [Int] = []
  private let equals: Int

  private static let gap = 2

  init(_ cells: TraceCells) { equals = cells.hasFanOut ? 4 : 3 }

  mutating func add(_ left: Int, _ contribution: Contribution, _ cells: TraceCells) {
    lefts.append(left)
    let parts = ChainParts(contribution, cells)
    targets.append(parts.target.columns)
    products.append(parts.product.columns)
    numbers.append(parts.numbers.columns)
    results.append(cells.columns(of: contribution.contribution))
    sums.append(
      cells.isShared(contribution.operand)
        ? "  so far ".utf8.count + cells.columns(of: contribution.accumulated) : 0)
  }

  /// Chooses the columns: the chain rule beside the local derivative if most have room there, with
  /// its parts below each other where possible; else below the local derivative.
  func columns(width: Int, indent: Int) -> BackwardColumns {
    let limit = max(12, width * 3 / 8)
    var ragged = BackwardColumns()
    ragged.target = targets.greatest(upTo: width / 4)
    var aligned = ragged
    aligned.product = products.greatest(upTo: limit)
    aligned.numbers = numbers.greatest(upTo: limit)
    var tabled = aligned
    tabled.result = results.greatest(upTo: limit)
    for var choice in [tabled, aligned, ragged] {
      guard let right = rightColumn(besides: end(choice), width) else { continue }
      choice.right = right
      choice.isWide = true
      return choice
    }
    let below = BackwardColumns.chainIndent + indent
    var choice = [tabled, aligned].first { below + end($0) <= width } ?? ragged
    choice.right = min(lefts.greatest(upTo: width / 2) + Self.gap, width / 2)
    return choice
  }

  /// How wide the longest of the chain rules is, but for outliers.
  private func end(_ columns: BackwardColumns) -> Int {
    let ends = targets.indices.map { index in
      var end = max(columns.target, targets[index]) + equals
      end += max(columns.product, products[index])
      if numbers[index] > 0 || columns.numbers > 0 {
        end += 3 + max(columns.numbers, numbers[index])
      }
      return end + 3 + max(sums[index] > 0 ? columns.result : 0, results[index]) + sums[index]
    }
    return ends.greatest(upTo: max(ends.min() ?? 0, 100))
  }

  /// A column that leaves room for the chain rule on its right and for most lines on its left.
  private func rightColumn(besides chain: Int, _ width: Int) -> Int? {
    let right = min(lefts.greatest(upTo: width) + Self.gap, width - chain)
    let fitting = lefts.count { $0 + Self.gap <= right }
    return fitting * 4 >= lefts.count * 3 ? right : nil
  }
}
