// How each operation is called in PyTorch, JAX and NumPy.

import BackstepTrace

/// An operation's place in a script.
struct PythonOperation {
  let framework: PythonFramework
  let helpers: PythonHelperList
  let label: String
  /// The operands' names, or literals.
  let operands: [Operand]
  let shape: Shape
  let attributes: Attributes
  /// Whether `bce` is at a probability of 0 or 1, or `abs` at 0.
  let isAtEdge: Bool

  /// An operand as it is written.
  struct Operand {
    var text: String
    /// Whether it is a number and not a variable.
    var isNumber: Bool
    var shape: Shape
  }

  private var module: String { framework.module }
  private var isTorch: Bool { framework == .torch }

  /// The call.
  var expression: String {
    if let infix { return infix }
    if let layout { return layout }
    if let reduction { return reduction }
    return function
  }

  // MARK: Operands

  /// An operand beside an operator: a negative number in parentheses.
  private func beside(_ slot: Int) -> String {
    let operand = operands[slot]
    // Two numbers would be computed by Python alone.
    if slot == 0, operands.allSatisfy(\.isNumber) { return array(operand) }
    return operand.text.hasPrefix("-") ? "(\(operand.text))" : operand.text
  }

  /// An operand of a function, which PyTorch wants to be a tensor.
  private func argument(_ slot: Int) -> String {
    let operand = operands[slot]
    guard operand.isNumber else { return operand.text }
    return isTorch ? array(operand) : Self.float(operand.text)
  }

  /// A number as an array.
  private func array(_ operand: Operand) -> String {
    let number = Self.float(operand.text)
    switch framework {
    case .torch: return "torch.tensor(\(number))"
    case .jax: return "jnp.array(\(number))"
    case .numpy: return "np.float64(\(number))"
    }
  }

  /// Digits with a point.
  private static func float(_ digits: String) -> String {
    digits.allSatisfy { $0 == "-" || $0.isNumber } ? digits + ".0" : digits
  }

  private var arguments: String {
    operands.indices.map(argument).joined(separator: ", ")
  }

  // MARK: Operators

  private var infix: String? {
    switch label {
    case "add": "\(beside(0)) + \(beside(1))"
    case "sub": "\(beside(0)) - \(beside(1))"
    case "mul": "\(beside(0))*\(beside(1))"
    case "div": "\(beside(0))/\(beside(1))"
    case "pow": "\(beside(0))**\(beside(1))"
    case "neg": "-\(beside(0))"
    case "lt": comparison("<")
    case "le": comparison("<=")
    case "gt": comparison(">")
    case "ge": comparison(">=")
    case "eq": comparison("==")
    case "ne": comparison("!=")
    case "id": isTorch ? "\(argument(0)).clone()" : argument(0)
    case "where": choice
    default: nil
    }
  }

  /// 1 or 0, without a derivative.
  private func comparison(_ sign: String) -> String { "1.0*(\(beside(0)) \(sign) \(beside(1)))" }

  /// Of numbers the branch that is taken, so that nothing goes back to the other one.
  private var choice: String {
    guard operands.count == 3 else { return "" }
    if operands.allSatisfy(\.shape.isScalar) {
      return "\(argument(1)) if \(argument(0)) != 0 else \(argument(2))"
    }
    return "\(module).where(\(argument(0)) != 0, \(argument(1)), \(argument(2)))"
  }

  // MARK: Functions entry by entry, and losses

  private var function: String {
    switch label {
    case "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh":
      "\(module).arc\(label.dropFirst())(\(arguments))"
    case "max": "\(module).maximum(\(arguments))"
    case "min": "\(module).minimum(\(arguments))"
    case "round": "\(helpers.use(.round_half_away))(\(arguments))"
    case "cross_entropy" where isTorch:
      operands[1].shape.rank < operands[0].shape.rank
        ? "torch.nn.functional.cross_entropy(\(argument(0)), (\(argument(1)) - 1).long())"
        : "torch.nn.functional.cross_entropy(\(arguments))"
    case "abs" where isAtEdge && framework == .jax: "\(helpers.use(.absolute))(\(arguments))"
    case "sqrt", "exp", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh",
      "cosh", "tanh", "abs", "sign", "floor", "ceil":
      "\(module).\(label)(\(arguments))"
    case "bce" where isAtEdge: "\(helpers.use(.bce_at_corners))(\(arguments))"
    case "cbrt" where !isTorch: "\(module).cbrt(\(arguments))"
    default: known ?? helper
    }
  }

  /// A function that the framework has under a name of its own.
  private var known: String? {
    let name: String? =
      switch (framework, label) {
      case (.torch, "sigmoid"), (.torch, "relu"), (.torch, "erf"), (.torch, "xlogy"):
        "torch.\(label)"
      case (.torch, "logsigmoid"), (.torch, "silu"), (.torch, "gelu"):
        "torch.nn.functional.\(label)"
      case (.jax, "sigmoid"), (.jax, "relu"), (.jax, "silu"), (.jax, "softplus"):
        "jax.nn.\(label)"
      case (.jax, "logsigmoid"): "jax.nn.log_sigmoid"
      case (.jax, "erf"), (.jax, "xlogy"): "jax.scipy.special.\(label)"
      default: nil
      }
    if framework == .jax, label == "gelu" { return "jax.nn.gelu(\(arguments), approximate=False)" }
    return name.map { "\($0)(\(arguments))" }
  }

