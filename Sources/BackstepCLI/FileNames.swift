// The names of files, for completion.

import BackstepTerminal

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Looks into folders.
enum FileNames {
  /// Whether there is something at a path.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether a path begins at the root.
  ///
  /// Bytes are compared, here and below: together with a combining mark a slash is another character.
  static func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

  /// Where in a path the name begins.
  static func nameStart(in path: String) -> String.Index {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex
  }

  /// The name in a record of a folder.
  ///
  /// The record ends behind its name: of the 256 bytes that a name may have not all need be there, so they are
  /// not copied as a whole.
  static func name(in entry: UnsafeMutablePointer<dirent>) -> String? {
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
    let start = UnsafeRawPointer(entry).advanced(by: offset)
    return String(cString: start.assumingMemoryBound(to: CChar.self))
  }

  /// The files whose path begins with the given text; folders end with a slash.
  static func completions(_ prefix: String) -> [Candidate] {
    let cut = nameStart(in: prefix)
    let folder = String(prefix[..<cut])
    let start = prefix[cut...]
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(directory) }
    var found: [Candidate] = []
    while let entry = readdir(directory), found.count < 10_000 {
      guard let name = FileNames.name(in: entry) else { continue }
      guard name.hasPrefix(start), name != ".", name != "..",
        !name.hasPrefix(".") || start.hasPrefix("."), printable(name) == name
      else { continue }
      var status = stat()
      let isFolder =
        stat(folder + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      found.append(Candidate(folder + name, suffix: isFolder ? "/" : ""))
    }
    return found.sorted { $0.text < $1.text }
  }
}
