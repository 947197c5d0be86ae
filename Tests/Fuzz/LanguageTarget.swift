// The parser alone: every input is read to its end, whatever is in it.

@testable import Backstep
@testable import BackstepLanguage

enum LanguageTarget {
  /// A parser that has read nothing; each input gets a copy.
  private static let fresh = Parser(
    commands: Command.all.map { CommandSyntax(words: $0.names, form: $0.form) })

  static func run(_ input: ContiguousArray<UInt8>) {
    var parser = fresh
    parser.begin(file: "input", firstLine: 1)
    parser.append(input)
    var statements = 0
    while true {
      let before = parser.offset
      statements += 1
      require(statements <= 2 * input.count + 2, "the parser does not come to an end")
      do throws(Diagnostic) {
        guard let statement = try parser.next() else { break }
        check(statement.range, in: parser, "statement")
        for range in parser.ranges(inStatementAt: statement.range) {
          check(range, in: parser, "part of a statement")
        }
        require(parser.offset > before, "the parser stands still")
      } catch {
        check(error.range, in: parser, "mistake")
        _ = parser.source.location(of: error.range)
        OutputCheck.message(error.message)
        if let hint = error.hint { OutputCheck.message(hint) }
        parser.skipLine(from: max(before, error.range.start))
      }
    }
  }

  private static func check(_ range: SourceRange, in parser: Parser, _ what: String) {
    require(
      range.start >= 0 && range.start <= range.end && range.end <= parser.source.bytes.count,
      "a \(what) stands outside of the text")
  }
}

/// Stops where something does not hold that always must.
func require(_ holds: Bool, _ message: @autoclosure () -> String) {
  if !holds { fatalError(message()) }
}
