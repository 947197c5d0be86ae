// From text to syntax: what binds tighter, what is where, and what is wrong.

import BackstepLanguage
import Testing

@Suite struct PrecedenceTests {
  /// The operators between two values, loosest first; those of a row bind equally.
  private static let levels: [[(text: String, name: String)]] = [
    [
      ("<", "less"), ("<=", "lessOrEqual"), (">", "greater"), (">=", "greaterOrEqual"),
      ("==", "equal"), ("!=", "notEqual"), ("≤", "lessOrEqual"), ("≥", "greaterOrEqual"),
      ("≠", "notEqual"),
    ],
    [("+", "add"), ("-", "subtract"), ("−", "subtract")],
    [
      ("*", "multiply"), ("·", "multiply"), ("×", "multiply"), ("/", "divide"), ("÷", "divide"),
      ("@", "matrixProduct"),
    ],
    [("^", "power"), ("**", "power")],
  ]

  @Test func everyPairOfOperators() {
    for (left, leftRow) in Self.levels.enumerated() {
      for (right, rightRow) in Self.levels.enumerated() {
        for a in leftRow {
          for b in rightRow {
            let reader = Reader("x \(a.text) y \(b.text) z")
            if left == 0, right == 0 {
              #expect(reader.mistake?.kind == .chainedComparison)
              #expect(reader.culprit == b.text)
            } else if left > right || left == right && a.name != "power" {
              #expect(reader.grouped == "((x \(a.name) y) \(b.name) z)")
            } else {
              #expect(reader.grouped == "(x \(a.name) (y \(b.name) z))")
            }
          }
        }
      }
    }
  }

  @Test func aSignBindsLooserThanAPowerAndTighterThanTheRest() {
    for (level, row) in Self.levels.enumerated() {
      for (text, name) in row {
        let expected = level == 3 ? "(-(x \(name) y))" : "((-x) \(name) y)"
        #expect(Reader("-x \(text) y").grouped == expected)
        #expect(Reader("x \(text) -y").grouped == "(x \(name) (-y))")
      }
    }
  }

  @Test(arguments: [
    ("x^y^z", "(x power (y power z))"), ("(x^y)^z", "((x power y) power z)"),
    ("-x^2", "(-(x power 2.0))"), ("(-x)^2", "((-x) power 2.0)"),
    ("x^-y^z", "(x power (-(y power z)))"), ("-x^-y", "(-(x power (-y)))"),
    ("x^-y*z", "((x power (-y)) multiply z)"),
    ("x^-y^z*w", "((x power (-(y power z))) multiply w)"),
    ("--x", "(-(-x))"), ("+x", "x"), ("-+x", "(-x)"), ("x--y", "(x subtract (-y))"),
    ("x - y - z", "((x subtract y) subtract z)"), ("x/y/z", "((x divide y) divide z)"),
    ("x/y*z", "((x divide y) multiply z)"), ("x^2'", "(x power 2.0')"), ("-x'", "(-x')"),
    ("A.T @ B'", "(A' matrixProduct B')"), ("f(x)^2", "(f(x) power 2.0)"),
    ("a[1]^b[2, 3]", "(a[1.0] power b[2.0, 3.0])"),
    ("a[1:2, :, 3:, :4]", "a[1.0:2.0, :, 3.0:, :4.0]"),
    ("f(x, k=-1)[1]'", "f(x, k=(-1.0))[1.0]'"), ("[x, [y, z]]", "[x, [y, z]]"),
    ("a[1+2:3*x]", "a[(1.0 add 2.0):(3.0 multiply x)]"),
    ("x + y < z*w", "((x add y) less (z multiply w))"),
    ("∂L/∂w + 1", "(∂L/∂w add 1.0)"), ("grad(L, w)*2", "(∂L/∂w multiply 2.0)"),
    ("((x))", "x"), ("f()", "f()"), ("x \\\n + y", "(x add y)"), ("(x\n+\ny)", "(x add y)"),
  ])
  func grouping(_ text: String, _ grouped: String) {
    #expect(Reader(text).grouped == grouped)
  }

