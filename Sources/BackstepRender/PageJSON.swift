// Definitions and pages as JSON Lines.

import BackstepTrace

extension ResultJSON {
  /// `{"event":"definition","name":"z","shape":[],"value":0.5}`, or `"needs":["w"]` while it waits.
  public static func definition(
    name: String, state: DefinitionState, ascii: Bool = false
  ) -> ByteBuffer {
    line("definition", ascii) { json in
      json.member("name", name)
      member(state, &json)
    }
  }

  /// `{"event":"definition","name":"z","kind":"formula","text":"z = w*x","shape":[],"value":0.5}`.
  public static func listing(_ entry: Listing, ascii: Bool = false) -> ByteBuffer {
    line("definition", ascii) { json in
      json.member("name", entry.name)
      json.member("kind", entry.kind.rawValue)
      json.member("text", entry.text)
      member(entry.state, &json)
    }
  }

  /// `{"event":"help","text":"…"}`, the text as it would be printed in 80 columns.
  public static func page(_ page: Page, ascii: Bool = false) -> ByteBuffer {
    var text = ByteBuffer()
    let writer = LineWriter(style: Style(ascii: ascii)) { text.append($0.bytes) }
    PageText(writer: writer).write(page, run: nil)
    return message(event: page.command, text: text.string, ascii: ascii)
  }

  private static func member(_ state: DefinitionState, _ json: inout JSONWriter) {
    switch state {
    case .value(let reading):
      json.member(shape: reading.shape)
      json.member("value", reading)
    case .waiting(let names):
      json.key("needs")
      json.open("[")
      for name in names { json.string(name) }
      json.close("]")
    case .function: break
    }
  }
}
