// The page that `export` writes: that it is whole, closed to everything from outside, and escaped.

import BackstepTrace
import Foundation
import Testing

@testable import BackstepRender

/// A page of a trace made by hand.
private func page(_ build: (inout HandMade) -> Void) throws -> String {
  var trace = HandMade()
  build(&trace)
  var recording = Recording()
  recording.begin(trace, options: TraceOptions(forward: true, backward: true, gradient: true))
  for event in trace.events(seed: .scalar(1)) { recording.receive(event) }
  let source = DocumentSource(
    definitions: [.init(name: "x", kind: .input, text: "x = 2 # </pre></script>")],
    expression: trace.rootText)
  let request = DocumentRequest(file: "x.html", form: .html)
  return try #require(try Documents.render(recording, request, source).first).text.string
}

private func square(_ trace: inout HandMade, root: String) {
  let x = trace.input("x", 2)
  _ = trace.operation(root, "mul", "a*b", [x, x], 4, [("b", 2), ("a", 2)])
}

/// What stands between two texts.
private func part(of page: String, from start: String, to end: String) throws -> Substring {
  let first = try #require(page.range(of: start)).upperBound
  let last = try #require(page.range(of: end, range: first..<page.endIndex)).lowerBound
  return page[first..<last]
}

@Test func pageHasNoGapLeft() throws {
  let page = try page { square(&$0, root: "L") }
  #expect(page.hasPrefix("<!doctype html>"))
  #expect(page.hasSuffix("</html>\n"))
  #expect(!page.contains("{{"))
  #expect(page.contains("<title>Backpropagation of L</title>"))
  #expect(page.prefix(1024).contains(Documents.mark))
}

@Test func pageAllowsItsOwnScriptAndStyleOnly() throws {
  let page = try page { square(&$0, root: "L") }
  let policy = try part(of: page, from: "Content-Security-Policy\" content=\"", to: "\">")
  #expect(policy.hasPrefix("default-src 'none';"))
  #expect(!policy.contains("unsafe"))
  for (directive, tag) in [("style-src", "style"), ("script-src", "script")] {
    let text = try part(of: page, from: "<\(tag)>", to: "</\(tag)>")
    let digest = Digest.sha256Base64(text.utf8)
    #expect(policy.contains("\(directive) 'sha256-\(digest)';"))
  }
  // Nothing that a browser would fetch, and no attribute that the policy would refuse.
  for sign in ["src=", "@import", "url(", "<link rel=\"stylesheet", " style=\"", " onclick=\""] {
    #expect(!page.replacing("url(#", with: "").contains(sign), "\(sign)")
  }
}

@Test func hostileTextStaysText() throws {
  let hostile = "</title><script>alert(1)</script><!--\u{2028}\u{202E}\"'&"
  let page = try page { square(&$0, root: hostile) }
  let title = try part(of: page, from: "<title>", to: "</title>")
  #expect(
    title == "Backpropagation of &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--"
      + " \\u{202e}&quot;&#39;&amp;")
  #expect(page.components(separatedBy: "<script").count == 3)
  #expect(page.components(separatedBy: "</script>").count == 3)
  let data = try part(of: page, from: "id=\"data\">", to: "</script>")
  #expect(!data.contains("<"))
  #expect(data.unicodeScalars.allSatisfy { $0.isASCII })
  let object = try #require(
    try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any])
  #expect(object["of"] as? String == hostile)
  let definitions = try #require(object["definitions"] as? [[String: String]])
  #expect(definitions.first?["text"] == "x = 2 # </pre></script>")
}

@Test func pageHoldsEveryNumber() throws {
  let page = try page { square(&$0, root: "L") }
  let data = try part(of: page, from: "id=\"data\">", to: "</script>")
  #expect(
    data.contains(
      #"{"event":"backward","node":1,"adjoint":1,"contributions":["#
        + #"{"slot":0,"local":{"shape":[],"value":2},"contribution":2,"accumulated":2},"#
        + #"{"slot":1,"local":{"shape":[],"value":2},"contribution":2,"accumulated":4}]}"#))
  #expect(
    data.contains(
      #"{"event":"fanout","node":0,"adjoint":4,"terms":[{"slot":0,"user":1,"contribution":2},"#))
  #expect(data.contains(#""partials":[{"formula":[1]},{"formula":[0]}]"#))
}

/// The examples of FIPS 180-2, appendix B, and lengths around a block's end, as Python's hashlib has them.
@Test(arguments: [
  ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
  ("abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
  (
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="
  ),
  (String(repeating: "a", count: 55), "n0OQ+NMMLdkuyfCVtl4rmumwqSWlJY4kHJ8ekQ9zQxg="),
  (String(repeating: "a", count: 56), "s1Q5pKxvCUi21vnjxq8PX1kM4g8b3nCQ73lwaG7Gc4o="),
  (String(repeating: "a", count: 64), "/+BU/nrgy23GXDr5th1SCfQ5hR20PQulmXM33xVGaOs="),
  (String(repeating: "a", count: 1000), "Qe3s5C1j6Nm/UVqbppMuHCDLyfWl0TRkWttdsblzfqM="),
])
func digestsAreThoseOfTheStandard(text: String, digest: String) {
  #expect(Digest.sha256Base64(text.utf8) == digest)
}
