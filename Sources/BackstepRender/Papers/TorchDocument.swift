// A script for PyTorch: the same graph, and the gradient that PyTorch finds.

import BackstepLanguage
import BackstepTrace

/// A script for PyTorch.
struct TorchDocument {
  private var script: PythonScript
  private var header: any TraceHeader { script.header }

  init(_ trace: TraceDigest) { script = PythonScript(trace, .torch) }

  /// The whole file.
  consuming func text() -> ByteBuffer {
    var document = self
    document.write()
    return document.script.text(imports: [
      "import torch", "", "torch.set_default_dtype(torch.float64)",
    ])
  }

  private mutating func write() {
    let trace = script.trace
    let asked = Set(script.asked)
    /// Whether PyTorch follows a node back.
    var isFollowed = Array(repeating: false, count: header.count)
    script.line("# The inputs")
    for node in (0...script.root).untilInterrupted {
      let name = script.names[node]
      switch header.kind(of: node) {
      case .input, .data:
        let isInput = header.kind(of: node) == .input
        isFollowed[node] = isInput
        let extra = isInput ? ", requires_grad=True" : ""
        let value = trace.values[node] ?? .scalar(.nan)
        let array = script.array(value, extra: extra, indent: name.utf8.count + 3)
        script.line("\(name) = \(array)\(script.rename(node))")
      case .constant where script.isWritten(node):
        let value = trace.values[node] ?? .scalar(.nan)
        script.line("\(name) = \(script.array(value, indent: name.utf8.count + 3))")
      default: break
      }
    }
    script.line()
    script.line("# The forward pass")
    for node in (0...script.root).untilInterrupted where header.kind(of: node) == .operation {
      let name = script.names[node]
      script.line("\(name) = \(script.expression(node))\(script.remark(node))")
      let label = header.operation(of: node)
      isFollowed[node] =
        !PythonOperation.isFlat(label)
        && (0..<header.operandCount(of: node)).contains { slot in
          let isIndex =
            label == "cross_entropy" && slot == 1
            && header.shape(of: header.operand(1, of: node)).rank
              < header.shape(of: header.operand(0, of: node)).rank
          return isFollowed[header.operand(slot, of: node)] && !isIndex
            && script.isTaken(slot, of: node)
        }
      if asked.contains(node) {
        script.line(
          isFollowed[node]
            ? "\(name).retain_grad()" : "\(name) = \(name).detach().requires_grad_()")
        isFollowed[node] = true
      }
    }
    let root = script.root
    if header.kind(of: root) == .constant {
      script.line("output = \(script.array(trace.values[root] ?? .scalar(.nan), indent: 9))")
    }
    script.line()
    if isFollowed[root] {
      script.line("# The backward pass")
      script.line("\(script.output).backward(\(seed))")
    } else {
      script.line("# There is no backward pass: no derivative comes through")
    }
    script.line()
    script.line("# What Backstep found")
    let names = script.names
    script.writeChecks { "\(names[$0]).grad" }
  }

  /// The seed, where it is not PyTorch's own.
  private var seed: String {
    guard let seed = script.trace.adjoints[script.root] else { return "" }
    if case .scalar(1) = seed { return "" }
    return script.array(seed, indent: 12)
  }
}