  @Test func aQuotientOfDsIsADerivativeWhereItsNamesAreDefined() {
    #expect(Reader("dL/dw", defined: ["L", "w"]).grouped == "∂L/∂w")
    #expect(Reader("2*dL/dw", defined: ["L", "w"]).grouped == "(2.0 multiply ∂L/∂w)")
    #expect(Reader("dL/dw", defined: ["L"]).grouped == "(dL divide dw)")
    #expect(Reader("dL/dw", defined: ["w"]).grouped == "(dL divide dw)")
    #expect(Reader("dL/dw", defined: ["L", "w", "dL"]).grouped == "(dL divide dw)")
    #expect(Reader("dL/dw", defined: ["L", "w", "dw"]).grouped == "(dL divide dw)")
    #expect(Reader("dL / dw", defined: ["L", "w"]).grouped == "(dL divide dw)")
    #expect(Reader("f(dL) = dL/dw", defined: ["L", "w"]).grouped == "($0 divide dw)")
  }
}

@Suite struct LexerTests {
  @Test(arguments: [
    ("1", 1.0), (".5", 0.5), ("1.", 1), ("2e-3", 0.002), ("2E+3", 2000), ("1.e2", 100),
    ("0.1", 0.1), ("123456789012345678901", 123_456_789_012_345_683_968), ("1e22", 1e22),
    ("1e23", 1e23),
    ("9007199254740993", 0x1p53), ("5e-324", .leastNonzeroMagnitude), ("1e-400", 0),
    ("1.7976931348623157e308", .greatestFiniteMagnitude), ("0e999999999", 0), ("00012", 12),
    ("0.000000000000000000000000000001", 1e-30),
    ("2.2250738585072011e-308", Double.leastNormalMagnitude.nextDown),
  ])
  func numbers(_ text: String, _ number: Double) throws {
    let reader = Reader(text)
    let node = try #require(reader.expression?.start, "\(reader.grouped)")
    #expect(reader.parser.syntax.number(at: node) == number)
  }

  @Test func numbersAreReadAsSwiftReadsThem() throws {
    var generator = Deterministic(state: 5)
    for _ in 0..<2000 {
      let digits = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
        String(Int.random(in: 0...9, using: &generator))
      }.joined()
      let text = "\(digits).\(digits)e\(Int.random(in: -300...280, using: &generator))"
      let reader = Reader(text)
      let node = try #require(reader.expression?.start, "\(text)")
      #expect(reader.parser.syntax.number(at: node) == Double(text), "\(text)")
    }
  }

  @Test func namesOfEveryKind() {
    for name in ["x", "_", "w1", "w₁", "θ", "ŷ", "y\u{302}", "名前", "x_1_b", "Ω2"] {
      #expect(Reader(name).grouped == name)
    }
  }

  @Test func canonicallyEquivalentNamesAreOneName() {
    let reader = Reader("\u{177} = 1; y\u{302} + \u{177}")
    guard case .definition(let name, _, _, _)? = reader.statements.first?.kind else {
      Issue.record("no definition")
      return
    }
    #expect(reader.mentions == [[], [name, name]])
    // The Ångström sign is the letter; a ligature is not its letters.
    #expect(Set(Reader("\u{212B} + \u{C5} + A\u{30A}").mentions[0]).count == 1)
    #expect(Set(Reader("\u{FB01} + fi").mentions[0]).count == 2)
  }

  @Test func commentsAndLineEnds() {
    let reader = Reader("a = 1\r\n# b = 2; c\n\n;; d = 3;\te = 4\n# ∂")
    #expect(reader.statements.map { reader.text($0.range) } == ["a = 1", "d = 3", "e = 4"])
  }
}

@Suite struct NameTableTests {
  @Test func aNameHasOneNumber() {
    var names = NameTable()
    let numbers = (0..<5000).map { names.intern("v\($0)") }
    #expect(Set(numbers).count == 5000)
    for (index, number) in numbers.enumerated() {
      #expect(names.intern("v\(index)") == number)
      #expect(names.find("v\(index)") == number)
      #expect(names.string(number) == "v\(index)")
    }
    #expect(names.count == 5000)
    #expect(names.find("v5000") == nil)
    #expect(names.find("") == nil)
  }

