// A recorded trace cut into steps: one calculation each, for whoever goes through it by hand.

/// One calculation of a trace.
public struct TraceStep: Sendable, Equatable {
  /// What happens.
  public enum Kind: Sendable, Equatable {
    /// Nothing yet: the inputs have their values.
    case start
    /// A node's value is computed.
    case forward
    /// The backward pass begins with the output's own adjoint.
    case seed
    /// All contributions to a node have come; they are its adjoint.
    case sum
    /// A node sends adjoint times local derivative to one of its operands.
    case contribution
    /// Everything is computed.
    case end
  }

  /// What happens.
  public var kind: Kind
  /// The node it happens to; of a contribution the one that sends.
  public var node: NodeIndex
  /// Of a contribution, the operand's slot, counted from 0.
  public var slot: Int?
  /// Of a contribution, the operand.
  public var operand: NodeIndex?
  /// The number that the step has in a printed trace; 0 where it has none.
  public var number: Int
  /// Which of the contributions of that number it is, counted from 1.
  public var part = 1
  /// How many contributions the number has.
  public var parts = 1
  /// The events that tell it.
  public var events: Range<Int>
}

/// A position where the stepper stops because someone asked for it.
public struct TraceStop: Sendable, Equatable {
  /// The position among the trace's steps: see ``Recording/steps``.
  public var position: Int
  /// Why: the condition as it was written.
  public var text: String

  /// Marks a position.
  public init(position: Int, text: String) {
    self.position = position
    self.text = text
  }
}

extension Recording {
  /// The trace as single calculations, in order; nothing where nothing was recorded.
  public var steps: [TraceStep] {
    guard let header else { return [] }
    var steps = [TraceStep(kind: .start, node: header.root, number: 0, events: 0..<0)]
    var number = 0
    var backward: (node: NodeIndex, parts: Int, part: Int) = (header.root, 0, 0)
    /// Where the next contribution's events begin, if its node has just been announced.
    var opening: Int?
    func add(_ kind: TraceStep.Kind, _ node: NodeIndex, _ number: Int, _ events: Range<Int>) {
      steps.append(TraceStep(kind: kind, node: node, number: number, events: events))
    }
    var end: Int?
    for (place, event) in events.enumerated() {
      let here = place..<place + 1
      switch event {
      case .forward(let node, _, let partials):
        number += 1
        add(.forward, node, number, place..<place + 1 + partials)
      case .seed(let node, _): add(.seed, node, 0, here)
      case .fanOut(let node, let terms, _): add(.sum, node, 0, place..<place + 1 + terms)
      case .backward(let node, _, let contributions):
        number += 1
        backward = (node, contributions, 0)
        opening = place
      case .contribution(let contribution):
        backward.part += 1
        add(.contribution, backward.node, number, (opening ?? place)..<place + 1)
        opening = nil
        let last = steps.count - 1
        steps[last].slot = contribution.slot
        steps[last].operand = contribution.operand
        steps[last].part = backward.part
        steps[last].parts = backward.parts
      case .warning where end == nil:
        let last = steps.count - 1
        steps[last].events = min(steps[last].events.lowerBound, place)..<place + 1
      case .entry, .gradient: end = end ?? place
      default: break
      }
    }
    add(.end, header.root, 0, (end ?? events.count)..<events.count)
    return steps
  }
}

/// What someone wants explained about a trace.
public enum Question: Sendable, Equatable {
  /// A derivative of the output: with respect to a node, or to one entry of it, counted from 0.
  case derivative(NodeIndex, entry: Int?)
  /// A step by the number that it has in the printed trace.
  case step(Int)
}
