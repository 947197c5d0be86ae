// Whole sessions with what they must print, from folders and from the documentation.

import Foundation
import Testing

/// A program run by the tests: what it printed and how it ended.
struct Run {
  var output: String
  var errors: String
  var status: Int32

  /// Where the package is.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The program under test: the one that the test script built, or the one beside the tests.
  ///
  /// Its path is whole, since commands change their folder.
  static let program: String =
    ProcessInfo.processInfo.environment["BACKSTEP"].map { URL(fileURLWithPath: $0).path }
    ?? root.appendingPathComponent(".build/debug/backstep").path

  /// Runs a shell command with `backstep` on the path, in a folder of its own.
  static func shell(_ command: String, input: Data = Data(), in folder: URL? = nil) throws -> Run {
    let own = FileManager.default.temporaryDirectory
      .appendingPathComponent("backstep-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: own) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder ?? own
    var environment = ProcessInfo.processInfo.environment
    let folderOfProgram = URL(fileURLWithPath: program).deletingLastPathComponent().path
    environment["PATH"] = folderOfProgram + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["HOME"] = own.path
    environment["XDG_STATE_HOME"] = nil
    environment["XDG_CONFIG_HOME"] = nil
    environment["NO_COLOR"] = "1"
    environment["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = environment
    // Through files: a pipe that nobody reads would stop the program.
    let outputFile = own.appendingPathComponent("output")
    let errorFile = own.appendingPathComponent("errors")
    let inputFile = own.appendingPathComponent("input")
    for file in [outputFile, errorFile] {
      _ = FileManager.default.createFile(atPath: file.path, contents: nil)
    }
    try input.write(to: inputFile)
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    try process.run()
    process.waitUntilExit()
    return Run(
      output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self),
      status: process.terminationStatus)
  }
}

/// A script and the file with what it prints.
struct Transcript: Sendable, CustomTestStringConvertible {
  let script: URL
  var testDescription: String { script.lastPathComponent }

  /// The file with what the script must print.
  var golden: URL { script.deletingPathExtension().appendingPathExtension("out") }

  /// All scripts below a folder of the package.
  static func all(_ folder: String) -> [Transcript] {
    let start = Run.root.appendingPathComponent(folder)
    let files = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? [])
      .filter { $0.pathExtension == "grad" }
      .sorted { $0.path < $1.path }
      .map(Transcript.init)
  }

  /// The options in a first line such as `# options: --json`.
  func options() throws -> String {
    let first = try String(contentsOf: script, encoding: .isoLatin1).prefix { $0 != "\n" }
    let mark = "# options: "
    return first.hasPrefix(mark) ? String(first.dropFirst(mark.count)) : ""
  }

  /// Runs the script: its output, then its errors, then how it ended.
  func run() throws -> String {
    let command = "backstep \(try options()) \(script.lastPathComponent)"
    let run = try Run.shell(command, in: script.deletingLastPathComponent())
    var text = run.output
    if !run.errors.isEmpty { text += "-- errors\n" + run.errors }
    return text + "-- exit \(run.status)\n"
  }
}
