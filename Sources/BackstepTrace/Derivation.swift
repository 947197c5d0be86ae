// A derivative as a formula, with the way that leads to it.

/// A derivative as a formula: the chain rule, its factors, their product, and what is left of it.
public struct Derivation: Sendable, Equatable {
  /// An equation: what stands on the left, and on the right in terms and factors.
  public struct Equation: Sendable, Equatable {
    /// The left side: `∂L/∂w`.
    public var left: String
    /// The terms of the right side, each with its factors.
    public var terms: [[String]]
    /// How many factors in the middle of each term are left out, 0 for none.
    public var omitted: Int
    /// What the right side comes to, where it is worked out at once.
    public var result: String?

    /// Puts an equation together.
    public init(left: String, terms: [[String]], omitted: Int = 0, result: String? = nil) {
      self.left = left
      self.terms = terms
      self.omitted = omitted
      self.result = result
    }

    /// The right side in one line: `∂L/∂a · ∂a/∂w + ∂L/∂b · ∂b/∂w`.
    public var right: String {
      terms.map { $0.joined(separator: " · ") }.joined(separator: " + ")
    }
  }

  /// A local derivative of the chain.
  public struct Factor: Sendable, Equatable {
    /// The node whose derivative it is.
    public var of: String
    /// The node it is taken with respect to.
    public var wrt: String
    /// How it is written: `∂a/∂z`.
    public var symbol: String
    /// Its formula.
    public var formula: String
    /// The definition it comes from: `a = sigmoid(z)`.
    public var definition: String

    /// Describes a factor.
    public init(of: String, wrt: String, symbol: String, formula: String, definition: String) {
      self.of = of
      self.wrt = wrt
      self.symbol = symbol
      self.formula = formula
      self.definition = definition
    }
  }

  /// A form the formula goes through, and what has been done to reach it.
  public struct Step: Sendable, Equatable {
    /// The form.
    public var formula: String
    /// What was done, or nothing.
    public var note: String

    /// Describes a step.
    public init(_ formula: String, note: String = "") {
      self.formula = formula
      self.note = note
    }
  }

  /// A part of a formula with numbers in it.
  public enum Piece: Sendable, Equatable {
    /// Text as it is.
    case text(String)
    /// A value.
    case number(Double)
  }

  /// What has become of the formula.
  public enum Outcome: Sendable, Equatable {
    /// There is one, and it gives the number that backpropagation gives.
    case agrees
    /// There is one, but at this point it gives another number.
    case differs(Reading)
    /// There is one, but it means a built-in name that a definition hides, so it cannot be typed in.
    case hidden(String)
    /// It would be too long: the chain alone is told.
    case tooLong
  }

  /// The output.
  public var of: String
  /// The input.
  public var wrt: String
  /// How the derivative is written: `∂L/∂w`.
  public var symbol: String
  /// The chain rule: one equation, or one for each node where paths meet.
  public var chain: [Equation]
  /// How many equations in the middle of the chain are left out.
  public var omitted: Int
  /// Whether the equations are steps from the output down, each with the adjoint before it in it.
  public var isStepwise: Bool
  /// The local derivatives.
  public var factors: [Factor]
  /// The forms from the product of all factors to the formula.
  public var steps: [Step]
  /// The formula, in Backstep's own language.
  public var formula: String?
  /// The formula with numbers in the place of names, where it is short.
  public var numbers: [Piece]
  /// The derivative's value now, by backpropagation.
  public var value: Reading
  /// What has become of the formula.
  public var outcome: Outcome

  /// Puts a derivation together.
  public init(
    of: String, wrt: String, symbol: String, chain: [Equation], omitted: Int, isStepwise: Bool,
    factors: [Factor], steps: [Step], formula: String?, numbers: [Piece], value: Reading,
    outcome: Outcome
  ) {
    self.of = of
    self.wrt = wrt
    self.symbol = symbol
    self.chain = chain
    self.omitted = omitted
    self.isStepwise = isStepwise
    self.factors = factors
    self.steps = steps
    self.formula = formula
    self.numbers = numbers
    self.value = value
    self.outcome = outcome
  }
}
