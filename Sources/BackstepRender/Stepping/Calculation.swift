// Numbers and signs on a line, matrices in their rows: `[ 1 2 ] × [ 3 ] = …`.

import BackstepTrace

/// A calculation put into numbers, with matrices as blocks where there is room for them.
struct Calculation {
  /// A part of the calculation.
  enum Item {
    /// Signs and words.
    case text(String, Role)
    /// A number or a tensor; `factor` where a negative number needs parentheses.
    case value(Reading, Role, factor: Bool)
  }

  var items: [Item] = []

  /// Adds signs or words.
  mutating func add(_ text: String, _ role: Role = .sign) { items.append(.text(text, role)) }

  /// Adds a number or a tensor.
  mutating func add(_ reading: Reading, _ role: Role, factor: Bool = false) {
    items.append(.value(reading, role, factor: factor))
  }

  /// Adds an operation or a rule with values put in.
  mutating func add(
    _ template: Template, operands count: Int, result: Reading?, adjoint: Reading?,
    value: (Int) -> Reading?
  ) {
    for piece in template.pieces {
      switch piece {
      case .text(let bytes): add(String(decoding: bytes, as: UTF8.self), .formula)
      case .operand(let slot, let bare):
        if let reading = value(slot) { add(reading, .formula, factor: !bare) }
      case .operands(let first):
        for slot in first..<max(first, count) {
          if slot > first { add(", ", .formula) }
          if let reading = value(slot) { add(reading, .formula) }
        }
      case .result: if let result { add(result, .formula, factor: true) }
      case .adjoint: if let adjoint { add(adjoint, .adjoint, factor: true) }
      }
    }
  }

  /// Adds the rule of a contribution, with the values at a position put in: `[ 2 ] @ [ 1 3 ]'`.
  mutating func add(rule contribution: Contribution, _ board: StepperBoard, at position: Int) {
    let (node, header) = (contribution.node, board.header)
    add(
      header.partialFormula(of: node, slot: contribution.slot),
      operands: header.operandCount(of: node), result: board.value(node, at: position),
      adjoint: board.adjoint(node, at: position)?.sum
    ) { board.value(header.operand($0, of: node), at: position) }
    standUp()
  }

  /// Shows the outer product of two vectors, `a @ x'`, as the product of a column and a row.
  private mutating func standUp() {
    for place in items.indices.dropLast(3) {
      guard case .value(.tensor(let shape, let column), let role, let factor) = items[place],
        case .text(let product, _) = items[place + 1],
        case .value(.tensor(let other, _), _, _) = items[place + 2],
        case .text(let prime, let sign) = items[place + 3],
        shape.rank == 1, other.rank == 1, product == " @ ", prime.hasPrefix("'")
      else { continue }
      items[place] = .value(.tensor(.matrix(shape.count, 1), column), role, factor: factor)
      items[place + 3] = .text(String(prime.dropFirst()), sign)
    }
  }

  /// Whether there is any number in it.
  var hasNumbers: Bool { items.contains { if case .value = $0 { true } else { false } } }

  /// Whether there is a matrix of several rows.
  var hasRows: Bool {
    items.contains {
      if case .value(let reading, _, _) = $0 { Self.rows(of: reading) > 1 } else { false }
    }
  }

  /// The lines of the calculation: matrices in rows where they fit, else all on one line, with fewer
  /// digits if need be, and at last shapes in place of tensors.
  ///
  /// - Parameters:
  ///   - start: What stands before it on the line of its signs.
  ///   - cells: Which digits and colours there are, and how wide a line may be.
  ///   - most: How many lines there may be.
  ///   - sign: What stands there instead where that is too wide.
  /// - Returns: The lines, and whether every number is on them.
  func lines(
    behind start: FragmentLine, _ cells: TraceCells, atMost most: Int, margin sign: String = ""
  ) -> (lines: [FragmentLine], isComplete: Bool) {
    let width = cells.style.width
    let formats = InlineValue.digits(cells.style.numbers)
    if hasRows {
      var margin = cells.line()
      margin.pad(to: 2)
      margin.add(sign, .sign)
      // Where they do not fit behind what stands there, they may without it.
      for start in [start, margin] {
        for format in formats {
          let lines = blocks(behind: start, cells, format, atMost: most)
          if let lines, lines.allSatisfy({ $0.columns <= width }) { return (lines, true) }
        }
      }
    }
    for format in formats {
      var isComplete = true
      let line = line(behind: start, cells) { reading in
        if let value = InlineValue(reading, limit: width, numbers: format) { return value.text }
        isComplete = false
        return InlineValue.shape(reading.shape)
      }
      if isComplete, line.columns <= width { return ([line], true) }
    }
    let hasTensors = items.contains {
      if case .value(.tensor, _, _) = $0 { true } else { false }
    }
    return ([line(behind: start, cells) { InlineValue.shape($0.shape) }], !hasTensors)
  }

  private func line(
    behind start: FragmentLine, _ cells: TraceCells, tensor: (Reading) -> ByteBuffer
  ) -> FragmentLine {
    var line = start
    for item in items {
      switch item {
      case .text(let text, let role): line.add(text, role)
      case .value(.scalar(let number), let role, let factor):
        cells.add(.scalar(number), role, factor: factor, to: &line)
      case .value(let reading, let role, _): line.add(tensor(reading), role)
      }
    }
    return line
  }

  /// The lines with matrices in rows; nil where these are too many.
  private func blocks(
    behind start: FragmentLine, _ cells: TraceCells, _ format: NumberFormat, atMost most: Int
  ) -> [FragmentLine]? {
    var count = 1
    for case .value(let reading, _, _) in items {
      count = max(count, Self.rows(of: reading))
      // What is too wide need not be written first.
      guard count <= most, reading.shape.count <= count * cells.style.width else { return nil }
    }
    // The signs stand on the middle line, and what is higher around it.
    let middle = (count - 1) / 2
    var lines = (0..<count).map { _ in cells.line() }
    lines[middle] = start
    for item in items {
      let column = lines.reduce(0) { max($0, $1.columns) }
      switch item {
      case .text(let text, let role):
        lines[middle].pad(to: column)
        lines[middle].add(text, role)
      case .value(.scalar(let number), let role, let factor):
        lines[middle].pad(to: column)
        cells.add(.scalar(number), role, factor: factor, to: &lines[middle])
      case .value(.tensor(let shape, let elements), let role, _):
        let rows = Self.rows(of: .tensor(shape, elements))
        let columns = rows > 0 ? shape.count / rows : 0
        let table = Table(
          rows: Array(0..<rows), columns: columns, room: cells.style.width, numbers: format
        ) { elements[$0 * columns + $1] }
        guard !table.hasGap else { return nil }
        let first = middle - (rows - 1) / 2
        for row in 0..<rows {
          lines[first + row].pad(to: column)
          lines[first + row].add("[", .dim)
          table.add(row: row, role, to: &lines[first + row])
          lines[first + row].add(" ]", .dim)
        }
      }
    }
    return lines
  }

  private static func rows(of reading: Reading) -> Int {
    reading.shape.rank == 2 ? reading.shape.rows : 1
  }
}
