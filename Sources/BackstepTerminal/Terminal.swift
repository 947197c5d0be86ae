// What is at the other end of a descriptor, and what it can show.

import CEditline

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A variable of the environment; nil when it is not set, or not UTF-8: repaired it might name another
/// file.
public func environmentVariable(_ name: String) -> String? {
  getenv(name).flatMap { String(validatingCString: $0) }
}

/// When output is coloured.
public enum ColorChoice: String, Sendable, CaseIterable {
  case auto, always, never
}

/// The terminal, as far as it can be asked.
public enum Terminal {
  /// Whether the descriptor is a terminal.
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The columns of the terminal: what it says, else `COLUMNS`, else 80.
  public static func width(_ descriptor: Int32 = 1) -> Int {
    extent(descriptor, \.ws_col, "COLUMNS") ?? 80
  }

  /// The lines of the terminal: what it says, else `LINES`, else 24.
  public static func height(_ descriptor: Int32 = 1) -> Int {
    extent(descriptor, \.ws_row, "LINES") ?? 24
  }

  private static func extent(
    _ descriptor: Int32, _ side: KeyPath<winsize, UInt16>, _ variable: String
  ) -> Int? {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size[keyPath: side] > 0 {
      return Int(size[keyPath: side])
    }
    let said = environmentVariable(variable).flatMap { Int($0) }
    return said.flatMap { $0 > 0 ? min($0, 100_000) : nil }
  }

  /// Whether to use colour on a descriptor.
  ///
  /// An explicit choice wins. `auto` means a terminal that is not `dumb`, and no `NO_COLOR` (any
  /// text but none, see no-color.org).
  public static func usesColor(
    _ choice: ColorChoice, isTerminal: Bool,
    environment: (String) -> String? = environmentVariable
  ) -> Bool {
    switch choice {
    case .always: return true
    case .never: return false
    case .auto:
      let forbidden = environment("NO_COLOR").map { !$0.isEmpty } ?? false
      return isTerminal && !forbidden && !isDumb(environment)
    }
  }

  /// Whether the terminal understands no escape sequences.
  public static func isDumb(
    _ environment: (String) -> String? = environmentVariable
  ) -> Bool {
    let name = environment("TERM") ?? ""
    return name.isEmpty || name == "dumb"
  }

  /// Prepares the three standard descriptors; called first of all.
  ///
  /// One that the caller closed (`>&-`) would be the next file we open: results would go into it.
  /// It is occupied by something that refuses to be used instead. A pipe whose reader went away and
  /// a file that may not grow make a write fail rather than end the program without a word.
  public static func prepareStandardDescriptors() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest free number is taken: this one.
      _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
    ce_prepare_signals()
  }
}
