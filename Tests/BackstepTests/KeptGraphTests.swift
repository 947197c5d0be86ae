// Values on a graph that was kept are those of a graph that is built anew.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct KeptGraphTests {
  /// Draws numbers that are the same in every run.
  private struct Draw {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ count: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % count
    }

    mutating func number() -> Double { Double(below(41) - 20) / 8 }
  }

  private static let start = """
    w = 0.5; b = -1; const c = 2; v = [1, 2, -1]
    a = tanh(w*c + b); d = a*w + sin(b); s = sum(v*w); L = (a - d)^2 + s*a
    f(x) = x*w + c; k = f(a) + L; where_ = where(w > 0, a, b); r = dL/dw

    """

  private static let asked = [
    "w", "b", "c", "v", "a", "d", "s", "L", "k", "where_", "r", "dL/dw", "dL/db", "dd/db", "dL/dv",
    "L + a*2", "w - 0.1*dL/dw", "f(2)", "v[2]", "grad(k, w)",
  ]

  /// A statement that changes something, or nothing.
  private func statement(_ draw: inout Draw) -> String {
    let (x, y) = (draw.number(), draw.number())
    switch draw.below(20) {
    case 0...3: return "w = \(x)"
    case 4, 5: return "b = \(x)"
    case 6: return "v = [\(x), \(y), 1]"
    case 7: return "const c = \(x)"
    case 8: return "c = \(x)"
    case 9: return "w := w - 0.1*dL/dw"
    case 10: return "b := b + \(x)"
    case 11: return "v := v - 0.01*dL/dv"
    case 12: return "undo"
    case 13: return "redo"
    case 14: return "d = a*\(x) + b"
    case 15: return "f(x) = x^2 + w"
    case 16: return "delete s"
    case 17: return "s = sum(v*w) + \(x)"
    case 18: return "w = [\(x), \(y)] + [1, 2, 3]"
    default: return "v = \(x)"
    }
  }

  private func answers(_ talk: inout Conversation, forgets: Bool) -> [String] {
    Self.asked.map { question in
      if forgets {
        talk.session.kept = nil
        talk.session.known.forget()
      }
      do {
        return try talk.reading(question).literal
      } catch {
        return "\(String(describing: (error as? Diagnostic)?.kind))"
      }
    }
  }

  @Test(arguments: 1...12) func answersAreThoseOfAGraphBuiltAnew(_ seed: Int) throws {
    var draw = Draw(seed)
    var kept = Conversation()
    var anew = Conversation()
    kept.session.isInteractive = true
    try kept.run(Self.start)
    try anew.run(Self.start)
    for _ in 0..<40 {
      let text = statement(&draw)
      anew.session.kept = nil
      anew.session.known.forget()
      try? kept.run(text)
      try? anew.run(text)
      let (own, other) = (answers(&kept, forgets: false), answers(&anew, forgets: true))
      for (question, (own, other)) in zip(Self.asked, zip(own, other)) {
        #expect(own == other, "\(question) after \(text)")
      }
    }
  }

  @Test func nothingIsBuiltAgainAfterAChangeOfAnInput() throws {
    var talk = Conversation()
    talk.session.isInteractive = true
    try talk.run("w = 0.5; b = 2; L = (w*b - 1)^2")
    #expect(try talk.value("L") == 0)
    try talk.run("w = 1")
    #expect(try talk.value("L") == 1)
    #expect(talk.session.kept != nil)
    try talk.run("w := w - 0.1*dL/dw")
    // dL/dw = 2*(w*b - 1)*b = 4.
    #expect(try talk.value("w") == 0.6)
    #expect(talk.session.kept?.changes == talk.session.known.changes)
    try talk.run("b = [1, 2]")
    #expect(talk.session.kept == nil)
  }
}
