// What can be wrong with what a user wrote: the kinds, without their wording.

/// A mistake: what kind, and where.
public struct Diagnostic: Error, Sendable, Equatable {
  /// What is wrong.
  public var kind: Kind
  /// The text at fault.
  public var range: SourceRange
  /// Advice where the kind's own does not fit.
  public var advice: String?

  /// Reports a mistake at a place.
  public init(_ kind: Kind, _ range: SourceRange, advice: String? = nil) {
    self.kind = kind
    self.range = range
    self.advice = advice
  }

  /// The kinds of mistakes; each has its sentence in `Diagnostic+Text.swift`.
  public enum Kind: Sendable, Equatable {
    // What no token or statement begins with.
    case invalidUTF8(UInt8)
    case nulByte
    case unexpectedCharacter(String)
    case malformedNumber(String)
    case numberTooLarge(String)
    case implicitProduct(String, String)

    // Where the parts do not fit together.
    case expectedOperand(found: String)
    case expectedOperator(found: String)
    case expectedName(for: String, found: String)
    case unclosed(String)
    case unmatched(String)
    case mismatched(open: String, close: String)
    case chainedComparison
    case assignmentInExpression
    case emptyList
    case invalidTarget
    case reservedWord(String)
    case misplacedKeyword
    case misplacedSlice
    case notCallable
    case duplicateParameter(String)
    case unexpectedArgument(command: String, found: String)
    case missingArgument(command: String, what: String)
    case missingQuote
    case unknownCommand(String, nearest: String)
    case openEnd

    // What the names mean.
    case noValue(name: String, nearest: String?)
    case notDefined(name: String, nearest: String?)
    case unknownFunction(name: String, nearest: String?)
    case functionUsedAsValue(String)
    case valueUsedAsFunction(String)
    case wrongArgumentCount(function: String, expected: String, found: Int)
    case unknownKeyword(function: String, keyword: String, known: [String])
    case repeatedArgument(function: String, argument: String)
    case cycle([String])
    case recursion([String])
    case expansionTooLarge(limit: Int)
    case namesInConstant([String])
    case derivativeTarget(String)
    case derivativeTooLarge(limit: Int)
    case constantHasNoDerivative(String)

    // Shapes.
    case shape(String, hint: String?)
    case needsSeed(String, shape: String)
    case seedShape(String, of: String, String)
    case needsScalar(String, shape: String)
    case notAnInteger(what: String, found: String)
    case integerTooLarge(what: String, found: String)
    case notAnIndex(found: String, limit: Int)
    case notKnown(String)
    case tooLarge(count: String, limit: Int)
    case noMemory(count: Int, room: Int)
    case randomInFormula(String)

    // What is asked about a trace.
    case notInTrace(name: String, of: String, nearest: String?)
    case otherOutput(String, traced: String)
    case noSuchStep(String, of: String, count: Int)
    case neverComputed(String)
    case notACondition([String])

    // Commands and files.
    case nothingDefined(command: String)
    case nothingTo(String)
    case failedExpectation(text: String, left: String, right: String?)
    case notAComparison
    case failedCheck([String])
    case unknownSetting(String, nearest: String?)
    case invalidSetting(name: String, value: String, expected: String)
    case unknownTopic(String, nearest: String?)
    case unknownMistake(String, nearest: String?)
    case unknownLesson(String, count: Int)
    case lesson(String)
    case lessonInLesson
    case unfinished(String, done: Int, of: Int)
    case file(String)
    case unknownForm(ending: String?, known: [String])
    case document(String)
    case loadsItself(String)
    case sandbox(String)
    case textTooLong
    case interrupted
  }
}
