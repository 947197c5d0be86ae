// What the session needs from the program around it, and what it tells it.

import BackstepLanguage
import BackstepTrace

/// The surroundings of a session: where results go, and who reads and writes files for it.
///
/// The session itself knows of no terminal and of no file system.
public protocol SessionHost: TraceReceiver {
  /// A trace begins; its names and formulas hold until it is finished.
  func begin(_ header: any TraceHeader, options: TraceOptions)
  /// The trace is complete.
  func finish()

  /// An expression's value.
  func show(value: Reading, of text: String)
  /// A definition was accepted; `state` says what came of it.
  func show(definition name: String, state: DefinitionState)
  /// An expectation held, or did not; then the mistake follows.
  func show(expectation text: String, holds: Bool)
  /// What is defined.
  func show(listing: [Listing])
  /// A Jacobian.
  func show(matrix: DerivativeMatrix)
  /// Forward mode beside backpropagation.
  func show(comparison: Comparison)
  /// Forward mode beside backpropagation for several sizes.
  func show(growth: Growth)
  /// Gradients beside differences.
  func show(checks: [GradientCheck])
  /// The paths between two nodes.
  func show(paths: PathList)
  // Drawings.
  /// A graph with its values, and its adjoints where the recording has a backward pass.
  func show(graph: Recording)
  /// A curve over an input, or heights over two.
  func show(plot: Plot)
  // derive
  /// A derivative as a formula.
  func show(derivation: Derivation)

  /// Text that a command answers with.
  func show(page: Page)

  // Going through a trace step by step.

  /// What counts as a step in the traces that are shown.
  var level: ViewLevel { get }
  /// Whether someone sits there who can go through a trace by keys.
  var canStep: Bool { get }
  /// Lets the user go through a trace; it begins at the first of the stops.
  func step(through recording: Recording, stops: [TraceStop])
  /// Lists the stops, where nobody can go there.
  func show(stops: [TraceStop], in recording: Recording)
  /// Explains a derivative or a step.
  func explain(_ question: Question, in recording: Recording)
  // Quizzes, lessons and mistakes.

  /// A line from the user: typed at the terminal, or the next one of the script.
  func ask(_ prompt: String) -> Answer
  /// A line that the text of the script held already, where a user would have been asked.
  func echo(_ line: String, after prompt: String)
  /// A mistake in a line that a lesson asked for.
  func complain(_ mistake: Diagnostic, at place: SourceLocation)
  /// A part of a quiz.
  func show(quiz: QuizEvent)
  /// A part of a lesson.
  func show(lesson: LessonEvent)
  /// A trace done wrong beside the right one.
  func show(mistake: MistakeReport)

  /// The bytes of a file.
  ///
  /// **Errors** A message that names the file and says what is wrong.
  func read(file: String) throws(HostError) -> [UInt8]
  /// Writes a file as a whole or not at all.
  func write(_ text: String, file: String) throws(HostError)
  // Documents.
  /// Makes a document of a trace and writes it, as a whole or not at all.
  ///
  /// **Errors** Why it could not be made or written; nothing has changed then.
  func export(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) throws(HostError)
  /// Changes a setting of the display.
  func set(_ name: String, _ value: String) throws(HostError)
  /// The settings of the display, with their values and what they take.
  var settings: [Setting] { get }
}

/// What came of asking for a line.
public enum Answer: Sendable, Equatable {
  /// A line, without its newline.
  case line(String)
  /// Nothing more will come.
  case end
  /// The user wants to stop.
  case interrupted
}

/// Why the host could not do what it was asked for.
public enum HostError: Error, Sendable {
  /// A file could not be read or written, with the reason in words.
  case file(String)
  /// A document could not be made or written: the reason in words, and what to do about it.
  case document(String, hint: String?)
  /// There is no such setting.
  case unknownSetting
  /// The setting does not take this value; it takes what is said here.
  case invalidSetting(expected: String)
  /// `--sandbox` forbids it.
  case sandbox
}

/// A setting of the display.
public struct Setting: Sendable, Equatable {
  /// Its name in `set NAME VALUE`.
  public var name: String
  /// Its value now.
  public var value: String
  /// The values it takes, in words.
  public var expected: String
  /// The values that can be listed, for completion.
  public var choices: [String]

  /// Describes a setting.
  public init(name: String, value: String, expected: String, choices: [String]) {
    self.name = name
    self.value = value
    self.expected = expected
    self.choices = choices
  }
}
