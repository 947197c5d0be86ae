// An exported page computes anew what its inputs are changed to, so it has to know every operation.

import Foundation
import Testing

@testable import Backstep

@Test(arguments: Backstep.Operation.allCases.filter { !$0.isLeaf })
func pageKnowsTheOperation(operation: Backstep.Operation) throws {
  let label = try #require(operation.entry?.label)
  let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/BackstepRender/Documents/Page").standardizedFileURL
  let file = operation.isStructural ? "tensors.js" : "rules.js"
  let rules = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
  let isThere = rules.split(separator: "\n").contains {
    $0.hasPrefix("  \(label): ") || $0.contains(" \(label): CROSS_ENTROPY")
  }
  #expect(isThere, "\(file) has no rule '\(label)'")
}
