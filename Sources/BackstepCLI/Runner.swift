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
  mutating func run(_ sources: [Options.Source], sandbox: Bool) -> Outcome {
    var outcome = Outcome.done
    for source in sources {
      let next: Outcome
      switch source {
      case .text(let text): next = run(text: text)
      case .standardInput: next = runStandardInput()
      case .file(let path): next = run(path: path)
      }
      switch next {
      case .done: break
      case .failed:
        outcome = .failed
        if !keepsGoing { return .failed }
      case .interrupted, .quit: return outcome == .failed ? .failed : next
      }
    }
    return outcome
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

  private mutating func run(text: String) -> Outcome {
    var pieces = Pieces(name: "-e", carry: ContiguousArray(text.utf8))
    return runPieces(&pieces, isLast: true)
  }

  private mutating func run(path: String) -> Outcome {
    do {
      let reader = try ScriptReader(path: path)
      return try run(reader)
    } catch {
      console.complain("\(error)")
      return .failed
    }
  }

  private mutating func runStandardInput() -> Outcome {
    do {
      let reader = try ScriptReader()
      return try run(reader)
    } catch {
      console.complain("\(error)")
      return .failed
    }
  }

  /// Text that has been read but not run: from a file's current line on.
  private struct Pieces {
    let name: String
    var line = 1
    var carry: ContiguousArray<UInt8> = []
    /// A statement that is not complete is tried again when there is this much text.
    var retryAt = 0
    var outcome = Outcome.done
  }

  private mutating func run(_ source: consuming ScriptReader) throws(SystemFailure) -> Outcome {
    var reader = source
    if let size = reader.size { session.reserve(min(size, SourceText.capacity)) }
    let bulk = min(max(reader.size ?? 0, 1 << 16), 1 << 22)
    var pieces = Pieces(name: reader.name)
    while true {
      console.output.flush()
      switch try reader.read(into: &pieces.carry, atMost: bulk) {
      case .bytes: break
      case .end: return runPieces(&pieces, isLast: true)
      case .interrupted: return .interrupted
      }
      guard pieces.carry.count >= pieces.retryAt else { continue }
      let outcome = runPieces(&pieces, isLast: false)
      if outcome != .done, !(outcome == .failed && keepsGoing) { return outcome }
    }
  }

  /// Runs the complete lines of what was read, and all of it at the end.
  private mutating func runPieces(_ pieces: inout Pieces, isLast: Bool) -> Outcome {
    var end = pieces.carry.count
    if !isLast {
      while end > 0, pieces.carry[end - 1] != UInt8(ascii: "\n") { end -= 1 }
      if end == 0 {
        pieces.retryAt = pieces.carry.count * 3 / 2
        return pieces.outcome
      }
    }
    session.begin(file: pieces.name, firstLine: pieces.line)
    let start = session.textCount
    do {
      try session.append(pieces.carry[..<end])
    } catch {
      console.complain(error, in: session)
      return .failed
    }
    let (outcome, read) = runStatements(from: start, isLast: isLast)
    if outcome == .failed { pieces.outcome = .failed }
    let consumed = read - start
    for byte in pieces.carry[..<consumed] where byte == UInt8(ascii: "\n") { pieces.line += 1 }
    pieces.carry.removeFirst(consumed)
    pieces.retryAt = consumed < end ? max(pieces.carry.count * 3 / 2, 1) : 0
    if pieces.carry.count < 1 << 16 { pieces.retryAt = 0 }
    session.reclaimText()
    return outcome == .done ? pieces.outcome : outcome
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
          if console.output.isStopped { return (.quit, end) }
          if Interrupt.isPending { return (.interrupted, end) }
        case .end: return (outcome, end)
        case .quit: return (outcome == .failed ? .failed : .quit, end)
        case .incomplete(let from, let mistake):
          if !isLast { return (outcome, from) }
          throw mistake
        }
      } catch {
        if error.kind == .interrupted {
          return (console.output.isStopped ? .quit : .interrupted, end)
        }
        console.complain(error, in: session)
        outcome = .failed
        guard keepsGoing else { return (.failed, end) }
        session.skipLine(after: error, from: before)
      }
    }
  }
}
