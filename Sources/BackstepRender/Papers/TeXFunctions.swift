// How each function is written in LaTeX.

import BackstepLanguage
import BackstepTrace

extension TeXNotation {
  func call(_ function: String, _ arguments: [TeX], _ keywords: [String: TeX]) -> TeX {
    var result = form(function, arguments, keywords)
    result.isTensor = result.isTensor || isTensor(function, arguments, keywords)
    return result
  }

  /// Whether the result is a vector or a matrix.
  private func isTensor(
    _ function: String, _ arguments: [TeX], _ keywords: [String: TeX]
  ) -> Bool {
    switch function {
    case "sum", "mean", "prod", "var", "std", "norm", "argmax", "logsumexp":
      keywords["axis"] != nil && arguments.contains(where: \.isTensor)
    case "max" where arguments.count == 1, "min" where arguments.count == 1:
      keywords["axis"] != nil && arguments.contains(where: \.isTensor)
    case "bce", "bce_logits", "mse", "mae", "huber", "hinge", "cross_entropy", "dot": false
    case "ones", "zeros", "eye", "onehot", "outer", "stack", "concat", "flatten", "reshape": true
    default: arguments.contains(where: \.isTensor)
    }
  }

  private func form(
    _ function: String, _ arguments: [TeX], _ keywords: [String: TeX]
  ) -> TeX {
    let first = arguments.first?.bracketed ?? TeX("", width: 0)
    let second = arguments.count > 1 ? arguments[1].bracketed : nil
    switch function {
    case "sqrt": return TeX("\\sqrt{\(first.latex)}", width: first.width + 1.5)
    case "cbrt": return TeX("\\sqrt[3]{\(first.latex)}", width: first.width + 2)
    case "abs": return TeX("\\left|\(first.latex)\\right|", width: first.width + 1.2)
    case "floor":
      return TeX("\\left\\lfloor \(first.latex) \\right\\rfloor", width: first.width + 1.6)
    case "ceil":
      return TeX("\\left\\lceil \(first.latex) \\right\\rceil", width: first.width + 1.6)
    case "norm" where keywords.isEmpty:
      return TeX("\\left\\| \(first.latex) \\right\\|", width: first.width + 2)
    case "pow":
      guard let second else { break }
      return infix(.power, first, second)
    case "where":
      guard arguments.count == 3 else { break }
      return cases(arguments[0], arguments[1].bracketed, arguments[2].bracketed)
    case "ones", "zeros":
      let size = arguments.map(\.latex).joined(separator: " \\times ")
      return TeX(
        "\\mathbf{\(function == "ones" ? "1" : "0")}_{\(size)}", width: Double(arguments.count) * 2)
    case "reshape" where arguments.count == 3 && arguments[2].latex == "1":
      return call(TeX("\\operatorname{col}", width: 3), [first], [:])
    case "transpose": return transposed(first)
    case "stack", "list": return list(arguments)
    default: break
    }
    return call(head(function, arguments.count), arguments, keywords)
  }

  /// The function's sign: `\sin`, `\sigma`, `\operatorname{softplus}`.
  private func head(_ function: String, _ arguments: Int) -> TeX {
    switch function {
    case "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min":
      return TeX("\\\(function)", width: Double(function.utf8.count))
    case "asin", "acos", "atan":
      return TeX("\\arc\(function.dropFirst())", width: 6)
    case "sigmoid": return TeX("\\sigma", width: 1.2)
    case "log2": return TeX("\\log_{2}", width: 3.8)
    case "log10": return TeX("\\log_{10}", width: 4.5)
    case "sign": return TeX("\\operatorname{sgn}", width: 3)
    case "argmax": return TeX("\\operatorname{arg\\,max}", width: 7)
    default:
      let name = TeX.escaped(function)
      return TeX("\\operatorname{\(name)}", width: Double(function.utf8.count))
    }
  }

  private func call(_ head: TeX, _ arguments: [TeX], _ keywords: [String: TeX]) -> TeX {
    let shown = TeX.places(arguments.count, most: 8).map { place in
      place.map { arguments[$0].bracketed } ?? TeX("\\ldots", width: 2)
    }
    var inside = shown.map(\.latex)
    var width = shown.reduce(0) { $0 + $1.width + 1 }
    for (name, value) in keywords.sorted(by: { $0.key < $1.key }) {
      inside.append("\\text{\(TeX.escaped(name)) }\(value.latex)")
      width += Double(name.count) + value.width + 2
    }
    let list = TeX(inside.joined(separator: ", "), width: width).parenthesized
    // Without the space that parentheses which grow keep to what is before them.
    let joint = list.isTall ? "\\mathopen{}" : ""
    return TeX("\(head.latex)\(joint)\(list.latex)", width: head.width + list.width)
  }

  /// One of two, as a condition tells.
  private func cases(_ condition: TeX, _ one: TeX, _ other: TeX) -> TeX {
    var test = condition
    // A number as a condition holds where it is not 0.
    if !condition.isComparison { test = infix(.notEqual, condition, number(0)) }
    return TeX(
      "\\begin{cases} \(one.latex) & \\text{if } \(test.latex) \\\\ \(other.latex) & "
        + "\\text{else} \\end{cases}",
      width: max(one.width, other.width) + max(test.width + 2, 4) + 7)
  }
}
