// Whole sessions: the input is a script that goes on after mistakes, as with --keep-going.

import BackstepTrace

@testable import Backstep
@testable import BackstepLanguage

enum SessionTarget {
  /// A session that has read nothing; each input gets a copy.
  nonisolated(unsafe) private static let fresh = Session()

  static func run(_ input: ContiguousArray<UInt8>, documents: Bool) {
    let host = MemoryHost(input, drawsAll: documents)
    var session = fresh
    session.isInteractive = host.random.below(2) == 0
    var text = input
    if documents { text.append(contentsOf: "\nexport -.dot\ngraph\nstep\n".utf8) }
    run(text, &session, host)
    if !host.isInterrupted { finish(&session, host) }
    complete(input, session, host)
    host.endRun()
  }

  private static func run(
    _ text: ContiguousArray<UInt8>, _ session: inout Session, _ host: MemoryHost
  ) {
    session.begin(file: "input")
    do { try session.append(text) } catch { return }
    var statements = 0
    while !host.isInterrupted {
      let before = session.offset
      let kept = Kept(session)
      statements += 1
      require(statements <= 2 * text.count + 2, "the session does not come to an end")
      do throws(Diagnostic) {
        switch try session.runNext(host) {
        case .ran: break
        case .end, .quit: return
        case .incomplete(_, let mistake): throw mistake
        }
      } catch {
        require(kept == Kept(session), "a statement that failed changed the session")
        host.complain(error, at: session.location(of: error))
        session.skipLine(after: error, from: before)
      }
    }
  }

  private static func finish(_ session: inout Session, _ host: MemoryHost) {
    do throws(Diagnostic) {
      try session.traceLastDefinition(host)
    } catch {
      host.complain(error, at: session.location(of: error))
    }
  }

  /// Asks what could stand at some places of the input.
  private static func complete(
    _ input: ContiguousArray<UInt8>, _ session: Session, _ host: MemoryHost
  ) {
    let end = host.random.below(input.count + 1)
    let line = input[..<end].split(separator: UInt8(ascii: "\n")).last ?? []
    _ = session.complete(String(decoding: line, as: UTF8.self), host: host)
  }
}

/// What a statement that fails must leave alone.
private struct Kept: Equatable {
  var names: [NameID]
  var texts: [SourceRange]
  var random: Double

  init(_ session: Session) {
    let held = session.definitions.held
    names = held.map(\.name)
    texts = held.map(\.text)
    var random = session.builder.random
    self.random = random.normal()
  }
}
