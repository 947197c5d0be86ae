// Which misconception a wrong answer fits: what each would have answered.

import BackstepTrace

extension QuizItem {
  /// A misconception and what to say to whoever has it.
  struct Diagnosis {
    var misconception: Misconception
    var text: Sentence
  }

  /// The first misconception that gives the answer; `agrees` compares the answer with a number.
  func diagnosis(_ agrees: (Reading) -> Bool) -> Diagnosis? {
    for (misconception, number, text) in suspects {
      guard let number, number.isFinite, !number.isClose(to: answer, within: 1e-9) else { continue }
      if agrees(number) { return Diagnosis(misconception: misconception, text: text) }
    }
    return nil
  }

  private typealias Suspect = (Misconception, Reading?, Sentence)

  private var suspects: [Suspect] {
    switch subject {
    case .seed: seedSuspects
    case .local(let edge): localSuspects(edge)
    case .adjoint(let node): adjointSuspects(node)
    }
  }

  private var seedSuspects: [Suspect] {
    let name = worked.name(worked.root)
    return [
      (
        .seed, worked.value(worked.root),
        "that is the value of \(name: name). The pass starts with the derivative of \(name: name) with respect to \(name: name)."
      ),
      (.asConstant, answer.mapped { _ in 0 }, "with 0 nothing would ever be passed on."),
      (.sign, answer.mapped { -$0 }, "the sign is wrong."),
    ]
  }

  private func localSuspects(_ edge: MistakenSweep.Edge) -> [Suspect] {
    let node = edge.node
    let name = worked.name(node)
    let operand = operand(edge)
    var suspects: [Suspect] = [(.sign, answer.mapped { -$0 }, "the sign is wrong.")]
    if isRepeated(edge) {
      let locals = (0..<worked.graph.operandCount(of: node))
        .filter { worked.graph.operand($0, of: node) == operand }
        .compactMap { worked.local(node, slot: $0) }
      suspects.append(
        (
          .bothUses, total(locals),
          "that is for all uses of \(name: worked.name(operand)) together. Each operand has a local derivative of its own; they come together in the adjoint."
        ))
    }
    for slot in 0..<worked.graph.operandCount(of: node) where slot != edge.slot {
      let other = worked.graph.operand(slot, of: node)
      guard worked.texts.kind(of: other) != .constant else { continue }
      suspects.append(
        (
          .otherOperand, worked.built.withPoints { $0.local(of: node, slot: slot) },
          "that is the derivative with respect to \(name: worked.name(other)), the other operand."
        ))
    }
    return suspects + [
      (
        .adjointIncluded, worked.right.sent[edge],
        "that is the product with the adjoint \(adjoint: worked.adjoint(node)). The local derivative looks at \(formula: "\(name) = \(worked.formula(node))") alone."
      ),
      (.value, worked.value(node), "that is the value of \(name: name), not its derivative."),
      (
        .operandValue, worked.value(operand),
        "that is the value of \(name: worked.name(operand)) itself."
      ),
      (
        .reciprocal, answer.mapped { 1 / $0 },
        "that is 1 divided by it: how \(name: worked.name(operand)) moves with \(name: name), not the other way round."
      ),
      (
        .asInSum, answer.mapped { _ in 1 },
        "1 would be right if \(name: worked.name(operand)) were only added."
      ),
      (
        .asConstant, answer.mapped { _ in 0 },
        "0 would say that \(name: name) does not depend on \(name: worked.name(operand))."
      ),
      (.transpose, transposed(answer), "rows and columns are exchanged."),
    ] + strangers(besides: nil)
  }

  private func adjointSuspects(_ node: Int) -> [Suspect] {
    let name = worked.name(node)
    let parts = uses.compactMap { worked.right.sent[$0] }
    let locals = uses.compactMap { worked.local($0.node, slot: $0.slot) }
    let adjoints = uses.compactMap { worked.right.passed[$0.node] }
    var suspects: [Suspect] = []
    if uses.count > 1 {
      suspects.append(
        (
          .overwrite, parts.last,
          "that is the last contribution alone, as if it had erased the others. The slot of \(name: name) adds up all \(uses.count): += and not =."
        ))
      for (edge, part) in zip(uses, parts) {
        suspects.append(
          (
            .missingUse, part,
            "that is what \(name: worked.name(edge.node)) sends. But \(name: name) is used \(uses.count == 2 ? "twice" : "\(uses.count) times"), and every use sends something."
          ))
      }
      for index in parts.indices where parts.count > 2 {
        suspects.append(
          (
            .missingUse, total(parts.enumerated().filter { $0.offset != index }.map(\.element)),
            "what \(name: worked.name(uses[index].node)) sends along operand \(uses[index].slot + 1) is missing in the sum."
          ))
      }
      suspects += [
        (
          .noAdjoint, locals.count == parts.count ? total(locals) : nil,
          "that is the sum of the local derivatives. Each must be multiplied with the adjoint that comes in."
        ),
        (
          .multipliedUses, product(parts),
          "the contributions of different uses are added, not multiplied."
        ),
        (
          .averagedUses, total(parts)?.mapped { $0 / Double(parts.count) },
          "that is the mean of the contributions. They are added up."
        ),
      ]
    } else {
      suspects += single(locals.first, adjoints.first)
    }
    suspects += [
      (.sign, answer.mapped { -$0 }, "the sign is wrong."),
      (
        .noZero, answer.mapped { 2 * $0 },
        "that is twice the adjoint, as if the pass had run twice without setting the slots to zero."
      ),
      (
        .transpose, transposed(answer),
        "rows and columns are exchanged: a transpose is missing, or one too many."
      ),
      (.value, worked.value(node), "that is the value of \(name: name), not a derivative."),
    ]
    for other in visited where other != worked.root {
      suspects.append(
        (
          .otherNode, worked.right.slots[other],
          "that is \(adjoint: worked.adjoint(other)), the adjoint of another node."
        ))
    }
    suspects += [
      (.reciprocal, answer.mapped { 1 / $0 }, "that is 1 divided by it.")
    ]
    return suspects + passSuspects(node) + strangers(besides: node)
  }

