// ^C, as whatever runs long sees it.

import Synchronization

/// Whether the user wants what is running to stop.
///
/// A session asks its host between the steps of a command. What runs long within a step, as a backward
/// pass or a product of large matrices, looks here now and then and returns early, with whatever it has
/// until then. The session finds the same request afterwards, shows nothing of it, and takes the
/// statement back.
public enum Interruption {
  /// Where requests come from.
  ///
  /// A closure that is the lock's value itself would be wrapped anew by every look at it, without
  /// optimization, and take longer each time; inside a structure it stays as it is.
  private struct Source: Sendable {
    var isRequested: @Sendable () -> Bool
  }

  private static let source = Mutex(Source { false })

  /// Says where requests come from; a program does so once, before it computes anything.
  public static func watch(_ isRequested: @escaping @Sendable () -> Bool) {
    source.withLock { $0.isRequested = isRequested }
  }

  /// Whether to stop.
  ///
  /// It costs as much as some dozen operations: not to be asked at each of them.
  public static var isRequested: Bool { source.withLock { $0.isRequested }() }
}
