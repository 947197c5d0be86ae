// The one list of commands.

import BackstepLanguage
import BackstepTrace

/// A command: its names, its words, and what it does.
///
/// Parser, help and completion read this; nothing about a command is written anywhere else.
struct Command: Sendable {
  /// What can follow a command, for completion.
  enum Completion: Sendable {
    case expression, mistakes, names, settings, files, topics, nothing
  }

  /// The names it is called by, the first one shown.
  var names: [String]
  /// How it is written.
  var usage: String
  /// What it does, in a line.
  var summary: String
  /// What `help` says beyond that.
  var details: String
  /// Statements that show it, run by `help` and by the tests.
  var example: String?
  /// Statements that show it where `help` cannot run them, as they are about files.
  var sample: String?
  /// What may be written behind it.
  var form: CommandForm
  /// What the Tab key offers behind it.
  var completes: Completion
  var seeAlso: [String] = []
  var isQuit = false
  /// Carries it out.
  var run: @Sendable (inout Session, CommandCall, any SessionHost) throws(Diagnostic) -> Void

  /// All commands, in the order in which help lists them.
  static let all: [Command] = [
    forward,
    backward,
    trace,
    grad,
    tangent,
    compare,
    paths,
    derive,
    jacobian,
    hessian,
    step,
    why,
    check,
    quiz,
    mistake,
    graph,
    plot,
    lesson,
    expect,
    export,
    show,
    delete,
    undo,
    redo,
    reset,
    save,
    load,
    set,
    help,
    quit,
  ]

  /// The command of a name.
  static func named(_ name: String) -> Command? { all.first { $0.names.contains(name) } }
}

extension CommandCall {
  /// Makes sure that no more words were written than a command takes.
  func expectWords(_ range: ClosedRange<Int>, _ what: String) throws(Diagnostic) {
    if words.count < range.lowerBound {
      throw Diagnostic(.missingArgument(command: word.text, what: what), word.range, advice: usage)
    }
    if words.count > range.upperBound {
      let extra = words[range.upperBound]
      throw Diagnostic(
        .unexpectedArgument(command: word.text, found: "'\(extra.text)'"), extra.range,
        advice: usage)
    }
  }

  /// How the command is written, as advice.
  var usage: String? { Command.named(word.text).map { "it is written: \($0.usage)" } }
}
