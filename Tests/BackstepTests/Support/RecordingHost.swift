// A session's surroundings that remember what they were told.

import BackstepLanguage
import BackstepTrace

@testable import Backstep

/// Keeps the answers of a session; its files are a dictionary.
final class RecordingHost: SessionHost {
  /// The numbers of the expressions' values, in order.
  private(set) var values: [Double] = []
  /// The value of the last expression.
  private(set) var reading = Reading.scalar(.nan)
  /// The last trace.
  private(set) var trace = Recording()
  /// What came of each definition, in a session that is interactive.
  private(set) var definitions: [(name: String, state: DefinitionState)] = []
  /// What was listed last.
  private(set) var listing: [Listing] = []
  private(set) var expectations: [Bool] = []
  private(set) var matrices: [DerivativeMatrix] = []
  private(set) var comparisons: [Comparison] = []
  private(set) var growths: [Growth] = []
  private(set) var checks: [GradientCheck] = []
  private(set) var pathLists: [PathList] = []
  private(set) var plots: [Plot] = []
  private(set) var derivations: [Derivation] = []
  var files: [String: String] = [:]
  var isInterrupted = false
  let settings: [Setting] = []

  func begin(_ header: any TraceHeader, options: TraceOptions) {
    trace.begin(header, options: options)
  }
  func receive(_ event: TraceEvent) { trace.receive(event) }
  func finish() { trace.finish() }
  func show(value: Reading, of text: String) {
    values += value.elements
    reading = value
  }
  func show(definition name: String, state: DefinitionState) { definitions.append((name, state)) }
  func show(expectation text: String, holds: Bool) { expectations.append(holds) }
  func show(listing: [Listing]) { self.listing = listing }
  func show(matrix: DerivativeMatrix) { matrices.append(matrix) }
  func show(comparison: Comparison) { comparisons.append(comparison) }
  func show(growth: Growth) { growths.append(growth) }
  func show(checks: [GradientCheck]) { self.checks += checks }
  func show(paths: PathList) { pathLists.append(paths) }
  func show(graph: Recording) { trace = graph }
  func show(plot: Plot) { plots.append(plot) }
  func show(derivation: Derivation) { derivations.append(derivation) }
  func show(page: Page) {}

  // Going through a trace step by step.
  var level = ViewLevel.operation
  var canStep = false
  private(set) var stepped: [(recording: Recording, stops: [TraceStop])] = []
  private(set) var explained: [(question: Question, recording: Recording)] = []
  func step(through recording: Recording, stops: [TraceStop]) {
    stepped.append((recording, stops))
  }
  func show(stops: [TraceStop], in recording: Recording) { stepped.append((recording, stops)) }
  func explain(_ question: Question, in recording: Recording) {
    explained.append((question, recording))
  }
  /// The answers to be given, the first one first.
  var answers: [String] = []
  /// Whether ^C comes where there are no more answers.
  var interruptsAtEnd = false
  private(set) var quizEvents: [QuizEvent] = []
  private(set) var lessonEvents: [LessonEvent] = []
  private(set) var mistakes: [MistakeReport] = []
  private(set) var complaints: [Diagnostic] = []
  func ask(_ prompt: String) -> Answer {
    guard answers.isEmpty else { return .line(answers.removeFirst()) }
    return interruptsAtEnd ? .interrupted : .end
  }
  func echo(_ line: String, after prompt: String) {}
  func complain(_ mistake: Diagnostic, at place: SourceLocation) { complaints.append(mistake) }
  func show(quiz event: QuizEvent) { quizEvents.append(event) }
  func show(lesson event: LessonEvent) { lessonEvents.append(event) }
  func show(mistake report: MistakeReport) { mistakes.append(report) }

  func read(file: String) throws(HostError) -> [UInt8] {
    guard let text = files[file] else { throw .file("cannot read '\(file)'") }
    return Array(text.utf8)
  }
  func write(_ text: String, file: String) throws(HostError) { files[file] = text }
  /// The documents that were asked for.
  private(set) var exports: [(request: DocumentRequest, source: DocumentSource)] = []
  func export(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) throws(HostError) {
    trace = recording
    exports.append((request, source))
  }
  func set(_ name: String, _ value: String) throws(HostError) { throw .unknownSetting }
}

/// A session together with its host.
struct Conversation {
  var session = Session()
  let host = RecordingHost()

  /// Carries out statements up to the first that fails.
  mutating func run(_ text: String) throws(Diagnostic) {
    session.dropText()
    session.begin(file: nil)
    try session.append(text.utf8)
    while true {
      switch try session.runNext(host) {
      case .ran: continue
      case .incomplete(_, let mistake): throw mistake
      case .end, .quit: return
      }
    }
  }

  /// The value of an expression.
  mutating func value(_ expression: String) throws -> Double {
    try run(expression)
    return host.values[host.values.count - 1]
  }

  /// The value of an expression, with its shape.
  mutating func reading(_ expression: String) throws -> Reading {
    try run(expression)
    return host.reading
  }
}
