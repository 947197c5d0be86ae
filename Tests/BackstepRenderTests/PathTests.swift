// Lines for paths: no two look alike, and none is wider than it may be.

import BackstepTrace
import Testing

@testable import BackstepRender

@Suite struct PathTests {
  /// Paths through a chain of doubled edges, with the operands that lead from one node to the next.
  private func chain(_ ways: [[Int]]) -> [PathList.Path] {
    ways.map { operands in
      PathList.Path(
        nodes: ["x"] + operands.indices.map { "v\($0 + 1)" },
        edges: operands.map { .init(operand: $0, isOneOfSeveral: true) },
        locals: operands.map { _ in 1 }, product: .scalar(1))
    }
  }

  @Test(arguments: [40, 80, 140])
  func longPathsDifferWhereTheyPart(_ room: Int) {
    // 64 paths of 300 edges, each with another pattern in six places far apart.
    let places = [3, 50, 51, 120, 200, 298]
    let ways = (0..<64).map { number in
      (0..<300).map { place in
        places.firstIndex(of: place).map { (number >> $0 & 1) + 1 } ?? 1
      }
    }
    let texts = PathNames.texts(chain(ways), room: room, ascii: false)
    #expect(Set(texts).count == 64)
    #expect(texts.allSatisfy { $0.hasPrefix("x → ") && $0.contains("v300") })
  }

  @Test func whatFitsIsWhole() {
    let texts = PathNames.texts(chain([[1, 1], [1, 2], [13, 23]]), room: 60, ascii: true)
    #expect(
      texts == [
        "x -> v1 (1st) -> v2 (1st)", "x -> v1 (1st) -> v2 (2nd)", "x -> v1 (13th) -> v2 (23rd)",
      ])
  }

  @Test func pathsOfOtherLengthsPartToo() {
    let long = PathList.Path(
      nodes: (0..<40).map { "n\($0)" },
      edges: (1..<40).map { _ in .init(operand: 1, isOneOfSeveral: false) }, locals: [],
      product: .scalar(1))
    var short = long
    short.nodes.removeSubrange(10..<30)
    short.edges.removeSubrange(9..<29)
    let texts = PathNames.texts([long, short], room: 64, ascii: false)
    #expect(texts[0] == "n0 → n1 → n2 → … 7 more … → n10 → … 27 more … → n38 → n39")
    #expect(texts[1] == "n0 → n1 → n2 → … 7 more … → n30 → … 7 more … → n38 → n39")
  }
}
