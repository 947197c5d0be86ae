// Everything the program says goes through here: buffered, in order, and with an eye on failure.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Standard output, buffered, and standard error beside it.
///
/// The order of what is said on both is kept: `complain` first writes out what waits. Flush also
/// before reading input. A reader that goes away and a full disk do not stop the program by
/// themselves; they show in `isStopped`, after which nothing more is written.
public final class Output {
  /// Whether standard output is a terminal.
  public let isTerminal: Bool

  /// Whether the reader of a pipe went away: a reason to end quietly.
  @exclusivity(unchecked) public private(set) var readerIsGone = false

  /// Why writing failed, if it did: a reason to say so and to exit with status 1.
  @exclusivity(unchecked) public private(set) var failure: SystemFailure?

  /// Whether ^C ended the waiting for a slow reader: what it has not taken by then it does not get.
  @exclusivity(unchecked) private var isCutShort = false

  /// Whether there is no use in writing more.
  public var isStopped: Bool { readerIsGone || failure != nil }

  /// While set, what is longer than the screen waits for a key after each screenful.
  @exclusivity(unchecked) private var pages: Pages?

  private let descriptor: Int32
  private let errors: Int32
  private var buffer: [UInt8] = []
  private let capacity: Int

  /// Writes to the given descriptors; those of the process when left out.
  public init(descriptor: Int32 = 1, errors: Int32 = 2) {
    self.descriptor = descriptor
    self.errors = errors
    isTerminal = Terminal.isTerminal(descriptor)
    // Someone watching a terminal sees long results grow.
    capacity = isTerminal ? 4 << 10 : 64 << 10
    buffer.reserveCapacity(capacity)
  }

  /// Writes text.
  public func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes bytes.
  public func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

  /// Writes bytes.
  public func write(_ bytes: ContiguousArray<UInt8>) { bytes.withUnsafeBytes { write($0) } }

  /// Writes bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    guard pages == nil else { return writeInPages(bytes) }
    put(bytes)
  }

  /// From now on what is longer than the screen waits for a key after each screenful, and says so with
  /// `prompt`; at a terminal only.
  public func beginPages(prompt: String) {
    if pages == nil { pages = Pages(prompt: prompt) }
  }

  /// Somebody answered: what comes now begins a new page.
  public func startPageOver() { pages?.startOver() }

  /// Nothing waits any more.
  public func endPages() {
    release()
    pages = nil
  }

  private func writeInPages(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard pages?.isOver == false else {
        release()
        return put(UnsafeRawBufferPointer(rebasing: rest))
      }
      let end = rest.firstIndex(of: 0x0a).map { $0 + 1 } ?? rest.endIndex
      pages?.hold(UnsafeRawBufferPointer(rebasing: rest[..<end]))
      while pages?.isTooLong == true, pages?.isOver == false {
        for line in pages?.takePage() ?? [] { line.withUnsafeBytes { put($0) } }
        sendBuffer()
        pages?.turn()
      }
      rest = rest[end...]
    }
  }

  /// Writes the lines that wait.
  private func release() {
    for line in pages?.takeAll() ?? [] { line.withUnsafeBytes { put($0) } }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) {
    guard !isStopped else { return }
    if buffer.count + bytes.count > capacity { sendBuffer() }
    if bytes.count >= capacity {
      send(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  /// Hands on everything written so far.
  public func flush() {
    release()
    sendBuffer()
  }

  private func sendBuffer() {
    guard !buffer.isEmpty else { return }
    buffer.withUnsafeBytes { send($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes text to standard error, after what was written to standard output before it.
  ///
  /// When that fails too there is nobody left to tell.
  public func complain(_ text: String) {
    flush()
    var text = text
    _ = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: errors) }
  }

  private func send(_ bytes: UnsafeRawBufferPointer) {
    isCutShort = isCutShort && Interrupt.isPending
    guard !isStopped, !isCutShort else { return }
    let code = writeAll(bytes, to: descriptor)
    if code == EPIPE {
      readerIsGone = true
    } else if code == EINTR {
      isCutShort = true
    } else if code != 0 {
      failure = SystemFailure("cannot write to standard output", code: code)
    }
  }
}

/// Writes all of the bytes; returns 0, or the reason it could not: EINTR when ^C was pressed while it
/// waited.
public func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count > 0 {
      rest = rest.dropFirst(count)
      // A signal cuts a write that waits short.
      if !rest.isEmpty, Interrupt.isPending { return EINTR }
    } else if count == 0 {
      return EIO
    } else if errno == EAGAIN || errno == EWOULDBLOCK {
      if Interrupt.isPending { return EINTR }
      // Someone we share the terminal or pipe with made it non-blocking. The pause is bounded
      // because macOS cannot wait for a terminal this way.
      var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      if poll(&wanted, 1, 100) == 1 && wanted.revents & Int16(POLLNVAL) != 0 { usleep(10_000) }
    } else if errno != EINTR || Interrupt.isPending {
      return errno
    }
  }
  return 0
}
