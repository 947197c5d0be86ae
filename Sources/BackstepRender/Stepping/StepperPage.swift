// The stepper's screen: formula, graph or table, the calculation of the moment, and the keys.

import BackstepTrace

/// Draws a trace at any position, for a screen of a given size.
///
/// A picture follows from the state alone. What is the same for all pictures, such as how wide the
/// columns are, is found once, so a picture costs no more than the rows it shows.
public final class StepperPage {
  let board: StepperBoard
  let stepper: Stepper
  let style: Style
  let cells: TraceCells
  let height: Int
  private let columns: StepperColumns
  /// Whether there are numbers alone, which need fewer rows than matrices.
  private let isScalar: Bool
  /// The graph; nil where it has too many nodes to be arranged between two keys.
  private let drawing: GraphDrawing?

  /// How many nodes the graph may have to be drawn.
  private static let drawingLimit = 2000
  /// The fewest rows that are worth a table.
  private static let tableRows = 4
  /// The fewest rows that are worth a part of the graph beside it.
  private static let graphRows = 5

  /// Prepares pictures.
  ///
  /// - Parameters:
  ///   - stepper: The trace.
  ///   - style: How it looks, and how wide the screen is.
  ///   - height: How many rows the screen has.
  public init(_ stepper: Stepper, style: Style, height: Int) {
    self.stepper = stepper
    self.style = style
    self.height = max(1, height)
    board = stepper.board
    cells = TraceCells(header: board.header, style: style)
    for event in board.recording.events { cells.remember(event) }
    columns = StepperColumns(board, cells)
    let header = board.header
    isScalar = (0..<header.count).allSatisfy { header.shape(of: $0).isScalar }
    drawing =
      board.header.count <= Self.drawingLimit
      ? GraphDrawing(header: board.header, style: style, width: style.width) : nil
  }

  /// How many rows the calculation of the moment has.
  private var panelRows: Int {
    switch height {
    case 34...: 9
    case 22...: isScalar ? 6 : 7
    case 14...: style.width < 60 ? 6 : 5
    default: max(1, height / 3)
    }
  }

  /// The picture of a state.
  public func frame(_ state: StepperState) -> StepperFrame {
    var sheet = Sheet(style)
    let step = board.steps[state.position]
    sheet.addOne(title(step))
    if height > 8 { sheet.addOne(progress(state.position)) }
    let below = panelRows + 1 + (height > 8 ? 1 : 0)
    let room = height - sheet.rows.count - below
    if room > 0 {
      var body = Sheet(style)
      addBody(state, room, to: &body)
      body.fit(room)
      sheet.add(body.rows)
    }
    if height > 8 { sheet.addOne(rule()) }
    var panel = Sheet(style)
    addPanel(state.position, panelRows, to: &panel)
    panel.fit(panelRows)
    sheet.add(panel.rows)
    sheet.addOne(footer(state))
    sheet.fit(height)
    return StepperFrame(rows: sheet.rows, width: style.width)
  }

  // MARK: Above and below

  /// What is traced, and which step this is.
  private func title(_ step: TraceStep) -> FragmentLine {
    var right = cells.line()
    let place =
      switch step.kind {
      case .start: "before the first step"
      case .forward: "step \(step.number) of \(board.numbered), forward"
      case .seed: "the seed"
      case .contribution: "step \(step.number) of \(board.numbered), backward"
      case .sum: "fan-out"
      case .end: "the end"
      }
    right.add(place, .step)
    var line = cells.line()
    let limit = max(8, style.width - right.columns - 2)
    let root = board.header.root
    line.write(.heading, limit: limit) { text in
      board.header.writeName(of: root, to: &text)
      guard board.header.kind(of: root) == .operation else { return }
      text.append(" = ")
      board.header.write(board.header.text(of: root), of: root, to: &text)
    }
    line.pad(to: style.width - right.columns)
    line.add(right)
    return line
  }

  /// How far the trace has come: `forward ━━━━━│──── backward`.
  private func progress(_ position: Int) -> FragmentLine {
    var line = cells.line()
    line.add("forward ", .dim)
    let width = max(4, style.width - 17)
    let all = max(1, board.last)
    let done = position * width / all
    let turn = min(board.turn * width / all, width - 1)
    let (full, empty, mark) = style.ascii ? ("=", "-", "|") : ("━", "─", "│")
    for column in 0..<width {
      let isDone = column < done || position == board.last
      let sign = column == turn ? mark : isDone ? full : empty
      line.add(sign, isDone ? .adjoint : .dim)
    }
    line.add(" backward", .dim)
    return line
  }

  private func rule() -> FragmentLine {
    var line = cells.line()
    for _ in 0..<style.width { line.add(style.ascii ? "-" : "─", .dim) }
    return line
  }

  /// What is being typed, what there is to say, or the keys.
  private func footer(_ state: StepperState) -> FragmentLine {
    var line = cells.line()
    switch state.entry {
    case .number(let number):
      line.add("step \(number)", .heading)
      line.add("  G goes there, Esc does not", .dim)
    case .name(let name):
      line.add("/", .heading)
      line.write(.heading, limit: max(8, style.width - 30)) { $0.append(name) }
      line.add(style.ascii ? "_" : "▏", .dim)
      line.add("  Enter looks for it, Esc does not", .dim)
    case .none where !state.message.isEmpty:
      line.write(.warning, limit: style.width) { $0.append(state.message) }
    case .none: addKeys(state, to: &line)
    }
    return line
  }