  @Test func theFirstSpellingIsShown() {
    var names = NameTable()
    let name = names.intern("y\u{302}")
    #expect(names.intern("\u{177}") == name)
    #expect(names.find("\u{177}") == name)
    #expect(Array(names.bytes(name)) == Array("y\u{302}".utf8))
    #expect(names.find("y") == nil)
  }

  @Test(arguments: [
    ("v1", 1), ("v120", 120), ("v", nil), ("v0", nil), ("v01", nil), ("w1", nil), ("v1a", nil),
    ("v123456789", 123_456_789), ("v99999999999", nil),
  ])
  func trailingNumber(_ text: String, _ number: Int?) {
    var names = NameTable()
    let name = names.intern(text)
    #expect(names.trailingNumber(of: name, after: UInt8(ascii: "v")) == number)
  }
}

@Suite struct RangeTests {
  @Test(arguments: [
    ("x + 2", ["x", "2", "x + 2"]),
    ("  a*(b + c)  ", ["a", "b", "c", "b + c", "a*(b + c)"]),
    ("(a + b)*c", ["a", "b", "a + b", "c", "(a + b)*c"]),
    ("((a))^2", ["a", "2", "((a))^2"]),
    ("-x^2", ["x", "2", "x^2", "-x^2"]),
    ("a + +b", ["a", "b", "a + +b"]),
    ("f(x, 2*y)", ["x", "2", "y", "2*y", "f(x, 2*y)", "f(x, 2*y)"]),
    ("f()", ["f()", "f()"]),
    ("f(x, k=1 + 2)", ["x", "1", "2", "1 + 2", "k=1 + 2", "f(x, k=1 + 2)", "f(x, k=1 + 2)"]),
    ("[a, b]'", ["a", "b", "[a, b]", "[a, b]'"]),
    ("A.T", ["A", "A.T"]),
    ("a[1]", ["a", "1", "a[1]"]),
    ("a[1:n, :]", ["a", "1", "n", "1:n", ":", "a[1:n, :]"]),
    ("a[2:]", ["a", "2", "2:", "a[2:]"]),
    ("∂L/∂w*2", ["L", "w", "∂L/∂w", "2", "∂L/∂w*2"]),
    ("grad(L, w)", ["L", "w", "grad(L, w)"]),
    ("y = a < b", ["a", "b", "a < b"]),
    ("y := a - 1", ["a", "1", "a - 1"]),
    ("const y = 3", ["3"]),
    ("f(x) = x*k", ["x", "k", "x*k"]),
    ("trace a*b wrt a, b", ["a", "b", "a*b", "a", "b"]),
    ("(a +\n  b)*c # d", ["a", "b", "a +\n  b", "c", "(a +\n  b)*c"]),
  ])
  func everyNodeStandsSomewhere(_ text: String, _ nodes: [String]) {
    var reader = Reader(text)
    #expect(reader.nodeTexts() == nodes)
    // Once more: asking changes nothing.
    #expect(reader.nodeTexts() == nodes)
  }

  @Test func laterStatementsHaveRangesToo() {
    var reader = Reader("a = 1\nb = a + 2; c = b*b")
    #expect(reader.nodeTexts(ofStatement: 2) == ["b", "b", "b*b"])
  }
}

@Suite struct ParserMistakeTests {
  @Test(arguments: [
    ("(1 + 2", true), ("f(x,", true), ("[1, 2", true), ("a[1", true), ("x = (", true),
    ("1 + \\\n", true), ("f(x) = (x", true), ("trace (a", true),
    ("1 +", false), ("x =", false), (")", false), ("(1]", false), ("(1 2", false), ("f(x", true),
    ("2x", false), ("(2x", false), ("", false), ("x = 1", false),
  ])
  func whetherMoreTextCouldHelp(_ text: String, _ isIncomplete: Bool) {
    #expect(Reader(text).parser.isIncomplete == isIncomplete)
  }

