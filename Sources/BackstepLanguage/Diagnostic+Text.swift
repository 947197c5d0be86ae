// Every sentence a user can be told when something is wrong.

extension Diagnostic {
  /// What is wrong, in one sentence.
  public var message: String { Self.readable(sentence) }

  /// A sentence in which words that nobody would read to their end have lost their middle.
  private static func readable(_ text: String) -> String {
    guard text.utf8.count > 500 else { return text }
    return text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      guard word.utf8.count > 200 else { return String(word) }
      let scalars = word.unicodeScalars
      return "\(String.UnicodeScalarView(scalars.prefix(60)))…"
        + "\(String.UnicodeScalarView(scalars.suffix(40)))"
    }.joined(separator: " ")
  }

  private var sentence: String {
    switch kind {
    case .invalidUTF8(let byte): "the byte 0x\(hex(byte)) is not UTF-8 text"
    case .nulByte: "a NUL byte stands in the text"
    case .unexpectedCharacter(let character): "unexpected character '\(character)'"
    case .malformedNumber(let text): "'\(text)' is not a number"
    case .numberTooLarge(let text): "\(text) is too large for a number"
    case .implicitProduct(let number, let rest):
      "'\(number)\(rest)' is neither a number nor a name"
    case .expectedOperand(let found): "expected a value, found \(found)"
    case .expectedOperator(let found): "expected an operator or the end, found \(found)"
    case .expectedName(let what, let found): "expected \(what), found \(found)"
    case .unclosed(let bracket): "this '\(bracket)' is never closed"
    case .unmatched(let bracket): "'\(bracket)' closes nothing"
    case .mismatched(let open, let close): "'\(open)' is closed by '\(close)'"
    case .chainedComparison: "comparisons cannot be chained"
    case .assignmentInExpression: "'=' defines a name and cannot stand inside an expression"
    case .emptyList: "there is nothing between the brackets"
    case .invalidTarget: "only a name can be defined"
    case .reservedWord(let word): "'\(word)' is a word of the language and cannot be defined"
    case .misplacedKeyword: "an argument given by name can only stand in a call"
    case .misplacedSlice: "a slice can only stand in an index"
    case .notCallable: "only a function can be called"
    case .duplicateParameter(let name): "the parameter '\(name)' is named twice"
    case .unexpectedArgument(let command, let found): "\(command) does not take \(found)"
    case .missingArgument(let command, let what): "\(command) needs \(what)"
    case .missingQuote: "this quotation mark has no partner"
    case .openEnd: "the text ends behind a '\\'"
    case .unknownCommand(let name, _): "there is no command '\(name)'"
    case .noValue(let name, _): "'\(name)' has no value yet"
    case .notDefined(let name, _): "'\(name)' is not defined"
    case .unknownFunction(let name, _): "there is no function '\(name)'"
    case .functionUsedAsValue(let name): "'\(name)' is a function and has no value of its own"
    case .valueUsedAsFunction(let name): "'\(name)' is a value and cannot be called"
    case .wrongArgumentCount(let function, let expected, let found):
      "\(function) takes \(expected), not \(found)"
    case .unknownKeyword(let function, let keyword, _):
      "\(function) has no argument '\(keyword)'"
    case .repeatedArgument(let function, let argument):
      "\(function) is given '\(argument)' twice"
    case .cycle(let names): "the definition depends on itself: \(chain(names))"
    case .recursion(let names): "the function calls itself: \(chain(names))"
    case .expansionTooLarge(let limit):
      "the functions called here expand to more than \(limit) operations"
    case .namesInConstant(let names): "a const is data, but this one depends on \(list(names))"
    case .derivativeTarget(let found): "a derivative is taken with respect to a name, not \(found)"
    case .derivativeTooLarge(let limit):
      "written out, the derivatives in here take more than \(limit) operations"
    case .constantHasNoDerivative(let name): "'\(name)' is const, so no derivative reaches it"
    case .shape(let sentence, _): sentence
    case .needsSeed(let text, let shape):
      "'\(text)' has shape \(shape), so a backward pass needs a seed"
    case .seedShape(let seed, let text, let shape):
      "the seed has shape \(seed) but '\(text)' has shape \(shape)"
    case .needsScalar(let what, let shape): "\(what) needs a scalar, not shape \(shape)"
    case .notAnInteger(let what, let found): "\(what) must be a whole number, not \(found)"
    case .integerTooLarge(let what, let found):
      "\(found) is too \(found.hasPrefix("-") ? "small" : "large") for \(what)"
    case .notAnIndex(let found, let limit): "there is no class \(found) among \(limit)"
    case .notKnown(let what):
      "\(what) must be known before the computation, but this one depends on a derivative"
    case .tooLarge(let count, let limit):
      "this would hold \(count) numbers; the limit is \(limit)"
    case .noMemory(let count, let room):
      "this would hold \(count) numbers; there is memory for \(room)"
    case .randomInFormula(let function):
      "\(function) draws new numbers each time and cannot stand in a formula"
    case .notInTrace(let name, let output, _): "'\(name)' is not in the trace of '\(output)'"
    case .otherOutput(let output, let traced):
      "the trace is of '\(traced)', not of '\(output)'"
    case .noSuchStep(let number, let output, _):
      "the trace of '\(output)' has no step \(number)"
    case .neverComputed(let text): "\(text) is never computed in this trace"
    case .notACondition: "a condition is about what a step computes"
    case .nothingDefined(let command): "there is no formula to \(command) yet"
    case .nothingTo(let verb): "there is nothing to \(verb)"
    case .failedExpectation(let text, let left, let right):
      "expected \(text), but "
        + (right.map { "the left side is \(left), the right side \($0)" } ?? "it is \(left)")
    case .failedCheck(let names):
      "the derivative with respect to \(list(names)) differs from what differences say"
    case .notAComparison: "expect needs a comparison"
    case .unknownSetting(let name, _): "there is no setting '\(name)'"
    case .invalidSetting(let name, let value, let expected):
      "\(name) takes \(expected), not '\(value)'"
    case .unknownTopic(let word, _): "there is no help on '\(word)'"
    case .unknownMistake(let word, _): "there is no mistake called '\(word)'"
    case .unknownLesson(let number, let count):
      "there is no lesson \(number); the last is \(count)"
    case .lesson(let message): message
    case .lessonInLesson: "a lesson is running already"
    case .unfinished(let what, let done, let count):
      what == "quiz"
        ? "the quiz ended with \(done) of \(count) questions answered right"
        : "the lesson ended with \(done) of \(count) tasks done"
    case .file(let message): message
    case .unknownForm(let ending, _):
      ending.map { "there is no form of export for the ending '.\($0)'" }
        ?? "the file's ending says what to write, and this one has none"
    case .document(let message): message
    case .loadsItself(let name): "\(name) is being loaded already"
    case .sandbox(let what): "\(what) is not allowed with --sandbox"
    case .textTooLong: "the session cannot hold more than 4 GiB of text"
    case .interrupted: "interrupted"
    }
  }

  /// What to do about it, where there is something to say.
  public var hint: String? { (advice ?? usualAdvice).map(Self.readable) }

  private var usualAdvice: String? {
    switch kind {
    case .invalidUTF8: return "save the file as UTF-8"
    case .nulByte: return "is this a text file?"
    case .unexpectedCharacter(let character): return hint(forCharacter: character)
    case .malformedNumber: return "numbers are written like 1, 0.5, .5 or 2e-3"
    case .numberTooLarge: return "the largest number is about 1.8e308; write inf for infinity"
    case .implicitProduct(let number, let rest):
      return rest.allSatisfy({ $0.isNumber || $0 == "_" }) && rest.contains("_")
        ? "write the digits without '_'" : "a product is written with '*': \(number)*\(rest)"
    case .expectedOperator(let found)
    where found.dropFirst().first.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
      && found.hasPrefix("'"):
      return "a product is written with '*'; statements are separated by ';' or a new line"
    case .expectedOperand(let found) where found == "the end of the line":
      return "to go on in the next line, end this one with '\\' or open a bracket"
    case .unclosed(let bracket): return "close it with '\(bracket == "(" ? ")" : "]")'"
    case .chainedComparison: return "compare twice and multiply: (a < b)*(b < c)"
    case .assignmentInExpression: return "to compare, write '=='; each name has its own statement"
    case .emptyList: return "write the entries, as in [1, 2], or zeros(n)"
    case .invalidTarget: return "write name := expression"
    case .expectedName: return "derivatives are written ∂L/∂w, dL/dw or grad(L, w)"
    case .unmatched: return "take it away, or open a bracket before it"
    case .mismatched(let open, _): return "close it with '\(open == "(" ? ")" : "]")'"
    case .reservedWord: return "choose another name"
    case .misplacedSlice: return "a slice stands in brackets: a[1:2]"
    case .duplicateParameter: return "give each parameter a name of its own"
    case .repeatedArgument: return "give it once, by its place or by its name"
    case .expansionTooLarge:
      return "give results that are needed again a name: a name is computed once"
    case .misplacedKeyword: return "to compare, write '=='"
    case .noValue(let name, _) where name == "T" || name.last == "ᵀ":
      return "the transpose is written with a straight ': A'"
    case .unknownCommand(_, let nearest): return "did you mean '\(nearest)'?"
    case .noValue("end", _): return "an open slice goes to the end: a[2:]"
    case .noValue(let name, let nearest):
      if let nearest { return "did you mean '\(nearest)'? Or give it one: \(name) = 1" }
      return "give it one: \(name) = 1"
    case .notDefined(_, let nearest), .unknownFunction(_, let nearest),
      .unknownSetting(_, let nearest), .unknownTopic(_, let nearest),
      .unknownMistake(_, let nearest):
      return nearest.map { "did you mean '\($0)'?" } ?? fallbackHint
    case .notInTrace(_, _, let nearest):
      return nearest.map { "did you mean '\($0)'?" } ?? "'trace' shows the names of all nodes"
    case .otherOutput(let output, _): return "first: trace \(output)"
    case .noSuchStep(_, _, 0): return "it depends on nothing and has no steps"
    case .noSuchStep(_, _, let count):
      return "its steps go from 1 to \(count); a name asks for a derivative"
    case .neverComputed: return "no derivative is asked for, or none reaches it"
    case .notACondition(let words): return "it needs one of the words \(list(words))"
    case .functionUsedAsValue(let name): return "call it: \(name)(…)"
    case .valueUsedAsFunction(let name): return "a product is written with '*': \(name)*(…)"
    case .unknownKeyword(_, _, let known):
      return known.isEmpty ? "it takes no arguments by name" : "it has \(list(known))"
    case .cycle(let names):
      return "to update a value, write \(names.first ?? "x") := expression"
    case .recursion:
      return "a function is expanded where it is called, so it cannot call itself"
    case .namesInConstant:
      return "without const it is a formula; ':=' stores the value it has now"
    case .derivativeTarget: return "only a name has one; of a part write grad(L, W)[1,2]"
    case .derivativeTooLarge:
      return "store a derivative with ':=' where only its value is needed"
    case .shape(_, let hint): return hint
    case .needsSeed: return "add seed S with S in the same shape, or take its sum"
    case .seedShape: return "ones in that shape ask for the derivative of the sum"
    case .needsScalar("a size", _): return "sizes are single numbers, as in zeros(2, 3)"
    case .needsScalar: return "take its sum, or one entry of it"
    case .notAnIndex(_, let limit): return "indices run from 1 to \(limit)"
    case .notKnown: return "store the value with ':=' first"
    case .randomInFormula: return "':=' draws once and stores the numbers as an input"
    case .constantHasNoDerivative(let name): return "define it without const: \(name) = …"
    case .nothingDefined: return "define one, as in L = (w*x - y)^2"
    case .failedCheck:
      return "differences see across small steps and jumps; without these, report it"
    case .notAComparison: return "write expect A == B, or with <, <=, > or >="
    case .unknownForm(_, let known): return "there are \(known.joined(separator: " "))"
    case .lessonInLesson: return "'quit' leaves it"
    case .unknownLesson: return "'lesson' lists them"
    case .openEnd: return "take it away, or go on in the next line"
    case .missingQuote: return "end the file name with the same mark"
    default: return nil
    }
  }

  private var fallbackHint: String? {
    switch kind {
    case .unknownFunction: "'help functions' lists them; f(x) = … defines one"
    case .unknownSetting: "'help set' lists them"
    case .unknownTopic: "'help' lists the topics"
    case .notDefined: "'show' lists what is defined"
    case .unknownMistake: "'mistake' lists them"
    default: nil
    }
  }

  private func hint(forCharacter character: String) -> String? {
    switch character {
    case "$": "formulas are written without dollar signs"
    case "!": "'not equal' is written '!='"
    case "&": "for 'and', multiply: (a > 0)*(b > 0)"
    case "|": "the absolute value is abs(x); for 'or', use max(a, b)"
    case "%": "there is no remainder; x - y*floor(x/y) computes one"
    case "{", "}": "use ( ) for grouping and [ ] for vectors"
    case "\"", "\u{201C}", "\u{201D}": "there are no texts in formulas"
    case "\u{00B2}": "a power is written with '^': x^2"
    case "\u{00B3}": "a power is written with '^': x^3"
    case "\u{221A}": "the square root is sqrt(x)"
    case "\u{2211}": "the sum is sum(x)"
    case "\u{2018}", "\u{2019}", "\u{2032}": "the transpose is written with a straight ': A'"
    case "?": "'help' explains; where(c, a, b) chooses"
    case "\\": "a backslash joins lines and must be the last character of its line"
    default: nil
    }
  }

  private func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count < 2 ? "0" + digits : digits
  }

  private func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first.map { "'\($0)'" } ?? "" }
    return words.dropLast().map { "'\($0)'" }.joined(separator: ", ") + " and '\(last)'"
  }

  /// A cycle as a chain of arrows; a long one loses its middle.
  private func chain(_ names: [String]) -> String {
    guard names.count > 8 else { return names.joined(separator: " → ") }
    let middle = "… (\(names.count - 6) more) …"
    return (names.prefix(4) + [middle] + names.suffix(2)).joined(separator: " → ")
  }
}
