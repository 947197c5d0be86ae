// The nodes of paths in a line each: of long paths where they part.

import BackstepTrace

/// The nodes of each path of a list as text, `x → v1 (2nd) → … 30 more … → v32`.
///
/// Of paths that are too long for a line the ends are shown, and the places at which they part from
/// one another; so no two look alike.
enum PathNames {
  /// How much of paths that are too long is shown, most first.
  private enum Detail: CaseIterable { case counted, ends, partings }

  /// Each path's nodes, in so many columns where they fit.
  static func texts(_ paths: [PathList.Path], room: Int, ascii: Bool) -> [String] {
    let arrow = ascii ? " -> " : " → "
    let dots = ascii ? "..." : "…"
    var texts: [String] = []
    // A path that is very long is not written out only to be measured.
    if paths.allSatisfy({ $0.nodes.count <= room }) {
      texts = paths.map { text($0, Array($0.nodes.indices), arrow) }
      if texts.allSatisfy({ DisplayWidth.columns(of: $0) <= room }) { return texts }
    }
    let partings = partings(paths)
    for detail in Detail.allCases {
      texts = zip(paths, partings).map { text($0, $1, detail, arrow, dots) }
      if texts.allSatisfy({ DisplayWidth.columns(of: $0) <= room }) { break }
    }
    return texts
  }

  /// The places, counted from the input, at which each path goes another way than others that came
  /// the same way so far.
  private static func partings(_ paths: [PathList.Path]) -> [[Int]] {
    var partings: [[Int]] = paths.map { _ in [] }
    var open = [(paths: Array(paths.indices), from: 1)]
    while let (group, start) = open.popLast() {
      guard let first = group.first, group.count > 1 else { continue }
      var place = start
      while place < paths[first].nodes.count,
        group.allSatisfy({ isSame(paths[$0], paths[first], place) })
      { place += 1 }
      var ways: [[Int]] = []
      for index in group where place < paths[index].nodes.count {
        partings[index].append(place)
        if let way = ways.firstIndex(where: { isSame(paths[$0[0]], paths[index], place) }) {
          ways[way].append(index)
        } else {
          ways.append([index])
        }
      }
      for way in ways { open.append((way, place + 1)) }
    }
    return partings
  }

  /// Whether two paths take the same step to a place.
  private static func isSame(_ one: PathList.Path, _ other: PathList.Path, _ place: Int) -> Bool {
    place < one.nodes.count && place < other.nodes.count
      && one.nodes[place] == other.nodes[place] && one.edges[place - 1] == other.edges[place - 1]
  }

  /// A path with the places that are shown of it.
  private static func text(
    _ path: PathList.Path, _ partings: [Int], _ detail: Detail, _ arrow: String, _ dots: String
  ) -> String {
    let last = path.nodes.count - 1
    let ends = detail == .partings ? [0, last] : [0, 1, 2, last - 1, last]
    let places = Set(ends + partings).filter { $0 >= 0 && $0 <= last }.sorted()
    return text(path, places, arrow) { gap in
      detail == .counted ? "\(dots) \(gap) more \(dots)" : dots
    }
  }

  /// A path with some of its places; a single one that is left out between two is put in.
  private static func text(
    _ path: PathList.Path, _ places: [Int], _ arrow: String, gap: (Int) -> String = { _ in "" }
  ) -> String {
    var parts: [String] = []
    var next = 0
    for place in places {
      if place == next + 1 { parts.append(step(path, next)) }
      if place > next + 1 { parts.append(gap(place - next)) }
      parts.append(step(path, place))
      next = place + 1
    }
    return parts.joined(separator: arrow)
  }

  /// A node, and which operand leads to it where there are several: `v1 (2nd)`.
  private static func step(_ path: PathList.Path, _ place: Int) -> String {
    guard place > 0, path.edges[place - 1].isOneOfSeveral else { return path.nodes[place] }
    return "\(path.nodes[place]) (\(ordinal(path.edges[place - 1].operand)))"
  }

  private static func ordinal(_ number: Int) -> String {
    let isTeen = (11...13).contains(number % 100)
    let ending = isTeen ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
    return "\(number)\(ending)"
  }
}
