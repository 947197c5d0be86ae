// The paths from an input to an output as text.

import BackstepTrace

/// A list of paths as text.
public enum PathsText {
  /// The longest number of paths that is written out; of longer ones the ends are.
  private static let digitLimit = 1000

  /// Each path with the product along it, then their sum and what it all takes.
  public static func lines(_ list: PathList, style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      let isOne = list.count == "1"
      write(
        "\(number(list.count)) path\(isOne ? "" : "s") from \(list.wrt) to \(list.of)", .heading,
        writer)
      switch list.listing {
      case .all: break
      case .largest: write("those with the largest products:", .dim, writer)
      case .first: write("the first \(list.paths.count) of them:", .dim, writer)
      }
      if list.hasJacobians { writeOrder(list, writer) }
      let values = list.paths.map { self.values(of: $0, writer) }
      let most = values.map(\.columns).max() ?? 0
      // Values that are short stand beside the nodes, others may stand below them.
      let names = PathNames.texts(
        list.paths, room: style.width - (most <= InlineValue.columns ? most + 5 : 4),
        ascii: style.ascii)
      let width = names.map { DisplayWidth.columns(of: $0) }.max() ?? 0
      let isBeside = width + most + 5 <= style.width
      for (index, path) in list.paths.enumerated() {
        write(path, names[index], values[index], column: isBeside ? width + 5 : nil, writer)
      }
      writeSum(list, writer)
      guard !list.paths.isEmpty else { return }
      writer.writeBlank()
      let step = list.hasJacobians ? "product" : "multiplication"
      let what = list.hasJacobians ? "\(plural(list.multiplications, step)) of Jacobians" : nil
      write(
        "Going along every path by itself takes \(what ?? plural(list.multiplications, step)), "
          + "one for each of its edges; backpropagation takes \(list.edges), one for each edge of "
          + "the graph.", .plain, writer)
    }
  }

  /// A number of any size.
  private static func number(_ digits: String) -> String {
    guard digits.utf8.count > digitLimit else { return digits }
    return "\(digits.prefix(24))…\(digits.suffix(24)) (\(digits.utf8.count) digits)"
  }

  private static func plural(_ count: String, _ word: String) -> String {
    "\(number(count)) \(word)\(count == "1" ? "" : "s")"
  }

  private static func write(_ text: String, _ role: Role, _ writer: LineWriter) {
    var row = writer.line()
    row.hang = 0
    row.addWords(text, role)
    writer.write(row)
  }

  /// How the factors are to be read, where their order matters.
  private static func writeOrder(_ list: PathList, _ writer: LineWriter) {
    guard list.paths.contains(where: { $0.jacobians.count > 0 }) else { return }
    write(
      "Each factor is a Jacobian, a row for each entry of the result and a column for each of the "
        + "operand; the last edge's stands first.", .dim, writer)
  }

  /// Writes `x → u → L   3 × 5 = 15`; the values stand below the nodes where there is no column for
  /// them.
  private static func write(
    _ path: PathList.Path, _ name: String, _ values: FragmentLine, column: Int?,
    _ writer: LineWriter
  ) {
    var row = writer.line()
    row.pad(to: 2)
    for (index, part) in name.split(separator: " ").enumerated() {
      if index > 0 {
        row.add(" ", .name)
        if part == "→" || part == "->" { row.allowBreak() }
      }
      row.add(String(part), .name)
    }
    if let column {
      row.pad(to: column)
    } else {
      writer.write(row)
      row.removeAll()
      row.pad(to: 6)
    }
    row.hang = 6
    row.add(values)
    writer.write(row)
    if !isInline(path.product, writer) { writer.writeTable(path.product, indent: 6) }
  }

  private static func isInline(_ reading: Reading, _ writer: LineWriter) -> Bool {
    InlineValue(reading, limit: InlineValue.columns, numbers: writer.style.numbers) != nil
  }

  private static func add(_ reading: Reading, to line: inout FragmentLine, _ writer: LineWriter) {
    let inline = InlineValue(reading, limit: InlineValue.columns, numbers: writer.style.numbers)
    line.add(inline?.text ?? InlineValue.shape(reading.shape), .adjoint)
  }

  /// `3 × 5 = 15`, or `⟨1×2⟩ @ ⟨2×2⟩ = [0.1, 0.2]`; of more than 12 factors the product only.
  private static func values(of path: PathList.Path, _ writer: LineWriter) -> FragmentLine {
    var row = writer.line()
    let ascii = writer.style.ascii
    if path.locals.count > 1, path.locals.count <= 12 {
      for (index, local) in path.locals.enumerated() {
        if index > 0 {
          row.add(" ", .sign)
          row.allowBreak()
          row.add(ascii ? "* " : "× ", .sign)
        }
        let isNegative = index > 0 && local.sign == .minus && !local.isNaN
        if isNegative { row.add("(", .partial) }
        row.add(local, writer.style.numbers, .partial)
        if isNegative { row.add(")", .partial) }
      }
      row.addEquals()
    }
    let jacobians = path.jacobians
    for (index, jacobian) in jacobians.reversed().enumerated()
    where jacobians.count <= 12 || index < 3 || index >= jacobians.count - 3 {
      if index > 0 {
        row.add(" ", .sign)
        row.allowBreak()
        row.add("@ ", .sign)
      }
      row.add(InlineValue.shape(jacobian), .partial)
      if index == 2, jacobians.count > 12 {
        row.add(" @ … \(jacobians.count - 6) more …", .dim)
      }
    }
    if !jacobians.isEmpty { row.addEquals() }
    add(path.product, to: &row, writer)
    return row
  }

  private static func writeSum(_ list: PathList, _ writer: LineWriter) {
    var row = writer.line()
    row.pad(to: 2)
    row.add(list.listing == .all ? "sum: " : "sum over all: ", .dim)
    let isName = list.of.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    row.add("∂\(isName ? list.of : "(\(list.of))")/∂\(list.wrt)", .adjoint)
    row.addEquals()
    add(list.sum, to: &row, writer)
    writer.write(row)
    if !isInline(list.sum, writer) { writer.writeTable(list.sum, indent: 6) }
  }
}
