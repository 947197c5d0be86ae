// What a task wants typed, and whether it has been: found from the statements in the lesson.

import BackstepLanguage
import BackstepTrace

/// One thing that must come of what the user types.
enum LessonGoal: Equatable {
  /// A name with a value, as a number, or by a formula that comes to the same elsewhere too.
  case value(name: String, Reading, elsewhere: Elsewhere?)
  /// A function of this name, and what a call of it comes to, where it can be called with numbers.
  case function(name: String, call: String, Reading?)
  /// An expression of this value is to be shown.
  case shown(text: String, Reading)
  /// A command is to be given.
  case command(String)

  /// What a formula comes to when the inputs are moved: `tanh(g)` and `tanh(2*g)` are both 0 at `g = 0`.
  struct Elsewhere: Equatable {
    /// The statements that move every input.
    var moves: String
    var value: Reading
  }

  /// What a statement was that the user typed.
  struct Typed: Equatable {
    var text: String
    /// The value, where it was an expression.
    var value: Reading?
  }

  /// Whether a goal has been reached.
  enum State {
    case reached
    /// It has not, and this is why.
    case missing(Sentence)
  }

  /// Whether it is about what was typed just now, and not about what is defined.
  var isOfTheMoment: Bool {
    switch self {
    case .shown, .command: true
    case .value, .function: false
    }
  }

  /// The goals that the lesson's own statements would reach.
  ///
  /// **Errors** A ``Diagnostic`` where these statements fail.
  static func goals(
    of text: String, in session: Session, _ host: any SessionHost
  ) throws(Diagnostic) -> [LessonGoal] {
    var model = session
    model.isInteractive = false
    model.begin(file: nil)
    try model.append((text + "\n").utf8)
    var goals: [LessonGoal] = []
    var names: [NameID] = []
    var functions: [(name: NameID, parameters: Int)] = []
    while true {
      var probe = model
      guard let statement = try probe.parser.next() else { break }
      let source = probe.parser.source.string(statement.range)
      switch statement.kind {
      case .function(let name, _, let parameters, _):
        _ = try model.runNext(host)
        functions.append((name, parameters.count))
      case .definition(let name, _, _, _), .assignment(let name, _, _):
        _ = try model.runNext(host)
        if !names.contains(name) { names.append(name) }
      case .expression:
        goals.append(.shown(text: source, try model.value(ofText: source, host).value))
        model.parser.place = probe.parser.place
      case .command:
        goals.append(.command(source))
        model.parser.place = probe.parser.place
      }
    }
    var defined: [LessonGoal] = []
    for (name, parameters) in functions {
      let text = model.parser.names.string(name)
      let arguments = (0..<parameters).map { "\(0.3 + 0.2 * Double($0))" }
      let call = "\(text)(\(arguments.joined(separator: ", ")))"
      let value = try? model.value(ofText: call, host).value
      defined.append(.function(name: text, call: call, value))
    }
    for name in names {
      let text = model.parser.names.string(name)
      // The last definition of a name counts, which may be that of a function.
      guard let definition = model.definitions.definition(of: name), definition.kind != .function
      else { continue }
      if case .value(let reading) = try model.state(of: name, host) {
        var elsewhere: Elsewhere?
        if definition.kind == .formula {
          let moves = model.movesOfInputs
          // What cannot be computed there is compared here only.
          let value = model.value(of: name, after: moves, host) ?? reading
          elsewhere = Elsewhere(moves: value == reading ? "" : moves, value: value)
        }
        defined.append(.value(name: text, reading, elsewhere: elsewhere))
      }
    }
    return defined + goals
  }

  /// The words of a command, blanks within its expressions left out.
  private static func words(_ text: String) -> [String] {
    let words = text.split { $0.isWhitespace }.map(String.init)
    guard let word = words.first, let command = Command.named(word) else { return words }
    let known = command.form.clauses.map(\.name) + Mistake.allCases.map(\.rawValue)
    return words.dropFirst().reduce(into: [word]) { parts, next in
      let continues =
        parts.count > 1 && !known.contains(next) && !known.contains(parts[parts.count - 1])
      if continues { parts[parts.count - 1] += next } else { parts.append(next) }
    }
  }

