// What the line editor is told while a line is edited: TAB, a paste, a line to begin.

import CEditline

/// The editor's side of the C shim.
///
/// It is apart from `LineEditor` because the shim needs it before
/// there is an editor.
final class EditorEvents {
  var editor: OpaquePointer?
  var completer: Completer?
  var prompts: [String] = []

  /// Finished lines of a paste that have not been read yet; the next one is `queue[taken]`.
  private var queue: [String] = []
  private var taken = 0

  /// What the next line begins with, and how far before its end the cursor goes, in characters of
  /// libedit (Unicode scalars).
  private var beginning: (text: String, back: Int)?

  var hasQueuedLines: Bool { taken < queue.count }

  /// Whether the next line that is edited begins with the rest of a paste.
  var hasBeginning: Bool { beginning != nil }

  func nextQueuedLine() -> String? {
    guard hasQueuedLines else { return nil }
    defer { taken += 1 }
    return queue[taken]
  }

  func discard() {
    queue = []
    taken = 0
    beginning = nil
  }

  func receive(_ event: ce_event, line: [UInt8], cursor: Int) {
    switch event {
    case CE_COMPLETE: complete(line, cursor)
    case CE_PASTE: paste(into: line, cursor)
    case CE_BEGIN:
      if let beginning { replace(0..<0, with: beginning.text, back: beginning.back) }
      beginning = nil
    default: break
    }
  }

  private func complete(_ line: [UInt8], _ cursor: Int) {
    guard let answer = completer?(line, cursor) else { return ce_beep(editor) }
    switch CompletionStep(answer, line: line) {
    case .nothing: ce_beep(editor)
    case .replace(let range, let text): replace(range, with: text)
    case .list(let candidates):
      let list = CompletionList.text(
        candidates, width: Terminal.width(), isUnicode: ce_shows_unicode(editor))
      ce_list(editor, list)
    }
  }

  /// Puts what was pasted at the cursor.
  ///
  /// The first newline enters the line; further lines wait
  /// for their turn, and the rest, with what stood behind the cursor, is edited after them.
  private func paste(into line: [UInt8], _ cursor: Int) {
    var count = 0
    guard let bytes = ce_pasted(editor, &count) else {
      return ce_list(editor, "A paste of more than \(ce_paste_limit >> 20) MiB was left out.\n")
    }
    let before = String(decoding: line[..<cursor], as: UTF8.self)
    let after = String(decoding: line[cursor...], as: UTF8.self)
    var pasted = bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
      PastedText(UnsafeBufferPointer(start: $0, count: count))
    }
    pasted.stripPrompts(prompts, includingFirst: before.utf8.allSatisfy { $0 == 0x20 })
    guard let first = pasted.lines.first else {
      return replace(cursor..<cursor, with: pasted.rest)
    }
    replace(0..<line.count, with: before + first)
    ce_submit(editor)
    queue = Array(pasted.lines.dropFirst())
    taken = 0
    let rest = pasted.rest + after
    beginning = rest.isEmpty ? nil : (rest, after.unicodeScalars.count)
  }

  private func replace(_ range: Range<Int>, with text: String, back: Int = 0) {
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        ce_replace(editor, range.lowerBound, range.upperBound, $0.baseAddress, $0.count, back)
      }
    }
  }
}