  /// A function that the script defines.
  private var helper: String {
    guard let helper = PythonHelper(rawValue: label) else { return "\(label)(\(arguments))" }
    return "\(helpers.use(helper))(\(arguments))"
  }

  // MARK: Whole vectors and matrices

  private var layout: String? {
    switch label {
    case "matmul":
      // A vector times a matrix of one row is their outer product.
      operands[0].shape.rank == 1 && shape.rank == 2
        ? "\(module).outer(\(argument(0)), \(argument(1))[0])" : "\(argument(0)) @ \(argument(1))"
    case "dot": "\(module).sum(\(argument(0))*\(argument(1)))"
    case "outer": "\(module).outer(\(arguments))"
    case "transpose":
      switch operands[0].shape.rank {
      case 0: argument(0)
      case 1: "\(argument(0))[None, :]"
      default: "\(argument(0)).T"
      }
    case "stack": "\(module).stack([\(arguments)]\(axisArgument(attributes.axis == 2 ? 2 : 0)))"
    case "concat": concatenation
    case "reshape", "flatten": "\(module).reshape(\(argument(0)), \(Self.tuple(shape)))"
    case "index": "\(argument(0))[\(Self.subscripts(attributes))]"
    case "onehot": "\(helpers.use(.onehot))(\(argument(0)), \(attributes.shape.count))"
    default: nil
    }
  }

  /// A shape as a tuple: `(2, 3)`.
  static func tuple(_ shape: Shape) -> String {
    let sizes = shape.sizes.map { "\($0)" }
    return "(\(sizes.joined(separator: ", "))\(sizes.count == 1 ? "," : ""))"
  }

  /// What an index selects, counted from 0 and without the last one.
  static func subscripts(_ attributes: Attributes) -> String {
    attributes.selections.map { selection in
      if selection.isSingle { return "\(selection.places.lowerBound)" }
      if selection.text == ":" { return ":" }
      return "\(selection.places.lowerBound):\(selection.places.upperBound)"
    }.joined(separator: ", ")
  }

  private var concatenation: String {
    let parts = operands.indices.map { slot in
      operands[slot].shape.isScalar
        ? "\(module).reshape(\(argument(slot)), (1,))" : argument(slot)
    }
    let function = isTorch ? "torch.cat" : "\(module).concatenate"
    return
      "\(function)([\(parts.joined(separator: ", "))]\(axisArgument(attributes.axis == 2 ? 2 : 0)))"
  }

  /// `, axis=1` for an axis counted from 1; nothing for none.
  private func axisArgument(_ axis: Int) -> String {
    axis == 0 ? "" : ", \(isTorch ? "dim" : "axis")=\(axis - 1)"
  }

  private var reduction: String? {
    guard operands.count == 1 else { return nil }
    let x = argument(0)
    let axis = operands[0].shape.rank < 1 ? "" : axisArgument(attributes.axis)
    switch label {
    case "sum", "mean", "prod": return "\(module).\(label)(\(x)\(axis))"
    case "max": return "\(module).\(isTorch ? "amax" : "max")(\(x)\(axis))"
    case "min": return "\(module).\(isTorch ? "amin" : "min")(\(x)\(axis))"
    case "argmax": return "1.0*(\(module).argmax(\(x)\(axis)) + 1)"
    case "var": return "\(module).var(\(x)\(axis)\(isTorch ? ", correction=0" : ""))"
    case "std":
      if framework == .jax { return "\(helpers.use(.std))(\(x)\(axis))" }
      return "\(module).std(\(x)\(axis)\(isTorch ? ", correction=0" : ""))"
    case "norm":
      return isTorch
        ? "torch.linalg.vector_norm(\(x)\(axis))" : "\(helpers.use(.norm))(\(x)\(axis))"
    case "softmax", "log_softmax", "logsumexp": return exponentials(x)
    default: return nil
    }
  }

  private func exponentials(_ x: String) -> String {
    let rank = operands[0].shape.rank
    // Of a single number.
    if rank == 0 {
      return label == "softmax" ? "1.0 + 0.0*\(x)" : label == "logsumexp" ? "1.0*\(x)" : "0.0*\(x)"
    }
    let isWhole = label == "logsumexp" && attributes.axis == 0
    let axis = attributes.axis == 0 ? rank - 1 : attributes.axis - 1
    switch framework {
    case .torch:
      return isWhole
        ? "torch.logsumexp(\(x).flatten(), dim=0)" : "torch.\(label)(\(x), dim=\(axis))"
    case .jax:
      let name = label == "logsumexp" ? "jax.scipy.special.logsumexp" : "jax.nn.\(label)"
      return isWhole ? "\(name)(\(x))" : "\(name)(\(x), axis=\(axis))"
    case .numpy:
      let name = PythonHelper(rawValue: label).map(helpers.use) ?? label
      return isWhole ? "\(name)(\(x))" : "\(name)(\(x), axis=\(axis))"
    }
  }

  /// Whether PyTorch and JAX send no derivative through it, as through what has only steps.
  static func isFlat(_ label: String) -> Bool {
    ["lt", "le", "gt", "ge", "eq", "ne", "argmax", "onehot", "grad"].contains(label)
  }
}
