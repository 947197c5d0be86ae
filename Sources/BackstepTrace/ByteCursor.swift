// Text written into memory that is there: how the lines of long traces are put together.

/// A place in memory with room for some text, for as long as it is being written.
///
/// Room is made, and the buffer known to be no one else's, once for many pieces: see
/// ``ByteBuffer/compose(upTo:_:)``. Where the room is not enough the cursor is full; what it has then is not used.
public struct ByteCursor {
  @usableFromInline let memory: UnsafeMutableRawPointer
  @usableFromInline let limit: Int
  @usableFromInline var end: Int
  /// Where the text ends.
  @inlinable public var count: Int { end }
  @usableFromInline var gaveUp = false
  /// Whether there was too little room, or there is something to be written that takes more care.
  @inlinable public var isFull: Bool { gaveUp }

  @usableFromInline init(_ memory: UnsafeMutableRawPointer, from start: Int, to limit: Int) {
    self.memory = memory
    self.limit = limit
    end = start
  }
}

extension ByteBuffer {
  /// Adds what a closure writes with a cursor, if there is room for it.
  ///
  /// - Parameters:
  ///   - room: How many bytes there is room for.
  ///   - body: Writes; what it writes is not used where the cursor is full in the end.
  /// - Returns: false, and nothing was added, where the cursor is full.
  @inlinable @inline(__always)
  public mutating func compose(upTo room: Int, _ body: (inout ByteCursor) -> Void) -> Bool {
    makeRoom(room)
    let start = end
    let stop = memory.withUnsafeMutableBytes { bytes in
      guard let first = bytes.baseAddress else { return -1 }
      var cursor = ByteCursor(first, from: start, to: start + room)
      body(&cursor)
      return cursor.isFull ? -1 : cursor.count
    }
    if stop >= 0 { end = stop }
    return stop >= 0
  }
}

extension ByteCursor {
  /// Gives up: there is something to be written that takes more care.
  @inlinable @inline(__always) public mutating func giveUp() { gaveUp = true }

  /// Whether there is room; if not, the cursor is full from now on.
  @inlinable @inline(__always) mutating func hasRoom(_ bytes: Int) -> Bool {
    if bytes >= 0, bytes <= limit &- end { return true }
    gaveUp = true
    return false
  }

  /// Adds the first bytes of eight that are packed into a word, the first one lowest.
  @inlinable @inline(__always)
  public mutating func append(packed word: UInt64, first count: Int) {
    assert((0...8).contains(count))
    guard hasRoom(8) else { return }
    memory.storeBytes(of: word.littleEndian, toByteOffset: end, as: UInt64.self)
    end &+= count
  }

  /// Adds one byte.
  @inlinable @inline(__always) public mutating func append(byte: UInt8) {
    guard hasRoom(1) else { return }
    memory.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
    end &+= 1
  }

  /// Adds so many blanks.
  @inlinable @inline(__always) public mutating func append(blanks: Int) {
    assert(blanks >= 0)
    guard hasRoom(blanks &+ 8) else { return }
    var place = end
    end &+= blanks
    while place < end {
      memory.storeBytes(of: 0x2020_2020_2020_2020, toByteOffset: place, as: UInt64.self)
      place &+= 8
    }
  }

  /// Adds a piece of text that stands in the program, by instructions made for its length.
  @inlinable @inline(__always) public mutating func append(literal text: StaticString) {
    let length = text.utf8CodeUnitCount
    guard hasRoom(length) else { return }
    (memory + end).copyMemory(from: text.utf8Start, byteCount: length)
    end &+= length
  }

  /// Adds a stretch of a buffer's text.
  @inlinable @inline(__always)
  public mutating func append(_ other: borrowing ByteBuffer, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= other.end)
    let length = range.count
    guard length > 0, hasRoom(max(length, 16)) else { return }
    let place = memory + end
    other.memory.withUnsafeBytes { bytes in
      // Behind every text lie some bytes more.
      let start = range.lowerBound
      guard length <= 16 else {
        return place.copyMemory(
          from: UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + start), byteCount: length)
      }
      place.storeBytes(
        of: bytes.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self),
        as: SIMD16<UInt8>.self)
    }
    end &+= length
  }

  /// Adds the first of 24 bytes that are packed into three words, the first one lowest.
  @inline(__always)
  mutating func append(_ words: (UInt64, UInt64, UInt64), first count: Int) {
    guard hasRoom(24) else { return }
    memory.storeBytes(of: words.0.littleEndian, toByteOffset: end, as: UInt64.self)
    memory.storeBytes(of: words.1.littleEndian, toByteOffset: end &+ 8, as: UInt64.self)
    memory.storeBytes(of: words.2.littleEndian, toByteOffset: end &+ 16, as: UInt64.self)
    end &+= count
  }

  /// Adds what a closure writes into memory that has room for so many bytes; see
  /// ``ByteBuffer/write(upTo:_:)``.
  @inline(__always)
  mutating func write(
    upTo room: Int, _ body: (_ memory: UnsafeMutableRawBufferPointer, _ place: Int) -> Int
  ) {
    guard hasRoom(room) else { return }
    end = body(UnsafeMutableRawBufferPointer(start: memory, count: limit), end)
  }

  /// The 24 bytes from a place on, packed into three words, the first one lowest; behind the end anything.
  ///
  /// There is room for them: 24 bytes, or more, have been written to since that place was the end.
  @inline(__always) func words(from place: Int) -> (UInt64, UInt64, UInt64) {
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: place &+ offset, as: UInt64.self))
    }
    return (word(0), word(8), word(16))
  }

  /// Adds the decimal digits of a whole number that is not negative.
  public mutating func append(digits number: UInt64) {
    guard hasRoom(24) else { return }
    end = ByteBuffer.write(
      digits: number, count: ByteBuffer.digitCount(number),
      to: UnsafeMutableRawBufferPointer(start: memory, count: limit), at: end)
  }

  /// Whether a stretch is the same as another one of the same length.
  public func isRepeated(_ start: Int, _ other: Int, count length: Int) -> Bool {
    precondition(min(start, other) >= 0 && max(start, other) + length <= end)
    for offset in 0..<length
    where memory.load(fromByteOffset: start + offset, as: UInt8.self)
      != memory.load(fromByteOffset: other + offset, as: UInt8.self)
    { return false }
    return true
  }

  /// Takes the last bytes away again, down to `count` of them.
  public mutating func truncate(to count: Int) { end = min(end, max(0, count)) }
}