  /// The nodes that had been passed on when the question came: what comes later has still to be asked
  /// for, and to say what it is would answer that.
  private var visited: [Int] {
    let sender: Int? =
      switch subject {
      case .seed: nil
      case .local(let edge): edge.node
      case .adjoint: uses.last?.node
      }
    return Array(worked.right.visits.prefix { $0 != sender })
  }

  /// In how large a graph other nodes are looked at, and in how many of their numbers.
  private static let strangerLimit = 200

  /// Numbers that belong somewhere else: values, adjoints and local derivatives of other nodes.
  ///
  /// 0, 1 and -1 stand in too many places to tell anything.
  private func strangers(besides asked: Int?) -> [Suspect] {
    guard worked.graph.count <= Self.strangerLimit else { return [] }
    let isTelling = { (reading: Reading?) in
      reading.map { $0.elements.contains { $0.magnitude != 1 && $0 != 0 } } ?? false
    }
    var suspects: [Suspect] = []
    for node in 0...worked.root where node != asked {
      guard worked.texts.kind(of: node) != .constant, isTelling(worked.value(node)) else {
        continue
      }
      suspects.append(
        (.value, worked.value(node), "that is the value of \(name: worked.name(node))."))
    }
    for node in visited {
      let adjoint = worked.right.slots[node]
      if asked == nil, isTelling(adjoint) {
        suspects.append(
          (
            .otherNode, adjoint,
            "that is \(adjoint: worked.adjoint(node)), an adjoint; a local derivative is asked for."
          ))
      }
      for slot in 0..<worked.graph.operandCount(of: node) {
        guard worked.right.sent[MistakenSweep.Edge(node: node, slot: slot)] != nil,
          let local = worked.local(node, slot: slot), isTelling(local)
        else { continue }
        let symbol = worked.partial(node, worked.graph.operand(slot, of: node))
        guard symbol != self.symbol else { continue }
        suspects.append(
          (.otherNode, local, "that is \(partial: symbol), the local derivative of another step."))
      }
    }
    return suspects
  }

  /// A node that is used once.
  private func single(_ local: Reading?, _ adjoint: Reading?) -> [Suspect] {
    guard let edge = uses.first, let adjoint else { return [] }
    let user = worked.name(edge.node)
    var suspects: [Suspect] = [
      (
        .noAdjoint, local,
        "that is the local derivative alone. What \(name: user) sends is its adjoint \(adjoint: worked.adjoint(edge.node)) times that."
      ),
      (
        .noLocal, adjoint,
        "that is the adjoint of \(name: user), passed on as it is. It must be multiplied with the local derivative."
      ),
    ]
    if let local {
      suspects += [
        (
          .addedFactors, adjoint.combined(with: local, +),
          "adjoint and local derivative are multiplied along an edge, not added."
        ),
        (
          .divided, adjoint.combined(with: local, /),
          "adjoint and local derivative are multiplied along an edge, not divided."
        ),
      ]
    }
    for slot in 0..<worked.graph.operandCount(of: edge.node) where slot != edge.slot {
      let other = MistakenSweep.Edge(node: edge.node, slot: slot)
      suspects.append(
        (
          .otherOperand, worked.right.sent[other],
          "that is what \(name: user) sends to \(name: worked.name(operand(other)))."
        ))
    }
    return suspects
  }

  /// What a whole pass with each mistake in it would have come to.
  private func passSuspects(_ node: Int) -> [Suspect] {
    [Mistake.overwrite, .noZero, .order, .transpose, .noAdjoint].compactMap { mistake in
      guard let misconception = Misconception(rawValue: mistake.rawValue) else { return nil }
      var sweep = MistakenSweep(worked.built, active: worked.active, mistake: mistake)
      sweep.run()
      return (
        misconception, sweep.slots[node],
        "a pass that \(mistake.summary) comes to that number."
      )
    }
  }

  private func total(_ parts: [Reading]) -> Reading? { reduce(parts, +) }
  private func product(_ parts: [Reading]) -> Reading? { reduce(parts, *) }
  private func reduce(_ parts: [Reading], _ operation: (Double, Double) -> Double) -> Reading? {
    guard var sum = parts.first else { return nil }
    for part in parts.dropFirst() {
      guard let next = sum.combined(with: part, operation) else { return nil }
      sum = next
    }
    return sum
  }

  private func transposed(_ reading: Reading) -> Reading? {
    guard case .tensor(let shape, let numbers) = reading, shape.rank == 2 else { return nil }
    var turned: [Double] = []
    for column in 0..<shape.columns {
      for row in 0..<shape.rows { turned.append(numbers[row * shape.columns + column]) }
    }
    return .tensor(.matrix(shape.columns, shape.rows), turned)
  }
}
