// Going through a trace one calculation at a time: where one is, and what each key does.

import BackstepTrace

/// A key as the stepper understands it.
public enum StepperKey: Sendable, Equatable {
  /// Enter.
  case enter
  /// The arrow to the right, or down.
  case forward
  /// The arrow to the left, or up.
  case back
  /// The first step.
  case home
  /// The last step.
  case end
  /// A numbered step on.
  case pageDown
  /// A numbered step back.
  case pageUp
  /// Takes away the last character of what is being typed.
  case erase
  /// Leaves what is being typed, or what covers the screen.
  case escape
  /// Any other character.
  case character(Unicode.Scalar)
}

/// Where someone is in a trace, and what they have on the screen.
///
/// What is shown follows from this alone, so going back and forth leaves no traces.
public struct StepperState: Sendable, Equatable {
  /// What is being typed.
  public enum Entry: Sendable, Equatable {
    /// Nothing: keys are commands.
    case none
    /// A step's number, to be followed by G.
    case number(Int)
    /// A node's name.
    case name(String)
  }

  /// The position among the trace's steps.
  public var position = 0
  /// Whether the graph is drawn, where it can be.
  public var showsGraph = true
  /// Whether it is explained why the numbers are what they are.
  public var showsWhy = false
  /// What was asked about in turn while it is explained, factor by factor.
  public var asked: [Question] = []
  /// Whether the keys are listed.
  public var showsKeys = false
  /// What is being typed.
  public var entry = Entry.none
  /// The name that was looked for last.
  public var sought = ""
  /// What there is to say about the last key.
  public var message = ""
  /// Whether the user wants to leave.
  public var isDone = false
}

/// A trace to go through by keys.
public struct Stepper: Sendable {
  let board: StepperBoard
  let stops: [TraceStop]

  /// Prepares a trace; nil where nothing was recorded.
  public init?(_ recording: Recording, stops: [TraceStop] = []) {
    guard let board = StepperBoard(recording) else { return nil }
    self.board = board
    self.stops = stops.sorted { $0.position < $1.position }
  }

  /// The position of the last step.
  public var last: Int { board.last }

  /// Where one begins: at the first stop, else before the first calculation.
  public var start: StepperState {
    var state = StepperState()
    if let stop = stops.first {
      state.position = stop.position
      state.message = Self.reached(stop)
    }
    return state
  }

  /// What a key does.
  public func press(_ key: StepperKey, _ state: inout StepperState) {
    state.message = ""
    if state.showsKeys {
      state.showsKeys = false
      // Any key closes the list; one that does something does it, too.
      if key == .character("?") || key == .escape || key == .character("q") { return }
    }
    switch state.entry {
    case .none: command(key, &state)
    case .number(let number): type(key, number, &state)
    case .name(let name): type(key, name, &state)
    }
  }

  private func command(_ key: StepperKey, _ state: inout StepperState) {
    if state.showsWhy, ask(key, &state) { return }
    let (position, wasExplained) = (state.position, state.showsWhy)
    move(key, &state)
    if state.position != position || state.showsWhy != wasExplained { state.asked = [] }
  }

  private func move(_ key: StepperKey, _ state: inout StepperState) {
    switch key {
    case .enter, .forward, .character(" "): move(to: state.position + 1, &state)
    case .back, .erase: move(to: state.position - 1, &state)
    case .home: move(to: 0, &state)
    case .end: move(to: last, &state)
    case .pageDown: page(by: 1, &state)
    case .pageUp: page(by: -1, &state)
    case .escape: state.showsWhy = false
    case .character(let character): command(character, &state)
    }
  }

  // MARK: Asking why

  /// What is explained: what was asked last, else what the position is about.
  func question(_ state: StepperState) -> Question {
    if let asked = state.asked.last { return asked }
    let step = board.steps[state.position]
    return step.kind == .forward
      ? .step(step.number) : .derivative(step.operand ?? step.node, entry: nil)
  }

  /// The explanation that a state shows.
  func ladder(_ state: StepperState) -> Ladder {
    Ladder(question(state), board, at: state.position)
  }

  /// What a key does to an explanation; false where it does nothing to it.
  private func ask(_ key: StepperKey, _ state: inout StepperState) -> Bool {
    switch key {
    case .character(let character) where ("1"..."9").contains(character):
      let links = ladder(state).links
      let place = Int(character.value) - 0x31
      if links.indices.contains(place) {
        if state.asked.count == Self.askedLimit { state.asked.removeFirst() }
        state.asked.append(links[place].question)
      } else {
        state.message =
          links.isEmpty ? "there is nothing to ask on here" : "1 to \(links.count) ask on"
      }
    case .back, .erase, .escape:
      guard !state.asked.isEmpty else { return false }
      state.asked.removeLast()
    default: return false
    }
    return true
  }

