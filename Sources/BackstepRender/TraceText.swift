// The trace as text for people: which section an event belongs to, and where sections begin.

import BackstepLanguage
import BackstepTrace

/// Prints a trace as text: inputs, forward pass, backward pass and gradient.
///
/// The first rows of a section are held back until it is known how wide its columns must be; from
/// then on, every step is printed as it comes, so that a trace of any length takes little memory.
public struct TraceText: TraceSink {
  private let writer: LineWriter
  private var page: TracePage?

  /// Prints with a writer that may be shared with other text.
  public init(writer: LineWriter) { self.writer = writer }

  /// Prints in a style; `send` takes the text away, some 64 KiB at a time.
  public init(style: Style, send: @escaping (borrowing ByteBuffer) -> Void) {
    self.init(writer: LineWriter(style: style, send: send))
  }

  /// Begins a trace.
  public mutating func begin(_ header: any TraceHeader, options: TraceOptions) {
    page = TracePage(header: header, options: options, writer: writer)
  }

  /// Prints what belongs to the event.
  public mutating func receive(_ event: TraceEvent) { page?.receive(event) }

  /// Prints what was held back and sends everything off.
  public mutating func finish() {
    page?.finish()
    page = nil
    writer.flush()
  }
}

/// A part of the printed trace: a heading and the rows under it.
protocol TraceSection: AnyObject {
  /// Chooses the columns for the events to come, of which these are the first.
  func layOut(_ events: [TraceEvent])
  /// Writes the heading, and what stands above the rows.
  func open(_ events: [TraceEvent])
  /// Writes what belongs to the event.
  func receive(_ event: TraceEvent)
  /// Writes what is left of the last step.
  func close()
}

/// One trace on its way to the writer.
final class TracePage {
  private enum Part { case forward, tangent, backward, gradient }

  private let cells: TraceCells
  private let options: TraceOptions
  private let writer: LineWriter

  // None of these is checked at every access: nothing that is called while one changes comes back.
  @exclusivity(unchecked) private var part: Part?
  @exclusivity(unchecked) private var section: (any TraceSection)?
  private var isFirst = true
  /// The events of a section whose columns are not chosen yet.
  @exclusivity(unchecked) private var held: [TraceEvent] = []
  @exclusivity(unchecked) private var isHolding = false
  private var hasHeading = false
  private static let holdLimit = 1000
  /// How many events a section has had, and after how many its columns are chosen anew: names and
  /// numbers grow longer in a long trace, so this is done whenever it has doubled.
  @exclusivity(unchecked) private var delivered = 0
  @exclusivity(unchecked) private var nextLayout = 2 * holdLimit

  init(header: any TraceHeader, options: TraceOptions, writer: LineWriter) {
    cells = TraceCells(
      header: header, style: writer.style,
      isLong: options.forward || options.backward || options.tangent)
    self.options = options
    self.writer = writer
  }

  func receive(_ event: TraceEvent) {
    cells.remember(event)
    guard let next = self.part(of: event), isWanted(next) else { return }
    if next != part { begin(next) }
    if isHolding {
      held.append(event)
      if held.count >= Self.holdLimit { release() }
    } else {
      deliver(event)
      delivered += 1
      if delivered == nextLayout { isHolding = true }
    }
  }

  func finish() {
    release()
    section?.close()
    if options.gradient, part != .gradient { writeNoGradient() }
  }

  /// Says why there is no gradient: everything is a number or `const`.
  private func writeNoGradient() {
    if !isFirst { writer.writeBlank() }
    let isTitled = options.forward || options.backward
    if isTitled { writer.writeHeading("Gradient") }
    var line = cells.line()
    if isTitled { line.pad(to: cells.indent) }
    line.write(.name, limit: cells.formulaLimit) { $0.append(cells.header.rootText) }
    line.add(" depends on no input", .dim)
    writer.write(line)
  }

  private func isWanted(_ part: Part) -> Bool {
    switch part {
    case .forward: options.forward
    case .backward: options.backward
    case .gradient: options.gradient
    case .tangent: options.tangent
    }
  }

  /// The part that an event belongs to; nil for one that prints nothing.
  private func part(of event: TraceEvent) -> Part? {
    switch event {
    case .constant: nil
    case .input, .forward, .partial: .forward
    case .seed, .fanOut, .term, .backward, .contribution: .backward
    case .entry, .entryUse, .gradient: .gradient
    case .tangent, .tangentTerm, .tangentCost: .tangent
    case .warning: part ?? (options.forward ? .forward : options.backward ? .backward : .gradient)
    }
  }

  private func begin(_ next: Part) {
    release()
    section?.close()
    if !isFirst { writer.writeBlank() }
    isFirst = false
    part = next
    isHolding = true
    delivered = 0
    nextLayout = 2 * Self.holdLimit
    hasHeading = false
    section =
      switch next {
      case .forward: ForwardText(cells, writer)
      case .tangent: TangentText(cells, writer)
      case .backward: BackwardText(cells, writer)
      case .gradient: GradientText(cells, writer, titled: options.forward || options.backward)
      }
  }

  /// Chooses the columns and prints what was held back for it.
  private func release() {
    guard isHolding else { return }
    isHolding = false
    section?.layOut(held)
    if !hasHeading { section?.open(held) }
    hasHeading = true
    delivered += held.count
    nextLayout = 2 * max(delivered, Self.holdLimit)
    // After ^C nobody looks at it any more.
    for event in held where !Interruption.isRequested { deliver(event) }
    held = []
  }

  private func deliver(_ event: TraceEvent) {
    if case .warning(let warning) = event {
      section?.close()
      writer.write(cells.line(for: warning))
    } else {
      section?.receive(event)
    }
  }
}
