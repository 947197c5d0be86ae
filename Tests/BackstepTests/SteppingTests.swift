// Stepping through real traces: any keys end as going straight, at every level, with stops.

import BackstepTrace
import Testing

@testable import Backstep
@testable import BackstepRender

@Suite("Stepping through traces")
struct SteppingTests {
  private static let keys: [StepperKey] = [
    .enter, .forward, .forward, .back, .back, .home, .end, .pageDown, .pageUp, .erase, .escape,
    .character(" "), .character("b"), .character("f"), .character("c"), .character("G"),
    .character("1"), .character("2"), .character("7"), .character("/"), .character("L"),
    .character("n"), .character("w"), .character("w"), .character("g"), .character("?"),
  ]

  /// Breakpoints that some of the programs have at some level.
  private static let stops = ["", " break abs(adjoint) > 0.5", " break value < 0", " until L"]

  @Test("Any keys end as going straight, at every level", arguments: LevelTests.programs)
  func keysEndAsGoingStraight(program: String) throws {
    var random = Deterministic(state: 5)
    for level in [ViewLevel.operation, .statement, .layer] {
      for clause in Self.stops {
        var conversation = Conversation()
        conversation.host.level = level
        conversation.host.canStep = true
        let inputs = program.contains("dL0") ? " wrt v" : ""
        try conversation.run(program + "\nstep L" + inputs + clause)
        let step = try #require(conversation.host.stepped.last)
        let stepper = try #require(Stepper(step.recording, stops: step.stops))
        #expect(stepper.start.position == (step.stops.first?.position ?? 0))
        try compare(stepper, &random)
      }
    }
  }

  /// Presses keys at random and compares with Enter alone.
  private func compare(_ stepper: Stepper, _ random: inout Deterministic) throws {
    let page = StepperPage(stepper, style: Style(), height: 24)
    let other = StepperPage(stepper, style: Style(), height: 24)
    var walker = StepperState()
    var straight: [StepperState] = []
    for position in 0...stepper.last {
      #expect(walker.position == position)
      straight.append(walker)
      stepper.press(.enter, &walker)
      walker.message = ""
    }
    for _ in 0..<6 {
      var state = stepper.start
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        stepper.press(Self.keys.randomElement(using: &random) ?? .enter, &state)
      }
      // An explanation ends with its question, and what was asked on with the explanation.
      if !state.showsWhy { #expect(state.asked.isEmpty) }
      #expect(page.frame(state).rows.count == 24)
      var bare = StepperState()
      bare.position = state.position
      #expect(page.frame(bare) == other.frame(straight[state.position]))
      // Closing whatever is open, by keys: the state itself is the same then.
      if state.showsKeys { stepper.press(.escape, &state) }
      while state.entry != .none || !state.asked.isEmpty { stepper.press(.escape, &state) }
      if state.showsWhy { stepper.press(.character("w"), &state) }
      if !state.showsGraph { stepper.press(.character("g"), &state) }
      (state.message, state.sought) = ("", "")
      #expect(state == straight[state.position])
      stepper.press(.end, &state)
      #expect(state == straight[stepper.last])
    }
  }
}
