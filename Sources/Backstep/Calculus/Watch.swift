// A look at whether to stop, now and then, for loops that run long.

import BackstepLanguage

/// Looks for ^C now and then: after so much work, counted in numbers that are computed.
struct Watch {
  private var done = 0

  /// Whether to stop, with so much work to come; a step of a loop counts as 64 besides.
  @inline(__always)
  mutating func isOver(after work: Int) -> Bool {
    done += work + 64
    guard done > 1 << 18 else { return false }
    done = 0
    return Interruption.isRequested
  }
}
