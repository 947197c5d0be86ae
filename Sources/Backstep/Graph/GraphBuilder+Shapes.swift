// Vectors and matrices in the graph: shapes, lists, indices, and calls that say more than operands.

import BackstepLanguage
import BackstepTrace

extension Operation {
  /// The operation on all entries of one tensor that goes by the same name.
  var reduction: Operation? {
    switch self {
    case .maximum: .largest
    case .minimum: .smallest
    default: nil
    }
  }
}

extension GraphBuilder {
  // MARK: Shapes

  /// The shape of an operation entry by entry.
  func elementwiseShape(
    _ operation: Operation, _ operands: [NodeID], at: Int
  ) throws(BuildError) -> Shape {
    let shapes = operands.map { built.graph.shape(of: Int($0)) }
    var shape = shapes[0]
    for other in shapes.dropFirst() {
      guard let both = Shape.broadcast(shape, other) else {
        throw failure(.mismatch(hint: advice(operation, shapes)), shapes, at: at)
      }
      shape = both
    }
    guard operation.isMean else { return shape }
    // A prediction that is stretched by its labels is a slip: [n, 1] and [n] would make [n, n].
    guard shape == shapes[0] else {
      throw failure(
        .mismatch(hint: "the prediction must have the shape of the labels"), shapes, at: at)
    }
    return .scalar
  }

  /// What would fit an operation entry by entry.
  private func advice(_ operation: Operation, _ shapes: [Shape]) -> String? {
    guard shapes.count == 2 else { return "the shapes must be equal, or of size 1 along an axis" }
    let transposed = Shape.matrix(shapes[1].columns, shapes[1].rows)
    if operation == .multiply, MatrixProduct.Sizes(shapes[0], shapes[1]) != nil {
      return "the matrix product is written #1 @ #2"
    }
    if shapes[1].rank == 2, Shape.broadcast(shapes[0], transposed) != nil {
      return "#2' has shape \(transposed)"
    }
    if shapes[0].rank == 2, shapes[1].rank == 1, shapes[0].rows == shapes[1].count {
      return "a vector is a row here; for a column write reshape(#2, \(shapes[1].count), 1)"
    }
    if shapes[1].rank == 2, shapes[0].rank == 1, shapes[1].rows == shapes[0].count {
      return "a vector is a row here; for a column write reshape(#1, \(shapes[0].count), 1)"
    }
    return "shapes must be equal, or of size 1 along an axis"
  }

  /// Makes sure that the graph does not outgrow the memory.
  mutating func checkSize(_ shape: Shape, at: Int) throws(BuildError) {
    let (count, overflows) = shape.rows.multipliedReportingOverflow(by: shape.columns)
    guard !overflows, count < 1 << 62 else {
      let found = "\(shape.rows)·\(shape.columns)"
      throw failure(.tooLarge(count: found, limit: Memory.numberLimit), at: at)
    }
    if let problem = memory.problem(built.graph.numberCount + count) {
      throw failure(problem, at: at)
    }
  }

  func failure(_ problem: ShapeProblem, _ shapes: [Shape], at: Int) -> BuildError {
    var error = failure(.shape(problem.sentence, hint: problem.hint), at: at)
    error.shapes = shapes
    return error
  }

  // MARK: Structural operations

  /// Adds a structural operation on the operands on top.
  mutating func structural(
    _ operation: Operation, _ count: Int, _ attributes: Attributes = Attributes(), at: Int
  ) throws(BuildError) {
    let own = operands.suffix(count)
    let shapes = own.map { built.graph.shape(of: Int($0)) }
    let shape: Shape
    do {
      shape = try operation.accept(ShapeOf(shapes: shapes, attributes: attributes)).get()
    } catch {
      throw failure(error, shapes, at: at)
    }
    let nodes = ContiguousArray(own)
    if operation == .crossEntropy, CrossEntropy.hasIndices(shapes[0], shapes[1]) {
      try checkIndices(Int(nodes[1]), classes: shapes[0].sizes.last ?? 0, at: at)
    } else if operation == .oneHot {
      try checkIndices(Int(nodes[0]), classes: attributes.shape.count, at: at)
    }
    if !bases.isEmpty { expanded += 1 }
    try makeRoom(shape, at: at)
    operands.removeLast(count)
    operands.append(built.graph.append(operation, nodes, attributes, shape: shape))
  }

