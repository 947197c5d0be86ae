// What scripts in Python have in common: names, statements, and Backstep's numbers to compare with.

import BackstepLanguage
import BackstepTrace

/// What the scripts for all frameworks have in common: inputs, operations, comparisons.
struct PythonScript {
  let trace: TraceDigest
  let framework: PythonFramework
  let helpers = PythonHelperList()
  private(set) var names: PythonNames
  var body = ByteBuffer()
  var header: any TraceHeader { trace.header }
  var root: NodeIndex { trace.header.root }
  /// Whether every number of the trace is finite; else Python's own numbers would not do.
  let isFinite: Bool
  /// Whether there is a `where`.
  private let hasChoice: Bool

  private let warnings: [NodeIndex: [Warning]]

  init(_ trace: TraceDigest, _ framework: PythonFramework) {
    self.trace = trace
    self.framework = framework
    let reserved =
      ["np", "math", "torch", "jax", "jnp", "check", "forward", "value", "gradient", "pull"]
      + PythonHelper.allCases.map(\.rawValue)
    names = PythonNames(trace, reserved: reserved)
    warnings = Dictionary(grouping: trace.warnings, by: \.node)
    hasChoice = trace.nodes.contains { trace.header.operation(of: $0) == "where" }
    isFinite = trace.events.allSatisfy { event in
      switch event {
      case .constant(_, let value), .input(_, let value), .forward(_, let value, _): value.isFinite
      case .partial(_, _, _, let value): value?.isFinite ?? true
      case .contribution(let contribution): contribution.contribution.isFinite
      default: true
      }
    }
  }

  mutating func line(_ text: String = "") {
    body.append(text)
    body.append("\n")
  }

  mutating func fresh(_ wish: String) -> String { names.fresh(wish) }

  /// The derivatives that can be compared: those of nodes that have a part in the trace.
  var gradients: [TraceDigest.Gradient] { trace.gradients.filter { $0.node <= root } }

  /// The nodes among them, each once.
  var asked: [NodeIndex] {
    var nodes: [NodeIndex] = []
    for gradient in gradients where !nodes.contains(gradient.node) { nodes.append(gradient.node) }
    return nodes
  }

  // MARK: The frame

  /// The whole script: what is imported, the helper functions, then the body.
  func text(imports: [String]) -> ByteBuffer {
    var output = ByteBuffer()
    output.append("#!/usr/bin/env python3\n")
    output.append("# -*- coding: utf-8 -*-\n")
    output.append("# \(Documents.mark): the gradient of \(PlainLine.text(trace.rootName)) in ")
    output.append("\(framework.title), all numbers in double precision.\n")
    output.append("# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.\n\n")
    output.append(imports.joined(separator: "\n"))
    output.append("\n")
    for definition in helpers.definitions(framework) {
      output.append("\n\n")
      output.append(definition)
      output.append("\n")
    }
    output.append("\n\n")
    output.append(check)
    output.append("\n\n\n")
    output.append(body)
    return output
  }

  /// The function that compares.
  private var check: String {
    let module = framework.module
    let array = framework == .torch ? "tensor" : "array"
    let absent =
      framework == .torch
      ? """

          if actual is None:  # no derivative passes
              actual = torch.zeros_like(expected)
      """ : ""
    let kind = framework == .torch ? "torch.as_tensor(actual)" : "\(module).asarray(actual)"
    return """
      def check(name, actual, expected):
          expected = \(module).\(array)(expected)\(absent)
          actual = \(kind)
          print(name, "=", actual.tolist())
          assert actual.shape == expected.shape, name
          close = \(module).allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
          assert close, f"{name} is {expected.tolist()} in Backstep"
      """
  }

  // MARK: Statements

  /// A value as the framework's array.
  func array(_ reading: Reading, extra: String = "", indent: Int) -> String {
    let function =
      switch framework {
      case .torch: "torch.tensor("
      case .jax: "jnp.array("
      case .numpy: "np.array("
      }
    let literal = PythonLiteral.nested(
      reading, framework.module, indent: indent + function.utf8.count)
    return "\(function)\(literal)\(extra))"
  }

  /// A remark behind a node that has another name in the script.
  func rename(_ node: NodeIndex) -> String {
    let name = trace.name(node)
    return name == names[node] ? "" : "  \(PythonLiteral.comment(name))"
  }

  /// An operand as it is written: a variable, or a constant.
  func operand(_ node: NodeIndex) -> PythonOperation.Operand {
    let shape = header.shape(of: node)
    guard header.kind(of: node) == .constant, let value = trace.values[node] else {
      return .init(text: names[node], isNumber: false, shape: shape)
    }
    if case .scalar(let number) = value {
      return .init(
        text: PythonLiteral.number(number, framework.module, isFloat: false),
        isNumber: true, shape: shape)
    }
    return .init(
      text: isWritten(node) ? names[node] : array(value, indent: 0), isNumber: false, shape: shape)
  }

