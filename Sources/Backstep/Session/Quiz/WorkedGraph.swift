// A graph that has been computed and can be asked about: names, values, derivatives.

import BackstepLanguage
import BackstepTrace

/// What quizzes and mistakes look at.
struct WorkedGraph {
  let built: BuiltGraph
  let active: ContiguousArray<Bool>
  /// The inputs whose derivatives are told.
  let asked: [Int]
  let texts: NodeTexts
  /// The output, a name or an expression.
  let text: String
  /// The backward pass done right.
  let right: MistakenSweep

  var graph: Graph { built.graph }
  var root: Int { built.root }

  func name(_ node: Int) -> String { texts.name(of: node) }
  /// `∂L/∂w`.
  func adjoint(_ node: Int) -> String { "∂\(name(root))/∂\(name(node))" }
  /// `∂a/∂z`.
  func partial(_ node: Int, _ operand: Int) -> String { "∂\(name(node))/∂\(name(operand))" }
  func value(_ node: Int) -> Reading { built.reading(of: node) }

  /// The operation as it is written: `sigmoid(z)`.
  func formula(_ node: Int) -> String {
    var buffer = ByteBuffer()
    texts.write(texts.text(of: node), of: node, to: &buffer)
    return buffer.string
  }

  /// The local derivative, or the whole contribution where the rule is one.
  func rule(_ node: Int, slot: Int) -> String {
    var buffer = ByteBuffer()
    texts.write(texts.partialFormula(of: node, slot: slot), of: node, to: &buffer)
    return buffer.string
  }

  /// The local derivative as a number or a tensor; nil where only the contribution has a name.
  func local(_ node: Int, slot: Int) -> Reading? {
    guard !texts.formulaIsContribution(of: node, slot: slot) else { return nil }
    return built.withPoints { $0.local(of: node, slot: slot) }
  }

  /// The edges over which derivatives come to each node, in the order of the backward pass.
  var uses: [[MistakenSweep.Edge]] {
    var uses = Array(repeating: [MistakenSweep.Edge](), count: graph.count)
    for node in right.visits {
      for slot in 0..<graph.operandCount(of: node) {
        let edge = MistakenSweep.Edge(node: node, slot: slot)
        if right.sent[edge] != nil { uses[graph.operand(slot, of: node)].append(edge) }
      }
    }
    return uses
  }
}

extension Session {
  /// The largest graph that is looked at number by number.
  static let workLimit = 1000

  /// Computes a graph and its derivatives for a quiz or a mistake.
  ///
  /// **Errors** A ``Diagnostic`` as for `trace`, where the output has several entries, or where
  /// there are more than ``workLimit`` nodes.
  mutating func work(
    _ call: CommandCall?, _ command: String, _ host: any SessionHost
  ) throws(Diagnostic) -> WorkedGraph {
    let target = try target(of: call, command)
    let wrt = try wrtInputs(call, host)
    var built = try build(target, also: wrt?.map(\.name) ?? [], host)
    let shape = built.graph.shape(of: built.root)
    guard shape.count == 1 else {
      throw Diagnostic(.needsScalar(command, shape: "\(shape)"), target.range)
    }
    try compute(&built, wrt: wrt, host)
    guard built.graph.count <= Self.workLimit else {
      throw Diagnostic(
        .tooLarge(count: "\(built.graph.count)", limit: Self.workLimit), target.range)
    }
    try checkMemory(built)
    let active = active(built, wrt: wrt)
    let texts = NodeTexts(
      built, rootText: target.text, names: parser.names, isNumbered: true,
      isInUse: { definitions.isInUse($0) })
    var right = MistakenSweep(built, active: active, mistake: nil)
    right.run { host.isInterrupted }
    if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
    return WorkedGraph(
      built: built, active: active, asked: inputs(built, wrt).map(\.node), texts: texts,
      text: target.text, right: right)
  }
}
