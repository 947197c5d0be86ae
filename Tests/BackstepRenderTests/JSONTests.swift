// JSON Lines as a program reads them.

import BackstepRender
import BackstepTrace
import Foundation
import Testing

@Suite("JSON Lines")
struct JSONTests {
  /// Reads a line as an object.
  private func object(_ line: some StringProtocol) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
    return try #require(value as? [String: Any])
  }

  @Test("Every line is an object that begins with its event", arguments: Example.all)
  func lines(example: Example) throws {
    for ascii in [false, true] {
      let lines = json(example, ascii: ascii).split(separator: "\n")
      for line in lines {
        #expect(line.hasPrefix("{\"event\":\""))
        #expect(try object(line)["event"] is String)
      }
      #expect(try object(lines[0])["schema"] as? Int == TraceJSON.schema)
    }
  }

  @Test("The neuron's lines are those of the reference")
  func neuron() throws {
    let lines = json(.neuron).split(separator: "\n").map(String.init)
    #expect(lines[0] == #"{"event":"trace","schema":1,"of":"L"}"#)
    #expect(lines[1] == #"{"event":"input","node":1,"name":"w1","shape":[],"value":0.5}"#)
    #expect(
      lines[3]
        == #"{"event":"forward","node":3,"name":"v1","op":"mul","args":[1,2],"text":"w1*x1","shape":[],"value":0.5,"partials":[{"arg":1,"node":1,"to":"w1","formula":"x1","value":1},{"arg":2,"node":2,"to":"x1","formula":"w1","value":0.5}]}"#
    )
    #expect(
      lines.contains(
        #"{"event":"backward","node":12,"name":"L","op":"bce","adjoint":1,"contributions":[{"arg":1,"node":10,"to":"a","formula":"(a - y)/(a*(1 - a))","local":-2,"contribution":-2,"accumulated":-2}]}"#
      ))
    #expect(lines.last == #"{"event":"gradient","of":"L","wrt":"b","shape":[],"value":-0.5}"#)
    #expect(lines.contains { $0.hasSuffix(#""value":1,"const":true}"#) })
  }

  @Test("Sums over fan-out")
  func fanOut() throws {
    let line = try #require(json(.shared).split(separator: "\n").first { $0.contains("fanout") })
    #expect(
      line
        == #"{"event":"fanout","node":1,"name":"x","terms":[{"node":6,"from":"v4","contribution":-0.12501},{"node":4,"from":"v2","contribution":3},{"node":2,"from":"v1","contribution":-1.7},{"node":2,"from":"v1","contribution":-1.7}],"adjoint":-0.52501}"#
    )
  }

  @Test("Numbers read back to the same doubles")
  func numbers() throws {
    for _ in 0..<2000 {
      let number = Double(bitPattern: UInt64.random(in: .min ... .max))
      guard number.isFinite else { continue }
      let line = ResultJSON.value(text: "x", reading: .scalar(number)).string
      let text = try #require(line.split(separator: "\"value\":").last?.dropLast(2))
      #expect(Double(text) == number)
      // Foundation's parser is off by one unit for some numbers: it only shows that the form is
      // right.
      #expect(try object(line)["value"] is NSNumber)
    }
  }

  @Test(
    "Strings read back",
    arguments: ["plain", "\"\\/\u{8}\u{c}\n\r\t", "ŷ 漢 🙂 \u{1B}\u{202E}\u{7F}"])
  func strings(text: String) throws {
    for ascii in [false, true] {
      let line = ResultJSON.message(event: "help", text: text, ascii: ascii).string
      #expect(try object(line)["text"] as? String == text)
    }
  }

  @Test("Groups are closed where their last part was promised")
  func groups() throws {
    var output = ""
    var sink = TraceJSON { output += $0.string }
    sink.begin(
      Example.neuron.trace, options: TraceOptions(forward: true, backward: true, gradient: true))
    sink.receive(.forward(node: 2, value: .scalar(0.5), partials: 0))
    sink.receive(.backward(node: 2, adjoint: .scalar(1), contributions: 0))
    sink.receive(.forward(node: 2, value: .scalar(0.5), partials: 2))
    sink.receive(.partial(node: 2, slot: 0, operand: 0, value: nil))
    sink.finish()
    let lines = output.split(separator: "\n")
    #expect(lines.count == 4)
    for line in lines { _ = try object(line) }
    #expect(lines[3].contains(#""partials":[{"arg":1,"node":1,"to":"w1","formula":"x1"}]"#))
  }
}
