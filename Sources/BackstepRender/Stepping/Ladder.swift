// why: a derivative put together rung by rung, from the chain rule to the number.

import BackstepTrace

/// An explanation of one derivative or of one step of a recorded trace.
///
/// At an earlier position of the trace it says which numbers are not known there yet.
public struct Ladder {
  let board: StepperBoard
  let question: Question
  let position: Int
  /// What the derivative is the sum of.
  let terms: [Term]

  /// One product of the chain rule.
  struct Term {
    /// The node that sends it.
    var node: NodeIndex
    /// The operand's slot; nil where the derivative of one entry is explained.
    var slot: Int?
    /// The entry of the node, where one entry is explained.
    var place: Int?
    /// What receives it.
    var operand: NodeIndex
    var local: Reading?
    /// The adjoint of the node, or of its entry.
    var adjoint: Reading?
    /// The product, nil where it is not computed yet.
    var product: Reading?
    /// The contribution as the trace tells it; nil where one entry is explained.
    var contribution: Contribution?
  }

  /// How many terms of a sum are written out.
  static let termLimit = 8

  /// Prepares an explanation; nil where nothing was recorded.
  public init?(_ question: Question, in recording: Recording) {
    guard let board = StepperBoard(recording) else { return nil }
    self.init(question, board, at: board.last)
  }

  init(_ question: Question, _ board: StepperBoard, at position: Int) {
    self.board = board
    self.question = question
    self.position = position
    switch question {
    case .derivative(let node, nil): terms = Self.terms(board, position) { $0.operand == node }
    case .derivative(_, .some): terms = Self.entryTerms(board)
    case .step(let number): terms = Self.terms(board, position) { $0.number == number }
    }
  }

  /// The contributions of the steps for which a condition holds, in the order in which they are made.
  private static func terms(
    _ board: StepperBoard, _ position: Int, where condition: (TraceStep) -> Bool
  ) -> [Term] {
    board.steps.indices.compactMap { place in
      guard condition(board.steps[place]), let contribution = board.contribution(at: place)
      else { return nil }
      return term(contribution, place, board, position)
    }
  }

  private static func term(
    _ contribution: Contribution, _ place: Int, _ board: StepperBoard, _ position: Int
  ) -> Term {
    let node = contribution.node
    let adjoint = board.adjoint(node, at: position)
    return Term(
      node: node, slot: contribution.slot, operand: contribution.operand,
      local: board.valuePosition(node) <= position ? contribution.local : nil,
      adjoint: adjoint.flatMap { $0.isComplete ? $0.sum : nil },
      product: place <= position ? contribution.contribution : nil, contribution: contribution)
  }

  /// The uses of the one entry that was asked for.
  private static func entryTerms(_ board: StepperBoard) -> [Term] {
    var operand = board.header.root
    return board.recording.events.compactMap { event in
      switch event {
      case .entry(let node, _, _, _): operand = node
      case .entryUse(let use):
        return Term(
          node: use.node, place: use.place, operand: operand, local: .scalar(use.local),
          adjoint: .scalar(use.adjoint), product: .scalar(use.contribution))
      default: break
      }
      return nil
    }
  }

  /// The derivative that is explained; nil where it is not known yet.
  var value: Reading? {
    switch question {
    case .derivative(let node, nil):
      guard let adjoint = board.adjoint(node, at: position) else {
        return board.hasAdjoint(node) ? nil : zero(board.header.shape(of: node))
      }
      return adjoint.isComplete ? adjoint.sum : nil
    case .derivative(_, .some):
      for case .gradient(_, _, let value) in board.recording.events { return value }
      return nil
    case .step: return nil
    }
  }

  private func zero(_ shape: Shape) -> Reading {
    shape.isScalar
      ? .scalar(0) : .tensor(shape, Array(repeating: 0, count: shape.count))
  }

