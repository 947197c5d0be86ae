// Bytes to tokens, one at a time; what is no token is rejected with its place.

/// A token: what it is, where it stands, and its name or number.
struct Token {
  var kind: TokenKind = .end
  var start = 0
  var end = 0
  var name: NameID = 0
  var number = 0.0

  var range: SourceRange { SourceRange(start, end) }
}

extension Parser {
  /// The byte at an offset; 0 beyond the end of the text.
  @inline(__always) func byte(_ offset: Int) -> UInt8 {
    offset < limit ? source.bytes[offset] : 0
  }

  /// Reads the next token.
  mutating func advance() throws(Diagnostic) {
    previousEnd = token.end
    var offset = position
    while true {
      let byte = byte(offset)
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0C, 0x0B:
        offset += 1
      case UInt8(ascii: "\r"):
        offset += 1
      case UInt8(ascii: "\n"):
        guard bracketDepth > 0 else {
          set(.newline, offset, offset + 1)
          return
        }
        offset += 1
      case UInt8(ascii: "#"):
        offset = try endOfComment(offset)
      case UInt8(ascii: "\\"):
        offset = try afterLineContinuation(offset)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        try lexName(offset)
        return
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        try lexNumber(offset)
        return
      case 0 where offset >= limit:
        set(.end, limit, limit)
        return
      case 0x80...:
        guard let next = try lexUnicode(offset) else { return }
        offset = next
      default:
        try lexSymbol(byte, offset)
        return
      }
    }
  }

  @inline(__always) private mutating func set(_ kind: TokenKind, _ start: Int, _ end: Int) {
    token.kind = kind
    token.start = start
    token.end = end
    position = end
  }

  private mutating func lexSymbol(_ byte: UInt8, _ offset: Int) throws(Diagnostic) {
    let next = self.byte(offset + 1)
    let (kind, length): (TokenKind, Int)
    switch byte {
    case UInt8(ascii: "+"): (kind, length) = (.plus, 1)
    case UInt8(ascii: "-"): (kind, length) = (.minus, 1)
    case UInt8(ascii: "*"):
      (kind, length) = next == UInt8(ascii: "*") ? (.power, 2) : (.times, 1)
    case UInt8(ascii: "/"): (kind, length) = (.divide, 1)
    case UInt8(ascii: "@"): (kind, length) = (.matrixProduct, 1)
    case UInt8(ascii: "^"): (kind, length) = (.power, 1)
    case UInt8(ascii: "("): (kind, length) = (.openParenthesis, 1)
    case UInt8(ascii: ")"): (kind, length) = (.closeParenthesis, 1)
    case UInt8(ascii: "["): (kind, length) = (.openBracket, 1)
    case UInt8(ascii: "]"): (kind, length) = (.closeBracket, 1)
    case UInt8(ascii: ","): (kind, length) = (.comma, 1)
    case UInt8(ascii: ";"): (kind, length) = (.semicolon, 1)
    case UInt8(ascii: ":"):
      (kind, length) = next == UInt8(ascii: "=") ? (.define, 2) : (.colon, 1)
    case UInt8(ascii: "="):
      (kind, length) = next == UInt8(ascii: "=") ? (.equal, 2) : (.assign, 1)
    case UInt8(ascii: "<"):
      (kind, length) = next == UInt8(ascii: "=") ? (.lessOrEqual, 2) : (.less, 1)
    case UInt8(ascii: ">"):
      (kind, length) = next == UInt8(ascii: "=") ? (.greaterOrEqual, 2) : (.greater, 1)
    case UInt8(ascii: "!") where next == UInt8(ascii: "="): (kind, length) = (.notEqual, 2)
    case UInt8(ascii: "!") where stopWords.contains(markWord):
      set(.name, offset, offset + 1)
      token.name = markWord
      return
    case UInt8(ascii: "'"): (kind, length) = (.prime, 1)
    case UInt8(ascii: ".") where Self.isDigit(next):
      try lexNumber(offset)
      return
    case UInt8(ascii: ".")
    where next == UInt8(ascii: "T") && !Self.continuesName(self.byte(offset + 2)):
      (kind, length) = (.dotT, 2)
    case 0: throw Diagnostic(.nulByte, SourceRange(offset, offset + 1))
    default:
      let character = String(UnicodeScalar(byte))
      throw Diagnostic(.unexpectedCharacter(character), SourceRange(offset, offset + 1))
    }
    set(kind, offset, offset + length)
  }

  // MARK: Names

  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  /// Whether an ASCII byte can stand inside a name.
  @inline(__always) static func continuesName(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 97 < 26 || byte &- 48 < 10 || byte == UInt8(ascii: "_")
  }

  @inline(__always) private mutating func lexName(_ start: Int) throws(Diagnostic) {
    // Most names are short and in ASCII: eight bytes at once tell where they end.
    if start + 9 <= limit {
      let word = source.word(at: start)
      let length = ShortName.length(word)
      let next = source.bytes[start + length]
      if next < 0x80, length < 8 || !Self.continuesName(next) {
        set(.name, start, start + length)
        token.name = names.intern(ShortName(word, length), source.bytes, start)
        return
      }
    }
    try lexLongName(start)
  }

  private mutating func lexLongName(_ start: Int) throws(Diagnostic) {
    var offset = start
    while true {
      let byte = byte(offset)
      if Self.continuesName(byte) {
        offset += 1
      } else if byte >= 0x80 {
        let (scalar, length) = try scalar(at: offset)
        guard Self.continuesName(scalar) else { break }
        offset += length
      } else {
        break
      }
    }
    set(.name, start, offset)
    token.name = names.intern(source.bytes, start, offset)
  }

  /// Letters, digits, combining marks, and the digits of a subscript: `ŷ`, `w₁`, `θ`.
  static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber:
      true
    default: ("\u{2080}"..."\u{2089}").contains(scalar)
    }
  }

  /// Reads what begins with a character beyond ASCII; white space gives the offset behind it.
  private mutating func lexUnicode(_ offset: Int) throws(Diagnostic) -> Int? {
    let (scalar, length) = try scalar(at: offset)
    if let kind = TokenKind.symbol(scalar) {
      set(kind, offset, offset + length)
      return nil
    }
    if scalar.properties.isWhitespace || scalar == "\u{FEFF}" && offset == 0 {
      return offset + length
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      try lexLongName(offset)
      return nil
    default:
      throw Diagnostic(
        .unexpectedCharacter(String(scalar)), SourceRange(offset, offset + length))
    }
  }

  /// Decodes one character of UTF-8.
  func scalar(at offset: Int) throws(Diagnostic) -> (Unicode.Scalar, Int) {
    var decoder = UTF8()
    var bytes = source.bytes[offset..<min(offset + 4, limit)].makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&bytes) else {
      throw Diagnostic(.invalidUTF8(source.bytes[offset]), SourceRange(offset, offset + 1))
    }
    return (scalar, UTF8.width(scalar))
  }

  // MARK: What is skipped

  /// Finds the end of a comment; the text inside must be UTF-8 as well.
  private func endOfComment(_ start: Int) throws(Diagnostic) -> Int {
    var offset = start
    while offset < limit {
      let byte = source.bytes[offset]
      if byte == UInt8(ascii: "\n") { return offset }
      if byte == 0 { throw Diagnostic(.nulByte, SourceRange(offset, offset + 1)) }
      offset += byte < 0x80 ? 1 : try scalar(at: offset).1
    }
    return offset
  }

  /// A backslash at the end of a line joins the next line to it.
  private mutating func afterLineContinuation(_ backslash: Int) throws(Diagnostic) -> Int {
    var offset = backslash + 1
    while byte(offset) == UInt8(ascii: " ") || byte(offset) == UInt8(ascii: "\t")
      || byte(offset) == UInt8(ascii: "\r")
    {
      offset += 1
    }
    if offset >= limit {
      isIncomplete = true
      return offset
    }
    guard byte(offset) == UInt8(ascii: "\n") else {
      throw Diagnostic(.unexpectedCharacter("\\"), SourceRange(backslash, backslash + 1))
    }
    if offset + 1 >= limit { isIncomplete = true }
    return offset + 1
  }

  // MARK: Numbers

  /// Reads a number: `1`, `.5`, `2e-3`.
  ///
  /// **Source** W. D. Clinger, "How to read floating point numbers accurately" (PLDI 1990): up to
  /// 2^53 times a power of ten up to 10^22 is exact in one multiplication or division.
  private mutating func lexNumber(_ start: Int) throws(Diagnostic) {
    var offset = start
    var digits: UInt64 = 0
    var significant = 0
    var exponent = 0
    // Of the power of ten that is written out; larger ones are all the same.
    let largestPower = 100_000
    var power = 0
    func take(_ byte: UInt8) {
      if significant < 19 {
        digits = digits * 10 + UInt64(byte &- 48)
        if digits > 0 { significant += 1 }
      } else {
        exponent += 1
        significant += 1
      }
    }
    while Self.isDigit(byte(offset)) {
      take(byte(offset))
      offset += 1
    }
    if byte(offset) == UInt8(ascii: ".")
      && !(byte(offset + 1) == UInt8(ascii: "T") && !Self.continuesName(byte(offset + 2)))
    {
      offset += 1
      while Self.isDigit(byte(offset)) {
        take(byte(offset))
        exponent -= 1
        offset += 1
      }
    }
    if byte(offset) | 0x20 == UInt8(ascii: "e") {
      var end = offset + 1
      let isNegative = byte(end) == UInt8(ascii: "-")
      if isNegative || byte(end) == UInt8(ascii: "+") { end += 1 }
      if Self.isDigit(byte(end)) {
        while Self.isDigit(byte(end)) {
          power = min(power * 10 + Int(byte(end) &- 48), largestPower)
          end += 1
        }
        exponent += isNegative ? -power : power
        offset = end
      }
    }
    set(.number, start, offset)
    if digits < 1 << 53, significant <= 19, power < largestPower, abs(exponent) <= 22 {
      let scale = Self.powersOfTen[abs(exponent)]
      token.number = exponent < 0 ? Double(digits) / scale : Double(digits) * scale
    } else {
      token.number = try convert(start, offset)
    }
    try checkEndOfNumber(start, offset)
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Converts a number that the short way cannot.
  private func convert(_ start: Int, _ end: Int) throws(Diagnostic) -> Double {
    let range = SourceRange(start, end)
    let text = source.string(range)
    guard let number = Double(text) else { throw Diagnostic(.malformedNumber(text), range) }
    guard number.isFinite else { throw Diagnostic(.numberTooLarge(abbreviated(text)), range) }
    return number
  }

  /// A number must not run into a name or a second decimal point: `2x` is no product.
  private func checkEndOfNumber(_ start: Int, _ end: Int) throws(Diagnostic) {
    let next = byte(end)
    if next == UInt8(ascii: "."), byte(end + 1) != UInt8(ascii: "T") {
      var stop = end
      while byte(stop) == UInt8(ascii: ".") || Self.isDigit(byte(stop)) { stop += 1 }
      let range = SourceRange(start, stop)
      throw Diagnostic(.malformedNumber(abbreviated(source.string(range))), range)
    }
    guard next >= 0x80 || Self.continuesName(next) else { return }
    var stop = end
    while stop < limit {
      if byte(stop) < 0x80 {
        guard Self.continuesName(byte(stop)) else { break }
        stop += 1
      } else {
        let (scalar, length) = try scalar(at: stop)
        guard Self.continuesName(scalar) else { break }
        stop += length
      }
    }
    guard stop > end else { return }
    throw Diagnostic(
      .implicitProduct(
        abbreviated(source.string(SourceRange(start, end))),
        abbreviated(source.string(SourceRange(end, stop)))),
      SourceRange(start, stop))
  }

  /// A text as it can stand in a message: long ones lose their middle.
  public func abbreviated(_ text: String) -> String {
    text.utf8.count <= 60 ? text : "\(text.prefix(28))…\(text.suffix(20))"
  }
}
