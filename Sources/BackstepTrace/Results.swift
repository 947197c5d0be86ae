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

/// A gradient beside differences of the value.
public struct GradientCheck: Sendable, Equatable {
  /// The output.
  public var of: String
  /// The input.
  public var wrt: String
  /// The derivative by backpropagation.
  public var gradient: Reading
  /// By differences.
  public var difference: Reading
  /// The largest relative error of an entry.
  public var error: Double
  /// Whether they agree.
  public var pass: Bool
  /// What there is to say, as about a kink.
  public var note: String?
  /// What a step into the complex plane finds; nil where an operation does not allow it.
  public var complexStep: ComplexStep?

  /// A derivative by a step into the complex plane.
  public struct ComplexStep: Sendable, Equatable {
    /// The derivative.
    public var slope: Reading
    /// The largest relative error of an entry.
    public var error: Double

    /// Puts the result of a complex step together.
    public init(slope: Reading, error: Double) {
      self.slope = slope
      self.error = error
    }
  }

  /// Puts a check together.
  public init(
    of: String, wrt: String, gradient: Reading, difference: Reading, error: Double, pass: Bool,
    note: String? = nil, complexStep: ComplexStep? = nil
  ) {
    self.complexStep = complexStep
    self.of = of
    self.wrt = wrt
    self.gradient = gradient
    self.difference = difference
    self.error = error
    self.pass = pass
    self.note = note
  }
}

/// The paths from an input to an output.
public struct PathList: Sendable, Equatable {
  /// One path.
  public struct Path: Sendable, Equatable {
    /// The names of its nodes, from the input up.
    public var nodes: [String]
    /// The local derivative along each edge.
    public var locals: [Double]
    /// Their product.
    public var product: Double

    /// Describes a path.
    public init(nodes: [String], locals: [Double], product: Double) {
      self.nodes = nodes
      self.locals = locals
      self.product = product
    }
  }

  /// The output.
  public var of: String
  /// The input.
  public var wrt: String
  /// How many paths there are, in decimal digits.
  public var count: String
  /// Whether all of them are listed; else those with the largest products are.
  public var isComplete: Bool
  /// The paths.
  public var paths: [Path]
  /// The sum over all paths: the derivative.
  public var sum: Double
  /// How many multiplications going along every path takes, in decimal digits.
  public var multiplications: String
  /// How many backpropagation takes between the two.
  public var edges: Int

  /// Puts the list together.
  public init(
    of: String, wrt: String, count: String, isComplete: Bool, paths: [Path], sum: Double,
    multiplications: String, edges: Int
  ) {
    self.of = of
    self.wrt = wrt
    self.count = count
    self.isComplete = isComplete
    self.paths = paths
    self.sum = sum
    self.multiplications = multiplications
    self.edges = edges
  }
}