  /// Why the derivative is what it is.
  enum Reason: String {
    /// It is that of the output itself.
    case output
    /// It is the sum over the node's uses.
    case uses
    /// No path leads from the node to the output.
    case noPath
    /// Every path goes through a branch of `where` that was not taken.
    case notTaken
    /// A step's value.
    case forward
    /// What a step passes on.
    case backward
  }

  var reason: Reason {
    switch question {
    case .step(let number):
      let isForward = board.steps.contains { $0.number == number && $0.kind == .forward }
      return isForward ? .forward : .backward
    case .derivative(let node, _):
      if node == board.header.root { return .output }
      if !terms.isEmpty { return .uses }
      let header = board.header
      let isUsed = (0...header.root).contains { user in
        (0..<header.operandCount(of: user)).contains { header.operand($0, of: user) == node }
      }
      return isUsed ? .notTaken : .noPath
    }
  }

  /// The number of the step that computes a node; nil for an input.
  func step(computing node: NodeIndex) -> Int? {
    let step = board.steps[board.valuePosition(node)]
    return step.kind == .forward && step.node == node ? step.number : nil
  }

  /// The name of a node or of its entry.
  func name(_ node: NodeIndex, _ place: Int?) -> String {
    board.name(node) + (place.map { board.header.shape(of: node).index(of: $0) } ?? "")
  }

  /// What to type to have a term's factors explained.
  func questions(about term: Term) -> [String] {
    var questions = ["why \(name(term.node, term.place))"]
    if let step = step(computing: term.node) { questions.append("why \(step)") }
    return questions
  }

  // MARK: Asking on

  /// A part of the explanation that can be asked about in turn.
  struct Link {
    /// What the part is.
    enum Subject {
      /// The adjoint of the node that sends a term.
      case adjoint(Term)
      /// A term's local derivative.
      case local(Term)
      /// A node's value.
      case value(NodeIndex)
      /// The adjoint of the node of a step.
      case passed(NodeIndex)
      /// The local derivatives of the node of a step.
      case locals(NodeIndex)
    }

    var subject: Subject
    var question: Question
    /// What to type to ask.
    var command: String
  }

  /// About how many terms or operands one can ask.
  private static let linkLimit = 4

  /// What can be asked next, factor by factor.
  var links: [Link] {
    switch reason {
    case .output, .noPath, .notTaken: []
    case .uses: termLinks
    case .forward: operandLinks
    case .backward: stepLinks
    }
  }

  private var termLinks: [Link] {
    var links: [Link] = []
    var asked: [NodeIndex] = []
    for term in terms where asked.count < Self.linkLimit {
      guard term.place != nil || !asked.contains(term.node) else { continue }
      asked.append(term.node)
      links.append(
        Link(
          subject: .adjoint(term), question: .derivative(term.node, entry: term.place),
          command: "why \(name(term.node, term.place))"))
      if term.place == nil, term.slot != nil, let step = step(computing: term.node) {
        links.append(
          Link(subject: .local(term), question: .step(step), command: "why \(step)"))
      }
    }
    return links
  }

  /// The steps that computed the operands of a step.
  private var operandLinks: [Link] {
    guard case .step(let number) = question,
      let node = board.steps.first(where: { $0.number == number })?.node
    else { return [] }
    var links: [Link] = []
    var asked: [NodeIndex] = []
    for slot in 0..<board.header.operandCount(of: node) where links.count < Self.linkLimit {
      let operand = board.header.operand(slot, of: node)
      guard !asked.contains(operand), let step = step(computing: operand) else { continue }
      asked.append(operand)
      links.append(
        Link(subject: .value(operand), question: .step(step), command: "why \(step)"))
    }
    return links
  }

  /// What a step of the backward pass works with.
  private var stepLinks: [Link] {
    guard case .step(let number) = question,
      let node = board.steps.first(where: { $0.number == number })?.node
    else { return [] }
    var links = [
      Link(
        subject: .passed(node), question: .derivative(node, entry: nil),
        command: "why \(board.name(node))")
    ]
    if let step = step(computing: node) {
      links.append(
        Link(subject: .locals(node), question: .step(step), command: "why \(step)"))
    }
    return links
  }
}
