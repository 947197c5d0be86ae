// mistake: the backward pass done wrong on purpose, beside the right one.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let mistake = Command(
    names: ["mistake"], usage: "mistake [KIND [E]] [wrt a, b] [rate R]",
    summary: "the trace done wrong on purpose beside the right one",
    details: """
      Both passes are computed, the one on the right with one line of the algorithm changed; each \
      number that differs is marked, and it is said where the first one comes from. Without KIND the \
      mistakes are listed. rate is the size of the step that updated-weights takes, 0.1 if it is left out.
      """,
    example: "x = 3; y = x*x + x\nmistake overwrite y",
    form: .wordThenExpression(clauses: ["wrt", "rate"]), completes: .mistakes,
    seeAlso: ["quiz", "backward"]
  ) { session, call, host throws(Diagnostic) in
    try session.mistake(call, host)
  }
}

extension Session {
  fileprivate mutating func mistake(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    guard let word = call.words.first else {
      host.show(
        page: Page(
          command: "mistake",
          [.rows(Mistake.allCases.map { Page.Row($0.rawValue, $0.summary) })]))
      return
    }
    guard let mistake = Mistake(named: word.text) else {
      let known = Mistake.allCases.map(\.rawValue)
      throw Diagnostic(
        .unknownMistake(word.text, nearest: nearest(to: word.text, among: known)), word.range)
    }
    let rate = try rate(call, host)
    let worked = try work(call, "mistake", host)
    var wrong = MistakenSweep(worked.built, active: worked.active, mistake: mistake, rate: rate)
    wrong.run { host.isInterrupted }
    if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
    let taken = namesInUse
    host.show(
      mistake: MistakeComparison(worked, wrong, mistake, isTaken: taken.contains).report)
  }

  /// The names that are defined, and those that a definition waits for.
  private var namesInUse: Set<String> {
    var names: Set<NameID> = []
    for definition in definitions.held {
      names.insert(definition.name)
      names.formUnion(mentions(of: definition))
    }
    return Set(names.map { parser.names.string($0) })
  }

  private mutating func rate(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) -> Double {
    guard let expressions = call.clause("rate") else { return 0.1 }
    guard expressions.count == 1, let only = expressions.first else {
      throw Diagnostic(
        .unexpectedArgument(command: "rate", found: "several values"),
        expressions.last?.range ?? statementText)
    }
    let value = try evaluate(only.syntax, host)
    guard case .number(let rate) = value else {
      throw Diagnostic(.needsScalar("rate", shape: "\(value.shape)"), only.range)
    }
    return rate
  }
}

/// The two passes side by side, and what there is to say about them.
private struct MistakeComparison {
  let worked: WorkedGraph
  let wrong: MistakenSweep
  let mistake: Mistake
  /// Whether a name means something already.
  let isTaken: (String) -> Bool
  private let uses: [[MistakenSweep.Edge]]
  /// Which row is about which node; for what is said about the first that is wrong.
  private var rows: [(row: MistakeReport.Row, node: Int)] = []

  init(
    _ worked: WorkedGraph, _ wrong: MistakenSweep, _ mistake: Mistake,
    isTaken: @escaping (String) -> Bool
  ) {
    self.isTaken = isTaken
    self.worked = worked
    self.wrong = wrong
    self.mistake = mistake
    uses = worked.uses
    makeRows()
  }

  var report: MistakeReport {
    MistakeReport(
      mistake: mistake.rawValue, of: worked.text, summary: mistake.summary,
      rows: rows.map(\.row), findings: findings)
  }

  private mutating func makeRows() {
    let graph = worked.graph
    var step = (0...worked.root).count { !graph.operations[$0].isLeaf }
    for node in worked.right.visits where !graph.operations[node].isLeaf {
      step += 1
      let name = worked.name(node)
      add(
        .adjoint, step,
        "\(adjoint: worked.adjoint(node))  of \(formula: "\(name) = \(worked.formula(node))")",
        worked.right.passed[node], wrong.passed[node], node)
      for slot in 0..<graph.operandCount(of: node) {
        let edge = MistakenSweep.Edge(node: node, slot: slot)
        let operand = graph.operand(slot, of: node)
        let sign = uses[operand].count > 1 && uses[operand].first != edge ? "+=" : "="
        add(
          .contribution, step,
          "\(adjoint: worked.adjoint(operand)) \(sign) \(product(edge, operand))",
          worked.right.sent[edge], wrong.sent[edge], operand)
        // In another order the slots are not comparable row by row.
        if uses[operand].count > 1, mistake != .order {
          add(
            .slot, step, "the slot of \(name: worked.name(operand)) holds",
            worked.right.held[edge], wrong.held[edge], operand)
        }
      }
    }
    for node in worked.asked {
      add(
        .gradient, 0, "\(adjoint: worked.adjoint(node))", worked.right.slots[node],
        wrong.slots[node], node)
    }
    guard mistake == .updatedWeights else { return }
    for node in worked.asked where graph.operations[node] == .input {
      guard let gradient = worked.right.slots[node] else { continue }
      let name = worked.name(node)
      add(
        .update, 0, "\(name: name) after the step",
        MistakenSweep.step(worked.value(node), gradient, wrong.rate), wrong.value(of: node), node)
    }
  }

