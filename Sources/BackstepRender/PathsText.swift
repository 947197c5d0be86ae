// The paths from an input to an output as text.

import BackstepTrace

/// A list of paths as text.
public enum PathsText {
  /// Each path with the product along it, then their sum and what it all takes.
  public static func lines(_ list: PathList, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      let isOne = list.count == "1"
      writer.writeHeading("\(list.count) path\(isOne ? "" : "s") from \(list.wrt) to \(list.of)")
      if !list.isComplete { write("those with the largest products:", .dim, writer) }
      let arrow = style.ascii ? " -> " : " → "
      let names = list.paths.map { $0.nodes.joined(separator: arrow) }
      let width = names.map { DisplayWidth.columns(of: $0) }.greatest(upTo: style.width / 2)
      for (path, name) in zip(list.paths, names) { write(path, name, width, writer) }
      writeSum(list, writer)
      guard !list.paths.isEmpty else { return }
      writer.writeBlank()
      write(
        "Going along every path by itself takes \(plural(list.multiplications, "multiplication")), "
          + "one for each of its edges; backpropagation takes \(list.edges), one for each edge of "
          + "the graph.", .plain, writer)
    }
  }

  private static func plural(_ count: String, _ word: String) -> String {
    "\(count) \(word)\(count == "1" ? "" : "s")"
  }

  private static func write(_ text: String, _ role: Role, _ writer: LineWriter) {
    var row = writer.line()
    row.hang = 0
    row.addWords(text, role)
    writer.write(row)
  }

  /// Writes `x → u → L   3 × 5 = 15`; of a long path the middle is left out.
  private static func write(
    _ path: PathList.Path, _ name: String, _ width: Int, _ writer: LineWriter
  ) {
    var row = writer.line()
    row.pad(to: 2)
    if DisplayWidth.columns(of: name) <= width {
      row.add(name, .name)
      row.pad(to: 2 + width + 3)
    } else {
      let arrow = writer.style.ascii ? " -> " : " → "
      let ends = path.nodes.prefix(3) + ["… \(path.nodes.count - 5) more …"] + path.nodes.suffix(2)
      row.add((path.nodes.count > 6 ? Array(ends) : path.nodes).joined(separator: arrow), .name)
      row.add("   ", .dim)
      row.allowBreak()
    }
    row.hang = 4
    if path.locals.count > 1, path.locals.count <= 12 {
      for (index, local) in path.locals.enumerated() {
        if index > 0 { row.add(writer.style.ascii ? " * " : " × ", .sign) }
        let isNegative = index > 0 && local.sign == .minus && !local.isNaN
        if isNegative { row.add("(", .partial) }
        row.add(local, writer.style.numbers, .partial)
        if isNegative { row.add(")", .partial) }
      }
      row.add(" = ", .sign)
    }
    row.add(path.product, writer.style.numbers, .adjoint)
    writer.write(row)
  }

  private static func writeSum(_ list: PathList, _ writer: LineWriter) {
    var row = writer.line()
    row.pad(to: 2)
    row.add(list.isComplete ? "sum: " : "sum over all: ", .dim)
    let isName = list.of.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    row.add("∂\(isName ? list.of : "(\(list.of))")/∂\(list.wrt)", .adjoint)
    row.add(" = ", .sign)
    row.add(list.sum, writer.style.numbers, .adjoint)
    writer.write(row)
  }
}
