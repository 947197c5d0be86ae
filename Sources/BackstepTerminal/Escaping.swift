// Text made safe to show: nothing in it can move the cursor or reorder what is seen.

/// The text with everything that would steer a terminal written as `\u{1b}`.
///
/// That is: the controls of ASCII and of U+0080–U+009F, DEL, the line and paragraph separators,
/// and characters that are not seen themselves, but for joiners: among them those that override the
/// direction of writing, which can make a line look like another one.
///
/// - Parameters:
///   - text: Text from a file, a paste or a user.
///   - newlines: Whether line feeds stay as they are.
///   - tabs: Whether tabs stay as they are.
/// - Returns: The same text where nothing needed escaping.
public func printable(_ text: String, newlines: Bool = false, tabs: Bool = false) -> String {
  func isKept(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0a: newlines
    case 0x09: tabs
    case 0x20..<0x7f, 0x200c, 0x200d: true
    case 0..<0x20, 0x7f..<0xa0: false
    default:
      switch scalar.properties.generalCategory {
      case .format, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
  }
  guard !text.unicodeScalars.allSatisfy(isKept) else { return text }
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if isKept(scalar) {
      result.append(scalar)
    } else {
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    }
  }
  return String(result)
}
