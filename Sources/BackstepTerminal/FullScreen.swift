// The terminal as one picture after another: keys in, screens out.

import CEditline

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A key, whatever the terminal sends for it.
public enum ScreenKey: Equatable, Sendable {
  case enter, right, left, up, down, home, end, pageUp, pageDown, backspace, escape
  /// A character.
  case character(Unicode.Scalar)
}

/// What happened at a terminal that shows a picture.
public enum ScreenEvent: Equatable, Sendable {
  /// A key was pressed.
  case key(ScreenKey)
  /// The picture has to be drawn anew: another size, or the terminal was away.
  case redraw
  /// ^C.
  case interrupted
  /// The terminal is gone.
  case ended
}

/// Has the terminal's other screen for itself while it lives.
///
/// Whatever ends or stops the process gives the terminal back as it was; `close` does so as well.
public final class FullScreen {
  private let output: Output
  private var isOpen = true
  /// How long an ESC may wait for the rest of a sequence before it is the key of that name.
  private static let patience: Int32 = 30

  /// Takes the terminal; nil where input or output is none, or it cannot draw pictures.
  public init?(_ output: Output) {
    guard Self.isPossible else { return nil }
    output.flush()
    guard ce_screen_begin(true) else { return nil }
    self.output = output
  }

  deinit { close() }

  /// Whether there is a terminal that can show pictures.
  public static var isPossible: Bool {
    Terminal.isTerminal(0) && Terminal.isTerminal(1) && !Terminal.isDumb()
  }

  /// Gives the terminal back.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    output.flush()
    ce_screen_end()
  }

  /// How many columns and rows there are now.
  public var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Writes a picture at once.
  public func draw(_ bytes: ContiguousArray<UInt8>) {
    output.write(bytes)
    output.flush()
  }

  /// Waits for what happens next.
  public func next() -> ScreenEvent {
    var byte: UInt8 = 0
    while true {
      switch ce_screen_next(-1, &byte) {
      case CE_SCREEN_BYTE:
        if let key = Self.key(from: byte) { return .key(key) }
      case CE_SCREEN_REDRAW: return .redraw
      case CE_SCREEN_INTERRUPTED: return .interrupted
      case CE_SCREEN_TIMEOUT: continue
      default: return .ended
      }
    }
  }

  /// Reads the rest of what a key sends; nil where it is not known.
  @discardableResult
  static func key(from first: UInt8) -> ScreenKey? {
    var decoder = KeyDecoder(first)
    var byte: UInt8 = 0
    while decoder.wantsMore, ce_screen_next(patience, &byte) == CE_SCREEN_BYTE {
      decoder.add(byte)
    }
    return decoder.key
  }
}
