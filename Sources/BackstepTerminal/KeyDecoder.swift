// Bytes from a terminal, read as keys.

/// Reads one key from the bytes that a terminal sends for it.
///
/// **Source** ECMA-48, section 5.4: control sequences; the keys as xterm, the Linux console and rxvt
/// send them.
struct KeyDecoder {
  private var bytes: [UInt8]
  /// More bytes than any key has are something else.
  private static let limit = 32

  init(_ first: UInt8) { bytes = [first] }

  mutating func add(_ byte: UInt8) { bytes.append(byte) }

  /// Whether the bytes so far are only the beginning of a key.
  var wantsMore: Bool {
    guard bytes.count < Self.limit else { return false }
    if bytes[0] == 0x1B {
      if bytes.count == 1 { return true }
      // ESC ESC is the key twice, or a sequence with another modifier: neither is waited for.
      guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else { return false }
      if bytes.count == 2 { return true }
      guard bytes[1] == UInt8(ascii: "[") else { return false }
      // The Linux console's function keys: ESC [ [ A.
      if bytes[2] == UInt8(ascii: "["), bytes.count == 3 { return true }
      return !(0x40...0x7E).contains(bytes[bytes.count - 1])
    }
    return bytes.count < Self.length(bytes[0])
  }

  /// The key; nil for bytes that mean none.
  var key: ScreenKey? {
    switch bytes[0] {
    case 0x1B: bytes.count == 1 ? .escape : sequence
    case 0x0A, 0x0D: .enter
    case 0x08, 0x7F: .backspace
    case 0..<0x20: nil
    default: String(validating: bytes, as: UTF8.self)?.unicodeScalars.first.map { .character($0) }
    }
  }

  /// The key of an escape sequence.
  private var sequence: ScreenKey? {
    guard bytes.count > 2 else { return nil }
    switch bytes[bytes.count - 1] {
    case UInt8(ascii: "A"): return .up
    case UInt8(ascii: "B"): return .down
    case UInt8(ascii: "C"): return .right
    case UInt8(ascii: "D"): return .left
    case UInt8(ascii: "H"): return .home
    case UInt8(ascii: "F"): return .end
    case UInt8(ascii: "M") where bytes[1] == UInt8(ascii: "O"): return .enter
    case UInt8(ascii: "~"):
      let number = bytes[2...].prefix { (0x30...0x39).contains($0) }
      switch String(decoding: number, as: UTF8.self) {
      case "1", "7": return .home
      case "4", "8": return .end
      case "5": return .pageUp
      case "6": return .pageDown
      default: return nil
      }
    default: return nil
    }
  }

  /// How many bytes a character has, by its first one.
  private static func length(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }
}
