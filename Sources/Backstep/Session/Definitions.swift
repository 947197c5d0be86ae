// What the names stand for, and the way back.

import BackstepLanguage
import BackstepTrace

/// What one name was given as, at one time.
///
/// Text and syntax are kept by place, so that a million definitions are a million small records.
struct Definition: Sendable {
  enum Kind: UInt8, Sendable {
    /// A value whose derivative can be asked for.
    case input
    /// A value marked `const`.
    case data
    /// An equation.
    case formula
    /// A function.
    case function
  }

  var kind: Kind
  /// Whether the text still says what the value is; `:=` stores a value that no text has.
  var isAsWritten = true
  /// Whether the value is a vector or a matrix.
  var isTensor = false
  /// Whether a formula is marked `const`.
  var isConstant = false
  var name: NameID
  private var textStart: UInt32
  private var textEnd: UInt32
  private var syntaxStart: UInt32
  private var syntaxEnd: UInt32
  /// Where the value of an input is; for a function, where its parameters are.
  var payload: UInt32

  init(_ kind: Kind, _ name: NameID, text: SourceRange, syntax: SyntaxRange, payload: Int = 0) {
    self.kind = kind
    self.name = name
    textStart = UInt32(text.start)
    textEnd = UInt32(text.end)
    syntaxStart = UInt32(syntax.start)
    syntaxEnd = UInt32(syntax.end)
    self.payload = UInt32(payload)
  }

  /// The same definition, read again.
  mutating func replace(syntax: SyntaxRange) {
    syntaxStart = UInt32(syntax.start)
    syntaxEnd = UInt32(syntax.end)
  }

  var text: SourceRange { SourceRange(Int(textStart), Int(textEnd)) }
  var syntax: SyntaxRange { SyntaxRange(Int(syntaxStart), Int(syntaxEnd)) }
  var isValue: Bool { kind == .input || kind == .data }

  /// What it is called in a list.
  var listingKind: Listing.Kind {
    switch kind {
    case .input: .input
    case .data: .const
    case .formula: .formula
    case .function: .function
    }
  }
}

/// All definitions ever made and which of them hold now.
///
/// Nothing is overwritten: a name points to its latest definition, and the journal remembers what
/// it pointed to before, so that undoing costs as much as doing did.
struct Definitions: Sendable {
  private var all: ContiguousArray<Definition> = []
  /// For each name its definition's place plus 1; 0 where it has none.
  private var current: ContiguousArray<UInt32> = []
  /// For each name whether a definition has ever mentioned it.
  private var isMentioned: ContiguousArray<Bool> = []
  private var values: ContiguousArray<Double> = []
  private var tensors: [Tensor] = []
  private var parameterLists: [[NameID]] = []
  private var journal: ContiguousArray<Change> = []
  /// Where in the journal each undoable step ends.
  private var steps: ContiguousArray<UInt32> = []
  private var undone: [[Change]] = []

  private struct Change: Sendable {
    var name: NameID
    var before: UInt32
  }

  // MARK: Looking up

  /// The definition that holds for a name.
  @inline(__always)
  func definition(of name: NameID) -> Definition? {
    guard let index = index(of: name) else { return nil }
    return all[index]
  }

  @inline(__always)
  private func index(of name: NameID) -> Int? {
    guard Int(name) < current.count, current[Int(name)] != 0 else { return nil }
    return Int(current[Int(name)]) - 1
  }

  /// The value of an input.
  @inline(__always)
  func value(of definition: Definition) -> Value {
    let place = Int(definition.payload)
    return definition.isTensor ? .tensor(tensors[place]) : .number(values[place])
  }

  /// The parameters of a function.
  func parameters(of definition: Definition) -> [NameID] {
    parameterLists[Int(definition.payload)]
  }

  /// Whether a name means something, or something waits for it.
  func isInUse(_ name: NameID) -> Bool { definition(of: name) != nil || wasMentioned(name) }

  /// Whether some definition has ever mentioned the name: only then can a new one close a cycle.
  func wasMentioned(_ name: NameID) -> Bool {
    Int(name) < isMentioned.count && isMentioned[Int(name)]
  }

  /// The definitions that hold, in the order in which they were made.
  var held: [Definition] {
    all.indices.filter { index(of: all[$0].name) == $0 }.map { all[$0] }
  }

