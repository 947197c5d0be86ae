// A script for JAX: the same graph as a function, and the gradient that JAX finds.

import BackstepLanguage
import BackstepTrace

/// A script for JAX: a function of the inputs, differentiated as a whole.
struct JAXDocument {
  private var script: PythonScript
  private var header: any TraceHeader { script.header }

  init(_ trace: TraceDigest) { script = PythonScript(trace, .jax) }

  /// The whole file.
  consuming func text() -> ByteBuffer {
    var document = self
    document.write()
    return document.script.text(imports: [
      "import jax", "import jax.numpy as jnp", "", "jax.config.update(\"jax_enable_x64\", True)",
    ])
  }

  private mutating func write() {
    let trace = script.trace
    let root = script.root
    script.line("# The inputs")
    /// What is added to a node to differentiate with respect to it, where it is no input.
    var probes: [NodeIndex: String] = [:]
    for node in (0...root).untilInterrupted {
      let name = script.names[node]
      let value = trace.values[node] ?? .scalar(.nan)
      let isLeaf = header.kind(of: node) == .input || header.kind(of: node) == .data
      guard isLeaf || header.kind(of: node) == .constant && script.isWritten(node) else { continue }
      let array = script.array(value, indent: name.utf8.count + 3)
      script.line("\(name) = \(array)\(isLeaf ? script.rename(node) : "")")
    }
    for node in script.asked where header.kind(of: node) == .operation {
      let probe = script.fresh("change_of_\(script.names[node])")
      probes[node] = probe
      let shape = header.shape(of: node)
      let zero = shape.isScalar ? "jnp.array(0.0)" : "jnp.zeros(\(PythonOperation.tuple(shape)))"
      script.line(
        "\(probe) = \(zero)  # added to \(script.names[node]), to differentiate along it")
    }
    let parameters = script.asked.map { probes[$0] ?? script.names[$0] }.joined(separator: ", ")
    script.line()
    script.line()
    script.line("def forward(\(parameters)):")
    for node in (0...root).untilInterrupted where header.kind(of: node) == .operation {
      let name = script.names[node]
      script.line("    \(name) = \(script.expression(node))\(script.remark(node))")
      if let probe = probes[node] { script.line("    \(name) = \(name) + \(probe)") }
    }
    let output =
      header.kind(of: root) == .constant
      ? script.array(trace.values[root] ?? .scalar(.nan), indent: 11) : script.names[root]
    // A number that depends on nothing is one of Python's own.
    script.line("    return jnp.asarray(\(output))")
    script.line()
    script.line()
    writeGradient(parameters)
    script.line()
    script.line("# What Backstep found")
    let places = Dictionary(
      uniqueKeysWithValues: script.asked.enumerated().map { ($0.element, $0.offset) })
    script.writeChecks { "gradient[\(places[$0] ?? 0)]" }
  }

  private mutating func writeGradient(_ parameters: String) {
    guard !script.asked.isEmpty else { return script.line("value = forward()") }
    let seed = script.trace.adjoints[script.root] ?? .scalar(1)
    if case .scalar(1) = seed {
      let count = script.asked.count
      let places =
        script.asked.indices.map { "\($0)" }.joined(separator: ", ") + (count == 1 ? "," : "")
      script.line("# Forwards, and backwards to everything that was asked for")
      script.line(
        "value, gradient = jax.value_and_grad(forward, argnums=(\(places)))(\(parameters))")
    } else {
      script.line("# Forwards, then backwards from a seed")
      script.line("value, pull = jax.vjp(forward, \(parameters))")
      script.line("gradient = pull(\(script.array(seed, indent: 16)))")
    }
  }
}
