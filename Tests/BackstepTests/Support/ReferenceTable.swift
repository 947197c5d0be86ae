// The reference tables, read from their files; Scripts/reference.py and Scripts/accuracy.py make them.

// Foundation has an `Operation` too: it is imported here and not in the tests.
import Foundation

/// One point with the value and the partials there, each the double nearest to the truth.
struct ReferenceRow: Decodable, Sendable {
  let point: [Double]
  let value: Double
  let partials: [Double]

  init(from decoder: any Decoder) throws {
    var row = try decoder.unkeyedContainer()
    point = try row.decode([Double].self)
    value = try row.decode(Double.self)
    partials = try row.decode([Double].self)
  }
}

enum ReferenceTable {
  /// The rows, by the operation's case.
  static let rows = Result { try read("operations").merging(read("worst")) { $0 + $1 } }

  private static func read(_ name: String) throws -> [String: [ReferenceRow]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Reference/\(name).json")
    return try JSONDecoder().decode([String: [ReferenceRow]].self, from: Data(contentsOf: file))
  }

  /// Whether the worst errors are to be printed.
  static let isPrinted = ProcessInfo.processInfo.environment["ULP"] != nil
}
