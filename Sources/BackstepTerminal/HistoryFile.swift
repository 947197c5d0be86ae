// What was entered, kept from one session to the next.
//
// One entry a line, appended as it is accepted, so that neither a crash nor a second session loses
// any. A line is one `write` to a file opened with O_APPEND, under a shared lock; the rare
// shortening of the file holds the lock alone and puts a new file in the old one's place, and who
// waited for the lock looks whether the file is still the one of that name.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The file that keeps the entries of all sessions.
///
/// Nothing that is wrong with it is fatal: it is said, in `warning`, and what cannot be kept is in the
/// history of this session alone. What may pass, such as a full disk, is tried again with the next entry.
public final class HistoryFile {
  /// Where it is; nil when there is no place for it.
  public let path: String?

  /// So many entries are given back by `load`, and kept when the file is shortened.
  public let limit: Int

  /// What is wrong with the file, if anything, as a sentence without a full stop.
  public private(set) var warning: String? { didSet { isWarningNew = true } }

  private var isUsable = true
  /// Entries that could not be added yet, as lines.
  private var waiting: [UInt8] = []
  private var isWarningNew = false
  private var last: String?

  /// The end of a file that is looked at; what is before it is as good as forgotten.
  static let mostBytes = 16 << 20

  /// A longer entry is not kept: it is data that was pasted rather than something one recalls.
  static let longestEntry = 1 << 20

  /// The history at a path; nothing is opened yet.
  public init(path: String?, limit: Int = 10_000) {
    self.path = path
    self.limit = max(1, limit)
  }

  /// The usual place of the file; nil without a home.
  ///
  /// That is `$XDG_STATE_HOME/backstep/history`, else `~/.local/state/backstep/history`. A relative directory is ignored, as the XDG base directory specification asks.
  public static func standardPath(
    environment: (String) -> String? = environmentVariable
  ) -> String? {
    if let state = environment("XDG_STATE_HOME"), state.utf8.first == UInt8(ascii: "/") {
      return state + "/backstep/history"
    }
    guard let home = environment("HOME"), home.utf8.first == UInt8(ascii: "/") else { return nil }
    return home + "/.local/state/backstep/history"
  }

  /// The entries of earlier sessions, oldest first.
  public func load() -> [String] {
    guard let path else {
      giveUp("there is no home directory")
      return []
    }
    var descriptor = openToAppend(path)
    if descriptor < 0 {
      giveUp("cannot open \(quoted(path))", errno)
      // What cannot be added to can perhaps still be read.
      descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    }
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    guard let status = ordinaryStatus(descriptor, path) else { return [] }
    if status.st_mode & 0o077 != 0, status.st_uid == getuid() { fchmod(descriptor, 0o600) }

    guard let lines = Self.lines(of: descriptor) else {
      let failure = SystemFailure("cannot read \(quoted(path))", code: errno)
      warning = "the history cannot be read: \(failure)"
      return []
    }
    if isUsable, lines.count > 2 * limit || Int(status.st_size) > Self.mostBytes {
      shorten(path, descriptor)
    }
    let entries = lines.suffix(limit).compactMap { HistoryEntry.decoded($0) }
    let damaged = min(lines.count, limit) - entries.count
    if damaged > 0, warning == nil {
      warning = "\(damaged) unreadable \(damaged == 1 ? "entry" : "entries") in \(quoted(path))"
    }
    last = entries.last
    return entries
  }

