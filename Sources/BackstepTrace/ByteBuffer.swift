// Text on its way out, as UTF-8.

/// A growing piece of UTF-8 text.
///
/// Traces are made of many short pieces, so what takes time is not the copying but the making of
/// room and the counting of bytes: room is made in one place, ``makeRoom(_:)``, and there are always
/// ``spare`` bytes more behind the text, so that pieces are copied in steps of 16 bytes and more.
public struct ByteBuffer: Sendable {
  /// The text, and behind it room for more.
  @usableFromInline var memory: ContiguousArray<UInt8> = []

  /// Where the text ends.
  @usableFromInline var end = 0

  /// How many bytes there are.
  @inlinable public var count: Int { end }

  /// Starts with nothing.
  public init() {}

  /// Starts with a string.
  public init(_ text: String) { append(text) }

  /// The text so far.
  public var bytes: ContiguousArray<UInt8> { ContiguousArray(memory[..<count]) }

  /// Calls `body` with the text so far, without making a copy.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    memory.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  /// Whether there is nothing.
  @inlinable public var isEmpty: Bool { end == 0 }

  /// The text as a string.
  public var string: String { string(from: 0) }

  /// The text from a place on, as far as another, as a string.
  public func string(from start: Int, to end: Int? = nil) -> String {
    String(decoding: memory[start..<(end ?? count)], as: UTF8.self)
  }

  /// The byte at a place.
  @inlinable public subscript(index: Int) -> UInt8 {
    precondition(index < end)
    return memory[index]
  }

  // MARK: Adding text