  /// A list of numbers is a constant; any other is an operation.
  mutating func list(_ count: Int, at: Int) throws(BuildError) {
    let first = operands.count - count
    let firstNode = built.graph.count - count
    let isConstant = (0..<count).allSatisfy { index in
      let node = Int(operands[first + index])
      return node == firstNode + index && built.graph.operations[node] == .constant
        && built.graph.labels[node] == 0
    }
    guard isConstant else { return try structural(.stack, count, at: at) }
    let shapes = (0..<count).map { built.graph.shape(of: firstNode + $0) }
    let shape: Shape
    do {
      shape = try Stack.shape(shapes, Attributes())
    } catch {
      throw failure(error, shapes, at: at)
    }
    var numbers: [Double] = []
    numbers.reserveCapacity(shape.count)
    for node in firstNode..<built.graph.count {
      switch built.value(of: node) {
      case .number(let number): numbers.append(number)
      case .tensor(let tensor): numbers += tensor.reading.elements
      }
    }
    for _ in 0..<count { built.removeLast() }
    operands.removeLast(count)
    push(constant: .tensor(Tensor(shape, numbers)))
  }

  // MARK: Indices

  /// A slice: its bounds are known now, and it stands among the operands as if it were one.
  mutating func slice(bounds: UInt32, at: Int) throws(BuildError) {
    let upper = bounds & 2 != 0 ? try popInteger("an index", at: at) : nil
    let lower = bounds & 1 != 0 ? try popInteger("an index", at: at) : nil
    slices.append(Slice(operand: operands.count, lower: lower, upper: upper))
    operands.append(0)
  }

  /// An index with as many parts above the value.
  mutating func index(_ count: Int, at: Int) throws(BuildError) {
    let value = operands.count - count - 1
    let shape = built.graph.shape(of: Int(operands[value]))
    guard count <= shape.rank else {
      operands.removeLast(count)
      slices.removeAll { $0.operand > value }
      let problem =
        shape.rank == 0
        ? ShapeProblem("%1: a single number has no entries")
        : ShapeProblem(
          "%1: it takes \(shape.rank == 1 ? "one index" : "two indices"), not \(count)")
      throw failure(problem, [shape], at: at)
    }
    var selections: [Attributes.Selection] = []
    for axis in stride(from: count - 1, through: 0, by: -1) {
      if let slice = slices.last, slice.operand == operands.count - 1 {
        slices.removeLast()
        operands.removeLast()
        selections.append(try selection(slice, size: shape.extent(axis), at: at))
      } else {
        let place = try popInteger("an index", at: at)
        selections.append(
          Attributes.Selection(places: place - 1..<place, isSingle: true, text: "\(place)"))
      }
    }
    let attributes = Attributes(selections: selections.reversed())
    try structural(.element, 1, attributes, at: at)
  }

  private func selection(
    _ slice: Slice, size: Int, at: Int
  ) throws(BuildError) -> Attributes.Selection {
    let lower = slice.lower ?? 1
    let upper = slice.upper ?? size
    guard lower <= upper else {
      throw failure(
        ShapeProblem("the slice \(lower):\(upper) is empty", hint: "it runs from low to high"), [],
        at: at)
    }
    let text = "\(slice.lower.map(String.init) ?? ""):\(slice.upper.map(String.init) ?? "")"
    return Attributes.Selection(places: lower - 1..<upper, isSingle: false, text: text)
  }

  // MARK: What must be known