  /// The formula, not one marked `const`, that was defined last and still holds.
  var lastFormula: NameID? {
    all.indices.last {
      all[$0].kind == .formula && !all[$0].isConstant && index(of: all[$0].name) == $0
    }
    .map { all[$0].name }
  }

  /// Whether nothing is defined.
  var isEmpty: Bool { current.allSatisfy { $0 == 0 } }

  // MARK: Changing

  /// Makes room for so many definitions more.
  mutating func reserve(_ count: Int) {
    all.reserveCapacity(all.count + count)
    current.reserveCapacity(current.count + count)
    isMentioned.reserveCapacity(isMentioned.count + count)
    journal.reserveCapacity(journal.count + count)
    steps.reserveCapacity(steps.count + count)
  }

  /// Notes that a definition mentions these names.
  mutating func mention(_ names: ContiguousArray<NameID>) {
    for name in names {
      while isMentioned.count <= Int(name) { isMentioned.append(false) }
      isMentioned[Int(name)] = true
    }
  }

  /// Makes a definition with a value.
  mutating func input(
    _ kind: Definition.Kind, _ name: NameID, text: SourceRange, value: Value
  ) -> Definition {
    var definition = Definition(kind, name, text: text, syntax: SyntaxRange(0, 0))
    switch value {
    case .number(let number):
      definition.payload = UInt32(values.count)
      values.append(number)
    case .tensor(let tensor):
      definition.payload = UInt32(tensors.count)
      definition.isTensor = true
      tensors.append(tensor)
    }
    return definition
  }

  /// Keeps a function's parameters and says where.
  mutating func store(parameters: [NameID]) -> Int {
    parameterLists.append(parameters)
    return parameterLists.count - 1
  }

  /// Makes a definition hold for its name.
  mutating func define(_ definition: Definition) {
    all.append(definition)
    point(definition.name, to: UInt32(all.count))
  }

  /// Replaces the syntax of a name's definition, whose text was read again.
  mutating func replaceSyntax(of name: NameID, by syntax: SyntaxRange) {
    if let index = index(of: name) { all[index].replace(syntax: syntax) }
  }

  /// Takes a name's definition away.
  mutating func remove(_ name: NameID) { point(name, to: 0) }

  /// Takes all definitions away.
  mutating func removeAll() {
    for name in current.indices where current[name] != 0 { point(NameID(name), to: 0) }
  }

  @inline(__always)
  private mutating func point(_ name: NameID, to place: UInt32) {
    while current.count <= Int(name) { current.append(0) }
    journal.append(Change(name: name, before: current[Int(name)]))
    current[Int(name)] = place
  }

  // MARK: Undo

  /// Ends a step: what has changed since the last one is undone as one.
  mutating func endStep() {
    guard journal.count > Int(steps.last ?? 0) else { return }
    steps.append(UInt32(journal.count))
    if !undone.isEmpty { undone = [] }
  }

  /// Merges all steps since a moment into one.
  mutating func mergeSteps(since count: Int) {
    guard steps.count > count + 1, let last = steps.last else { return }
    steps.removeLast(steps.count - count)
    steps.append(last)
  }

  /// How many steps there are to undo.
  var stepCount: Int { steps.count }

  /// Whether something has changed since the last step ended.
  var hasOpenStep: Bool { journal.count > Int(steps.last ?? 0) }

  /// Takes back what has changed since the last step ended; the names that have.
  @discardableResult
  mutating func rollBack() -> [NameID] { revert(to: Int(steps.last ?? 0)).map(\.name) }

  /// Undoes the last step; the names that changed, or nil where there is none.
  mutating func undo() -> [NameID]? {
    guard steps.popLast() != nil else { return nil }
    let reverted = revert(to: Int(steps.last ?? 0))
    undone.append(reverted)
    return reverted.map(\.name)
  }

  /// Does the step again that was undone last; the names that changed, or nil.
  mutating func redo() -> [NameID]? {
    guard let changes = undone.popLast() else { return nil }
    for change in changes.reversed() { point(change.name, to: change.before) }
    steps.append(UInt32(journal.count))
    return changes.reversed().map(\.name)
  }

  /// Goes back to a place in the journal; what each name pointed to, latest change first.
  private mutating func revert(to mark: Int) -> [Change] {
    var reverted: [Change] = []
    while journal.count > mark, let change = journal.popLast() {
      let name = Int(change.name)
      reverted.append(Change(name: change.name, before: current[name]))
      current[name] = change.before
    }
    return reverted
  }
}
