// What a session answers besides traces: values, expectations, errors, messages.

import BackstepTrace

/// Results as JSON Lines.
public enum ResultJSON {
  /// `{"event":"value","text":"a","shape":[],"value":0.5}`.
  public static func value(text: String, reading: Reading, ascii: Bool = false) -> ByteBuffer {
    line("value", ascii) { json in
      json.member("text", text)
      json.member(shape: reading.shape)
      json.member("value", reading)
    }
  }

  /// `{"event":"expect","text":"dL/dw1 == -0.5","pass":true}`.
  public static func expect(text: String, pass: Bool, ascii: Bool = false) -> ByteBuffer {
    line("expect", ascii) { json in
      json.member("text", text)
      json.member("pass", pass)
    }
  }

  /// `{"event":"error","file":"neuron.grad","line":3,"column":7,"message":"…","hint":"…"}`.
  ///
  /// File, line, column and hint are left out where there are none.
  public static func error(
    file: String?, line: Int?, column: Int?, message: String, hint: String?, ascii: Bool = false
  ) -> ByteBuffer {
    self.line("error", ascii) { json in
      if let file { json.member("file", file) }
      if let line { json.member("line", line) }
      if let column { json.member("column", column) }
      json.member("message", message)
      if let hint { json.member("hint", hint) }
    }
  }

  /// `{"event":"jacobian","of":"a","wrt":"W","shape":[2,6],"value":[[…],…]}`.
  public static func matrix(_ matrix: DerivativeMatrix, ascii: Bool = false) -> ByteBuffer {
    line(matrix.kind.rawValue, ascii) { json in
      json.member("of", matrix.output)
      json.member("wrt", matrix.input)
      json.member(shape: matrix.shape)
      json.member("value", .tensor(matrix.shape, matrix.numbers))
    }
  }

  /// `{"event":"compare","of":"L","inputs":5,"forward":{…},"reverse":{…},"agree":true,…}`.
  public static func comparison(_ comparison: Comparison, ascii: Bool = false) -> ByteBuffer {
    line("compare", ascii) { json in members(comparison, &json) }
  }

  /// The same for one size of several: `{"event":"compare","by":"n","size":10,"of":"L",…}`.
  public static func growth(
    _ growth: Growth, _ row: Growth.Row, ascii: Bool = false
  ) -> ByteBuffer {
    line("compare", ascii) { json in
      json.member("by", growth.by)
      json.member("size", row.size)
      members(row.comparison, &json)
    }
  }

  private static func members(_ comparison: Comparison, _ json: inout JSONWriter) {
    json.member("of", comparison.of)
    json.member("inputs", comparison.inputs)
    json.member("outputs", comparison.outputs)
    for (key, cost) in [
      ("forward" as StaticString, comparison.forward), ("reverse", comparison.reverse),
    ] {
      json.key(key)
      json.open("{")
      json.member("passes", cost.passes)
      json.member("multiplications", cost.multiplications)
      json.member("additions", cost.additions)
      json.member("stored", cost.stored)
      json.close("}")
    }
    json.member("agree", comparison.agree)
    json.member("largestDifference", .scalar(comparison.largestDifference))
  }

  /// `{"event":"paths","of":"L","wrt":"x1","count":"3","listed":3,"paths":[…],"sum":0.4}`.
  public static func paths(_ list: PathList, ascii: Bool = false) -> ByteBuffer {
    line("paths", ascii) { json in
      json.member("of", list.of)
      json.member("wrt", list.wrt)
      json.member("count", list.count)
      json.member("listed", list.paths.count)
      json.key("paths")
      json.open("[")
      for path in list.paths {
        json.open("{")
        json.key("nodes")
        json.open("[")
        for node in path.nodes { json.string(node) }
        json.close("]")
        json.key("args")
        json.open("[")
        for edge in path.edges { json.item(edge.operand) }
        json.close("]")
        if list.hasJacobians {
          json.key("jacobians")
          json.open("[")
          for jacobian in path.jacobians { json.sizes(of: jacobian) }
          json.close("]")
        } else {
          json.member("locals", .tensor(.vector(path.locals.count), path.locals))
        }
        json.member("product", path.product)
        json.close("}")
      }
      json.close("]")
      json.member(shape: list.sum.shape)
      json.member("sum", list.sum)
      json.member("multiplications", list.multiplications)
      json.member("edges", list.edges)
    }
  }

