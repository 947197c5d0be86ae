// dL/dw in definitions: a derivative or a quotient, as the names are defined when it is needed.

import BackstepLanguage

/// The definitions in which `dL/dw` stands.
///
/// Definitions are equations and come in any order, so what a formula with `dL/dw` means can change
/// with every name that is defined later; its text is then read again.
struct DerivativeReadings: Sendable {
  /// A definition, and how its derivatives were read last.
  struct Entry: Sendable {
    let name: NameID
    /// Where the definition begins in the text: the name may have had others.
    let start: Int
    let quotients: [DerivativeQuotient]
    var areDerivatives: [Bool]
  }

  var entries: [Entry] = []
  /// For each name that matters the entries to which it does.
  private var watchers: [NameID: [Int]] = [:]
  /// The entries of which a name has been defined or deleted since the last look.
  private var stale: [Int] = []

  mutating func add(_ entry: Entry, isStale: Bool) {
    if isStale { stale.append(entries.count) }
    for quotient in entry.quotients {
      for name in [quotient.top, quotient.bottom, quotient.output, quotient.input]
      where watchers[name]?.last != entries.count {
        watchers[name, default: []].append(entries.count)
      }
    }
    entries.append(entry)
  }

  /// Notes that a name has been defined or deleted.
  mutating func noteChange(of name: NameID) {
    if !watchers.isEmpty, let changed = watchers[name] { stale += changed }
  }

  /// Notes that any name may have been.
  mutating func noteAllChanged() { stale = Array(entries.indices) }

  /// The entries to look at, in their order; each is given once.
  mutating func takeStale() -> [Int] {
    guard !stale.isEmpty else { return [] }
    defer { stale.removeAll() }
    return Set(stale).sorted()
  }
}

extension Session {
  /// Tells the parser whether a name is defined, which decides how `dL/dw` is read.
  mutating func setDefined(_ name: NameID, _ defined: Bool) {
    if parser.setDefined(name, defined) { readings.noteChange(of: name) }
  }

  /// Remembers a definition that mentions a derivative, and how it was read before its own name was defined.
  mutating func noteReadings(of name: NameID, at start: Int, areDerivatives: [Bool]) {
    guard !parser.quotients.isEmpty else { return }
    readings.add(
      DerivativeReadings.Entry(
        name: name, start: start, quotients: parser.quotients, areDerivatives: areDerivatives),
      isStale: parser.quotients.map(parser.isDerivative) != areDerivatives)
  }

  /// Reads those definitions again whose derivatives have come to mean something else.
  ///
  /// One that would then depend on itself, as `y = dz/dy` would, stays a quotient.
  mutating func settleReadings() {
    for index in readings.takeStale() {
      let entry = readings.entries[index]
      let areDerivatives = entry.quotients.map(parser.isDerivative)
      guard areDerivatives != entry.areDerivatives,
        let definition = definitions.definition(of: entry.name),
        definition.text.start == entry.start,
        let statement = try? parser.reread(statementAt: definition.text)
      else { continue }
      cycleCredit += 16
      guard cycle(from: entry.name) == nil else { continue }
      readings.entries[index].areDerivatives = areDerivatives
      definitions.mention(parser.mentions)
      switch statement.kind {
      case .definition(_, _, let syntax, _), .function(_, _, _, let syntax):
        definitions.replaceSyntax(of: entry.name, by: syntax)
        kept = nil
        keptSyntax = max(keptSyntax, syntax.end)
      case .assignment, .expression, .command: break
      }
    }
  }
}
