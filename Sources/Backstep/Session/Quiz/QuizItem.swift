// The questions of a quiz, made from a graph: each local derivative and each adjoint once.

import BackstepTrace

/// One derivative that is asked for, with all there is to say about it.
struct QuizItem {
  /// What is asked for.
  enum Subject: Equatable {
    case seed
    /// The local derivative along an edge.
    case local(MistakenSweep.Edge)
    /// The adjoint of a node.
    case adjoint(Int)
  }

  let worked: WorkedGraph
  let subject: Subject
  /// The edges over which contributions come to the node asked about.
  let uses: [MistakenSweep.Edge]
  /// The right answer.
  let answer: Reading

  /// All questions about a graph, in the order of the backward pass.
  static func all(_ worked: WorkedGraph) -> [QuizItem] {
    var items: [QuizItem] = []
    let uses = worked.uses
    func add(_ subject: Subject, _ uses: [MistakenSweep.Edge], _ answer: Reading?) {
      guard let answer, answer.isFinite else { return }
      items.append(QuizItem(worked: worked, subject: subject, uses: uses, answer: answer))
    }
    var left = uses.map(\.count)
    add(.seed, [], worked.right.passed[worked.root])
    for node in worked.right.visits {
      var asked: [(operand: Int, rule: String)] = []
      for slot in 0..<worked.graph.operandCount(of: node) {
        let edge = MistakenSweep.Edge(node: node, slot: slot)
        guard worked.right.sent[edge] != nil else { continue }
        let operand = worked.graph.operand(slot, of: node)
        let rule = worked.rule(node, slot: slot)
        // Of x*x both local derivatives are the same question.
        if !asked.contains(where: { $0 == (operand, rule) }) {
          add(.local(edge), [edge], worked.local(node, slot: slot))
        }
        asked.append((operand, rule))
        left[operand] -= 1
        // Where the adjoint that comes in is the seed, the product is the local derivative.
        let isPlain =
          node == worked.root && uses[operand].count == 1 && worked.local(node, slot: slot) != nil
        guard left[operand] == 0, !isPlain else { continue }
        add(.adjoint(operand), uses[operand], worked.right.slots[operand])
      }
    }
    return items
  }

  /// The symbol of what is asked for.
  var symbol: String {
    switch subject {
    case .seed: worked.adjoint(worked.root)
    case .local(let edge): worked.partial(edge.node, operand(edge))
    case .adjoint(let node): worked.adjoint(node)
    }
  }

  func operand(_ edge: MistakenSweep.Edge) -> Int {
    worked.graph.operand(edge.slot, of: edge.node)
  }

  /// The right answer as a formula in terms of the nodes.
  ///
  /// Of an adjoint it is the derivative itself, which a session can compute at any point.
  var formula: String {
    switch subject {
    case .seed: "1"
    case .local(let edge): worked.rule(edge.node, slot: edge.slot)
    case .adjoint(let node): worked.adjoint(node)
    }
  }

  // MARK: The question

  func question(_ number: Int, of total: Int) -> QuizQuestion {
    let kind: QuizQuestion.Kind
    let node: Int
    let text: Sentence
    switch subject {
    case .seed:
      (kind, node) = (.seed, worked.root)
      text = "the seed, with which the backward pass starts"
    case .local(let edge):
      (kind, node) = (.local, edge.node)
      let place: Sentence = isRepeated(edge) ? "operand \(edge.slot + 1) alone, " : ""
      text = """
        the local derivative of \(formula: equation(edge.node)) with respect to \
        \(place)\(name: worked.name(operand(edge)))
        """
    case .adjoint(let operand):
      (kind, node) = (uses.count > 1 ? .sum : .adjoint, operand)
      text = "the adjoint of \(name: worked.name(operand))"
    }
    return QuizQuestion(
      number: number, total: total, kind: kind, node: node, symbol: symbol, shape: answer.shape,
      text: text, given: given)
  }

  /// Whether an operation uses the operand in another slot as well, as `x*x` does.
  func isRepeated(_ edge: MistakenSweep.Edge) -> Bool {
    (0..<worked.graph.operandCount(of: edge.node)).contains {
      $0 != edge.slot && worked.graph.operand($0, of: edge.node) == operand(edge)
    }
  }

  private func equation(_ node: Int) -> String { "\(worked.name(node)) = \(worked.formula(node))" }

  /// What is known at this point.
  private var given: [Sentence] {
    switch subject {
    case .seed: return []
    case .local(let edge): return facts([edge.node], withOperands: true)
    case .adjoint:
      var facts: [Sentence] = []
      for edge in uses {
        let adjoint: Sentence =
          "\(adjoint: worked.adjoint(edge.node)) = \(value: worked.right.passed[edge.node] ?? .scalar(.nan))"
        if !facts.contains(adjoint) { facts.append(adjoint) }
        let operand = operand(edge)
        if let local = worked.local(edge.node, slot: edge.slot) {
          let slots = uses.count { $0.node == edge.node }
          // Of an operand of the output both derivatives have the same symbol.
          let along: Sentence =
            slots > 1
            ? " along operand \(edge.slot + 1)"
            : edge.node == worked.root ? ", the local derivative" : ""
          facts.append("\(partial: worked.partial(edge.node, operand)) = \(value: local)" + along)
        } else {
          for fact in self.facts([edge.node], withOperands: true, besides: operand)
          where !facts.contains(fact) { facts.append(fact) }
        }
      }
      return facts
    }
  }

