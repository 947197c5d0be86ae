// The text of scripts: what has been read of them and was not run yet.

import Backstep
import BackstepLanguage
import BackstepTerminal

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Reads the sources of a run one after the other, for the runner and for commands that ask.
final class ScriptText {
  /// What the current source is called in messages.
  private(set) var name = "-e"
  /// The line on which ``carry`` begins.
  private(set) var line = 1
  /// What was read and not run.
  private(set) var carry: ContiguousArray<UInt8> = []
  /// How many bytes the current source has, where that is known.
  private(set) var size: Int?

  /// Whether what was read is no text, and might never end, as what comes from /dev/zero, or is more than
  /// a session can hold.
  var isEndless: Bool {
    carry.count > SourceText.capacity || !carry.contains(UInt8(ascii: "\n")) && carry.contains(0)
  }

  /// Whether no answers are left in what was read, and there is nothing after it.
  var isUsedUp: Bool { sources.isEmpty && carry.allSatisfy { $0 <= 0x20 } }

  private var sources: ArraySlice<Options.Source>
  private var reader: ScriptReader?
  /// Whether a question has opened the current source, so that it is still to be run.
  private var isFresh = false

  init(_ sources: [Options.Source]) { self.sources = sources[...] }

  /// Goes on to the next source, unless a question has done so; false if there is none.
  func openNext() throws(SystemFailure) -> Bool {
    if isFresh {
      isFresh = false
      return true
    }
    guard let source = sources.popFirst() else { return false }
    carry = []
    line = 1
    size = nil
    reader = nil
    switch source {
    case .text(let text):
      name = "-e"
      carry = ContiguousArray(text.utf8)
    case .standardInput:
      let opened = try ScriptReader()
      (name, size) = (opened.name, opened.size)
      reader = consume opened
    case .file(let path):
      let opened = try ScriptReader(path: path)
      (name, size) = (opened.name, opened.size)
      reader = consume opened
    }
    if let size, size > SourceText.capacity {
      reader = nil
      throw SystemFailure("cannot read '\(printable(name))'", code: EFBIG)
    }
    return true
  }

  /// Reads more of the current source.
  func read(atMost limit: Int = 64 << 10) throws(SystemFailure) -> ScriptReader.Piece {
    guard reader != nil else { return .end }
    return try reader?.read(into: &carry, atMost: limit) ?? .end
  }

  /// Takes away text that a session was given.
  func drop(_ count: Int) {
    for byte in carry[..<count] where byte == UInt8(ascii: "\n") { line += 1 }
    carry.removeFirst(count)
  }

  /// Puts back text that a session could not use yet.
  func putBack(_ text: some Collection<UInt8>) {
    for byte in text where byte == UInt8(ascii: "\n") { line -= 1 }
    carry.insert(contentsOf: text, at: 0)
  }

  /// The next line, for a question; of the next source where this one is at its end.
  func nextLine() -> Answer {
    while true {
      if let end = carry.firstIndex(of: UInt8(ascii: "\n")) { return take(end, andNewline: true) }
      do {
        switch try read() {
        case .bytes: continue
        case .interrupted: return .interrupted
        case .end: break
        }
        if !carry.isEmpty { return take(carry.count, andNewline: false) }
        let next = sources.first
        // A source that a question has opened, and used up, is done with.
        isFresh = false
        do {
          guard try openNext() else { return .end }
          isFresh = true
        } catch {
          // The runner meets the same failure again, and reports it.
          if let next { sources.insert(next, at: sources.startIndex) }
          return .end
        }
      } catch {
        return .end
      }
    }
  }

  private func take(_ count: Int, andNewline: Bool) -> Answer {
    var text = carry[..<count]
    if text.last == 0x0D { text.removeLast() }
    let line = String(decoding: text, as: UTF8.self)
    drop(count + (andNewline ? 1 : 0))
    return .line(line)
  }
}
