// The known word that a misspelt one comes closest to.

/// Finds the nearest of the known words, or none that is near enough.
///
/// Near is an edit distance of at most a third of the word's length, at least 1; a swap of two
/// neighbours counts as one edit. A word of one letter has no neighbours but its other case.
///
/// **Source** the restricted Damerau–Levenshtein distance, computed row by row.
public func nearest(to word: String, among known: some Sequence<String>) -> String? {
  let letters = Array(word.prefix(64).lowercased())
  var best: String?
  var bestDistance = letters.count < 2 ? 1 : max(2, letters.count / 3 + 1)
  for candidate in known where candidate != word {
    let other = Array(candidate.lowercased())
    guard abs(other.count - letters.count) < bestDistance else { continue }
    let distance = editDistance(letters, other)
    if distance < bestDistance {
      bestDistance = distance
      best = candidate
    }
  }
  return best
}

/// How many insertions, deletions, replacements and swaps lead from one word to the other.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for row in 0..<a.count {
    var current = [row + 1]
    for column in 0..<b.count {
      var cost = min(
        last[column + 1] + 1, current[column] + 1, last[column] + (a[row] == b[column] ? 0 : 1))
      if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.count]
}