  /// Adds an entry, unless it is blank or the same as the one before.
  public func append(_ entry: String) {
    guard isUsable, let path, entry != last, entry.utf8.count <= Self.longestEntry,
      !entry.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0a })
    else { return }
    last = entry
    let lines = waiting + HistoryEntry.encoded(entry)
    let descriptor = openLocked(path)
    guard descriptor >= 0 else { return wait(lines, "cannot open \(quoted(path))", errno) }
    defer { close(descriptor) }
    guard let status = ordinaryStatus(descriptor, path) else { return }
    let bytes =
      Self.endsInMidLine(descriptor, size: status.st_size) ? [UInt8(ascii: "\n")] + lines : lines
    let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    guard code == 0 else {
      Self.takeBack(bytes, from: Int(status.st_size), descriptor)
      return wait(lines, "cannot write \(quoted(path))", code)
    }
    waiting = []
  }

  /// What has gone wrong since this was asked last.
  public func takeWarning() -> String? {
    defer { isWarningNew = false }
    return isWarningNew ? warning : nil
  }

  // MARK: Opening

  /// From now on nothing is added.
  private func giveUp(_ reason: String, _ code: Int32 = 0) {
    isUsable = false
    guard warning == nil else { return }
    let why = code == 0 ? reason : SystemFailure(reason, code: code).description
    warning = "the history is not kept: \(why)"
  }

  /// Lines that could not be added wait for the next; said once until they can be.
  private func wait(_ lines: [UInt8], _ reason: String, _ code: Int32) {
    if waiting.isEmpty {
      warning = "the history is not kept: \(SystemFailure(reason, code: code))"
    }
    // As many as an entry may have: the first of them, for they came in this order.
    if lines.count <= Self.longestEntry { waiting = lines }
  }

  /// Takes away the beginning of an entry that could not be added as a whole, unless others have added
  /// theirs since.
  private static func takeBack(_ bytes: [UInt8], from size: Int, _ descriptor: Int32) {
    var status = stat()
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
      (size + 1..<size + bytes.count).contains(Int(status.st_size))
    else { return }
    var found = [UInt8](repeating: 0, count: Int(status.st_size) - size)
    guard pread(descriptor, &found, found.count, off_t(size)) == found.count,
      bytes.starts(with: found)
    else { return }
    _ = ftruncate(descriptor, off_t(size))
  }

  /// The status of an ordinary file.
  ///
  /// Anything else in its place is not written to.
  private func ordinaryStatus(_ descriptor: Int32, _ path: String) -> stat? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      giveUp("cannot open \(quoted(path))", errno)
      return nil
    }
    if status.st_mode & S_IFMT == S_IFREG { return status }
    giveUp("\(quoted(path)) is not an ordinary file")
    return nil
  }

  private func openToAppend(_ path: String) -> Int32 {
    // Not waiting, so that a FIFO in its place does not hang the session.
    let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    var descriptor: Int32
    repeat { descriptor = open(path, flags, 0o600) } while descriptor < 0 && errno == EINTR
    if descriptor >= 0 || errno != ENOENT { return descriptor }
    let code = Self.makeDirectories(above: path)
    let again = open(path, flags, 0o600)
    // That a directory could not be made tells more than that it is not there.
    if again < 0, errno == ENOENT, code != 0 { errno = code }
    return again
  }

  /// Makes the directories that are not there; the number of the error where one cannot be made, else 0.
  private static func makeDirectories(above path: String) -> Int32 {
    for end in path.utf8.indices.dropFirst() where path.utf8[end] == UInt8(ascii: "/") {
      if mkdir(String(path[..<end]), 0o700) != 0, errno != EEXIST { return errno }
    }
    return 0
  }

  /// Opens the file under a shared lock, which whoever shortens it waits for.
  ///
  /// A lock that cannot be had (a stopped session, some network file systems) is done without
  /// after a moment: a line that a shortening overlooks is a smaller loss than a hanging prompt.
  private func openLocked(_ path: String) -> Int32 {
    for attempt in 0..<50 {
      let descriptor = openToAppend(path)
      guard descriptor >= 0 else { return descriptor }
      if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
        if Self.isStill(descriptor, at: path) { return descriptor }
      } else if errno != EWOULDBLOCK || attempt == 49 {
        return descriptor
      } else {
        usleep(10_000)
      }
      close(descriptor)
    }
    return openToAppend(path)
  }

  private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
    var opened = stat()
    var named = stat()
    guard fstat(descriptor, &opened) == 0, stat(path, &named) == 0 else { return false }
    return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }

  // MARK: Reading and shortening

  /// The lines at the end of the file; nil, with `errno`, where it cannot be read.
  private static func lines(of descriptor: Int32) -> [ArraySlice<UInt8>]? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    let start = max(0, Int(status.st_size) - mostBytes)
    let wanted = Int(status.st_size) - start
    var isRead = true
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      while filled < wanted {
        let count = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, wanted - filled,
          off_t(start + filled))
        if count < 0 && errno == EINTR { continue }
        isRead = count >= 0
        if count <= 0 { break }
        filled += count
      }
    }
    guard isRead else { return nil }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    return start > 0 ? Array(lines.dropFirst()) : lines
  }

  private static func endsInMidLine(_ descriptor: Int32, size: off_t) -> Bool {
    var byte: UInt8 = 0
    return size > 0 && pread(descriptor, &byte, 1, size - 1) == 1 && byte != UInt8(ascii: "\n")
  }

  /// Keeps the last entries only.
  ///
  /// Left for another time when someone else holds the lock.
  private func shorten(_ path: String, _ descriptor: Int32) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isStill(descriptor, at: path) else {
      return
    }
    defer { flock(descriptor, LOCK_UN) }
    // Read again: lines may have been added before we had the lock. Where that fails it stays as it is.
    guard let lines = Self.lines(of: descriptor) else { return }
    // A link stays a link: the file it leads to is replaced.
    guard let resolved = realpath(path, nil) else { return }
    defer { free(resolved) }
    let target = String(cString: resolved)
    let temporary = "\(target).new"
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    var new = open(temporary, flags, 0o600)
    if new < 0 && errno == EEXIST {
      // Left over by one that was killed: who holds the lock is alone here.
      unlink(temporary)
      new = open(temporary, flags, 0o600)
    }
    guard new >= 0 else { return }
    let kept = lines.suffix(limit).joined(separator: [UInt8(ascii: "\n")])
    let bytes = Array(kept) + [UInt8(ascii: "\n")]
    let code = bytes.withUnsafeBytes { writeAll($0, to: new) }
    let isSafe = code == 0 && fsync(new) == 0
    close(new)
    if !isSafe || rename(temporary, target) != 0 { unlink(temporary) }
  }
}

/// The form of an entry in the file: one line, with what would break it escaped by a backslash.
enum HistoryEntry {
  static func encoded(_ entry: String) -> [UInt8] {
    var line: [UInt8] = []
    for byte in entry.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): line += [byte, byte]
      case UInt8(ascii: "\n"): line += Array("\\n".utf8)
      case UInt8(ascii: "\r"): line += Array("\\r".utf8)
      case 0: line += Array("\\0".utf8)
      default: line.append(byte)
      }
    }
    return line + [UInt8(ascii: "\n")]
  }

  /// The entry, or nil when the line is not UTF-8.
  ///
  /// NULs, which a file system may leave behind
  /// after a loss of power, are dropped; an unknown escape stands for itself.
  static func decoded(_ line: ArraySlice<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in line where byte != 0 {
      if isEscaped {
        isEscaped = false
        switch byte {
        case UInt8(ascii: "\\"): bytes.append(byte)
        case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "0"): bytes.append(0)
        default: bytes += [UInt8(ascii: "\\"), byte]
        }
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        bytes.append(byte)
      }
    }
    if isEscaped { bytes.append(UInt8(ascii: "\\")) }
    return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
  }
}
