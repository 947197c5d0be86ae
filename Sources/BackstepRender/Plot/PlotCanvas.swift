// A plot in characters: axes with round numbers, lines of dots, marks and words.

import BackstepTrace

/// A field between two axes that lines and marks are drawn on.
///
/// In Unicode each character holds 2 × 4 dots of Braille; in ASCII a line is made of a character of
/// its own. What is drawn later covers what was drawn before.
public struct PlotCanvas: Sendable {
  /// How a line looks.
  public struct Pen: Sendable {
    /// What the line is, for its colour.
    public var role: Role
    /// Every how many-th dot is drawn, from 1.
    public var every: Int
    /// The character in ASCII.
    public var ascii: Unicode.Scalar

    /// Chooses a look.
    public init(_ role: Role, every: Int = 1, ascii: Unicode.Scalar) {
      self.role = role
      self.every = max(1, every)
      self.ascii = ascii
    }
  }

  private struct Cell: Sendable {
    var dots: UInt8 = 0
    var sign: Unicode.Scalar?
    var role = Role.plain
  }

  /// The horizontal axis.
  public let x: PlotAxis
  /// The vertical axis.
  public let y: PlotAxis
  /// How many characters the field is wide.
  public let columns: Int
  /// How many characters the field is high.
  public let rows: Int
  private let style: Style
  private let xTicks: [Double]
  private let yTicks: [Double]
  /// How many columns the numbers beside the vertical axis take.
  private let margin: Int
  private var cells: [Cell]

  /// How many dots the field is wide.
  public var dotColumns: Int { style.ascii ? columns : 2 * columns }
  /// How many dots the field is high.
  public var dotRows: Int { style.ascii ? rows : 4 * rows }

  /// Starts with an empty field.
  ///
  /// - Parameters:
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis.
  ///   - width: How many columns the plot may take, with the numbers beside it.
  ///   - rows: How many lines the field has; the axis below it takes two more.
  ///   - style: Spelling and colours.
  public init(x: PlotAxis, y: PlotAxis, width: Int, rows: Int, style: Style) {
    self.x = x
    self.y = y
    self.rows = max(3, rows)
    self.style = style
    yTicks = y.ticks(atMost: max(2, self.rows / 3 + 1))
    margin = min((yTicks.map { PlotAxis.label($0).utf8.count }.max() ?? 0) + 1, max(8, width / 4))
    columns = max(8, width - margin - 2)
    xTicks = x.ticks(atMost: max(2, columns / 11))
    cells = Array(repeating: Cell(), count: columns * self.rows)
  }

  // MARK: Drawing

  /// Draws lines from point to point; a point that is not finite interrupts them.
  public mutating func line(through points: [(x: Double, y: Double)], _ pen: Pen) {
    var last: (x: Double, y: Double)?
    var steps = 0
    for point in points {
      var place = (x: x.position(of: point.x), y: y.position(of: point.y))
      guard place.x.isFinite, place.y.isFinite else {
        last = nil
        continue
      }
      // Far outside it does not matter how far.
      place = (min(max(place.x, -1e9), 1e9), min(max(place.y, -1e9), 1e9))
      stroke(from: last ?? place, to: place, pen, &steps)
      last = place
    }
  }

  /// Draws a straight line between two places, as far as it lies in the field.
  private mutating func stroke(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ pen: Pen,
    _ steps: inout Int
  ) {
    var (from, to) = (0.0, 1.0)
    // Liang and Barsky: where the line enters and leaves the unit square.
    for (begin, delta) in [(start.x, end.x - start.x), (start.y, end.y - start.y)] {
      if delta == 0 {
        if begin < 0 || begin > 1 { return }
      } else {
        let (one, other) = (-begin / delta, (1 - begin) / delta)
        from = max(from, min(one, other))
        to = min(to, max(one, other))
      }
    }
    guard from <= to else { return }
    let (width, height) = (Double(dotColumns - 1), Double(dotRows - 1))
    let length = max(abs(end.x - start.x) * width, abs(end.y - start.y) * height) * (to - from)
    let count = min(max(Self.place(length.rounded(.up)), 0), 10_000)
    for step in 0...count {
      let t = from + (to - from) * (count == 0 ? 0 : Double(step) / Double(count))
      let column = Self.place((start.x + (end.x - start.x) * t) * width)
      let row = Self.place((1 - start.y - (end.y - start.y) * t) * height)
      if steps.isMultiple(of: pen.every) { dot(column, row, pen) }
      if count > 0, step < count || pen.every == 1 { steps += 1 }
    }
  }

