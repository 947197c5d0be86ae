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
  private var watched: Set<NameID> = []
  /// Whether a name that matters has been defined or deleted since the last look.
  var isStale = false

  mutating func add(_ entry: Entry) {
    entries.append(entry)
    for quotient in entry.quotients {
      watched.formUnion([quotient.top, quotient.bottom, quotient.output, quotient.input])
    }
  }

  /// Notes that a name has been defined or deleted.
  mutating func noteChange(of name: NameID) {
    if !watched.isEmpty, watched.contains(name) { isStale = true }
  }
}

extension Session {
  /// Tells the parser whether a name is defined, which decides how `dL/dw` is read.
  mutating func setDefined(_ name: NameID, _ defined: Bool) {
    if parser.setDefined(name, defined) { readings.noteChange(of: name) }
  }

  /// Remembers a definition that mentions a derivative.
  mutating func noteReadings(of name: NameID, at start: Int) {
    guard !parser.quotients.isEmpty else { return }
    readings.add(
      DerivativeReadings.Entry(
        name: name, start: start, quotients: parser.quotients,
        areDerivatives: parser.quotients.map(parser.isDerivative)))
  }

  /// Reads those definitions again whose derivatives have come to mean something else.
  mutating func settleReadings() {
    guard readings.isStale else { return }
    readings.isStale = false
    for index in readings.entries.indices {
      let entry = readings.entries[index]
      let areDerivatives = entry.quotients.map(parser.isDerivative)
      guard areDerivatives != entry.areDerivatives,
        let definition = definitions.definition(of: entry.name),
        definition.text.start == entry.start,
        let statement = try? parser.reread(statementAt: definition.text)
      else { continue }
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
