// What the operating system refused, in words.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A refusal of the operating system.
public struct SystemFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What could not be done: `cannot read 'a.grad'`.
  public var attempt: String

  /// The system's number for the reason (`errno`).
  public var code: Int32

  /// Says what could not be done, and the reason's number.
  public init(_ attempt: String, code: Int32) {
    self.attempt = attempt
    self.code = code
  }

  /// The reason in words.
  public var reason: String {
    // The system's words for these two describe its own rules rather than the mistake.
    if code == EISDIR { return "it is a directory" }
    if code == EBADF { return "it is closed" }
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }

  /// The whole sentence, without a full stop.
  public var description: String { "\(attempt): \(reason)" }
}

/// The name of a file as it is shown in a message.
func quoted(_ path: String) -> String { "'\(printable(path))'" }
