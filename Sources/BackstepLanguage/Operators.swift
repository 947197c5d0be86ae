// Every operator: how it is spelled, how tightly it binds, what it means. One row each.

/// What a token is.
enum TokenKind: UInt8 {
  case end, newline, semicolon
  case number, name
  case plus, minus, times, divide, matrixProduct, power
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  case openParenthesis, closeParenthesis, openBracket, closeBracket
  case comma, colon, assign, define, prime, dotT, partial
}

/// How tightly operators bind; more binds tighter.
enum BindingPower {
  static let comparison: UInt8 = 1
  static let additive: UInt8 = 2
  static let multiplicative: UInt8 = 3
  static let sign: UInt8 = 4
  static let power: UInt8 = 5
}

/// An operator between two operands.
struct InfixOperator {
  let syntax: SyntaxKind
  let power: UInt8
  var isRightAssociative: Bool { power == BindingPower.power }
  var isComparison: Bool { power == BindingPower.comparison }
}

extension TokenKind {
  /// The operator that the token stands for between two operands.
  @inline(__always) var infix: InfixOperator? {
    switch self {
    case .plus: InfixOperator(syntax: .add, power: BindingPower.additive)
    case .minus: InfixOperator(syntax: .subtract, power: BindingPower.additive)
    case .times: InfixOperator(syntax: .multiply, power: BindingPower.multiplicative)
    case .divide: InfixOperator(syntax: .divide, power: BindingPower.multiplicative)
    case .matrixProduct: InfixOperator(syntax: .matrixProduct, power: BindingPower.multiplicative)
    case .power: InfixOperator(syntax: .power, power: BindingPower.power)
    case .less: InfixOperator(syntax: .less, power: BindingPower.comparison)
    case .lessOrEqual: InfixOperator(syntax: .lessOrEqual, power: BindingPower.comparison)
    case .greater: InfixOperator(syntax: .greater, power: BindingPower.comparison)
    case .greaterOrEqual: InfixOperator(syntax: .greaterOrEqual, power: BindingPower.comparison)
    case .equal: InfixOperator(syntax: .equal, power: BindingPower.comparison)
    case .notEqual: InfixOperator(syntax: .notEqual, power: BindingPower.comparison)
    default: nil
    }
  }

  /// The token that a character beyond ASCII stands for.
  static func symbol(_ scalar: Unicode.Scalar) -> TokenKind? {
    switch scalar {
    case "\u{00B7}", "\u{22C5}", "\u{00D7}", "\u{2217}": .times
    case "\u{00F7}", "\u{2215}": .divide
    case "\u{2212}": .minus
    case "\u{2264}": .lessOrEqual
    case "\u{2265}": .greaterOrEqual
    case "\u{2260}": .notEqual
    case "\u{2202}": .partial
    default: nil
    }
  }
}

extension SyntaxKind {
  /// Whether this compares two values.
  public var isComparison: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: true
    default: false
    }
  }
}