  /// Whether what was typed, and what is defined, reaches the goal.
  func state(
    _ session: Session, _ typed: [Typed], _ host: any SessionHost
  ) throws(Diagnostic) -> State {
    var session = session
    switch self {
    case .value(let name, let expected, let elsewhere):
      guard let id = session.parser.names.find(name),
        let definition = session.definitions.definition(of: id), definition.kind != .function
      else { return .missing("Not yet: \(name: name) is still to be defined.") }
      guard case .value(let value) = try session.state(of: id, host) else {
        return .missing("Not yet: \(name: name) still waits for a value.")
      }
      guard value.isClose(to: expected, within: 1e-9) else {
        return .missing(
          "Not yet: \(name: name) should be \(value: expected), but it is \(value: value).")
      }
      guard let elsewhere else { return .reached }
      guard definition.kind == .formula else {
        return .missing(
          "The number is right, but \(name: name) should be a formula, so that derivatives can go through it."
        )
      }
      let moved = session.value(of: id, after: elsewhere.moves, host)
      return moved?.isClose(to: elsewhere.value, within: 1e-9) ?? true
        ? .reached
        : .missing(
          "The number is right here, but not when the inputs change: look at the formula of \(name: name) again."
        )
    case .function(let name, let call, let expected):
      let isThere =
        session.parser.names.find(name)
        .flatMap { session.definitions.definition(of: $0) }?.kind == .function
      guard isThere else {
        return .missing("Not yet: the function \(name: name) is still to be defined.")
      }
      guard let expected else { return .reached }
      let value = try? session.value(ofText: call, host).value
      guard let value, value.isClose(to: expected, within: 1e-9) else {
        return .missing("Not yet: \(formula: call) should be \(value: expected).")
      }
      return .reached
    case .shown(let text, let expected):
      let isThere = typed.contains { $0.value?.isClose(to: expected, within: 1e-9) ?? false }
      return isThere
        ? .reached
        : .missing("Not yet: the lesson waits for the value of \(formula: text). 'hint' helps.")
    case .command(let text):
      let last = session.definitions.lastFormula.map(session.parser.names.string)
      let wanted = Self.words(text)
      for statement in typed {
        // Without E a command is about the formula defined last.
        let words = Self.words(statement.text)
        if words == wanted || wanted.last == last && words == wanted.dropLast() { return .reached }
      }
      return .missing("Not yet: the lesson waits for \(formula: text).")
    }
  }
}

extension Session {
  /// Statements that move every input a little.
  fileprivate var movesOfInputs: String {
    var text = ""
    for (place, definition) in definitions.held.enumerated() where definition.kind == .input {
      let part = 0.11 + 0.02 * Double(place % 10)
      let moved = definitions.value(of: definition).reading
        .mapped { $0 == 0 ? part : $0 * (1 + part) }
      text += "\(parser.names.string(definition.name)) = \(moved.literal)\n"
    }
    return text
  }

  /// What a name comes to after these statements; nil where that fails.
  fileprivate func value(of name: NameID, after text: String, _ host: any SessionHost) -> Reading? {
    var copy = self
    copy.isInteractive = false
    do {
      copy.begin(file: nil)
      try copy.append(text.utf8)
      while case .ran = try copy.runNext(host) {}
      guard case .value(let reading) = try copy.state(of: name, host) else { return nil }
      return reading
    } catch {
      return nil
    }
  }
}

extension LessonGoal.Typed {
  /// Looks at the statement that a session will run next; nil where there is none, or a mistake.
  init?(next session: Session, _ host: any SessionHost) throws(Diagnostic) {
    var probe = session
    guard let statement = try? probe.parser.next() else { return nil }
    text = probe.parser.source.string(statement.range)
    if case .expression = statement.kind {
      var copy = session
      value = try? copy.value(ofText: text, host).value
    }
  }
}
