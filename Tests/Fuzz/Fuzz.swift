// What libFuzzer calls: one input, one mutation. FUZZ_TARGET says which part of Backstep is meant.

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The parts of Backstep that are fuzzed.
enum Target: String {
  /// The parser alone.
  case language
  /// Whole sessions: statements and commands, each result as text and as JSON.
  case sessions
  /// Documents in every form, drawings, plots and the stepper, at random sizes.
  case documents

  static let chosen = getenv("FUZZ_TARGET").flatMap { Target(rawValue: String(cString: $0)) }
}

/// Runs one input; always 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = ContiguousArray(UnsafeBufferPointer(start: data, count: count))
  let start = Clock.processor()
  switch Target.chosen {
  case .language: LanguageTarget.run(input)
  case .sessions: SessionTarget.run(input, documents: false)
  case .documents: SessionTarget.run(input, documents: true)
  case nil:
    say("FUZZ_TARGET is language, sessions or documents")
    exit(2)
  }
  let took = Clock.processor() - start
  require(took < 1000, "\(took) ms for an input")
  return 0
}

/// libFuzzer's own mutations, of bytes.
@_silgen_name("LLVMFuzzerMutate")
func mutateBytes(_ data: UnsafeMutablePointer<UInt8>?, _ count: Int, _ capacity: Int) -> Int

/// Changes an input where it stands and returns its new length.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: CUnsignedInt
) -> Int {
  var random = Draw(seed: UInt64(seed))
  if random.below(5) == 0 { return mutateBytes(data, count, capacity) }
  var mutation = Mutation(
    ContiguousArray(UnsafeBufferPointer(start: data, count: count)), random: random)
  let result = mutation.result().prefix(capacity)
  for (index, byte) in result.enumerated() { data[index] = byte }
  return result.count
}

/// Milliseconds that have gone by.
enum Clock {
  /// For everybody.
  static func wall() -> Int { read(CLOCK_MONOTONIC) }
  /// For this process alone, however busy the machine is.
  static func processor() -> Int { read(CLOCK_PROCESS_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

/// Random numbers from a seed: SplitMix64.
struct Draw {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Starts from bytes, so that an input always meets the same random numbers.
  init(_ bytes: ContiguousArray<UInt8>) {
    state = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}

/// Writes a line to standard error.
func say(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(2, line, line.count)
}
