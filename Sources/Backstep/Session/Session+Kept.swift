// When a graph is kept after its values were computed, and what it is asked for later.

import BackstepLanguage

extension Session {
  /// Whether an input gets another value, and remains what it is.
  func isMove(from before: Definition, to definition: Definition) -> Bool {
    before.isValue && before.kind == definition.kind
      && definitions.value(of: before).shape == definitions.value(of: definition).shape
  }

  /// Keeps a graph that was built without known values, where it may be asked for once more.
  mutating func keep(_ built: BuiltGraph, of name: NameID?) {
    guard isInteractive || hasMoved, !builder.dependsOnValues else { return }
    kept = KeptGraph(built, of: name, changes: known.changes)
  }

  /// Makes known what the graph that was kept says of the names and derivatives in an expression.
  mutating func recall(_ syntax: SyntaxRange, _ host: any SessionHost) {
    let kinds = parser.syntax.kinds
    let payloads = parser.syntax.payloads
    for node in syntax.start..<syntax.end where kinds[node] == .name {
      let name = payloads[node]
      guard definitions.definition(of: name)?.kind == .formula else { continue }
      // In postfix order: what is derived, with respect to what, and the sign for it.
      let isDerived =
        node + 2 < syntax.end && kinds[node + 1] == .name && kinds[node + 2] == .gradient
      if isDerived, hasMoved, known.isEmpty, kept?.changes != known.changes {
        // It will be asked for again, with other values: a graph of its own is worth while.
        // What is wrong with it is said when the expression is built.
        _ = try? value(of: name, host)
      }
      guard kept?.changes == known.changes else { continue }
      if known.value(of: name) == nil, let value = kept?.value(of: name, definitions) {
        known.remember(value, of: name)
      }
      if isDerived, known.derivative(of: name, wrt: payloads[node + 1]) == nil,
        let value = kept?.derivative(of: name, wrt: payloads[node + 1], definitions)
      {
        known.remember(value, of: name, wrt: payloads[node + 1])
      }
    }
  }
}
