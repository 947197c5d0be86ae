// Text to statements. The grammar:
//
//     script      = { statement ( newline | ";" ) }
//     statement   = [ "const" ] name "=" expression | name ":=" expression
//                 | name "(" name { "," name } ")" "=" expression | expression | command
//     expression  = operand { operator operand }
//     operand     = { "+" | "-" } primary { postfix }
//     primary     = number | name | "(" expression ")" | "[" expression { "," expression } "]"
//                 | derivative
//     postfix     = "(" [ argument { "," argument } ] ")" | "[" index { "," index } "]"
//                 | "'" | ".T"
//     argument    = [ name "=" ] expression
//     index       = expression | [ expression ] ":" [ expression ]
//     derivative  = "dL/dw" | "∂" name "/" "∂" name
//
// Operators bind as the table in Operators.swift says.

/// `dL/dw` in a text: a derivative where L and w are defined and dL and dw are not.
public struct DerivativeQuotient: Sendable {
  /// The name above the line as it is written: dL.
  public let top: NameID
  /// The name below the line as it is written: dw.
  public let bottom: NameID
  /// The name above the line without its d: L.
  public let output: NameID
  /// The name below the line without its d: w.
  public let input: NameID
}

/// Reads statements one after the other and keeps what they mean as flat ``Syntax``.
///
/// Nothing here calls itself: open brackets and waiting operators are kept on a stack of their
/// own, so that a million nested parentheses are ordinary input.
///
/// **Source** E. W. Dijkstra's shunting-yard algorithm (1961), with operands in postfix order.
public struct Parser: Sendable {
  /// The text.
  public private(set) var source = SourceText()
  /// The names in it.
  public internal(set) var names = NameTable()
  /// The expressions in it.
  public private(set) var syntax = Syntax()
  /// The names and functions mentioned by the statement last read, in order, with repeats.
  public private(set) var mentions: ContiguousArray<NameID> = []
  /// Where the statement last read has the form of a derivative, `dL/dw`, in order.
  public private(set) var quotients: [DerivativeQuotient] = []
  /// Whether the last error came from text that stops in the middle of a statement.
  public internal(set) var isIncomplete = false

  /// Where the next token is looked for.
  var position = 0
  /// Where the text ends.
  var limit = 0
  var token = Token()
  /// Where the token before it ends.
  var previousEnd = 0
  /// How many brackets are open: inside them a new line is white space.
  var bracketDepth = 0

  private var isDefined: ContiguousArray<Bool> = []
  private let commands: [CommandSyntax]
  /// For each of the first names the command that it begins, counted from 1, or 0: the words that begin
  /// one are the first names.
  private var commandWords: ContiguousArray<Int> = []
  private let constWord: NameID
  private let gradWord: NameID
  /// The mark `!`, which is a word where a clause is called so.
  let markWord: NameID
  private var pending: ContiguousArray<Pending> = []
  private var watch = Watch()
  private var parameters: [NameID] = []
  /// The words that end an expression and begin a clause of the command that is being read.
  private(set) var stopWords: [NameID] = []
  /// Text ranges of the nodes, kept only when someone asks for them.
  private var ranges: ContiguousArray<SourceRange> = []
  private var operandRanges: ContiguousArray<SourceRange> = []
  private var recordsRanges = false

  /// An operator that waits for its right operand, or a bracket that waits for its end.
  private struct Pending {
    enum Kind: UInt8 { case infix, negate, plus, group, call, list, index, keyword, slice }
    var kind: Kind
    var syntax: SyntaxKind = .number
    var power: UInt8 = 0
    /// Where it stands.
    var start: UInt32
    /// How many arguments or entries are complete; a slice's bounds.
    var count: UInt32 = 0
    /// The function called, or the keyword.
    var name: NameID = 0
  }

  /// Prepares to read, knowing the words that begin a command.
  public init(commands: [CommandSyntax]) {
    self.commands = commands
    constWord = names.intern("const")
    gradWord = names.intern("grad")
    markWord = names.intern("!")
    for (index, command) in commands.enumerated() {
      for word in command.words {
        let name = Int(names.intern(word))
        while commandWords.count <= name { commandWords.append(0) }
        commandWords[name] = index + 1
      }
    }
  }

  /// The command that a word begins; most words are none, and their numbers tell.
  @inline(__always) private func command(_ word: NameID) -> (index: Int, form: CommandForm)? {
    guard Int(word) < commandWords.count, commandWords[Int(word)] > 0 else { return nil }
    let index = commandWords[Int(word)] - 1
    return (index, commands[index].form)
  }

