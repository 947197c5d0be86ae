// Long text at a terminal, a screenful at a time.

import CEditline

/// Holds back what is written until it is known where a screen should end, and waits there for a key.
///
/// A screen ends at an empty line where there is one in its last two thirds, so that a trace, a table or
/// a question stays in one piece; else in front of a step. At most a screenful is held back.
struct Pages {
  /// How many rows were written since somebody last answered.
  private var rows = 0
  /// Lines that wait to be written; the last one may still grow.
  private var held: [Line] = []
  private var heldRows = 0
  /// Whether ^C ended the waiting.
  private(set) var isOver = false
  private let prompt: String
  /// The columns and rows of the screen, which may change at any time.
  private let size: () -> (columns: Int, rows: Int)

  private struct Line {
    var bytes: [UInt8]
    var rows = 0
    var isBlank: Bool { bytes.count == 1 }
    var indent: Int { bytes.prefix { $0 == UInt8(ascii: " ") }.count }
  }

  /// Pages of a terminal that says `prompt` where it waits; nil where input or output is no terminal.
  init?(prompt: String) {
    guard FullScreen.isPossible else { return nil }
    self.init(prompt: prompt) { (Terminal.width(), Terminal.height()) }
  }

  /// Pages of a screen that says how large it is.
  init(prompt: String, size: @escaping () -> (columns: Int, rows: Int)) {
    self.prompt = prompt
    self.size = size
  }

  /// Somebody answered: what comes now begins a new page.
  mutating func startOver() { rows = 0 }

  /// Rows of a page; the last one is for the prompt.
  private var height: Int { max(4, size().rows - 1) }

  /// Takes a line, with or without its end.
  mutating func hold(_ bytes: UnsafeRawBufferPointer) {
    if let last = held.last, last.bytes.last != 0x0a {
      held[held.count - 1].bytes += bytes
    } else {
      held.append(Line(bytes: Array(bytes)))
    }
    guard bytes.last == 0x0a, let line = held.last else { return }
    let count = Self.rows(of: line.bytes, width: size().columns)
    held[held.count - 1].rows = count
    heldRows += count
  }

  /// Whether the lines that wait are more than this page has room for.
  var isTooLong: Bool { rows + heldRows > height }

  /// The lines that this page ends with.
  mutating func takePage() -> [[UInt8]] {
    let height = height
    var end = 0
    var used = rows
    var gap: Int?
    for (index, line) in held.enumerated() {
      // A line that stands alone, as a title does, goes with what follows it.
      let isBehindTitle = index > 1 && gap == index - 2
      if index > 0, line.isBlank, used > height / 3, !isBehindTitle { gap = index }
      guard used + line.rows <= height else { break }
      used += line.rows
      end = index + 1
    }
    // What does not fit below what is there already begins the next page.
    if end == 0, rows > 0 { return [] }
    return take(max(1, gap ?? step(before: end)))
  }

  /// Where a block that is longer than the screen is broken: in front of the least indented of the last
  /// lines, with which a step begins.
  private func step(before end: Int) -> Int {
    var best = end
    for index in (max(1, end - height / 3)...max(1, end)).reversed() where index < held.count {
      if held[index].indent < held[min(best, held.count - 1)].indent { best = index }
    }
    return best
  }

  /// All lines that wait.
  mutating func takeAll() -> [[UInt8]] { take(held.count) }

  private mutating func take(_ count: Int) -> [[UInt8]] {
    let page = held.prefix(count)
    held.removeFirst(page.count)
    let taken = page.reduce(0) { $0 + $1.rows }
    heldRows -= taken
    rows += taken
    return page.map(\.bytes)
  }

  /// Waits for a key; after ^C, which is no answer to anything here, there is no more waiting.
  ///
  /// Keys that were typed ahead are meant for what comes later, so it does not wait then.
  mutating func turn() {
    rows = 0
    guard ce_screen_begin(false) else { return }
    defer { ce_screen_end() }
    var byte: UInt8 = 0
    guard !ce_key_waits() else { return }
    say(prompt)
    defer { say("\r\u{1b}[K") }
    while true {
      switch ce_screen_next(-1, &byte) {
      case CE_SCREEN_BYTE:
        FullScreen.key(from: byte)
        return
      case CE_SCREEN_REDRAW, CE_SCREEN_TIMEOUT: continue
      case CE_SCREEN_INTERRUPTED:
        ce_clear_interrupt()
        isOver = true
        return
      default: return
      }
    }
  }

  private func say(_ text: String) {
    var text = text
    _ = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: 1) }
  }

  /// The rows that a line takes on a terminal of this width; colours take no room.
  static func rows(of line: [UInt8], width: Int) -> Int {
    var plain: [UInt8] = []
    var isColor = false
    for byte in line where byte >= 0x20 || byte == 0x1b {
      if isColor {
        isColor = byte != UInt8(ascii: "m")
      } else if byte == 0x1b {
        isColor = true
      } else {
        plain.append(byte)
      }
    }
    let columns = displayWidth(String(decoding: plain, as: UTF8.self))
    return max(1, (columns + width - 1) / max(1, width))
  }
}
