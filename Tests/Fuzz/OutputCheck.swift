// What holds for all output: valid UTF-8, no control characters, JSON that is JSON.

import BackstepRender
import BackstepTrace

enum OutputCheck {
  /// Looks at text for a terminal; colours come only from a theme.
  static func text(_ output: ByteBuffer, _ style: Style) {
    let bytes = output.bytes
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == 0x0A { continue }
      if byte == 0x1B, style.theme != nil {
        require(index < bytes.count && bytes[index] == UInt8(ascii: "["), "an escape sequence")
        while index < bytes.count, bytes[index] != UInt8(ascii: "m") {
          require("0123456789;[".utf8.contains(bytes[index]), "not a colour")
          index += 1
        }
        index += 1
        continue
      }
      require(byte >= 0x20 && byte != 0x7F, "a control character in the output: \(output.string)")
      require(!style.ascii || byte < 0x80, "not ASCII: \(output.string)")
      if byte == 0xC2, index < bytes.count {
        require(bytes[index] >= 0xA0, "a control character beyond ASCII")
      }
      if byte == 0xE2, index + 1 < bytes.count {
        require(
          !turnsAround(bytes[index], bytes[index + 1]), "a mark of direction: \(output.string)")
      }
    }
    checkEncoding(bytes)
  }

  /// Whether these bytes, after E2, make a character that turns text around or ends a line: U+200E, U+200F,
  /// U+2028 to U+202E, U+2060 to U+2069.
  private static func turnsAround(_ second: UInt8, _ third: UInt8) -> Bool {
    switch second {
    case 0x80: third == 0x8E || third == 0x8F || (0xA8...0xAE).contains(third)
    case 0x81: (0xA0...0xA9).contains(third)
    default: false
    }
  }

  /// Looks at what is drawn on a screen: cursor movements are allowed there.
  static func screen(_ output: ByteBuffer) {
    checkEncoding(output.bytes)
  }

  /// Looks at a message.
  static func message(_ text: String) {
    require(!text.isEmpty, "a message without words")
  }

  /// Looks at a document.
  static func document(_ output: ByteBuffer, _ form: DocumentRequest.Form) {
    checkEncoding(output.bytes)
    require(!output.bytes.contains(0), "a NUL byte in a document")
    if form == .json {
      var reader = JSONReader(output.bytes)
      require(reader.readValue() && reader.isAtEnd, "a document that is not JSON")
    }
  }

  /// Looks at lines of JSON: one object each.
  static func json(_ output: ByteBuffer, ascii: Bool) {
    for line in output.bytes.split(separator: 0x0A) {
      var reader = JSONReader(ContiguousArray(line))
      require(line.first == UInt8(ascii: "{"), "not an object: \(output.string)")
      require(reader.readValue() && reader.isAtEnd, "not JSON: \(output.string)")
      if ascii { require(line.allSatisfy { $0 < 0x80 }, "not ASCII: \(output.string)") }
    }
    checkEncoding(output.bytes)
  }

  private static func checkEncoding(_ bytes: ContiguousArray<UInt8>) {
    require(String(validating: bytes, as: UTF8.self) != nil, "output that is not UTF-8")
  }
}

/// Reads a JSON value, only to see whether it is one.
struct JSONReader {
  private let bytes: ContiguousArray<UInt8>
  private var index = 0

  init(_ bytes: ContiguousArray<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool {
    bytes[index...].allSatisfy { $0 == 0x20 || $0 == 0x0A }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipBlanks() {
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x0A { index += 1 }
  }

  /// Reads a value; false where there is none.
  ///
  /// An explicit stack holds what is open.
  mutating func readValue() -> Bool {
    var open: [UInt8] = []
    while true {
      // A value begins here.
      skipBlanks()
      guard index < bytes.count else { return false }
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let isObject = bytes[index] == UInt8(ascii: "{")
        index += 1
        skipBlanks()
        if !take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          open.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
          if isObject, !readKey() { return false }
          continue
        }
      case UInt8(ascii: "\""): guard readString() else { return false }
      default: guard readWord() else { return false }
      }
      // A value ended here.
      while true {
        guard let closing = open.last else { return true }
        skipBlanks()
        if take(closing) {
          open.removeLast()
          continue
        }
        guard take(UInt8(ascii: ",")) else { return false }
        if closing == UInt8(ascii: "}"), !readKey() { return false }
        break
      }
    }
  }

  private mutating func readKey() -> Bool {
    skipBlanks()
    guard readString() else { return false }
    skipBlanks()
    return take(UInt8(ascii: ":"))
  }

  private mutating func readString() -> Bool {
    guard take(UInt8(ascii: "\"")) else { return false }
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"):
        guard index < bytes.count, "\"\\/bfnrtu".utf8.contains(bytes[index]) else { return false }
        index += 1
      case 0..<0x20: return false
      default: break
      }
    }
    return false
  }

  private mutating func readWord() -> Bool {
    let start = index
    while index < bytes.count, !",]} \n".utf8.contains(bytes[index]) { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    if word == "true" || word == "false" || word == "null" { return true }
    guard let first = word.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first)
    else { return false }
    return word.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && Double(word) != nil
  }
}