  /// Takes the operand on top away, whose value must be a whole number that is known.
  mutating func popInteger(_ what: String, at: Int) throws(BuildError) -> Int {
    let node = Int(operands.removeLast())
    let shape = built.graph.shape(of: node)
    guard shape.isScalar else {
      throw failure(.needsScalar(what, shape: "\(shape)"), at: at)
    }
    try evaluate(node, what, at: at)
    let number = built.values[built.graph.offset(of: node)]
    if node == built.graph.count - 1, built.graph.operations[node] == .constant,
      built.graph.labels[node] == 0
    {
      built.removeLast()
      evaluated = min(evaluated, built.graph.count)
    } else {
      hasOrphans = true
    }
    // Beyond 2^53 doubles are no longer all whole numbers.
    if let integer = Int(exactly: number), (-1 << 53...1 << 53).contains(integer) { return integer }
    var digits = ByteBuffer()
    digits.appendShortest(number)
    throw failure(
      number.isFinite && number == number.rounded()
        ? .integerTooLarge(what: what, found: digits.string)
        : .notAnInteger(what: what, found: digits.string),
      at: at)
  }

  /// Computes a node now.
  private mutating func evaluate(_ node: Int, _ what: String, at: Int) throws(BuildError) {
    if built.graph.operations[node] != .constant { dependsOnValues = true }
    guard !built.graph.operations[node].isLeaf else {
      if built.graph.operations[node] == .derivative { throw failure(.notKnown(what), at: at) }
      return
    }
    if !built.graph.derivatives.isEmpty,
      built.graph.dependents(of: built.graph.derivatives)[node]
    {
      throw failure(.notKnown(what), at: at)
    }
    guard node >= evaluated else { return }
    do {
      try Evaluation.forward(&built, evaluated..<built.graph.count) { false }
    } catch {
      throw failure(error.kind, at: at)
    }
    evaluated = built.graph.count
  }

  /// Makes sure that every number of a node is the index of a class.
  private mutating func checkIndices(_ node: Int, classes: Int, at: Int) throws(BuildError) {
    try evaluate(node, "an index", at: at)
    let wrong = built.reading(of: node).elements.first { number in
      !(Int(exactly: number).map { (1...max(1, classes)).contains($0) } ?? false)
    }
    guard let wrong else { return }
    var digits = ByteBuffer()
    digits.appendShortest(wrong)
    throw failure(.notAnIndex(found: digits.string, limit: classes), at: at)
  }

  // MARK: Calls

  /// Makes a constant from sizes.
  mutating func construct(
    _ constructor: Constructor, _ count: Int, at: Int, _ input: Input, _ names: NameTable
  ) throws(BuildError) {
    guard constructor.arity.contains(count) else {
      let (least, most) = (constructor.arity.lowerBound, constructor.arity.upperBound)
      let range = least == most ? "\(most)" : "\(least) to \(most)"
      throw failure(
        .wrongArgumentCount(
          function: constructor.name, expected: "\(range) argument\(most == 1 ? "" : "s")",
          found: count), at: at, advice: "write \(constructor.usage)")
    }
    if let keyword = keywords.last, keyword.operand >= operands.count - count {
      throw failure(
        .unknownKeyword(
          function: constructor.name, keyword: names.string(keyword.name), known: []),
        at: keyword.node)
    }
    if constructor.isRandom,
      !input.allowsRandom || frames.contains(where: { $0.kind == .definition })
    {
      throw failure(.randomInFormula(constructor.name), at: at)
    }
    var numbers: [Int] = []
    for _ in 0..<count {
      let what = constructor.takesSizes ? "a size" : "an argument of \(constructor.name)"
      numbers.append(try popInteger(what, at: at))
    }
    numbers.reverse()
    if constructor.takesSizes { try checkSizes(numbers, at: at) }
    if constructor.name == "eye" { try checkSizes([numbers[0], numbers[0]], at: at) }
    if constructor.name == "range" {
      guard numbers[0] <= numbers[1] else {
        throw failure(
          ShapeProblem(
            "range(\(numbers[0]), \(numbers[1])) is empty", hint: "it runs from low to high"), [],
          at: at)
      }
      try checkSizes([numbers[1] - numbers[0] + 1], at: at)
    }
    push(constant: constructor.make(numbers, &random))
  }

  private mutating func checkSizes(_ sizes: [Int], at: Int) throws(BuildError) {
    if let size = sizes.first(where: { $0 < 1 }) {
      throw failure(
        ShapeProblem("a size must be at least 1, not \(size)"), [], at: at)
    }
    guard let first = sizes.first else { return }
    try checkSize(sizes.count == 1 ? .vector(first) : .matrix(first, sizes[1]), at: at)
  }

