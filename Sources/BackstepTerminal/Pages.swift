// Long text at a terminal, a screenful at a time.

import CEditline

/// Counts the rows of what is written, and waits for a key when the screen is full.
public struct Pages {
  /// How many rows were written since somebody last answered.
  var rows = 0
  private let prompt: String

  /// Pages of a terminal that says `prompt` where it waits; nil where input or output is no terminal.
  public init?(prompt: String) {
    guard FullScreen.isPossible else { return nil }
    self.prompt = prompt
  }

  /// Somebody answered: what comes now begins a new page.
  public mutating func startOver() { rows = 0 }

  /// Whether one more row would push the first one off the screen.
  var isFull: Bool { rows >= max(4, Terminal.height() - 1) }

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
        rows = Int.min / 2
        return
      default: return
      }
    }
  }

  private func say(_ text: String) {
    var text = text
    _ = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: 1) }
  }
}
