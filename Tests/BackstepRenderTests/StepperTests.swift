// The stepper: any way to a position shows the same as going there straight; pictures on file.

import BackstepTrace
import Foundation
import Testing

@testable import BackstepRender

/// Records an example.
func recorded(_ example: Example) -> Recording {
  var recording = Recording()
  example.run(&recording)
  return recording
}

/// A screen of some size.
enum Size: String, CaseIterable {
  case standard = "80x24"
  case large = "140x40"
  case ascii = "80x24-ascii"
  case small = "40x10"

  var style: Style {
    switch self {
    case .standard: Style()
    case .large: Style(width: 140)
    case .ascii: Style(ascii: true)
    case .small: Style(width: 40)
    }
  }
  var height: Int {
    switch self {
    case .standard, .ascii: 24
    case .large: 40
    case .small: 10
    }
  }
}

@Suite("The stepper")
struct StepperTests {
  /// All keys, those that move more often than others.
  private static let keys: [StepperKey] = [
    .enter, .forward, .forward, .back, .back, .home, .end, .pageDown, .pageUp, .erase, .escape,
    .character(" "), .character("b"), .character("f"), .character("c"), .character("G"),
    .character("1"), .character("7"), .character("/"), .character("x"), .character("n"),
    .character("w"), .character("g"), .character("?"), .character("z"), .character("θ"),
  ]

  @Test("Any sequence of keys ends in what going straight shows", arguments: Example.all)
  func keysEndAsGoingStraight(example: Example) throws {
    let recording = recorded(example)
    let stops = [TraceStop(position: 2, text: "v1"), TraceStop(position: 5, text: "abs(x) > 1")]
    let stepper = try #require(Stepper(recording, stops: stops))
    let page = StepperPage(stepper, style: Style(), height: 24)
    // Straight: each position reached by Enter alone, drawn by a page of its own.
    let other = StepperPage(stepper, style: Style(), height: 24)
    var straight: [StepperFrame] = []
    var walker = StepperState()
    for position in 0...min(stepper.last, 30) {
      #expect(walker.position == position)
      walker.message = ""
      straight.append(other.frame(walker))
      stepper.press(.enter, &walker)
    }
    var dice = Dice(state: 7)
    for _ in 0..<40 {
      var state = stepper.start
      for _ in 0..<(1 + dice.roll(40)) {
        stepper.press(Self.keys[dice.roll(Self.keys.count)], &state)
        #expect((0...stepper.last).contains(state.position))
      }
      #expect(!state.isDone)
      #expect(page.frame(state).rows.count == 24)
      var bare = StepperState()
      bare.position = state.position
      guard state.position < straight.count else { continue }
      #expect(page.frame(bare) == straight[state.position])
    }
  }

  @Test("Known is what the events up to here have told, and nothing else", arguments: Example.all)
  func boardFollowsEvents(example: Example) throws {
    let board = try #require(StepperBoard(recorded(example)))
    var values: [NodeIndex: Reading] = [:]
    var sums: [NodeIndex: Reading] = [:]
    for case .input(let node, let value) in board.recording.events { values[node] = value }
    for case .constant(let node, let value) in board.recording.events { values[node] = value }
    for position in board.steps.indices {
      for event in board.events(at: position) {
        switch event {
        case .forward(let node, let value, _): values[node] = value
        case .seed(let node, let adjoint): sums[node] = adjoint
        case .contribution(let contribution):
          sums[contribution.operand] = contribution.accumulated
        case .gradient(let node, nil, let value): sums[node] = value
        default: break
        }
      }
      for node in 0..<board.header.count {
        #expect(same(board.value(node, at: position), values[node]))
        #expect(same(board.adjoint(node, at: position)?.sum, sums[node]))
      }
    }
  }

