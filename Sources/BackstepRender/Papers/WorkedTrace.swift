// A trace in the order in which a paper tells it, and which of its results are left blank.

import BackstepLanguage
import BackstepTrace

/// The forward pass, the backward pass with its products and sums, and the gradient.
///
/// The results are counted in that order: a value for each operation, then a product for each use of
/// a node and a sum for each node that is used more than once. A worksheet leaves the last ones blank, and
/// with them every place where such a number appears again.
struct WorkedTrace {
  /// What the backward pass consists of, in order.
  enum Part {
    /// A node's adjoint as the sum of what was sent to it.
    case sum(node: NodeIndex, result: Int)
    /// A node passes its adjoint on; `number` is the step's number in the trace.
    case step(node: NodeIndex, number: Int, products: [Product])
  }

  /// One product of the chain rule.
  struct Product {
    var contribution: Contribution
    var result: Int
  }

  /// The trace by node.
  let trace: TraceDigest
  /// Inputs and data, in forward order.
  private(set) var inputs: [NodeIndex] = []
  /// The operations, in forward order.
  private(set) var operations: [NodeIndex] = []
  /// The backward pass.
  private(set) var parts: [Part] = []
  /// The seed.
  private(set) var seed = Reading.scalar(1)
  /// How many results there are.
  private(set) var results = 0
  /// How many results the backward pass has.
  private(set) var backwardResults = 0
  /// The first result that is left blank.
  private var firstBlank = Int.max
  /// The result that is a node's value; nil for inputs.
  private var valueResults: [Int?]
  /// The result that completes a node's adjoint; nil where it was given.
  private var adjointResults: [Int?]

  /// Puts a trace in order; `fade` results are left blank, counted from the last one.
  ///
  /// - Parameters:
  ///   - trace: The trace.
  ///   - fade: How many; nil for all of the backward pass.
  ///   - isBlank: Whether any are left blank at all.
  init(_ trace: TraceDigest, fade: Int? = nil, isBlank: Bool = false) {
    self.trace = trace
    valueResults = Array(repeating: nil, count: trace.header.count)
    adjointResults = Array(repeating: nil, count: trace.header.count)
    let header = trace.header
    for node in 0..<header.count where trace.values[node] != nil {
      switch header.kind(of: node) {
      case .constant: break
      case .input, .data: inputs.append(node)
      case .operation:
        valueResults[node] = results
        results += 1
        operations.append(node)
      }
    }
    let forward = results
    gatherBackward()
    backwardResults = results - forward
    if isBlank { firstBlank = max(0, results - max(0, fade ?? backwardResults)) }
  }

  private mutating func gatherBackward() {
    var step = operations.count
    var open: (node: NodeIndex, products: [Product])?
    func close(_ parts: inout [Part]) {
      guard let (node, products) = open else { return }
      step += 1
      parts.append(.step(node: node, number: step, products: products))
      open = nil
    }
    for event in trace.events.untilInterrupted {
      switch event {
      case .seed(_, let adjoint): seed = adjoint
      case .fanOut(let node, _, _):
        close(&parts)
        parts.append(.sum(node: node, result: results))
        adjointResults[node] = results
        results += 1
      case .backward(let node, _, _):
        close(&parts)
        open = (node, [])
      case .contribution(let contribution):
        open?.products.append(Product(contribution: contribution, result: results))
        adjointResults[contribution.operand] = results
        results += 1
      default: break
      }
    }
    close(&parts)
  }

  /// Whether a result is shown.
  func isShown(_ result: Int) -> Bool { result < firstBlank }
  /// Whether a node's value is shown.
  func showsValue(of node: NodeIndex) -> Bool { valueResults[node].map(isShown) ?? true }
  /// Whether a node's adjoint is shown.
  func showsAdjoint(of node: NodeIndex) -> Bool { adjointResults[node].map(isShown) ?? true }
  /// Whether anything is left blank.
  var hasBlanks: Bool { firstBlank < results }
  /// How many results are left blank.
  var blanks: Int { max(0, results - firstBlank) }

  /// A node's value; not a number where it has no part in the trace.
  func value(of node: NodeIndex) -> Reading { trace.values[node] ?? .scalar(.nan) }
  /// A node's adjoint.
  func adjoint(of node: NodeIndex) -> Reading { trace.adjoints[node] ?? .scalar(0) }
  /// Whether what is sent to a node is added up.
  func isSum(_ node: NodeIndex) -> Bool { trace.terms[node].count > 1 }

  /// Whether the operand was stretched to the operation's shape, so that what is sent to its copies is
  /// added up.
  func isStretched(_ contribution: Contribution) -> Bool {
    let shape = trace.header.shape(of: contribution.operand)
    return contribution.local.map { $0.shape.count != shape.count } ?? false
  }
}
