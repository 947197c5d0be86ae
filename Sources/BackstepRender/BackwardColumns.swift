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

/// How wide the parts of one chain rule are.
struct ChainWidths {
  var target = 0
  var product = 0
  var numbers = 0
  var result = 0
  /// The running sum with the words before it.
  var sum = 0
}

extension TraceCells {
  /// Adds the chain rule for one operand: `∂L/∂x += ∂L/∂v1 · ∂v1/∂x = 1 × 3 = 3  so far 6`.
  @discardableResult
  func addChain(
    _ contribution: Contribution, _ columns: BackwardColumns, to line: inout some LinePieces
  ) -> ChainWidths {
    var widths = ChainWidths()
    var start = line.columns
    addAdjoint(contribution.operand, to: &line)
    widths.target = line.columns - start
    line.pad(to: start + columns.target)
    // `+=` needs one column more, and signs stay below each other.
    let isAddition = hasReceived(contribution.operand)
    if hasFanOut, !isAddition { line.pad(to: line.columns + 1) }
    line.addEquals(plus: isAddition)

    start = line.columns
    addProduct(contribution, to: &line)
    widths.product = line.columns - start
    var end = start + columns.product
    if hasNumbers(contribution) {
      line.pad(to: columns.product == 0 ? 0 : end)
      line.addEquals()
      start = line.columns
      add(adjoint, .adjoint, to: &line)
      addTimes(to: &line)
      if let local = contribution.local {
        add(local.collapsed, .partial, factor: true, to: &line)
      }
      widths.numbers = line.columns - start
    }
    end += columns.numbers == 0 ? 0 : 3 + columns.numbers
    line.pad(to: columns.product == 0 ? 0 : end)
    line.addEquals()
    start = line.columns
    add(contribution.contribution, .adjoint, to: &line)
    widths.result = line.columns - start
    guard isShared(contribution.operand) else { return widths }
    line.pad(to: columns.result == 0 ? 0 : start + columns.result)
    start = line.columns
    addSoFar(to: &line)
    add(contribution.accumulated, .adjoint, to: &line)
    widths.sum = line.columns - start
    return widths
  }

  /// Adds the product in symbols, `∂L/∂v1 · ∂v1/∂x`, or a tensor's rule.
  func addProduct(_ contribution: Contribution, to line: inout some LinePieces) {
    let node = contribution.node
    if isContribution(node, contribution.slot) {
      return addPartialFormula(node, contribution.slot, .adjoint, to: &line)
    }
    let isStretched = isStretched(contribution)
    if isStretched { line.write(.sign, limit: .max) { $0.append("sum(") } }
    addAdjoint(node, to: &line)
    addDot(to: &line)
    addPartial(node, contribution.operand, to: &line)
    if isStretched { line.write(.sign, limit: .max) { $0.append(sumEnd(contribution)) } }
  }

  /// How the sum ends that a product stands in, where the operand was stretched: `, axis=1)`.
  func summation(_ contribution: Contribution) -> String? {
    isStretched(contribution) ? sumEnd(contribution) : nil
  }

  /// Which axes a sum over stretched entries runs along: `, axis=1)`, or all of them.
  private func sumEnd(_ contribution: Contribution) -> String {
    let shape = header.shape(of: contribution.operand)
    guard let stretched = contribution.local?.shape, stretched.rank == 2, shape.count > 1 else {
      return ")"
    }
    return shape.broadcastRows == 1 ? ", axis=1)" : ", axis=2)"
  }

  /// Whether the product is shown in numbers: not where they would take more than a line.
  private func hasNumbers(_ contribution: Contribution) -> Bool {
    guard let local = contribution.local else { return false }
    return !isContribution(contribution.node, contribution.slot)
      && !isStretched(contribution) && isInline(adjoint)
      && isInline(local.collapsed)
  }

  /// Whether an operand was stretched to the node's shape: its entries' contributions are added up.
  private func isStretched(_ contribution: Contribution) -> Bool {
    if isScalar { return false }
    let shape = header.shape(of: contribution.operand)
    return contribution.local.map { $0.shape.count != shape.count } ?? false
  }
}

/// The widths of what the first steps of a backward pass have to show.
struct BackwardMeasure {
  var lefts: [Int] = []
  private var chains: [ChainWidths] = []
  private let equals: Int

  private static let gap = 2

  init(_ cells: TraceCells) { equals = cells.hasFanOut ? 4 : 3 }

  mutating func add(_ left: Int, _ widths: ChainWidths) {
    lefts.append(left)
    chains.append(widths)
  }

  /// Chooses the columns: the chain rule beside the local derivative if most have room there, with
  /// its parts below each other where possible; else below the local derivative.
  func columns(width: Int, indent: Int) -> BackwardColumns {
    let limit = max(12, width * 3 / 8)
    var ragged = BackwardColumns()
    ragged.target = chains.map(\.target).greatest(upTo: width / 4)
    var aligned = ragged
    aligned.product = chains.map(\.product).greatest(upTo: limit)
    aligned.numbers = chains.map(\.numbers).greatest(upTo: limit)
    var tabled = aligned
    tabled.result = chains.map(\.result).greatest(upTo: limit)
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
    let ends = chains.map { chain in
      var end = max(columns.target, chain.target) + equals + max(columns.product, chain.product)
      if chain.numbers > 0 || columns.numbers > 0 {
        end += 3 + max(columns.numbers, chain.numbers)
      }
      return end + 3 + max(chain.sum > 0 ? columns.result : 0, chain.result) + chain.sum
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
