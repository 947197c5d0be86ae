// A script for NumPy in which the backward pass is written out, a line for each product.

import BackstepLanguage
import BackstepTrace

/// Backpropagation by hand: a variable for each adjoint, `+=` where a node is used more than once.
struct NumPyDocument {
  private var script: PythonScript
  private let derivation: WorkedTrace
  private var header: any TraceHeader { script.header }
  private var trace: TraceDigest { script.trace }
  /// The variables of the adjoints.
  private var adjoints: [NodeIndex: String] = [:]
  /// The nodes whose adjoints are sums that begin at 0.
  private var sums: Set<NodeIndex> = []

  init(_ trace: TraceDigest) {
    script = PythonScript(trace, .numpy)
    derivation = WorkedTrace(trace)
  }

  /// The whole file.
  consuming func text() -> ByteBuffer {
    var document = self
    document.writeForward()
    document.writeBackward()
    document.script.line()
    document.script.line("# What Backstep found")
    let adjoints = document.adjoints
    document.script.writeChecks { adjoints[$0] ?? "0.0" }
    var imports = ["import numpy as np"]
    let used = document.script.helpers.used
    if !used.isDisjoint(with: [.erf, .erfc, .gelu]) { imports.insert("import math\n", at: 0) }
    // What is infinite or not a number here is so in Backstep, and meant.
    if !document.script.isFinite { imports.append("\nnp.seterr(all=\"ignore\")") }
    return document.script.text(imports: imports)
  }

  // MARK: Forward

  private mutating func writeForward() {
    script.line("# The inputs")
    for node in (0...script.root).untilInterrupted {
      let kind = header.kind(of: node)
      let isLeaf = kind == .input || kind == .data
      guard isLeaf || kind == .constant && script.isWritten(node) else { continue }
      let name = script.names[node]
      let value = trace.values[node] ?? .scalar(.nan)
      script.line("\(name) = \(literal(value, name.utf8.count + 3))\(script.rename(node))")
    }
    script.line()
    script.line("# The forward pass: each value from those before it")
    for node in (0...script.root).untilInterrupted where header.kind(of: node) == .operation {
      script.line("\(script.names[node]) = \(script.expression(node))\(script.remark(node))")
    }
    if header.kind(of: script.root) == .constant {
      script.line("output = \(literal(trace.values[script.root] ?? .scalar(.nan), 9))")
    }
  }

  /// A number of Python's own, but where it may be divided by 0.
  private func literal(_ value: Reading, _ indent: Int) -> String {
    guard case .scalar(let number) = value else { return script.array(value, indent: indent) }
    let text = PythonLiteral.number(number, "np")
    return script.isFinite ? text : "np.float64(\(text))"
  }

  // MARK: Backward

  private mutating func writeBackward() {
    nameAdjoints()
    script.line()
    script.line(
      "# The backward pass: each node's adjoint, the derivative of the output with respect")
    script.line("# to it, times the local derivatives of its operation")
    writeSums()
    if !sums.contains(script.root), let name = adjoints[script.root] {
      script.line("\(name) = \(literal(derivation.seed, name.utf8.count + 3))  # the seed")
    }
    for part in derivation.parts.untilInterrupted {
      switch part {
      case .sum(let node, _): writeSum(node)
      case .step(let node, let number, let products): writeStep(node, number, products)
      }
    }
  }

  private mutating func nameAdjoints() {
    var received: [NodeIndex: Int] = [:]
    for event in trace.events.untilInterrupted {
      guard case .contribution(let contribution) = event else { continue }
      received[contribution.operand, default: 0] += 1
      // Through an index the adjoint goes to some entries: the others stay 0.
      if header.operation(of: contribution.node) == "index" { sums.insert(contribution.operand) }
    }
    for (node, count) in received where count > 1 { sums.insert(node) }
    for node in script.asked where received[node] == nil && node != script.root {
      sums.insert(node)
      received[node] = 0
    }
    received[script.root] = 1
    let root = script.names[script.root]
    for node in received.keys.sorted() {
      adjoints[node] = script.fresh("d\(root)_d\(script.names[node])")
    }
  }

  /// Sets the adjoints to 0 that are added up.
  private mutating func writeSums() {
    guard !sums.isEmpty else { return }
    script.line()
    script.line("# What these receive is added up, from 0 on")
    for node in sums.sorted() {
      let shape = header.shape(of: node)
      let zero = shape.isScalar ? "0.0" : "np.zeros(\(PythonOperation.tuple(shape)))"
      script.line("\(adjoints[node] ?? "") = \(zero)")
    }
    script.line()
  }

  /// A node's adjoint is complete.
  private mutating func writeSum(_ node: NodeIndex) {
    let names = script.names
    let users = trace.terms[node].prefix(12).map { names[$0.user] }.joined(separator: ", ")
    let more = trace.terms[node].count > 12 ? ", …" : ""
    script.line()
    script.line("# \(adjoints[node] ?? "") is complete: a sum over \(users)\(more)")
  }

