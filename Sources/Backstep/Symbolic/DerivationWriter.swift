// From a graph to a derivation: which names the chain goes over, and the texts of it all.

import BackstepTrace

/// Derives one output with respect to one input, and writes down how.
struct DerivationWriter {
  /// How many operations there may be between input and output for formulas to be looked for.
  private static let nodeLimit = 20_000
  /// How many signs a formula may have.
  private static let lengthLimit = 1000
  /// How many signs the steps before it may have.
  private static let stepLimit = 300
  /// How many operations without names are made links of the chain where there are no names.
  private static let unnamedLimit = 16

  let built: BuiltGraph
  let texts: NodeTexts
  let input: Int
  /// The entry asked for, where the input is a tensor and not all of it is.
  let entry: Int?
  let active: ContiguousArray<Bool>
  /// How a node was defined.
  let definition: (Int) -> String

  private var graph: Graph { built.graph }
  private var root: Int { built.root }

  /// Derives; `value` is the derivative by backpropagation.
  func derivation(value: Reading, isInterrupted: () -> Bool) -> Derivation {
    let isNamed = { [graph] (node: Int) in graph.label(of: node) != nil }
    let between = (0..<graph.count).filter {
      active[$0] && $0 != root && $0 != input && !graph.operations[$0].isLeaf
    }
    let hasNames = between.contains(where: isNamed)
    let overOperations = !hasNames && between.count <= Self.unnamedLimit && graph.isScalar
    let isSmall = between.count <= Self.nodeLimit
    let isLink = { [root, input] (node: Int) in
      node == root || node == input || overOperations || isNamed(node)
    }

    var pass = pass(isSymbol: { isNamed($0) })
    var adjoints: [Int: ExpressionID] = [:]
    if isSmall {
      adjoints = pass.adjoints(
        of: root, downTo: input, active: active, isInterrupted: isInterrupted)
    }
    var derivation = Derivation(
      of: texts.rootText, wrt: texts.name(of: input) + (entryText ?? ""),
      symbol: symbol(root, input) + (entryText ?? ""), chain: [], omitted: 0,
      isStepwise: !graph.isScalar, factors: [], steps: [], formula: nil, numbers: [],
      value: value, outcome: .tooLong)
    let formula = formula(adjoints[input], &pass, isSmall)

    guard active[root], root != input else {
      let end = formula.map { text(pass).text($0) } ?? (root == input ? "1" : "0")
      derivation.chain = [Derivation.Equation(left: derivation.symbol, terms: [[end]])]
      derivation.formula = formula.map { text(pass).text($0) }
      derivation.outcome = .agrees
      return derivation
    }

    // In the chain an operation without a name may be called v1.
    var chainPass = self.pass(isSymbol: { [root] node in
      isNamed(node) || (overOperations && node != root && isLink(node))
    })
    let chain = ChainRule(
      &chainPass, root: root, input: input, active: active, asAdjoints: derivation.isStepwise,
      hasFormulas: isSmall, isNode: isLink)
    if derivation.isStepwise {
      let hasFailed = chainPass.hasFailed || pass.hasFailed
      stepwise(chain, chainPass, adjoints, pass, isComplete: isSmall && !hasFailed, &derivation)
    } else {
      let full =
        overOperations && isSmall
        ? ChainRule(
          &pass, root: root, input: input, active: active, asAdjoints: false,
          hasFormulas: true, isNode: isLink) : chain
      write(chain, &chainPass, &derivation, isSmall)
      if let formula, !pass.hasFailed {
        steps(full, overOperations ? pass : chainPass, formula, pass, &derivation)
      }
    }
    if let formula, !pass.hasFailed {
      derivation.formula = text(pass).text(formula)
      derivation.numbers = numbers(formula, pass)
      derivation.outcome = .agrees
    }
    return derivation
  }

  /// The formula, where it is short enough; its entry, where one is asked for.
  private func formula(
    _ adjoint: ExpressionID?, _ pass: inout SymbolicPass, _ isSmall: Bool
  ) -> ExpressionID? {
    guard isSmall, !pass.hasFailed else { return nil }
    let shape = graph.shape(of: input)
    var formula = pass.table.stretched(adjoint ?? pass.table.zero, to: shape)
    if let entry {
      let selections = shape.indices(of: entry).map {
        Attributes.Selection(places: $0 - 1..<$0, isSingle: true, text: "\($0)")
      }
      formula = pass.table.make(.element, [formula], Attributes(selections: selections))
    }
    return pass.hasFailed || pass.table.length(formula) > Self.lengthLimit ? nil : formula
  }

