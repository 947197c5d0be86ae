// A trace done wrong on purpose beside the right one, as text.

import BackstepTrace

/// Both traces as a table, then what there is to say.
public enum MistakeText {
  /// The lines of a report.
  public static func lines(_ report: MistakeReport, style: Style) -> ByteBuffer {
    var text = ResultText.text(style) { writer in
      writer.write("\(report.summary)", label: "\(report.mistake):", role: .heading)
      writer.writeBlank()
      Columns(report.rows, writer).write(report.rows)
      writer.writeBlank()
    }
    text.append(
      ResultText.text(QuestionText.readable(style)) { writer in
        for finding in report.findings { writer.write(finding) }
      })
    return text
  }

  /// A table with a column for the right numbers and one for the wrong ones.
  private struct Columns {
    let writer: LineWriter
    let steps: Int
    let label: Int
    let number: Int
    private static let gap = 3
    /// The widest vector that stands in a column.
    private static let widest = 22
    /// What a number that differs is marked with.
    private let mark: String

    init(_ rows: [MistakeReport.Row], _ writer: LineWriter) {
      self.writer = writer
      mark = writer.style.ascii ? " !" : " ✗"
      steps = max(2, rows.map { "\($0.step)".count }.max() ?? 0)
      let room = writer.style.width - steps - 2 - mark.count
      let limit = min(Self.widest, (room - 12) / 2 - Self.gap)
      let numbers = rows.flatMap { [$0.right, $0.wrong] }.compactMap { $0 }.map { reading in
        Self.text(reading, limit, writer)?.count ?? 0
      }
      number = max(6, numbers.max() ?? 0)
      let widest = rows.map { Self.label($0, writer).columns }.max() ?? 0
      label = min(widest, max(room - 2 * (number + Self.gap), 0))
    }

    func write(_ rows: [MistakeReport.Row]) {
      var head = writer.line()
      head.add("Backward", .heading)
      addRight("right", .dim, to: &head, column: 0)
      addRight("wrong", .dim, to: &head, column: 1)
      writer.write(head)
      var isResult = false
      for row in rows {
        if row.step == 0, !isResult {
          isResult = true
          writer.writeHeading("Gradient")
        }
        write(row)
      }
    }

    private func write(_ row: MistakeReport.Row) {
      var line = writer.line()
      if row.step > 0, row.kind == .adjoint {
        line.pad(to: steps - "\(row.step)".count)
        line.add("\(row.step)", .step)
      }
      line.pad(to: steps + 2)
      let label = Self.label(row, writer)
      line.add(label)
      line.hang = steps + 6
      let right = Self.text(row.right, number, writer)
      let wrong = row.wrong.map { Self.text($0, number, writer) } ?? "never"
      guard let right, let wrong else {
        writer.write(line)
        guard row.differs else { return write(row.right, "both", false) }
        write(row.right, "right", false)
        if let reading = row.wrong { write(reading, "wrong", row.differs) }
        return
      }
      if label.columns > self.label {
        writer.write(line)
        line = writer.line()
      }
      addRight(right, .value, to: &line, column: 0)
      addRight(wrong, row.differs ? .warning : .value, to: &line, column: 1)
      if row.differs { line.add(mark, .warning) }
      writer.write(line)
    }

    /// A tensor that is too wide for its column.
    private func write(_ reading: Reading, _ title: String, _ differs: Bool) {
      var line = writer.line()
      line.pad(to: steps + 6)
      line.add(title, .dim)
      line.pad(to: steps + 11)
      let inline = Self.text(reading, writer.style.width - line.columns - mark.count - 2, writer)
      if let inline {
        line.add("  ")
        line.add(inline, differs ? .warning : .value)
      }
      if differs { line.add(mark, .warning) }
      writer.write(line)
      if inline == nil { writer.writeTable(reading, indent: steps + 8) }
    }

    private func addRight(_ text: String, _ role: Role, to line: inout FragmentLine, column: Int) {
      let end = steps + 2 + label + (column + 1) * (number + Self.gap)
      line.pad(to: max(line.columns + 1, end - DisplayWidth.columns(of: text)))
      line.add(text, role)
    }

    private static func label(_ row: MistakeReport.Row, _ writer: LineWriter) -> FragmentLine {
      var line = writer.line()
      if row.kind == .contribution { line.pad(to: 2) }
      if row.kind == .slot { line.pad(to: 4) }
      line.add(row.label, numbers: writer.style.numbers)
      return line
    }

    /// A number, or a short tensor; nil for what needs more room.
    private static func text(_ reading: Reading, _ limit: Int, _ writer: LineWriter) -> String? {
      if reading.shape.isScalar {
        return InlineValue(reading, limit: .max, numbers: writer.style.numbers)?.text.string
      }
      return InlineValue(reading, limit: limit, numbers: writer.style.numbers)?.text.string
    }
  }
}

/// The same as JSON Lines.
public enum MistakeJSON {
  /// `{"event":"mistake",…}`, a `mistakeStep` for each number, a `mistakeFinding` for each sentence.
  public static func lines(_ report: MistakeReport, ascii: Bool = false) -> ByteBuffer {
    var output = ResultJSON.line("mistake", ascii) { json in
      json.member("kind", report.mistake)
      json.member("of", report.of)
      json.member("text", report.summary)
      json.member("differs", report.rows.contains(where: \.differs))
    }
    for row in report.rows {
      output.append(
        ResultJSON.line("mistakeStep", ascii) { json in
          json.member("kind", row.kind.rawValue)
          if row.step > 0 { json.member("step", row.step) }
          json.member("text", row.label.text)
          json.member(shape: row.right.shape)
          json.member("right", row.right)
          if let wrong = row.wrong { json.member("wrong", wrong) }
          json.member("differs", row.differs)
        })
    }
    for finding in report.findings {
      output.append(
        ResultJSON.line("mistakeFinding", ascii) { $0.member("text", finding.text) })
    }
    return output
  }
}
