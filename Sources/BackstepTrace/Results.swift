// What a session answers with besides traces: definitions and pages of text.

/// One line of what is defined.
public struct Listing: Sendable, Equatable {
  /// What the name stands for.
  public enum Kind: String, Sendable {
    /// A value whose derivative can be asked for.
    case input
    /// A value marked `const`.
    case const
    /// An equation.
    case formula
    /// A function.
    case function
  }

  /// The name.
  public var name: String
  /// What it stands for.
  public var kind: Kind
  /// The definition as it was written.
  public var text: String
  /// What came of it.
  public var state: DefinitionState

  /// Describes one definition.
  public init(name: String, kind: Kind, text: String, state: DefinitionState) {
    self.name = name
    self.kind = kind
    self.text = text
    self.state = state
  }
}

/// What came of a definition.
public enum DefinitionState: Sendable, Equatable {
  /// It has a value.
  case value(Reading)
  /// It cannot be computed before these names have values.
  case waiting(for: [String])
  /// It is a function.
  case function
}

/// Text in parts that a renderer lays out.
public struct Page: Sendable, Equatable {
  /// A part of a page.
  public enum Block: Sendable, Equatable {
    /// A heading.
    case heading(String)
    /// A paragraph, to be broken at the width.
    case text(String)
    /// Terms with what they mean, in two columns.
    case rows([Row])
    /// Statements that stand as they are.
    case code(String)
    /// Statements to be run in a session of their own, shown with what they answer.
    case example(String)
  }

  /// A term and what it means.
  public struct Row: Sendable, Equatable {
    /// The left column.
    public var term: String
    /// The right column.
    public var meaning: String

    /// Puts a term and its meaning side by side.
    public init(_ term: String, _ meaning: String) {
      self.term = term
      self.meaning = meaning
    }
  }

  /// Which command it answers: `show`, `help`.
  public var command: String
  /// The parts in order.
  public var blocks: [Block]

  /// Puts a page together.
  public init(command: String, _ blocks: [Block]) {
    self.command = command
    self.blocks = blocks
  }
}

/// A matrix of derivatives: a row for each entry of the output, a column for each of the input.
public struct DerivativeMatrix: Sendable, Equatable {
  /// What it is: `jacobian` or `hessian`.
  public var kind: String
  /// The output, a name or an expression, and its shape.
  public var output: String
  /// The shape of the output.
  public var outputShape: Shape
  /// The input.
  public var input: String
  /// The shape of the input.
  public var inputShape: Shape
  /// The numbers, row after row.
  public var numbers: [Double]

  /// Puts a matrix together.
  public init(
    kind: String, output: String, _ outputShape: Shape, input: String, _ inputShape: Shape,
    numbers: [Double]
  ) {
    self.kind = kind
    self.output = output
    self.outputShape = outputShape
    self.input = input
    self.inputShape = inputShape
    self.numbers = numbers
  }

  /// How many rows it has, and how many columns.
  public var shape: Shape { .matrix(outputShape.count, inputShape.count) }
}