  /// Whether two readings are the same, NaN being the same as NaN.
  private func same(_ one: Reading?, _ other: Reading?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.shape == other.shape
      && zip(one.elements, other.elements).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  @Test("Every event belongs to one step, in order", arguments: Example.all)
  func stepsCoverEvents(example: Example) throws {
    let recording = recorded(example)
    var last = 0
    for step in recording.steps where !step.events.isEmpty {
      #expect(step.events.lowerBound >= last)
      for event in recording.events[last..<step.events.lowerBound] {
        // Only leaves are in no step: they are there from the beginning.
        switch event {
        case .input, .constant: break
        default: Issue.record("\(event) is in no step")
        }
      }
      last = step.events.upperBound
    }
    #expect(last == recording.events.count)
  }

  @Test("What is not computed yet is never shown as a number")
  func unknownIsNotZero() throws {
    let stepper = try #require(Stepper(recorded(.neuron)))
    var state = StepperState()
    state.showsGraph = false
    let text = StepperPage(stepper, style: Style(), height: 40).frame(state).text
    // Six operations without values; eleven nodes without adjoints, y being data.
    #expect(text.components(separatedBy: "not yet").count - 1 == 6 + 11)
  }

  @Test("Keys go where they say")
  func keys() throws {
    let stepper = try #require(Stepper(recorded(.shared)))
    func position(after keys: [StepperKey]) -> Int {
      var state = StepperState()
      for key in keys { stepper.press(key, &state) }
      return state.position
    }
    let kinds = stepper.board.steps.map(\.kind)
    // x; v1 = x*x; v2 = 3*x; f = v1 + v2; v4 = tanh(x); L = f - v4: five forward steps, the seed,
    // 2 + 1 + 2 + 1 + 2 contributions, the sum of four at x, and the end.
    #expect(kinds.count == 1 + 5 + 1 + 8 + 1 + 1)
    #expect(position(after: [.end]) == 16)
    #expect(position(after: [.end, .back, .home]) == 0)
    #expect(kinds[position(after: [.character("f")])] == .sum)
    #expect(position(after: [.character("b")]) == 7)
    // L sends to f and to v4: the next node of the backward pass is two contributions on.
    #expect(position(after: [.character("b"), .character("b")]) == 9)
    #expect(position(after: [.character("3"), .character("G")]) == 3)
    #expect(position(after: [.character("1"), .character("0"), .character("G")]) == 13)
    #expect(position(after: [.character("9"), .character("9"), .character("G")]) == 0)
    let look: [StepperKey] = [.character("/"), .character("v"), .character("4"), .enter]
    #expect(position(after: look) == 4)
    #expect(position(after: look + [.character("n")]) == 8)
    #expect(position(after: look + [.character("n"), .character("n")]) == 9)
    #expect(position(after: look + [.character("n"), .character("n"), .character("n")]) == 4)
    #expect(position(after: [.character("/"), .character("q"), .escape, .enter]) == 1)
    var state = StepperState()
    stepper.press(.character("q"), &state)
    #expect(state.isDone)
  }

  @Test("Pictures", arguments: Size.allCases)
  func pictures(size: Size) throws {
    let stepper = try #require(Stepper(recorded(.shared)))
    let page = StepperPage(stepper, style: size.style, height: size.height)
    var text = ""
    var state = stepper.start
    func show(_ title: String) {
      let frame = page.frame(state)
      #expect(frame.rows.count == size.height)
      text += "-- \(title)\n" + frame.text
    }
    show("start")
    stepper.press(.enter, &state)
    show("forward")
    stepper.press(.character("g"), &state)
    show("without the graph")
    stepper.press(.character("g"), &state)
    for _ in 0..<3 { stepper.press(.character("b"), &state) }
    show("backward")
    stepper.press(.character("w"), &state)
    show("why")
    stepper.press(.character("f"), &state)
    show("fan-out")
    stepper.press(.character("w"), &state)
    stepper.press(.end, &state)
    show("end")
    stepper.press(.character("?"), &state)
    show("keys")
    try expectGolden(text, "stepper.\(size.rawValue).txt")
  }

  @Test("Pictures of matrices, in the calculation and in the table")
  func matrices() throws {
    let stepper = try #require(Stepper(recorded(.tensors)))
    let page = StepperPage(stepper, style: Style(), height: 24)
    var text = ""
    var state = StepperState()
    state.showsGraph = false
    for position in 0...stepper.last {
      state.position = position
      text += "-- position \(position)\n" + page.frame(state).text
    }
    state.position = max(0, stepper.last - 1)
    stepper.press(.character("w"), &state)
    for key in ["1", "1", "2"] as [Unicode.Scalar] {
      stepper.press(.character(key), &state)
      text += "-- asked \(state.asked.count)\n" + page.frame(state).text
    }
    try expectGolden(text, "stepper.tensors.txt")
  }

  @Test("A tensor takes no more columns than it has, and as many digits as fit")
  func shortened() {
    let matrix = Reading.tensor(.matrix(2, 2), [0.123456789, -1.5, 2.0 / 3, 1e-9])
    let long = Reading.tensor(.vector(100), (0..<100).map { Double($0) / 7 })
    for (reading, room, expected) in [
      (matrix, 60, "[[0.123457, -1.5], [0.666667, 1e-9]]"),
      (matrix, 35, "[[0.1235, -1.5], [0.6667, 1e-9]]"),
      (matrix, 30, "[[0.123, -1.5], [0.667, 1e-9]]"), (matrix, 26, "[[0.123, -1.5], …] ⟨2×2⟩"),
      (matrix, 25, "[[0.123, …], …] ⟨2×2⟩"), (matrix, 22, "⟨2×2⟩"), (matrix, 10, "⟨2×2⟩"),
      (long, 30, "[0, 0.143, 0.286, …] ⟨100⟩"), (long, 5, "⟨100⟩"),
    ] {
      let text = InlineValue.shortened(reading, room: room, numbers: NumberFormat(digits: 6)).string
      #expect(text == expected)
      #expect(DisplayWidth.columns(of: text) <= max(room, 5))
    }
  }

  @Test("No row is wider than the screen", arguments: Example.all)
  func widths(example: Example) throws {
    let stepper = try #require(Stepper(recorded(example)))
    for (width, height) in [(20, 1), (37, 9), (80, 24), (200, 50)] {
      for ascii in [false, true] {
        let page = StepperPage(stepper, style: Style(width: width, ascii: ascii), height: height)
        for position in stride(from: 0, through: stepper.last, by: max(1, stepper.last / 12)) {
          var state = StepperState()
          state.position = position
          state.showsWhy = position % 2 == 1
          let frame = page.frame(state)
          #expect(frame.rows.count == height)
          for row in frame.rows where DisplayWidth.columns(of: row.string) > width {
            Issue.record("too wide: \(row.string)")
          }
          #expect(!ascii || frame.rows.allSatisfy { $0.bytes.allSatisfy { $0 < 0x7F } })
        }
      }
    }
  }

  @Test("A picture over another one ends as the picture alone")
  func drawing() throws {
    let stepper = try #require(Stepper(recorded(.unicode)))
    let page = StepperPage(stepper, style: Style(theme: .standard), height: 24)
    var shown: StepperFrame?
    var screen = Array(repeating: "", count: 24)
    var state = StepperState()
    for key: StepperKey in [.enter, .enter, .end, .back, .character("w"), .character("?"), .home] {
      stepper.press(key, &state)
      let frame = page.frame(state)
      let bytes = frame.drawing(over: shown).string
      #expect(bytes.hasPrefix("\u{1B}[?2026h") && bytes.hasSuffix("\u{1B}[?2026l"))
      // Nothing is ever cleared as a whole.
      #expect(!bytes.contains("\u{1B}[2J"))
      apply(bytes, to: &screen)
      #expect(screen == frame.rows.map(\.string))
      shown = frame
    }
  }

  /// What a terminal does with a picture: rows are put in their places.
  private func apply(_ bytes: String, to screen: inout [String]) {
    let body = bytes.replacingOccurrences(of: "\u{1B}[?2026h\u{1B}[?25l", with: "")
      .replacingOccurrences(of: "\u{1B}[?2026l", with: "")
    for piece in body.components(separatedBy: ";1H").dropFirst().enumerated() {
      let heads = body.components(separatedBy: ";1H")
      let head = heads[piece.offset]
      guard
        let number = Int(
          head.reversed().prefix { $0.isNumber }.reversed().map(String.init).joined())
      else { continue }
      var row = piece.element
      if piece.offset + 2 < heads.count,
        let cut = row.range(of: "\u{1B}[", options: .backwards)
      {
        row = String(row[..<cut.lowerBound])
      }
      if row.hasSuffix("\u{1B}[K") { row.removeLast(3) }
      screen[number - 1] = row
    }
  }
}
