// Lines on their way to a terminal or a file: broken to the width, coloured, and sent off in bulk.

import BackstepTrace

/// Writes lines in a style, never wider than the style allows.
public final class LineWriter {
  /// How the lines look.
  let style: Style
  // Not checked at every access: nothing that is called while it is written to comes back here.
  @exclusivity(unchecked) private var output = ByteBuffer()
  private let send: (borrowing ByteBuffer) -> Void
  /// How much is collected before it is sent off.
  private static let bulk = 1 << 16

  /// Starts with nothing.
  ///
  /// - Parameters:
  ///   - style: How the lines look.
  ///   - send: Takes the text away, some 64 KiB at a time and whenever ``flush()`` is called.
  public init(style: Style, send: @escaping (borrowing ByteBuffer) -> Void) {
    self.style = style
    self.send = send
  }

  /// Starts an empty line in the writer's style.
  public func line() -> FragmentLine {
    FragmentLine(ascii: style.ascii, keepsRoles: style.theme != nil)
  }

  /// Writes a line, on several lines where it is too wide for one.
  public func write(_ line: borrowing FragmentLine) {
    var line = copy line
    write(&line)
  }

  /// Writes a line and empties it.
  func write(emptying line: inout FragmentLine) {
    write(&line)
    line.removeAll()
  }

  // What is only read is passed as inout all the same: a borrowed line would be copied at every call.
  private func write(_ line: inout FragmentLine) {
    if line.columns <= style.width {
      emit(&line, from: 0, to: line.text.count)
    } else {
      wrap(&line)
    }
    if output.count >= Self.bulk { flush() }
  }

  /// Writes a line that goes on with another one, and empties both.
  func write(emptying line: inout FragmentLine, _ rest: inout FragmentLine) {
    if style.theme == nil, !rest.isEmpty, line.columns + rest.columns <= style.width {
      output.append(line.text)
      emit(&rest, from: 0, to: rest.text.count)
      if output.count >= Self.bulk { flush() }
      line.removeAll()
      rest.removeAll()
    } else {
      line.add(emptying: &rest)
      write(emptying: &line)
    }
  }

  /// Writes a line as it is, however wide.
  public func writeWhole(_ line: borrowing FragmentLine) {
    var line = copy line
    emit(&line, from: 0, to: line.text.count)
    if output.count >= Self.bulk { flush() }
  }

  /// Writes an empty line.
  public func writeBlank() { output.append(byte: UInt8(ascii: "\n")) }

  /// Sends off what has been collected.
  public func flush() {
    guard !output.isEmpty else { return }
    send(output)
    output.removeAll()
  }

  private func wrap(_ line: inout FragmentLine) {
    let hang = min(line.hang, style.width / 2)
    var start = 0
    var startColumn = 0
    var indent = 0
    /// How many of the places to break at were passed.
    var passed = 0
    while indent + line.columns - startColumn > style.width {
      let room = startColumn + style.width - indent
      while passed < line.breakCount, line.place(passed).column <= room { passed += 1 }
      let last = passed > 0 ? line.place(passed - 1) : nil
      let place =
        last.flatMap { $0.column > startColumn ? $0 : nil }
        ?? hardBreak(&line, start, startColumn, room)
      guard place.offset > start, place.offset < line.text.count else { break }
      output.append(byte: UInt8(ascii: " "), times: indent)
      emit(&line, from: start, to: place.offset)
      start = place.offset
      startColumn = place.column
      indent = hang
    }
    output.append(byte: UInt8(ascii: " "), times: indent)
    emit(&line, from: start, to: line.text.count)
  }

  /// The last place between two characters before the line is full.
  private func hardBreak(
    _ line: inout FragmentLine, _ start: Int, _ startColumn: Int, _ room: Int
  ) -> FragmentLine.Break {
    var place = FragmentLine.Break(offset: start, column: startColumn)
    while place.offset < line.text.count {
      // A piece that ends between two characters.
      var end = min(line.text.count, place.offset + 256)
      while end < line.text.count, line.text[end] & 0xC0 == 0x80 { end += 1 }
      for scalar in line.text.string(from: place.offset, to: end).unicodeScalars {
        let width = DisplayWidth.columns(of: scalar)
        guard place.column + width <= room else { return place }
        place.column += width
        place.offset += scalar.utf8.count
      }
    }
    return place
  }

  /// Writes a stretch of a line without the blanks at its end, and a newline.
  private func emit(_ line: inout FragmentLine, from start: Int, to end: Int) {
    var end = end
    while end > start, line.text[end - 1] == UInt8(ascii: " ") { end -= 1 }
    guard let theme = style.theme else { return output.append(line: line.text, start..<end) }
    emitColored(&line, start, end, theme)
    output.append(byte: UInt8(ascii: "\n"))
  }

  private func emitColored(
    _ line: inout FragmentLine, _ start: Int, _ end: Int, _ theme: Theme
  ) {
    var place = start
    for run in line.runs where run.end > place && place < end {
      let stop = min(run.end, end)
      let parameters = theme[run.role]
      if parameters.isEmpty {
        output.append(line.text, place..<stop)
      } else {
        output.append("\u{1B}[")
        output.append(parameters)
        output.append("m")
        output.append(line.text, place..<stop)
        output.append("\u{1B}[0m")
      }
      place = stop
    }
  }
}
