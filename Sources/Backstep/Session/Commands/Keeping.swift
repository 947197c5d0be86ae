// The commands about the session itself: show, delete, undo, redo, reset, save, load, set, quit.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let show = Command(
    names: ["show"], usage: "show [a, b]", summary: "what is defined, and its values",
    details: "Every definition as it was written, with its value or what it waits for.",
    example: "w = 0.5; a = sigmoid(w*x)\nshow",
    form: .words, completes: .names, seeAlso: ["delete", "save"]
  ) { session, call, host throws(Diagnostic) in
    try session.show(call, host)
  }

  static let delete = Command(
    names: ["delete"], usage: "delete a, b", summary: "takes definitions away",
    details: "What depends on them stays, and waits for a value. undo brings them back.",
    example: "w = 0.5; L = w^2\ndelete w\nshow",
    form: .words, completes: .names, seeAlso: ["undo", "reset"]
  ) { session, call, _ throws(Diagnostic) in
    try session.delete(call)
  }

  static let undo = Command(
    names: ["undo"], usage: "undo", summary: "takes back the last statement that changed something",
    details: "Definitions, :=, delete, reset and load can all be undone, one after the other.",
    example: "w = 0.5; w = 2\nundo\nw",
    form: .words, completes: .nothing, seeAlso: ["redo"]
  ) { session, call, host throws(Diagnostic) in
    try call.expectWords(0...0, "nothing")
    try session.travel("undo", session.definitions.undo(), host)
  }

  static let redo = Command(
    names: ["redo"], usage: "redo", summary: "does again what undo took back",
    details: "A new definition ends what can be done again.",
    example: "w = 0.5; w = 2\nundo\nredo\nw",
    form: .words, completes: .nothing, seeAlso: ["undo"]
  ) { session, call, host throws(Diagnostic) in
    try call.expectWords(0...0, "nothing")
    try session.travel("redo", session.definitions.redo(), host)
  }

  static let reset = Command(
    names: ["reset"], usage: "reset", summary: "takes all definitions away",
    details: "Settings stay. undo brings the definitions back.",
    example: "w = 0.5; reset\nundo\nw",
    form: .words, completes: .nothing, seeAlso: ["undo", "delete"]
  ) { session, call, _ throws(Diagnostic) in
    try call.expectWords(0...0, "nothing")
    session.definitions.removeAll()
    session.noteChanges(all: true)
  }

  static let save = Command(
    names: ["save"], usage: "save FILE", summary: "writes the definitions to a script",
    details: """
      The file can be loaded again or run as a script. It is written as a whole or not at all.
      """,
    sample: "w = 0.5; L = w^2\nsave square.grad",
    form: .words, completes: .files, seeAlso: ["load"]
  ) { session, call, host throws(Diagnostic) in
    try session.save(call, host)
  }

  static let load = Command(
    names: ["load"], usage: "load FILE", summary: "runs a script in this session",
    details: "Stops at the first statement that fails, and then changes nothing.",
    sample: "load square.grad\ntrace L",
    form: .words, completes: .files, seeAlso: ["save"]
  ) { session, call, host throws(Diagnostic) in
    try session.load(call, host)
  }

  static let set = Command(
    names: ["set"], usage: "set [NAME VALUE]", summary: "changes how results are shown",
    details: """
      Without a name it lists the settings. digits: how many a number is rounded to. width: the \
      columns to fill. theme: colours; standard holds on dark and light backgrounds, dark and light \
      have more contrast on theirs, high-contrast, for a projector, has bold, underlined and reversed \
      text in place of colours.
      """,
    example: "set digits 12\npi\nset",
    form: .words, completes: .settings, seeAlso: ["help"]
  ) { session, call, host throws(Diagnostic) in
    try session.set(call, host)
  }

  static let quit = Command(
    names: ["quit", "exit"], usage: "quit", summary: "leaves, as Ctrl-D does",
    details: "Nothing is saved but the history of what was typed.",
    sample: "save square.grad\nquit",
    form: .words, completes: .nothing, seeAlso: ["save"], isQuit: true
  ) { _, call, _ throws(Diagnostic) in
    try call.expectWords(0...0, "nothing")
  }
}

extension Session {
  /// The names written behind a command, separated by blanks or commas.
  private func names(_ call: CommandCall) throws(Diagnostic) -> [(NameID, Word)] {
    var list: [(NameID, Word)] = []
    for word in call.words {
      for part in word.text.split(separator: ",") {
        let text = String(part)
        guard let name = parser.names.find(text), definitions.definition(of: name) != nil else {
          throw Diagnostic(
            .notDefined(name: text, nearest: nearestValue(to: text)), word.range)
        }
        list.append((name, word))
      }
    }
    return list
  }

  fileprivate mutating func show(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic) {
    let asked = Set(try names(call).map(\.0))
    var listing: [Listing] = []
    for definition in definitions.held where asked.isEmpty || asked.contains(definition.name) {
      if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
      listing.append(try self.listing(definition, host))
    }
    host.show(listing: listing)
  }

  private mutating func listing(_ definition: Definition, _ host: any SessionHost)
    throws(Diagnostic) -> Listing
  {
    let state =
      definition.kind == .function ? .function : try state(of: definition.name, host)
    return Listing(
      name: parser.names.string(definition.name), kind: definition.listingKind,
      text: text(of: definition),
      state: state)
  }

