// A formula with gaps: the text of an operation or of a local derivative.

/// A formula in Backstep's own language with gaps for operands and result.
///
/// Made once for each operation; a trace fills the gaps with names or with numbers.
public struct Template: Sendable, Equatable {
  /// A stretch of text or a gap.
  public enum Piece: Sendable, Equatable {
    /// Text that stands as it is, in UTF-8.
    case text([UInt8])
    /// The operand in a slot; `bare` where a negative number needs no parentheses.
    case operand(Int, bare: Bool)
    /// All operands from a slot on, separated by commas.
    case operands(from: Int)
    /// The operation's own result.
    case result
    /// The adjoint of the result: `∂L/∂z`.
    case adjoint
  }

  /// The pieces in reading order.
  public let pieces: [Piece]
  /// The same without anything to be counted or freed, for those who write it a million times.
  public let marks: ContiguousArray<Mark>

  /// Puts a template together from its pieces.
  public init(pieces: [Piece]) {
    self.pieces = pieces
    marks = ContiguousArray(pieces.flatMap(Mark.marks))
  }

  /// Up to eight characters of text, or a gap.
  public struct Mark: Sendable, Equatable {
    /// What it is.
    public enum Kind: UInt8, Sendable {
      /// Printable ASCII without quotation marks and backslashes.
      case text
      /// An operand, in parentheses where it is negative; one that stands alone; all from a slot on.
      case operand, bareOperand, operands
      /// The operation's own result.
      case result
      /// What needs more care: the adjoint of the result, and characters beyond ASCII.
      case other
    }

    /// What it is.
    public let kind: Kind
    /// How many characters there are; or the slot of the operand.
    public let count: Int
    /// The characters, the first one in the lowest byte.
    public let word: UInt64

    private init(_ kind: Kind, _ count: Int = 0, word: UInt64 = 0) {
      (self.kind, self.count, self.word) = (kind, count, word)
    }

    fileprivate static func marks(_ piece: Piece) -> [Mark] {
      switch piece {
      case .operand(let slot, let bare): return [Mark(bare ? .bareOperand : .operand, slot)]
      case .operands(let first): return [Mark(.operands, first)]
      case .result: return [Mark(.result)]
      case .adjoint: return [Mark(.other)]
      case .text(let bytes):
        // Quotation marks and backslashes are escaped in JSON.
        let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        guard isPlain else { return [Mark(.other)] }
        return stride(from: 0, to: bytes.count, by: 8).map { start in
          let part = bytes[start..<min(start + 8, bytes.count)]
          return Mark(
            .text, part.count, word: part.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
      }
    }
  }

  /// Finds the gaps in a formula: the operands' names, `out` for the result, `adj` for its adjoint
  /// and `...` for all operands.
  ///
  /// A gap is bare where it is the whole formula or a whole argument: a negative number needs
  /// parentheses only beside an operator.
  public init(_ formula: String, operands: [String]) {
    let text = Array(formula.utf8)
    var pieces: [Piece] = []
    var plain: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index...].starts(with: "...".utf8) {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = []
        pieces.append(.operands(from: 0))
        index += 3
        continue
      }
      guard Template.isWordByte(text[index]) else {
        plain.append(text[index])
        index += 1
        continue
      }
      let start = index
      while index < text.count, Template.isWordByte(text[index]) { index += 1 }
      let word = String(decoding: text[start..<index], as: UTF8.self)
      let bare = Template.standsAlone(text, start, index)
      let gap: Piece? =
        switch word {
        case "out": .result
        case "adj": .adjoint
        default: operands.firstIndex(of: word).map { .operand($0, bare: bare) }
        }
      guard let gap, index == text.count || text[index] != UInt8(ascii: "(") else {
        plain.append(contentsOf: text[start..<index])
        continue
      }
      if !plain.isEmpty { pieces.append(.text(plain)) }
      plain = []
      pieces.append(gap)
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    self.init(pieces: pieces)
  }

  /// The formula in parentheses where a division behind it would not divide all of it: where a sum
  /// or difference stands outside brackets.
  public var inParentheses: Template {
    var depth = 0
    for case .text(let bytes) in pieces {
      for (index, byte) in bytes.enumerated() {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
          let isInfix = index > 0 && bytes[index - 1] == UInt8(ascii: " ")
          guard depth == 0, isInfix else { continue }
          return Template(
            pieces: [.text([UInt8(ascii: "(")])] + pieces + [.text([UInt8(ascii: ")")])])
        default: break
        }
      }
    }
    return self
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...:
      true
    default: false
    }
  }

  /// Whether the word at a place is the whole text or a whole argument.
  private static func standsAlone(_ text: [UInt8], _ start: Int, _ end: Int) -> Bool {
    let before = text[..<start].last { $0 != UInt8(ascii: " ") }
    let after = text[end...].first { $0 != UInt8(ascii: " ") }
    let opens = before == nil || before == UInt8(ascii: "(") || before == UInt8(ascii: ",")
    let closes = after == nil || after == UInt8(ascii: ")") || after == UInt8(ascii: ",")
    return opens && closes
  }
}
