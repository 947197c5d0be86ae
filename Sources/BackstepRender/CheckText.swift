// Derivatives beside differences as a table.

import BackstepTrace

/// Checks as text.
public enum CheckText {
  /// A line for each entry of each input, and what there is to say.
  public static func lines(_ checks: [GradientCheck], style: Style) -> ByteBuffer {
    ResultText.text(style) { writer in
      // Where there is no room a long expression gets a short name; then the complex step's slope, the
      // same number a third time, gives way to its error; then that as well, and then the difference.
      let isNamed = table(checks, writer, .whole, isNamed: true).fits(isShort: false)
      if !isNamed, let expression = checks.first(where: { !isShort($0.of) })?.of {
        var line = writer.line()
        line.add("  E = ", .dim)
        line.add(expression, .formula)
        writer.write(line)
      }
      let tables = Parts.allCases.map { table(checks, writer, $0, isNamed: isNamed) }
      let widest =
        tables.first { $0.fits(isShort: false) } ?? tables.last { $0.fits(isShort: true) }
      (widest ?? tables[tables.count - 1]).write()
      for check in checks {
        for remark in check.remarks.prefix(remarkLimit) {
          var row = writer.line()
          row.hang = 4
          row.pad(to: 1)
          let names = remark.indices.prefix(4).map { check.wrt + $0 }.joined(separator: ", ")
          let more = remark.indices.count - 4
          row.addWords("\(names)\(more > 0 ? " and \(more) more" : ""): \(remark.note)", .dim)
          writer.write(row)
        }
      }
    }
  }

  /// How many remarks are shown of an input.
  private static let remarkLimit = 6

  private static func isShort(_ text: String) -> Bool { text.count <= 8 }

  /// How much of a check is shown.
  private enum Parts: CaseIterable { case whole, stepError, difference, error }

  private static func table(
    _ checks: [GradientCheck], _ writer: LineWriter, _ parts: Parts, isNamed: Bool
  ) -> Columns {
    var table = Columns(writer)
    let hasSteps =
      (parts == .whole || parts == .stepError) && checks.contains { $0.complexStep != nil }
    let steps = !hasSteps ? [] : parts == .whole ? ["complex step", "error"] : ["complex step's"]
    let none = writer.style.ascii ? "-" : "–"
    let difference = parts == .error ? [] : ["difference"]
    table.add(
      ["", "derivative"] + difference + ["error"] + steps + [""], .heading,
      short: ["", "deriv."] + (parts == .error ? [] : ["diff."]) + ["error"] + steps + [""])
    for check in checks {
      let isName = check.of.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      let of = isName ? check.of : isNamed || isShort(check.of) ? "(\(check.of))" : "E"
      let name = "∂\(of)/∂\(check.wrt)"
      for entry in check.entries {
        var cells = [name + entry.index, table.number(entry.gradient)]
        if parts != .error {
          cells.append(
            entry.sides.map {
              "\(table.number($0.left, digits: 3)) to \(table.number($0.right, digits: 3))"
            } ?? table.number(entry.difference))
        }
        cells.append(entry.sides == nil ? table.number(entry.error, digits: 2) : none)
        if hasSteps {
          if parts == .whole { cells.append(entry.complexStep.map { table.number($0) } ?? none) }
          cells.append(entry.stepError.map { stepError($0, table) } ?? "")
        }
        let verdict = !entry.pass ? "differs" : entry.sides != nil ? "kink" : "ok"
        table.add(cells + [verdict], .value)
      }
      guard check.others.count > 0 else { continue }
      let most = writer.style.ascii ? "<= " : "≤ "
      var cells = ["… \(check.others.count) more", ""] + difference.map { _ in "" }
      cells.append(most + table.number(check.others.error, digits: 2))
      if hasSteps {
        if parts == .whole { cells.append("") }
        cells.append(check.others.stepError.map { stepError($0, table, most) } ?? "")
      }
      table.add(cells + ["ok"], .dim)
    }
    return table
  }

  /// Below 1e-15 it is rounding, whose last bits differ from one system to the next.
  private static func stepError(_ error: Double, _ table: Columns, _ most: String = "") -> String {
    error < 1e-15 ? "<1e-15" : most + table.number(error, digits: 2)
  }
}