  // MARK: Text in

  /// Makes room for text to come, and for as many nodes and names as text of that length has in most programs.
  public mutating func reserve(_ count: Int) {
    source.reserve(count)
    syntax.reserve(min(count, 1 << 30) / 4)
    // The table of names is cleared, and so touched.
    names.reserve(min(count, 1 << 28) / 24)
  }

  /// Begins a file, or a line at the prompt: reading goes on at its first byte.
  public mutating func begin(file: String?, firstLine: Int) {
    source.begin(file: file, firstLine: firstLine)
    position = source.bytes.count
    limit = position
    bracketDepth = 0
  }

  /// Adds text behind what was read so far.
  public mutating func append(_ text: ArraySlice<UInt8>) {
    source.append(text)
    limit = source.bytes.count
  }

  /// Adds text behind what was read so far.
  public mutating func append(_ text: some Collection<UInt8>) { append(ArraySlice(text)) }

  /// Where reading goes on.
  public var offset: Int { position }
  /// Forgets text that no definition refers to.
  public mutating func forgetText(from offset: Int) {
    source.truncate(to: offset)
    position = min(position, source.bytes.count)
    limit = min(limit, source.bytes.count)
  }

  /// Forgets expressions that no definition refers to.
  public mutating func forgetSyntax(from mark: Syntax.Mark) { syntax.truncate(to: mark) }

  /// Says whether a name is defined, which decides how `dL/dw` is read.
  ///
  /// - Returns: Whether that is new.
  public mutating func setDefined(_ name: NameID, _ defined: Bool) -> Bool {
    while isDefined.count <= Int(name) { isDefined.append(false) }
    defer { isDefined[Int(name)] = defined }
    return isDefined[Int(name)] != defined
  }

  /// Says of all names that they are not defined.
  public mutating func forgetDefined() { isDefined.removeAll() }

  private func isDefined(_ name: NameID) -> Bool {
    Int(name) < isDefined.count && isDefined[Int(name)]
  }

  /// Adds an expression that no text has: a name alone.
  public mutating func append(reference name: NameID) -> SyntaxRange {
    syntax.append(.name, name)
    return SyntaxRange(syntax.count - 1, syntax.count)
  }

  /// Adds an expression that was copied before, to be forgotten again.
  public mutating func append(_ copy: Syntax.Copy) -> SyntaxRange { syntax.append(copy) }

  /// Where reading goes on and where it ends, to come back to after another file.
  public var place: (offset: Int, limit: Int) {
    get { (position, limit) }
    set {
      (position, limit) = newValue
      bracketDepth = 0
    }
  }

  /// Adds a name that appears in no text.
  public mutating func intern(_ name: String) -> NameID { names.intern(name) }

  // MARK: Statements

  /// Reads the next statement; nil at the end of the text.
  ///
  /// **Errors** A ``Diagnostic`` with its place. The syntax is then as it was before.
  public mutating func next() throws(Diagnostic) -> Statement? {
    isIncomplete = false
    bracketDepth = 0
    if !mentions.isEmpty { mentions.removeAll(keepingCapacity: true) }
    if !quotients.isEmpty { quotients = [] }
    let mark = syntax.mark
    do {
      return try statement()
    } catch {
      syntax.truncate(to: mark)
      throw error
    }
  }

  /// After an error: goes on behind the line the error is in.
  public mutating func skipLine(from offset: Int) {
    bracketDepth = 0
    position = max(position, offset)
    var next = offset
    while next < limit, source.bytes[next] != UInt8(ascii: "\n") { next += 1 }
    position = min(next + 1, limit)
  }

