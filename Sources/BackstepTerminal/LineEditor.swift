// A line of input from someone at a terminal, with editing, history and completion.

import CEditline

/// What reading a line brought.
public enum Input: Equatable, Sendable {
  /// A line, without its newline. One recalled from the history may have newlines inside.
  case line(String)
  /// ^C: what was typed is dropped. The interruption is already cleared.
  case interrupted
  /// ^D on an empty line, or the terminal went away.
  case endOfInput
}

/// How a line editor behaves.
public struct LineEditorSettings: Sendable {
  /// The name `program:` lines in an .editrc file go by.
  public var program = "backstep"

  /// Whether `$EDITRC` or `~/.editrc` may change the keys.
  public var readsEditrc = true

  /// The colour of prompts as the parameters of an SGR sequence (`1;32`); nil for none.
  public var promptColor: String?

  /// Prompts that are taken off pasted lines.
  public var strippedPrompts: [String] = []

  /// False makes the terminal's own way of editing do, as if there were no libedit.
  public var edits = true

  /// The usual settings: no colour.
  public init() {}
}

/// Reads lines from a terminal.
///
/// Make one only when standard input and standard output both are terminals, and no second one.
/// It takes over the signals of the session: ^C sets `Interrupt`, ^Z and `fg` keep the line, and a
/// signal that ends the process gives the terminal back first.
public final class LineEditor {
  /// Answers TAB; without one it beeps.
  public var completer: Completer? {
    get { events.completer }
    set { events.completer = newValue }
  }

  /// Whether lines can be edited; false on a machine without libedit.
  public var canEdit: Bool { ce_can_edit(editor) }

  /// Whether characters beyond ASCII can be shown and typed.
  public var showsUnicode: Bool { ce_shows_unicode(editor) }

  /// Whether lines of a paste wait to be read; they come without anyone typing.
  public var hasPendingLines: Bool { events.hasQueuedLines }

  private let editor: OpaquePointer
  private let events = EditorEvents()
  private let settings: LineEditorSettings
  private let history: HistoryFile?
  private let output: Output

  /// An editor, with the entries of earlier sessions; nil when standard input or output is not a
  /// terminal.
  ///
  /// - Parameters:
  ///   - settings: How it behaves.
  ///   - history: Where entries are kept; its `warning` is worth showing afterwards.
  ///   - output: Where results go: it is flushed before a line is read.
  public init?(settings: LineEditorSettings, history: HistoryFile?, output: Output) {
    guard Terminal.isTerminal(0), Terminal.isTerminal(1) else { return nil }
    let context = Unmanaged.passUnretained(events).toOpaque()
    let created = settings.program.withCString { program in
      var shim = ce_settings()
      shim.program = program
      shim.reads_editrc = settings.readsEditrc
      shim.marks_pastes = !Terminal.isDumb()
      shim.edits = settings.edits
      shim.history_size = Int32(clamping: history?.limit ?? 10_000)
      shim.context = context
      shim.listener = { context, event, line, length, cursor in
        guard let context, let line else { return }
        let bytes = UnsafeRawBufferPointer(start: line, count: length)
        Unmanaged<EditorEvents>.fromOpaque(context).takeUnretainedValue()
          .receive(event, line: Array(bytes), cursor: cursor)
      }
      return ce_create(&shim)
    }
    guard let created else { return nil }
    editor = created
    events.editor = created
    events.prompts = settings.strippedPrompts
    self.settings = settings
    self.history = history
    self.output = output
    for entry in history?.load() ?? [] { ce_remember(editor, entry) }
  }

  deinit { ce_destroy(editor) }

  /// Reads a line, or takes the next one of a paste, which is shown as if it had been typed.
  ///
  /// - Parameter prompt: What stands before the line; a blank is added when it has none.
  /// - Returns: What came; see `Input`.
  public func readLine(prompt: String) -> Input {
    output.flush()
    if Interrupt.isPending {
      // Pressed when the computation before had just finished.
      output.write("^C\n")
      output.flush()
      return interrupted()
    }
    if let line = events.nextQueuedLine() {
      output.write("\(shown(prompt, escapesMarked: false))\(printable(line))\n")
      return .line(line)
    }
    let marked = shown(prompt, escapesMarked: canEdit)
    switch ce_read(editor, marked, events.hasBeginning) {
    case CE_LINE:
      var length = 0
      let bytes = UnsafeRawBufferPointer(start: ce_text(editor, &length), count: length)
      return .line(String(decoding: bytes, as: UTF8.self))
    case CE_INTERRUPTED: return interrupted()
    default: return .endOfInput
    }
  }

  /// Makes an entry what the up arrow finds first, also in later sessions.
  public func remember(_ entry: String) {
    guard !entry.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0a }) else { return }
    ce_remember(editor, entry)
    history?.append(entry)
  }

  /// Drops the lines of a paste that have not been read, as after ^C in one of them.
  public func discardPendingLines() { events.discard() }

  private func interrupted() -> Input {
    events.discard()
    Interrupt.clear()
    return .interrupted
  }

  /// The prompt in its colour.
  ///
  /// The blank goes behind the end of the colour: libedit prints an escape sequence together with
  /// the visible character after it, and forgets one that has none.
  private func shown(_ prompt: String, escapesMarked: Bool) -> String {
    var text = Substring(printable(prompt))
    while text.last == " " { text.removeLast() }
    let blanks = String(repeating: " ", count: max(1, prompt.count - text.count))
    guard let color = settings.promptColor, !text.isEmpty else { return text + blanks }
    let mark = escapesMarked ? "\u{1}" : ""
    return "\(mark)\u{1b}[\(color)m\(mark)\(text)\(mark)\u{1b}[0m\(mark)\(blanks)"
  }
}
