// Drawings of graphs: read back from their characters, and measured.

import BackstepTrace
import Testing

@testable import BackstepRender

/// A small linear congruential generator, so that random graphs are the same everywhere.
struct Dice {
  var state: UInt64

  mutating func roll(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(1, sides)))
  }
}

/// A graph of inputs and operations with one, two or three operands, all of which lead to the last.
func randomGraph(_ seed: Int, nodes: Int, reach: Int, isChain: Bool = false) -> HandMade {
  var dice = Dice(state: UInt64(seed) &* 0x9E37_79B9 &+ 7)
  var graph = HandMade()
  for node in 0..<nodes {
    if node < 2 || !isChain && dice.roll(4) == 0 && node < nodes - 1 {
      _ = graph.input("x\(node)", Double(node))
      continue
    }
    let count = 1 + dice.roll(3)
    let operands = (0..<count).map { slot in
      isChain && slot == 0 ? node - 1 : max(0, node - 1 - dice.roll(reach))
    }
    _ = graph.operation(
      "v\(node)", "op", ["f(a)", "f(a, b)", "f(a, b, c)"][count - 1], operands, Double(node) / 3,
      operands.map { _ in ("1", 1) })
  }
  return graph
}

/// Reads a drawing back: where the wire behind each node leads.
struct DrawingReader {
  let rows: [[Character]]

  init(_ lines: [FragmentLine]) { rows = lines.map { Array($0.text.string) } }

  subscript(row: Int, column: Int) -> Character {
    rows.indices.contains(row) && rows[row].indices.contains(column) ? rows[row][column] : " "
  }

  private enum Way: CaseIterable {
    case left, right, up, down
    var step: (row: Int, column: Int) {
      switch self {
      case .left: (0, -1)
      case .right: (0, 1)
      case .up: (-1, 0)
      case .down: (1, 0)
      }
    }
    var back: Way {
      switch self {
      case .left: .right
      case .right: .left
      case .up: .down
      case .down: .up
      }
    }
  }

  private func ways(_ character: Character) -> Set<Way> {
    switch character {
    case "─": [.left, .right]
    case "│": [.up, .down]
    case "╯": [.left, .up]
    case "╮": [.left, .down]
    case "╰": [.right, .up]
    case "╭": [.right, .down]
    case "●", "┼": Set(Way.allCases)
    case "┤": [.left]
    default: []
    }
  }

  private struct Step: Hashable {
    var row: Int
    var column: Int
    var way: Way
  }

  /// The ends `┤` that are reached from the beginning of a wire.
  func ends(from row: Int, _ column: Int) -> Set<[Int]> {
    var found: Set<[Int]> = []
    var open = [Step(row: row, column: column, way: .right)]
    var seen = Set(open)
    while let step = open.popLast() {
      let character = self[step.row, step.column]
      guard ways(character).contains(step.way.back) else { continue }
      if character == "┤" {
        found.insert([step.row, step.column])
        continue
      }
      // At a crossing a wire goes straight on; at a dot it goes everywhere.
      let onward = character == "┼" ? [step.way] : ways(character).subtracting([step.way.back])
      for way in onward {
        let next = Step(
          row: step.row + way.step.row, column: step.column + way.step.column, way: way)
        if seen.insert(next).inserted { open.append(next) }
      }
    }
    return found
  }
}