  /// How many questions are remembered to go back to.
  private static let askedLimit = 1000

  private func command(_ character: Unicode.Scalar, _ state: inout StepperState) {
    let here = board.steps[state.position]
    switch character {
    case "b":
      seek("no more backward steps", &state) {
        $0.kind == .contribution && $0.part == 1 && $0.number > here.number
      }
    case "f": seek("no more fan-out", &state) { $0.kind == .sum }
    case "c":
      if let stop = stops.first(where: { $0.position > state.position }) {
        state.position = stop.position
        state.message = Self.reached(stop)
      } else {
        state.message = stops.isEmpty ? "no stops were asked for" : "no more stops"
      }
    case "/": state.entry = .name("")
    case "n": state.sought.isEmpty ? (state.message = "/ looks for a node") : look(&state)
    case "0"..."9": state.entry = .number(Int(character.value) - 0x30)
    case "G": move(to: last, &state)
    case "w": state.showsWhy.toggle()
    case "g": state.showsGraph.toggle()
    case "?": state.showsKeys = true
    case "q": state.isDone = true
    default: state.message = "? lists the keys"
    }
  }

  private func move(to position: Int, _ state: inout StepperState) {
    if position < 0 { state.message = "this is the beginning" }
    if position > last { state.message = "this is the end: q leaves" }
    state.position = min(max(position, 0), last)
  }

  /// Goes to the next position that a condition holds for.
  private func seek(
    _ none: String, _ state: inout StepperState, _ condition: (TraceStep) -> Bool
  ) {
    let next = (state.position + 1..<board.steps.count + 1).first {
      $0 < board.steps.count && condition(board.steps[$0])
    }
    if let next { state.position = next } else { state.message = none }
  }

  /// Goes to where another numbered step begins.
  private func page(by direction: Int, _ state: inout StepperState) {
    var position = state.position + direction
    while (0...last).contains(position), board.steps[position].part > 1 { position += direction }
    move(to: position, &state)
  }

  // MARK: Typing

  private func type(_ key: StepperKey, _ number: Int, _ state: inout StepperState) {
    switch key {
    case .character(let character) where ("0"..."9").contains(character):
      // A number that no trace reaches need not grow.
      state.entry = .number(min(number * 10 + Int(character.value) - 0x30, 1_000_000_000))
    case .erase: state.entry = number < 10 ? .none : .number(number / 10)
    case .character("G"), .enter:
      state.entry = .none
      if number == 0 {
        move(to: 0, &state)
      } else if let position = board.position(ofStep: number) {
        state.position = position
      } else {
        state.message = "the steps go from 1 to \(board.numbered)"
      }
    case .escape: state.entry = .none
    default:
      state.entry = .none
      command(key, &state)
    }
  }

  private func type(_ key: StepperKey, _ name: String, _ state: inout StepperState) {
    switch key {
    case .character(let character):
      if name.unicodeScalars.count < 200 {
        var longer = name.unicodeScalars
        longer.append(character)
        state.entry = .name(String(longer))
      }
    case .erase:
      state.entry = name.isEmpty ? .none : .name(String(name.unicodeScalars.dropLast()))
    case .enter:
      state.entry = .none
      if !name.isEmpty { state.sought = name }
      if !state.sought.isEmpty { look(&state) }
    case .escape: state.entry = .none
    default: break
    }
  }

  /// Goes to the next calculation about the node that is sought; after the last one to the first.
  private func look(_ state: inout StepperState) {
    guard let node = board.node(named: state.sought) else {
      state.message = "no node is called '\(state.sought)'"
      return
    }
    let places = board.steps.indices.filter { position in
      let step = board.steps[position]
      guard step.kind != .start, step.kind != .end else { return false }
      return step.operand == node || step.node == node && (step.part == 1 || step.operand == nil)
    }
    guard let next = places.first(where: { $0 > state.position }) ?? places.first else {
      state.message = "'\(state.sought)' is in no step"
      return
    }
    if next <= state.position { state.message = "'\(state.sought)' from the beginning" }
    state.position = next
  }

  private static func reached(_ stop: TraceStop) -> String { "stopped: \(stop.text)" }
}
