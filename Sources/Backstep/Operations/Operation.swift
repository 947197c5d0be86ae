// The one list of operations: a case for each rule, and the switch that leads from one to the other.

/// What a node of the graph does.
///
/// Everything about an operation stands in its rule, one type in the file of its family; this list
/// only names the types. A case without its line in `accept` does not compile.
enum Operation: UInt8, CaseIterable, Sendable {
  /// Leaves: a number, an input marked `const`, an input, and a derivative that a pass of its own
  /// computes.
  case constant, data, input, derivative
  case add, subtract, multiply, divide, negate, identity
  case power, powerConstant, sqrt, cbrt, hypot
  case exp, expm1, log, log2, log10, log1p, xlogy
  case sin, cos, tan, asin, acos, atan, atan2
  case sinh, cosh, tanh, asinh, acosh, atanh
  case sigmoid, logSigmoid, softplus, relu, leakyRelu, elu, gelu, silu, erf, erfc
  case abs, sign, floor, ceil, round
  case minimum, maximum, clamp, select
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  case binaryCrossEntropy, binaryCrossEntropyWithLogits
  case squaredError, absoluteError, huberLoss, hingeLoss, crossEntropy
  case matrixProduct, dot, outer, transpose
  case sum, mean, product, largest, smallest, argMax, variance, standardDeviation, norm
  case logSumExp, softmax, logSoftmax
  case stack, concatenate, reshape, flatten, element, oneHot
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
    case .sqrt: visitor.visit(Sqrt.self)
    case .cbrt: visitor.visit(Cbrt.self)
    case .hypot: visitor.visit(Hypot.self)
    case .exp: visitor.visit(Exp.self)
    case .expm1: visitor.visit(Expm1.self)
    case .log: visitor.visit(Log.self)
    case .log2: visitor.visit(Log2.self)
    case .log10: visitor.visit(Log10.self)
    case .log1p: visitor.visit(Log1p.self)
    case .xlogy: visitor.visit(XLogY.self)
    case .sin: visitor.visit(Sin.self)
    case .cos: visitor.visit(Cos.self)
    case .tan: visitor.visit(Tan.self)
    case .asin: visitor.visit(Asin.self)
    case .acos: visitor.visit(Acos.self)
    case .atan: visitor.visit(Atan.self)
    case .atan2: visitor.visit(Atan2.self)
    case .sinh: visitor.visit(Sinh.self)
    case .cosh: visitor.visit(Cosh.self)
    case .tanh: visitor.visit(Tanh.self)
    case .asinh: visitor.visit(Asinh.self)
    case .acosh: visitor.visit(Acosh.self)
    case .atanh: visitor.visit(Atanh.self)
    case .sigmoid: visitor.visit(Sigmoid.self)
    case .logSigmoid: visitor.visit(LogSigmoid.self)
    case .softplus: visitor.visit(Softplus.self)
    case .relu: visitor.visit(Relu.self)
    case .leakyRelu: visitor.visit(LeakyRelu.self)
    case .elu: visitor.visit(Elu.self)
    case .gelu: visitor.visit(Gelu.self)
    case .silu: visitor.visit(Silu.self)
    case .erf: visitor.visit(Erf.self)
    case .erfc: visitor.visit(Erfc.self)
    case .abs: visitor.visit(Abs.self)
    case .sign: visitor.visit(Sign.self)
    case .floor: visitor.visit(Floor.self)
    case .ceil: visitor.visit(Ceil.self)
    case .round: visitor.visit(Round.self)
    case .minimum: visitor.visit(Minimum.self)
    case .maximum: visitor.visit(Maximum.self)
    case .clamp: visitor.visit(Clamp.self)
    case .select: visitor.visit(Select.self)
    case .less: visitor.visit(Less.self)
    case .lessOrEqual: visitor.visit(LessOrEqual.self)
    case .greater: visitor.visit(Greater.self)
    case .greaterOrEqual: visitor.visit(GreaterOrEqual.self)
    case .equal: visitor.visit(Equal.self)
    case .notEqual: visitor.visit(NotEqual.self)
    case .binaryCrossEntropy: visitor.visit(BinaryCrossEntropy.self)
    case .binaryCrossEntropyWithLogits: visitor.visit(BinaryCrossEntropyWithLogits.self)
    case .squaredError: visitor.visit(SquaredError.self)
    case .absoluteError: visitor.visit(AbsoluteError.self)
    case .huberLoss: visitor.visit(HuberLoss.self)
    case .hingeLoss: visitor.visit(HingeLoss.self)
    case .crossEntropy: visitor.visit(CrossEntropy.self)
    case .matrixProduct: visitor.visit(MatrixProduct.self)
    case .dot: visitor.visit(Dot.self)
    case .outer: visitor.visit(Outer.self)
    case .transpose: visitor.visit(Transpose.self)
    case .sum: visitor.visit(Sum.self)
    case .mean: visitor.visit(Mean.self)
    case .product: visitor.visit(Product.self)
    case .largest: visitor.visit(Largest.self)
    case .smallest: visitor.visit(Smallest.self)
    case .argMax: visitor.visit(ArgMax.self)
    case .variance: visitor.visit(Variance.self)
    case .standardDeviation: visitor.visit(StandardDeviation.self)
    case .norm: visitor.visit(Norm.self)
    case .logSumExp: visitor.visit(LogSumExp.self)
    case .softmax: visitor.visit(Softmax.self)
    case .logSoftmax: visitor.visit(LogSoftmax.self)
    case .stack: visitor.visit(Stack.self)
    case .concatenate: visitor.visit(Concatenate.self)
    case .reshape: visitor.visit(Reshape.self)
    case .flatten: visitor.visit(Flatten.self)
    case .element: visitor.visit(Element.self)
    case .oneHot: visitor.visit(OneHot.self)
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
  func visit<R: StructuralRule>(_ rule: R.Type) -> Result
}
