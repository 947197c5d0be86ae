// Where the answers come from that a quiz or a lesson asks for.

import Backstep
import BackstepTerminal

/// The lines of the scripts that run, then the terminal, if there is one.
final class Answers {
  /// The scripts that run.
  var script: ScriptText?
  /// The editor of the prompt, or one of its own when a script asks at a terminal.
  var editor: LineEditor?
  /// Makes the editor, where there is a terminal.
  var makeEditor: (() -> LineEditor?)?
  /// Whether the last line was typed, so that the terminal shows it already.
  private(set) var wasTyped = false

  /// Whether they come from a terminal, as far as one can tell.
  var areTyped: Bool { (script?.isUsedUp ?? true) && (editor != nil || makeEditor != nil) }

  /// The next line.
  func next(_ prompt: String) -> Answer {
    wasTyped = false
    if let script {
      let answer = script.nextLine()
      guard answer == .end else { return answer }
    }
    if editor == nil, let makeEditor { editor = makeEditor() }
    guard let editor else { return .end }
    wasTyped = true
    switch editor.readLine(prompt: prompt) {
    case .line(let line): return .line(line)
    case .interrupted: return .interrupted
    case .endOfInput: return .end
    }
  }
}