  /// Sets one dot, counted from the top left.
  public mutating func dot(_ column: Int, _ row: Int, _ pen: Pen) {
    guard (0..<dotColumns).contains(column), (0..<dotRows).contains(row) else { return }
    if style.ascii {
      cells[row * columns + column] = Cell(sign: pen.ascii, role: pen.role)
      return
    }
    let bits: [UInt8] = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80]
    let place = row / 4 * columns + column / 2
    cells[place].dots |= bits[column % 2 * 4 + row % 4]
    cells[place].sign = nil
    cells[place].role = pen.role
  }

  /// Puts a character at a point, where it lies in the field.
  public mutating func mark(
    x number: Double, y other: Double, _ sign: Unicode.Scalar, ascii: Unicode.Scalar, _ role: Role
  ) {
    guard let (column, row) = cell(x: number, y: other) else { return }
    cells[row * columns + column] = Cell(sign: style.ascii ? ascii : sign, role: role)
  }

  /// Puts a number or a word on the field, where it lies in it as a whole.
  public mutating func write(_ word: String, column: Int, row: Int, _ role: Role) {
    let signs = Array(word.unicodeScalars)
    guard (0..<rows).contains(row), column >= 0, column + signs.count <= columns else { return }
    for (offset, sign) in signs.enumerated() {
      cells[row * columns + column + offset] = Cell(sign: sign, role: role)
    }
  }

  /// Fills the field with characters.
  public mutating func fill(_ role: Role, _ sign: (_ column: Int, _ row: Int) -> Unicode.Scalar?) {
    for row in 0..<rows {
      for column in 0..<columns {
        if let sign = sign(column, row) {
          cells[row * columns + column] = Cell(sign: sign, role: role)
        }
      }
    }
  }

  /// The character that a point lies in; nil where it lies outside.
  public func cell(x number: Double, y other: Double) -> (column: Int, row: Int)? {
    let (across, up) = (x.position(of: number), y.position(of: other))
    guard (0...1).contains(across), (0...1).contains(up) else { return nil }
    let column = Self.place(across * Double(dotColumns - 1)) / (style.ascii ? 1 : 2)
    let row = Self.place((1 - up) * Double(dotRows - 1)) / (style.ascii ? 1 : 4)
    return (column, row)
  }

  /// Whether nothing is drawn on a stretch of a line.
  public func isEmpty(_ range: Range<Int>, row: Int) -> Bool {
    guard (0..<rows).contains(row), range.lowerBound >= 0, range.upperBound <= columns else {
      return false
    }
    return range.allSatisfy {
      cells[row * columns + $0].sign == nil && cells[row * columns + $0].dots == 0
    }
  }

  // MARK: Writing

  /// The lines of the plot: the vertical axis' name, the field, the horizontal axis with its numbers
  /// and its name.
  public func lines(xName: String, yName: String) -> [FragmentLine] {
    var title = line()
    title.write(.name, limit: margin + columns) { $0.append(yName) }
    return [title] + (0..<rows).map(fieldLine) + [axisLine()] + numberLines(xName)
  }

  private func line() -> FragmentLine {
    FragmentLine(ascii: style.ascii, keepsRoles: style.theme != nil)
  }

  private func tickRow(_ tick: Double) -> Int {
    Self.place((1 - y.position(of: tick)) * Double(dotRows - 1)) / (style.ascii ? 1 : 4)
  }

  private func tickColumn(_ tick: Double) -> Int {
    Self.place(x.position(of: tick) * Double(dotColumns - 1)) / (style.ascii ? 1 : 2)
  }

  /// The nearest whole number; -1 for what is none.
  private static func place(_ number: Double) -> Int { Int(exactly: number.rounded()) ?? -1 }

  private func fieldLine(_ row: Int) -> FragmentLine {
    var line = line()
    let tick = yTicks.first { tickRow($0) == row }
    if let tick {
      let label = PlotAxis.label(tick)
      line.pad(to: margin - label.utf8.count)
      line.write(.plain, limit: margin) { $0.append(label) }
    }
    line.pad(to: margin)
    line.add(style.ascii ? tick == nil ? " |" : " +" : tick == nil ? " │" : " ┤", .dim)
    for column in 0..<columns {
      let cell = cells[row * columns + column]
      guard cell.sign != nil || cell.dots != 0 else { continue }
      let braille = Unicode.Scalar(0x2800 + UInt32(cell.dots)) ?? " "
      line.pad(to: margin + 2 + column)
      line.add(String(Character(cell.sign ?? braille)), cell.role)
    }
    return line
  }

  private func axisLine() -> FragmentLine {
    var line = line()
    line.pad(to: margin + 1)
    let ticks = Set(xTicks.map(tickColumn))
    var axis = style.ascii ? "+" : "└"
    for column in 0..<columns {
      let isTick = ticks.contains(column)
      axis += style.ascii ? isTick ? "+" : "-" : isTick ? "┬" : "─"
    }
    line.add(axis, .dim)
    return line
  }

  /// The numbers below the axis, and its name: behind them, or on a line of its own.
  private func numberLines(_ name: String) -> [FragmentLine] {
    var line = line()
    let end = margin + 2 + columns
    for tick in xTicks {
      let label = PlotAxis.label(tick)
      let middle = margin + 2 + tickColumn(tick) - label.utf8.count / 2
      let start = min(max(0, middle), end - label.utf8.count)
      guard start > line.columns || line.columns == 0 else { continue }
      line.pad(to: start)
      line.add(label)
    }
    var nameLine = self.line()
    nameLine.write(.name, limit: columns / 3) { $0.append(name) }
    guard line.columns + 1 >= end - nameLine.columns else {
      line.pad(to: end - nameLine.columns)
      line.add(nameLine)
      return [line]
    }
    var last = self.line()
    last.pad(to: end - nameLine.columns)
    last.add(nameLine)
    return [line, last]
  }
}
