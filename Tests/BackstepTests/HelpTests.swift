// Help: every page has an example that runs, and points to pages that exist.

import BackstepLanguage
import BackstepTrace
import Testing

@testable import Backstep

@Suite struct HelpTests {
  @Test(
    "A command has an example that runs without a mistake", arguments: Command.all.map(\.names[0]))
  func commandExample(name: String) throws {
    let command = try #require(Command.named(name))
    #expect(command.example != nil || command.sample != nil)
    // Settings are the host's own, and the host of the tests has none.
    guard let example = command.example, name != "set" else { return }
    var conversation = Conversation()
    try conversation.run(example)
    #expect(example.contains(name) || command.names.contains { example.contains($0) })
  }

  @Test("A function has an example that runs without a mistake")
  func functionExamples() throws {
    for entry in OperationTable.entries.compactMap(\.self) where !entry.names.isEmpty {
      let example = entry.example ?? Help.example(entry, entry.names[0])
      var conversation = Conversation()
      #expect(throws: Never.self, "\(entry.names[0])") { try conversation.run(example) }
      // The transpose is written as a sign.
      let isCalled = example.contains(entry.names[0] + "(") || example.contains("A'")
      #expect(isCalled, "\(entry.names[0])")
    }
    for constructor in Constructor.all {
      var conversation = Conversation()
      #expect(throws: Never.self, "\(constructor.name)") {
        try conversation.run(constructor.example)
      }
    }
  }

  @Test("Every page says what to see as well, and there is a page on it")
  func seeAlso() {
    for command in Command.all {
      #expect(!command.seeAlso.isEmpty, "\(command.names[0])")
      for word in command.seeAlso {
        #expect(Help.page(on: word) != nil, "\(command.names[0]): \(word)")
        #expect(!command.names.contains(word))
      }
    }
    for entry in OperationTable.entries.compactMap(\.self) where !entry.names.isEmpty {
      #expect(!entry.seeAlso.isEmpty, "\(entry.names[0])")
      for word in entry.seeAlso {
        #expect(Help.page(on: word) != nil, "\(entry.names[0]): \(word)")
        #expect(!entry.names.contains(word), "\(entry.names[0])")
      }
    }
    for constructor in Constructor.all {
      for word in constructor.seeAlso {
        #expect(Help.page(on: word) != nil && word != constructor.name, "\(constructor.name)")
      }
    }
  }

  @Test("The map names every command, and fits on a screen")
  func map() {
    var words: Set<String> = []
    var lines = 0
    for block in Help.map.blocks {
      switch block {
      case .rows(let rows):
        lines += rows.count
        for row in rows {
          words.formUnion((row.term + " " + row.meaning).split { !$0.isLetter }.map(String.init))
        }
      case .heading: lines += 2
      case .code(let code): lines += 1 + code.split(separator: "\n").count
      case .text(let text):
        lines += 1 + text.count / 80
        words.formUnion(text.split { !$0.isLetter }.map(String.init))
      case .example: lines += 1
      }
    }
    for command in Command.all { #expect(words.contains(command.names[0]), "\(command.names[0])") }
    // The prompt takes a line as well.
    #expect(lines <= 23)
  }

  @Test("Words of the subject lead to the page that explains them")
  func words() throws {
    for (word, text) in [
      ("tape", "adjoint slot"), ("adjoint", "how much the output moves"),
      ("fan-out", "used more than once"),
      ("slot", "0 at first"), ("theme", "high-contrast"),
      ("const", "an input without a derivative"),
      ("overwrite", "mistake overwrite"), ("wrt", "with respect to"), ("why", "why NAME or why N"),
      ("seed", "random numbers"),
    ] {
      let page = try #require(Help.page(on: word), "\(word)")
      let told = page.blocks.map { block in
        switch block {
        case .heading(let text), .text(let text), .code(let text), .example(let text): text
        case .rows(let rows): rows.map { $0.term + " " + $0.meaning }.joined(separator: "\n")
        }
      }
      #expect(told.joined(separator: "\n").contains(text), "\(word)")
    }
  }

  @Test(
    "Several words are one question",
    arguments: [
      ("chain rule", "chain-rule"), ("local derivative", "local-derivative"),
      ("fan out", "fan-out"),
      ("what is the chain rule", "chain-rule"), ("cross entropy", "cross_entropy"),
      ("Forward Mode", "forward-mode"), ("gradient descent", "gradient-descent"),
      ("soft max", "softmax"), ("log softmax", "log_softmax"), ("the sigmoid function", "sigmoid"),
      ("Sigmoid", "sigmoid"), ("how do I step", "step"), ("nothing known", ""),
      ("what is the", ""),
    ])
  func severalWords(_ question: String, _ topic: String) {
    let words = question.split(separator: " ").map(String.init)
    #expect(Help.topic(of: words) ?? "" == topic)
  }

  @Test("Every word has an example that can be run, and says what to see as well")
  func everyWord() throws {
    for word in Help.words {
      let page = try #require(Help.page(on: word), "\(word)")
      var (hasExample, seesMore) = (false, false)
      for block in page.blocks {
        switch block {
        case .example(let example):
          hasExample = true
          guard !["set", "settings"].contains(word), !example.contains("set ") else { continue }
          var conversation = Conversation()
          #expect(throws: Never.self, "\(word): \(example)") { try conversation.run(example) }
        case .code: hasExample = true
        case .text(let text): seesMore = seesMore || text.hasPrefix("See also: ")
        default: break
        }
      }
      #expect(hasExample && seesMore, "\(word)")
      for case .text(let text) in page.blocks where text.hasPrefix("See also: ") {
        for other in text.dropFirst(10).split(separator: ", ") {
          #expect(Help.page(on: String(other)) != nil, "\(word): \(other)")
        }
      }
    }
  }

  @Test("Misspelt commands are recognised, products are not taken for them")
  func misspelt() {
    for (text, nearest) in [
      ("trce L", "trace"), ("Backward L", "backward"), ("bakward L wrt w", "backward"),
      ("hlep sin", "help"), ("gragh L", "graph"), ("jacobian2 L", "jacobian"),
      ("pahts L wrt w", "paths"), ("cosnt c = 1", "const"), ("lod file", "load"),
    ] {
      var conversation = Conversation()
      do {
        try conversation.run("w = 2; L = w^2\n" + text)
        Issue.record("\(text) is no statement")
      } catch {
        guard case .unknownCommand(_, nearest) = error.kind else {
          Issue.record("\(text): \(error.message)")
          continue
        }
      }
    }
    for text in ["w L", "2 L", "trac = 1; trac L", "xyz L", "w 2", "(trce) L"] {
      var conversation = Conversation()
      do {
        try conversation.run("w = 2; L = w^2\n" + text)
        Issue.record("\(text) is no statement")
      } catch {
        if case .unknownCommand = error.kind { Issue.record("\(text): \(error.message)") }
      }
    }
  }
}
