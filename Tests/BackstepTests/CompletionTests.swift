// What is offered at the prompt, for any text before the cursor.

import Testing

@testable import Backstep

@Suite("Completion")
struct CompletionTests {
  /// Words behind a command, whether they make sense there or not.
  private static let words = [
    "L", "w", "wrt", "seed", "with", "as", "from", "until", "-", "a.py", "dL/dw,", "(", "theme",
  ]

  @Test(
    "Whatever words stand before the cursor, something is offered or nothing",
    arguments: Command.all.map { $0.names[0] })
  func anyWords(command: String) throws {
    var talk = Conversation()
    try talk.run("w = 0.5; b = 1; L = w*b")
    var texts = [command]
    for one in Self.words {
      texts.append("\(command) \(one)")
      for other in Self.words {
        texts += ["\(command) \(one) \(other)", "\(command) \(one) L \(other)"]
      }
    }
    for text in texts {
      for end in ["", " ", "  w", ", ", ";"] {
        switch talk.session.complete(text + end, host: talk.host) {
        case .words(let from, let words):
          #expect(from <= (text + end).utf8.count)
          let typed = String((text + end).dropFirst(from))
          #expect(words.allSatisfy { $0.text.hasPrefix(typed) }, "\(text + end)")
        case .file(let from): #expect(from <= (text + end).utf8.count)
        }
      }
    }
  }

  @Test(
    "Behind wrt come inputs, also where nothing was named before",
    arguments: ["export wrt ", "grad wrt ", "plot L wrt "])
  func inputs(text: String) throws {
    var talk = Conversation()
    try talk.run("w = 0.5; b = 1; L = w*b")
    guard case .words(_, let words) = talk.session.complete(text, host: talk.host) else {
      Issue.record("a file is offered")
      return
    }
    #expect(words.map(\.text) == ["w", "b"])
  }
}
