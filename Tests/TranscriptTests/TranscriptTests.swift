// Scripts print what the file beside them says; RECORD=1 writes the files anew, and then fails.

import Foundation
import Testing

@Suite struct TranscriptTests {
  static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

  @Test("a script prints what is written beside it", arguments: Transcript.all("Tests/Transcripts"))
  func transcript(_ transcript: Transcript) throws { try check(transcript) }

  @Test("a mistake gets its message", arguments: Transcript.all("Tests/Errors"))
  func mistake(_ transcript: Transcript) throws {
    try check(transcript)
    let text = try transcript.run()
    #expect(text.contains("error: "))
    #expect(text.hasSuffix("-- exit 1\n"))
  }

  @Test("an example runs without a mistake", arguments: Transcript.all("Examples"))
  func example(_ transcript: Transcript) throws {
    let text = try transcript.run()
    #expect(text.hasSuffix("-- exit 0\n"))
    #expect(!text.contains("-- errors"))
  }

  private func check(_ transcript: Transcript) throws {
    let text = try transcript.run()
    if Self.isRecording {
      try text.write(to: transcript.golden, atomically: true, encoding: .utf8)
      Issue.record("recorded \(transcript.golden.lastPathComponent)")
      return
    }
    let expected = try String(contentsOf: transcript.golden, encoding: .utf8)
    #expect(text == expected)
  }
}
