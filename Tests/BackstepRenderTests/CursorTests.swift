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

  @Test("A stretch of any length is copied whole, and nothing behind it is shown")
  func stretches() {
    let bytes = (0..<700).map { UInt8(0x21 + $0 % 90) }
    var source = ByteBuffer()
    source.append(bytes)
    for length in 0...690 {
      let start = length % 11
      let wanted = Array(bytes[start..<start + length])
      var plain = ByteBuffer("ab")
      plain.append(source, start..<start + length)
      plain.append(byte: 0x7A)
      #expect(Array(plain.bytes) == [0x61, 0x62] + wanted + [0x7A])
      var line = ByteBuffer("ab")
      line.append(line: source, start..<start + length)
      #expect(Array(line.bytes) == [0x61, 0x62] + wanted + [0x0A])
      var blanks = ByteBuffer("ab")
      blanks.append(byte: 0x20, times: length)
      #expect(Array(blanks.bytes) == [0x61, 0x62] + Array(repeating: 0x20, count: length))
      var composed = ByteBuffer("ab")
      let fits = composed.compose(upTo: 64) { $0.append(source, start..<start + length) }
      #expect(fits == (length <= 64))
      #expect(Array(composed.bytes) == [0x61, 0x62] + (fits ? wanted : []))
    }
  }

  @Test("A number is not written where there is no room for any")
  func numberWithoutRoom() {
    var writer = NumberWriter(nil)
    var buffer = ByteBuffer()
    for room in [0, 10, 24, 40] {
      let isWritten = buffer.compose(upTo: room) { writer.append(-1.0 / 3, to: &$0) }
      #expect(!isWritten && buffer.isEmpty)
    }
    writer.append(-1.0 / 3, to: &buffer)
    #expect(buffer.string == "-0.3333333333333333")
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