  private mutating func statement() throws(Diagnostic) -> Statement? {
    repeat { try advance() } while token.kind == .newline || token.kind == .semicolon
    if token.kind == .end { return nil }
    let first = token
    if first.kind == .name {
      // What follows a command such as save may be no tokens at all.
      if let (index, form) = command(first.name), form.beginsWithWords,
        !isDefinition(after: first.end)
      {
        return try command(first, index, form)
      }
      try advance()
      switch token.kind {
      case .assign:
        return try definition(first, isConstant: false)
      case .define:
        try checkDefinable(first)
        try advance()
        let value = try wholeExpression()
        return Statement(
          kind: .assignment(name: first.name, at: first.range, value: value),
          range: SourceRange(first.start, lastEnd))
      case .name where first.name == constWord:
        let name = token
        try advance()
        guard token.kind == .assign else {
          throw Diagnostic(
            .expectedOperator(found: found), token.range, advice: "write const name = value")
        }
        return try definition(name, isConstant: true, from: first.start)
      case .openParenthesis:
        if let function = try functionDefinition(first) { return function }
      default:
        if let (index, form) = command(first.name) {
          return try command(first, index, form)
        }
        try checkCommand(first)
      }
      position = first.start
      try advance()
    }
    stopWords = []
    let value = try wholeExpression()
    return Statement(kind: .expression(value), range: SourceRange(first.start, lastEnd))
  }

  /// A word that stands before another one, and is no name yet, can only have been meant as a command.
  private func checkCommand(_ first: Token) throws(Diagnostic) {
    let isName = Int(first.name) < isDefined.count && isDefined[Int(first.name)]
    guard !isName, token.kind == .name || token.kind == .number else { return }
    let words = commands.flatMap(\.words).sorted() + [names.string(constWord)]
    let name = names.string(first.name)
    guard let near = nearest(to: name, among: words) else { return }
    throw Diagnostic(.unknownCommand(name, nearest: near), first.range)
  }

  /// Whether `=`, `:=` or `(` comes next: then the first word is a name and no command.
  private func isDefinition(after end: Int) -> Bool {
    var offset = end
    while byte(offset) == 0x20 || byte(offset) == 0x09 { offset += 1 }
    switch byte(offset) {
    case UInt8(ascii: "("), UInt8(ascii: "="): return true
    case UInt8(ascii: ":"): return byte(offset + 1) == UInt8(ascii: "=")
    default: return false
    }
  }

  private mutating func definition(_ name: Token, isConstant: Bool, from start: Int? = nil)
    throws(Diagnostic) -> Statement
  {
    try checkDefinable(name)
    try advance()
    let value = try wholeExpression()
    return Statement(
      kind: .definition(
        name: name.name, at: name.range, value: value, isConstant: isConstant),
      range: SourceRange(start ?? name.start, lastEnd))
  }

  private func checkDefinable(_ name: Token) throws(Diagnostic) {
    guard name.name == constWord || name.name == gradWord else { return }
    throw Diagnostic(.reservedWord(names.string(name.name)), name.range)
  }

  /// Reads `f(x, y) = body`; nil, with the text unread, where the parentheses are a call's.
  private mutating func functionDefinition(_ name: Token) throws(Diagnostic) -> Statement? {
    let open = token.start
    var list: [NameID] = []
    var ranges: [SourceRange] = []
    bracketDepth = 1
    scan: while true {
      try advance()
      guard token.kind == .name else { break }
      list.append(token.name)
      ranges.append(token.range)
      try advance()
      switch token.kind {
      case .comma: continue
      case .closeParenthesis:
        bracketDepth = 0
        try advance()
        guard token.kind == .assign else { break scan }
        try checkDefinable(name)
        for (index, parameter) in list.enumerated() where list[..<index].contains(parameter) {
          throw Diagnostic(.duplicateParameter(names.string(parameter)), ranges[index])
        }
        parameters = list
        defer { parameters = [] }
        try advance()
        let body = try wholeExpression()
        return Statement(
          kind: .function(name: name.name, at: name.range, parameters: list, body: body),
          range: SourceRange(name.start, lastEnd))
      default: break scan
      }
    }
    bracketDepth = 0
    position = open
    isIncomplete = false
    return nil
  }

  /// Reads an expression that the statement ends with; the next token is its first.
  private mutating func wholeExpression() throws(Diagnostic) -> SyntaxRange {
    let range = try expression()
    try expectEnd()
    return range
  }

  private func expectEnd() throws(Diagnostic) {
    switch token.kind {
    case .end, .newline, .semicolon: return
    case .assign: throw Diagnostic(.assignmentInExpression, token.range)
    case .define: throw Diagnostic(.invalidTarget, token.range)
    case .closeParenthesis: throw Diagnostic(.unmatched(")"), token.range)
    case .closeBracket: throw Diagnostic(.unmatched("]"), token.range)
    default: throw Diagnostic(.expectedOperator(found: found), token.range)
    }
  }

  /// Where the last token before the current one ends.
  private var lastEnd: Int { min(previousEnd, source.bytes.count) }

