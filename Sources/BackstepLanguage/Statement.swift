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
  /// What follows each clause word: `wrt a, b` is `wrt` with a and b.
  public var clauses: [Clause] = []
  /// The words of a command that takes words.
  public var words: [Word] = []

  /// A clause word with what was written behind it.
  public struct Clause: Sendable {
    /// The word that begins the clause.
    public var word: Word
    /// The expressions behind it, where it takes expressions.
    public var expressions: [ParsedExpression] = []
    /// The word behind it, where it takes one.
    public var value: Word?
  }

  /// The expressions behind a clause word; nil where it was not written.
  public func clause(_ name: String) -> [ParsedExpression]? {
    clauses.first { $0.word.text == name }?.expressions
  }

  /// The word behind a clause word; nil where it was not written.
  public func value(of name: String) -> Word? { clauses.first { $0.word.text == name }?.value }

  /// Whether a clause word was written.
  public func has(_ name: String) -> Bool { clauses.contains { $0.word.text == name } }
}

/// How a command is written: the words that begin it, and what follows them.
public struct CommandSyntax: Sendable {
  /// The words, each of which begins the command.
  public var words: [String]
  /// What follows.
  public var form: CommandForm

  /// Describes a command.
  public init(words: [String], form: CommandForm) {
    self.words = words
    self.form = form
  }
}

/// What may be written behind a command.
public enum CommandForm: Sendable, Equatable {
  /// An expression and clauses: `trace L wrt a, b`.
  case expression(clauses: [ClauseForm])
  /// Words, as for a setting.
  case words
  /// A word, such as a file name, then an expression and clauses: `export net.html L`.
  case wordThenExpression(clauses: [ClauseForm])

  /// Whether the text behind the command need not be tokens of the language.
  var beginsWithWords: Bool {
    switch self {
    case .words, .wordThenExpression: true
    case .expression: false
    }
  }

  /// The clauses that may follow.
  public var clauses: [ClauseForm] {
    switch self {
    case .expression(let clauses), .wordThenExpression(let clauses): clauses
    case .words: []
    }
  }
}

/// A word that begins a clause, and what stands behind it.
public struct ClauseForm: Sendable, Equatable, ExpressibleByStringLiteral {
  /// What stands behind a clause word.
  public enum Content: Sendable, Equatable {
    /// Expressions, separated by commas.
    case expressions
    /// One word.
    case word
    /// Nothing.
    case nothing
  }

  /// The word.
  public var name: String
  /// What stands behind it.
  public var content: Content

  /// Describes a clause.
  public init(_ name: String, _ content: Content) {
    self.name = name
    self.content = content
  }

  /// Describes a clause of expressions.
  public init(stringLiteral name: String) { self.init(name, .expressions) }
}
