// One picture on a terminal's screen, and how it gets there without flicker.

import BackstepTrace

/// A screenful of rows, none wider than the screen.
public struct StepperFrame: Sendable, Equatable {
  /// The rows from the top, with their colours.
  public var rows: [ByteBuffer]
  /// How many columns the screen has.
  public var width: Int

  /// The rows as text.
  public var text: String { rows.map { $0.string + "\n" }.joined() }

  /// What to write so that this picture takes the place of another one: only rows that differ, each
  /// put in its place, and all at once where the terminal can do that.
  ///
  /// - Parameter previous: What the screen shows now; nil where that is not known.
  /// - Returns: Text and control sequences for a terminal.
  public func drawing(over previous: StepperFrame?) -> ByteBuffer {
    var output = ByteBuffer("\u{1B}[?2026h\u{1B}[?25l")
    for (index, row) in rows.enumerated() {
      if let previous, index < previous.rows.count, previous.rows[index] == row { continue }
      output.append("\u{1B}[")
      output.append(index + 1)
      output.append(";1H")
      output.append(row)
      // The rest of the old row goes after the new text has come, so that nothing goes blank. In a
      // full row the cursor stays on the last character, which would go as well.
      if columns(of: row) < width { output.append("\u{1B}[K") }
    }
    output.append("\u{1B}[?2026l")
    return output
  }

  /// How many columns a row takes, without what sets its colours.
  private func columns(of row: ByteBuffer) -> Int {
    var columns = 0
    var isColor = false
    for scalar in row.string.unicodeScalars {
      if scalar == "\u{1B}" {
        isColor = true
      } else if isColor {
        isColor = scalar != "m"
      } else {
        columns += DisplayWidth.columns(of: scalar)
      }
    }
    return columns
  }
}

/// Rows of a picture, put together from lines.
struct Sheet {
  let style: Style
  private(set) var rows: [ByteBuffer] = []

  init(_ style: Style) { self.style = style }

  /// Starts an empty line.
  func line() -> FragmentLine {
    FragmentLine(ascii: style.ascii, keepsRoles: style.theme != nil)
  }

  /// Adds a sentence behind a margin, on as many rows as it takes.
  mutating func add(_ sentence: String, indent: Int, _ role: Role = .plain) {
    var line = line()
    line.addSentence(sentence, indent: indent, role)
    add(line)
  }

  /// Adds a line, on several rows where it is too wide for one.
  mutating func add(_ line: borrowing FragmentLine) { rows += Self.rows(line, style) }

  /// Adds a line on a single row; what does not fit is lost.
  mutating func addOne(_ line: borrowing FragmentLine) {
    rows.append(Self.rows(line, style).first ?? ByteBuffer())
  }

  /// Adds rows that are ready.
  mutating func add(_ ready: [ByteBuffer]) { rows += ready }

  /// Adds what a writer is given.
  mutating func add(_ write: (LineWriter) -> Void) {
    rows += Self.split(ResultText.text(style, write))
  }

  /// Makes the sheet as long as it has to be; of too many rows the last ones go.
  mutating func fit(_ height: Int) {
    if rows.count > height {
      rows.removeLast(rows.count - max(0, height))
    }
    while rows.count < height { rows.append(ByteBuffer()) }
  }

  private static func rows(_ line: borrowing FragmentLine, _ style: Style) -> [ByteBuffer] {
    var output = ByteBuffer()
    let writer = LineWriter(style: style) { output.append($0) }
    writer.write(line)
    writer.flush()
    return split(output)
  }

  private static func split(_ text: ByteBuffer) -> [ByteBuffer] {
    var rows: [ByteBuffer] = []
    var row = ByteBuffer()
    for byte in text.bytes {
      if byte == UInt8(ascii: "\n") {
        rows.append(row)
        row = ByteBuffer()
      } else {
        row.append(byte: byte)
      }
    }
    if !row.isEmpty { rows.append(row) }
    return rows
  }
}

extension FragmentLine {
  /// Adds words behind a margin, which is also where the line goes on when it is broken.
  mutating func addSentence(_ text: String, indent: Int, _ role: Role = .plain) {
    pad(to: indent)
    hang = indent
    for (index, word) in text.split(separator: " ").enumerated() {
      if index > 0 {
        add(" ", role)
        allowBreak()
      }
      add(String(word), role)
    }
  }
}
