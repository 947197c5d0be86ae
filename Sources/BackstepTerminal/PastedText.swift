// What is pasted, made into lines.

/// A piece of pasted text: the lines that are finished, and the rest after the last newline.
struct PastedText: Equatable {
  private(set) var lines: [String] = []
  private(set) var rest = ""

  /// Splits at line feeds, carriage returns (which is what a terminal sends) and both together.
  ///
  /// A tab becomes a blank, since it would be completed otherwise and could not be shown in one
  /// column; other controls are dropped, since no paste should press keys.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var line: [UInt8] = []
    var previous: UInt8 = 0
    for byte in bytes {
      defer { previous = byte }
      switch byte {
      case UInt8(ascii: "\n") where previous == UInt8(ascii: "\r"): continue
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        lines.append(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
      case UInt8(ascii: "\t"): line.append(UInt8(ascii: " "))
      case 0..<0x20, 0x7f: continue
      case 0x80..<0xa0 where previous == 0xc2: line.removeLast()
      default: line.append(byte)
      }
    }
    rest = String(decoding: line, as: UTF8.self)
  }

  /// Takes prompts off the beginning of each line, the first one only where a line begins.
  ///
  /// Where lines have prompts, those without are what a session answered, and dropped: an answer
  /// such as `y = 3` would be taken for a definition. The first line may be one whose prompt was
  /// not copied.
  mutating func stripPrompts(_ prompts: [String], includingFirst: Bool) {
    func stripped(_ line: String) -> String? { LineEditor.behindPrompt(line, prompts: prompts) }
    let isSession = (lines.dropFirst(includingFirst ? 0 : 1) + [rest]).contains {
      stripped($0) != nil
    }
    guard isSession, let first = lines.first else {
      if includingFirst { rest = stripped(rest) ?? rest }
      return
    }
    lines =
      [includingFirst ? stripped(first) ?? first : first] + lines.dropFirst().compactMap(stripped)
    rest = stripped(rest) ?? ""
  }
}

extension LineEditor {
  /// Takes off a prompt that was copied along from an earlier session.
  ///
  /// Blanks around the prompt may be missing, as they are when a selection or an editor trimmed
  /// them; anything else has to agree, and only one prompt is taken.
  public static func strippingPrompts(_ line: String, prompts: [String]) -> String {
    behindPrompt(line, prompts: prompts) ?? line
  }

  /// What stands behind a prompt; nil where there is none.
  static func behindPrompt(_ line: String, prompts: [String]) -> String? {
    let text = line.utf8.drop { $0 == UInt8(ascii: " ") }
    for prompt in prompts {
      let blank = UInt8(ascii: " ")
      let core = prompt.utf8.drop { $0 == blank }.reversed().drop { $0 == blank }.reversed()
      guard !core.isEmpty, text.starts(with: core) else { continue }
      let after = text.dropFirst(core.count)
      guard let next = after.first else { return "" }
      // `...>x` is not a prompt and its line; the prompt's own blank is.
      guard next == blank else { continue }
      return String(Substring(after.dropFirst()))
    }
    return nil
  }
}