  /// Adds a structural operation that is called by name; false where the name, such as `max`, means
  /// an operation entry by entry here.
  mutating func reduceOrArrange(
    _ named: Operation, _ count: Int, _ name: NameID, at: Int, _ names: NameTable
  ) throws(BuildError) -> Bool {
    let first = operands.count - count
    let own = keywords.filter { $0.operand >= first }
    let positional = count - own.count
    var operation = named
    if let reduction = named.reduction {
      guard positional == 1 else { return false }
      operation = reduction
    }
    guard let entry = operation.entry else { return false }
    let function = names.string(name)
    let plain = entry.isVariadic ? positional : entry.operands.count { $0.role == .operand }
    let others = entry.operands.filter { $0.role == .attribute || $0.role == .optionalAttribute }
    let least = entry.operands.count { !$0.canBeLeftOut }
    if let keyword = own.first(where: { keyword in
      !entry.operands.contains { $0.name == names.string(keyword.name) && $0.hasKeyword }
    }) {
      keywords.removeLast(own.count)
      throw failure(
        .unknownKeyword(
          function: function, keyword: names.string(keyword.name),
          known: entry.operands.filter(\.hasKeyword).map(\.name)), at: keyword.node)
    }
    guard positional >= max(1, least), positional <= plain + others.count else {
      keywords.removeLast(own.count)
      throw failure(
        wrongCount(entry, function, count), at: at, advice: "write \(entry.call(function))")
    }
    var attributes = Attributes()
    // Arguments given by name stand last: they are taken off the top first.
    for keyword in own.reversed() {
      keywords.removeLast()
      let text = names.string(keyword.name)
      guard entry.operands.contains(where: { $0.name == text && $0.role == .keyword }) else {
        throw failure(
          .unknownKeyword(
            function: function, keyword: text,
            known: entry.operands.filter(\.hasKeyword).map(\.name)),
          at: keyword.node)
      }
      guard keyword.operand == operands.count - 1 else {
        throw failure(
          .expectedOperand(found: "an argument given by name before it"), at: keyword.node)
      }
      guard attributes.axis == 0 else {
        throw failure(.repeatedArgument(function: function, argument: text), at: keyword.node)
      }
      attributes.axis = try popInteger("axis", at: keyword.node)
      guard attributes.axis >= 1 else {
        throw failure(
          ShapeProblem("axis counts from 1, not \(attributes.axis)"), [], at: keyword.node)
      }
    }
    if !others.isEmpty {
      var sizes: [Int] = []
      for _ in plain..<positional { sizes.append(try popInteger("a size", at: at)) }
      sizes.reverse()
      try checkSizes(sizes, at: at)
      if let rows = sizes.first {
        attributes.shape = sizes.count > 1 ? .matrix(rows, sizes[1]) : .vector(rows)
      }
    }
    try structural(operation, plain, attributes, at: at)
    return true
  }
}

/// The shape of a structural operation's result.
struct ShapeOf: RuleVisitor {
  let shapes: [Shape]
  let attributes: Attributes

  func visitLeaf() -> Result<Shape, ShapeProblem> { .success(.scalar) }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Result<Shape, ShapeProblem> { .success(.scalar) }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Result<Shape, ShapeProblem> { .success(.scalar) }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Result<Shape, ShapeProblem> { .success(.scalar) }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Result<Shape, ShapeProblem> {
    Result { () throws(ShapeProblem) in try R.shape(shapes, attributes) }
  }
}

extension Operation {
  /// Whether over tensors it is the mean over all entries, as a loss.
  var isMean: Bool { accept(IsMean()) }
}

private struct IsMean: RuleVisitor {
  func visitLeaf() -> Bool { false }
  func visit<R: UnaryRule>(_ rule: R.Type) -> Bool { R.isMean }
  func visit<R: BinaryRule>(_ rule: R.Type) -> Bool { R.isMean }
  func visit<R: TernaryRule>(_ rule: R.Type) -> Bool { R.isMean }
  func visit<R: StructuralRule>(_ rule: R.Type) -> Bool { false }
}
