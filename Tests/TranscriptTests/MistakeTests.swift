// Every kind of mistake has a script that makes it.

import Foundation
import Testing

@Suite struct MistakeTests {
  /// The kinds that no script file can provoke, and why.
  static let beyondScripts = [
    "textTooLong": "takes more than 4 GiB of text",
    "interrupted": "takes a signal",
    "noMemory": "takes a machine that is small: see Tests/Limits",
  ]

  /// The names of the kinds, read from the file that declares them.
  static func kinds() throws -> [String] {
    let file = Run.root.appendingPathComponent("Sources/BackstepLanguage/Diagnostic.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count > 1, words[0] == "case" else { return nil }
      return String(words[1].prefix { $0.isLetter || $0.isNumber })
    }
  }

  /// `invalidUTF8` as the name of a file: `invalid-utf8`.
  static func fileName(_ kind: String) -> String {
    let letters = Array(kind)
    var name = ""
    for (index, letter) in letters.enumerated() {
      let next = index + 1 < letters.count ? letters[index + 1] : "A"
      if index > 0, letter.isUppercase, letters[index - 1].isLowercase || next.isLowercase {
        name += "-"
      }
      name += letter.lowercased()
    }
    return name
  }

  @Test func `every kind of mistake has a script that makes it`() throws {
    let kinds = try Self.kinds()
    #expect(kinds.count > 40)
    for kind in kinds where Self.beyondScripts[kind] == nil {
      let path = Run.root.appendingPathComponent("Tests/Errors/\(Self.fileName(kind)).grad").path
      #expect(FileManager.default.fileExists(atPath: path), "no script makes the mistake \(kind)")
    }
  }

  @Test func `what no script can provoke is still a kind`() throws {
    let kinds = try Self.kinds()
    for kind in Self.beyondScripts.keys { #expect(kinds.contains(kind)) }
  }

  @Test func `names of kinds become names of files`() {
    #expect(Self.fileName("invalidUTF8") == "invalid-utf8")
    #expect(Self.fileName("notAComparison") == "not-a-comparison")
  }

  @Test("a message is one sentence, and a hint one line", arguments: Transcript.all("Tests/Errors"))
  func oneSentence(_ transcript: Transcript) throws {
    let lines = try transcript.run().split(separator: "\n")
    #expect(lines.count(where: { $0.contains(": error: ") }) == 1)
    for line in lines where line.contains("error: ") || line.hasPrefix("hint: ") {
      #expect(!line.hasSuffix("."))
    }
  }
}