  private var entryText: String? { entry.map { graph.shape(of: input).index(of: $0) } }

  // MARK: Texts

  private func pass(isSymbol: @escaping (Int) -> Bool) -> SymbolicPass {
    SymbolicPass(
      graph, table: Expressions(), isSymbol: isSymbol,
      constants: { [built] node in
        built.graph.shape(of: node).isScalar && built.graph.label(of: node) == nil
          ? built.values[built.graph.offset(of: node)] : nil
      },
      constantName: { [built, texts] node in
        built.graph.label(of: node) == nil ? nil : texts.name(of: node)
      },
      hasWeights: { [built] in CrossEntropy.hasWeights(built, $0) })
  }

  private func text(_ pass: SymbolicPass) -> ExpressionText {
    ExpressionText(table: pass.table, name: name, adjoint: { symbol(root, $0) })
  }

  /// How a node is written in formulas: its name, or a tensor without a name in full.
  private func name(_ node: Int) -> String {
    guard graph.operations[node] == .constant, graph.label(of: node) == nil else {
      return texts.name(of: node)
    }
    return built.reading(of: node).literal
  }

  /// The output's name, or its expression in parentheses where that is short.
  private var rootName: String {
    let isNamed = graph.label(of: root) != nil
    return isNamed || texts.rootText.utf8.count > 40 ? texts.name(of: root) : "(\(texts.rootText))"
  }

  /// How the derivative of one node with respect to another is written.
  private func symbol(_ node: Int, _ other: Int) -> String {
    "∂\(node == root ? rootName : texts.name(of: node))/∂\(texts.name(of: other))"
  }

  // MARK: Numbers

  /// The chain, and the local derivatives in it.
  private func write(
    _ chain: ChainRule, _ pass: inout SymbolicPass, _ derivation: inout Derivation,
    _ hasFormulas: Bool
  ) {
    /// Where there are other ways to the root, the direct one is marked.
    func link(_ user: Int, _ node: Int) -> String {
      let isOneOfMany = user == root && (chain.uses[node]?.count ?? 0) > 1
      return symbol(user, node) + (isOneOfMany ? " (direct)" : "")
    }
    if let paths = chain.paths() {
      let terms = paths.map { path in zip(path, path.dropFirst()).map(link) }
      derivation.chain = [
        Derivation.Equation(left: derivation.symbol, terms: terms).shortened()
      ]
    } else {
      (derivation.chain, derivation.omitted) = chain.equations(symbol, direct: link)
    }
    guard hasFormulas, !pass.hasFailed, chain.nodes.count <= ChainRule.pathLimit.factors else {
      return
    }
    var simplifier = pass.simplifier()
    for node in chain.nodes {
      for lower in chain.nodes {
        guard let local = chain.local(of: node, wrt: lower) else { continue }
        let simple = simplifier.simplified(local, &pass.table)
        guard !pass.hasFailed, pass.table.length(simple) <= Self.stepLimit else { continue }
        derivation.factors.append(
          Derivation.Factor(
            of: node == root ? texts.rootText : texts.name(of: node), wrt: texts.name(of: lower),
            symbol: link(node, lower),
            formula: text(pass).text(simple), definition: definition(node)))
      }
    }
  }

