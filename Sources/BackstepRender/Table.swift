// Vectors and matrices on lines of their own, in columns aligned at the decimal point.

import BackstepTrace

extension LineWriter {
  /// How many rows of a matrix are shown; the middle of longer ones is left out.
  private static let rowLimit = 12

  /// How many blocks of columns are shown; the middle of more is left out.
  private static let blockLimit = 12

  /// Writes a vector or a matrix row by row; of a long one the middle is left out.
  ///
  /// - Parameters:
  ///   - reading: The numbers.
  ///   - indent: Where the rows begin.
  ///   - rowLabel: The name of a row, counted from 0, that stands before it.
  ///   - columnLabel: The name of a column that stands above it.
  ///   - wraps: Whether columns for which there is no room follow below, in blocks, rather than be
  ///     left out.
  func writeTable(
    _ reading: Reading, indent: Int, rowLabel: ((Int) -> String)? = nil,
    columnLabel: ((Int) -> String)? = nil, wraps: Bool = false
  ) {
    guard case .tensor(let shape, let elements) = reading else { return }
    let isMatrix = shape.rank == 2
    let rows = isMatrix ? shape.rows : 1
    let columns = isMatrix ? shape.columns : shape.count
    let shownRows = Self.places(rows, atMost: Self.rowLimit)
    let labels = shownRows.map { rowLabel?($0) ?? "" }
    let labelWidth = labels.map { DisplayWidth.columns(of: $0) }.max() ?? 0
    let start = indent + (labelWidth > 0 ? labelWidth + 2 : 0)
    let room = style.width - start - 4
    let element = { (row: Int, column: Int) in elements[row * columns + column] }
    func write(_ table: Table) {
      if columnLabel != nil {
        var line = line()
        line.pad(to: start + 1)
        table.addLabels(to: &line)
        self.write(line)
      }
      for (index, row) in shownRows.enumerated() {
        if index > 0, row != shownRows[index - 1] + 1 {
          writeDots(rows - shownRows.count, "rows", start)
        }
        var line = line()
        line.pad(to: indent)
        line.add(labels[index], .name)
        line.pad(to: start)
        line.add("[", .dim)
        table.add(row: index, to: &line)
        line.add(" ]", .dim)
        self.write(line)
      }
    }
    let whole = Table(
      rows: shownRows, columns: columns, room: room, numbers: style.numbers, label: columnLabel,
      element: element)
    guard wraps, whole.hasGap else { return write(whole) }
    let what = isMatrix ? "columns" : "entries"
    var next = 0
    for block in Table.blocks(
      rows: shownRows, columns: columns, room: room, numbers: style.numbers, label: columnLabel,
      limit: Self.blockLimit, element: element)
    {
      if next > 0 { writeBlank() }
      if block.range.lowerBound > next {
        writeDots(block.range.lowerBound - next, what, start)
        writeBlank()
      }
      next = block.range.upperBound
      if columnLabel == nil {
        var line = line()
        line.pad(to: start)
        line.add("\(what) \(block.range.lowerBound + 1) to \(block.range.upperBound)", .dim)
        self.write(line)
      }
      write(block.table)
    }
  }

  private func writeDots(_ count: Int, _ what: String, _ indent: Int) {
    var line = line()
    line.pad(to: indent + 2)
    line.add("… \(count) more \(what)", .dim)
    write(line)
  }

  /// The places that are shown: all, or the first ones and the last three.
  static func places(_ count: Int, atMost limit: Int) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    return Array(0..<(limit - 3)) + Array((count - 3)..<count)
  }
}

/// The numbers of a matrix as text, in columns as wide as they need to be.
struct Table {
  /// The text of a number, and how much of it lies before the decimal point.
  private struct Entry {
    var text: String
    var head: Int
  }

  /// A column that is shown.
  private struct Column {
    var entries: [Entry]
    var head: Int
    var tail: Int
    /// The name that stands above it.
    var label: String
    /// Whether columns are left out before this one.
    var followsGap = false

    var width: Int { head + tail + 2 }

