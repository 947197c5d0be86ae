// The numbers of one value inside a larger piece of memory: where tensors are read and written.

import BackstepLanguage
import BackstepTrace

/// A view of a scalar's, vector's or matrix's numbers, row after row.
///
/// Memory is reached without a check of every index here, in `ScalarSteps` and in `ByteCursor`, and nowhere
/// else. Here because a pass over a graph reads some blocks of one buffer while it writes another, which no
/// safe view allows. Whoever makes a block vouches that the memory has room for its shape and outlives it; the
/// graph does, whose offsets were added up from the same shapes.
struct Block<T> {
  let start: UnsafeMutablePointer<T>
  let shape: Shape

  @inline(__always) init(_ start: UnsafeMutablePointer<T>, _ shape: Shape) {
    self.start = start
    self.shape = shape
  }

  /// How many numbers there are.
  @inline(__always) var count: Int { shape.count }

  /// The number at a place, counted from 0, row after row.
  @inline(__always) subscript(index: Int) -> T {
    get {
      assert(index >= 0 && index < count)
      return start[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count)
      start[index] = newValue
    }
  }

  /// Makes every number the same.
  func fill(_ number: T) { start.update(repeating: number, count: count) }

  /// Takes over the numbers of another block of the same count.
  func copy(_ other: Block) { start.update(from: other.start, count: count) }
}

extension Block where T == Double {
  /// The numbers as they are told to others.
  var reading: Reading {
    shape.isScalar ? .scalar(start[0]) : .tensor(shape, numbers)
  }

  /// The same; nil where ^C is pressed before all of them are copied.
  var readingUnlessInterrupted: Reading? {
    guard count > Self.piece, !shape.isScalar else { return reading }
    let numbers = numbersUntilInterrupted
    return numbers.count == count ? .tensor(shape, numbers) : nil
  }

  /// The numbers, row after row.
  ///
  /// Never inlined: where nobody looks at the array, release builds of Swift 6.3 free it before they
  /// write to it, as Scripts/fuzz found.
  @inline(never) private var numbers: [Double] {
    Array(UnsafeBufferPointer(start: start, count: count))
  }

  /// How many numbers are copied between two looks at whether to stop.
  private static var piece: Int { 1 << 20 }

  /// The first of the numbers, if ^C is pressed, else all of them.
  @inline(never) private var numbersUntilInterrupted: [Double] {
    Array(unsafeUninitializedCapacity: count) { memory, filled in
      while filled < count, !Interruption.isRequested {
        let next = min(count, filled + Self.piece)
        let piece = UnsafeBufferPointer(start: start + filled, count: next - filled)
        _ = memory[filled..<next].initialize(fromContentsOf: piece)
        filled = next
      }
    }
  }
}

extension ContiguousArray<Double> {
  /// A tensor's numbers that lie at a place, as they are told to others; nil where ^C is pressed before
  /// all of them are copied.
  func readingUnlessInterrupted(at place: Int, _ shape: Shape) -> Reading? {
    withUnsafeBufferPointer { numbers in
      precondition(place >= 0 && shape.count <= numbers.count - place)
      guard let start = numbers.baseAddress else { return .tensor(shape, []) }
      return Block(UnsafeMutablePointer(mutating: start + place), shape).readingUnlessInterrupted
    }
  }
}

extension Reading {
  /// Nothing but zeros.
  static func zeros(_ shape: Shape) -> Reading {
    shape.isScalar ? .scalar(0) : .tensor(shape, Array(repeating: 0, count: shape.count))
  }
}

/// A vector or a matrix that is kept: never changed once it is made, and shared without a copy.
struct Tensor: Sendable {
  let shape: Shape
  private let storage: Storage

  /// Memory that is freed when nobody refers to it.
  private final class Storage: @unchecked Sendable {
    let start: UnsafeMutablePointer<Double>
    init(_ count: Int) { start = .allocate(capacity: count) }
    deinit { start.deallocate() }
  }

  /// Makes a tensor whose numbers `fill` writes; they are not set before.
  init(_ shape: Shape, fill: (Block<Double>) -> Void) {
    self.shape = shape
    storage = Storage(shape.count)
    fill(Block(storage.start, shape))
  }

  /// Makes a tensor of numbers, row after row; there must be as many as the shape says.
  init(_ shape: Shape, _ numbers: [Double]) {
    precondition(numbers.count == shape.count)
    self.init(shape) { block in
      for (index, number) in numbers.enumerated() { block[index] = number }
    }
  }

  /// The numbers, to be read only.
  var block: Block<Double> { Block(storage.start, shape) }
  var reading: Reading { block.reading }
}

/// What a name or an expression is worth.
enum Value: Sendable {
  case number(Double)
  case tensor(Tensor)

  var shape: Shape {
    switch self {
    case .number: .scalar
    case .tensor(let tensor): tensor.shape
    }
  }

  var reading: Reading {
    switch self {
    case .number(let number): .scalar(number)
    case .tensor(let tensor): tensor.reading
    }
  }

  /// The same; nil where ^C is pressed before all numbers are copied.
  var readingUnlessInterrupted: Reading? {
    switch self {
    case .number(let number): .scalar(number)
    case .tensor(let tensor): tensor.block.readingUnlessInterrupted
    }
  }

  /// A number, or a tensor of them.
  init(_ reading: Reading) {
    switch reading {
    case .scalar(let number): self = .number(number)
    case .tensor(let shape, let numbers): self = .tensor(Tensor(shape, numbers))
    }
  }

  /// Ones in a shape: the seed of a derivative.
  static func ones(_ shape: Shape) -> Value {
    shape.isScalar ? .number(1) : .tensor(Tensor(shape) { $0.fill(1) })
  }

  /// A 1 at one place and 0 elsewhere.
  static func unit(_ shape: Shape, _ place: Int) -> Value {
    guard !shape.isScalar else { return .number(1) }
    return .tensor(
      Tensor(shape) { block in
        block.fill(0)
        block[place] = 1
      })
  }

  /// The numbers of a block, copied.
  init(copying block: Block<Double>) {
    self =
      block.shape.isScalar
      ? .number(block[0]) : .tensor(Tensor(block.shape) { $0.copy(block) })
  }
}
