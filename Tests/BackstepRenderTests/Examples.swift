// The traces that the renderers' tests print.

import BackstepTrace
import Testing

/// A trace with a name, which is also the name of its golden files.
struct Example: Sendable, CustomTestStringConvertible {
  var name: String
  var trace: HandMade
  var seed = Reading.scalar(1)

  var testDescription: String { name }

  static let all = [neuron, shared, unicode, notFinite, tensors, manyTerms, longFormulas]

  /// One neuron with its loss: `a = sigmoid(w1*x1 + w2*x2 + b)`, `L = bce(a, y)`.
  static let neuron = Example(name: "neuron") { trace in
    let w1 = trace.input("w1", 0.5)
    let x1 = trace.input("x1", 1)
    let v1 = trace.operation("v1", "mul", "a*b", [w1, x1], 0.5, [("b", 1), ("a", 0.5)])
    let w2 = trace.input("w2", -0.3)
    let x2 = trace.input("x2", 2)
    let v2 = trace.operation("v2", "mul", "a*b", [w2, x2], -0.6, [("b", 2), ("a", -0.3)])
    let v3 = trace.operation("v3", "add", "a + b", [v1, v2], -0.1, [("1", 1), ("1", 1)])
    let b = trace.input("b", 0.1)
    let z = trace.operation("z", "add", "a + b", [v3, b], 0, [("1", 1), ("1", 1)])
    let a = trace.operation("a", "sigmoid", "sigmoid(a)", [z], 0.5, [("out*(1 - out)", 0.25)])
    let y = trace.data("y", 1)
    _ = trace.operation(
      "L", "bce", "bce(a, b)", [a, y], 0.6931471805599453,
      [("(a - b)/(a*(1 - a))", -2), ("log((1 - a)/a)", 0)])
  }

  /// A square, and an input with three uses: `f = x*x + 3*x`, `L = f - x`.
  static let shared = Example(name: "shared") { trace in
    let x = trace.input("x", -1.7)
    let v1 = trace.operation("v1", "mul", "a*b", [x, x], 2.89, [("b", -1.7), ("a", -1.7)])
    let three = trace.constant(3)
    let v2 = trace.operation("v2", "mul", "a*b", [three, x], -5.1, [("b", -1.7), ("a", 3)])
    let f = trace.operation("f", "add", "a + b", [v1, v2], -2.21, [("1", 1), ("1", 1)])
    let v4 = trace.operation("v4", "tanh", "tanh(a)", [x], -0.935409, [("1 - out^2", 0.12501)])
    _ = trace.operation("L", "sub", "a - b", [f, v4], -1.274591, [("1", 1), ("-1", -1)])
  }

  /// Names that are not ASCII: Greek, accents, subscripts, wide characters.
  static let unicode = Example(name: "unicode") { trace in
    let theta = trace.input("θ₁", 0.25)
    let wide = trace.input("重み", -1.5)
    let v1 = trace.operation(
      "v1", "mul", "a*b", [theta, wide], -0.375, [("b", -1.5), ("a", 0.25)])
    let y = trace.operation(
      "y\u{302}", "tanh", "tanh(a)", [v1], -0.3584, [("1 - out^2", 0.87155)])
    _ = trace.operation("Λ", "square", "a^2", [y], 0.12845, [("2*a", -0.7168)])
  }

  /// Infinite values, and things a reader should know.
  static let notFinite = Example(name: "not-finite") { trace in
    let x = trace.input("x", 0)
    let v1 = trace.operation(
      "v1", "log", "log(a)", [x], -.infinity, [("1/a", .infinity)],
      warnings: [
        .nonFiniteValue(.scalar(-.infinity)), .nonFinitePartial(.scalar(.infinity)),
      ])
    let v2 = trace.operation("v2", "mul", "a*b", [x, v1], .nan, [("b", -.infinity), ("a", 0)])
    let v3 = trace.operation("v3", "relu", "relu(a)", [x], -0.0, [("a > 0", 0)], warnings: [.kink])
    let v4 = trace.operation(
      "v4", "max", "max(a, b)", [x, v3], 0, [("a >= b", 0.5), ("b >= a", 0.5)],
      warnings: [.tieSplit])
    let v5 = trace.operation("v5", "floor", "floor(a)", [v4], 0, [("0", 0)], warnings: [.flat])
    let v6 = trace.operation("v6", "add", "a + b", [v2, v5], .nan, [("1", 1), ("1", 1)])
    let y = trace.data("y", 1.5)
    _ = trace.operation(
      "L", "mse", "mse(a, b)", [v6, y], .nan, [("2*(a - b)", .nan), ("-2*(a - b)", .nan)],
      warnings: [.labelOutsideUnitInterval(.scalar(1.5))], warningSlot: 1)
  }

  /// A layer: `z = W @ x`, `a = tanh(z)`, `L = sum(a)`.
  static let tensors = Example(name: "tensors") { trace in
    let w = trace.input("W", .tensor(.matrix(2, 3), [0.5, -0.25, 10, 1e-9, 3, -0.125]))
    let x = trace.input("x", .tensor(.vector(3), [1, 2, 3]))
    let z = trace.tensorOperation(
      "z", "matmul", "a @ b", [w, x], .tensor(.vector(2), [30, 5.625]),
      [
        ("∂L/∂z @ x'", nil, .tensor(.matrix(2, 3), [0, 0, 0, 5e-5, 1e-4, 1.5e-4])),
        ("W' @ ∂L/∂z", nil, .tensor(.vector(3), [5e-14, 1.5e-4, -6.25e-6])),
      ])
    let a = trace.tensorOperation(
      "a", "tanh", "tanh(a)", [z], .tensor(.vector(2), [1, 0.999974]),
      [("1 - out^2", .tensor(.vector(2), [0, 5.2e-5]), .tensor(.vector(2), [0, 5.2e-5]))],
      isRule: false)
    _ = trace.tensorOperation(
      "L", "sum", "sum(a)", [a], .scalar(1.999974),
      [("ones(2)", .tensor(.vector(2), [1, 1]), .tensor(.vector(2), [1, 1]))])
  }

  /// An input that is used fifty times.
  static let manyTerms = Example(name: "many-terms") { trace in
    let x = trace.input("x", 0.5)
    var sum = x
    for index in 1..<50 {
      sum = trace.operation(
        index == 49 ? "L" : "v\(index)", "add", "a + b", [sum, x], 0.5 * Double(index + 1),
        [("1", 1), ("1", 1)])
    }
  }

  /// Names and formulas that do not fit on a line.
  static let longFormulas = Example(name: "long-formulas") { trace in
    let long = trace.input("the_learning_rate_of_the_second_layer", 0.0123456789)
    let other = trace.input("momentum", 123456.789)
    let v1 = trace.operation(
      "v1", "clamp", "clamp(a, -1000000, a*a + exp(-a)*b - log(a + b) + sin(a)*cos(b))",
      [long, other], -123456.789, [("a*b*exp(a*a)/(1 + exp(-a*b))^2", 1.5e-300), ("1", 1)])
    _ = trace.operation("L", "mul", "a*b", [v1, long], -1524.1, [("b", 0.0123), ("a", -123456.7)])
  }

  init(name: String, build: (inout HandMade) -> Void) {
    self.name = name
    trace = HandMade()
    build(&trace)
  }

  /// Sends the trace to a renderer.
  func run(
    _ sink: inout some TraceSink,
    options: TraceOptions = TraceOptions(forward: true, backward: true, gradient: true)
  ) {
    sink.begin(trace, options: options)
    for event in trace.events(seed: seed) { sink.receive(event) }
    sink.finish()
  }
}
