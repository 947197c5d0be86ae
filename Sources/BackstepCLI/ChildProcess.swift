// Another program, given input and asked for output, without a shell in between.

import BackstepTerminal

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A program that reads its input to the end and writes its answer.
struct ChildProcess {
  /// What came of it.
  enum Outcome: Equatable {
    /// It ended well and wrote this.
    case output(ContiguousArray<UInt8>)
    /// There is no such program.
    case notFound
    /// It ended with another status than 0, or could not be run: its own words.
    case failed(String)
    /// It was ended because it took too long.
    case timedOut
    /// It was ended because the user asked for it.
    case interrupted
  }

  /// Its name, looked for in the folders of `PATH`; not in those that are relative, for whoever made the
  /// current folder could have put a program of that name there.
  var program: String
  /// What stands behind its name, each as it is.
  var arguments: [String]
  /// How many seconds it may take.
  var timeout: Int

  /// The most of its complaints that is kept, in bytes.
  private static let complaintLimit = 4096
  /// The most that it may write, in bytes: larger drawings nobody could look at.
  private static let outputLimit = 1 << 28
  /// What it is told of our surroundings: where things are, in which language it speaks.
  private static let variables = [
    "PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
    "XDG_DATA_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "GVBINDIR",
  ]

  /// Runs it to its end.
  func run(input: ContiguousArray<UInt8>, isInterrupted: () -> Bool) -> Outcome {
    guard let into = Pipe(), let out = Pipe(), let complaints = Pipe() else {
      return .failed(SystemFailure("pipe", code: errno).reason)
    }
    guard let path = Self.path(of: program) else { return .notFound }
    let (code, process) = spawn(path, into.end(0), out.end(1), complaints.end(1))
    into.close(0)
    out.close(1)
    complaints.close(1)
    guard code == 0 else {
      return code == ENOENT ? .notFound : .failed(SystemFailure(program, code: code).reason)
    }
    var exchange = Exchange(input: input, into: into, out: out, complaints: complaints)
    let deadline = Self.now() + timeout
    var status: Int32?
    while true {
      let isRunning = exchange.step(limit: Self.complaintLimit)
      if !isRunning { status = Self.status(of: process) }
      if status != nil { break }
      guard exchange.output.count <= Self.outputLimit else {
        kill(process, SIGKILL)
        _ = Self.await(process)
        return .failed("it wrote more than \(Self.outputLimit >> 20) MB")
      }
      guard !isInterrupted(), Self.now() < deadline else {
        kill(process, SIGKILL)
        _ = Self.await(process)
        return isInterrupted() ? .interrupted : .timedOut
      }
      if !isRunning { usleep(2000) }
    }
    if status == 0 { return .output(exchange.output) }
    // A ^C at the terminal reaches both programs.
    if isInterrupted() { return .interrupted }
    let words = String(decoding: exchange.complaint, as: UTF8.self)
    let first = words.split(whereSeparator: \.isNewline).first.map(String.init)
    return .failed(first ?? Self.ending(status ?? 0))
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int(time.tv_sec)
  }

  /// How the process ended; nil while it runs.
  private static func status(of process: pid_t) -> Int32? {
    var status: Int32 = 0
    let ended = waitpid(process, &status, WNOHANG)
    return ended == process ? status : ended < 0 && errno != EINTR ? 1 << 8 : nil
  }

  /// How a process ended, in words.
  private static func ending(_ status: Int32) -> String {
    let signal = status & 0x7F
    return signal == 0
      ? "it ended with status \(status >> 8 & 0xFF)" : "it was ended by signal \(signal)"
  }