  /// Adds a string.
  @_disfavoredOverload
  public mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(copying: UnsafeRawBufferPointer($0)) }
  }

  /// Adds a piece of text that stands in the program.
  @inlinable public mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { append(copying: UnsafeRawBufferPointer($0)) }
  }

  /// Adds a piece of text that stands in the program, by instructions made for its length: for what is
  /// written very often.
  @inlinable @inline(__always) public mutating func append(literal text: StaticString) {
    let count = text.utf8CodeUnitCount
    makeRoom(count)
    let end = end
    memory.withUnsafeMutableBytes {
      UnsafeMutableRawBufferPointer(rebasing: $0[end..<end &+ count])
        .copyMemory(from: UnsafeRawBufferPointer(start: text.utf8Start, count: count))
    }
    self.end = end &+ count
  }

  /// Adds bytes that are UTF-8 already.
  public mutating func append(_ text: [UInt8]) { text.withUnsafeBytes { append(copying: $0) } }

  /// Adds bytes that are UTF-8 already.
  public mutating func append(_ text: ArraySlice<UInt8>) {
    text.withUnsafeBytes { append(copying: $0) }
  }

  /// Adds bytes that are UTF-8 already.
  @inlinable public mutating func append(_ text: some Collection<UInt8>) {
    for byte in text { append(byte: byte) }
  }

  /// Adds the text of another buffer.
  public mutating func append(_ other: borrowing ByteBuffer) {
    append(other, 0..<other.count)
  }

  /// Adds a stretch of another buffer's text.
  public mutating func append(_ other: borrowing ByteBuffer, _ range: Range<Int>) {
    precondition(range.upperBound <= other.end)
    guard !range.isEmpty else { return }
    makeRoom(range.count)
    let end = end
    memory.withUnsafeMutableBytes { Self.copy(other, range, to: $0, at: end) }
    self.end += range.count
  }

  /// Adds a stretch of another buffer's text, and the end of a line.
  public mutating func append(line other: borrowing ByteBuffer, _ range: Range<Int>) {
    precondition(range.upperBound <= other.end)
    makeRoom(range.count + 1)
    let end = end
    memory.withUnsafeMutableBytes { memory in
      if !range.isEmpty { Self.copy(other, range, to: memory, at: end) }
      memory[end + range.count] = UInt8(ascii: "\n")
    }
    self.end += range.count + 1
  }

  /// Copies a stretch of text, not empty, to a place with ``spare`` bytes more.
  ///
  /// It goes in steps of 16 and of 64 bytes, since counting them would take longer; what comes behind the
  /// text there is lost.
  @inline(__always) private static func copy(
    _ other: borrowing ByteBuffer, _ range: Range<Int>, to memory: UnsafeMutableRawBufferPointer,
    at place: Int
  ) {
    let length = range.count
    other.memory.withUnsafeBytes { bytes in
      guard length <= 512 else {
        return UnsafeMutableRawBufferPointer(rebasing: memory[place..<place + length])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
      func copy(_ offset: Int) {
        let piece = bytes.loadUnaligned(
          fromByteOffset: range.lowerBound &+ offset, as: SIMD16<UInt8>.self)
        memory.storeBytes(of: piece, toByteOffset: place &+ offset, as: SIMD16<UInt8>.self)
      }
      copy(0)
      guard length > 16 else { return }
      copy(16)
      copy(32)
      copy(48)
      for offset in stride(from: 64, to: length, by: 64) {
        copy(offset)
        copy(offset &+ 16)
        copy(offset &+ 32)
        copy(offset &+ 48)
      }
    }
  }

  /// Adds a piece of text that stands in the program between some bytes before and after it, the
  /// first of them lowest.
  public mutating func append(
    _ before: UInt64, first head: Int, _ text: StaticString, _ after: UInt64, first tail: Int
  ) {
    text.withUTF8Buffer { text in
      makeRoom(text.count + 16)
      let end = end
      memory.withUnsafeMutableBytes { memory in
        memory.storeBytes(of: before.littleEndian, toByteOffset: end, as: UInt64.self)
        Self.copy(UnsafeRawBufferPointer(text), to: memory, at: end + head)
        memory.storeBytes(
          of: after.littleEndian, toByteOffset: end + head + text.count, as: UInt64.self)
      }
      self.end += head + text.count + tail
    }
  }

  /// Adds one byte.
  @inlinable @inline(__always) public mutating func append(byte: UInt8) {
    makeRoom(1)
    memory[end] = byte
    end += 1
  }

  /// Adds a byte many times over.
  public mutating func append(byte: UInt8, times: Int) {
    guard times > 0 else { return }
    makeRoom(times)
    let end = end
    memory.withUnsafeMutableBytes { memory in
      for place in stride(from: end, to: end + times, by: 16) {
        memory.storeBytes(
          of: SIMD16(repeating: byte), toByteOffset: place, as: SIMD16<UInt8>.self)
      }
    }
    self.end += times
  }

  /// Adds the first bytes of eight that are packed into a word, the first one lowest.
  @inlinable @inline(__always)
  public mutating func append(packed word: UInt64, first count: Int) {
    makeRoom(8)
    let end = end
    memory.withUnsafeMutableBytes {
      $0.storeBytes(of: word.littleEndian, toByteOffset: end, as: UInt64.self)
    }
    self.end += count
  }

  /// Adds bytes from memory that the caller holds on to.
  public mutating func append(copying bytes: UnsafeRawBufferPointer) {
    let length = bytes.count
    guard length > 0 else { return }
    makeRoom(length)
    let end = end
    memory.withUnsafeMutableBytes { Self.copy(bytes, to: $0, at: end) }
    self.end += length
  }

  /// Copies bytes into memory that has room for them, short ones as words that may overlap.
  @inline(__always) private static func copy(
    _ bytes: UnsafeRawBufferPointer, to memory: UnsafeMutableRawBufferPointer, at place: Int
  ) {
    let length = bytes.count
    if length > 16 {
      UnsafeMutableRawBufferPointer(rebasing: memory[place..<place + length])
        .copyMemory(from: bytes)
    } else if length >= 8 {
      copy(UInt64.self, bytes, memory, place)
    } else if length >= 4 {
      copy(UInt32.self, bytes, memory, place)
    } else {
      for offset in 0..<length { memory[place + offset] = bytes[offset] }
    }
  }

  @inline(__always) private static func copy<Word: FixedWidthInteger>(
    _ type: Word.Type, _ bytes: UnsafeRawBufferPointer, _ memory: UnsafeMutableRawBufferPointer,
    _ place: Int
  ) {
    let last = bytes.count - MemoryLayout<Word>.size
    let head = bytes.loadUnaligned(as: Word.self)
    let tail = bytes.loadUnaligned(fromByteOffset: last, as: Word.self)
    memory.storeBytes(of: head, toByteOffset: place, as: Word.self)
    memory.storeBytes(of: tail, toByteOffset: place + last, as: Word.self)
  }

  /// How many bytes there are at least behind the text, unless there is no text.
  @inlinable @inline(__always) static var spare: Int { 64 }

  /// Makes room for so many bytes, and ``spare`` more.
  @inlinable @inline(__always) mutating func makeRoom(_ bytes: Int) {
    if memory.count &- end < bytes &+ Self.spare { grow(bytes) }
  }

  @usableFromInline @inline(never) mutating func grow(_ bytes: Int) {
    let room = max(memory.count, bytes + Self.spare)
    let size = memory.count + room
    // As raw memory: what adds an element at a time takes seconds without optimization.
    memory = ContiguousArray(unsafeUninitializedCapacity: size) { new, count in
      let (old, place) = (memory.count, UnsafeMutableRawBufferPointer(new))
      memory.withUnsafeBytes { place.copyMemory(from: $0) }
      place[old...].initializeMemory(as: UInt8.self, repeating: 0)
      count = size
    }
  }

  // MARK: Taking text away

  /// Takes the last bytes away again, down to `count` of them.
  public mutating func truncate(to count: Int) { end = min(end, max(0, count)) }

  /// Forgets the text and keeps the memory.
  public mutating func removeAll() { end = 0 }
}

extension ByteBuffer: Equatable {
  /// Whether two texts are the same.
  public static func == (one: ByteBuffer, other: ByteBuffer) -> Bool {
    one.memory[..<one.end] == other.memory[..<other.end]
  }
}

