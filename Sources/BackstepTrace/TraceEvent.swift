// What happened in a computation, in the order it happened.

/// A node's place in forward order, counted from 0; users see it counted from 1.
public typealias NodeIndex = Int

/// What happened, one step at a time.
///
/// Events hold numbers and node indices only: names and formulas are in the ``TraceHeader``.
/// Three events open a group: `forward`, `fanOut` and `backward` say how many `partial`, `term` or
/// `contribution` events follow at once, and nothing else comes between.
public enum TraceEvent: Sendable, Equatable {
  /// A number written in a formula.
  case constant(node: NodeIndex, value: Reading)
  /// An input and its value.
  case input(node: NodeIndex, value: Reading)
  /// An operation was evaluated; `partials` local derivatives follow.
  case forward(node: NodeIndex, value: Reading, partials: Int)
  /// A local derivative ∂node/∂operand; nil where the Jacobian is too large to write out.
  case partial(node: NodeIndex, slot: Int, operand: NodeIndex, value: Reading?)
  /// The backward pass begins: the output's own adjoint.
  case seed(node: NodeIndex, adjoint: Reading)
  /// A node has gathered two or more contributions; as many `term` events follow.
  case fanOut(node: NodeIndex, terms: Int, adjoint: Reading)
  /// One contribution to the sum: what `user` sent to `node`.
  case term(node: NodeIndex, user: NodeIndex, slot: Int, contribution: Reading)
  /// A node's adjoint is complete and is passed on; `contributions` follow.
  case backward(node: NodeIndex, adjoint: Reading, contributions: Int)
  /// adjoint of `node` × local derivative = contribution, added to the adjoint of `operand`.
  case contribution(Contribution)
  /// Forward mode: a value together with its derivative with respect to the input `wrt`, or to one
  /// entry of it; as many `tangentTerm` events follow, whose products add up to the derivative.
  case tangent(Tangent)
  /// One product of the chain rule in forward mode.
  case tangentTerm(TangentTerm)
  /// What a forward-mode pass did on derivatives.
  case tangentCost(passes: Int, multiplications: Int, additions: Int)
  /// One entry of a vector or a matrix was asked for: as many `entryUse` events follow as it has
  /// uses, and the sum of what they send.
  case entry(node: NodeIndex, place: Int, uses: Int, adjoint: Double)
  /// An entry of an operation's result for which the entry was used.
  case entryUse(EntryUse)
  /// The derivative of the output with respect to an input that was asked for, or to one entry of it,
  /// counted from 0 row after row.
  case gradient(node: NodeIndex, entry: Int?, value: Reading)
  /// Something a reader should know about the step that was just shown.
  case warning(Warning)
}

/// One step of the chain rule: what a node sends to one of its operands.
public struct Contribution: Sendable, Equatable {
  /// The node that sends.
  public var node: NodeIndex
  /// Which of its operands receives, counted from 0.
  public var slot: Int
  /// The operand's node.
  public var operand: NodeIndex
  /// The local derivative; nil where the Jacobian is too large to write out.
  public var local: Reading?
  /// The product of the node's adjoint and the local derivative.
  public var contribution: Reading
  /// The operand's adjoint after adding the contribution.
  public var accumulated: Reading

  /// Describes one product and the running sum it went into.
  public init(
    node: NodeIndex, slot: Int, operand: NodeIndex, local: Reading?, contribution: Reading,
    accumulated: Reading
  ) {
    self.node = node
    self.slot = slot
    self.operand = operand
    self.local = local
    self.contribution = contribution
    self.accumulated = accumulated
  }
}

/// A node's value and derivative as forward mode carries them along.
public struct Tangent: Sendable, Equatable {
  /// The node.
  public var node: NodeIndex
  /// The input that the derivative is taken with respect to.
  public var wrt: NodeIndex
  /// One entry of that input, counted from 0; nil for all of it.
  public var entry: Int?
  /// The node's value.
  public var value: Reading
  /// The derivative: of n entries with respect to m entries an n × m matrix; in the input's shape
  /// where the node has one entry, in the node's where the input has.
  public var tangent: Reading
  /// How many products it is the sum of.
  public var terms: Int

  /// Describes one step.
  public init(
    node: NodeIndex, wrt: NodeIndex, entry: Int?, value: Reading, tangent: Reading, terms: Int
  ) {
    self.node = node
    self.wrt = wrt
    self.entry = entry
    self.value = value
    self.tangent = tangent
    self.terms = terms
  }
}

/// A local derivative times the derivative that was carried to an operand.
public struct TangentTerm: Sendable, Equatable {
  /// The node.
  public var node: NodeIndex
  /// The operand's slot, counted from 0.
  public var slot: Int
  /// The operand's node.
  public var operand: NodeIndex
  /// The local derivative; nil where it has too many entries.
  public var local: Reading?
  /// The operand's own derivative.
  public var carried: Reading
  /// The product.
  public var product: Reading

  /// Describes one product.
  public init(
    node: NodeIndex, slot: Int, operand: NodeIndex, local: Reading?, carried: Reading,
    product: Reading
  ) {
    self.node = node
    self.slot = slot
    self.operand = operand
    self.local = local
    self.carried = carried
    self.product = product
  }
}

/// How one entry of an operand goes into one entry of a result.
public struct EntryUse: Sendable, Equatable {
  /// The node of the result.
  public var node: NodeIndex
  /// The entry of the result, counted from 0 row after row.
  public var place: Int
  /// The derivative of that entry with respect to the operand's.
  public var local: Double
  /// The adjoint of the result's entry.
  public var adjoint: Double
  /// Their product.
  public var contribution: Double

  /// Describes one use.
  public init(
    node: NodeIndex, place: Int, local: Double, adjoint: Double, contribution: Double
  ) {
    self.node = node
    self.place = place
    self.local = local
    self.adjoint = adjoint
    self.contribution = contribution
  }
}

/// What a reader should know about a step.
public struct Warning: Sendable, Equatable {
  /// What there is to say.
  public enum Kind: Sendable, Equatable {
    /// The first value of a forward pass that is infinite or not a number.
    case nonFiniteValue(Reading)
    /// The first local derivative that is infinite or not a number.
    case nonFinitePartial(Reading)
    /// The first adjoint that is infinite or not a number although its parts are finite.
    case nonFiniteAdjoint(Reading)
    /// The operands of `max` or `min` are equal: each gets half of the derivative.
    case tieSplit
    /// At a kink: the subgradient of least norm was taken.
    case kink
    /// The operation is flat: its derivative is 0 wherever there is one.
    case flat
    /// A label lies outside the interval from 0 to 1.
    case labelOutsideUnitInterval(Reading)
  }

  /// The node where it was noticed.
  public var node: NodeIndex
  /// The operand that it is about, counted from 0, where it is about one.
  public var slot: Int?
  /// What there is to say.
  public var kind: Kind
  /// Advice, in a sentence, where the operation has some.
  public var hint: String?

  /// Notes something about a node or about one of its operands.
  public init(node: NodeIndex, slot: Int? = nil, kind: Kind, hint: String? = nil) {
    self.node = node
    self.slot = slot
    self.kind = kind
    self.hint = hint
  }
}