  /// `∂L/∂a · ∂a/∂z`, or the rule where it is the whole contribution.
  private func product(_ edge: MistakenSweep.Edge, _ operand: Int) -> Sentence {
    worked.texts.formulaIsContribution(of: edge.node, slot: edge.slot)
      ? "\(formula: worked.rule(edge.node, slot: edge.slot))"
      : "\(adjoint: worked.adjoint(edge.node)) · \(partial: worked.partial(edge.node, operand))"
  }

  private mutating func add(
    _ kind: MistakeReport.Row.Kind, _ step: Int, _ label: Sentence, _ right: Reading?,
    _ wrong: Reading?, _ node: Int
  ) {
    guard let right else { return }
    let row = MistakeReport.Row(
      kind: kind, step: step, label: label, right: right, wrong: wrong,
      differs: wrong.map { !$0.isClose(to: right, within: 1e-12) } ?? true)
    rows.append((row, node))
  }

  // MARK: What there is to say

  private var findings: [Sentence] {
    let differing = rows.filter(\.row.differs)
    guard let first = differing.first else {
      return [reason] + [instead].compactMap { $0 } + misfits
    }
    var findings: [Sentence] = [firstWrong(first.row, first.node)]
    let onTheWay = differing.filter { $0.row.kind == .adjoint }
    if !onTheWay.isEmpty {
      findings.append(
        "Wrong on the way to the inputs: " + list(onTheWay.map { worked.adjoint($0.node) }) + ".")
    }
    let gradient = rows.filter { $0.row.kind == .gradient }
    let affected = gradient.filter(\.row.differs)
    let names = affected.map { worked.adjoint($0.node) }
    if affected.isEmpty {
      findings.append("The gradient comes out right all the same.")
    } else {
      let isAll = affected.count == gradient.count
      let extent =
        isAll
        ? "It spreads to the whole gradient: "
        : "It spreads to \(affected.count) of \(gradient.count) derivatives: "
      let rest =
        isAll
        ? "."
        : gradient.count - affected.count == 1
          ? "; the other is right." : "; the others are right."
      findings.append("\(extent)" + list(names) + "\(rest)")
    }
    return findings + [remark].compactMap { $0 } + misfits
  }

  private func list(_ symbols: [String]) -> Sentence {
    var sentence = Sentence([])
    for (index, symbol) in symbols.prefix(8).enumerated() {
      sentence = sentence + "\(index == 0 ? "" : ", ")\(adjoint: symbol)"
    }
    return symbols.count > 8 ? sentence + ", …" : sentence
  }

  private func firstWrong(_ row: MistakeReport.Row, _ node: Int) -> Sentence {
    let place: Sentence =
      row.step > 0
      ? "The first wrong number comes in step \(row.step): " : "The first wrong number: "
    guard let number = row.wrong else {
      return place + "\(adjoint: worked.adjoint(node)) is never computed."
    }
    let symbol: Sentence =
      switch row.kind {
      case .contribution: "what goes to \(name: worked.name(node)) is "
      case .slot: "the slot of \(name: worked.name(node)) holds "
      case .update: "\(name: worked.name(node)) becomes "
      default: "\(adjoint: worked.adjoint(node)) is "
      }
    return place + symbol + "\(value: number) instead of \(value: row.right). " + why(node)
  }

  private func why(_ node: Int) -> Sentence {
    switch mistake {
    case .overwrite:
      let last = uses[node].last.map { worked.name($0.node) } ?? ""
      return """
        \(name: worked.name(node)) is used \(times(uses[node].count)), and each contribution erased the \
        one before: only the last is left, from \(name: last).
        """
    case .noZero:
      return "The slot still held what the first pass had added."
    case .order:
      let all = uses[node].count == 2 ? "both" : "all \(uses[node].count)"
      return """
        \(name: worked.name(node)) was passed on before \(all) of its contributions had arrived; \
        what came later stayed in its slot.
        """
    case .transpose: return "The shapes fit without the transpose as well, so nothing warns of it."
    case .updatedWeights:
      return "The weight had been updated already when its value was needed here."
    case .noAdjoint: return "The adjoint that came in was not multiplied with."
    }
  }

  private func times(_ count: Int) -> String { count == 2 ? "twice" : "\(count) times" }

  private var remark: Sentence? {
    switch mistake {
    case .noZero:
      """
      Here every slot keeps its number, as on a tape whose slots are never cleared. A library that \
      keeps the slots of inputs only, as PyTorch does, doubles the gradient.
      """
    case .order:
      "Visited: \(names(wrong.visits)). The right order: \(names(worked.right.visits))."
    default: nil
    }
  }

