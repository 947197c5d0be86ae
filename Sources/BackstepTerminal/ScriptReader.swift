// Scripts, from a file or from standard input, as the bytes they are.

import CEditline

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Reads a script in pieces.
///
/// Bytes are not looked at: the lexer says what is wrong with them.
public struct ScriptReader: ~Copyable {
  /// What one call of `read` brought.
  public enum Piece: Equatable, Sendable {
    /// So many bytes were added.
    case bytes(Int)
    /// Nothing more will come.
    case end
    /// ^C was pressed while waiting.
    case interrupted
  }

  /// How the script is called in messages.
  public let name: String

  /// How many bytes an ordinary file has, to reserve memory once; nil for pipes, terminals and
  /// devices, which end when they end: the caller sets the bound.
  public let size: Int?

  private let descriptor: Int32
  private let isOwned: Bool

  /// Opens a file.
  ///
  /// - Throws: When there is no such file, it is a directory, or it may not be read.
  public init(path: String) throws(SystemFailure) {
    let attempt = "cannot read \(quoted(path))"
    // The system would take a path up to its first NUL for the whole one.
    guard !path.utf8.contains(0) else { throw SystemFailure(attempt, code: ENOENT) }
    var opened: Int32
    repeat {
      // Opening a FIFO waits for its writer; ^C ends the waiting.
      opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    } while opened < 0 && errno == EINTR && !Interrupt.isPending
    guard opened >= 0 else { throw SystemFailure(attempt, code: errno) }
    do {
      size = try Self.inspect(opened, attempt)
    } catch {
      close(opened)
      throw error
    }
    name = path
    descriptor = opened
    isOwned = true
  }

  /// Reads standard input.
  ///
  /// - Throws: When it is closed or a directory.
  public init(standardInputAs name: String = "<stdin>") throws(SystemFailure) {
    size = try Self.inspect(0, "cannot read standard input")
    self.name = name
    descriptor = 0
    isOwned = false
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Adds the next bytes to a buffer, at most so many.
  ///
  /// - Parameters:
  ///   - buffer: Where the bytes are added.
  ///   - limit: The most that may be added.
  /// - Returns: What came; see `Piece`.
  /// - Throws: When reading fails.
  public mutating func read(
    into buffer: inout ContiguousArray<UInt8>, atMost limit: Int = 64 << 10
  ) throws(SystemFailure) -> Piece {
    let old = buffer.count
    let wanted = max(1, limit)
    buffer.append(contentsOf: repeatElement(0, count: wanted))
    var count = 0
    defer { buffer.removeLast(wanted - max(0, count)) }
    while true {
      // An ordinary file never makes one wait.
      switch size == nil ? ce_wait(descriptor, false) : 1 {
      case 1: break
      case 0: return .interrupted
      default: throw failure(errno)
      }
      if Interrupt.isPending { return .interrupted }
      count = buffer.withUnsafeMutableBytes {
        systemRead(descriptor, $0.baseAddress.map { $0 + old }, wanted)
      }
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      guard errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK else { throw failure(errno) }
    }
  }

  private func failure(_ code: Int32) -> SystemFailure {
    SystemFailure("cannot read \(isOwned ? quoted(name) : "standard input")", code: code)
  }

  /// The size of an ordinary file, nil for what has none.
  private static func inspect(_ descriptor: Int32, _ attempt: String) throws(SystemFailure) -> Int?
  {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemFailure(attempt, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw SystemFailure(attempt, code: EISDIR)
    case S_IFREG: return Int(status.st_size)
    default: return nil
    }
  }
}

/// Inside the reader `read` means the method, so the system's function needs a second name.
private func systemRead(
  _ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int
) -> Int {
  read(descriptor, buffer, count)
}
