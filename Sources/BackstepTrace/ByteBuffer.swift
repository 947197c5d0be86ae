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
  @inlinable public mutating func append(_ text: String) {
    storage.append(contentsOf: text.utf8)
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
    // Digits come out last first, so their places are made before they are filled.
    let start = storage.count
    storage.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: count))
    var rest = number
    var place = start + count
    while rest > 0, place > start {
      place -= 1
      let tenth = rest / 10
      storage[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest &- tenth &* 10)
      rest = tenth
    }
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

  /// Takes the last bytes away again, down to `count` of them.
  @inlinable public mutating func truncate(to count: Int) {
    storage.removeLast(max(0, storage.count - count))
  }

  /// Forgets the text and keeps the memory.
  @inlinable public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }
}
