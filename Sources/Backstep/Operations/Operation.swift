// The one list of operations: a case for each rule, and the switch that leads from one to the other.

/// What a node of the graph does.
///
/// Everything about an operation stands in its rule, one type in the file of its family; this list
/// only names the types. A case without its line in `accept` does not compile.
enum Operation: UInt8, CaseIterable, Sendable {
  case constant, input
  case add, subtract, multiply, divide, negate
  case sigmoid
}

extension Operation {
  /// Hands the operation's rule to a visitor.
  @inline(__always)
  func accept<V: RuleVisitor>(_ visitor: V) -> V.Result {
    switch self {
    case .constant, .input: visitor.visitLeaf()
    case .add: visitor.visit(Add.self)
    case .subtract: visitor.visit(Subtract.self)
    case .multiply: visitor.visit(Multiply.self)
    case .divide: visitor.visit(Divide.self)
    case .negate: visitor.visit(Negate.self)
    case .sigmoid: visitor.visit(Sigmoid.self)
    }
  }
}

/// Code that does something for every kind of rule: evaluates it, differentiates it, describes it.
protocol RuleVisitor {
  associatedtype Result
  /// The node is a constant or an input.
  func visitLeaf() -> Result
  func visit<R: UnaryRule>(_ rule: R.Type) -> Result
  func visit<R: BinaryRule>(_ rule: R.Type) -> Result
  func visit<R: TernaryRule>(_ rule: R.Type) -> Result
}