  /// Values that a question is about, or the equations that lead to them.
  private func facts(
    _ nodes: [Int], withOperands: Bool, besides operand: Int? = nil
  ) -> [Sentence] {
    var facts: [Sentence] = []
    for node in nodes {
      if operand != nil { facts.append("\(formula: equation(node))") }
      for slot in 0..<worked.graph.operandCount(of: node) {
        let source = worked.graph.operand(slot, of: node)
        guard worked.texts.kind(of: source) != .constant, source != operand else { continue }
        let fact: Sentence = "\(name: worked.name(source)) = \(value: worked.value(source))"
        if !facts.contains(fact) { facts.append(fact) }
      }
      if operand == nil {
        facts.append("\(name: worked.name(node)) = \(value: worked.value(node))")
      }
    }
    return facts
  }

  // MARK: Help

  /// Hints, each saying more than the one before.
  var hints: [Sentence] {
    switch subject {
    case .seed:
      return [
        "By how much does \(name: worked.name(worked.root)) change when \(name: worked.name(worked.root)) itself changes by a little?"
      ]
    case .local(let edge):
      let node = edge.node
      return [
        """
        Only \(formula: equation(node)) matters here: hold everything still but \
        \(name: worked.name(operand(edge))). How fast does \(name: worked.name(node)) move?
        """,
        secondHint(edge),
      ]
    case .adjoint(let node):
      let users = uses.map(\.node).reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
      var list = Sentence([])
      for (index, user) in users.prefix(6).enumerated() {
        list = list + "\(index == 0 ? "" : ", ")\(name: worked.name(user))"
      }
      let first: Sentence =
        uses.count > 1
        ? """
        Who uses \(name: worked.name(node))? \(list): \(uses.count) uses. Each sends its adjoint times \
        its local derivative, and the slot adds up what comes, with +=.
        """
        : """
        Only \(list) uses \(name: worked.name(node)). It sends its own adjoint times its local \
        derivative.
        """
      let numbers = numbers
      return [first, "\(adjoint: symbol) = \(chain)."]
        + (numbers.parts.isEmpty ? [] : ["\(adjoint: symbol)\(numbers) = ?"])
    }
  }

  /// The rule of a local derivative; where the rule is the number itself, another question.
  private func secondHint(_ edge: MistakenSweep.Edge) -> Sentence {
    let (node, operand) = (worked.name(edge.node), worked.name(operand(edge)))
    guard Double(formula) == nil else {
      return """
        It is the same at every point. If \(name: operand) grows by 1 and all else stays, by how much \
        does \(name: node) change?
        """
    }
    return "The rule is \(partial: symbol) = \(formula: formula). Put the numbers in."
  }

  /// The products that an adjoint is the sum of, in symbols.
  private var chain: Sentence {
    var sentence = Sentence([])
    for (index, edge) in uses.prefix(12).enumerated() {
      if index > 0 { sentence = sentence + Self.plus }
      sentence =
        sentence
        + (worked.texts.formulaIsContribution(of: edge.node, slot: edge.slot)
          ? "\(formula: worked.rule(edge.node, slot: edge.slot))"
          : "\(adjoint: worked.adjoint(edge.node))\(formula: " · ")\(partial: worked.partial(edge.node, operand(edge)))")
    }
    return uses.count > 12 ? sentence + Self.plus + "…" : sentence
  }

  /// The same with the numbers put in; nothing where they are tensors.
  private var numbers: Sentence {
    guard answer.shape.isScalar, uses.count <= 12 else { return "" }
    var sentence = Self.equals
    for (index, edge) in uses.enumerated() {
      guard let local = worked.local(edge.node, slot: edge.slot), local.shape.isScalar,
        let adjoint = worked.right.passed[edge.node], adjoint.shape.isScalar
      else { return "" }
      if index > 0 { sentence = sentence + Self.plus }
      sentence =
        sentence + bracketed(adjoint, index > 0) + "\(formula: " × ")" + bracketed(local, true)
    }
    return sentence
  }

  // A line is broken before a sign of these, and not behind it.
  private static let plus: Sentence = " \(formula: "+ ")"
  private static let equals: Sentence = " \(formula: "= ")"

  private func bracketed(_ reading: Reading, _ isBehindSign: Bool) -> Sentence {
    isBehindSign && reading.first < 0 ? "(\(value: reading))" : "\(value: reading)"
  }

  /// Why the answer is what it is.
  var explanation: Sentence {
    switch subject {
    case .seed:
      return "\(adjoint: symbol) = \(value: answer): the output moves as fast as it does itself."
    case .local:
      let isNumber = formula == answer.literal
      return isNumber
        ? "\(partial: symbol) = \(value: answer)"
        : "\(partial: symbol) = \(formula: formula) = \(value: answer)"
    case .adjoint:
      return "\(adjoint: symbol)\(Self.equals)\(chain)\(numbers)\(Self.equals)\(value: answer)"
    }
  }
}
