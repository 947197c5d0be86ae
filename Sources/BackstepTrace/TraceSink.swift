// Where events go.

/// Something that events are posted to while a pass runs.
public protocol TraceReceiver: AnyObject {
  /// The next event of the trace.
  func receive(_ event: TraceEvent)
  /// Whether the user has asked to stop what is running.
  var isInterrupted: Bool { get }
}

/// Something that receives a trace: a renderer, a recorder, a counter.
public protocol TraceSink {
  /// A trace begins; its names and formulas hold until the next one.
  mutating func begin(_ header: any TraceHeader, options: TraceOptions)
  /// The next event.
  mutating func receive(_ event: TraceEvent)
  /// The trace is complete.
  mutating func finish()
}

/// Which parts of a trace were asked for.
public struct TraceOptions: Sendable, Equatable {
  /// The forward pass: every value and local derivative.
  public var forward: Bool
  /// The backward pass: every contribution and adjoint.
  public var backward: Bool
  /// The gradient.
  public var gradient: Bool
  /// Values and derivatives side by side, as forward mode computes them.
  public var tangent: Bool

  /// Chooses the parts.
  public init(forward: Bool, backward: Bool, gradient: Bool, tangent: Bool = false) {
    self.forward = forward
    self.backward = backward
    self.gradient = gradient
    self.tangent = tangent
  }
}

/// Keeps a whole trace, to be shown later or more than once.
public struct Recording: TraceSink, Sendable {
  /// The texts of the trace.
  public private(set) var header: (any TraceHeader)?
  /// Which parts were asked for.
  public private(set) var options: TraceOptions?
  /// What happened, in order.
  public private(set) var events: [TraceEvent] = []

  /// Starts with nothing.
  public init() {}

  /// Forgets what was there and keeps the texts.
  public mutating func begin(_ header: any TraceHeader, options: TraceOptions) {
    self.header = header
    self.options = options
    events = []
  }

  /// Keeps the event.
  public mutating func receive(_ event: TraceEvent) { events.append(event) }

  /// Nothing is left to do.
  public mutating func finish() {}
}