    init(_ elements: [Double], _ numbers: NumberFormat, _ label: String?) {
      self.label = label ?? ""
      entries = elements.map { element in
        var text = ByteBuffer()
        numbers.append(element, to: &text)
        let point = text.bytes.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
        return Entry(text: text.string, head: point ?? text.count)
      }
      head = entries.map(\.head).max() ?? 0
      tail = entries.map { $0.text.utf8.count - $0.head }.max() ?? 0
      // A column is as wide as its name at least; its numbers then stand in the middle.
      let missing = max(0, DisplayWidth.columns(of: self.label) - head - tail)
      head += missing / 2
      tail += missing - missing / 2
    }
  }

  /// What the dots for the columns left out take.
  private static let gapColumns = 5

  private var columns: [Column] = []

  /// Makes as many columns as there is room for; if that is not all, the last one stays.
  init(
    rows: [Int], columns count: Int, room: Int, numbers: NumberFormat,
    label: ((Int) -> String)? = nil, element: (_ row: Int, _ column: Int) -> Double
  ) {
    var used = 0
    while columns.count < count, used <= room {
      let place = columns.count
      columns.append(Column(rows.map { element($0, place) }, numbers, label?(place)))
      used += columns[place].width
    }
    guard used > room, count > 1 else { return }
    var last = Column(rows.map { element($0, count - 1) }, numbers, label?(count - 1))
    last.followsGap = true
    used += last.width + Self.gapColumns
    while used > room, let removed = columns.popLast() { used -= removed.width }
    columns.append(last)
  }

  /// All columns, in blocks that there is room for; of more than `limit` blocks the middle is left
  /// out.
  static func blocks(
    rows: [Int], columns count: Int, room: Int, numbers: NumberFormat,
    label: ((Int) -> String)?, limit: Int, element: (_ row: Int, _ column: Int) -> Double
  ) -> [(table: Table, range: Range<Int>)] {
    func pack(_ range: Range<Int>, atMost most: Int) -> [(table: Table, range: Range<Int>)] {
      var blocks: [(table: Table, range: Range<Int>)] = []
      var columns: [Column] = []
      var used = 0
      for place in range {
        let column = Column(rows.map { element($0, place) }, numbers, label?(place))
        if !columns.isEmpty, used + column.width > room {
          blocks.append((Table(columns: columns), place - columns.count..<place))
          guard blocks.count < most else { return blocks }
          columns = []
          used = 0
        }
        columns.append(column)
        used += column.width
      }
      let end = range.upperBound
      if !columns.isEmpty { blocks.append((Table(columns: columns), end - columns.count..<end)) }
      return blocks
    }
    let first = pack(0..<count, atMost: limit)
    guard let end = first.last?.range.upperBound, end < count else { return first }
    let head = first.dropLast(3)
    // As many columns from the end as three blocks have on average.
    let rest = max(head.last?.range.upperBound ?? 0, count - max(1, end * 3 / limit))
    return head + pack(rest..<count, atMost: limit)
  }

  private init(columns: [Column]) { self.columns = columns }

  /// Whether columns are left out.
  var hasGap: Bool { columns.contains { $0.followsGap } }

  /// Adds the names of the columns, each in the middle of its column.
  func addLabels(to line: inout FragmentLine) {
    for (index, column) in columns.enumerated() {
      if column.followsGap { line.add("  …", .dim) }
      let start = line.columns + (index == 0 ? 1 : 2)
      let width = column.head + column.tail
      line.pad(to: start + (width - DisplayWidth.columns(of: column.label)) / 2)
      line.add(column.label, .name)
      line.pad(to: start + width)
    }
  }

  /// Adds a row's numbers, each after two blanks at least.
  func add(row: Int, _ role: Role = .value, to line: inout FragmentLine) {
    for (index, column) in columns.enumerated() {
      if column.followsGap { line.add("  …", .dim) }
      let start = line.columns + (index == 0 ? 1 : 2)
      let entry = column.entries[row]
      line.pad(to: start + column.head - entry.head)
      line.add(entry.text, role)
      line.pad(to: start + column.head + column.tail)
    }
  }
}