  /// The product of the factors, and how it becomes the formula.
  private func steps(
    _ chain: ChainRule, _ pass: SymbolicPass, _ formula: ExpressionID, _ final: SymbolicPass,
    _ derivation: inout Derivation
  ) {
    guard let paths = chain.paths(), !pass.hasFailed else { return }
    var pass = pass
    var simplifier = pass.simplifier()
    var (products, results): ([[String]], [ExpressionID]) = ([], [])
    var cancelled: [ExpressionID] = []
    for path in paths {
      let locals = zip(path, path.dropFirst()).compactMap { chain.local(of: $0, wrt: $1) }
        .map { simplifier.simplified($0, &pass.table) }
      guard !pass.hasFailed,
        locals.reduce(0, { $0 + pass.table.length($1) }) <= Self.stepLimit
      else { return }
      products.append(locals.map { text(pass).factor($0) })
      for base in Self.cancelled(locals, pass.table) where !cancelled.contains(base) {
        cancelled.append(base)
      }
      let product = pass.table.product(.one, locals.map { Factor(base: $0, exponent: .one) })
      results.append(simplifier.simplified(product, &pass.table))
    }
    guard !pass.hasFailed else { return }
    let last = text(final).text(formula)
    let whole = Derivation.Equation(left: "", terms: products).right
    var forms = [Derivation.Step(whole)]
    let writer = text(pass)
    let cancelling =
      cancelled.isEmpty
      ? "" : "\(cancelled.map(writer.factor).joined(separator: "*")) cancels"
    if paths.count > 1 {
      let single = results.filter { !pass.table.isZero($0) }.enumerated().map { place, id in
        place == 0 ? writer.text(id) : writer.addend(id)
      }
      forms.append(Derivation.Step(single.joined(), note: cancelling))
      forms.append(Derivation.Step(last))
    } else {
      forms.append(Derivation.Step(last, note: cancelling))
    }
    derivation.steps = forms.reduce(into: []) { steps, step in
      if steps.last?.formula != step.formula { steps.append(step) }
    }
  }

  /// The factors that stand above the line in one formula and below it in another.
  private static func cancelled(
    _ locals: [ExpressionID], _ table: Expressions
  ) -> [ExpressionID] {
    var (above, below): (Set<ExpressionID>, [ExpressionID]) = ([], [])
    for local in locals {
      var powers = [Factor(base: local, exponent: .one)]
      if case .product(_, let factors) = table[local] { powers = factors }
      for power in powers where table.number(power.base) == nil {
        if power.exponent.isNegative {
          below.append(power.base)
        } else {
          above.insert(power.base)
        }
      }
    }
    return below.filter { above.contains($0) }
  }

  /// The formula with the values of its names.
  private func numbers(_ formula: ExpressionID, _ pass: SymbolicPass) -> [Derivation.Piece] {
    guard graph.isScalar, pass.table.length(formula) <= 40, pass.table.length(formula) > 1 else {
      return []
    }
    // Values are marked, so that whoever shows them chooses the digits.
    let writer = ExpressionText(
      table: pass.table,
      name: { node in
        (built.values[graph.offset(of: node)].sign == .minus ? "-" : "") + "\u{2}\(node)\u{3}"
      }, adjoint: { symbol(root, $0) })
    return writer.text(formula).split(separator: "\u{2}", omittingEmptySubsequences: false)
      .flatMap { part -> [Derivation.Piece] in
        guard let end = part.firstIndex(of: "\u{3}"), let node = Int(part[..<end]) else {
          return [.text(String(part))]
        }
        return [
          .number(built.values[graph.offset(of: node)].magnitude),
          .text(String(part[part.index(after: end)...])),
        ]
      }.filter { $0 != .text("") }
  }

  // MARK: Tensors

  /// Each derivative from the output down, in terms of the one before, and worked out.
  private func stepwise(
    _ chain: ChainRule, _ pass: SymbolicPass, _ adjoints: [Int: ExpressionID],
    _ final: SymbolicPass, isComplete: Bool, _ derivation: inout Derivation
  ) {
    guard isComplete else {
      (derivation.chain, derivation.omitted) = chain.equations(symbol, direct: symbol)
      return
    }
    var pass = pass
    var shown = chain.nodes.filter { $0 != root }
    derivation.omitted = max(0, shown.count - ChainRule.equationLimit)
    if derivation.omitted > 0 {
      let half = ChainRule.equationLimit / 2
      shown = Array(shown.prefix(half) + shown.suffix(half))
    }
    var simplifier = pass.simplifier()
    for node in shown {
      let terms = (chain.uses[node] ?? []).map { Weighted(factor: .one, term: $0.local) }
      var sum = pass.table.sum(terms)
      // A rule stands as it is, but for what has a name.
      if !simplifier.named.isEmpty { sum = simplifier.simplified(sum, &pass.table) }
      guard !pass.hasFailed, pass.table.length(sum) <= Self.lengthLimit else { continue }
      let rule = text(pass).text(sum)
      var result: String?
      if let adjoint = adjoints[node], final.table.length(adjoint) <= Self.stepLimit {
        result = text(final).text(adjoint)
      }
      derivation.chain.append(
        Derivation.Equation(
          left: symbol(root, node), terms: [[rule]], result: result == rule ? nil : result))
    }
  }
}
