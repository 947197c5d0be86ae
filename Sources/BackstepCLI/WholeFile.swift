// Files that are written as a whole or not at all.

import BackstepTerminal

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Writes files so that a crash or a full disk leaves the old one as it was.
enum WholeFile {
  /// Writes the text beside the file and then puts it in its place.
  ///
  /// - Throws: When any of it fails; the file is then as it was before.
  static func write(_ text: String, to path: String) throws(SystemFailure) {
    try write([(ContiguousArray(text.utf8), path)])
  }

  /// Writes files that belong together: each as a whole, and none is replaced before all are written.
  ///
  /// - Throws: When any of it fails; unless a file cannot be replaced although its folder can be written
  ///   in, all files are then as they were before.
  static func write(_ files: [(bytes: ContiguousArray<UInt8>, path: String)]) throws(SystemFailure)
  {
    var drafts: [Draft] = []
    defer { for draft in drafts { draft.discard() } }
    for file in files { drafts.append(try Draft(file.bytes, for: file.path)) }
    while let draft = drafts.popLast() {
      do throws(SystemFailure) {
        try draft.putInPlace()
      } catch {
        draft.discard()
        throw error
      }
    }
  }

  /// The path of the file that is meant: where symbolic links lead, whether there is one or not.
  static func target(of path: String) throws(SystemFailure) -> String {
    var path = path
    // As many links as Linux follows.
    for _ in 0..<40 {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
      var bytes = [CChar](repeating: 0, count: 4096)
      let count = readlink(path, &bytes, bytes.count)
      guard count >= 0 else { throw SystemFailure(attempt(path), code: errno) }
      // Repaired it would be the name of another file.
      let name = bytes[..<count].map(UInt8.init(bitPattern:))
      guard let link = String(validating: name, as: UTF8.self) else {
        throw SystemFailure(attempt(path), code: EILSEQ)
      }
      path = FileNames.isAbsolute(link) ? link : folder(of: path) + link
    }
    throw SystemFailure(attempt(path), code: ELOOP)
  }

  /// The part of a path before the name, with its slash.
  fileprivate static func folder(of path: String) -> String {
    String(path[..<FileNames.nameStart(in: path)])
  }

  fileprivate static func attempt(_ path: String) -> String { "cannot write '\(printable(path))'" }
}

/// A file that is complete but not yet in its place.
private struct Draft {
  private let path: String
  private let target: String
  private let place: Place
  private let bytes: ContiguousArray<UInt8>

  /// Where the bytes go.
  private enum Place {
    /// They are in a file beside, which replaces the one that is meant.
    case beside(String)
    /// A device or a pipe cannot be replaced, only written to.
    case path
    /// So is what the program writes to already.
    case descriptor(Int32)
  }

  /// Writes the bytes beside the file.
  init(_ bytes: ContiguousArray<UInt8>, for path: String) throws(SystemFailure) {
    self.path = path
    self.bytes = bytes
    let attempt = WholeFile.attempt(path)
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw SystemFailure(attempt, code: EISDIR) }
    if exists, let descriptor = Self.ownOutput(status) {
      (place, target) = (.descriptor(descriptor), path)
      return
    }
    guard !exists || status.st_mode & S_IFMT == S_IFREG else {
      (place, target) = (.path, path)
      return
    }
    target = try WholeFile.target(of: path)
    if exists, access(target, W_OK) != 0 { throw SystemFailure(attempt, code: errno) }
    var descriptor: Int32 = -1
    var name = ""
    LeftOver.remove(from: WholeFile.folder(of: target))
    for number in 0..<100 {
      name = "\(WholeFile.folder(of: target)).backstep-\(getpid())-\(number).tmp"
      // A file that others may not read has a draft that they may not read either.
      let mode: mode_t = exists ? 0o600 : 0o666
      descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      if descriptor >= 0 || errno != EEXIST { break }
    }
    guard descriptor >= 0 else { throw SystemFailure(attempt, code: errno) }
    var code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    // Whose it is may not be ours to say.
    if code == 0, exists { _ = fchown(descriptor, status.st_uid, status.st_gid) }
    if code == 0, exists, fchmod(descriptor, status.st_mode & 0o777) != 0 { code = errno }
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    guard code == 0 else {
      unlink(name)
      throw SystemFailure(attempt, code: code)
    }
    place = .beside(name)
  }

  /// Standard output or error, where a file is what they write to: replaced it would lose what is written
  /// later.
  private static func ownOutput(_ file: stat) -> Int32? {
    (Int32(1)...2).first { descriptor in
      var status = stat()
      return fstat(descriptor, &status) == 0 && status.st_dev == file.st_dev
        && status.st_ino == file.st_ino
    }
  }

  /// Replaces the file by what was written, in one step.
  func putInPlace() throws(SystemFailure) {
    let attempt = WholeFile.attempt(path)
    var code: Int32 = 0
    switch place {
    case .beside(let temporary):
      if rename(temporary, target) != 0 { code = errno }
    case .descriptor(let descriptor):
      code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    case .path:
      var descriptor: Int32
      // Opening a FIFO waits for its reader; ^C ends the waiting.
      repeat {
        descriptor = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY)
      } while descriptor < 0 && errno == EINTR && !Interrupt.isPending
      guard descriptor >= 0 else { throw SystemFailure(attempt, code: errno) }
      code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
      if close(descriptor) != 0, code == 0 { code = errno }
    }
    guard code == 0 else { throw SystemFailure(attempt, code: code) }
  }

  /// Takes away what was written but has not been put in its place.
  func discard() {
    if case .beside(let temporary) = place { unlink(temporary) }
  }
}

/// Drafts of programs that were killed before they could take them away.
private enum LeftOver {
  /// How old a draft must be, in seconds: its writer may run where its number cannot be seen.
  private static let age = 60

  /// Takes them away; what cannot be taken away is in nobody's way.
  static func remove(from folder: String) {
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return }
    defer { closedir(directory) }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    // Of a folder with very many files only a part is looked at.
    for _ in 0..<10_000 {
      guard let entry = readdir(directory) else { return }
      guard let name = FileNames.name(in: entry) else { continue }
      guard let process = writer(of: name), kill(process, 0) != 0, errno == ESRCH else { continue }
      var status = stat()
      guard lstat(folder + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        modified(status) + age < Int(now.tv_sec)
      else { continue }
      unlink(folder + name)
    }
  }

  private static func modified(_ status: stat) -> Int {
    #if canImport(Darwin)
    Int(status.st_mtimespec.tv_sec)
    #else
    Int(status.st_mtim.tv_sec)
    #endif
  }

  /// The process that a draft is named after; nil for any other file.
  private static func writer(of name: String) -> pid_t? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == ".backstep", parts[2].hasSuffix(".tmp"),
      Int(parts[2].dropLast(4)) != nil, let process = pid_t(parts[1]), process > 0
    else { return nil }
    return process
  }
}
