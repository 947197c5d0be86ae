// Text put together in memory that is there: the same as any other, or nothing at all.

import BackstepTrace
import Testing

@testable import BackstepRender

@Suite("Text in memory that is there")
struct CursorTests {
  @Test("What has no room is not added, and what was there stays")
  func room() {
    var buffer = ByteBuffer("ab")
    let isTooLong = buffer.compose(upTo: 20) { cursor in
      for _ in 0..<3 { cursor.append(packed: 0x6363_6363_6363_6363, first: 8) }
    }
    #expect(!isTooLong)
    #expect(buffer.string == "ab")
    let fits = buffer.compose(upTo: 20) { cursor in
      cursor.append(packed: 0x6463, first: 2)
      cursor.append(blanks: 3)
      cursor.append(byte: UInt8(ascii: "e"))
    }
    #expect(fits)
    #expect(buffer.string == "abcd   e")
  }

  @Test("A number that comes again is written as the first time")
  func numbers() {
    let numbers = [
      0, -0.0, 1, -1, 0.1, 1.0 / 3, -1e300 / 7, .leastNonzeroMagnitude, -2.2250738585072014e-308,
      123456.75,
      .nan, .infinity, -.infinity,
    ]
    for format in [NumberFormat(), NumberFormat(digits: 17), nil] {
      var writer = NumberWriter(format)
      for number in numbers + numbers {
        var plain = ByteBuffer()
        if let format { format.append(number, to: &plain) } else { plain.appendJSON(number) }
        var kept = ByteBuffer()
        writer.append(number, to: &kept)
        #expect(kept.string == plain.string)
      }
    }
  }

  @Test("A line is the same in either way")
  func line() {
    let sign = FragmentLine.Sign("∂L/∂", ascii: false)
    func build(_ line: inout some LinePieces) {
      line.pad(to: 3)
      line.add(sign, .adjoint)
      line.add(27, .step)
      line.addEquals(plus: true)
      let mark = line.mark
      line.add(sign, .sign)
      line.allowBreak()
      line.rewind(to: mark)
      line.pad(to: 40)
      line.allowBreak()
      line.add(1_234_567_890_123, .value)
    }
    var one = FragmentLine(ascii: false, keepsRoles: false)
    build(&one)
    var other = FragmentLine(ascii: false, keepsRoles: false)
    let isComposed = other.compose { build(&$0) }
    #expect(isComposed)
    #expect(one.text == other.text)
    #expect(one.columns == other.columns)
    #expect(one.breakCount == 2 && other.breakCount == 2)
    for place in 0..<2 { #expect(one.place(place).packed == other.place(place).packed) }
  }

  @Test("A line with too many places to break it is left to the other way")
  func breaks() {
    var line = FragmentLine(ascii: true, keepsRoles: false)
    #expect(!line.compose { for _ in 0..<9 { $0.addEquals() } })
    #expect(line.isEmpty && line.breakCount == 0)
  }
}
