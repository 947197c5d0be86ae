// Every name that was ever written, as a number.

/// A name's number in the ``NameTable``.
public typealias NameID = UInt32

/// Names as small numbers, so that nothing behind the parser compares text.
///
/// Names are equal under Unicode canonical equivalence: `ŷ` as one code point and as `y` with a
/// combining circumflex are one name; the first spelling is the one shown.
public struct NameTable: Sendable {
  private var text: ContiguousArray<UInt8> = []
  /// Where each name's text ends; it starts where the one before ends.
  private var ends: ContiguousArray<UInt32> = []
  /// A word for each name: of up to eight ASCII characters the name itself, the first one in the
  /// lowest byte; of more a hash, with the highest bit set; 0 beyond ASCII.
  private var keys: ContiguousArray<UInt64> = []
  /// Open addressing, at most half full; a slot holds the name's number plus 1.
  ///
  /// Names that differ in their last digit lie side by side: v120 to v129 share a cache line. Where
  /// a slot is taken, the next line is looked at: ten other names would stand on the same one.
  private var slots: ContiguousArray<UInt32>
  /// Spellings beyond ASCII go by `String`, whose equality is canonical equivalence.
  private var unicode: [String: NameID] = [:]

  /// Starts with no names.
  public init() { slots = ContiguousArray(repeating: 0, count: 256) }

  /// How many names there are.
  public var count: Int { ends.count }

  /// The name's text as it was first spelled.
  public func string(_ name: NameID) -> String { String(decoding: bytes(name), as: UTF8.self) }

  /// The name's text in UTF-8.
  public func bytes(_ name: NameID) -> ArraySlice<UInt8> { text[range(name)] }

