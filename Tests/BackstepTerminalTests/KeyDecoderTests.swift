// Keys as terminals send them.

import Testing

@testable import BackstepTerminal

@Suite("Keys of a full screen")
struct KeyDecoderTests {
  /// The key of some bytes, and how many of them it took.
  private func decode(_ bytes: [UInt8]) -> (ScreenKey?, Int) {
    var decoder = KeyDecoder(bytes[0])
    var used = 1
    while decoder.wantsMore, used < bytes.count {
      decoder.add(bytes[used])
      used += 1
    }
    return (decoder.key, used)
  }

  @Test(
    "What xterm, the Linux console and rxvt send",
    arguments: [
      ("\u{1B}[C", ScreenKey.right), ("\u{1B}OC", .right), ("\u{1B}[1;5C", .right),
      ("\u{1B}[D", .left), ("\u{1B}OD", .left), ("\u{1B}[A", .up), ("\u{1B}[B", .down),
      ("\u{1B}[H", .home), ("\u{1B}OH", .home), ("\u{1B}[1~", .home), ("\u{1B}[7~", .home),
      ("\u{1B}[F", .end), ("\u{1B}OF", .end), ("\u{1B}[4~", .end), ("\u{1B}[8~", .end),
      ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown), ("\r", .enter), ("\n", .enter),
      ("\u{1B}OM", .enter), ("\u{7F}", .backspace), ("\u{8}", .backspace), ("\u{1B}", .escape),
      ("q", .character("q")), ("θ", .character("θ")), ("重", .character("重")),
      ("\u{1F600}", .character("\u{1F600}")),
    ])
  func keys(text: String, key: ScreenKey) {
    let bytes = Array(text.utf8)
    let (found, used) = decode(bytes + Array("x".utf8))
    // A lone ESC before another character is told by time, not by bytes.
    if key == .escape { return #expect(decode([0x1B]).0 == .escape) }
    #expect(found == key)
    #expect(used == bytes.count)
  }

  @Test("Keys without a meaning are no keys, and take no other key's bytes")
  func others() {
    for text in ["\u{1B}[3~", "\u{1B}[15~", "\u{1B}[[A", "\u{1B}[200~", "\u{1}", "\t"] {
      let bytes = Array(text.utf8)
      let (key, used) = decode(bytes + Array("x".utf8))
      if text != "\u{1B}[[A" { #expect(key == nil) }
      #expect(used == bytes.count)
    }
  }

  @Test("No bytes take for ever")
  func garbage() {
    var decoder = KeyDecoder(0x1B)
    decoder.add(UInt8(ascii: "["))
    var count = 2
    while decoder.wantsMore {
      decoder.add(UInt8(ascii: "1"))
      count += 1
    }
    #expect(count <= 64)
    #expect(decode([0xE2, 0x28]).0 == nil)
    #expect(decode([0xFF]).0 == nil)
  }
}
