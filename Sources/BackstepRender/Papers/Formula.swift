// Formulas in other notations: what a template says, read once, told to a printer from the inside out.

import BackstepLanguage
import BackstepTrace

/// A formula of Backstep's language with gaps for operands, the result and its adjoint.
///
/// The text is read by the parser that reads everything else; its postfix order means that a printer
/// has every operand in its notation when the operator comes, on a stack and without recursion.
struct Formula {
  /// What stands in a gap.
  enum Gap: Equatable {
    /// The operand in a slot.
    case operand(Int)
    /// The operation's own result.
    case result
    /// The adjoint of the result.
    case adjoint
  }

  /// An index in a notation: one place, or a stretch of them whose ends may be left out.
  enum Index<Text> {
    case place(Text)
    case stretch(Text?, Text?)
  }

  private let syntax: Syntax
  private let range: SyntaxRange
  private let names: NameTable

  /// Reads a template; nil where it says something in words.
  init?(_ template: Template, operands: Int) {
    var text = ByteBuffer()
    for piece in template.pieces {
      switch piece {
      case .text(let bytes): text.append(bytes)
      case .operand(let slot, _): text.append(Self.placeholder(slot))
      case .operands(let first):
        for slot in first..<max(first, operands) {
          if slot > first { text.append(", ") }
          text.append(Self.placeholder(slot))
        }
      case .result: text.append(Self.result)
      case .adjoint: text.append(Self.adjoint)
      }
    }
    var parser = Parser(commands: [])
    parser.begin(file: nil, firstLine: 1)
    parser.append(text.bytes)
    guard let statement = try? parser.next(), case .expression(let range) = statement.kind,
      statement.range.end == text.count
    else { return nil }
    syntax = parser.syntax
    self.range = range
    names = parser.names
  }

  private static func placeholder(_ slot: Int) -> String { "_\(slot)" }
  private static let result = "_out"
  private static let adjoint = "_adj"

  /// The gap that a placeholder stands for.
  private static func gap(_ name: String) -> Gap? {
    switch name {
    case result: .result
    case adjoint: .adjoint
    default: name.first == "_" ? Int(name.dropFirst()).map(Gap.operand) : nil
    }
  }

  /// The formula in a notation; nil where it has something that no formula of an operation has.
  func printed<N: FormulaNotation>(in notation: N) -> N.Text? {
    var stack: [Entry<N.Text>] = []
    for node in range.start..<range.end {
      let kind = syntax.kinds[node]
      let payload = Int(syntax.payloads[node])
      switch kind {
      case .number: stack.append(.text(notation.number(syntax.number(at: node))))
      case .name:
        let name = names.string(syntax.payloads[node])
        stack.append(.text(Self.gap(name).map(notation.gap) ?? notation.name(name)))
      case .call, .parameter, .gradient: break
      case .arguments:
        guard case .call = syntax.kinds[node - 1], stack.count >= payload else { return nil }
        let name = names.string(syntax.payloads[node - 1])
        var arguments: [N.Text] = []
        var keywords: [String: N.Text] = [:]
        for entry in stack.suffix(payload) {
          switch entry {
          case .text(let text): arguments.append(text)
          case .keyword(let keyword, let text): keywords[keyword] = text
          case .stretch: return nil
          }
        }
        stack.removeLast(payload)
        stack.append(.text(notation.call(name, arguments, keywords)))
      case .keyword:
        guard case .text(let text)? = stack.popLast() else { return nil }
        stack.append(.keyword(names.string(syntax.payloads[node]), text))
      case .negate, .transpose:
        guard case .text(let text)? = stack.popLast() else { return nil }
        stack.append(.text(kind == .negate ? notation.negated(text) : notation.transposed(text)))
      case .list:
        guard let entries = texts(&stack, payload) else { return nil }
        stack.append(.text(notation.list(entries)))
      case .slice:
        guard let bounds = texts(&stack, payload.nonzeroBitCount) else { return nil }
        stack.append(
          .stretch(payload & 1 != 0 ? bounds.first : nil, payload & 2 != 0 ? bounds.last : nil))
      case .index:
        guard stack.count > payload else { return nil }
        var indices: [Index<N.Text>] = []
        for entry in stack.suffix(payload) {
          switch entry {
          case .text(let text): indices.append(.place(text))
          case .stretch(let lower, let upper): indices.append(.stretch(lower, upper))
          case .keyword: return nil
          }
        }
        stack.removeLast(payload)
        guard case .text(let base)? = stack.popLast() else { return nil }
        stack.append(.text(notation.index(base, indices)))
      default:
        guard let both = texts(&stack, 2) else { return nil }
        stack.append(.text(notation.infix(kind, both[0], both[1])))
      }
    }
    guard stack.count == 1, case .text(let text)? = stack.last else { return nil }
    return text
  }

  /// What waits for its operator.
  private enum Entry<Text> {
    case text(Text)
    case keyword(String, Text)
    case stretch(Text?, Text?)
  }

  /// Takes texts from the stack.
  private func texts<Text>(_ stack: inout [Entry<Text>], _ count: Int) -> [Text]? {
    guard stack.count >= count else { return nil }
    var texts: [Text] = []
    for entry in stack.suffix(count) {
      guard case .text(let text) = entry else { return nil }
      texts.append(text)
    }
    stack.removeLast(count)
    return texts
  }
}

/// How formulas are written somewhere else: in LaTeX, in Python.
protocol FormulaNotation {
  /// A part of a formula, with what its surroundings need to know of it.
  associatedtype Text
  func number(_ number: Double) -> Text
  /// A predefined name, such as `pi`.
  func name(_ name: String) -> Text
  func gap(_ gap: Formula.Gap) -> Text
  func infix(_ operation: SyntaxKind, _ left: Text, _ right: Text) -> Text
  func negated(_ operand: Text) -> Text
  func transposed(_ operand: Text) -> Text
  func call(_ function: String, _ arguments: [Text], _ keywords: [String: Text]) -> Text
  func list(_ entries: [Text]) -> Text
  func index(_ base: Text, _ indices: [Formula.Index<Text>]) -> Text
}

/// How tightly the parts of a formula hold together, in LaTeX and in Python alike.
enum Binding: UInt8, Comparable {
  case comparison, sum, product, sign, power, atom

  static func < (one: Binding, other: Binding) -> Bool { one.rawValue < other.rawValue }

  /// How tightly an operator binds.
  init(_ operation: SyntaxKind) {
    switch operation {
    case .add, .subtract: self = .sum
    case .multiply, .divide, .matrixProduct: self = .product
    case .power: self = .power
    default: self = operation.isComparison ? .comparison : .atom
    }
  }
}
