// Files that export writes: whole or not at all, and only over files of its own.

import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct ExportTests {
  /// Definitions of a small graph.
  static let graph = "w = 0.5; const x = 2; L = (w*x - 3)^2"

  /// Runs statements in a folder that is kept.
  static func run(_ statements: String, in folder: URL, before: String = "") throws -> Run {
    try Run.shell(
      "\(before) '\(Run.program)' -e '\(graph)' -e '\(statements)'", in: folder)
  }

  /// A folder that is taken away afterwards.
  static func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("backstep-export-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// The names of the files in a folder, hidden ones as well.
  static func files(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  static func text(_ folder: URL, _ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }

  static let hasGraphviz = (try? Run.shell("dot -V").status) == 0

  // MARK: What is written

  @Test(
    "every form replaces its own files without asking", arguments: ["dot", "json", "md", "tex"])
  func own(_ form: String) throws {
    try Self.inFolder { folder in
      for _ in 0..<2 {
        let run = try Self.run("export L.\(form)", in: folder)
        #expect(run.output + run.errors == "" && run.status == 0)
        #expect(try Self.files(folder) == ["L.\(form)"])
      }
    }
  }

  @Test(
    "drawings are made, and replaced", .enabled(if: hasGraphviz),
    arguments: [
      ("svg", "<?xml"), ("png", "PNG"), ("pdf", "%PDF"),
    ])
  func drawing(_ form: String, _ head: String) throws {
    try Self.inFolder { folder in
      for _ in 0..<2 {
        let run = try Self.run("export L.\(form)", in: folder)
        #expect(run.errors == "" && run.status == 0)
        #expect(try Self.files(folder) == ["L.\(form)"])
        #expect(try Self.text(folder, "L.\(form)").prefix(8).contains(head))
      }
    }
  }

  @Test(
    "an SVG is well formed, whatever the expression", .enabled(if: hasGraphviz),
    arguments: [
      "L", "(L + \\\n 1) # <script>&\"\u{7}", "L + where(w < 1, w, x)",
      "W[1]; W = [[1, 2], [3, 4]]",
      "s; s = sum(M @ M); M = [[1, 2], [3, 4]]", "ŷ; ŷ = w^2 + θ; θ = 1", "0/0*w",
    ])
  func svg(_ expression: String) throws {
    try Self.inFolder { folder in
      let parts = expression.split(separator: ";", maxSplits: 1).map(String.init)
      let script = (parts.count > 1 ? parts[1] + "\n" : "") + "export L.svg \(parts[0])\n"
      let start = Self.graph + "\n" + script
      let run = try Run.shell(
        "'\(Run.program)' -", input: Data(start.utf8), in: folder)
      if parts[0] == "W[1]" {
        // A row is no scalar: nothing is written.
        #expect(run.status == 1)
        #expect(try Self.files(folder) == [])
        return
      }
      #expect(run.errors == "" && run.status == 0)
      let data = try Data(contentsOf: folder.appendingPathComponent("L.svg"))
      let parser = XMLParser(data: data)
      #expect(parser.parse())
      let text = String(decoding: data, as: UTF8.self)
      #expect(text.contains("<desc id=\"description\">"))
      #expect(!text.contains("<script"))
    }
  }

  /// A graph of two thousand nodes: the first input, then a sine and a sum, over and over.
  static let large =
    "v0 = 0.5; u = 1.5\n"
    + (1..<1000).map { "v\($0) = sin(v\($0 - 1)) + u\n" }.joined()

  @Test(
    "two thousand nodes in every form",
    arguments: ["dot", "html", "tex", "md", "json", "py", "grad", "svg", "pdf"])
  func large(_ form: String) throws {
    guard Self.hasGraphviz || !["svg", "pdf"].contains(form) else { return }
    try Self.inFolder { folder in
      let script = Data((Self.large + "export big.\(form)\n").utf8)
      let run = try Run.shell("'\(Run.program)' -", input: script, in: folder)
      #expect(run.errors == "" && run.status == 0)
      #expect(try Self.files(folder) == ["big.\(form)"])
      // Some hundred bytes for each operation: no form grows faster than the graph.
      let size = try Data(contentsOf: folder.appendingPathComponent("big.\(form)")).count
      #expect(size > 20_000 && size < 5_000_000, "\(size)")
    }
  }

  // MARK: What is not

  @Test("a file that Backstep did not write stays, unless ! is given")
  func foreign() throws {
    try Self.inFolder { folder in
      let file = folder.appendingPathComponent("L.dot")
      try "precious\n".write(to: file, atomically: true, encoding: .utf8)
      let refused = try Self.run("export L.dot", in: folder)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("'L.dot' is there already, and Backstep did not write it"))
      #expect(refused.errors.contains("put '!' at the end"))
      #expect(try Self.text(folder, "L.dot") == "precious\n")
      #expect(try Self.run("export L.dot !", in: folder).status == 0)
      #expect(try Self.text(folder, "L.dot").contains("digraph"))
      #expect(try Self.run("export L.dot", in: folder).status == 0)
      #expect(try Self.files(folder) == ["L.dot"])
    }
  }

  @Test("of two files that belong together none is written where one cannot be")
  func together() throws {
    try Self.inFolder { folder in
      let key = folder.appendingPathComponent("sheet-key.md")
      try "precious\n".write(to: key, atomically: true, encoding: .utf8)
      #expect(try Self.run("export sheet.md worksheet", in: folder).status == 1)
      #expect(try Self.files(folder) == ["sheet-key.md"])
      try FileManager.default.removeItem(at: key)
      try FileManager.default.createDirectory(at: key, withIntermediateDirectories: true)
      let run = try Self.run("export sheet.md worksheet !", in: folder)
      #expect(run.errors.contains("cannot write 'sheet-key.md': it is a directory"))
      #expect(try Self.files(folder) == ["sheet-key.md"])
    }
  }

  @Test(
    "what the system refuses is told, and leaves nothing behind",
    arguments: [
      ("folder.dot", "it is a directory"), ("nowhere/L.dot", "No such file or directory"),
      ("loop.dot", "symbolic links"), ("folder.dot/x/L.dot", "No such file or directory"),
      ("plain/L.dot", "Not a directory"),
      (String(repeating: "n", count: 300) + ".dot", "name too long"),
    ])
  func refused(_ path: String, _ reason: String) throws {
    try Self.inFolder { folder in
      _ = try Run.shell("mkdir folder.dot; ln -s loop.dot loop.dot; echo x > plain", in: folder)
      let before = try Self.files(folder)
      let run = try Self.run("export \(path)", in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("cannot write"))
      #expect(run.errors.lowercased().contains(reason.lowercased()), "\(run.errors)")
      #expect(try Self.files(folder) == before)
    }
  }

  @Test("a full disk is told", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func full() throws {
    try Self.inFolder { folder in
      let run = try Self.run("export /dev/full as dot", in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("cannot write '/dev/full': No space left on device"))
      let output = try Self.run("export -.dot", in: folder, before: "exec > /dev/full;")
      #expect(output.status == 1)
      #expect(output.errors.contains("No space left on device"))
    }
  }

  @Test("what does not fit into the space there is leaves the old file")
  func limit() throws {
    try Self.inFolder { folder in
      #expect(try Self.run("export L.json", in: folder).status == 0)
      let before = try Self.text(folder, "L.json")
      // No file may be larger than one block of 512 bytes; then writing fails, or the signal ends it.
      let run = try Self.run("export L.json", in: folder, before: "trap '' XFSZ; ulimit -f 1;")
      #expect(run.status == 1)
      #expect(try Self.text(folder, "L.json") == before)
      #expect(try Self.files(folder) == ["L.json"])
    }
  }

  @Test("a folder that may not be written to", .enabled(if: getuid() != 0))
  func readOnly() throws {
    try Self.inFolder { folder in
      _ = try Run.shell("mkdir closed; chmod a-w closed", in: folder)
      let run = try Self.run("export closed/L.dot", in: folder)
      #expect(run.errors.contains("Permission denied"))
    }
  }

  @Test("a link stays a link, and what it leads to is written")
  func link() throws {
    try Self.inFolder { folder in
      _ = try Run.shell("mkdir there; ln -s there/L.dot L.dot", in: folder)
      #expect(try Self.run("export L.dot", in: folder).status == 0)
      #expect(try Self.run("export L.dot", in: folder).status == 0)
      let target = try FileManager.default.destinationOfSymbolicLink(
        atPath: folder.appendingPathComponent("L.dot").path)
      #expect(target == "there/L.dot")
      #expect(try Self.text(folder, "there/L.dot").contains("digraph"))
    }
  }

  @Test("a file keeps its permissions")
  func permissions() throws {
    try Self.inFolder { folder in
      #expect(try Self.run("export L.dot", in: folder).status == 0)
      _ = try Run.shell("chmod 640 L.dot", in: folder)
      #expect(try Self.run("export L.dot", in: folder).status == 0)
      #expect(try Run.shell("ls -l L.dot", in: folder).output.hasPrefix("-rw-r-----"))
    }
  }

  @Test("a name is a name, not a command")
  func names() throws {
    try Self.inFolder { folder in
      let name = "a b;touch c;$(touch d)`touch e`&\"<x>.dot"
      let script = "\(Self.graph)\nexport '\(name)'\n"
      let run = try Run.shell("'\(Run.program)' -", input: Data(script.utf8), in: folder)
      #expect(run.errors == "" && run.status == 0)
      #expect(try Self.files(folder) == [name])
    }
  }

  @Test(
    "names of files are taken as they are",
    arguments: ["-x.dot", "a b.dot", "it\"s.dot", "it's.dot", "ünï 学.dot", ".dot", "a\\nb.dot"])
  func fileName(_ name: String) throws {
    try Self.inFolder { folder in
      let mark = name.contains("'") ? "\"" : "'"
      let script = "\(Self.graph)\nexport \(mark)\(name)\(mark)\n"
      let run = try Run.shell("'\(Run.program)' -", input: Data(script.utf8), in: folder)
      #expect(run.errors == "" && run.status == 0)
      #expect(try Self.files(folder).map(\.precomposedStringWithCanonicalMapping) == [name])
    }
  }

  // MARK: Lessons

  @Test(
    "an exported lesson takes its own answers, all of them",
    arguments: [
      ("w = 0.5; b = 1; x = 2; L = sigmoid(w*x + b)*w", "L"),
      ("W = [[1, 2], [3, 4]]; x = [0.5, -1]; L = sum(tanh(W @ x)^2)", "L wrt W[1,2], x"),
      ("w = 2; L = w^3; g = dL/dw", "g"),
      ("W = [[1, 2], [3, 4]]; w = 2", "W*w seed [[1, -2], [3, 0.1]]"),
      ("ŷ = 2; θ = 0.3 # a comment", "(ŷ - \\\n θ)^2 + ŷ/3"),
      ("f(t) = t*k; k = 1/3; x = 1e-9", "f(x)*f(x)"), ("const c = 2; q = 1", "c*3"),
      ("x = 0; y = 1", "sqrt(x) + y*y"),
    ])
  func lesson(_ definitions: String, _ expression: String) throws {
    try Self.inFolder { folder in
      let export = "\(definitions)\nexport lesson.txt \(expression) as lesson\n"
      let made = try Run.shell("'\(Run.program)' -", input: Data(export.utf8), in: folder)
      #expect(made.errors == "" && made.status == 0)
      let answers = try Self.text(folder, "lesson.txt").split(separator: "\n")
        .filter { $0.hasPrefix("#= ") }.map { $0.dropFirst(3) }
      let script = "lesson lesson.txt\n" + answers.joined(separator: "\n") + "\n"
      let done = try Run.shell("'\(Run.program)' -", input: Data(script.utf8), in: folder)
      #expect(done.errors == "" && done.status == 0)
      guard !answers.isEmpty else { return }
      #expect(done.output.contains("\(answers.count) of \(answers.count) tasks done"))
    }
  }

  // MARK: Graphviz

  /// Runs with a program in place of Graphviz.
  static func run(_ statements: String, dot: String, in folder: URL) throws -> Run {
    _ = try Run.shell(
      "mkdir -p bin; printf '%s\\n' '#!/bin/sh' \"$0\" > bin/dot; chmod +x bin/dot"
        .replacingOccurrences(of: "\"$0\"", with: "'\(dot)'"), in: folder)
    let run = try Self.run(statements, in: folder, before: "PATH=$PWD/bin:/usr/bin:/bin")
    try FileManager.default.removeItem(at: folder.appendingPathComponent("bin"))
    return run
  }

  @Test("without Graphviz the package is named, and .dot still works")
  func missing() throws {
    try Self.inFolder { folder in
      let run = try Self.run("export L.svg", in: folder, before: "PATH=/nonexistent")
      #expect(run.status == 1)
      #expect(run.errors.contains("needs the program 'dot' of Graphviz, which is not installed"))
      #expect(run.errors.contains("install graphviz"))
      #expect(try Self.files(folder) == [])
      #expect(try Self.run("export L.dot", in: folder, before: "PATH=/nonexistent").status == 0)
    }
  }

  @Test("what Graphviz says when it fails is passed on")
  func failing() throws {
    try Self.inFolder { folder in
      try "old: Made by Backstep\n".write(
        to: folder.appendingPathComponent("L.svg"), atomically: true, encoding: .utf8)
      let words = "cat > /dev/null; echo \"Format: svg not recognized\" >&2; exit 3"
      let run = try Self.run("export L.svg", dot: words, in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("Graphviz could not draw the graph: Format: svg not recognized"))
      let silent = try Self.run("export L.svg", dot: "exit 3", in: folder)
      #expect(silent.errors.contains("it ended with status 3"))
      let killed = try Self.run("export L.svg", dot: "kill -9 $$", in: folder)
      #expect(killed.errors.contains("it was ended by signal 9"))
      #expect(try Self.text(folder, "L.svg") == "old: Made by Backstep\n")
      #expect(try Self.files(folder) == ["L.svg"])
    }
  }

  @Test("a program that talks before it listens does not stop the export")
  func chatter() throws {
    try Self.inFolder { folder in
      // More than a pipe holds on both ways out, before anything is read.
      let words =
        "echo '<svg>'; i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789012345; "
        + "echo 0123456789012345678901234567890123456789012345 >&2; i=$((i+1)); done; cat; echo '</svg>'"
      var script = "w = 1; c0 = w\n"
      for index in 1..<600 { script += "c\(index) = c\(index - 1)*w\n" }
      try script.write(
        to: folder.appendingPathComponent("graph.grad"), atomically: true, encoding: .utf8)
      let run = try Self.run("load graph.grad; export L.svg c599", dot: words, in: folder)
      #expect(run.status == 0 && run.errors == "")
      let size = try Data(contentsOf: folder.appendingPathComponent("L.svg")).count
      #expect(size > 200_000)
    }
  }

  @Test("a kill in the middle leaves the old file")
  func killed() throws {
    try Self.inFolder { folder in
      #expect(try Self.run("export L.dot", in: folder).status == 0)
      _ = try Run.shell("cp L.dot L.svg", in: folder)
      let run = try Self.run(
        "export L.svg", dot: "cat > /dev/null; kill -9 $PPID; sleep 1", in: folder)
      #expect(run.status != 0)
      #expect(try Self.text(folder, "L.svg") == Self.text(folder, "L.dot"))
      #expect(try Self.files(folder) == ["L.dot", "L.svg"])
    }
  }

  // MARK: Surroundings

  @Test("--sandbox writes nothing and runs nothing, but shows text")
  func sandbox() throws {
    try Self.inFolder { folder in
      let start = "'\(Run.program)' --sandbox -e '\(Self.graph)' -e"
      let file = try Run.shell("\(start) 'export L.dot !'", in: folder)
      #expect(file.status == 1 && file.errors.contains("writing files is not allowed"))
      let drawing = try Run.shell("\(start) 'export - as svg'", in: folder)
      #expect(drawing.errors.contains("running Graphviz is not allowed with --sandbox"))
      let text = try Run.shell("\(start) 'export -.dot'", in: folder)
      #expect(text.status == 0 && text.output.contains("digraph"))
      #expect(try Self.files(folder) == [])
    }
  }

  @Test("with --json each file is an event, and text on standard output a string")
  func events() throws {
    try Self.inFolder { folder in
      let run = try Run.shell(
        "'\(Run.program)' --json -e '\(Self.graph); export L.dot; export -.md'", in: folder)
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(
        lines[0].hasPrefix("{\"event\":\"export\",\"file\":\"L.dot\",\"form\":\"dot\",\"bytes\":"))
      #expect(lines[1].contains("\"text\":\"<!-- Made by Backstep"))
      let refused = try Run.shell(
        "'\(Run.program)' --json -e '\(Self.graph); export -.png'", in: folder)
      #expect(refused.status == 1)
    }
  }
}