  @Test(
    arguments: [
      ("2x", .implicitProduct("2", "x"), "2x"),
      ("x = 3θ", .implicitProduct("3", "θ"), "3θ"),
      ("1.2.3", .malformedNumber("1.2.3"), "1.2.3"),
      ("1e400", .numberTooLarge("1e400"), "1e400"),
      ("a $ b", .unexpectedCharacter("$"), "$"),
      ("a \u{0} b", .nulByte, "\u{0}"),
      ("x = ", .expectedOperand(found: "the end of the line"), ""),
      ("x = *2", .expectedOperand(found: "'*'"), "*"),
      ("a b", .expectedOperator(found: "'b'"), "b"),
      ("f(a b)", .expectedOperator(found: "'b'"), "b"),
      ("(1", .unclosed("("), "("),
      ("2*[1, (3)", .unclosed("["), "["),
      ("1)", .unmatched(")"), ")"),
      ("x]", .unmatched("]"), "]"),
      ("(1]", .mismatched(open: "(", close: "]"), "]"),
      ("a[1)", .mismatched(open: "[", close: ")"), ")"),
      ("a < b < c", .chainedComparison, "<"),
      ("1 + x = 2", .assignmentInExpression, "="),
      ("a[1] := 2", .invalidTarget, ":="),
      ("[]", .emptyList, "[]"),
      ("()", .expectedOperand(found: "')'"), ")"),
      ("grad = 1", .reservedWord("grad"), "grad"),
      ("const const = 1", .reservedWord("const"), "const"),
      ("f(x, x) = x", .duplicateParameter("x"), "x"),
      ("(k=1)", .misplacedKeyword, "="),
      ("(1:2)", .misplacedSlice, ":"),
      ("3(x)", .notCallable, "("),
      ("∂L", .expectedName(for: "'/∂' and a name", found: "the end of the line"), ""),
      ("grad(L, w^2)", .derivativeTarget("an expression"), "grad(L, w^2)"),
      ("load 'a", .missingQuote, "'"),
      (
        "trace a seed 1 seed 2", .unexpectedArgument(command: "trace", found: "a second 'seed'"),
        "seed"
      ),
    ] as [(String, Diagnostic.Kind, String)])
  func whatIsWrongAndWhere(_ text: String, _ kind: Diagnostic.Kind, _ culprit: String) {
    let reader = Reader(text)
    #expect(reader.mistake?.kind == kind)
    #expect(reader.culprit == culprit)
  }

  @Test func textThatIsNotUTF8() {
    for bytes: [UInt8] in [
      [0x80], [0x61, 0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0x23, 0xC0],
    ] {
      guard case .invalidUTF8? = Reader(bytes: bytes).mistake?.kind else {
        Issue.record("\(bytes) was read")
        continue
      }
    }
  }

  @Test func aStatementThatFailsLeavesNoSyntaxBehind() {
    let reader = Reader("a + b\n(c + d")
    #expect(reader.mistake != nil)
    #expect(reader.parser.syntax.count == 3)
  }

  @Test func randomTextNeverCrashes() {
    let pieces = [
      "x", "1", "2.", "(", ")", "[", "]", ",", ":", "=", ":=", "+", "-", "^", "*", "/", "'", ".T",
      "∂",
      "d", "dL/dw", "f(", " ", "\n", "\\\n", "#", ";", "<", "==", "trace ", "load ", "const ",
      "grad(",
      "wrt ", "ŷ", "\u{302}", "\"", "e", ".", "\u{0}", "½",
    ]
    var generator = Deterministic(state: 11)
    var read = 0
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 1...12, using: &generator))
        .compactMap { _ in pieces.randomElement(using: &generator) }.joined()
      var reader = Reader(text, defined: ["L", "w"])
      read += reader.statements.count
      if let range = reader.mistake?.range {
        #expect(range.start <= range.end && range.end <= text.utf8.count + 1, "\(text)")
      }
      let count = reader.expression.map { $0.end - $0.start }
      if let count, case .expression? = reader.statements.first?.kind {
        #expect(reader.nodeTexts().count == count, "\(text)")
      }
    }
    #expect(read > 1000)
  }

  /// Each look once made the next one longer, until there was no stack left.
  @Test("A look at ^C costs the same each time")
  func looks() {
    var count = 0
    for _ in 0..<100_000 where !Interruption.isRequested { count += 1 }
    #expect(count == 100_000)
  }
}
