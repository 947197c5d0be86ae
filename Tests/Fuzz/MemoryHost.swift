// A session's surroundings that keep everything in memory and show each result in every way.

import Backstep
import BackstepLanguage
import BackstepRender
import BackstepTrace

/// Shows each result as text and as JSON, and looks at what comes of it.
///
/// After a quarter of a second it interrupts, as a user would who is tired of waiting: what then
/// goes on until a second is over cannot be interrupted.
final class MemoryHost: SessionHost {
  /// Random numbers that follow from the input.
  var random: Draw
  private let input: ContiguousArray<UInt8>
  private let start = (wall: Clock.wall(), processor: Clock.processor())
  /// Whether documents come in every form, and drawings in every size.
  private let drawsAll: Bool
  private var files: [String: String] = [:]
  private var text: TraceText
  private var json: TraceJSON
  private var style = Style()
  /// How many lines a user still has in store.
  private var answers = 3
  /// How many more documents are made in every form.
  private var documents = 2
  let canStep: Bool
  private(set) var level = ViewLevel.operation

  init(_ input: ContiguousArray<UInt8>, drawsAll: Bool) {
    self.input = input
    self.drawsAll = drawsAll
    var random = Draw(input)
    canStep = random.below(2) == 0
    self.random = random
    text = TraceText(style: Style()) { _ in }
    json = TraceJSON { _ in }
    if drawsAll { vary() }
  }

  // MARK: Time

  private static let patience = 250

  var isInterrupted: Bool {
    // The time of day is cheaper to ask for, and never less.
    Clock.wall() - start.wall > Self.patience && Clock.processor() - start.processor > Self.patience
  }

  /// Counts what was interrupted, and says so now and then: these inputs are slow, not stuck.
  func endRun() {
    guard isInterrupted else { return }
    Self.interrupted += 1
    Self.slowest = max(Self.slowest, Clock.processor() - start.processor - Self.patience)
    guard Self.interrupted & (Self.interrupted - 1) == 0 else { return }
    say("interrupted \(Self.interrupted), at most \(Self.slowest) ms later")
  }

  nonisolated(unsafe) private static var interrupted = 0
  nonisolated(unsafe) private static var slowest = 0

  // MARK: How things look

  /// Takes a random size and look.
  private func vary() {
    style = Style(
      width: random.pick([20, 40, 41, 57, 80, 120, 1000]) + random.below(9),
      digits: 1 + random.below(17), ascii: random.below(3) == 0,
      theme: random.below(2) == 0 ? nil : random.pick(ThemeName.allCases).theme)
  }

  private func check(_ output: ByteBuffer) { OutputCheck.text(output, style) }

  private func checkJSON(_ output: ByteBuffer) { OutputCheck.json(output, ascii: style.ascii) }

  // MARK: Traces

  func begin(_ header: any TraceHeader, options: TraceOptions) {
    if drawsAll { vary() }
    let style = style
    text = TraceText(style: style) { OutputCheck.text(copy $0, style) }
    json = TraceJSON(ascii: style.ascii) { OutputCheck.json(copy $0, ascii: style.ascii) }
    text.begin(header, options: options)
    json.begin(header, options: options)
  }

  func receive(_ event: TraceEvent) {
    guard !isInterrupted else { return }
    text.receive(event)
    json.receive(event)
  }

  func finish() {
    text.finish()
    json.finish()
  }

  // MARK: Results

  private var ascii: Bool { style.ascii }

  func show(value: Reading, of text: String) {
    check(ResultText.value(value, style: style))
    checkJSON(ResultJSON.value(text: text, reading: value, ascii: ascii))
  }

  func show(definition name: String, state: DefinitionState) {
    if case .value(let reading) = state {
      check(ResultText.definition(name, reading, style: style))
    } else {
      PageText(writer: writer).write(definition: name, state)
    }
    checkJSON(ResultJSON.definition(name: name, state: state, ascii: ascii))
  }

  func show(expectation text: String, holds: Bool) {
    checkJSON(ResultJSON.expect(text: text, pass: holds, ascii: ascii))
  }

  func show(listing: [Listing]) {
    PageText(writer: writer).write(listing)
    for entry in listing { checkJSON(ResultJSON.listing(entry, ascii: ascii)) }
  }

  func show(matrix: DerivativeMatrix) {
    check(ResultText.matrix(matrix, style: style))
    checkJSON(ResultJSON.matrix(matrix, ascii: ascii))
  }

  func show(comparison: Comparison) {
    check(ComparisonText.lines(comparison, style: style))
    checkJSON(ResultJSON.comparison(comparison, ascii: ascii))
  }

  func show(growth: Growth) {
    check(GrowthText.lines(growth, style: style))
    for row in growth.rows { checkJSON(ResultJSON.growth(growth, row, ascii: ascii)) }
  }

  func show(checks: [GradientCheck]) {
    check(CheckText.lines(checks, style: style))
    for item in checks { checkJSON(ResultJSON.check(item, ascii: ascii)) }
  }

  func show(paths: PathList) {
    check(PathsText.lines(paths, style: style))
    checkJSON(ResultJSON.paths(paths, ascii: ascii))
  }

  func show(graph: Recording) {
    if drawsAll { vary() }
    check(GraphText.lines(graph, style: style))
    checkJSON(GraphJSON.lines(graph, ascii: ascii))
  }

  func show(plot: Plot) {
    if drawsAll { vary() }
    check(PlotText.lines(plot, rows: 6 + random.below(23), style: style))
    checkJSON(PlotJSON.line(plot, ascii: ascii))
  }

  func show(derivation: Derivation) {
    check(DerivationText.lines(derivation, style: style))
    checkJSON(ResultJSON.derivation(derivation, ascii: ascii))
  }

