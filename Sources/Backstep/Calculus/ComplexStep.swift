// Derivatives by a step into the complex plane: exact to rounding where the operations allow it.

import BackstepLanguage
import BackstepTrace

/// Moves one entry of an input by i·h and computes the graph at complex numbers.
///
/// It knows the operations' values only, not their local derivatives.
struct ComplexStep {
  private let built: BuiltGraph
  /// Everything at complex numbers, with nothing moved.
  private var numbers: ContiguousArray<Complex> = []
  private var begins: [Int] = []

  /// How far a number is moved: its square is far below the last digit of the number.
  static func step(at x: Double) -> Double { x == 0 ? 0x1p-300 : min(abs(x), 1) * 0x1p-100 }

  init(_ built: BuiltGraph) {
    self.built = built
    for node in 0..<built.graph.count {
      begins.append(numbers.count)
      for number in built.reading(of: node).elements { numbers.append(Complex(number)) }
    }
  }

  /// The slope of the root along one entry of an input; nil where an operation on the way is not
  /// analytic there.
  mutating func slope(of node: Int, _ entry: Int) -> Double? {
    let at = begins[node] + entry
    let before = numbers[at]
    let step = Self.step(at: before.real)
    numbers[at] = Complex(before.real, step)
    if built.graph.isScalar {
      Forward.sweep(built.graph, 0..<built.graph.count, &numbers)
    } else {
      sweepTensors()
    }
    // The root may be the input itself.
    let slope = numbers[begins[built.root]].imaginary / step
    numbers[at] = before
    return slope.isFinite ? slope : nil
  }

  private mutating func sweepTensors() {
    let graph = built.graph
    let begins = begins
    numbers.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      withUnsafeTemporaryAllocation(
        of: UnsafeMutablePointer<Complex>.self, capacity: graph.count + 1
      ) { starts in
        for node in 0..<graph.count { starts[node] = start + begins[node] }
        guard let first = starts.baseAddress else { return }
        graph.withPlaces(first) { places in
          var watch = Watch()
          for node in 0..<graph.count where !graph.operations[node].isLeaf {
            if watch.isOver(after: places.block(node).count) { return }
            graph.operations[node].accept(TensorValue(node: TensorNode(graph, node, places)))
          }
        }
      }
    }
  }
}
