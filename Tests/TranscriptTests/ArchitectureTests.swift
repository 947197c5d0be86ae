// The arrows between the targets are the ones that Docs/Architecture.md states.

import Foundation
import Testing

@Suite struct ArchitectureTests {
  /// What each target may use, as the table in the documentation says.
  static func documented() throws -> [String: Set<String>] {
    let page = try text("Docs/Architecture.md")
    var arrows: [String: Set<String>] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, let target = quoted(cells[0]).first else { continue }
      arrows[target] = Set(quoted(cells[1]))
    }
    return arrows
  }

  /// What each target uses, as `Package.swift` declares it.
  static func declared() throws -> [String: Set<String>] {
    let package = try text("Package.swift")
    var arrows: [String: Set<String>] = [:]
    for part in package.components(separatedBy: "arget(").dropFirst() {
      // Products list targets as well; only a target begins with its name.
      guard let name = between(part, "name: \"", "\"") else { continue }
      let list = part.contains("dependencies: [") ? between(part, "dependencies: [", "]") : nil
      arrows[name] = Set((list ?? "").split(separator: "\"").map(String.init).filter(isName))
    }
    return arrows
  }

  @Test func `the package's arrows are the documented ones`() throws {
    let documented = try Self.documented()
    let declared = try Self.declared()
    let own = declared.filter {
      !$0.key.hasSuffix("Tests") && !["EditorProbe", "Bench", "Fuzz"].contains($0.key)
    }
    #expect(documented == own)
  }

  @Test func `a file imports only what its target may use`() throws {
    for (target, allowed) in try Self.declared() {
      for file in try Self.files("Sources/\(target)") {
        for line in try Self.text(file).split(separator: "\n") where line.hasPrefix("import ") {
          let name = String(line.dropFirst("import ".count))
          #expect(
            Self.system.contains(name) || allowed.contains(name), "\(file) imports \(name)")
        }
      }
    }
  }

  @Test func `no file of the program imports Foundation`() throws {
    for file in try Self.files("Sources") {
      #expect(!(try Self.text(file)).contains("import Foundation"), "\(file)")
    }
  }

  /// The C libraries, under the names they have on the systems there are, and Swift's own atomics.
  private static let system: Set<String> = ["Darwin", "Glibc", "Musl", "Synchronization"]

  private static func files(_ folder: String) throws -> [String] {
    let start = Run.root.appendingPathComponent(folder)
    let files = FileManager.default.enumerator(atPath: start.path)?.compactMap { $0 as? String }
    return (files ?? []).filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Run.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The words between grave accents.
  private static func quoted(_ cell: String) -> [String] {
    cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
  }

  private static func between(_ text: String, _ start: String, _ end: String) -> String? {
    guard let first = text.range(of: start) else { return nil }
    let rest = text[first.upperBound...]
    return rest.range(of: end).map { String(rest[..<$0.lowerBound]) }
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber }
  }
}
