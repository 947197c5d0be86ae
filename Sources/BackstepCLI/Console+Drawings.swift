// Drawings: graphs, and curves of functions.

import BackstepRender
import BackstepTerminal
import BackstepTrace

extension Console {
  func show(graph: Recording) {
    write(
      display.json
        ? GraphJSON.lines(graph, ascii: display.ascii)
        : GraphText.lines(graph, style: display.style(output)))
  }

  func show(plot: Plot) {
    // Room for the statement above and the prompt below.
    let rows = output.isTerminal ? min(max(Terminal.height() - 9, 6), 28) : 15
    write(
      display.json
        ? PlotJSON.line(plot, ascii: display.ascii)
        : PlotText.lines(plot, rows: rows, style: display.style(output)))
  }
}
