// How many columns of a terminal text takes.

/// The columns a terminal needs for the text: 2 for East Asian wide characters and emoji, 0 for
/// combining marks and invisible characters.
///
/// **Source** Unicode Standard Annex 11, East Asian Width (W and F), in ranges.
public func displayWidth(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text.utf8.count }
  return text.unicodeScalars.reduce(0) { $0 + columns($1) }
}

/// The longest beginning of the text that fits into so many columns.
public func fitting(_ text: String, columns room: Int) -> String {
  var left = room
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    left -= columns(scalar)
    if left < 0 { break }
    result.append(scalar)
  }
  return String(result)
}

private func columns(_ scalar: Unicode.Scalar) -> Int {
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format, .control: return 0
  default: break
  }
  switch scalar.value {
  case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff,
    0xa000...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
    0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
    return 2
  default:
    return 1
  }
}
