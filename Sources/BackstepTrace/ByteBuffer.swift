// Text on its way out, as UTF-8.

/// A growing piece of UTF-8 text.
public struct ByteBuffer: Sendable, Equatable {
  @usableFromInline var storage: ContiguousArray<UInt8> = []

  /// Starts with nothing.
  @inlinable public init() {}

  /// Starts with a string.
  @inlinable public init(_ text: String) { storage.append(contentsOf: text.utf8) }

  /// The text so far.
  @inlinable public var bytes: ContiguousArray<UInt8> { storage }

  /// How many bytes there are.
  @inlinable public var count: Int { storage.count }

  /// Whether there is nothing.
  @inlinable public var isEmpty: Bool { storage.isEmpty }

  /// The text as a string.
  public var string: String { String(decoding: storage, as: UTF8.self) }

  /// The byte at a place.
  @inlinable public subscript(index: Int) -> UInt8 { storage[index] }

  /// Adds a string.
  @_disfavoredOverload
  @inlinable public mutating func append(_ text: String) {
    storage.append(contentsOf: text.utf8)
  }

  /// Adds a piece of text that stands in the program.
  @inlinable public mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { storage.append(contentsOf: $0) }
  }

  /// Adds bytes that are UTF-8 already.
  @inlinable public mutating func append(_ text: some Collection<UInt8>) {
    storage.append(contentsOf: text)
  }

  /// Adds the text of another buffer.
  @inlinable public mutating func append(_ other: ByteBuffer) {
    storage.append(contentsOf: other.storage)
  }

  /// Adds one byte.
  @inlinable public mutating func append(byte: UInt8) { storage.append(byte) }

  /// Adds the decimal digits of a whole number.
  @inlinable public mutating func append(_ number: Int) {
    if number < 0 { storage.append(UInt8(ascii: "-")) }
    append(digits: UInt64(number.magnitude))
  }

  /// Adds the decimal digits of a whole number that is not negative.
  @inlinable public mutating func append(digits number: UInt64) {
    append(digits: number, count: Self.digitCount(number))
  }

  /// Adds the last `count` decimal digits of a number, with zeros in front where it has fewer.
  @inlinable public mutating func append(digits number: UInt64, count: Int) {
    if count <= 8 { return append(packed: Self.packedDigits(number % 100_000_000), last: count) }
    append(digits: number / 100_000_000, count: count - 8)
    append(packed: Self.packedDigits(number % 100_000_000), last: 8)
  }

  /// Adds the last bytes of eight that are packed into a word, the first one lowest.
  @inlinable mutating func append(packed word: UInt64, last count: Int) {
    append(packed: word &>> UInt64(8 * (8 - count)), first: count)
  }

  /// Adds the first bytes of eight that are packed into a word, the first one lowest.
  @inlinable mutating func append(packed word: UInt64, first count: Int) {
    withUnsafeBytes(of: word.littleEndian) { bytes in
      storage.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
  }

  /// The eight decimal digits of a number below 10^8 as ASCII, the first one in the lowest byte.
  ///
  /// The number is split into halves three times, all halves of a kind at once: multiplying by
  /// 10486/2^20, or 103/2^10, divides small numbers by 100, or by 10.
  @inlinable @inline(__always) static func packedDigits(_ number: UInt64) -> UInt64 {
    let high = number / 10_000
    let fours = high | (number &- high &* 10_000) << 32
    let hundreds = ((fours &* 10_486) >> 20) & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) << 16
    let tens = ((twos &* 103) >> 10) & 0x000F_000F_000F_000F
    return (tens | (twos &- tens &* 10) << 8) | 0x3030_3030_3030_3030
  }

  /// How many decimal digits a number has; 1 for zero.
  @inlinable public static func digitCount(_ number: UInt64) -> Int {
    var count = 1
    var rest = number
    while rest >= 10_000 {
      rest /= 10_000
      count += 4
    }
    if rest >= 1000 { return count + 3 }
    if rest >= 100 { return count + 2 }
    return rest >= 10 ? count + 1 : count
  }

  /// Adds a byte many times over.
  @inlinable public mutating func append(byte: UInt8, times: Int) {
    storage.append(contentsOf: repeatElement(byte, count: max(0, times)))
  }

  /// Whether everything from a place on is printable ASCII, each byte a column.
  @inlinable public func isPlain(from start: Int) -> Bool {
    for index in start..<storage.count where storage[index] &- 0x20 >= 0x5F { return false }
    return true
  }

  /// Takes the last bytes away again, down to `count` of them.
  @inlinable public mutating func truncate(to count: Int) {
    storage.removeLast(max(0, storage.count - count))
  }

  /// Forgets the text and keeps the memory.
  @inlinable public mutating func removeAll() {
    if !storage.isEmpty { storage.removeAll(keepingCapacity: true) }
  }
}
