// Drawings: graphs, and curves of functions.

import BackstepRender
import BackstepTerminal
import BackstepTrace

extension Console {
  func show(graph: Recording) {
    output.write(
      (display.json
        ? GraphJSON.lines(graph, ascii: display.ascii)
        : GraphText.lines(graph, style: display.style(output))).bytes)
  }
}