@Suite("Drawings of graphs")
struct GraphTests {
  /// What a wide drawing of a graph says: pairs of nodes and operand slots, read from the picture.
  private func check(_ graph: HandMade, showsAdjoints: Bool, seed: Int) throws {
    let style = Style(width: 1000)
    let drawing = GraphDrawing(
      header: graph, style: style, width: 1000, showsAdjoints: showsAdjoints)
    try #require(drawing.fits)
    let values = Dictionary(
      uniqueKeysWithValues: graph.nodes.indices.map { ($0, graph.nodes[$0].value) })
    let reader = DrawingReader(drawing.lines(values: values, adjoints: [:]))
    // Every node that leads to the root is there once, and its title is found by its name.
    var isDrawn = Array(repeating: false, count: graph.count)
    isDrawn[graph.root] = true
    for node in graph.nodes.indices.reversed() where isDrawn[node] {
      for operand in graph.nodes[node].operands { isDrawn[operand] = true }
    }
    var titles: [NodeIndex: (row: Int, start: Int, end: Int)] = [:]
    for (row, text) in reader.rows.enumerated() {
      let line = String(text)
      for node in graph.nodes.indices where isDrawn[node] {
        let name = graph.nodes[node].name + " = "
        for match in line.ranges(of: name) {
          let start = line.distance(from: line.startIndex, to: match.lowerBound)
          guard start == 0 || [" ", "["].contains(reader[row, start - 1]) else { continue }
          #expect(titles[node] == nil, "\(name) twice, graph \(seed)")
          var end = start
          while !(reader[row, end] == " "
            && [" ", "─", "●", "╮", "╯"].contains(reader[row, end + 1]))
            && end < text.count
          { end += 1 }
          titles[node] = (row, start, end)
        }
      }
    }
    let drawn = isDrawn.filter(\.self).count
    #expect(titles.count == drawn)
    // The wires lead where the operands say, and nowhere else.
    var expected: [NodeIndex: Set<[Int]>] = [:]
    for node in graph.nodes.indices where isDrawn[node] {
      guard let title = titles[node] else { continue }
      for (slot, operand) in graph.nodes[node].operands.enumerated() {
        expected[operand, default: []].insert([title.row + slot, title.start - 2])
      }
    }
    for node in graph.nodes.indices where isDrawn[node] {
      guard let title = titles[node] else { continue }
      let found = reader.ends(from: title.row, title.end + 1)
      #expect(
        found == expected[node] ?? [], "the wires of \(graph.nodes[node].name), graph \(seed)")
    }
  }

  @Test("Wires lead from every node to what uses it, and nowhere else", arguments: 0..<30)
  func wires(seed: Int) throws {
    let graph = randomGraph(seed, nodes: 3 + seed * 2 / 3, reach: 2 + seed % 9)
    try check(graph, showsAdjoints: seed.isMultiple(of: 2), seed: seed)
  }

  @Test("Drawings keep to the width, in bands, in ASCII, around a node", arguments: 0..<10)
  func width(seed: Int) {
    let graph = randomGraph(seed, nodes: 5 + 5 * seed, reach: 2 + seed % 7, isChain: seed > 5)
    for width in [40, 57, 80, 140] {
      for ascii in [false, true] {
        let style = Style(width: width, ascii: ascii)
        let drawing = GraphDrawing(header: graph, style: style, width: width)
        var lines = drawing.bands(values: [:], adjoints: [:])?.flatMap(\.self) ?? []
        #expect(!lines.isEmpty)
        for node in [graph.root, graph.root / 2, 0] {
          let part = drawing.lines(
            values: [:], adjoints: [:], markedNode: node, markedEdge: (node, 0), height: 9)
          #expect(part.count <= 9)
          lines += part
        }
        for line in lines {
          #expect(line.columns <= width)
          #expect(DisplayWidth.columns(of: line.text.string) == line.columns)
          if ascii { #expect(line.text.bytes.allSatisfy { $0 < 0x80 }) }
        }
      }
    }
  }

  @Test("Every node is in some band, with its value")
  func bands() throws {
    for seed in 0..<8 {
      let graph = randomGraph(seed, nodes: 40, reach: 3, isChain: seed.isMultiple(of: 2))
      let drawing = GraphDrawing(
        header: graph, style: Style(), width: 80, showsAdjoints: false)
      let values = Dictionary(
        uniqueKeysWithValues: graph.nodes.indices.map { ($0, graph.nodes[$0].value) })
      let bands = try #require(drawing.bands(values: values, adjoints: [:]))
      let text = bands.joined().map(\.text.string).joined(separator: "\n")
      for node in graph.nodes.indices where drawing.shows(node) {
        let name = graph.nodes[node].name
        #expect(text.contains(" \(name) ") || text.contains(" \(name)\n"), "\(name), \(seed)")
      }
      #expect(!text.contains("?"), "a value is missing, graph \(seed)")
    }
  }

  @Test("The marked node stands in brackets, the marked edge is heavy from end to end")
  func marks() {
    let graph = randomGraph(5, nodes: 12, reach: 4)
    let drawing = GraphDrawing(header: graph, style: Style(width: 300), width: 300)
    for node in graph.nodes.indices where drawing.shows(node) {
      for slot in graph.nodes[node].operands.indices {
        let lines = drawing.lines(
          values: [:], adjoints: [:], markedNode: node, markedEdge: (node, slot))
        let text = lines.map(\.text.string).joined(separator: "\n")
        #expect(text.contains("[\(graph.nodes[node].name) = f("))
        let ends = text.filter { $0 == "┫" }.count
        #expect(ends == 1)
        #expect(text.contains("━"))
      }
    }
  }

  @Test(
    "Names can do no harm, and take no more room than they may",
    arguments: [
      "\u{1B}[31mred", "漢字漢字漢字漢字漢字漢字漢字", "e\u{301}e\u{301}", "\u{202E}abc", "", "a\nb\r\t",
      "x\u{0}",
      "θ₁ŷ∂", String(repeating: "long", count: 400), "🧠🧠🧠",
    ])
  func hostile(name: String) {
    var graph = HandMade()
    let one = graph.input(name, 1e-300)
    let other = graph.input(name + "2", .tensor(.matrix(2, 2), [1, .nan, .infinity, -0.0]))
    let sum = graph.operation(
      name + "3", "op", "f(a, b)", [one, other], -1.5e300, [("1", 1), ("1", 1)])
    _ = graph.operation(name + "4", "op", "a*1", [sum], .nan, [("1", 1)])
    let values = Dictionary(
      uniqueKeysWithValues: graph.nodes.indices.map { ($0, graph.nodes[$0].value) })
    for ascii in [false, true] {
      for width in [40, 80] {
        let style = Style(width: width, ascii: ascii)
        let drawing = GraphDrawing(header: graph, style: style, width: width)
        let bands = drawing.bands(values: values, adjoints: values) ?? []
        for line in bands.joined() + drawing.lines(values: values, adjoints: [:], markedNode: 2) {
          #expect(line.columns <= width)
          #expect(DisplayWidth.columns(of: line.text.string) == line.columns)
          let isSafe = line.text.string.unicodeScalars.allSatisfy { !DisplayWidth.isUnsafe($0) }
          #expect(isSafe)
          if ascii { #expect(line.text.bytes.allSatisfy { $0 < 0x80 }) }
        }
      }
    }
  }

  @Test("What is not known yet is shown as such, never as 0")
  func unknown() {
    let graph = randomGraph(3, nodes: 6, reach: 3)
    let drawing = GraphDrawing(header: graph, style: Style(width: 200), width: 200)
    let text = drawing.lines(values: [:], adjoints: [:]).map(\.text.string).joined(separator: "\n")
    #expect(text.contains("x0 = ?") && text.contains("∂ ?"))
    #expect(!text.contains("= 0"))
  }

  @Test(
    "A number takes no more columns than it may",
    arguments: [
      0, -0.0, 1, -0.1, 1.0 / 3, -1234567890, 1e10, -9_999_999_999, 1e-300, -1.2345e-300, .infinity,
      -.infinity, .nan, 1e308, 0.000123456, -99999.5, 4_503_599_627_370_496,
    ])
  func fitted(number: Double) {
    for room in 7...12 {
      let text = GraphLabels.fitted(number, NumberFormat(digits: 17), room)
      #expect(text.count <= room, "\(text.string)")
      if let back = Double(text.string == "NaN" ? "nan" : text.string), number.isFinite {
        #expect(abs(back - number) <= 0.25 * abs(number))
      }
    }
  }

  @Test("A graph of a thousand nodes is drawn around a node, whatever the node")
  func large() {
    let graph = randomGraph(1, nodes: 1000, reach: 6, isChain: true)
    let drawing = GraphDrawing(header: graph, style: Style(), width: 80)
    let isWhole = drawing.fits
    #expect(!isWhole)
    for node in stride(from: 0, to: 1000, by: 37) where drawing.shows(node) {
      let lines = drawing.lines(values: [:], adjoints: [:], markedNode: node, height: 12)
      #expect(lines.contains { $0.text.string.contains("[\(graph.nodes[node].name) ") })
    }
  }
}
