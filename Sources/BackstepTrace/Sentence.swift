// A sentence with names, formulas and numbers in it, to be shown in any form.

/// Words, and between them parts that know what they are.
public struct Sentence: Sendable, Equatable, ExpressibleByStringInterpolation {
  /// A part of a sentence.
  public enum Part: Sendable, Equatable {
    /// Words, broken between them where the line ends.
    case words(String)
    /// The name of a node.
    case name(String)
    /// A formula, or a statement as it is typed.
    case formula(String)
    /// A local derivative, as a symbol: `∂a/∂z`.
    case partial(String)
    /// An adjoint, as a symbol: `∂L/∂z`.
    case adjoint(String)
    /// A number or a tensor.
    case value(Reading)
  }

  /// The parts in order.
  public var parts: [Part]

  /// Puts a sentence together.
  public init(_ parts: [Part]) { self.parts = parts }

  /// A sentence of words alone.
  public init(stringLiteral words: String) { parts = words.isEmpty ? [] : [.words(words)] }

  /// A sentence with other parts between its words.
  public init(stringInterpolation: Interpolation) { parts = stringInterpolation.parts }

  /// What stands between the words.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    /// Begins a sentence.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Adds words.
    public mutating func appendLiteral(_ words: String) {
      if !words.isEmpty { parts.append(.words(words)) }
    }

    /// Adds words.
    public mutating func appendInterpolation(_ words: String) { appendLiteral(words) }
    /// Adds a number that counts something.
    public mutating func appendInterpolation(_ count: Int) { appendLiteral("\(count)") }
    /// Adds the name of a node.
    public mutating func appendInterpolation(name: String) { parts.append(.name(name)) }
    /// Adds a formula.
    public mutating func appendInterpolation(formula: String) { parts.append(.formula(formula)) }
    /// Adds a local derivative's symbol.
    public mutating func appendInterpolation(partial: String) { parts.append(.partial(partial)) }
    /// Adds an adjoint's symbol.
    public mutating func appendInterpolation(adjoint: String) { parts.append(.adjoint(adjoint)) }
    /// Adds a number or a tensor.
    public mutating func appendInterpolation(value: Reading) { parts.append(.value(value)) }
    /// Adds a whole sentence.
    public mutating func appendInterpolation(_ sentence: Sentence) { parts += sentence.parts }
  }

  /// Whether nothing is said.
  public var isEmpty: Bool { parts.isEmpty }

  /// One sentence behind the other.
  public static func + (one: Sentence, other: Sentence) -> Sentence {
    Sentence(one.parts + other.parts)
  }

  /// The sentence as text, its numbers as they can be typed.
  public var text: String {
    var text = ""
    for part in parts {
      switch part {
      case .words(let words), .name(let words), .formula(let words), .partial(let words),
        .adjoint(let words):
        text += words
      case .value(let reading): text += reading.literal
      }
    }
    return text
  }
}
