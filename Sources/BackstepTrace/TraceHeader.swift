// What a renderer may know of the graph: names and formulas, never rules.

/// What a node is.
public enum NodeKind: UInt8, Sendable, Equatable {
  /// A number written in a formula, or a predefined one such as `pi`.
  case constant
  /// An input whose derivative can be asked for.
  case input
  /// An input marked `const`: data, a label.
  case data
  /// The result of an operation.
  case operation
}

/// The texts that belong to the nodes of one trace.
///
/// Nodes are counted from 0 in forward order: depth first from the root, left operand first,
/// shared nodes once.
public protocol TraceHeader: Sendable {
  /// The node whose derivatives are traced; the last one.
  var root: NodeIndex { get }
  /// The name of the root, or the text of the expression that is traced.
  var rootText: String { get }
  /// How many nodes there are.
  var count: Int { get }

  /// What the node is.
  func kind(of node: NodeIndex) -> NodeKind
  /// The shape of the node's value.
  func shape(of node: NodeIndex) -> Shape
  /// How many operands the node has.
  func operandCount(of node: NodeIndex) -> Int
  /// The node in the given operand slot, counted from 0.
  func operand(_ slot: Int, of node: NodeIndex) -> NodeIndex
  /// The operation's short name in traces: `mul`, `bce`.
  func operation(of node: NodeIndex) -> String
  /// What the operation says besides its operands: an axis, a shape, indices.
  func attributes(of node: NodeIndex) -> Attributes
  /// The node's name: `w1`, `v3`, or for a constant its digits.
  func writeName(of node: NodeIndex, to output: inout ByteBuffer)
  /// The operation as text with gaps for the operands: `_*_`, `bce(_, _)`.
  func text(of node: NodeIndex) -> Template
  /// The local derivative as text with gaps for the operands and for the result.
  func partialFormula(of node: NodeIndex, slot: Int) -> Template
  /// A number that nodes share whose texts differ in the names only: text, operation and local
  /// derivatives, none of which is a whole contribution; nil for a node with texts of its own.
  func pattern(of node: NodeIndex) -> UInt8?
  /// Whether the text of a local derivative is the whole contribution, `∂L/∂z @ x'`, and not only the local derivative.
  func formulaIsContribution(of node: NodeIndex, slot: Int) -> Bool
}

extension TraceHeader {
  /// Nothing, as for every operation that works entry by entry.
  public func attributes(of node: NodeIndex) -> Attributes { Attributes() }

  /// Nil: every node is asked for its texts.
  public func pattern(of node: NodeIndex) -> UInt8? { nil }

  /// False: the text is the local derivative, as for every operation that works entry by entry.
  public func formulaIsContribution(of node: NodeIndex, slot: Int) -> Bool { false }

  /// Writes a formula with the operands' names in its gaps.
  public func write(_ template: Template, of node: NodeIndex, to output: inout ByteBuffer) {
    for piece in template.pieces {
      switch piece {
      case .text(let bytes): output.append(bytes)
      case .operand(let slot, let bare):
        writeOperand(operand(slot, of: node), bare: bare, to: &output)
      case .operands(let first):
        for slot in first..<max(first, operandCount(of: node)) {
          if slot > first { output.append(", ") }
          writeOperand(operand(slot, of: node), bare: true, to: &output)
        }
      case .result: writeName(of: node, to: &output)
      case .adjoint:
        output.append("∂")
        writeName(of: root, to: &output)
        output.append("/∂")
        writeName(of: node, to: &output)
      }
    }
  }

  /// Writes an operand's name, a negative number in parentheses unless it stands alone.
  private func writeOperand(_ operand: NodeIndex, bare: Bool, to output: inout ByteBuffer) {
    guard !bare, kind(of: operand) == .constant else {
      writeName(of: operand, to: &output)
      return
    }
    var name = ByteBuffer()
    writeName(of: operand, to: &name)
    let negative = name.bytes.first == UInt8(ascii: "-")
    if negative { output.append("(") }
    output.append(name.bytes)
    if negative { output.append(")") }
  }
}
