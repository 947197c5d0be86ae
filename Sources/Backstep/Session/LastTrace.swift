// The trace that was shown last: what `why` is about.

import BackstepLanguage
import BackstepTrace

/// What a trace was about, so that it can be computed again.
///
/// It is kept as what was asked for, not as what came of it: a definition that has changed since
/// then counts.
struct LastTrace: Sendable {
  /// The name that was traced; nil for an expression.
  var name: NameID?
  /// The expression, where it was no name.
  var syntax: Syntax.Copy?
  /// The name or the expression as it was written.
  var text: String
  var wrt: [WrtInput]?
  /// The seed, where one was given.
  var seed: Value?
  var level = ViewLevel.operation
}

extension Session {
  /// Keeps in mind what a trace was about.
  mutating func remember(
    _ target: Target, _ wrt: [WrtInput]?, _ seed: Value?, _ level: ViewLevel
  ) {
    lastTrace = LastTrace(
      name: target.name, syntax: target.name == nil ? parser.syntax.copy(target.syntax) : nil,
      text: target.text, wrt: wrt, seed: seed, level: level)
  }

  /// Keeps in mind what a command traces that has been carried out.
  mutating func remember(
    _ call: CommandCall, _ command: String, _ host: any SessionHost
  ) throws(Diagnostic) {
    let target = try target(of: call, command)
    let wrt = try wrtInputs(call, host)
    var seed: Value?
    if let expression = call.clause("seed")?.first {
      seed = try evaluate(expression.syntax, host)
    }
    remember(target, wrt, seed, host.level)
  }

  /// What the last trace was about; without one, the last formula.
  mutating func lastTarget(_ command: String) throws(Diagnostic) -> (Target, LastTrace) {
    guard let last = lastTrace else {
      let target = try target(of: nil, command)
      return (target, LastTrace(name: target.name, text: target.text))
    }
    if let copy = last.syntax {
      let syntax = parser.append(copy)
      return (Target(syntax: syntax, text: last.text, range: statementText), last)
    }
    guard let name = last.name, let definition = definitions.definition(of: name) else {
      throw Diagnostic(
        .notDefined(name: last.text, nearest: nearestValue(to: last.text)), statementText)
    }
    let target = Target(
      syntax: definition.syntax, text: last.text, range: statementText, name: name, owner: name)
    return (target, last)
  }
}
