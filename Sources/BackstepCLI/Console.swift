// The session's surroundings: results to standard output, files read and written.

import Backstep
import BackstepLanguage
import BackstepRender
import BackstepTerminal
import BackstepTrace

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Shows results as text or as JSON Lines, and does for the session what needs the system.
final class Console: SessionHost {
  let output: Output
  /// Where the answers to questions come from.
  let answers = Answers()
  // The properties that every event needs are not checked at every access: no renderer calls back.
  @exclusivity(unchecked) private(set) var display: Display
  /// Whether files may be read and written.
  let sandbox: Bool
  /// Whether lines that merely say that something went well are left out.
  let quiet: Bool
  /// Whether it shows what the example of a help page comes to.
  let isExample: Bool
  @exclusivity(unchecked) private var text: TraceText
  @exclusivity(unchecked) private var json: TraceJSON

  /// How results look; what `set` changes.
  struct Display {
    var json = false
    var digits = 6
    var ascii = false
    var color = ColorChoice.auto
    var theme = ThemeName.standard
    /// The columns to fill; nil for the terminal's.
    var width: Int?
    /// What counts as a step in a trace.
    var level = ViewLevel.operation

    func style(_ output: Output) -> Style {
      let isColored = Terminal.usesColor(color, isTerminal: output.isTerminal)
      return Style(
        width: width ?? (output.isTerminal ? Terminal.width() : 80), digits: digits, ascii: ascii,
        theme: isColored ? theme.theme : nil)
    }
  }

  init(
    output: Output, display: Display, sandbox: Bool, quiet: Bool, isExample: Bool = false
  ) {
    self.output = output
    self.display = display
    self.sandbox = sandbox
    self.quiet = quiet
    self.isExample = isExample
    text = TraceText(style: display.style(output)) { $0.withBytes(output.write) }
    json = TraceJSON(ascii: display.ascii) { $0.withBytes(output.write) }
  }

  var style: Style { display.style(output) }
  var writer: LineWriter { LineWriter(style: style) { [output] in $0.withBytes(output.write) } }

  // MARK: Traces

  func begin(_ header: any TraceHeader, options: TraceOptions) {
    if display.json {
      json = TraceJSON(ascii: display.ascii) { [output] in $0.withBytes(output.write) }
      json.begin(header, options: options)
    } else {
      text = TraceText(style: style) { [output] in $0.withBytes(output.write) }
      text.begin(header, options: options)
    }
  }

  func receive(_ event: TraceEvent) {
    // After ^C a long backward pass still runs to its end, but says nothing more.
    guard !isInterrupted else { return }
    if display.json { json.receive(event) } else { text.receive(event) }
  }

  func finish() {
    guard !isInterrupted else { return }
    if display.json { json.finish() } else { text.finish() }
  }

  // MARK: Other results

  func show(value: Reading, of text: String) {
    if display.json {
      write(ResultJSON.value(text: text, reading: value, ascii: display.ascii))
    } else {
      write(ResultText.value(value, style: style))
    }
  }

  func show(definition name: String, state: DefinitionState) {
    if display.json {
      write(ResultJSON.definition(name: name, state: state, ascii: display.ascii))
    } else if case .value(let reading) = state {
      write(ResultText.definition(name, reading, style: style))
    } else {
      PageText(writer: writer).write(definition: name, state)
    }
  }

  func show(expectation text: String, holds: Bool) {
    if display.json { write(ResultJSON.expect(text: text, pass: holds, ascii: display.ascii)) }
  }

  func show(listing: [Listing]) {
    if display.json {
      for entry in listing where !isInterrupted {
        write(ResultJSON.listing(entry, ascii: display.ascii))
      }
    } else {
      PageText(writer: writer).write(listing) { !isInterrupted }
    }
  }

  func show(matrix: DerivativeMatrix) {
    write(
      display.json
        ? ResultJSON.matrix(matrix, ascii: display.ascii)
        : ResultText.matrix(matrix, style: style))
  }

  func show(comparison: Comparison) {
    write(
      display.json
        ? ResultJSON.comparison(comparison, ascii: display.ascii)
        : ComparisonText.lines(comparison, style: style))
  }

  func show(growth: Growth) {
    if display.json {
      for row in growth.rows { write(ResultJSON.growth(growth, row, ascii: display.ascii)) }
    } else {
      write(GrowthText.lines(growth, style: style))
    }
  }

  func show(checks: [GradientCheck]) {
    if display.json {
      for check in checks { write(ResultJSON.check(check, ascii: display.ascii)) }
    } else {
      write(CheckText.lines(checks, style: style))
    }
  }

  func show(paths: PathList) {
    write(
      display.json
        ? ResultJSON.paths(paths, ascii: display.ascii) : PathsText.lines(paths, style: style))
  }

  func show(page: Page) {
    if display.json {
      write(ResultJSON.page(page, ascii: display.ascii))
    } else {
      PageText(writer: writer).write(page, run: runExample)
    }
  }

  /// Writes a result.
  ///
  /// After ^C nothing more is said of a statement: what it comes to may be anything.
  func write(_ line: ByteBuffer) {
    if !isInterrupted { line.withBytes(output.write) }
  }

