// ^C as the rest of the program sees it: a flag to look at.

import CEditline

/// Whether the user asked to stop what is running.
///
/// A computation looks at `isPending` now and then and ends when it is true; whoever started it
/// answers and calls `clear`. The signal itself changes nothing else.
public enum Interrupt {
  /// Whether ^C was pressed since the last `clear`; as cheap as reading a variable.
  public static var isPending: Bool { ce_interrupted() }

  /// Forgets a ^C that has been answered.
  public static func clear() { ce_clear_interrupt() }

  /// Makes ^C set the flag where no line is edited: scripts, and text from a pipe.
  ///
  /// The program then flushes its output and exits with `exitStatus`. A second ^C ends it on the
  /// spot. Where the signal was ignored from the start (`nohup`, `&` in a script) it stays so.
  public static func watch() { ce_watch_interrupts() }

  /// What a program that was interrupted returns to the shell.
  public static let exitStatus: Int32 = 130
}