  func show(page: Page) {
    PageText(writer: writer).write(page, run: nil)
    checkJSON(ResultJSON.page(page, ascii: ascii))
  }

  private var writer: LineWriter {
    let style = style
    return LineWriter(style: style) { OutputCheck.text(copy $0, style) }
  }

  // MARK: Going through a trace

  func step(through recording: Recording, stops: [TraceStop]) {
    guard let stepper = Stepper(recording, stops: stops) else { return }
    vary()
    let page = StepperPage(stepper, style: style, height: 1 + random.below(60))
    var state = stepper.start
    var shown: StepperFrame?
    for _ in 0..<12 where !state.isDone {
      let frame = page.frame(state)
      OutputCheck.screen(frame.drawing(over: shown))
      shown = frame
      for _ in 0...random.below(4) where !state.isDone { stepper.press(key(), &state) }
    }
  }

  private func key() -> StepperKey {
    let keys: [StepperKey] = [
      .enter, .forward, .forward, .back, .home, .end, .pageDown, .pageUp, .erase, .escape,
    ]
    if random.below(2) == 0 { return random.pick(keys) }
    let characters = Array("gGnN/?w0123456789 qxyLabcz\u{1B}\u{2202}".unicodeScalars)
    return .character(random.pick(characters))
  }

  func show(stops: [TraceStop], in recording: Recording) {
    check(StopsText.lines(stops, in: recording, style: style))
    checkJSON(StopsText.json(stops, in: recording, ascii: ascii))
  }

  func explain(_ question: Question, in recording: Recording) {
    guard let ladder = Ladder(question, in: recording) else { return }
    check(ladder.lines(style))
    checkJSON(ladder.json(ascii: ascii))
  }

  // MARK: Questions

  func ask(_ prompt: String) -> Answer {
    guard answers > 0 else { return random.below(2) == 0 ? .end : .interrupted }
    answers -= 1
    return .line(random.pick(["1", "0.5", "hint", "skip", "x", "-2*w", "?", ""]))
  }

  func echo(_ line: String, after prompt: String) {
    check(QuestionText.answered(prompt, line, style: style))
  }

  func complain(_ mistake: Diagnostic, at place: SourceLocation) {
    DiagnosticText(writer: writer, wraps: random.below(2) == 0)
      .write(at: place, message: mistake.message, hint: mistake.hint)
    checkJSON(
      ResultJSON.error(
        file: place.file, line: place.line, column: place.column, message: mistake.message,
        hint: mistake.hint, ascii: ascii))
  }

  func show(quiz event: QuizEvent) {
    check(QuizText.text(event, style: style))
    if let line = QuestionJSON.quiz(event, ascii: ascii) { checkJSON(line) }
  }

  func show(lesson event: LessonEvent) {
    check(LessonText.text(event, style: style))
    if let line = QuestionJSON.lesson(event, ascii: ascii) { checkJSON(line) }
  }

  func show(mistake report: MistakeReport) {
    check(MistakeText.lines(report, style: style))
    checkJSON(MistakeJSON.lines(report, ascii: ascii))
  }

  // MARK: Files

  /// What was written before; else the input itself, so that scripts load themselves.
  func read(file: String) throws(HostError) -> [UInt8] {
    if let text = files[file] { return Array(text.utf8) }
    guard file.utf8.last == UInt8(ascii: "d") else { throw .file("cannot read '\(file)'") }
    return Array(input)
  }

  func write(_ text: String, file: String) throws(HostError) { files[file] = text }

  func export(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) throws(HostError) {
    guard drawsAll, documents > 0 else {
      if drawsAll { return }
      do throws(DocumentProblem) {
        _ = try Documents.render(recording, request, source)
      } catch {
        throw .document(error.message, hint: error.hint)
      }
      return
    }
    documents -= 1
    for form in DocumentRequest.Form.allCases where !isInterrupted {
      var request = DocumentRequest(file: "-", form: form)
      request.digits = 1 + random.below(17)
      request.isLesson = form == .grad
      render(recording, request, source)
      switch form {
      case .python:
        for framework in DocumentRequest.frameworks.dropFirst() {
          request.framework = framework
          render(recording, request, source)
        }
      case .tex, .markdown, .html:
        request.worksheet = true
        request.fade = random.below(2) == 0 ? nil : random.below(6)
        render(recording, request, source)
      default: break
      }
    }
  }

  private func render(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) {
    do throws(DocumentProblem) {
      for file in try Documents.render(recording, request, source) {
        OutputCheck.document(file.text, request.form)
      }
    } catch {
      OutputCheck.message(error.message)
    }
  }

  // MARK: Settings

  var settings: [Setting] {
    [
      Setting(name: "digits", value: "6", expected: "1 to 17", choices: []),
      Setting(name: "width", value: "auto", expected: "40 to 1000", choices: ["auto"]),
      Setting(name: "ascii", value: "off", expected: "on or off", choices: ["on", "off"]),
      Setting(name: "theme", value: "standard", expected: "a theme", choices: ["light"]),
      Setting(name: "level", value: "operation", expected: "a level", choices: ["layer"]),
    ]
  }

  func set(_ name: String, _ value: String) throws(HostError) {
    switch name {
    case "digits":
      guard let digits = Int(value), (1...17).contains(digits) else { break }
      style.numbers = NumberFormat(digits: digits)
      return
    case "width":
      guard let width = Int(value), (40...1000).contains(width) else { break }
      style.width = width
      return
    case "ascii":
      style.ascii = value == "on"
      return
    case "theme":
      style.theme = ThemeName(rawValue: value)?.theme
      return
    case "level":
      guard let level = ViewLevel(rawValue: value) else { break }
      self.level = level
      return
    default: throw .unknownSetting
    }
    throw .invalidSetting(expected: "something else")
  }
}
