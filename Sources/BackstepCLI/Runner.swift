// Scripts: from files, from standard input, from the command line.

import Backstep
import BackstepLanguage
import BackstepTerminal

/// Runs scripts in one session, piece by piece as they are read.
struct Runner {
  var session = Session()
  let console: Console
  let keepsGoing: Bool

  /// How a run ended.
  enum Outcome: Equatable {
    case done, failed, interrupted, quit
  }

  /// Runs the sources in order.
  mutating func run(_ sources: [Options.Source]) -> Outcome {
    let script = ScriptText(sources)
    console.answers.script = script
    defer { console.answers.script = nil }
    var outcome = Outcome.done
    while true {
      let next: Outcome
      do {
        guard try script.openNext() else { return outcome }
        next = try runCurrent(script)
      } catch {
        if Interrupt.isPending { return .interrupted }
        console.complain("\(error)")
        next = .failed
      }
      switch next {
      case .done: break
      case .failed:
        outcome = .failed
        if !keepsGoing { return .failed }
      case .interrupted: return .interrupted
      case .quit: return outcome == .failed ? .failed : .quit
      }
    }
  }

  /// Ends a script that only defined something with a trace of what was defined last.
  mutating func traceLastDefinition() -> Outcome {
    do {
      try session.traceLastDefinition(console)
      return .done
    } catch {
      console.complain(error, in: session)
      return .failed
    }
  }

  /// Runs the current source, in pieces as they are read.
  private mutating func runCurrent(_ script: ScriptText) throws(SystemFailure) -> Outcome {
    // Of a file with holes the size says little.
    if let size = script.size { session.reserve(min(size, 1 << 30)) }
    let bulk = min(max(script.size ?? 0, 1 << 16), 1 << 22)
    var progress = Progress()
    while true {
      console.output.flush()
      switch try script.read(atMost: bulk) {
      case .bytes: break
      case .end: return runPiece(of: script, &progress, isLast: true)
      case .interrupted: return .interrupted
      }
      guard script.carry.count >= progress.retryAt else { continue }
      let outcome = runPiece(of: script, &progress, isLast: script.isEndless)
      if progress.isOver { return outcome }
      if outcome != .done, !(outcome == .failed && keepsGoing) { return outcome }
    }
  }

  /// How far a source has been run.
  private struct Progress {
    /// A statement that is not complete is tried again when there is this much text.
    var retryAt = 0
    var outcome = Outcome.done
    /// Whether all that there is has been run.
    var isOver = false
  }

  /// Runs the complete lines of what was read, and all of it at the end.
  private mutating func runPiece(
    of script: ScriptText, _ progress: inout Progress, isLast: Bool
  ) -> Outcome {
    var end = script.carry.count
    progress.isOver = isLast
    if !isLast {
      while end > 0, script.carry[end - 1] != UInt8(ascii: "\n") { end -= 1 }
      if end == 0 {
        progress.retryAt = script.carry.count * 3 / 2
        return progress.outcome
      }
    }
    session.begin(file: script.name, firstLine: script.line)
    let start = session.textCount
    do {
      try session.append(script.carry[..<end])
    } catch {
      console.complain(error, in: session)
      return .failed
    }
    // What is left of the text belongs to whoever reads it first: this, or a command that asks.
    script.drop(end)
    let (outcome, read) = runStatements(from: start, isLast: isLast)
    if outcome == .failed { progress.outcome = .failed }
    if read < start + end { script.putBack(session.text(in: read..<start + end)) }
    let isPartial = read - start < end
    progress.retryAt = isPartial ? max(script.carry.count * 3 / 2, 1) : 0
    if script.carry.count < 1 << 16 { progress.retryAt = 0 }
    session.reclaimText()
    return outcome == .done ? progress.outcome : outcome
  }

  /// Runs statements up to the end of the text, or up to one that is not complete; where that is.
  private mutating func runStatements(from start: Int, isLast: Bool) -> (Outcome, Int) {
    var outcome = Outcome.done
    let end = session.textCount
    while true {
      let before = session.offset
      do throws(Diagnostic) {
        switch try session.runNext(console) {
        case .ran:
          if console.output.isStopped { return (outcome == .failed ? .failed : .quit, end) }
          if Interrupt.isPending { return (.interrupted, end) }
        case .end: return (outcome, end)
        case .quit: return (outcome == .failed ? .failed : .quit, end)
        case .incomplete(let from, let mistake):
          if !isLast { return (outcome, from) }
          throw mistake
        }
      } catch {
        if error.kind == .interrupted {
          guard console.output.isStopped else { return (.interrupted, end) }
          return (outcome == .failed ? .failed : .quit, end)
        }
        console.complain(error, in: session)
        outcome = .failed
        guard keepsGoing else { return (.failed, end) }
        if Interrupt.isPending { return (.interrupted, end) }
        session.skipLine(after: error, from: before)
      }
    }
  }
}
