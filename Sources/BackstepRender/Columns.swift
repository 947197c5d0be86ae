// Tables whose cells are texts.

import BackstepTrace

/// Cells in columns: the first to the left, the others to the right of theirs.
///
/// Where there is no room, headings are shortened first, then the columns come closer together.
struct Columns {
  private struct Row {
    var cells: [String]
    var role: Role
    /// What is written where the table would be too wide.
    var short: [String]
  }

  /// A way to lay the table out.
  private struct Layout {
    var isShort: Bool
    var gap: Int
  }

  private let writer: LineWriter
  private var rows: [Row] = []

  init(_ writer: LineWriter) { self.writer = writer }

  mutating func add(_ cells: [String], _ role: Role, short: [String]? = nil) {
    rows.append(Row(cells: cells, role: role, short: short ?? cells))
  }

  func number(_ number: Double, digits: Int? = nil) -> String {
    var text = ByteBuffer()
    (digits.map { NumberFormat(digits: $0) } ?? writer.style.numbers).append(number, to: &text)
    return text.string
  }

  private static let layouts = [
    Layout(isShort: false, gap: 3), Layout(isShort: true, gap: 3), Layout(isShort: true, gap: 2),
    Layout(isShort: true, gap: 1),
  ]

  /// How wide each column is.
  private func widths(_ layout: Layout) -> [Int] {
    let cells = rows.map { layout.isShort ? $0.short : $0.cells }
    let count = cells.map(\.count).max() ?? 0
    return (0..<count).map { column in
      cells.map { column < $0.count ? DisplayWidth.columns(of: $0[column]) : 0 }.max() ?? 0
    }
  }

  /// How wide the table is.
  private func width(_ layout: Layout) -> Int {
    let widths = widths(layout)
    return 2 + widths.reduce(0, +) + layout.gap * max(0, widths.count - 1)
  }

  /// Whether the table has room, with its headings written out or not.
  func fits(isShort: Bool) -> Bool {
    Self.layouts.contains { $0.isShort == isShort && width($0) <= writer.style.width }
  }

  func write() {
    let layout =
      Self.layouts.first { width($0) <= writer.style.width } ?? Self.layouts[Self.layouts.count - 1]
    let widths = widths(layout)
    for row in rows {
      var line = writer.line()
      var start = 2
      for (column, cell) in (layout.isShort ? row.short : row.cells).enumerated() {
        let room = widths[column] - DisplayWidth.columns(of: cell)
        line.pad(to: start + (column == 0 ? 0 : room))
        line.add(cell, column == 0 && row.role == .value ? .name : row.role)
        start += widths[column] + layout.gap
      }
      writer.write(line)
    }
  }
}
