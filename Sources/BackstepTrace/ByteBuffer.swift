// Text on its way out, as UTF-8.

/// A growing piece of UTF-8 text.
public struct ByteBuffer: Sendable, Equatable {
  /// The text so far.
  public private(set) var bytes: ContiguousArray<UInt8> = []

  /// Starts with nothing.
  public init() {}

  /// How many bytes there are.
  public var count: Int { bytes.count }

  /// The text as a string.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Adds a string.
  public mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Adds bytes that are UTF-8 already.
  public mutating func append(_ text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

  /// Adds one byte.
  public mutating func append(byte: UInt8) { bytes.append(byte) }

  /// Adds the decimal digits of a whole number.
  public mutating func append(_ number: Int) { append(String(number)) }

  /// Adds a byte many times over.
  public mutating func append(byte: UInt8, times: Int) {
    bytes.append(contentsOf: repeatElement(byte, count: max(0, times)))
  }

  /// Forgets the text and keeps the memory.
  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
extension ByteBuffer { public mutating func appendShortest(_ d: Double) { append("\(d)") } }
