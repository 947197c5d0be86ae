// The one list of operations: a case for each rule, and the switch that leads from one to the other.

/// What a node of the graph does.
///
/// Everything about an operation stands in its rule, one type in the file of its family; this list
/// only names the types. A case without its line in `accept` does not compile.
enum Operation: UInt8, CaseIterable, Sendable {
  /// Leaves: a number, an input marked `const`, an input, and a derivative computed by a pass of
  /// its own.
  case constant, data, input, derivative
  case add, subtract, multiply, divide, negate, identity
  case power, powerConstant, squareRoot, cubeRoot, hypot
  case exponential, exponentialMinusOne, logarithm, logarithmBase2, logarithmBase10,
    logarithmOnePlus, xLogY, errorFunction
  case sine, cosine, tangent, arcSine, arcCosine, arcTangent, arcTangent2, hyperbolicSine,
    hyperbolicCosine, hyperbolicTangent, inverseHyperbolicSine, inverseHyperbolicCosine,
    inverseHyperbolicTangent
  case sigmoid, logSigmoid, softplus, relu, leakyRelu, elu, gelu, silu
  case absoluteValue, sign, floor, ceiling, round, minimum, maximum, clamp, `where`, less,
    lessOrEqual, greater, greaterOrEqual, equal, notEqual
  case binaryCrossEntropy, binaryCrossEntropyOfLogit, squaredError, absoluteError, huber, hinge
}

extension Operation {
  /// Hands the operation's rule to a visitor.
  @inline(__always)
  func accept<V: RuleVisitor>(_ visitor: V) -> V.Result {
    switch self {
    case .constant, .data, .input, .derivative: visitor.visitLeaf()
    case .add: visitor.visit(Add.self)
    case .subtract: visitor.visit(Subtract.self)
    case .multiply: visitor.visit(Multiply.self)
    case .divide: visitor.visit(Divide.self)
    case .negate: visitor.visit(Negate.self)
    case .identity: visitor.visit(Identity.self)
    case .power: visitor.visit(Power.self)
    case .powerConstant: visitor.visit(PowerConstant.self)
    case .squareRoot: visitor.visit(SquareRoot.self)
    case .cubeRoot: visitor.visit(CubeRoot.self)
    case .hypot: visitor.visit(Hypot.self)
    case .exponential: visitor.visit(Exponential.self)
    case .exponentialMinusOne: visitor.visit(ExponentialMinusOne.self)
    case .logarithm: visitor.visit(Logarithm.self)
    case .logarithmBase2: visitor.visit(LogarithmBase2.self)
    case .logarithmBase10: visitor.visit(LogarithmBase10.self)
    case .logarithmOnePlus: visitor.visit(LogarithmOnePlus.self)
    case .xLogY: visitor.visit(XLogY.self)
    case .errorFunction: visitor.visit(ErrorFunction.self)
    case .sine: visitor.visit(Sine.self)
    case .cosine: visitor.visit(Cosine.self)
    case .tangent: visitor.visit(Tangent.self)
    case .arcSine: visitor.visit(ArcSine.self)
    case .arcCosine: visitor.visit(ArcCosine.self)
    case .arcTangent: visitor.visit(ArcTangent.self)
    case .arcTangent2: visitor.visit(ArcTangent2.self)
    case .hyperbolicSine: visitor.visit(HyperbolicSine.self)
    case .hyperbolicCosine: visitor.visit(HyperbolicCosine.self)
    case .hyperbolicTangent: visitor.visit(HyperbolicTangent.self)
    case .inverseHyperbolicSine: visitor.visit(InverseHyperbolicSine.self)
    case .inverseHyperbolicCosine: visitor.visit(InverseHyperbolicCosine.self)
    case .inverseHyperbolicTangent: visitor.visit(InverseHyperbolicTangent.self)
    case .sigmoid: visitor.visit(Sigmoid.self)
    case .logSigmoid: visitor.visit(LogSigmoid.self)
    case .softplus: visitor.visit(Softplus.self)
    case .relu: visitor.visit(Relu.self)
    case .leakyRelu: visitor.visit(LeakyRelu.self)
    case .elu: visitor.visit(Elu.self)
    case .gelu: visitor.visit(Gelu.self)
    case .silu: visitor.visit(Silu.self)
    case .absoluteValue: visitor.visit(AbsoluteValue.self)
    case .sign: visitor.visit(Sign.self)
    case .floor: visitor.visit(Floor.self)
    case .ceiling: visitor.visit(Ceiling.self)
    case .round: visitor.visit(Round.self)
    case .minimum: visitor.visit(Minimum.self)
    case .maximum: visitor.visit(Maximum.self)
    case .clamp: visitor.visit(Clamp.self)
    case .where: visitor.visit(Where.self)
    case .less: visitor.visit(Less.self)
    case .lessOrEqual: visitor.visit(LessOrEqual.self)
    case .greater: visitor.visit(Greater.self)
    case .greaterOrEqual: visitor.visit(GreaterOrEqual.self)
    case .equal: visitor.visit(Equal.self)
    case .notEqual: visitor.visit(NotEqual.self)
    case .binaryCrossEntropy: visitor.visit(BinaryCrossEntropy.self)
    case .binaryCrossEntropyOfLogit: visitor.visit(BinaryCrossEntropyOfLogit.self)
    case .squaredError: visitor.visit(SquaredError.self)
    case .absoluteError: visitor.visit(AbsoluteError.self)
    case .huber: visitor.visit(Huber.self)
    case .hinge: visitor.visit(Hinge.self)
    }
  }
}

/// Code that does something for every kind of rule: evaluates it, differentiates it, describes it.
protocol RuleVisitor {
  associatedtype Result
  /// The node is a leaf.
  func visitLeaf() -> Result
  /// The node is a function of one number.
  func visit<R: UnaryRule>(_ rule: R.Type) -> Result
  /// The node is a function of two numbers.
  func visit<R: BinaryRule>(_ rule: R.Type) -> Result
  /// The node is a function of three numbers.
  func visit<R: TernaryRule>(_ rule: R.Type) -> Result
}
