// How the columns of the forward pass are chosen.

import BackstepTrace

/// Where the parts of a step begin, and whether local derivatives stand beside it or below.
struct ForwardColumns: Equatable {
  /// How many columns names have.
  var name = 0
  /// Where the operation with numbers put in begins, 0 for right behind the formula.
  var numbers = 0
  /// Where the value begins, 0 for right behind what comes before it.
  var value = 0
  /// Where local derivatives begin.
  var partial = 0
  /// Whether local derivatives stand beside their step.
  var isWide = false
  /// The distance between two local derivatives side by side below their step.
  var tab = 0
}

/// The widths of what the first steps of a forward pass have to show.
struct ForwardMeasure {
  private var names: [Int] = []
  private var formulas: [Int] = []
  private var numbers: [Int] = []
  private var values: [Int] = []
  var partials: [Int] = []

  /// The blanks between a step and its local derivatives.
  private static let gap = 3

  mutating func addStep(_ node: NodeIndex, _ value: Reading, _ cells: TraceCells) {
    names.append(Self.columns(cells) { cells.addName(node, .name, to: &$0) })
    formulas.append(Self.columns(cells) { cells.addFormula(node, to: &$0) })
    numbers.append(Self.columns(cells) { cells.addNumbers(node, to: &$0) })
    values.append(Self.columns(cells) { cells.add(value, .value, to: &$0) })
  }

  private static func columns(
    _ cells: TraceCells, _ add: (inout FragmentLine) -> Void
  ) -> Int {
    var line = cells.line()
    add(&line)
    return line.columns
  }

  /// Chooses the columns: everything aligned with the local derivatives beside, if most of them
  /// fit; else only the names aligned; else the local derivatives below their steps.
  func columns(width: Int, indent: Int) -> ForwardColumns {
    var columns = ForwardColumns()
    columns.name = names.greatest(upTo: width / 4)
    let limit = max(12, width * 3 / 8)
    let formulaEnd = indent + columns.name + 3 + formulas.greatest(upTo: limit)
    let numbersWidth = numbers.greatest(upTo: limit)
    let numbersEnd = formulaEnd + (numbersWidth > 0 ? 3 + numbersWidth : 0)
    let end = numbersEnd + 3 + values.greatest(upTo: limit)

    columns.numbers = formulaEnd
    columns.value = numbersEnd
    if setBeside(end, width, &columns) { return columns }
    let isAligned = end <= width
    let aligned = columns
    columns.numbers = 0
    columns.value = 0
    if setBeside(raggedEnd(width, indent, columns.name), width, &columns) { return columns }
    if isAligned { columns = aligned }
    columns.tab = partials.greatest(upTo: width / 2) + Self.gap
    return columns
  }

  /// Puts the local derivatives beside the steps if three in four have room there.
  private func setBeside(_ end: Int, _ width: Int, _ columns: inout ForwardColumns) -> Bool {
    columns.partial = end + Self.gap
    let fitting = partials.count { columns.partial + $0 <= width }
    columns.isWide = fitting * 4 >= partials.count * 3
    return columns.isWide
  }

  /// Where the longest of the steps ends, if only their names are aligned.
  private func raggedEnd(_ width: Int, _ indent: Int, _ name: Int) -> Int {
    let ends = formulas.indices.map { index in
      indent + name + 3 + formulas[index]
        + (numbers[index] > 0 ? 3 + numbers[index] : 0) + 3 + values[index]
    }
    return ends.greatest(upTo: width * 5 / 8)
  }
}

extension [Int] {
  /// The greatest number that does not pass a limit: a few outliers do not widen a column.
  func greatest(upTo limit: Int) -> Int { reduce(0) { $1 <= limit && $1 > $0 ? $1 : $0 } }
}
