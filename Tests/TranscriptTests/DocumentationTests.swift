// The commands in the documentation print what the documentation says.

import Foundation
import Testing

/// A shell command in a fenced block marked `console`, and what is printed below it.
struct ConsoleBlock: Sendable, CustomTestStringConvertible {
  let file: String
  let line: Int
  let command: String
  let expected: String
  var testDescription: String { "\(file):\(line): \(command)" }

  /// The commands of all blocks in the README and the pages of `Docs`.
  static func all() -> [ConsoleBlock] {
    let docs =
      (try? FileManager.default.contentsOfDirectory(
        atPath: Run.root.appendingPathComponent("Docs").path)) ?? []
    let pages = ["README.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "Docs/\($0)" }
    return pages.flatMap(blocks)
  }

  private static func blocks(in page: String) -> [ConsoleBlock] {
    guard
      let text = try? String(
        contentsOf: Run.root.appendingPathComponent(page), encoding: .utf8)
    else { return [] }
    var blocks: [ConsoleBlock] = []
    var isInside = false
    for (index, line) in text.components(separatedBy: "\n").enumerated() {
      if line.hasPrefix("```") {
        isInside = line == "```console"
      } else if isInside, line.hasPrefix("$ ") {
        blocks.append(
          ConsoleBlock(
            file: page, line: index + 1, command: String(line.dropFirst(2)), expected: ""))
      } else if isInside, let last = blocks.popLast() {
        blocks.append(
          ConsoleBlock(
            file: last.file, line: last.line, command: last.command,
            expected: last.expected + line + "\n"))
      }
    }
    return blocks
  }
}

@Suite struct DocumentationTests {
  @Test(
    "a command in the documentation prints what is written below it",
    arguments: ConsoleBlock.all())
  func console(_ block: ConsoleBlock) throws {
    let run = try Run.shell(block.command + " 2>&1", in: Run.root)
    #expect(run.output == block.expected)
  }

  @Test func `the README shows commands with their output`() {
    #expect(ConsoleBlock.all().contains { $0.file == "README.md" })
  }
}