  /// The current token in words.
  private var found: String {
    switch token.kind {
    case .end where bracketDepth == 0, .newline: "the end of the line"
    case .end: "the end of the text"
    case .semicolon: "';'"
    default: "'\(abbreviated(source.string(token.range)))'"
    }
  }

  // MARK: Commands

  private mutating func command(_ word: Token, _ index: Int, _ form: CommandForm)
    throws(Diagnostic) -> Statement
  {
    let name = source.string(word.range)
    var call = CommandCall(command: index, word: Word(text: name, range: word.range))
    switch form {
    case .words:
      call.words = try words(from: word.end, atMost: .max)
    case .wordThenExpression(let clauses):
      setStopWords(clauses)
      defer { stopWords = [] }
      let hasMark = byte(word.end) == UInt8(ascii: "!") && stopWords.contains(markWord)
      if hasMark {
        let range = SourceRange(word.end, word.end + 1)
        call.clauses.append(CommandCall.Clause(word: Word(text: "!", range: range)))
      }
      call.words = try words(from: word.end + (hasMark ? 1 : 0), atMost: 1)
      try expressionAndClauses(clauses, name, &call)
    case .expression(let clauses):
      if let infix = token.kind.infix, infix.power != BindingPower.additive {
        throw Diagnostic(
          .expectedOperand(found: found), token.range,
          advice: "'\(name)' begins a command here; its value is written (\(name))")
      }
      try expressionAndClauses(clauses, name, &call)
    }
    let end = call.words.last?.range.end ?? word.end
    return Statement(
      kind: .command(call), range: SourceRange(word.start, form == .words ? end : max(end, lastEnd))
    )
  }

  /// Reads what a command is about, and clauses, up to the end of the statement.
  private mutating func expressionAndClauses(
    _ forms: [ClauseForm], _ name: String, _ call: inout CommandCall
  ) throws(Diagnostic) {
    setStopWords(forms)
    defer { stopWords = [] }
    if !isAtClauseOrEnd { call.expression = try clauseExpression() }
    while token.kind == .name, let place = stopWords.firstIndex(of: token.name) {
      var clause = CommandCall.Clause(
        word: Word(text: names.string(token.name), range: token.range))
      if call.has(clause.word.text) {
        throw Diagnostic(
          .unexpectedArgument(command: name, found: "a second '\(clause.word.text)'"), token.range)
      }
      switch forms[place].content {
      case .nothing: try advance()
      case .word:
        guard let value = try words(from: token.end, atMost: 1).first else {
          throw Diagnostic(
            .missingArgument(command: clause.word.text, what: "a word"), clause.word.range)
        }
        clause.value = value
      case .expressions:
        repeat {
          try advance()
          clause.expressions.append(try clauseExpression())
        } while token.kind == .comma
      }
      call.clauses.append(clause)
    }
    try expectEnd()
  }

  private mutating func setStopWords(_ forms: [ClauseForm]) {
    stopWords = forms.map { names.intern($0.name) }
  }

  private var isAtClauseOrEnd: Bool {
    switch token.kind {
    case .end, .newline, .semicolon: true
    case .name: stopWords.contains(token.name)
    default: false
    }
  }

  private mutating func clauseExpression() throws(Diagnostic) -> ParsedExpression {
    let start = token.start
    let range = try expression()
    return ParsedExpression(syntax: range, range: SourceRange(start, lastEnd))
  }