  /// Whether a constant has a line of its own: a tensor that is too long for a formula.
  func isWritten(_ node: NodeIndex) -> Bool { header.shape(of: node).count > 4 }

  /// The operation with its operands.
  func expression(_ node: NodeIndex) -> String {
    if header.operation(of: node) == "grad" {
      return array(trace.values[node] ?? .scalar(.nan), indent: 4)
    }
    return PythonOperation(
      framework: framework, helpers: helpers, label: header.operation(of: node),
      operands: (0..<header.operandCount(of: node)).map { slot in
        var operand = operand(header.operand(slot, of: node))
        if framework != .numpy, isBehindChoice(node, slot) {
          operand.text = "\(helpers.use(.guarded))(\(operand.text))"
        }
        return operand
      },
      shape: header.shape(of: node), attributes: header.attributes(of: node),
      isAtEdge: isAtEdge(node)
    ).expression
  }

  /// Whether 0 times an infinite local derivative comes up, from a branch of a `where` not taken: there
  /// Backstep sends nothing.
  func isBehindChoice(_ node: NodeIndex, _ slot: Int) -> Bool {
    guard hasChoice, !isFinite else { return false }
    return trace.contributions[node].contains { contribution in
      contribution.slot == slot && contribution.local.map { !$0.isFinite } ?? false
        && !contribution.contribution.elements.contains(where: \.isNaN)
    }
  }

  /// Whether a probability is exactly 0 or 1, so that 0*log(0) may come up, or abs is at its kink.
  private func isAtEdge(_ node: NodeIndex) -> Bool {
    let label = header.operation(of: node)
    guard label == "bce" || label == "abs" else { return false }
    let numbers = trace.values[header.operand(0, of: node)]?.elements ?? []
    return numbers.contains { $0 == 0 || label == "bce" && $0 == 1 }
  }

  /// Whether a `where` over numbers takes the branch in a slot; true for all other operations.
  func isTaken(_ slot: Int, of node: NodeIndex) -> Bool {
    guard header.operation(of: node) == "where", header.operandCount(of: node) == 3 else {
      return true
    }
    let operands = (0..<3).map { header.operand($0, of: node) }
    guard operands.allSatisfy({ header.shape(of: $0).isScalar }) else { return slot > 0 }
    let isTrue = trace.values[operands[0]] != .scalar(0)
    return slot == (isTrue ? 1 : 2)
  }

  /// What a reader should know of a node: what it is in Backstep, and kinks.
  func remark(_ node: NodeIndex) -> String {
    var parts: [String] = []
    if trace.name(node) != names[node] { parts.append(trace.name(node)) }
    if header.operation(of: node) == "grad" {
      parts.append("\(trace.formula(node)), a derivative computed before")
    }
    for warning in warnings[node] ?? [] {
      switch warning.kind {
      case .kink: parts.append("a kink: the derivative closest to 0")
      case .tieSplit: parts.append("a tie: each gets its share of the derivative")
      default: break
      }
    }
    return parts.isEmpty ? "" : "  \(PythonLiteral.comment(parts.joined(separator: "; ")))"
  }

  /// Compares the output and every derivative that was asked for.
  mutating func writeChecks(_ derivative: (NodeIndex) -> String) {
    let module = framework.module
    func literal(_ value: Reading, _ before: String) -> String {
      PythonLiteral.nested(value, module, indent: before.utf8.count)
    }
    if let value = trace.values[root] {
      let call = "check(\(PythonLiteral.string(trace.rootName)), \(output), "
      line(call + literal(value, call) + ")")
    }
    for gradient in trace.gradients {
      var name = "d\(trace.rootName)/d\(trace.name(gradient.node))"
      guard gradient.node <= root else {
        line(PythonLiteral.comment("\(name) is 0: \(trace.rootName) does not depend on it"))
        continue
      }
      var actual = derivative(gradient.node)
      if let entry = gradient.entry {
        let shape = header.shape(of: gradient.node)
        name += shape.index(of: entry)
        let places = shape.indices(of: entry).map { "\($0 - 1)" }.joined(separator: ", ")
        actual += "[\(places)]"
      }
      let call = "check(\(PythonLiteral.string(name)), \(actual), "
      line(call + literal(gradient.value, call) + ")")
    }
  }

  /// What holds the output's value in the end.
  var output: String {
    framework == .jax ? "value" : header.kind(of: root) == .constant ? "output" : names[root]
  }
}
