// How many numbers there is memory for: asked before they are laid out, as nothing can be done afterwards.

import BackstepLanguage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The memory that is there for the numbers of one graph, as far as it has been asked for.
struct Memory {
  /// How many numbers a graph or a result may hold, however much memory there is.
  #if FUZZING
  static let numberLimit = 1 << 18
  #else
  static let numberLimit = 1 << 27
  #endif

  /// So many are taken to fit: asking takes longer than most graphs.
  private static let neverAskedFor = min(1 << 20, numberLimit)

  /// What a number takes, in bytes.
  enum Use: Int {
    /// Its value, its adjoint, and once more for what is on its way between them.
    case computing = 32
    /// Local derivatives and contributions, while a trace tells of them.
    case tracing = 128
  }

  /// How many numbers there is memory for, as far as is known.
  private var room = Self.neverAskedFor

  /// What is wrong with so many numbers; nil where there is memory for them.
  @inline(__always)
  mutating func problem(_ count: Int) -> Diagnostic.Kind? {
    count <= room ? nil : ask(count, .computing)
  }

  /// What is wrong with so many numbers; nil where there is memory for them.
  static func problem(_ count: Int, for use: Use = .computing) -> Diagnostic.Kind? {
    var memory = Memory()
    return count <= memory.room ? nil : memory.ask(count, use)
  }

  /// What is wrong with a table of so many numbers; nil where there is memory for it.
  static func problem(_ rows: Int, by columns: Int) -> Diagnostic.Kind? {
    guard rows <= numberLimit / max(1, columns) else {
      return .tooLarge(count: "\(rows)·\(columns)", limit: numberLimit)
    }
    return problem(rows * columns)
  }

  private mutating func ask(_ count: Int, _ use: Use) -> Diagnostic.Kind? {
    guard count <= Self.numberLimit else {
      return .tooLarge(count: "\(count)", limit: Self.numberLimit)
    }
    let free = Self.free() ?? .max
    room = min(Self.numberLimit, max(Self.neverAskedFor, free / use.rawValue))
    return count <= room ? nil : .noMemory(count: count, room: room)
  }

  /// How many bytes the process can still have: the least of what the machine has left, what the process
  /// may have (`ulimit -v`), and what its container may have; nil where none of them is known.
  private static func free() -> Int? {
    #if canImport(Darwin)
    let (pages, size) = (sysconf(_SC_PHYS_PAGES), sysconf(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? pages * size : nil
    #else
    var found: [Int] = []
    if let kilobytes = number(in: "/proc/meminfo", after: "MemAvailable:") {
      found.append(kilobytes * 1024)
    }
    let page = sysconf(Int32(_SC_PAGESIZE))
    #if canImport(Glibc)
    let space = __rlimit_resource_t(RLIMIT_AS.rawValue)
    #else
    let space = RLIMIT_AS
    #endif
    var limit = rlimit()
    if getrlimit(space, &limit) == 0,
      let bytes = Int(exactly: limit.rlim_cur), let pages = number(in: "/proc/self/statm")
    {
      found.append(bytes - pages * page)
    }
    // Control groups of both versions; where there is no limit it is a word, or more than any machine has.
    for file in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      if let bytes = number(in: file), let pages = number(in: "/proc/self/statm", after: " ") {
        found.append(bytes - pages * page)
      }
    }
    return found.min()
    #endif
  }

  #if !canImport(Darwin)
  /// The whole number behind the first occurrence of a text in a small file, by default at its start.
  private static func number(in file: String, after text: String = "") -> Int? {
    guard let stream = fopen(file, "r") else { return nil }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, stream)
    guard let start = bytes[..<count].firstRange(of: text.utf8)?.upperBound else { return nil }
    let digits = bytes[start..<count].drop { $0 == UInt8(ascii: " ") }
      .prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self))
  }
  #endif
}
