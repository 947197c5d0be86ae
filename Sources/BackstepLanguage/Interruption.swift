// ^C, as whatever runs long sees it.

import Synchronization

/// Whether the user wants what is running to stop.
///
/// A session asks its host between the steps of a command. What runs long within a step, as a backward
/// pass or a product of large matrices, looks here now and then and returns early, with whatever it has
/// until then. The session finds the same request afterwards, shows nothing of it, and takes the
/// statement back.
public enum Interruption {
  /// In a structure: a bare closure would be wrapped once more at each look.
  private struct Source {
    var isRequested: @Sendable () -> Bool = { false }
  }

  private static let source = Mutex(Source())

  /// Says where requests come from; a program does so once, before it computes anything.
  public static func watch(_ isRequested: @escaping @Sendable () -> Bool) {
    source.withLock { $0.isRequested = isRequested }
  }

  /// Whether to stop.
  ///
  /// It costs as much as some dozen operations: not to be asked at each of them.
  public static var isRequested: Bool { source.withLock { $0.isRequested }() }
}