  private func names(_ nodes: [Int]) -> Sentence {
    var sentence = Sentence([])
    for (index, node) in nodes.prefix(20).enumerated() {
      sentence = sentence + "\(index == 0 ? "" : ", ")\(name: worked.name(node))"
    }
    return nodes.count > 20 ? sentence + ", …" : sentence
  }

  /// Why the mistake changes nothing here.
  private var reason: Sentence {
    let before: Sentence = "This mistake makes no difference here: "
    switch mistake {
    case .overwrite where uses.allSatisfy { $0.count < 2 }:
      return before
        + "no value is used twice, so each slot gets one contribution, and = stores what += would."
    case .overwrite: return before + "all contributions but the last are 0."
    case .noZero: return before + "every adjoint but the seed is 0."
    case .order where uses.allSatisfy { $0.count < 2 }:
      return before
        + "no value is used twice, so nothing can be passed on before all of it has come."
    case .order where uses.indices.allSatisfy { uses[$0].count < 2 || isLeaf($0) }:
      return before
        + "only inputs are used twice, and these pass nothing on; any order will do for them."
    case .order:
      return before
        + "following the first operand as far as it goes happens to visit each node after everything "
        + "that uses it. Exchange the operands of an operation and see."
    case .transpose where !wrong.misfits.isEmpty:
      return before + "the shapes do not fit without the transpose, and a program would stop."
    case .transpose:
      let hasMatrices = (0...worked.root).contains {
        [.matrixProduct, .transpose].contains(worked.graph.operations[$0])
      }
      return before
        + (hasMatrices
          ? "there is nothing to transpose, or the matrices are symmetric."
          : "there is no product of matrices.")
    case .updatedWeights:
      return before
        + "no weight's old value is needed any more once its own derivative is complete."
    case .noAdjoint: return before + "every adjoint that comes in is 1."
    }
  }

  /// What to try to see the mistake, with names that are free.
  private var instead: Sentence? {
    guard let example = Self.example(of: mistake) else { return nil }
    var text = ""
    var word = ""
    for character in example + " " {
      if character.isLetter {
        word.append(character)
      } else {
        text += free(word)
        word = ""
        text.append(character)
      }
    }
    return "To see it: \(formula: String(text.dropLast()))"
  }

  /// A name that means nothing yet; words that are no names of the example stay as they are.
  private func free(_ word: String) -> String {
    guard word.count == 1, isTaken(word) else { return word }
    let name = (1...9).lazy.map { "\(word)\($0)" }.first { !isTaken($0) }
    return name ?? word + "_"
  }

  /// Statements in which a mistake makes a difference; their names are single letters.
  private static func example(of mistake: Mistake) -> String? {
    switch mistake {
    case .overwrite: "x = 3; y = x*x + x; mistake overwrite y"
    case .order: "x = 3; u = x^2; v = 3*u; L = u + v; mistake order L"
    case .transpose: "A = [[1, 2], [0, 1]]; x = [1, 2]; S = sum((A @ x)^2); mistake transpose S"
    case .updatedWeights: "u = 3; v = 2; o = u*v; L = o^2; mistake updated-weights L"
    case .noZero, .noAdjoint: nil
    }
  }

  private func isLeaf(_ node: Int) -> Bool { worked.graph.operations[node].isLeaf }

  /// Where the shapes gave the mistake away: one sentence for all that do so in the same way.
  private var misfits: [Sentence] {
    var rest = wrong.misfits.prefix(8)[...]
    var sentences: [Sentence] = []
    while let first = rest.first, sentences.count < 4 {
      let operand = operand(of: first)
      let alike = rest.filter {
        (self.operand(of: $0), $0.left, $0.right) == (operand, first.left, first.right)
      }
      rest.removeAll { other in alike.contains { $0.edge == other.edge } }
      var rules = Sentence([])
      for (index, misfit) in alike.enumerated() {
        let rule = worked.rule(misfit.edge.node, slot: misfit.edge.slot).replacing("'", with: "")
        let sign = index == 0 ? "" : index == alike.count - 1 ? " and " : ", "
        rules = rules + "\(sign)\(formula: rule)"
      }
      let (verb, end) =
        alike.count == 1
        ? ("is", "The right rule was taken there.") : ("are", "The right rules were taken there.")
      sentences.append(
        """
        For \(adjoint: worked.adjoint(operand)) the shapes give it away: \(rules) \(verb) \
        \(formula: first.left.angled) times \(formula: first.right.angled), which does not give \
        \(formula: worked.graph.shape(of: operand).angled). \(end)
        """)
    }
    return sentences
  }

  private func operand(of misfit: MistakenSweep.Misfit) -> Int {
    worked.graph.operand(misfit.edge.slot, of: misfit.edge.node)
  }
}
