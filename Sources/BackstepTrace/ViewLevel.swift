// How much of a trace one step takes in.

/// What counts as a step when a trace is shown.
public enum ViewLevel: String, Sendable, CaseIterable {
  /// Every operation.
  case operation
  /// Every statement: names are steps, and what stands between them is gone through at once.
  case statement
  /// Every layer: the statements from one product of matrices up to the next.
  case layer
}
