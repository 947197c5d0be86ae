// Pages of help and lists of definitions, as text.

import BackstepTrace

/// Lays out pages and lists for a terminal.
public struct PageText {
  private let writer: LineWriter

  /// Writes through a writer.
  public init(writer: LineWriter) { self.writer = writer }

  /// Writes a page.
  ///
  /// - Parameters:
  ///   - page: The parts in order.
  ///   - run: Runs an example in a session of its own and writes what it answers; nil leaves that
  ///     out.
  public func write(_ page: Page, run: ((String) -> Void)?) {
    var previous: Page.Block?
    for (index, block) in page.blocks.enumerated() {
      defer { previous = block }
      switch block {
      case .heading(let text):
        if index > 0 { writer.writeBlank() }
        var line = writer.line()
        line.add(text, .heading)
        writer.write(line)
      case .text(let text):
        switch previous {
        case .code: writer.writeBlank()
        // A summary of one line belongs to what is below it.
        case .text(let before) where columns(before) > writer.style.width: writer.writeBlank()
        default: break
        }
        writeParagraph(text, indent: 0)
      case .rows(let rows):
        write(rows)
      case .code(let code):
        writer.writeBlank()
        write(code: code)
      case .example(let code):
        writer.writeBlank()
        write(code: code)
        if let run {
          writer.writeBlank()
          writer.flush()
          run(code)
        }
        if index < page.blocks.count - 1 { writer.writeBlank() }
      }
    }
    writer.flush()
  }

  private func write(code: String) {
    for text in code.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = writer.line()
      line.add("    ")
      line.add(String(text), .formula)
      writer.write(line)
    }
  }

  /// Terms on the left, meanings on the right, broken where the width ends.
  private func write(_ rows: [Page.Row]) {
    let rows = writer.style.ascii ? rows.compactMap(inASCII) : rows
    let widest = rows.map { columns($0.term) }.max() ?? 0
    let column = min(widest, writer.style.width * 2 / 5)
    for row in rows {
      var line = writer.line()
      line.add("  ")
      line.add(row.term, .name)
      let gap = column - columns(row.term)
      if gap < 0 {
        writer.write(line)
        writeParagraph(row.meaning, indent: column + 4)
        continue
      }
      let lines = broken(row.meaning, room: writer.style.width - column - 4)
      line.add(String(repeating: " ", count: gap + 2))
      line.add(lines.first ?? "")
      writer.write(line)
      for rest in lines.dropFirst() { writeIndented(rest, column + 4) }
    }
  }

  /// A row without the other spellings that cannot be shown, if anything else is left of it.
  private func inASCII(_ row: Page.Row) -> Page.Row? {
    let isReadable = row.meaning.unicodeScalars.contains { $0.isASCII && $0 != " " && $0 != "," }
    guard isReadable else { return nil }
    var term = ""
    var blanks = 0
    for word in row.term.split(separator: " ", omittingEmptySubsequences: false) {
      if word.isEmpty {
        blanks += 1
        continue
      }
      if word.unicodeScalars.allSatisfy(\.isASCII) {
        if !term.isEmpty { term += String(repeating: " ", count: blanks + 1) }
        term += word
      }
      blanks = 0
    }
    return term.isEmpty ? row : Page.Row(term, row.meaning)
  }

  /// The columns a text takes in the style.
  private func columns(_ text: String) -> Int {
    var line = writer.line()
    line.add(text)
    return line.columns
  }

  private func writeParagraph(_ text: String, indent: Int) {
    for line in broken(text, room: writer.style.width - indent) { writeIndented(line, indent) }
  }

  private func writeIndented(_ text: String, _ indent: Int) {
    var line = writer.line()
    line.add(String(repeating: " ", count: indent))
    line.add(text)
    writer.write(line)
  }

  /// Words in lines that fit.
  private func broken(_ text: String, room: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty,
        columns(line) + 1 + columns(String(word)) > room
      {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines
  }

  // MARK: Definitions

  /// Writes what is defined, values in a column of their own, as long as someone wants to read on.
  public func write(_ listing: [Listing], while isWanted: () -> Bool = { true }) {
    let texts = listing.map(text)
    let widest = texts.map(columns).max() ?? 0
    let column = min(widest, writer.style.width / 2)
    for (entry, text) in zip(listing, texts) where isWanted() {
      var line = writer.line()
      line.add(text, .formula)
      let state = state(entry)
      if !state.isEmpty {
        let gap = column - columns(text)
        line.add(String(repeating: " ", count: max(0, gap) + 3))
        line.add(state, entry.state.isWaiting ? .dim : .value)
      }
      writer.write(line)
    }
    writer.flush()
  }

  /// A definition on one line; of a long list of numbers the beginning.
  private func text(_ entry: Listing) -> String {
    let text = entry.text.split(separator: "\n").joined(separator: " ")
    guard case .value(.tensor) = entry.state, columns(text) > writer.style.width * 3 / 4 else {
      return text
    }
    return text.prefix(writer.style.width / 2 - 1) + (writer.style.ascii ? "." : "…")
  }

  /// Writes what came of one definition.
  public func write(definition name: String, _ state: DefinitionState) {
    var line = writer.line()
    line.add(name, .name)
    switch state {
    case .value(let reading):
      line.add(" = ", .sign)
      line.add(inline(reading), .value)
    case .waiting(let names):
      let list = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
      line.add(" needs ", .plain)
      line.add(list, .name)
    case .function:
      line.add(" is a function", .plain)
    }
    writer.write(line)
    writer.flush()
  }

  /// A value within a line: a long tensor is told by its shape.
  private func inline(_ reading: Reading) -> ByteBuffer {
    InlineValue(reading, limit: InlineValue.columns, numbers: writer.style.numbers)?.text
      ?? InlineValue.shape(reading.shape)
  }

  /// The value, unless the text has said it already.
  private func state(_ entry: Listing) -> String {
    switch entry.state {
    case .value(let reading):
      let value = inline(reading).string
      let written = entry.text.split(separator: "=").last?.drop { $0 == " " }
      return written.map(String.init) == value ? "" : "= \(value)"
    case .waiting(let names): return "needs \(names.prefix(8).joined(separator: ", "))"
    case .function: return ""
    }
  }
}

extension DefinitionState {
  fileprivate var isWaiting: Bool {
    if case .waiting = self { true } else { false }
  }
}
