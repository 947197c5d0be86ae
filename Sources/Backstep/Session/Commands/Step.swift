// step: the trace one calculation at a time, forwards and back again.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let step = Command(
    names: ["step"], usage: "step [E] [wrt a, b] [until n] [break C]",
    summary: "the trace one calculation at a time, at a terminal by keys",
    details: """
      At a terminal it takes the whole screen: the formula, every value and adjoint so far, and the \
      one calculation that happens now. Enter or → goes on, ← back, Home and End to either end, b to \
      the next node of the backward pass, f to the next fan-out, / to a node by name, 12 G to step \
      12, w explains why, g hides the graph, ? lists the keys, q leaves. until begins where a value \
      or a derivative is complete, or at a step: until v3, until ∂L/∂w, until 7. break begins where a condition first holds, \
      and c goes on to where it holds next. In a condition, value is the value just computed, local a \
      local derivative, contribution what is sent to an operand, and adjoint what that has gathered; \
      of vectors and matrices one entry is enough. Elsewhere the trace is printed, and the steps at \
      which it would stop.
      """,
    example: "x = 3; y = x*x + x\nstep y break abs(adjoint) > 3",
    form: .expression(clauses: ["wrt", "seed", "until", "break"]), completes: .expression,
    seeAlso: ["trace", "why"]
  ) { session, call, host throws(Diagnostic) in
    try session.step(call, host)
  }
}

extension Session {
  /// How many nodes a trace may have that is kept as a whole.
  static let recordingLimit = 50_000

  fileprivate mutating func step(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    let options = TraceOptions(forward: true, backward: true, gradient: true)
    guard host.canStep || call.has("until") || call.has("break") else {
      return try trace(call, options, "step through", host)
    }
    let recording = try record(
      call, "step through", atMost: Self.recordingLimit, host, level: host.level)
    try remember(call, "step", host)
    let stops = try stops(call, recording, host)
    if host.canStep {
      host.step(through: recording, stops: stops)
    } else {
      try trace(call, options, "step through", host)
      host.show(stops: stops, in: recording)
    }
  }
}
