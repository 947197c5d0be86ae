// A REPL that only says what was entered, byte by byte, so that a test can compare.
//
// Its words: `quit`; `sleep` counts until ^C; `flood N` prints N lines; anything else is echoed as
// `<n: bytes>`, with every byte that is not visible ASCII as two hexadecimal digits after a `%`.

import BackstepTerminal

@main
enum Probe {
  static let words: [Candidate] = [
    Candidate("sigmoid", summary: "logistic function", suffix: "("),
    Candidate("sign", summary: "-1, 0 or 1", suffix: "("),
    Candidate("sqrt", summary: "square root", suffix: "("),
    Candidate("backward", summary: "the backward pass", suffix: " "),
    Candidate("σ", summary: "logistic function", suffix: "("),
  ]

  static func main() {
    Terminal.prepareStandardDescriptors()
    let output = Output()
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.first == "--cat" { return copy(Array(arguments.dropFirst()), output) }

    var settings = LineEditorSettings()
    settings.readsEditrc = !arguments.contains("--no-init")
    settings.edits = !arguments.contains("--plain")
    if Terminal.usesColor(.auto, isTerminal: output.isTerminal) { settings.promptColor = "1;32" }
    settings.strippedPrompts = ["backstep> ", "     ...> "]
    let history = HistoryFile(path: HistoryFile.standardPath(), limit: 50)
    guard let editor = LineEditor(settings: settings, history: history, output: output) else {
      return output.complain("not a terminal\n")
    }
    if let warning = history.warning { output.complain("warning: \(warning)\n") }
    editor.completer = complete
    var prompt = "backstep> "
    while true {
      switch editor.readLine(prompt: prompt) {
      case .endOfInput:
        output.write("[end]\n")
        return output.flush()
      case .interrupted: output.write("[interrupted]\n")
      case .line("quit"): return output.flush()
      case .line("sleep"): sleep(output)
      case .line("σ prompt"): prompt = "σ> "
      case .line(let line):
        editor.remember(line)
        output.write("<\(line.utf8.count): \(escaped(line))>\n")
      }
    }
  }

  static func complete(_ line: [UInt8], _ cursor: Int) -> CompletionAnswer {
    if let answer = SymbolNames.answer(line: line, cursor: cursor) { return answer }
    let start = line[..<cursor].lastIndex { $0 < 0x80 && !isLetter($0) }.map { $0 + 1 } ?? 0
    let prefix = line[start..<cursor]
    if prefix.elementsEqual("many".utf8) {
      let many = (1...130).map { Candidate("many\($0)") }
      return CompletionAnswer(replacing: start..<cursor, candidates: many)
    }
    let found = words.filter { $0.text.utf8.starts(with: prefix) }
    return CompletionAnswer(replacing: start..<cursor, candidates: found)
  }

  static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  static func sleep(_ output: Output) {
    output.write("[busy]\n")
    output.flush()
    while !Interrupt.isPending {}
    Interrupt.clear()
    output.write("[stopped]\n")
  }

  static func escaped(_ text: String) -> String {
    text.utf8.map {
      (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "%")
        ? String(UnicodeScalar($0)) : "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16)
    }.joined()
  }

  /// Copies files, or standard input for `-`, to standard output as a script's reader would.
  static func copy(_ paths: [String], _ output: Output) {
    Interrupt.watch()
    var status: Int32 = 0
    for path in paths {
      do {
        var reader = path == "-" ? try ScriptReader() : try ScriptReader(path: path)
        status = max(status, try copy(&reader, output))
      } catch {
        output.complain("probe: \(error)\n")
        status = 1
      }
    }
    output.flush()
    if let failure = output.failure {
      output.complain("probe: \(failure)\n")
      status = 1
    }
    leave(status)
  }

  static func copy(
    _ reader: inout ScriptReader, _ output: Output
  ) throws(SystemFailure) -> Int32 {
    var bytes: ContiguousArray<UInt8> = []
    while !output.isStopped {
      bytes.removeAll(keepingCapacity: true)
      switch try reader.read(into: &bytes) {
      case .bytes: output.write(bytes)
      case .end: return 0
      case .interrupted: return Interrupt.exitStatus
      }
    }
    return 0
  }
}