  /// Adds the keys that matter most now, as many as fit.
  private func addKeys(_ state: StepperState, to line: inout FragmentLine) {
    let (next, back) = style.ascii ? ("->", "<-") : ("→", "←")
    let ends = [("?", "keys"), ("q", "leave")]
    var keys: [(String, String)]
    if state.showsWhy {
      let count = stepper.ladder(state).links.count
      keys = count == 0 ? [] : [(count == 1 ? "1" : "1-\(count)", "ask on")]
      keys.append((back, state.asked.isEmpty ? "back" : "to the question before"))
      keys += [("w", "why off"), (next, "next")]
    } else {
      keys = [
        (next, "next"), (back, "back"), ("b", "backward"), ("f", "fan-out"), ("/", "node"),
        ("w", "why"), ("g", "graph"),
      ]
    }
    let width = { (key: (String, String)) in
      DisplayWidth.columns(of: key.0) + key.1.utf8.count + 3
    }
    var room = style.width + 2 - ends.reduce(0) { $0 + width($1) }
    for key in keys where room >= width(key) {
      room -= width(key)
      addKey(key, to: &line)
      line.add("  ", .dim)
    }
    addKey(ends[0], to: &line)
    line.add("  ", .dim)
    addKey(ends[1], to: &line)
  }

  private func addKey(_ key: (String, String), to line: inout FragmentLine) {
    line.add(key.0, .heading)
    line.add(" " + key.1, .dim)
  }

  // MARK: The body

  private func addBody(_ state: StepperState, _ room: Int, to sheet: inout Sheet) {
    if state.showsKeys { return addKeys(to: &sheet) }
    if state.showsGraph, !state.showsWhy || height >= 34 {
      addGraph(state.position, room, to: &sheet)
    }
    if state.showsWhy { addWhy(state, room - sheet.rows.count, to: &sheet) }
    let rest = room - sheet.rows.count
    if sheet.rows.isEmpty || rest >= Self.tableRows {
      columns.addTable(state.position, rest, to: &sheet)
    }
  }

  /// The graph with what is known at a position; of a large one the part around what happens.
  private func addGraph(_ position: Int, _ room: Int, to sheet: inout Sheet) {
    guard let drawing else { return }
    let step = board.steps[position]
    var values: [NodeIndex: Reading] = [:]
    var adjoints: [NodeIndex: Reading] = [:]
    for node in 0..<board.header.count {
      values[node] = board.value(node, at: position)
      // The drawing has no room to say that a sum is not complete: the table has.
      if let adjoint = board.adjoint(node, at: position), adjoint.isComplete {
        adjoints[node] = adjoint.sum
      }
    }
    // A drawing that leaves too little for the table gets all there is; one that is a part of the
    // graph leaves some.
    let isWhole = drawing.fits && drawing.height <= room
    let part = room - Self.tableRows - 2
    let lines = drawing.lines(
      values: values, adjoints: adjoints,
      markedNode: step.kind == .start || step.kind == .end ? nil : step.node,
      markedEdge: step.slot.map { (step.node, $0) },
      focus: step.kind == .start ? board.steps[min(1, board.last)].node : nil,
      height: isWhole || part < Self.graphRows ? room : part)
    for line in lines { sheet.addOne(line) }
    if room - sheet.rows.count > Self.tableRows { sheet.add([ByteBuffer()]) }
  }

  /// The ladder from the chain rule to the number; what can be asked on stays visible.
  private func addWhy(_ state: StepperState, _ room: Int, to sheet: inout Sheet) {
    var rungs = Sheet(style)
    if !state.asked.isEmpty { rungs.addOne(trail(state)) }
    rungs.add { LadderText(stepper.ladder(state), cells, $0).writeRungs() }
    var links = Sheet(style)
    links.add { LadderText(stepper.ladder(state), cells, $0).writeLinks(keys: true) }
    let free = max(0, room - links.rows.count)
    sheet.add(Array(rungs.rows.prefix(free)))
    sheet.add(links.rows)
    if room - rungs.rows.count - links.rows.count > Self.tableRows { sheet.add([ByteBuffer()]) }
  }

  /// The questions that led here: `∂L/∂w › ∂L/∂v1 › step 1`.
  private func trail(_ state: StepperState) -> FragmentLine {
    var line = cells.line()
    var start = state
    start.asked = []
    let questions = [stepper.question(start)] + state.asked
    line.add("why ", .dim)
    let shown = questions.suffix(6)
    if shown.count < questions.count { line.add("… ", .dim) }
    for (index, question) in shown.enumerated() {
      if index > 0 { line.add(style.ascii ? " > " : " › ", .dim) }
      switch question {
      case .derivative(let node, let entry): cells.addAdjoint(node, entry: entry, to: &line)
      case .step(let number): line.add("step \(number)", .step)
      }
    }
    return line
  }

  /// All keys.
  private func addKeys(to sheet: inout Sheet) {
    let arrows = style.ascii ? ("-> ", "<-") : ("→ ", "←")
    let rows = [
      ("Enter, Space, \(arrows.0)", "the next calculation"),
      ("\(arrows.1), Backspace", "back again"),
      ("Page Down, Page Up", "to the next numbered step, to the one before"),
      ("Home, End", "to the beginning, to the end"),
      ("b", "to the next node of the backward pass"),
      ("f", "to the next fan-out: where contributions are added up"),
      ("/ NAME Enter, n", "to a node; to the next step about it"),
      ("12 G", "to step 12; the numbers are those of trace"),
      ("c", "on to the next stop asked for by until or break"),
      ("w", "why: the chain rule behind the number, on or off"),
      ("1, 2, ... after w", "why this factor is what it is; \(arrows.1) goes back"),
      ("g", "the graph on or off"),
      ("q, Ctrl-C", "leave"),
    ]
    for (key, meaning) in rows {
      var line = cells.line()
      line.pad(to: 2)
      line.add(key, .heading)
      line.pad(to: 24)
      line.addSentence(meaning, indent: 24)
      sheet.addOne(line)
    }
  }
}
