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
    let attempt = "cannot write '\(printable(path))'"
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw SystemFailure(attempt, code: EISDIR) }
    // A device or a pipe cannot be replaced, only written to.
    let isPlain = !exists || status.st_mode & S_IFMT == S_IFREG
    if exists, isPlain, access(path, W_OK) != 0 { throw SystemFailure(attempt, code: errno) }
    let target = isPlain ? "\(path).\(getpid()).tmp" : path
    let mode = exists ? status.st_mode & 0o777 : 0o666
    let flags = isPlain ? O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC : O_WRONLY | O_CLOEXEC
    let descriptor = open(target, flags, mode)
    guard descriptor >= 0 else { throw SystemFailure(attempt, code: errno) }
    var code = send(text, to: descriptor)
    if code == 0, isPlain, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, isPlain, rename(target, path) != 0 { code = errno }
    guard code == 0 else {
      if isPlain { unlink(target) }
      throw SystemFailure(attempt, code: code)
    }
  }

  /// Writes everything; the error number, or 0.
  private static func send(_ text: String, to descriptor: Int32) -> Int32 {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        systemWrite(descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      sent += count
    }
    return 0
  }
}

/// The system's function under a name that `WholeFile.write` does not hide.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