// MARK: Digits

extension ByteBuffer {
  /// Adds the decimal digits of a whole number.
  public mutating func append(_ number: Int) {
    if number >= 0, number < 10 { return append(byte: UInt8(ascii: "0") &+ UInt8(number)) }
    if number < 0 { append(byte: UInt8(ascii: "-")) }
    append(digits: UInt64(number.magnitude))
  }

  /// Adds the decimal digits of a whole number that is not negative.
  public mutating func append(digits number: UInt64) {
    write(upTo: 24) { memory, place in
      Self.write(digits: number, count: Self.digitCount(number), to: memory, at: place)
    }
  }

  /// Adds what a closure writes into memory that has room for so many bytes.
  ///
  /// - Parameters:
  ///   - room: How many bytes it writes at most.
  ///   - body: Is given memory and the place where it may begin; returns the place where it has ended.
  @inline(__always)
  mutating func write(
    upTo room: Int, _ body: (_ memory: UnsafeMutableRawBufferPointer, _ place: Int) -> Int
  ) {
    makeRoom(room)
    let start = end
    end = memory.withUnsafeMutableBytes { body($0, start) }
  }

  /// Writes the last `count` decimal digits of a number, at most 20, in whole words, so that up to 24 bytes
  /// are written to; returns where they end.
  @inline(__always)
  static func write(
    digits number: UInt64, count: Int, to memory: UnsafeMutableRawBufferPointer, at place: Int
  ) -> Int {
    if count <= 8 {
      store(packedDigits(number), last: count, to: memory, at: place)
      return place + count
    }
    let end = place + count
    let high = number / 100_000_000
    if count <= 16 {
      store(packedDigits(high), last: count - 8, to: memory, at: place)
    } else {
      let top = high / 100_000_000
      store(packedDigits(top), last: count - 16, to: memory, at: place)
      store(packedDigits(high &- top &* 100_000_000), last: 8, to: memory, at: end - 16)
    }
    store(packedDigits(number &- high &* 100_000_000), last: 8, to: memory, at: end - 8)
    return end
  }

  /// Writes a word so that the last bytes of it, counted from the lowest to the highest, begin at a place.
  @inline(__always)
  private static func store(
    _ word: UInt64, last count: Int, to memory: UnsafeMutableRawBufferPointer, at place: Int
  ) {
    memory.storeBytes(
      of: (word &>> UInt64(8 &* (8 &- count))).littleEndian, toByteOffset: place, as: UInt64.self)
  }

  /// The eight decimal digits of a number below 10^8 as ASCII, the first one in the lowest byte.
  ///
  /// The number is split into halves three times, all halves of a kind at once: multiplying by
  /// 10486/2^20, or 103/2^10, divides small numbers by 100, or by 10.
  @inline(__always) static func packedDigits(_ number: UInt64) -> UInt64 {
    let high = number / 10_000
    let fours = high | (number &- high &* 10_000) << 32
    let hundreds = ((fours &* 10_486) >> 20) & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) << 16
    let tens = ((twos &* 103) >> 10) & 0x000F_000F_000F_000F
    return (tens | (twos &- tens &* 10) << 8) | 0x3030_3030_3030_3030
  }

  /// How many decimal digits a number has; 1 for zero.
  public static func digitCount(_ number: UInt64) -> Int {
    // 1233/4096 is a little more than log10(2), so this is right or one too few.
    let bits = 64 &- (number | 1).leadingZeroBitCount
    let guess = (bits &* 1233) &>> 12
    return number >= powersOfTen[guess] ? guess &+ 1 : max(1, guess)
  }

  /// The powers of ten that a word holds.
  static let powersOfTen: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
}

// MARK: Looking at text

extension ByteBuffer {
  /// Whether everything from a place on is printable ASCII, each byte a column.
  public func isPlain(from start: Int) -> Bool {
    memory.withUnsafeBytes { memory in
      var place = start
      while place + 8 <= end {
        let word = memory.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        guard Self.isPlain(word) else { return false }
        place += 8
      }
      while place < end {
        guard memory[place] &- 0x20 < 0x5F else { return false }
        place += 1
      }
      return true
    }
  }

  /// Whether eight bytes are from 0x20 to 0x7E.
  @inline(__always) private static func isPlain(_ word: UInt64) -> Bool {
    let tops: UInt64 = 0x8080_8080_8080_8080
    let ones: UInt64 = 0x0101_0101_0101_0101
    let belowBlank = (word &- ones &* 0x20) & ~word
    let delete = word ^ (ones &* 0x7F)
    let isDelete = (delete &- ones) & ~delete
    return (word | belowBlank | isDelete) & tops == 0
  }

  /// Whether a stretch is the same as another one of the same length.
  public func isRepeated(_ start: Int, _ other: Int, count: Int) -> Bool {
    precondition(min(start, other) >= 0 && max(start, other) + count <= self.count)
    for offset in 0..<count where memory[start + offset] != memory[other + offset] {
      return false
    }
    return true
  }
}