  /// `{"event":"check","of":"L","wrt":"w1","shape":[],"gradient":-0.5,"difference":…,"pass":true}`.
  public static func check(_ check: GradientCheck, ascii: Bool = false) -> ByteBuffer {
    line("check", ascii) { json in
      json.member("of", check.of)
      json.member("wrt", check.wrt)
      json.member(shape: check.gradient.shape)
      json.member("gradient", check.gradient)
      json.member("difference", check.difference)
      json.member("error", .scalar(check.error))
      if !check.shape.isScalar {
        json.member("errors", .tensor(check.shape, check.all.map(\.error)))
      }
      if let step = check.complexStep {
        json.member("complexStep", step.slope)
        json.member("complexStepError", .scalar(step.error))
      }
      json.member("pass", check.pass)
      if let note = check.note { json.member("note", note) }
    }
  }

  /// `{"event":"help","text":"…"}`: an answer that is only text.
  public static func message(event: String, text: String, ascii: Bool = false) -> ByteBuffer {
    line(event, ascii) { $0.member("text", text) }
  }

  /// One line with whatever members an event has.
  public static func line(
    _ event: String, _ ascii: Bool = false, _ members: (inout JSONWriter) -> Void
  ) -> ByteBuffer {
    var json = JSONWriter(ascii: ascii)
    json.beginEvent(event)
    members(&json)
    json.endEvent()
    return json.output
  }
}

/// Results as text.
public enum ResultText {
  /// A value as it answers an expression: `0.5`, `[1, 2, 3]`, or a matrix row by row.
  public static func value(_ reading: Reading, style: Style) -> ByteBuffer {
    text(style) { writer in
      var line = writer.line()
      let isMatrix = reading.shape.rank == 2
      let inline = InlineValue(reading, limit: style.width, numbers: style.numbers)
      if reading.shape.count == 0 {
        line.add(InlineValue.shape(reading.shape), .value)
      } else if let inline, !isMatrix {
        line.add(inline.text, .value)
      } else {
        return writer.writeTable(reading, indent: 0, wraps: true)
      }
      writer.write(line)
    }
  }

  /// A definition with its value: `L = 0.693147`; a long tensor follows on lines of its own.
  public static func definition(
    _ name: String, _ reading: Reading, style: Style
  ) -> ByteBuffer {
    text(style) { writer in
      var line = writer.line()
      line.add(name, .name)
      line.add(" = ", .sign)
      let room = reading.shape.rank == 1 ? style.width - line.columns : InlineValue.columns
      if let inline = InlineValue(reading, limit: room, numbers: style.numbers) {
        line.add(inline.text, .value)
        writer.write(line)
      } else {
        line.add(InlineValue.shape(reading.shape), .value)
        writer.write(line)
        writer.writeTable(reading, indent: 2, wraps: true)
      }
    }
  }

  /// A Jacobian: which derivatives it has, then a row for each entry of the output, with the names of
  /// rows and columns.
  public static func matrix(_ matrix: DerivativeMatrix, style: Style) -> ByteBuffer {
    text(style) { writer in
      var line = writer.line()
      let isName = matrix.output.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      let output = isName ? matrix.output : "(\(matrix.output))"
      switch matrix.kind {
      case .jacobian: line.add("∂\(output)/∂\(matrix.input)", .adjoint)
      case .hessian: line.add("second derivatives of \(output)", .heading)
      }
      line.add(" = ", .sign)
      line.add(InlineValue.shape(matrix.shape), .value)
      writer.write(line)
      writer.writeTable(
        .tensor(matrix.shape, matrix.numbers), indent: 2,
        rowLabel: { matrix.rows[$0] }, columnLabel: { matrix.columns[$0] },
        wraps: true)
    }
  }

  /// Text whose characters may come from anywhere, safe for a terminal, broken at the width.
  public static func message(_ text: String, role: Role = .plain, style: Style) -> ByteBuffer {
    self.text(style) { writer in
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        var fragments = writer.line()
        fragments.hang = 0
        fragments.addWords(String(line), role)
        writer.write(fragments)
      }
    }
  }

  static func text(_ style: Style, _ write: (LineWriter) -> Void) -> ByteBuffer {
    var output = ByteBuffer()
    let writer = LineWriter(style: style) { output.append($0.bytes) }
    write(writer)
    writer.flush()
    return output
  }
}

extension ResultJSON {
  /// A document that was written: `{"event":"export","file":"L.svg","form":"svg","bytes":1204}`; what
  /// went to standard output is in `text`.
  public static func export(
    file: String, form: DocumentRequest.Form, bytes: Int, text: String? = nil, ascii: Bool
  ) -> ByteBuffer {
    var json = JSONWriter(ascii: ascii)
    json.beginEvent("export")
    json.member("file", file)
    json.member("form", form.ending)
    json.member("bytes", bytes)
    if let text { json.member("text", text) }
    json.endEvent()
    return json.output
  }
}
