// What a statement asks for, once it has been read.

/// One statement and where its text stands.
public struct Statement: Sendable {
  /// What it asks for.
  public var kind: Kind
  /// Its text, without the separator behind it.
  public var range: SourceRange

  /// The forms a statement can have.
  public enum Kind: Sendable {
    /// `name = expression`, or `const name = expression`.
    case definition(name: NameID, at: SourceRange, value: SyntaxRange, isConstant: Bool)
    /// `f(x, y) = expression`.
    case function(name: NameID, at: SourceRange, parameters: [NameID], body: SyntaxRange)
    /// `name := expression`.
    case assignment(name: NameID, at: SourceRange, value: SyntaxRange)
    /// An expression whose value is wanted.
    case expression(SyntaxRange)
    /// A command.
    case command(CommandCall)
  }
}

/// An expression inside a statement.
public struct ParsedExpression: Sendable {
  /// Its nodes.
  public var syntax: SyntaxRange
  /// Its text.
  public var range: SourceRange
}

/// A word as it was written.
public struct Word: Sendable {
  /// The word, without quotation marks.
  public var text: String
  /// Where it stands.
  public var range: SourceRange
}

/// A command with what was written behind it.
public struct CommandCall: Sendable {
  /// The command's place in the list the parser was given.
  public var command: Int
  /// The word it was called by.
  public var word: Word
  /// The expression it is about, where there is one.
  public var expression: ParsedExpression?
  /// What follows each clause word: `wrt a, b` is `("wrt", [a, b])`.
  public var clauses: [(word: Word, expressions: [ParsedExpression])] = []
  /// The words of a command that takes no expressions.
  public var words: [Word] = []

  /// The expressions behind a clause word; nil where it was not written.
  public func clause(_ name: String) -> [ParsedExpression]? {
    clauses.first { $0.word.text == name }?.expressions
  }
}

/// What may be written behind a command.
public enum CommandForm: Sendable, Equatable {
  /// An expression and clauses: `trace L wrt a, b`.
  case expression(clauses: [String])
  /// Words, as for a file name or a setting.
  case words
}
