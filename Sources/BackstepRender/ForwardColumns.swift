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
  /// Where those begin that are too wide for that.
  var outlier = 0
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

  /// The blanks between a step and its local derivatives, or between two of these.
  private static let gap = 3

  mutating func addStep(_ node: NodeIndex, _ value: Reading, _ cells: TraceCells) {
    names.append(Self.columns(cells) { cells.addName(node, .name, to: &$0) })
    formulas.append(Self.columns(cells) { cells.addFormula(node, to: &$0) })
    numbers.append(
      cells.hasNumbers(node) ? Self.columns(cells) { cells.addNumbers(node, to: &$0) } : 0)
    values.append(Self.columns(cells) { cells.add(value, .value, to: &$0) })
  }

  private static func columns(
    _ cells: TraceCells, _ add: (inout FragmentLine) -> Void
  ) -> Int {
    var line = cells.line()
    add(&line)
    return line.columns
  }

  /// Chooses the columns: local derivatives beside their steps if there is room, else below.
  ///
  /// Beside everything aligned is best, then beside steps whose values or also whose numbers
  /// follow closely; if none of these has room for every step, the best that has room for most.
  func columns(width: Int, indent: Int) -> ForwardColumns {
    let choices = choices(width, indent)
    for share in [1, 0.75] {
      for var choice in choices where isBeside(&choice, width, indent, share) { return choice }
    }
    var columns = choices[0]
    if names.indices.contains(where: { end(of: $0, columns, indent) > width }) {
      columns = choices[2]
    }
    columns.tab = partials.greatest(upTo: width / 2) + Self.gap
    return columns
  }

  /// Everything aligned; formulas only; names only.
  private func choices(_ width: Int, _ indent: Int) -> [ForwardColumns] {
    let limit = max(12, width * 3 / 8)
    var columns = ForwardColumns()
    columns.name = names.greatest(upTo: width / 4)
    let names = columns
    columns.numbers = indent + columns.name + 3 + formulas.greatest(upTo: limit)
    let formulas = columns
    let number = numbers.greatest(upTo: limit)
    columns.value = columns.numbers + (number > 0 ? 3 + number : 0)
    return [columns, formulas, names]
  }

  /// Where a step ends.
  private func end(of step: Int, _ columns: ForwardColumns, _ indent: Int) -> Int {
    var end = indent + max(columns.name, names[step]) + 3 + formulas[step]
    if numbers[step] > 0 { end = max(end, columns.numbers) + 3 + numbers[step] }
    return max(end, columns.value) + 3 + values[step]
  }

  /// Where the longest of the steps ends, but for outliers.
  private func end(_ columns: ForwardColumns, _ indent: Int, _ width: Int) -> Int {
    names.indices.map { end(of: $0, columns, indent) }.greatest(upTo: width * 3 / 4)
  }

  /// Puts the local derivatives beside the steps if a large enough share has room there.
  private func isBeside(
    _ columns: inout ForwardColumns, _ width: Int, _ indent: Int, _ share: Double
  ) -> Bool {
    let end = end(columns, indent, width)
    let widest = share == 1 ? partials.max() ?? 0 : 0
    columns.partial = min(end + Self.gap, max(end + 2, width - widest))
    let place = columns.partial
    columns.outlier = max(indent + 2, width - partials.greatest(upTo: width - indent - 2))
    guard !partials.isEmpty else { return false }
    let steps = names.indices.count { self.end(of: $0, columns, indent) + 2 <= place }
    let fitting = partials.count { place + $0 <= width }
    columns.isWide =
      Double(steps) >= share * Double(names.count)
      && Double(fitting) >= share * Double(partials.count)
    return columns.isWide
  }
}

extension [Int] {
  /// The greatest number that does not pass a limit: a few outliers do not widen a column.
  func greatest(upTo limit: Int) -> Int { reduce(0) { $1 <= limit && $1 > $0 ? $1 : $0 } }
}