  private mutating func writeStep(
    _ node: NodeIndex, _ number: Int, _ products: [WorkedTrace.Product]
  ) {
    script.line()
    script.line(
      PythonLiteral.comment("\(number). \(trace.name(node)) = \(shortened(trace.formula(node)))"))
    for product in products {
      let contribution = product.contribution
      let (slot, operand) = (contribution.slot, contribution.operand)
      let target = adjoints[operand] ?? "_"
      let rule = shortened(trace.partialFormula(node, slot))
      let isRule = header.formulaIsContribution(of: node, slot: slot)
      let meaning =
        isRule ? rule : "∂\(trace.name(node))/∂\(trace.name(operand)) = \(rule)"
      if header.operation(of: node) == "index" {
        let places = PythonOperation.subscripts(header.attributes(of: node))
        script.line("\(target)[\(places)] += \(adjoint(node))  \(PythonLiteral.comment(meaning))")
        continue
      }
      let sign = sums.contains(operand) ? "+=" : "="
      script.line(
        "\(target) \(sign) \(sent(contribution, isRule))  \(PythonLiteral.comment(meaning))")
    }
  }

  private func adjoint(_ node: NodeIndex) -> String { adjoints[node] ?? "0.0" }

  private func shortened(_ text: String) -> String {
    text.count > 60 ? text.prefix(57) + "..." : text
  }

  // MARK: What is sent

  /// The adjoint times the local derivative, in the operand's shape.
  private func sent(_ contribution: Contribution, _ isRule: Bool) -> String {
    let (node, slot) = (contribution.node, contribution.slot)
    if let special = matrixProduct(contribution) { return special }
    let label = header.operation(of: node)
    if label == "transpose", header.shape(of: node).isScalar { return adjoint(node) }
    let local = special(contribution) ?? formula(node, slot)
    if isRule { return local.text }
    let whole = walked(node)
    let target = header.shape(of: contribution.operand)
    let adjoint = adjoint(node)
    var product: Python
    switch local.text {
    case "1": product = Python(adjoint)
    case "-1": product = Python("-\(adjoint)", .sign)
    default: product = Python("\(adjoint)*\(local.within(.power))", .product)
    }
    if script.isBehindChoice(node, slot) {
      product = Python("\(script.helpers.use(.guarded))(\(adjoint), \(local.text))")
    }
    guard isEntryByEntry(node), target != whole else {
      return covers(label, slot, whole, target) ? product.text : spread(product.text, whole)
    }
    if !covers(label, slot, whole, header.shape(of: node)) {
      product = Python(spread(product.text, whole))
    }
    return gathered(product, whole, target)
  }

  /// Whether the product has all entries, which that of a mean's derivative along one operand may not.
  private func covers(_ label: String, _ slot: Int, _ whole: Shape, _ has: Shape) -> Bool {
    !(["bce", "bce_logits"].contains(label) && slot == 1 && whole.rank > 0)
  }

  private func spread(_ text: String, _ shape: Shape) -> String {
    "np.broadcast_to(\(text), \(PythonOperation.tuple(shape)))"
  }

  /// The sum over the copies of an operand that was stretched.
  private func gathered(_ product: Python, _ whole: Shape, _ target: Shape) -> String {
    if target.isScalar { return "np.sum(\(product.text))" }
    if target.count == whole.count {
      return "np.reshape(\(product.text), \(PythonOperation.tuple(target)))"
    }
    if target.count == 1 {
      return "np.reshape(np.sum(\(product.text)), \(PythonOperation.tuple(target)))"
    }
    if target.rank == 1 { return "np.sum(\(product.text), axis=0)" }
    return "np.sum(\(product.text), axis=\(target.rows == 1 ? 0 : 1), keepdims=True)"
  }

  /// Whether operands are stretched to a common shape.
  private func isEntryByEntry(_ node: NodeIndex) -> Bool {
    switch header.operation(of: node) {
    case "matmul", "dot", "outer", "transpose", "stack", "concat", "reshape", "flatten", "index",
      "onehot", "cross_entropy", "sum", "mean", "prod", "argmax", "var", "std", "norm",
      "logsumexp", "softmax", "log_softmax":
      false
    case "max", "min": header.operandCount(of: node) > 1
    default: true
    }
  }

  /// The shape that the operands are stretched to.
  private func walked(_ node: NodeIndex) -> Shape {
    (0..<header.operandCount(of: node)).reduce(.scalar) { shape, slot in
      Shape.broadcast(shape, header.shape(of: header.operand(slot, of: node))) ?? shape
    }
  }

