// The commands that show the two passes: forward, backward, trace, grad.

import BackstepLanguage
import BackstepTrace

extension Command {
  private static let neuron = """
    w = 0.5; x = 2; const y = 1
    a = sigmoid(w*x); L = bce(a, y)

    """

  static let forward = Command(
    names: ["forward"], usage: "forward [E] [wrt a, b]",
    summary: "the forward pass: values and local derivatives",
    details: """
      Every operation in the order in which it is computed: its operands' values put in, its \
      value, and its local derivative with respect to each operand, as a formula and as a number. \
      Without E it is about the formula defined last.
      """,
    example: neuron + "forward L",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["backward", "trace"]
  ) { session, call, host throws(Diagnostic) in
    try session.trace(
      call, TraceOptions(forward: true, backward: false, gradient: false), "forward", host)
  }

  static let backward = Command(
    names: ["backward"], usage: "backward [E] [wrt a, b] [seed S]",
    summary: "the backward pass: every adjoint, from the output to the inputs",
    details: """
      Starts with the seed, the derivative of E with respect to itself, which is 1 unless seed \
      says otherwise. Then each operation in reverse order multiplies its adjoint by its local \
      derivatives and adds the products to its operands' adjoints. Where a value was used more \
      than once, the sum of what came back is written out. wrt keeps to the inputs named.
      """,
    example: neuron + "backward L",
    form: .expression(clauses: ["wrt", "seed"]), completes: .expression,
    seeAlso: ["forward", "trace", "grad"]
  ) { session, call, host throws(Diagnostic) in
    try session.trace(
      call, TraceOptions(forward: false, backward: true, gradient: true), "backward", host)
  }

  static let trace = Command(
    names: ["trace"], usage: "trace [E] [wrt a, b]",
    summary: "forward pass, backward pass and gradient",
    details: """
      What forward and backward show, one after the other, then the gradient. The steps are \
      numbered through.
      """,
    example: neuron + "trace L",
    form: .expression(clauses: ["wrt"]), completes: .expression,
    seeAlso: ["forward", "backward", "grad"]
  ) { session, call, host throws(Diagnostic) in
    try session.trace(
      call, TraceOptions(forward: true, backward: true, gradient: true), "trace", host)
  }

  static let grad = Command(
    names: ["grad"], usage: "grad [E] [wrt a, b]",
    summary: "the gradient only",
    details: """
      The derivative of E with respect to each of its inputs, or to those named. In formulas, \
      dL/dw, ∂L/∂w and grad(L, w) are the value of one derivative, which can be differentiated in \
      turn: grad(grad(L, w), w).
      """,
    example: neuron + "grad L\nw := w - 0.1*dL/dw\nL",
    form: .expression(clauses: ["wrt"]), completes: .expression, seeAlso: ["backward"]
  ) { session, call, host throws(Diagnostic) in
    try session.trace(
      call, TraceOptions(forward: false, backward: false, gradient: true), "grad", host)
  }
}
