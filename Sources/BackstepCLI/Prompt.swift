// The prompt: reads lines, runs them, and never loses the session.

import Backstep
import BackstepLanguage
import BackstepTerminal

/// The conversation at a terminal.
struct Prompt {
  private var session: Session
  private let console: Console
  private let options: Options
  private static let prompt = "backstep> "
  private static let continuation = "     ...> "

  init(_ session: Session, _ console: Console, _ options: Options) {
    self.session = session
    self.console = console
    self.options = options
    self.session.isInteractive = true
  }

  /// Reads and runs lines until the user leaves.
  ///
  /// - Returns: How it went where there is no terminal; a mistake at one is nobody's failure.
  mutating func run() -> Runner.Outcome {
    let history = HistoryFile(path: options.sandbox ? nil : HistoryFile.standardPath())
    guard
      let editor = console.answers.editor ?? Self.makeEditor(console, options, history: history)
    else {
      return runWithoutEditor()
    }
    console.answers.editor = editor
    defer { console.answers.editor = nil }
    if !options.quiet {
      console.output.write("Backstep \(Program.version). 'help' explains, Ctrl-D leaves.\n")
    }
    while !console.output.isStopped {
      console.output.endPages()
      if let warning = history.takeWarning() { console.output.complain("backstep: \(warning)\n") }
      editor.completer = completer(session)
      switch editor.readLine(prompt: Self.prompt) {
      case .endOfInput:
        console.output.write("\n")
        return .done
      case .interrupted: continue
      case .line(let line):
        editor.remember(line)
        guard runEntry(line, editor) else { return .done }
      }
    }
    return .done
  }

  /// An editor for the terminal; nil where there is none.
  static func makeEditor(
    _ console: Console, _ options: Options, history: HistoryFile?
  ) -> LineEditor? {
    var settings = LineEditorSettings()
    settings.readsEditrc = options.readsInit
    settings.strippedPrompts = [prompt, continuation]
    let isColored = Terminal.usesColor(options.color, isTerminal: console.output.isTerminal)
    settings.promptColor = isColored ? "1" : nil
    return LineEditor(settings: settings, history: history, output: console.output)
  }

  /// Reads the next line of a statement that goes on; nil where it is dropped.
  private static func readMore(_ editor: LineEditor) -> String? {
    guard case .line(let line) = editor.readLine(prompt: continuation) else { return nil }
    editor.remember(line)
    return line
  }

  /// With `-i` and no terminal, statements come from standard input as in a script.
  private mutating func runWithoutEditor() -> Runner.Outcome {
    var runner = Runner(session: session, console: console, keepsGoing: true)
    return runner.run([.standardInput])
  }

  /// Runs a line, and the lines after it where its last statement goes on; false to leave.
  private mutating func runEntry(_ line: String, _ editor: LineEditor) -> Bool {
    var text = line + "\n"
    while true {
      session.begin(file: nil)
      do throws(Diagnostic) {
        try session.append(text.utf8)
        guard let rest = try runStatements() else {
          session.reclaimText()
          return true
        }
        if rest.isQuit { return false }
        guard let next = Self.readMore(editor) else {
          session.reclaimText()
          return true
        }
        text = rest.text + next + "\n"
      } catch {
        session.dropText()
        if error.kind == .interrupted {
          Interrupt.clear()
          editor.discardPendingLines()
          console.output.complain("interrupted\n")
        } else {
          console.complain(error, in: session)
        }
        return true
      }
    }
  }

  /// What a line leaves to do.
  private struct Rest {
    var isQuit = false
    /// The beginning of a statement that is not complete.
    var text = ""
  }

  /// Runs the statements that are complete; nil where nothing is left.
  private mutating func runStatements() throws(Diagnostic) -> Rest? {
    while true {
      switch try session.runNext(console) {
      case .ran: if console.isInterrupted { throw Diagnostic(.interrupted, SourceRange(0, 0)) }
      case .end: return nil
      case .quit: return Rest(isQuit: true)
      case .incomplete(let from, _): return Rest(text: session.dropText(from: from))
      }
    }
  }

  // MARK: Completion

  /// Answers the Tab key from what is defined now.
  private func completer(_ session: Session) -> Completer {
    { [console] line, cursor in
      if let answer = SymbolNames.answer(line: line, cursor: cursor) { return answer }
      let before = String(decoding: line[..<cursor], as: UTF8.self)
      switch session.complete(before, host: console) {
      case .words(let from, let words):
        return CompletionAnswer(
          replacing: from..<cursor,
          candidates: words.map { Candidate($0.text, summary: $0.summary, suffix: $0.suffix) })
      case .file(let from):
        let prefix = String(decoding: line[from..<cursor], as: UTF8.self)
        return CompletionAnswer(
          replacing: from..<cursor, candidates: FileNames.completions(prefix))
      }
    }
  }
}

extension Runner {
  /// Runs the start-up file, where there is one.
  mutating func runInit() {
    // A relative folder is ignored, as the XDG base directory specification asks.
    let folders = [
      environmentVariable("XDG_CONFIG_HOME"), environmentVariable("HOME").map { $0 + "/.config" },
    ]
    guard let folder = folders.lazy.compactMap(\.self).first(where: FileNames.isAbsolute) else {
      return
    }
    let path = folder + "/backstep/init.grad"
    guard FileNames.exists(path) else { return }
    _ = run([.file(path)])
  }
}
