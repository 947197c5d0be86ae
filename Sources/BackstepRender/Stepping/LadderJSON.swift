// An explanation as JSON, and the stops of a trace as text and as JSON.

import BackstepTrace

extension Ladder {
  /// `{"event":"why","of":"L","wrt":"w","shape":[],"value":-1,"reason":"uses","terms":[…]}`.
  public func json(ascii: Bool) -> ByteBuffer {
    ResultJSON.line("why", ascii) { json in
      json.member("of", board.header.rootText)
      switch question {
      case .derivative(let node, let entry):
        json.member("wrt", name(node, entry))
        if let value {
          json.member(shape: value.shape)
          json.member("value", value)
        }
      case .step(let number):
        json.member("step", number)
        let node = board.steps.first { $0.number == number }?.node ?? board.header.root
        json.member("node", node + 1)
        json.member("name", board.name(node))
        let isForward = reason == .forward
        let value =
          isForward ? board.value(node, at: position) : board.adjoint(node, at: position)?.sum
        if let value {
          json.member(shape: value.shape)
          json.key(isForward ? "value" : "adjoint")
          json.reading(value)
        }
      }
      json.member("reason", reason.rawValue)
      json.key("terms")
      json.open("[")
      for term in terms { write(term, to: &json) }
      json.close("]")
    }
  }

  private func write(_ term: Term, to json: inout JSONWriter) {
    json.open("{")
    json.member("node", term.node + 1)
    json.member("from", name(term.node, term.place))
    json.member("to", board.name(term.operand))
    if let slot = term.slot {
      let formula = board.header.partialFormula(of: term.node, slot: slot)
      json.key("formula")
      json.string { board.header.write(formula, of: term.node, to: &$0) }
    }
    if let adjoint = term.adjoint { json.member("adjoint", adjoint) }
    if let local = term.local { json.member("local", local) }
    if let product = term.product { json.member("contribution", product) }
    json.key("ask")
    json.open("[")
    for question in questions(about: term) { json.string(question) }
    json.close("]")
    json.close("}")
  }
}

/// Where a trace would stop, for those who cannot go there by keys.
public enum StopsText {
  /// A line for each stop.
  public static func lines(
    _ stops: [TraceStop], in recording: Recording, style: Style
  ) -> ByteBuffer {
    ResultText.text(style) { writer in
      guard let board = StepperBoard(recording) else { return }
      writer.writeBlank()
      writer.writeHeading("Stops")
      if stops.isEmpty {
        var line = writer.line()
        line.pad(to: 4)
        line.add("none: the condition holds at no step", .dim)
        writer.write(line)
      }
      let cells = TraceCells(header: board.header, style: style)
      for (index, stop) in stops.enumerated() {
        let step = board.steps[stop.position]
        let isRepeated = [index - 1, index + 1].contains { place in
          guard stops.indices.contains(place) else { return false }
          let other = board.steps[stops[place].position]
          return other.number == step.number && other.operand == step.operand
        }
        var line = writer.line()
        line.pad(to: cells.stepWidth - "\(step.number)".utf8.count)
        line.add(step.number == 0 ? " " : "\(step.number)", .step)
        line.pad(to: cells.indent)
        line.hang = cells.indent + 2
        if step.kind == .forward {
          cells.addName(step.node, .name, to: &line)
        } else {
          cells.addAdjoint(step.operand ?? step.node, to: &line)
          if isRepeated { line.add(", operand \(step.part) of \(step.parts)", .dim) }
        }
        line.add(": ", .sign)
        line.add(stop.text, .plain)
        writer.write(line)
      }
    }
  }

  /// `{"event":"stop","step":4,"node":1,"name":"x","text":"abs(adjoint) > 3"}`, one for each.
  public static func json(
    _ stops: [TraceStop], in recording: Recording, ascii: Bool
  ) -> ByteBuffer {
    var output = ByteBuffer()
    guard let board = StepperBoard(recording) else { return output }
    for stop in stops {
      let step = board.steps[stop.position]
      let node = step.operand ?? step.node
      output.append(
        ResultJSON.line("stop", ascii) { json in
          json.member("step", step.number)
          json.member("node", node + 1)
          json.member("name", board.name(node))
          json.member("text", stop.text)
        })
    }
    return output
  }
}