  /// Reads words up to the end of the statement; quotation marks keep blanks and `;` together.
  private mutating func words(from start: Int, atMost limit: Int) throws(Diagnostic) -> [Word] {
    var words: [Word] = []
    var offset = start
    while words.count < limit {
      while byte(offset) == 0x20 || byte(offset) == 0x09 || byte(offset) == 0x0D { offset += 1 }
      let first = byte(offset)
      if offset >= self.limit || first == 0x0A || first == UInt8(ascii: ";")
        || first == UInt8(ascii: "#")
      {
        break
      }
      let begin = offset
      var text: [UInt8] = []
      if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
        offset += 1
        while offset < self.limit, byte(offset) != first, byte(offset) != 0x0A {
          text.append(byte(offset))
          offset += 1
        }
        guard byte(offset) == first else {
          throw Diagnostic(.missingQuote, SourceRange(begin, begin + 1))
        }
        offset += 1
      } else {
        while offset < self.limit, byte(offset) > 0x20, byte(offset) != UInt8(ascii: ";") {
          text.append(byte(offset))
          offset += 1
        }
        if offset == begin {
          throw Diagnostic(
            first == 0 ? .nulByte : .unexpectedCharacter("\\u{\(String(first, radix: 16))}"),
            SourceRange(begin, begin + 1))
        }
      }
      let range = SourceRange(begin, offset)
      guard let string = String(validating: text, as: UTF8.self) else {
        throw Diagnostic(.invalidUTF8(text.first { $0 >= 0x80 } ?? 0), range)
      }
      words.append(Word(text: string, range: range))
    }
    position = offset
    try advance()
    return words
  }

  // MARK: Expressions

  /// Reads an expression whose first token is the current one; stops at what cannot belong to it.
  private mutating func expression() throws(Diagnostic) -> SyntaxRange {
    let start = syntax.count
    if !pending.isEmpty { pending.removeAll(keepingCapacity: true) }
    if !operandRanges.isEmpty { operandRanges.removeAll(keepingCapacity: true) }
    bracketDepth = 0
    while true {
      try operand()
      if try !afterOperand() { break }
    }
    return SyntaxRange(start, syntax.count)
  }

  /// Reads signs and opening brackets up to and including a primary.
  private mutating func operand() throws(Diagnostic) {
    while true {
      if watch.isOver(after: 0) { throw Diagnostic(.interrupted, token.range) }
      switch token.kind {
      case .number:
        syntax.append(number: token.number)
        recordLeaf(token.range)
        try advance()
        return
      case .name:
        if try name() { return }
      case .minus:
        pending.append(
          Pending(kind: .negate, power: BindingPower.sign, start: UInt32(token.start)))
        try advance()
      case .plus:
        pending.append(Pending(kind: .plus, power: BindingPower.sign, start: UInt32(token.start)))
        try advance()
      case .openParenthesis:
        try open(.group)
      case .openBracket:
        try open(.list)
        if token.kind == .closeBracket {
          let opener = Int(pending.last?.start ?? 0)
          throw Diagnostic(.emptyList, SourceRange(opener, token.end))
        }
      case .partial:
        try partialDerivative()
        return
      case .colon where pending.last?.kind == .index:
        try beginSlice(hasLower: false)
        if isAtEndOfSlice { return }
      default:
        throw misplaced()
      }
    }
  }

  /// Reads a name, a call's opening, or `dL/dw`; true where an operand is complete.
  private mutating func name() throws(Diagnostic) -> Bool {
    let name = token
    if !stopWords.isEmpty, stopWords.contains(name.name), bracketDepth == 0 { throw misplaced() }
    if byte(name.start) == UInt8(ascii: "d"), byte(name.end) == UInt8(ascii: "/"),
      try derivativeQuotient(name)
    {
      return true
    }
    try advance()
    if token.kind == .openParenthesis, parameters.isEmpty || !parameters.contains(name.name) {
      mentions.append(name.name)
      pending.append(Pending(kind: .call, start: UInt32(name.start), name: name.name))
      bracketDepth += 1
      try advance()
      if token.kind == .closeParenthesis {
        try closeCall()
        return true
      }
      return false
    }
    if token.kind == .assign, pending.last?.kind == .call {
      pending.append(Pending(kind: .keyword, start: UInt32(name.start), name: name.name))
      try advance()
      return false
    }
    if let index = parameters.firstIndex(of: name.name), !parameters.isEmpty {
      syntax.append(.parameter, UInt32(index))
    } else {
      mentions.append(name.name)
      syntax.append(.name, name.name)
    }
    recordLeaf(name.range)
    return true
  }

  /// Reads what may follow an operand; false at the end of the expression.
  private mutating func afterOperand() throws(Diagnostic) -> Bool {
    while true {
      if let infix = token.kind.infix {
        try reduce(below: infix)
        pending.append(
          Pending(
            kind: .infix, syntax: infix.syntax, power: infix.power, start: UInt32(token.start)))
        try advance()
        return true
      }
      switch token.kind {
      case .prime, .dotT:
        syntax.append(.transpose)
        extendLast(to: token.end)
        try advance()
      case .openBracket:
        pending.append(Pending(kind: .index, start: UInt32(token.start)))
        bracketDepth += 1
        try advance()
        if token.kind == .closeBracket { throw misplaced() }
        if token.kind == .colon {
          try beginSlice(hasLower: false)
          if isAtEndOfSlice { continue }
        }
        return true
      case .comma:
        reduceAll()
        guard bracketDepth > 0 else { return false }
        if try nextEntry() { return true }
      case .colon:
        reduceAll()
        guard pending.last?.kind == .index else {
          guard bracketDepth > 0 else { return false }
          throw Diagnostic(.misplacedSlice, token.range)
        }
        try beginSlice(hasLower: true)
        if !isAtEndOfSlice { return true }
      case .closeParenthesis, .closeBracket:
        reduceAll()
        guard bracketDepth > 0 else { return false }
        try close()
      case .openParenthesis:
        throw Diagnostic(.notCallable, token.range, advice: "a product is written with '*'")
      default:
        reduceAll()
        if bracketDepth == 0 { return false }
        throw misplaced(afterOperand: true)
      }
    }
  }

  // MARK: Brackets

  private mutating func open(_ kind: Pending.Kind) throws(Diagnostic) {
    pending.append(Pending(kind: kind, start: UInt32(token.start)))
    bracketDepth += 1
    try advance()
    if kind == .group, token.kind == .closeParenthesis {
      throw Diagnostic(.expectedOperand(found: "')'"), token.range)
    }
  }

  /// At a comma inside brackets, ends the entry before it; true where another must follow.
  private mutating func nextEntry() throws(Diagnostic) -> Bool {
    finishKeywordAndSlice()
    guard let last = pending.indices.last, pending[last].kind != .group else {
      throw misplaced(afterOperand: true)
    }
    pending[last].count += 1
    try advance()
    if token.kind == .colon, pending[last].kind == .index {
      try beginSlice(hasLower: false)
      if isAtEndOfSlice { return false }
    }
    if pending[last].kind == .list, token.kind == .closeBracket {
      throw Diagnostic(.expectedOperand(found: "']'"), token.range)
    }
    return true
  }

  /// At a closing bracket.
  private mutating func close() throws(Diagnostic) {
    finishKeywordAndSlice()
    guard let opener = pending.last else { throw misplaced() }
    let closesParenthesis = token.kind == .closeParenthesis
    switch opener.kind {
    case .group where closesParenthesis:
      pending.removeLast()
      bracketDepth -= 1
      widenLast(from: Int(opener.start), to: token.end)
      try advance()
    case .call where closesParenthesis:
      pending[pending.count - 1].count += 1
      try closeCall()
    case .list where !closesParenthesis, .index where !closesParenthesis:
      pending.removeLast()
      bracketDepth -= 1
      let isList = opener.kind == .list
      syntax.append(isList ? .list : .index, opener.count + 1)
      recordOperator(
        arity: Int(opener.count) + (isList ? 1 : 2), from: isList ? Int(opener.start) : nil,
        to: token.end)
      try advance()
    default:
      let open = opener.kind == .group || opener.kind == .call ? "(" : "["
      throw Diagnostic(
        .mismatched(open: open, close: closesParenthesis ? ")" : "]"), token.range)
    }
  }

  private mutating func closeCall() throws(Diagnostic) {
    guard let call = pending.popLast() else { return }
    bracketDepth -= 1
    let range = SourceRange(Int(call.start), token.end)
    if call.name == gradWord {
      try finishGradient(arguments: call.count, range)
    } else {
      syntax.append(.call, call.name)
      syntax.append(.arguments, call.count)
      recordOperator(arity: Int(call.count), from: range.start, to: range.end)
      if recordsRanges { ranges.append(range) }
    }
    try advance()
  }

  private mutating func finishKeywordAndSlice() {
    guard let last = pending.last else { return }
    if last.kind == .keyword {
      pending.removeLast()
      syntax.append(.keyword, last.name)
      recordOperator(arity: 1, from: Int(last.start), to: nil)
    } else if last.kind == .slice {
      pending.removeLast()
      // The upper bound is there: bit 2.
      syntax.append(.slice, last.count | 2)
      recordOperator(arity: last.count == 0 ? 1 : 2, from: nil, to: nil)
    }
  }

  /// At the colon of a slice.
  private mutating func beginSlice(hasLower: Bool) throws(Diagnostic) {
    let colon = token
    try advance()
    if token.kind == .comma || token.kind == .closeBracket {
      syntax.append(.slice, hasLower ? 1 : 0)
      if hasLower { extendLast(to: colon.end) } else { recordLeaf(colon.range) }
    } else {
      pending.append(
        Pending(kind: .slice, start: UInt32(colon.start), count: hasLower ? 1 : 0))
    }
  }

  private var isAtEndOfSlice: Bool { token.kind == .comma || token.kind == .closeBracket }

  // MARK: Derivatives

  /// Reads `dL/dw` where L and w are defined and dL and dw are not; else leaves it unread.
  private mutating func derivativeQuotient(_ top: Token) throws(Diagnostic) -> Bool {
    guard top.end - top.start > 1, byte(top.end + 1) == UInt8(ascii: "d"),
      !parameters.contains(top.name)
    else { return false }
    position = top.end + 1
    try advance()
    let bottom = token
    if bottom.kind == .name, bottom.end - bottom.start > 1, !parameters.contains(bottom.name) {
      let quotient = DerivativeQuotient(
        top: top.name, bottom: bottom.name,
        output: names.intern(source.bytes, top.start + 1, top.end),
        input: names.intern(source.bytes, bottom.start + 1, bottom.end))
      let isOfParameters =
        parameters.contains(quotient.output) || parameters.contains(quotient.input)
      if !isOfParameters { quotients.append(quotient) }
      if !isOfParameters, isDerivative(quotient) {
        appendDerivative(
          quotient.output, SourceRange(top.start + 1, top.end), quotient.input,
          SourceRange(bottom.start + 1, bottom.end), SourceRange(top.start, bottom.end))
        try advance()
        return true
      }
    }
    position = top.start
    try advance()
    return false
  }

  /// Whether `dL/dw` means the derivative, by what is defined now.
  public func isDerivative(_ quotient: DerivativeQuotient) -> Bool {
    !isDefined(quotient.top) && !isDefined(quotient.bottom) && isDefined(quotient.output)
      && isDefined(quotient.input)
  }

  /// Reads the statement at a place again, by what is defined now.
  public mutating func reread(statementAt text: SourceRange) throws(Diagnostic) -> Statement? {
    let place = place
    defer { self.place = place }
    self.place = (text.start, text.end)
    return try next()
  }

  /// Reads `∂L/∂w`.
  private mutating func partialDerivative() throws(Diagnostic) {
    let start = token.start
    try advance()
    let top = token
    guard top.kind == .name else {
      throw Diagnostic(.expectedName(for: "a name after ∂", found: found), token.range)
    }
    try advance()
    guard token.kind == .divide else {
      throw Diagnostic(.expectedName(for: "'/∂' and a name", found: found), token.range)
    }
    try advance()
    guard token.kind == .partial else {
      throw Diagnostic(.expectedName(for: "'∂' and a name", found: found), token.range)
    }
    try advance()
    let bottom = token
    guard bottom.kind == .name else {
      throw Diagnostic(.expectedName(for: "a name after ∂", found: found), token.range)
    }
    appendDerivative(
      top.name, top.range, bottom.name, bottom.range, SourceRange(start, bottom.end))
    try advance()
  }

  private mutating func appendDerivative(
    _ output: NameID, _ outputRange: SourceRange, _ input: NameID, _ inputRange: SourceRange,
    _ whole: SourceRange
  ) {
    mentions.append(output)
    mentions.append(input)
    syntax.append(.name, output)
    recordLeaf(outputRange)
    syntax.append(.name, input)
    recordLeaf(inputRange)
    syntax.append(.gradient)
    recordOperator(arity: 2, from: whole.start, to: whole.end)
  }

  /// At the end of `grad(L, w)`.
  private mutating func finishGradient(arguments: UInt32, _ range: SourceRange) throws(Diagnostic) {
    guard arguments == 2 else {
      throw Diagnostic(
        .wrongArgumentCount(function: "grad", expected: "2 arguments", found: Int(arguments)),
        range, advice: "grad(L, w) is dL/dw; the command is written grad L wrt w")
    }
    guard syntax.kinds.last == .name else {
      throw Diagnostic(.derivativeTarget("an expression"), range)
    }
    // The second argument is that one node, so the first ends before it.
    let before = syntax.count - 2
    if syntax.kinds[before] == .keyword {
      let keyword = names.string(syntax.payloads[before])
      throw Diagnostic(.unknownKeyword(function: "grad", keyword: keyword, known: []), range)
    }
    syntax.append(.gradient)
    recordOperator(arity: 2, from: range.start, to: range.end)
  }

  // MARK: Operators

  /// Puts out the waiting operators that bind tighter than the one that comes.
  @inline(__always)
  private mutating func reduce(below next: InfixOperator) throws(Diagnostic) {
    while let last = pending.last, last.power > 0 {
      if last.power == BindingPower.comparison, next.isComparison {
        throw Diagnostic(.chainedComparison, token.range)
      }
      guard last.power > next.power || last.power == next.power && !next.isRightAssociative
      else { return }
      emit(last)
    }
  }

  /// Puts out all waiting operators up to the innermost open bracket.
  private mutating func reduceAll() {
    while let last = pending.last, last.power > 0 { emit(last) }
  }

  @inline(__always)
  private mutating func emit(_ operation: Pending) {
    pending.removeLast()
    switch operation.kind {
    case .infix:
      syntax.append(operation.syntax)
      recordOperator(arity: 2, from: nil, to: nil)
    case .negate:
      syntax.append(.negate)
      recordOperator(arity: 1, from: Int(operation.start), to: nil)
    default:
      widenLast(from: Int(operation.start), to: nil)
    }
  }

  // MARK: Errors

  /// The error for a token that cannot stand where it is.
  ///
  /// Inside a bracket that was opened on an earlier line the bracket is the likelier culprit.
  private mutating func misplaced(afterOperand: Bool = false) -> Diagnostic {
    let opener = pending.last {
      switch $0.kind {
      case .group, .call, .list, .index: true
      default: false
      }
    }
    if token.kind == .end, bracketDepth > 0 { isIncomplete = true }
    if let opener, token.kind == .end || !isSameLine(Int(opener.start), token.start) {
      var bracket = Int(opener.start)
      if opener.kind == .call {
        while byte(bracket) != UInt8(ascii: "("), bracket < limit { bracket += 1 }
      }
      let character = byte(bracket) == UInt8(ascii: "[") ? "[" : "("
      return Diagnostic(.unclosed(character), SourceRange(bracket, bracket + 1))
    }
    switch token.kind {
    case .assign where bracketDepth > 0: return Diagnostic(.misplacedKeyword, token.range)
    case .assign: return Diagnostic(.assignmentInExpression, token.range)
    default: break
    }
    let isEntry = afterOperand && opener?.kind == .list
    return Diagnostic(
      afterOperand ? .expectedOperator(found: found) : .expectedOperand(found: found), token.range,
      advice: isEntry ? "the entries of a list are separated by commas" : nil)
  }

  private func isSameLine(_ start: Int, _ end: Int) -> Bool {
    for offset in start..<max(start, end) where byte(offset) == UInt8(ascii: "\n") { return false }
    return true
  }

  // MARK: Ranges on demand

  /// Reads a statement again to learn where each node of its expressions stands in the text.
  ///
  /// Places are needed only for messages; keeping them for every node would cost more memory than
  /// the nodes themselves. The order is that of the nodes of the statement.
  public mutating func ranges(inStatementAt text: SourceRange) -> [SourceRange] {
    let saved = (position, limit, mentions, isIncomplete, bracketDepth, token)
    let mark = syntax.mark
    ranges.removeAll()
    recordsRanges = true
    position = text.start
    limit = text.end
    _ = try? next()
    recordsRanges = false
    syntax.truncate(to: mark)
    (position, limit, mentions, isIncomplete, bracketDepth, token) = saved
    return Array(ranges)
  }

  @inline(__always) private mutating func recordLeaf(_ range: SourceRange) {
    guard recordsRanges else { return }
    ranges.append(range)
    operandRanges.append(range)
  }

  @inline(__always)
  private mutating func recordOperator(arity: Int, from start: Int?, to end: Int?) {
    guard recordsRanges else { return }
    var range: SourceRange?
    for _ in 0..<min(arity, operandRanges.count) {
      let operand = operandRanges.removeLast()
      range = range.map { $0.union(operand) } ?? operand
    }
    let whole = SourceRange(start ?? range?.start ?? 0, end ?? range?.end ?? 0)
    ranges.append(whole)
    operandRanges.append(whole)
  }

  private mutating func extendLast(to end: Int) {
    guard recordsRanges, let last = operandRanges.indices.last else { return }
    operandRanges[last].end = end
    ranges.append(operandRanges[last])
  }

  private mutating func widenLast(from start: Int, to end: Int?) {
    guard recordsRanges, let last = operandRanges.indices.last else { return }
    operandRanges[last].start = start
    if let end { operandRanges[last].end = end }
  }
}
