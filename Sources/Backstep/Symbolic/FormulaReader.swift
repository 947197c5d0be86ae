// The formulas of the rules, read as expressions: the only source of derivatives here.

import BackstepLanguage
import BackstepTrace

/// Reads formulas in Backstep's language and puts expressions in the place of their names.
struct FormulaReader {
  /// A formula that has been read.
  private struct Formula {
    var syntax: Syntax
    var range: SyntaxRange
    var names: NameTable
  }

  private var formulas: [String: Formula] = [:]

  /// What a formula means for given operands; nil where it cannot be read.
  mutating func expression(
    _ text: String, _ bindings: [String: ExpressionID], _ table: inout Expressions
  ) -> ExpressionID? {
    guard let formula = formulas[text] ?? Self.read(text) else { return nil }
    formulas[text] = formula
    var reading = Reading(formula: formula, bindings: bindings)
    return reading.run(&table)
  }

  private static func read(_ text: String) -> Formula? {
    var parser = Parser(commands: [])
    parser.begin(file: nil, firstLine: 1)
    parser.append("(\(text))\n".utf8)
    guard let statement = try? parser.next(), case .expression(let range) = statement.kind else {
      return nil
    }
    return Formula(syntax: parser.syntax, range: range, names: parser.names)
  }

  /// The walk over the postfix syntax of one formula.
  private struct Reading {
    let formula: Formula
    let bindings: [String: ExpressionID]
    var stack: [ExpressionID] = []
    /// The slices among the operands, by their places on the stack.
    var slices: [Int: (lower: Int?, upper: Int?)] = [:]
    /// The arguments that are given by name.
    var keywords: [Int: String] = [:]

    mutating func run(_ table: inout Expressions) -> ExpressionID? {
      for node in formula.range.start..<formula.range.end {
        guard read(node, &table) else { return nil }
      }
      return stack.count == 1 ? stack[0] : nil
    }

    private mutating func read(_ node: Int, _ table: inout Expressions) -> Bool {
      let payload = formula.syntax.payloads[node]
      switch formula.syntax.kinds[node] {
      case .number: stack.append(table.make(Coefficient(formula.syntax.number(at: node))))
      case .name:
        let name = formula.names.string(payload)
        if let bound = bindings[name] {
          stack.append(bound)
        } else if GraphBuilder.predefined(name) != nil {
          stack.append(table.make(named: name))
        } else {
          return false
        }
      case .add: return make(.add, 2, &table)
      case .subtract: return make(.subtract, 2, &table)
      case .multiply: return make(.multiply, 2, &table)
      case .divide: return make(.divide, 2, &table)
      case .power: return make(.power, 2, &table)
      case .matrixProduct: return make(.matrixProduct, 2, &table)
      case .less: return make(.less, 2, &table)
      case .lessOrEqual: return make(.lessOrEqual, 2, &table)
      case .greater: return make(.greater, 2, &table)
      case .greaterOrEqual: return make(.greaterOrEqual, 2, &table)
      case .equal: return make(.equal, 2, &table)
      case .notEqual: return make(.notEqual, 2, &table)
      case .negate: return make(.negate, 1, &table)
      case .transpose: return make(.transpose, 1, &table)
      case .call: return call(formula.names.string(payload), at: node, &table)
      case .arguments: return true
      case .keyword: keywords[stack.count - 1] = formula.names.string(payload)
      case .list: return make(.stack, Int(payload), &table)
      case .slice:
        let upper = payload & 2 == 0 ? nil : popInteger(table)
        let lower = payload & 1 == 0 ? nil : popInteger(table)
        slices[stack.count] = (lower, upper)
        stack.append(table.zero)
      case .index: return index(Int(payload), &table)
      case .parameter, .gradient: return false
      }
      return true
    }

    private mutating func make(
      _ operation: Operation, _ count: Int, _ table: inout Expressions,
      _ attributes: Attributes = Attributes()
    ) -> Bool {
      guard stack.count >= count, count > 0 else { return false }
      let operands = Array(stack.suffix(count))
      stack.removeLast(count)
      stack.append(table.make(operation, operands, attributes))
      return true
    }

    private mutating func popInteger(_ table: Expressions) -> Int? {
      stack.popLast().flatMap { table.number($0)?.integer }
    }

    private mutating func index(_ count: Int, _ table: inout Expressions) -> Bool {
      guard stack.count > count else { return false }
      let shape = table.shape(stack[stack.count - count - 1])
      var selections: [Attributes.Selection] = []
      for axis in stride(from: count - 1, through: 0, by: -1) {
        if let slice = slices.removeValue(forKey: stack.count - 1) {
          stack.removeLast()
          let (low, high) = (slice.lower ?? 1, slice.upper ?? shape.extent(axis))
          guard low <= high else { return false }
          let text =
            "\(slice.lower.map(String.init) ?? ""):\(slice.upper.map(String.init) ?? "")"
          selections.append(
            Attributes.Selection(places: low - 1..<high, isSingle: false, text: text))
        } else {
          guard let place = popInteger(table) else { return false }
          selections.append(
            Attributes.Selection(places: place - 1..<place, isSingle: true, text: "\(place)"))
        }
      }
      return make(.element, 1, &table, Attributes(selections: selections.reversed()))
    }

    private mutating func call(_ name: String, at node: Int, _ table: inout Expressions) -> Bool {
      var count = Int(formula.syntax.payloads[node + 1])
      guard stack.count >= count else { return false }
      if let filling = Expression.Filling(rawValue: name) {
        let sizes = stack.suffix(count).compactMap { table.number($0)?.integer }
        guard sizes.count == count, let rows = sizes.first else { return false }
        stack.removeLast(count)
        let shape: Shape =
          filling == .eye
          ? .matrix(rows, rows) : count == 1 ? .vector(rows) : .matrix(rows, sizes[1])
        stack.append(table.make(filling, shape))
        return true
      }
      guard var operation = OperationTable.named(name) else { return false }
      var attributes = Attributes()
      while count > 0, keywords.removeValue(forKey: stack.count - 1) != nil {
        guard let axis = popInteger(table) else { return false }
        attributes.axis = axis
        count -= 1
      }
      if let reduction = operation.reduction, count == 1 { operation = reduction }
      guard let entry = operation.entry else { return false }
      let plain = entry.isVariadic ? count : entry.operandNames.count
      if count > plain {
        let sizes = stack.suffix(count - plain).compactMap { table.number($0)?.integer }
        guard sizes.count == count - plain else { return false }
        stack.removeLast(count - plain)
        attributes.shape = sizes.count > 1 ? .matrix(sizes[0], sizes[1]) : .vector(sizes[0])
      }
      return make(operation, plain, &table, attributes)
    }
  }
}
