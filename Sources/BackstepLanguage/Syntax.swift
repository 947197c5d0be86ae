// The meaning of the text, flat: operands before operators.

/// What a node of the syntax says.
///
/// An expression is kept in postfix order, so that whoever reads it from left to right has every
/// operand at hand when its operator comes, without a tree and without recursion.
public enum SyntaxKind: UInt8, Sendable {
  /// A number; the payload is its place among the numbers.
  case number
  /// A name; the payload is its ``NameID``.
  case name
  /// A parameter of the function being defined; the payload counts from 0.
  case parameter
  case add, subtract, multiply, divide, matrixProduct, power, negate
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  case transpose
  /// A call; the payload is the function's name, and an `arguments` node follows.
  case call
  /// How many arguments the call before has.
  case arguments
  /// The value before is given by keyword; the payload is the keyword's name.
  case keyword
  /// A bracketed list of as many values as the payload says.
  case list
  /// Indexing with as many indices as the payload says, above the value that is indexed.
  case index
  /// A slice as an index; the payload's bits say which bounds are there: 1 lower, 2 upper.
  case slice
  /// The derivative of the value before the last with respect to the last, which is a name.
  case gradient
}

/// A stretch of nodes that make up one expression.
public struct SyntaxRange: Hashable, Sendable {
  /// The first node.
  public var start: Int
  /// One past the last node, which is the outermost operator.
  public var end: Int

  /// Marks the nodes from `start` up to, not including, `end`.
  public init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = end
  }

  /// How many nodes there are.
  public var count: Int { end - start }
}

/// The nodes of all expressions, in columns.
public struct Syntax: Sendable {
  /// What each node says.
  public private(set) var kinds: ContiguousArray<SyntaxKind> = []
  /// What it says it about: see ``SyntaxKind``.
  public private(set) var payloads: ContiguousArray<UInt32> = []
  /// The numbers.
  public private(set) var numbers: ContiguousArray<Double> = []

  /// Starts with nothing.
  public init() {}

  /// How many nodes there are.
  public var count: Int { kinds.count }

  /// Makes room for so many nodes more.
  mutating func reserve(_ count: Int) {
    kinds.reserveCapacity(kinds.count + count)
    payloads.reserveCapacity(payloads.count + count)
  }

  /// Adds a node.
  @inline(__always)
  mutating func append(_ kind: SyntaxKind, _ payload: UInt32 = 0) {
    kinds.append(kind)
    payloads.append(payload)
  }

  /// Adds a number.
  @inline(__always)
  mutating func append(number: Double) {
    append(.number, UInt32(truncatingIfNeeded: numbers.count))
    numbers.append(number)
  }

  /// Turns a name that turned out to be a parameter, or a call, into what it is.
  mutating func replaceLast(_ kind: SyntaxKind, _ payload: UInt32) {
    kinds[kinds.count - 1] = kind
    payloads[payloads.count - 1] = payload
  }

  /// The number of a node of kind `number`.
  public func number(at node: Int) -> Double { numbers[Int(payloads[node])] }

  /// How many operands a node has; of a call the arguments.
  public func operandCount(of node: Int) -> Int {
    switch kinds[node] {
    case .number, .name, .parameter, .arguments: 0
    case .negate, .transpose, .keyword: 1
    case .call: Int(payloads[node + 1])
    case .list: Int(payloads[node])
    case .index: Int(payloads[node]) + 1
    case .slice: payloads[node].nonzeroBitCount
    default: 2
    }
  }

  /// Forgets the nodes and numbers from a mark on.
  public mutating func truncate(to mark: Mark) {
    kinds.removeLast(kinds.count - mark.nodes)
    payloads.removeLast(payloads.count - mark.nodes)
    numbers.removeLast(numbers.count - mark.numbers)
  }

  /// How much there was at some moment.
  public struct Mark: Sendable {
    /// How many nodes there were.
    public let nodes: Int
    /// How many numbers there were.
    public let numbers: Int
  }

  /// How much there is now.
  public var mark: Mark { Mark(nodes: kinds.count, numbers: numbers.count) }

  /// One expression by itself, to be kept when the statement it stood in is forgotten.
  public struct Copy: Sendable {
    fileprivate var kinds: ArraySlice<SyntaxKind>
    fileprivate var payloads: ArraySlice<UInt32>
    fileprivate var numbers: [Double]
  }

  /// Copies an expression.
  public func copy(_ range: SyntaxRange) -> Copy {
    let nodes = range.start..<range.end
    let numbers = nodes.filter { kinds[$0] == .number }.map { number(at: $0) }
    return Copy(
      kinds: ArraySlice(kinds[nodes]), payloads: ArraySlice(payloads[nodes]), numbers: numbers)
  }

  /// Adds an expression that was copied, and says where it is now.
  mutating func append(_ copy: Copy) -> SyntaxRange {
    let start = count
    var next = 0
    for (kind, payload) in zip(copy.kinds, copy.payloads) {
      if kind == .number {
        append(number: copy.numbers[next])
        next += 1
      } else {
        append(kind, payload)
      }
    }
    return SyntaxRange(start, count)
  }
}