  /// Where the name's text lies.
  private func range(_ name: NameID) -> Range<Int> {
    let index = Int(name)
    return (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
  }

  /// Calls `body` with each byte of a name, without making a copy.
  public func forEachByte(of name: NameID, _ body: (UInt8) -> Void) {
    for index in range(name) { body(text[index]) }
  }

  /// The number of a name, a new one where it was not seen before.
  public mutating func intern(_ name: String) -> NameID {
    let bytes = ContiguousArray(name.utf8)
    return intern(bytes, 0, bytes.count)
  }

  /// The number of the name at a place in a text, a new one where it was not seen before.
  public mutating func intern(
    _ source: borrowing ContiguousArray<UInt8>, _ start: Int, _ end: Int
  ) -> NameID {
    var key: UInt64 = 0
    var seen: UInt8 = 0
    for index in start..<end {
      let byte = source[index]
      seen |= byte
      key = Self.key(key, byte, at: index &- start)
    }
    if seen >= 0x80 { return internUnicode(source, start, end) }
    if end > start, end - start <= 8 {
      return intern(ShortName(key, end - start), source, start)
    }
    var slot = firstSlot(of: key, last: end > start ? source[end - 1] : 0)
    while slots[slot] != 0 {
      let candidate = Int(slots[slot] &- 1)
      if keys[candidate] == key, matches(candidate, source, start, end) {
        return NameID(candidate)
      }
      slot = next(slot)
    }
    slots[slot] = UInt32(ends.count + 1)
    return add(source, start, end, key)
  }

  /// The number of the short name at a place in a text, a new one where it was not seen before.
  @inline(__always) mutating func intern(
    _ name: ShortName, _ source: borrowing ContiguousArray<UInt8>, _ start: Int
  ) -> NameID {
    var slot = firstSlot(of: name.key, last: name.last)
    while slots[slot] != 0 {
      let candidate = Int(slots[slot] &- 1)
      // The key of a longer name has the highest bit set.
      if keys[candidate] == name.key { return NameID(candidate) }
      slot = next(slot)
    }
    slots[slot] = UInt32(ends.count + 1)
    return add(source, start, start + name.count, name.key)
  }

  /// The number of a name that was seen before.
  public func find(_ name: String) -> NameID? {
    let bytes = ContiguousArray(name.utf8)
    if bytes.contains(where: { $0 >= 0x80 }) { return unicode[name] }
    // The key of a name has its bytes in it, so that NULs alone would look like none.
    guard let last = bytes.last, !bytes.contains(0) else { return nil }
    var key: UInt64 = 0
    for (index, byte) in bytes.enumerated() { key = Self.key(key, byte, at: index) }
    var slot = firstSlot(of: key, last: last)
    while slots[slot] != 0 {
      let candidate = Int(slots[slot] - 1)
      if keys[candidate] == key, key < 1 << 63 || matches(candidate, bytes, 0, bytes.count) {
        return NameID(candidate)
      }
      slot = next(slot)
    }
    return nil
  }

  /// The key of a name that is one character longer.
  @inline(__always) private static func key(_ key: UInt64, _ byte: UInt8, at place: Int) -> UInt64 {
    if place < 8 { return key | UInt64(byte) &<< UInt64(8 &* place) }
    return ((key ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15) | 1 << 63
  }

  /// Where the search for a name begins: what stands before its last character decides on the line.
  @inline(__always) private func firstSlot(of key: UInt64, last: UInt8) -> Int {
    let isShort = key < 1 << 63
    let length = (64 &- key.leadingZeroBitCount &+ 7) / 8
    let rest = isShort ? key ^ (UInt64(last) &<< (8 &* (length &- 1))) : key
    let hash = (rest &* 0x9E37_79B9_7F4A_7C15) >> 32
    return Int((hash &* 16) ^ UInt64(last)) & (slots.count &- 1)
  }

  /// Where the search goes on: an odd step comes to every slot.
  @inline(__always) private func next(_ slot: Int) -> Int { (slot &+ 17) & (slots.count &- 1) }

  private func matches(
    _ candidate: Int, _ source: borrowing ContiguousArray<UInt8>, _ start: Int, _ end: Int
  ) -> Bool {
    let own = range(NameID(candidate))
    guard own.count == end - start else { return false }
    for offset in 0..<own.count where text[own.lowerBound + offset] != source[start + offset] {
      return false
    }
    return true
  }

  private mutating func internUnicode(
    _ source: borrowing ContiguousArray<UInt8>, _ start: Int, _ end: Int
  ) -> NameID {
    let spelling = String(decoding: source[start..<end], as: UTF8.self)
    if let known = unicode[spelling] { return known }
    let name = add(source, start, end, 0)
    unicode[spelling] = name
    return name
  }

  private mutating func add(
    _ source: borrowing ContiguousArray<UInt8>, _ start: Int, _ end: Int, _ key: UInt64
  ) -> NameID {
    let name = NameID(ends.count)
    for index in start..<end { text.append(source[index]) }
    ends.append(UInt32(text.count))
    keys.append(key)
    if ends.count * 2 > slots.count { grow(to: slots.count * 2) }
    return name
  }

  /// Makes room for so many names more.
  mutating func reserve(_ count: Int) {
    let all = ends.count + count
    ends.reserveCapacity(all)
    keys.reserveCapacity(all)
    text.reserveCapacity(text.count + 8 * count)
    var size = slots.count
    while size < 2 * all { size *= 2 }
    if size > slots.count { grow(to: size) }
  }

  /// Makes more slots and puts every ASCII name in its place again.
  private mutating func grow(to size: Int) {
    slots = ContiguousArray(repeating: 0, count: size)
    for index in 0..<ends.count where keys[index] != 0 {
      var slot = firstSlot(of: keys[index], last: text[Int(ends[index]) - 1])
      while slots[slot] != 0 { slot = next(slot) }
      slots[slot] = UInt32(index + 1)
    }
  }
}

/// A name of one to eight characters of ASCII in a word, the first character in the lowest byte.
struct ShortName {
  let key: UInt64
  let count: Int

  /// The first bytes of eight.
  @inline(__always) init(_ word: UInt64, _ count: Int) {
    key = word & (~0 >> UInt64(64 &- 8 &* count))
    self.count = count
  }

  /// The last character.
  @inline(__always) var last: UInt8 {
    UInt8(truncatingIfNeeded: key &>> UInt64(8 &* (count &- 1)))
  }

  /// How many of eight bytes, from the lowest on, can stand in a name: letters, digits, `_`.
  ///
  /// All bytes are compared at once. What is added to each makes its highest bit tell whether it is
  /// at least as large as some character; bytes beyond ASCII are none of these.
  @inline(__always) static func length(_ word: UInt64) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops = ones &* 0x80
    let low = word & ~tops
    let lower = low | ones &* 0x20
    let letters = (lower &+ ones &* (0x80 - 0x61)) & ~(lower &+ ones &* (0x80 - 0x7B))
    let digits = (low &+ ones &* (0x80 - 0x30)) & ~(low &+ ones &* (0x80 - 0x3A))
    let underscores = ~((low ^ ones &* 0x5F) &+ ones &* 0x7F)
    let others = ~(letters | digits | underscores) | word
    return (others & tops).trailingZeroBitCount / 8
  }
}

extension NameTable {
  /// The number in a name such as `v12`: one letter and a decimal number without leading zeros.
  public func trailingNumber(of name: NameID, after letter: UInt8) -> Int? {
    let range = range(name)
    guard range.count > 1, range.count < 11, text[range.lowerBound] == letter else { return nil }
    var number = 0
    for place in range.dropFirst() {
      let byte = text[place]
      guard byte &- 48 < 10, number > 0 || byte != 48 else { return nil }
      number = number * 10 + Int(byte &- 48)
    }
    return number
  }
}