  /// A definition as it was written, or as it could have been.
  func text(of definition: Definition) -> String {
    if definition.isAsWritten { return parser.source.string(definition.text) }
    let mark = definition.kind == .data ? "const " : ""
    let value = definitions.value(of: definition).reading.literal
    return "\(mark)\(parser.names.string(definition.name)) = \(value)"
  }

  fileprivate mutating func delete(_ call: CommandCall) throws(Diagnostic) {
    let list = try names(call)
    guard !list.isEmpty else {
      throw Diagnostic(
        .missingArgument(command: "delete", what: "a name"), call.word.range,
        advice: call.usage)
    }
    for (name, _) in list {
      definitions.remove(name)
      setDefined(name, false)
    }
    known.forget()
  }

  /// After the definitions have gone back or forward by a step.
  fileprivate mutating func travel(
    _ verb: String, _ changed: [NameID]?, _ host: any SessionHost
  ) throws(Diagnostic) {
    guard let changed else { throw Diagnostic(.nothingTo(verb), statementText) }
    noteChanges(all: false, changed)
    guard isInteractive else { return }
    let names = changed.prefix(6).map(parser.names.string)
    let more = changed.count > 6 ? " and \(changed.count - 6) more" : ""
    for name in changed.prefix(6) {
      guard let definition = definitions.definition(of: name) else { continue }
      host.show(listing: [try listing(definition, host)])
    }
    let gone = changed.filter { definitions.definition(of: $0) == nil }
    if !gone.isEmpty || changed.count > 6 {
      host.show(
        page: Page(
          command: verb, [.text("\(verb): \(names.joined(separator: ", "))\(more)")]))
    }
  }

  /// Takes back an `undo`, a `redo` or a `load` that was carried out and failed at its answer.
  mutating func returnTo(step: Int) {
    guard definitions.stepCount != step else { return }
    let changed =
      definitions.stepCount < step ? definitions.redo() : definitions.undo()
    noteChanges(all: false, changed ?? [])
  }

  /// Tells the parser which names are defined after a change, and forgets computed values.
  mutating func noteChanges(all: Bool, _ changed: [NameID] = []) {
    known.forget()
    if all {
      parser.forgetDefined()
      readings.noteAllChanged()
    }
    for name in changed {
      setDefined(name, definitions.definition(of: name) != nil)
    }
  }

  fileprivate mutating func save(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic) {
    try call.expectWords(1...1, "a file name")
    var text = "# Definitions saved by Backstep.\n"
    for definition in definitions.held.untilInterrupted {
      text += self.text(of: definition) + "\n"
    }
    if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
    let file = call.words[0]
    do {
      try host.write(text, file: file.text)
    } catch {
      if host.isInterrupted { throw Diagnostic(.interrupted, file.range) }
      throw diagnostic(error, file, "writing files")
    }
  }

  fileprivate mutating func load(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic) {
    try call.expectWords(1...1, "a file name")
    let file = call.words[0]
    guard !loading.contains(file.text), loading.count < 64 else {
      throw Diagnostic(.loadsItself("'\(file.text)'"), file.range)
    }
    let bytes: [UInt8]
    do {
      bytes = try host.read(file: file.text)
    } catch {
      if host.isInterrupted { throw Diagnostic(.interrupted, file.range) }
      throw diagnostic(error, file, "reading files")
    }
    let place = parser.place
    let saved = (statementText, statementSyntax, isInteractive)
    let before = definitions
    if loading.isEmpty { outerPlace = place }
    loading.append(file.text)
    isInteractive = false
    defer {
      loading.removeLast()
      parser.place = loading.isEmpty ? outerPlace ?? place : place
      if loading.isEmpty { outerPlace = nil }
      (statementText, statementSyntax, isInteractive) = saved
    }
    do throws(Diagnostic) {
      parser.begin(file: file.text, firstLine: 1)
      try append(bytes)
      var isDone = false
      while !isDone {
        switch try runNext(host) {
        case .ran: if host.isInterrupted { throw Diagnostic(.interrupted, file.range) }
        case .incomplete(_, let mistake): throw mistake
        case .end, .quit: isDone = true
        }
      }
    } catch {
      definitions = before
      noteChanges(all: true, definitions.held.map(\.name))
      throw error
    }
    definitions.mergeSteps(since: before.stepCount)
  }

  private func diagnostic(_ error: HostError, _ word: Word, _ what: String) -> Diagnostic {
    switch error {
    case .file(let message), .document(let message, _): Diagnostic(.file(message), word.range)
    case .sandbox: Diagnostic(.sandbox(what), word.range)
    case .unknownSetting, .invalidSetting: Diagnostic(.file("\(what) failed"), word.range)
    }
  }

  fileprivate mutating func set(_ call: CommandCall, _ host: any SessionHost) throws(Diagnostic) {
    guard let name = call.words.first else {
      host.show(
        page: Page(
          command: "set",
          [.rows(host.settings.map { Page.Row("\($0.name) \($0.value)", $0.expected) })]))
      return
    }
    let known = host.settings
    guard let setting = known.first(where: { $0.name == name.text }) else {
      throw Diagnostic(
        .unknownSetting(name.text, nearest: nearest(to: name.text, among: known.map(\.name))),
        name.range)
    }
    try call.expectWords(2...2, "a value: \(setting.expected)")
    do {
      try host.set(name.text, call.words[1].text)
    } catch {
      throw Diagnostic(
        .invalidSetting(
          name: name.text, value: call.words[1].text, expected: setting.expected),
        call.words[1].range)
    }
  }
}
