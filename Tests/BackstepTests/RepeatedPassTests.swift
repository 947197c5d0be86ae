// Passes that nobody watches and passes made again: the same numbers, to the last bit.

import BackstepTrace
import Testing

@testable import Backstep

/// Watches, so that the pass is the one that is told.
private struct Listener: ReverseObserver {
  static let listens = true
  var count = 0
  mutating func visit(_ node: Int, adjoint: Reading) { count += 1 }
  mutating func contribute(
    from node: Int, slot: Int, to operand: Int, local: Reading?, product: Reading, sum: Reading
  ) { count += 1 }
}

@Suite struct RepeatedPassTests {
  @Test func `what is told is what is computed`() {
    var told = 0
    for seed in 0..<500 as Range<UInt64> {
      let sample = SampleGraph(seed: seed)
      var listener = Listener()
      let watched = sample.adjoints(&listener).map(\.bitPattern)
      #expect(watched == sample.adjoints().map(\.bitPattern), "seed \(seed)")
      told += listener.count
    }
    #expect(told > 5000)
  }

  @Test(
    arguments: [
      "x = 0.5; y = 2\nL = where(x > 0, x*y, log(y)) + y*x\n",
      "s = 2; x = [0.5, -1]; w = [[1, 2], [3, 4]]\nL = s*sum(x*x + sum(w @ x)*x) + x[1]*x[2]\n",
      "x = 0.5\nL = x*sin(x)/(2 + x*x) + clamp(x, 0, 1)\n",
    ])
  func `a pass made again computes the same`(script: String) throws {
    var conversation = Conversation()
    try conversation.run(script)
    var stages = try conversation.session.stages(conversation.host)
    stages.forward()
    stages.reverse()
    let first = stages.results
    #expect(first.dropFirst().contains { $0 != 0 })
    for _ in 0..<3 {
      stages.forward()
      stages.reverse()
      #expect(stages.results == first)
    }
    stages.moveInputs()
    stages.forward()
    stages.reverse()
    #expect(stages.results != first)
  }
}
