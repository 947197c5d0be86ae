// A look at whether to stop, now and then, for loops that run long.

/// Looks for ^C now and then: after so much work, counted in numbers that are computed.
public struct Watch: Sendable {
  @usableFromInline var done = 0

  /// Begins to count.
  @inlinable public init() {}

  /// Whether to stop, with so much work to come; a step of a loop counts as 64 besides.
  @inlinable @inline(__always)
  public mutating func isOver(after work: Int) -> Bool {
    done += work + 64
    guard done > 1 << 18 else { return false }
    done = 0
    return Interruption.isRequested
  }
}

/// The elements of a sequence; after ^C it ends early.
///
/// Inlined everywhere: some of them are the bytes of a document.
public struct UntilInterrupted<Base: Sequence>: Sequence, IteratorProtocol {
  @usableFromInline var base: Base.Iterator
  @usableFromInline var watch = Watch()

  @inlinable init(_ base: Base) { self.base = base.makeIterator() }

  /// The next element; nil at the end and, sooner or later, after ^C.
  @inlinable public mutating func next() -> Base.Element? {
    watch.isOver(after: 1000) ? nil : base.next()
  }
}

extension Sequence {
  /// The same elements, for a loop that takes long with each of them and ends early after ^C.
  @inlinable public var untilInterrupted: UntilInterrupted<Self> { UntilInterrupted(self) }
}