  /// Runs the example of a help page in a session of its own.
  private func runExample(_ code: String) {
    var session = Session()
    let console = Console(
      output: output, display: display, sandbox: true, quiet: true, isExample: true)
    session.begin(file: nil)
    do {
      try session.append(code.utf8)
      while case .ran = try session.runNext(console) {}
    } catch {
      console.complain(error, in: session)
    }
  }

  // MARK: Mistakes

  /// Shows a mistake: on standard error, and with `--json` among the results as well.
  func complain(_ diagnostic: Diagnostic, in session: Session) {
    complain(diagnostic, at: session.location(of: diagnostic))
  }

  func complain(_ diagnostic: Diagnostic, at place: SourceLocation) {
    if display.json {
      output.write(
        ResultJSON.error(
          file: place.file, line: place.line, column: place.column, message: diagnostic.message,
          hint: diagnostic.hint, ascii: display.ascii
        ).bytes)
    }
    let isTerminal = Terminal.isTerminal(2)
    let isColored = Terminal.usesColor(display.color, isTerminal: isTerminal)
    let style = Style(
      width: style.width, digits: display.digits, ascii: display.ascii,
      theme: isColored ? display.theme.theme : nil)
    let writer = LineWriter(style: style) { [output] in
      output.complain(String(decoding: $0.bytes, as: UTF8.self))
    }
    DiagnosticText(writer: writer, wraps: isTerminal)
      .write(at: place, message: diagnostic.message, hint: diagnostic.hint)
  }

  /// Shows a mistake that is in no statement, as a file that cannot be read.
  func complain(_ message: String) {
    if display.json {
      output.write(
        ResultJSON.error(
          file: nil, line: nil, column: nil, message: message, hint: nil, ascii: display.ascii
        ).bytes)
    }
    output.complain("backstep: \(printable(message))\n")
  }

  // MARK: The system

  var isInterrupted: Bool { Interrupt.isPending || output.isStopped }

  func read(file: String) throws(HostError) -> [UInt8] {
    guard !sandbox else { throw .sandbox }
    var bytes: ContiguousArray<UInt8> = []
    do {
      var reader = try ScriptReader(path: file)
      let tooLarge = HostError.file("cannot read '\(printable(file))': it is larger than 4 GiB")
      guard reader.size ?? 0 <= SourceText.capacity else { throw tooLarge }
      // Of a file with holes the size says little.
      if let size = reader.size { bytes.reserveCapacity(min(size, 1 << 28)) }
      while true {
        switch try reader.read(into: &bytes) {
        case .bytes(let count):
          // What has no end, as /dev/zero, or is very large has NULs, which tell that it is no text.
          if bytes.suffix(count).contains(0) { return Array(bytes) }
        case .end: return Array(bytes)
        case .interrupted: throw SystemFailure("cannot read '\(printable(file))'", code: EINTR)
        }
        if bytes.count > SourceText.capacity { throw tooLarge }
      }
    } catch let error as HostError {
      throw error
    } catch {
      throw .file("\(error)")
    }
  }

  func write(_ text: String, file: String) throws(HostError) {
    guard !sandbox else { throw .sandbox }
    // It may be where the output goes.
    output.flush()
    do {
      try WholeFile.write(text, to: file)
    } catch {
      throw .file("\(error)")
    }
  }

  // MARK: Settings

  var settings: [Setting] {
    let switches = ["on", "off"]
    return [
      Setting(
        name: "digits", value: "\(display.digits)", expected: "1 to 17 significant digits",
        choices: []),
      Setting(
        name: "width", value: display.width.map { "\($0)" } ?? "auto",
        expected: "40 to 1000 columns, or auto", choices: ["auto"]),
      Setting(
        name: "ascii", value: display.ascii ? "on" : "off", expected: "on or off",
        choices: switches),
      Setting(
        name: "color", value: display.color.rawValue, expected: "auto, always or never",
        choices: ColorChoice.allCases.map(\.rawValue)),
      Setting(
        name: "theme", value: display.theme.rawValue,
        expected: "standard, light, dark or high-contrast",
        choices: ThemeName.allCases.map(\.rawValue)),
      Setting(
        name: "format", value: display.json ? "json" : "text", expected: "text or json",
        choices: ["text", "json"]),
      Setting(
        name: "level", value: display.level.rawValue, expected: "operation, statement or layer",
        choices: ViewLevel.allCases.map(\.rawValue)),
    ]
  }

  func set(_ name: String, _ value: String) throws(HostError) {
    guard let setting = settings.first(where: { $0.name == name }) else { throw .unknownSetting }
    let invalid = HostError.invalidSetting(expected: setting.expected)
    switch (name, value) {
    case ("digits", _):
      guard let digits = Int(value), (1...17).contains(digits) else { throw invalid }
      display.digits = digits
    case ("width", "auto"): display.width = nil
    case ("width", _):
      guard let width = Int(value), (40...1000).contains(width) else { throw invalid }
      display.width = width
    case ("ascii", "on"): display.ascii = true
    case ("ascii", "off"): display.ascii = false
    case ("format", "json"): display.json = true
    case ("format", "text"): display.json = false
    case ("level", _):
      guard let level = ViewLevel(rawValue: value) else { throw invalid }
      display.level = level
    case ("color", _):
      guard let choice = ColorChoice(rawValue: value) else { throw invalid }
      display.color = choice
    case ("theme", _):
      guard let theme = ThemeName(rawValue: value) else { throw invalid }
      display.theme = theme
    default: throw invalid
    }
  }
}