  private static func await(_ process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// Where a program is.
  private static func path(of program: String) -> String? {
    let folders = getenv("PATH").map { String(cString: $0) } ?? ""
    for folder in folders.utf8.split(separator: UInt8(ascii: ":"))
    where folder.first == UInt8(ascii: "/") {
      let path = "\(Substring(folder))/\(program)"
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 {
        return path
      }
    }
    return nil
  }

  /// Starts the program; an error number, or 0 and its process.
  private func spawn(_ path: String, _ input: Int32, _ output: Int32, _ errors: Int32) -> (
    Int32, pid_t
  ) {
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    #else
    var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    let environment = Self.variables.compactMap { name in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
    var process: pid_t = 0
    let code = Self.withCStrings([program] + arguments) { arguments in
      Self.withCStrings(environment) { environment in
        posix_spawn(&process, path, &actions, nil, arguments, environment)
      }
    }
    return (code, process)
  }

  /// Strings as C wants them: an array of pointers with a null at its end.
  private static func withCStrings(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Int32 {
    var pointers = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map(body) ?? EINVAL
    }
  }
}

/// Two connected descriptors: what is written to the second is read from the first.
private final class Pipe {
  private var ends: [Int32] = [-1, -1]

  /// Makes them, out of the way of the standard descriptors and closed in programs that are run; nil
  /// where the system has none left.
  init?() {
    guard pipe(&ends) == 0 else { return nil }
    for index in ends.indices {
      let moved = fcntl(ends[index], F_DUPFD_CLOEXEC, 3)
      let code = errno
      close(index)
      ends[index] = moved
      guard moved >= 0 else {
        close(1 - index)
        errno = code
        return nil
      }
    }
  }

  deinit {
    close(0)
    close(1)
  }

  /// An end, -1 once it is closed.
  func end(_ index: Int) -> Int32 { ends[index] }

  /// Closes an end.
  func close(_ index: Int) {
    if ends[index] >= 0 { closeDescriptor(ends[index]) }
    ends[index] = -1
  }

  /// Makes an end return at once where there is nothing to do.
  func makeNonblocking(_ index: Int) {
    _ = fcntl(ends[index], F_SETFL, fcntl(ends[index], F_GETFL) | O_NONBLOCK)
  }
}

private func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

/// What goes to a program and comes from it, both at once so that neither side waits for ever.
private struct Exchange {
  private let input: ContiguousArray<UInt8>
  private var sent = 0
  private let into: Pipe
  private let out: Pipe
  private let complaints: Pipe
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private(set) var output: ContiguousArray<UInt8> = []
  private(set) var complaint: [UInt8] = []

  init(input: ContiguousArray<UInt8>, into: Pipe, out: Pipe, complaints: Pipe) {
    self.input = input
    self.into = into
    self.out = out
    self.complaints = complaints
    into.makeNonblocking(1)
    out.makeNonblocking(0)
    complaints.makeNonblocking(0)
    if input.isEmpty { into.close(1) }
  }

  /// Waits a moment for something to do and does it; false once the program has closed its output.
  mutating func step(limit: Int) -> Bool {
    let ends = [into.end(1), out.end(0), complaints.end(0)]
    guard ends[1] >= 0 || ends[2] >= 0 else { return false }
    // A negative descriptor is passed over.
    var wanted = ends.enumerated().map { index, descriptor in
      pollfd(fd: descriptor, events: Int16(index == 0 ? POLLOUT : POLLIN), revents: 0)
    }
    guard poll(&wanted, nfds_t(wanted.count), 20) > 0 else { return true }
    if wanted[0].revents != 0 { send() }
    if wanted[1].revents != 0 { output.append(contentsOf: receive(out)) }
    if wanted[2].revents != 0 {
      complaint.append(contentsOf: receive(complaints).prefix(max(0, limit - complaint.count)))
    }
    return true
  }

  private mutating func send() {
    let count = input.withUnsafeBytes { bytes in
      write(
        into.end(1), UnsafeRawBufferPointer(rebasing: bytes[sent...]).baseAddress,
        bytes.count - sent)
    }
    if count > 0 { sent += count }
    let isOver = count < 0 && errno != EAGAIN && errno != EINTR
    if isOver || sent == input.count { into.close(1) }
  }

  /// What has come from the program since; closes the pipe at its end.
  private mutating func receive(_ pipe: Pipe) -> ArraySlice<UInt8> {
    let count = read(pipe.end(0), &buffer, buffer.count)
    if count > 0 { return buffer[..<count] }
    if count == 0 || errno != EAGAIN && errno != EINTR { pipe.close(0) }
    return []
  }
}
