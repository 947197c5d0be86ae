// The stepper at a terminal: pictures from the renderer, keys from the terminal.

import Backstep
import BackstepRender
import BackstepTerminal
import BackstepTrace

extension Console {
  /// In an example of a help page the trace is printed: a page should not become a screen of its own.
  var canStep: Bool { !display.json && !isExample && FullScreen.isPossible }

  func step(through recording: Recording, stops: [TraceStop]) {
    guard let stepper = Stepper(recording, stops: stops), let screen = FullScreen(output) else {
      return
    }
    defer { screen.close() }
    var state = stepper.start
    var page = page(stepper, screen)
    var shown: StepperFrame?
    while !state.isDone, !output.isStopped {
      let frame = page.frame(state)
      if frame != shown { screen.draw(frame.drawing(over: shown).bytes) }
      shown = frame
      switch screen.next() {
      case .key(let key): stepper.press(StepperKey(key), &state)
      case .redraw:
        page = self.page(stepper, screen)
        shown = nil
      case .interrupted, .ended: return
      }
    }
  }

  var level: ViewLevel { display.level }

  func show(stops: [TraceStop], in recording: Recording) {
    let style = display.style(output)
    output.write(
      (display.json
        ? StopsText.json(stops, in: recording, ascii: display.ascii)
        : StopsText.lines(stops, in: recording, style: style)).bytes)
  }

  func explain(_ question: Question, in recording: Recording) {
    guard let ladder = Ladder(question, in: recording) else { return }
    output.write(
      (display.json ? ladder.json(ascii: display.ascii) : ladder.lines(display.style(output)))
        .bytes)
  }

  /// What draws the pictures, for the screen as it is now.
  private func page(_ stepper: Stepper, _ screen: FullScreen) -> StepperPage {
    let size = screen.size
    var style = display.style(output)
    style.width = max(20, min(display.width ?? size.columns, size.columns))
    return StepperPage(stepper, style: style, height: size.rows)
  }
}

extension StepperKey {
  /// What a key means to the stepper.
  fileprivate init(_ key: ScreenKey) {
    self =
      switch key {
      case .enter: .enter
      case .right, .down: .forward
      case .left, .up: .back
      case .home: .home
      case .end: .end
      case .pageUp: .pageUp
      case .pageDown: .pageDown
      case .backspace: .erase
      case .escape: .escape
      case .character(let character): .character(character)
      }
  }
}
