import BackstepTrace
public struct TraceJSON: TraceSink {
  public init(send: @escaping (borrowing ByteBuffer) -> Void) {}
  public mutating func begin(_ header: any TraceHeader, options: TraceOptions) {}
  public mutating func receive(_ event: TraceEvent) {}
  public mutating func finish() {}
}
public enum ResultText {
  static func inline(_ r: Reading, style: Style) -> String {
    var b = ByteBuffer(); style.numbers.append(r.elements[0], to: &b); return b.string
  }
  public static func value(_ r: Reading, to w: LineWriter) {
    var l = w.line(); l.add(inline(r, style: w.style), .value); w.write(l); w.flush()
  }
}
public enum ResultJSON {
  public static func value(text: String, reading: Reading) -> ByteBuffer { ByteBuffer() }
  public static func definition(name: String, state: DefinitionState) -> ByteBuffer { ByteBuffer() }
  public static func expect(text: String, pass: Bool) -> ByteBuffer { ByteBuffer() }
  public static func listing(_ l: Listing) -> ByteBuffer { ByteBuffer() }
  public static func page(_ l: Page) -> ByteBuffer { ByteBuffer() }
  public static func error(file: String?, line: Int?, column: Int?, message: String, hint: String?)
    -> ByteBuffer
  { ByteBuffer() }
}
