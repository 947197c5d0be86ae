// Traces by statement and by layer: which statements there are, and how they are written.

import BackstepLanguage
import BackstepTrace

extension Session {
  /// The trace of a graph at a level; nil where its steps are operations.
  func condensed(_ view: View, _ target: Target, _ level: ViewLevel) -> CondensedTrace? {
    guard level != .operation, !view.built.graph.operations[view.built.root].isLeaf else {
      return nil
    }
    let graph = view.built.graph
    let grouping = Grouping(view.built, level, keeping: view.asked.map(\.node))
    return CondensedTrace(view, grouping, name: level.rawValue) { group in
      let names = group.uses.map { view.texts.name(of: $0) }
      let text = graph.label(of: group.root).flatMap(formula) ?? Self.plain(target.text)
      guard level == .layer else { return Self.template(text, names) }
      // The statements of a layer, the last one first, as one explains them.
      let others = group.members.dropLast().reversed().compactMap { member in
        graph.label(of: member).flatMap { name in
          formula(of: name).map { "\(parser.names.string(name)) = \($0)" }
        }
      }
      guard !others.isEmpty else { return Self.template(text, names) }
      return Template(
        pieces: [.text(Array(([text] + others).joined(separator: ", ").utf8))])
    }
  }

  /// The right side of a definition, in one line.
  private func formula(of name: NameID) -> String? {
    guard let definition = definitions.definition(of: name), definition.kind == .formula else {
      return nil
    }
    let text = parser.source.string(definition.text)
    guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    return Self.plain(String(text[text.index(after: equals)...]))
  }

  /// A text without comments and line breaks.
  private static func plain(_ text: String) -> String {
    var words: [Substring] = []
    for line in text.split(whereSeparator: \.isNewline) {
      words += line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\\" }
    }
    return words.joined(separator: " ")
  }

  /// A formula with gaps for names.
  private static func template(_ text: String, _ names: [String]) -> Template {
    // These words mean something else in a template.
    let isPlain = text.utf8.split { !isNameByte($0) }.contains {
      $0.elementsEqual("out".utf8) || $0.elementsEqual("adj".utf8)
    }
    return isPlain || text.contains("...")
      ? Template(pieces: [.text(Array(text.utf8))]) : Template(text, operands: names)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
      || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
