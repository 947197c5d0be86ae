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

/// A matrix of derivatives with the names of its rows and columns.
public struct DerivativeMatrix: Sendable, Equatable {
  /// What it holds.
  public enum Kind: String, Sendable {
    /// First derivatives: a row for each entry of the output, a column for each of the input.
    case jacobian
    /// Second derivatives: a row and a column for each entry of the inputs.
    case hessian
  }

  /// What it holds.
  public var kind: Kind
  /// The output, a name or an expression.
  public var output: String
  /// The inputs.
  public var input: String
  /// The names of the rows.
  public var rows: [String]
  /// The names of the columns.
  public var columns: [String]
  /// The numbers, row after row.
  public var numbers: [Double]

  /// Puts a matrix together.
  public init(
    kind: Kind, output: String, input: String, rows: [String], columns: [String],
    numbers: [Double]
  ) {
    self.kind = kind
    self.output = output
    self.input = input
    self.rows = rows
    self.columns = columns
    self.numbers = numbers
  }

  /// How many rows it has, and how many columns.
  public var shape: Shape { .matrix(rows.count, columns.count) }
}

/// What computing derivatives one way took, counted while it was done.
public struct PassCost: Sendable, Equatable {
  /// How many times the graph was gone through.
  public var passes: Int
  /// Multiplications of derivatives.
  public var multiplications: Int
  /// Additions of derivatives.
  public var additions: Int
  /// The most numbers kept at a time for the derivatives' sake.
  public var stored: Int

  /// Puts the counts together.
  public init(passes: Int, multiplications: Int, additions: Int, stored: Int) {
    self.passes = passes
    self.multiplications = multiplications
    self.additions = additions
    self.stored = stored
  }
}

/// Forward mode and backpropagation side by side.
public struct Comparison: Sendable, Equatable {
  /// One derivative by both ways.
  public struct Row: Sendable, Equatable {
    /// The input, or an entry of it, and the output's entry where there are several.
    public var name: String
    /// By forward mode.
    public var forward: Double
    /// By backpropagation.
    public var reverse: Double

    /// Puts both ways side by side.
    public init(_ name: String, forward: Double, reverse: Double) {
      self.name = name
      self.forward = forward
      self.reverse = reverse
    }
  }

  /// The output.
  public var of: String
  /// How many numbers the output has.
  public var outputs: Int
  /// How many numbers the inputs have together.
  public var inputs: Int
  /// What forward mode took.
  public var forward: PassCost
  /// What backpropagation took.
  public var reverse: PassCost
  /// The derivatives, the first of them where there are many.
  public var rows: [Row]
  /// The largest difference between the two, relative to the larger of the derivative and 1.
  public var largestDifference: Double
  /// Whether they agree to rounding.
  public var agree: Bool

  /// Puts a comparison together.
  public init(
    of: String, outputs: Int, inputs: Int, forward: PassCost, reverse: PassCost, rows: [Row],
    largestDifference: Double, agree: Bool
  ) {
    self.of = of
    self.outputs = outputs
    self.inputs = inputs
    self.forward = forward
    self.reverse = reverse
    self.rows = rows
    self.largestDifference = largestDifference
    self.agree = agree
  }
}