  /// The formula that the operation gives for an operand.
  private func formula(_ node: NodeIndex, _ slot: Int, dividesSafely: Bool = false) -> Python {
    let template = header.partialFormula(of: node, slot: slot)
    guard let formula = Formula(template, operands: header.operandCount(of: node)),
      let text = formula.printed(
        in: PythonNotation(
          fill: { [script, adjoints] gap in
            switch gap {
            case .operand(let slot):
              let operand = script.operand(script.header.operand(slot, of: node))
              return Python(operand.text, operand.text.hasPrefix("-") ? .sum : .atom)
            case .result: return Python(script.names[node])
            case .adjoint: return Python(adjoints[node] ?? "0.0")
            }
          }, dividesSafely: dividesSafely, helpers: script.helpers))
    else { return Python("np.nan") }
    return text
  }

  // MARK: Edges, where a formula has no value but the operation has a derivative

  private func special(_ contribution: Contribution) -> Python? {
    let (node, slot) = (contribution.node, contribution.slot)
    func operand(_ slot: Int) -> NodeIndex { header.operand(slot, of: node) }
    func text(_ slot: Int) -> String { script.operand(operand(slot)).text }
    func has(_ number: Double, _ node: NodeIndex) -> Bool {
      trace.values[node]?.elements.contains(number) ?? false
    }
    switch header.operation(of: node) {
    case "hypot", "norm", "std":
      return has(0, node) ? formula(node, slot, dividesSafely: true) : nil
    case "xlogy" where slot == 1:
      return has(0, operand(1)) ? formula(node, slot, dividesSafely: true) : nil
    case "bce" where slot == 0 && (has(0, operand(0)) || has(1, operand(0))):
      let share = walked(node).isScalar ? "" : "/\(walked(node).count)"
      return Python("\(script.helpers.use(.bce_slope))(\(text(0)), \(text(1)))\(share)", .product)
    case "prod" where has(0, operand(0)): return othersProduct(node, text(0))
    case "pow" where slot == 1 && has(0, operand(0)):
      let (x, y) = (text(0), text(1))
      return Python("np.where(\(x) == 0, 0.0, np.log(np.where(\(x) == 0, 1.0, \(x)))*\(x)**\(y))")
    case "pow" where slot == 0 && has(0, operand(1)) && has(0, operand(0)):
      let (x, y) = (text(0), text(1))
      return Python("np.where(\(y) == 0, 0.0, \(y)*\(x)**np.where(\(y) == 0, 1.0, \(y) - 1))")
    case "leaky_relu" where slot == 0 && has(0, operand(0)):
      return atKink(text(0), text(1), text(1))
    case "elu" where slot == 0 && has(0, operand(0)):
      return atKink(text(0), text(1), "\(text(1))*np.exp(\(text(0)))")
    default: return nil
    }
  }

  /// The slope of a kink at 0: the one closest to 0 of those between left and right.
  private func atKink(_ x: String, _ left: String, _ below: String) -> Python {
    Python(
      "np.where(\(x) > 0, 1.0, np.where(\(x) == 0, np.clip(\(left), 0.0, 1.0), \(below)))")
  }

  private func othersProduct(_ node: NodeIndex, _ x: String) -> Python {
    let helper = script.helpers.use(.product_of_others)
    let axis = header.attributes(of: node).axis
    let shape = header.shape(of: header.operand(0, of: node))
    guard axis > 0, shape.rank == 2 else { return Python("\(helper)(\(x))") }
    let others = "np.apply_along_axis(\(helper), \(axis - 1), \(x))"
    let adjoint = adjoint(node)
    return Python(
      axis == 1 ? "\(adjoint)*\(others)" : "np.reshape(\(adjoint), (\(shape.rows), 1))*\(others)",
      .product)
  }

  /// Products of matrices: NumPy does not tell columns from rows.
  private func matrixProduct(_ contribution: Contribution) -> String? {
    let node = contribution.node
    guard header.operation(of: node) == "matmul" else { return nil }
    let first = script.operand(header.operand(0, of: node))
    let second = script.operand(header.operand(1, of: node))
    let adjoint = adjoint(node)
    switch (first.shape.rank, second.shape.rank, contribution.slot) {
    case (1, 1, 0): return "\(adjoint)*\(second.text)"
    case (1, 1, _): return "\(adjoint)*\(first.text)"
    case (2, 1, 0): return "np.outer(\(adjoint), \(second.text))"
    case (1, 2, 0) where header.shape(of: node).rank == 2: return "\(adjoint) @ \(second.text)[0]"
    case (1, 2, 1) where header.shape(of: node).rank == 2:
      return "\(first.text)[None, :] @ \(adjoint)"
    case (1, 2, 1): return "np.outer(\(first.text), \(adjoint))"
    case (_, _, 0): return "\(adjoint) @ \(second.text).T"
    default: return "\(first.text).T @ \(adjoint)"
    }
  }
}
