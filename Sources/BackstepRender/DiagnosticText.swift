// A mistake as people read it: the place, the sentence, the line with a mark under it, a hint.

import BackstepLanguage
import BackstepTrace

/// Writes mistakes in the form compilers have made familiar.
///
///     neuron.grad:3:7: error: 'a' has no value yet
///         L = bce(a, y)
///                 ^
///     hint: give it one: a = 1
public struct DiagnosticText {
  private let writer: LineWriter
  /// Whether sentences are broken at the width; programs want them whole.
  private let wraps: Bool

  /// Writes through a writer.
  public init(writer: LineWriter, wraps: Bool) {
    self.writer = writer
    self.wraps = wraps
  }

  /// Writes one mistake.
  ///
  /// - Parameters:
  ///   - place: Where it is; without a file it was typed at the prompt.
  ///   - message: What is wrong.
  ///   - hint: What to do about it.
  public func write(at place: SourceLocation?, message: String, hint: String?) {
    var head = writer.line()
    if let place, let file = place.file {
      head.add("\(file):\(place.line):\(place.column): ")
    }
    head.add("error:", .warning)
    write(head, message)
    if let place, !place.lineText.isEmpty { quote(place) }
    if let hint {
      var line = writer.line()
      line.add("hint:", .hint)
      write(line, hint)
    }
    writer.flush()
  }

  /// Writes a sentence behind what stands on the line.
  private func write(_ start: FragmentLine, _ sentence: String) {
    var line = start
    if wraps {
      line.addWords(sentence, .plain)
      writer.write(line)
    } else {
      line.add(" ")
      line.add(sentence)
      writer.writeWhole(line)
    }
  }

  /// The line at fault, or the part of it that fits, and the mark under it.
  private func quote(_ place: SourceLocation) {
    let room = writer.style.width - 6
    let characters = Array(place.lineText)
    var first = 0
    let start = min(place.column - 1, characters.count)
    if characters.count > room, start > room / 2 { first = start - room / 2 }
    let end = min(characters.count, first + room)
    let meantEnd = min(end, max(start, start + place.length))
    var text = writer.line()
    text.add("    ")
    if first > 0 { text.add("…", .dim) }
    text.add(String(characters[first..<start]))
    let from = text.columns
    text.add(String(characters[start..<meantEnd]))
    let width = text.columns - from
    text.add(String(characters[meantEnd..<end]))
    if end < characters.count { text.add("…", .dim) }
    var mark = writer.line()
    mark.add(String(repeating: " ", count: from))
    mark.add("^" + String(repeating: "~", count: max(0, width - 1)), .warning)
    writer.write(text)
    writer.write(mark)
  }
}
