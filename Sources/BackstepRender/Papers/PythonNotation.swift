// Formulas in Python, for NumPy.

import BackstepLanguage
import BackstepTrace

/// A piece of Python.
struct Python {
  var text: String
  var binding = Binding.atom

  init(_ text: String, _ binding: Binding = .atom) {
    self.text = text
    self.binding = binding
  }

  /// In parentheses where it would fall apart beside an operator.
  func within(_ binding: Binding) -> String {
    self.binding < binding ? "(\(text))" : text
  }
}

/// Formulas in Python with NumPy's functions.
struct PythonNotation: FormulaNotation {
  /// What stands in a gap.
  let fill: (Formula.Gap) -> Python
  /// Whether a quotient with a denominator of 0 is 0.
  var dividesSafely = false
  /// The helper functions that were used.
  let helpers: PythonHelperList

  func gap(_ gap: Formula.Gap) -> Python { fill(gap) }
  func number(_ number: Double) -> Python {
    Python(PythonLiteral.number(number, "np", isFloat: false))
  }
  func name(_ name: String) -> Python {
    Python(name == "pi" || name == "inf" ? "np.\(name)" : name)
  }

  func infix(_ operation: SyntaxKind, _ left: Python, _ right: Python) -> Python {
    let binding = Binding(operation)
    let tighter: Binding =
      switch binding {
      case .comparison: .sum
      case .sum: .product
      case .product: .power
      default: .atom
      }
    let sign =
      switch operation {
      case .add: " + "
      case .subtract: " - "
      case .multiply: "*"
      case .matrixProduct: " @ "
      case .divide: "/"
      case .power: "**"
      case .less: " < "
      case .lessOrEqual: " <= "
      case .greater: " > "
      case .greaterOrEqual: " >= "
      case .equal: " == "
      default: " != "
      }
    if operation == .divide, dividesSafely {
      return Python("\(helpers.use(.quotient))(\(left.text), \(right.text))")
    }
    // A power binds from the right, and less tightly than a sign behind it.
    let first = operation == .power ? left.within(.atom) : left.within(binding)
    // A product of factors needs no parentheses behind a times, a quotient does not change there.
    let second = operation == .add ? right.within(.sum) : right.within(tighter)
    return Python(first + sign + second, binding)
  }

  func negated(_ operand: Python) -> Python { Python("-\(operand.within(.product))", .sign) }
  func transposed(_ operand: Python) -> Python { Python("\(operand.within(.atom)).T") }
  func list(_ entries: [Python]) -> Python {
    Python("np.array([\(entries.map(\.text).joined(separator: ", "))])")
  }

  func index(_ base: Python, _ indices: [Formula.Index<Python>]) -> Python {
    let texts = indices.map { index in
      switch index {
      case .place(let place): Self.fromZero(place)
      case .stretch(let lower, let upper):
        "\(lower.map(Self.fromZero) ?? ""):\(upper?.text ?? "")"
      }
    }
    return Python("\(base.within(.atom))[\(texts.joined(separator: ", "))]")
  }

  /// An index counted from 0 instead of 1.
  private static func fromZero(_ place: Python) -> String {
    Int(place.text).map { "\($0 - 1)" } ?? "\(place.within(.sum)) - 1"
  }

  func call(_ function: String, _ arguments: [Python], _ keywords: [String: Python]) -> Python {
    var texts = arguments.map(\.text)
    var name = "np.\(function)"
    switch function {
    case "ones", "zeros":
      texts = ["(\(texts.joined(separator: ", "))\(texts.count == 1 ? "," : ""))"]
    case "reshape":
      let sizes = texts.dropFirst()
      texts = [texts[0], "(\(sizes.joined(separator: ", "))\(sizes.count == 1 ? "," : ""))"]
    case "max" where texts.count == 2: name = "np.maximum"
    case "min" where texts.count == 2: name = "np.minimum"
    case "clamp": name = "np.clip"
    case "flatten": name = "np.ravel"
    case "asin", "acos", "atan", "asinh", "acosh", "atanh": name = "np.arc\(function.dropFirst())"
    default:
      if let helper = PythonHelper(rawValue: function) { name = helpers.use(helper) }
    }
    if let axis = keywords["axis"] { texts.append("axis=\(Self.fromZero(axis))") }
    return Python("\(name)(\(texts.joined(separator: ", ")))")
  }
}
