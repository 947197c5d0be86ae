// The wires of a drawing, cell by cell.

/// Which ways a wire leaves a cell.
struct Arms: OptionSet, Sendable {
  let rawValue: UInt8

  static let left = Arms(rawValue: 1)
  static let right = Arms(rawValue: 2)
  static let up = Arms(rawValue: 4)
  static let down = Arms(rawValue: 8)
  /// The end of a wire, at the edge of what uses it.
  static let arrow = Arms(rawValue: 16)
  /// Another wire passes here, without touching.
  static let crossing = Arms(rawValue: 32)
  /// The wire goes on where nothing is drawn.
  static let hidden = Arms(rawValue: 64)

  /// The left edge of a node.
  static let edge = Arms(rawValue: 128)

  /// The character for what meets in a cell: a dot where one wire branches, as in circuit diagrams.
  func sign(ascii: Bool, isMarked: Bool) -> Unicode.Scalar {
    if contains(.hidden) { return ascii ? "~" : "…" }
    if contains(.arrow) { return ascii ? ">" : isMarked ? "┫" : "┤" }
    if contains(.edge) { return ascii ? "|" : "│" }
    let isLevel = isDisjoint(with: [.up, .down])
    let isUpright = isDisjoint(with: [.left, .right])
    if contains(.crossing) { return ascii ? "|" : isMarked ? "╋" : "┼" }
    if isMarked {
      if ascii { return isLevel ? "=" : "#" }
      if isLevel { return "━" }
      if isUpright { return "┃" }
      switch self {
      case [.left, .up]: return "┛"
      case [.left, .down]: return "┓"
      case [.right, .up]: return "┗"
      case [.right, .down]: return "┏"
      default: return "●"
      }
    }
    if isLevel { return ascii ? "-" : "─" }
    if isUpright { return ascii ? "|" : "│" }
    switch self {
    case [.left, .up]: return ascii ? "+" : "╯"
    case [.left, .down]: return ascii ? "+" : "╮"
    case [.right, .up]: return ascii ? "+" : "╰"
    case [.right, .down]: return ascii ? "+" : "╭"
    default: return ascii ? "o" : "●"
    }
  }
}

/// A field of cells that wires run through.
struct WireGrid: Sendable {
  let width: Int
  let height: Int
  private var cells: [Arms]
  /// The value that a cell's wire carries, plus 1; 0 where there is none.
  private var owners: [Int32]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    cells = Array(repeating: [], count: width * height)
    owners = Array(repeating: 0, count: width * height)
  }

  /// What meets in a cell; nothing outside.
  subscript(row: Int, column: Int) -> Arms {
    guard column >= 0, column < width, row >= 0, row < height else { return [] }
    return cells[row * width + column]
  }

  /// Adds a piece of a wire to a cell, or what belongs to no wire.
  mutating func add(_ arms: Arms, of owner: Int?, _ row: Int, _ column: Int) {
    guard column >= 0, column < width, row >= 0, row < height else { return }
    let place = row * width + column
    let number = Int32(truncatingIfNeeded: (owner ?? -2) + 1)
    if owners[place] != 0, owners[place] != number {
      cells[place].insert(.crossing)
    } else {
      owners[place] = number
      cells[place].formUnion(arms)
    }
  }
}

/// The way of a wire: cells in a row, then in a column, then in a row again.
struct WirePath: Sendable {
  var cells: [(row: Int, column: Int, arms: Arms)] = []

  /// From the first column to the last, inclusive, on one line.
  mutating func level(_ row: Int, _ first: Int, _ last: Int) {
    guard first <= last else { return }
    for column in first...last { cells.append((row, column, [.left, .right])) }
  }

  /// Along a line, up or down a column, and along another line.
  mutating func bend(from row: Int, _ first: Int, at track: Int, to end: Int, _ last: Int) {
    guard row != end else { return level(row, first, last) }
    level(row, first, track - 1)
    let isDown = end > row
    cells.append((row, track, [.left, isDown ? .down : .up]))
    for between in (min(row, end) + 1)..<max(row, end) {
      cells.append((between, track, [.up, .down]))
    }
    cells.append((end, track, [.right, isDown ? .up : .down]))
    level(end, track + 1, last)
  }
}
