// A drawing after Graphviz has made it: its mark, and in SVG a title and a description.

import BackstepTrace

/// Puts into a drawing what Graphviz does not.
public enum Drawing {
  /// The mark is looked for in so many bytes at the end of a file.
  public static let tailCount = 64

  /// Adds the mark and, to an SVG, what a screen reader says.
  public static func finish(
    _ drawing: ByteBuffer, _ recording: Recording, _ request: DocumentRequest
  ) -> ByteBuffer {
    switch request.form {
    case .svg:
      guard let trace = TraceDigest(recording) else { return drawing }
      return finish(svg: drawing, trace, request)
    case .png: return finish(png: drawing)
    case .pdf:
      // Readers look for the end of a PDF in its last 1024 bytes, and pass over comments there.
      var marked = drawing
      marked.append("% \(Documents.mark)\n")
      return marked
    default: return drawing
    }
  }

  // MARK: SVG

  /// Replaces the head, which names a document type on a server, and describes the drawing.
  private static func finish(
    svg: ByteBuffer, _ trace: TraceDigest, _ request: DocumentRequest
  ) -> ByteBuffer {
    let bytes = svg.bytes
    guard let start = find("<svg", in: bytes, from: 0),
      let end = bytes[start...].firstIndex(of: UInt8(ascii: ">"))
    else { return svg }
    var text = ByteBuffer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    text.append("<!-- \(Documents.mark) -->\n")
    text.append(bytes[start..<end])
    text.append(" role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">")
    text.append(Escape.xml(title(trace)))
    text.append("</title>\n<desc id=\"description\">")
    text.append(Escape.xml(description(trace, request)))
    text.append("</desc>")
    text.append(bytes[(end + 1)...])
    return text
  }

  private static func find(
    _ word: StaticString, in bytes: ContiguousArray<UInt8>, from start: Int
  ) -> Int? {
    word.withUTF8Buffer { word in
      bytes[start...].indices.first { bytes[$0...].starts(with: word) }
    }
  }

  /// What the drawing shows.
  static func title(_ trace: TraceDigest) -> String {
    "Computation graph of \(Escape.line(Escape.statement(trace.header.rootText), limit: 80))"
  }

  /// The drawing in words, for those who do not see it.
  static func description(_ trace: TraceDigest, _ request: DocumentRequest) -> String {
    let style = Style(digits: request.digits)
    func text(_ reading: Reading?) -> String {
      guard let reading else { return "unknown" }
      return InlineValue(reading, limit: 40, numbers: style.numbers)?.text.string
        ?? InlineValue.shape(reading.shape).string
    }
    let nodes = trace.nodes
    func names(_ kind: NodeKind) -> String {
      let all = nodes.filter { trace.header.kind(of: $0) == kind }
      let more = all.count > 12 ? " and \(all.count - 12) more" : ""
      return all.prefix(12).map(trace.name).joined(separator: ", ") + more
    }
    let operations = nodes.count { trace.header.kind(of: $0) == .operation }
    var sentences = [
      "\(operations) operation\(operations == 1 ? "" : "s").",
      "\(trace.rootName) = \(text(trace.values[trace.header.root])).",
    ]
    if nodes.contains(where: { trace.header.kind(of: $0) == .input }) {
      sentences.append("Inputs: \(names(.input)).")
    }
    if nodes.contains(where: { trace.header.kind(of: $0) == .data }) {
      sentences.append("Data: \(names(.data)).")
    }
    let gradients = trace.gradients.prefix(12).map { gradient in
      let index = gradient.entry.map { trace.header.shape(of: gradient.node).index(of: $0) } ?? ""
      return "∂\(trace.rootName)/∂\(trace.name(gradient.node))\(index) = \(text(gradient.value))"
    }
    if !gradients.isEmpty {
      let more = trace.gradients.count - gradients.count
      sentences.append(
        "Derivatives: " + gradients.joined(separator: ", ")
          + (more > 0 ? " and \(more) more." : "."))
    }
    return sentences.joined(separator: " ")
  }

  // MARK: PNG

  /// Adds a chunk of text behind the header, which is always the first 33 bytes.
  ///
  /// **Source** Portable Network Graphics (Second Edition), W3C 2003, 5.3 and 11.3.4.3.
  private static func finish(png: ByteBuffer) -> ByteBuffer {
    let head = 33
    guard png.count > head, png.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return png }
    var chunk = ByteBuffer("tEXtComment")
    chunk.append(byte: 0)
    chunk.append(Documents.mark)
    var marked = ByteBuffer()
    marked.append(png.bytes[..<head])
    marked.append(bigEndian: UInt32(chunk.count - 4))
    marked.append(chunk)
    marked.append(bigEndian: checksum(chunk.bytes))
    marked.append(png.bytes[head...])
    return marked
  }

  /// The cyclic redundancy check of a chunk: CRC-32, from the lowest bit up.
  private static func checksum(_ bytes: ContiguousArray<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}

extension ByteBuffer {
  /// Adds a number as four bytes, the highest first.
  fileprivate mutating func append(bigEndian number: UInt32) {
    for shift in [24, 16, 8, 0] { append(byte: UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
  }
}
