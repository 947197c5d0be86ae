// The benchmark: passes over graphs inside one session, against the products of matrices they need.
//
// Each pair of things is run in turns, and what is printed is the median and the ratio of medians, so
// that a machine that slows down slows both. All times are the processor's.

import Backstep
import BackstepLanguage
import BackstepTerminal
import BackstepTrace

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Surroundings that say nothing.
final class Nowhere: SessionHost {
  let settings: [Setting] = []
  let isInterrupted = false
  func begin(_ header: any TraceHeader, options: TraceOptions) {}
  func receive(_ event: TraceEvent) {}
  func finish() {}
  func show(value: Reading, of text: String) {}
  func show(definition name: String, state: DefinitionState) {}
  func show(expectation text: String, holds: Bool) {}
  func show(listing: [Listing]) {}
  func show(matrix: DerivativeMatrix) {}
  func show(comparison: Comparison) {}
  func show(growth: Growth) {}
  func show(checks: [GradientCheck]) {}
  func show(paths: PathList) {}
  func show(graph: Recording) {}
  func show(plot: Plot) {}
  func show(derivation: Derivation) {}
  func show(page: Page) {}
  let level = ViewLevel.operation
  let canStep = false
  func step(through recording: Recording, stops: [TraceStop]) {}
  func show(stops: [TraceStop], in recording: Recording) {}
  func explain(_ question: Question, in recording: Recording) {}
  func ask(_ prompt: String) -> Answer { .end }
  func echo(_ line: String, after prompt: String) {}
  func complain(_ mistake: Diagnostic, at place: SourceLocation) {}
  func show(quiz event: QuizEvent) {}
  func show(lesson event: LessonEvent) {}
  func show(mistake report: MistakeReport) {}
  func read(file: String) throws(HostError) -> [UInt8] { throw .sandbox }
  func write(_ text: String, file: String) throws(HostError) { throw .sandbox }
  func export(
    _ recording: Recording, _ request: DocumentRequest, _ source: DocumentSource
  ) throws(HostError) { throw .sandbox }
  func set(_ name: String, _ value: String) throws(HostError) { throw .unknownSetting }
}

/// The processor's time that this process has taken, in microseconds: other processes take none of it.
func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

/// Times in microseconds.
struct Times {
  private var times: [Double] = []
  var median: Double { times.sorted()[times.count / 2] }

  mutating func measure(_ repeats: Int, _ body: () throws -> Void) rethrows {
    let start = processorTime()
    for _ in 0..<repeats { try body() }
    times.append((processorTime() - start) / Double(repeats))
  }
}

func shown(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }

/// A session that has run a script.
func session(_ script: some Collection<UInt8>) throws -> Session {
  var session = Session()
  session.begin(file: nil)
  session.reserve(script.count)
  try session.append(script)
  let host = Nowhere()
  while case .ran = try session.runNext(host) {}
  return session
}

/// The stages of a script's last formula, run once.
func stages(of script: String) throws -> Stages {
  var session = try session(script.utf8)
  var stages = try session.stages(Nowhere())
  stages.forward()
  stages.reverse()
  precondition(stages.results.allSatisfy(\.isFinite), "the gradient of the benchmark is finite")
  return stages
}

@main
struct Bench {
  static func main() throws {
    let words = Array(CommandLine.arguments.dropFirst())
    switch words.first {
    case "stages" where words.count == 2: try measureStages(words[1])
    case "again" where words.count == 3: try evaluateAgain(words[1], Int(words[2]) ?? 1)
    case "change" where words.count == 2: try changeInput(words[1])
    case nil:
      try perceptron()
      try small()
    default: print("bench, or bench stages FILE, bench again FILE TIMES, bench change FILE")
    }
  }

  /// Every stage of a script: a line of JSON with medians in seconds.
  static func measureStages(_ path: String) throws {
    let text = try contents(path)
    let rounds = text.count < 1_000_000 ? 41 : 7
    var (parse, define, build) = (Times(), Times(), Times())
    var statements = 0
    for _ in 0..<min(rounds, 11) {
      parse.measure(1) {
        var parser = Parser(commands: [])
        parser.begin(file: nil, firstLine: 1)
        parser.reserve(text.count)
        parser.append(text)
        statements = 0
        while (try? parser.next()) != nil { statements += 1 }
      }
    }
    var ready = Session()
    for _ in 0..<min(rounds, 11) { try define.measure(1) { ready = try session(text) } }
    let host = Nowhere()
    for _ in 0..<min(rounds, 11) { try build.measure(1) { _ = try ready.stages(host) } }
    var stages = try ready.stages(host)
    let repeats = max(1, 200_000 / max(1, stages.nodeCount))
    var (forward, reverse, again) = (Times(), Times(), Times())
    for _ in 0..<rounds {
      forward.measure(repeats) { stages.forward() }
      reverse.measure(repeats) { stages.reverse() }
      again.measure(repeats) {
        stages.moveInputs()
        stages.forward()
        stages.reverse()
      }
    }
    func seconds(_ times: Times) -> String { "\(times.median * 1e-6)" }
    print(
      """
      {"statements":\(statements),"bytes":\(text.count),"nodes":\(stages.nodeCount),\
      "bytesPerNode":\(Double(stages.bytes) / Double(stages.nodeCount)),"parse":\(seconds(parse)),\
      "define":\(seconds(define)),"build":\(seconds(build)),"forward":\(seconds(forward)),\
      "reverse":\(seconds(reverse)),"again":\(seconds(again))}
      """)
  }

  /// Computes value and gradient of a script's last formula again and again, with other inputs.
  static func evaluateAgain(_ path: String, _ times: Int) throws {
    var session = try session(contents(path))
    var stages = try session.stages(Nowhere())
    for _ in 0..<times {
      stages.moveInputs()
      stages.forward()
      stages.reverse()
    }
  }

  /// Gives an input of a script another value and asks for that of L, as at the prompt; prints the
  /// median time in milliseconds.
  static func changeInput(_ path: String) throws {
    let host = Nowhere()
    var session = try session(contents(path))
    var times = Times()
    func run(_ text: String) throws {
      try session.append(text.utf8)
      while case .ran = try session.runNext(host) {}
    }
    try run("L\n")
    for round in 0..<41 {
      try times.measure(1) { try run("v1 = \(Double(round) / 100)\nL\n") }
    }
    print(times.median / 1000)
  }

  /// A file's bytes.
  static func contents(_ path: String) throws -> ContiguousArray<UInt8> {
    var reader = try ScriptReader(path: path)
    var bytes: ContiguousArray<UInt8> = []
    while case .bytes = try reader.read(into: &bytes) {}
    return bytes
  }

  /// An MLP 784-128-10 on a batch of 64, against its five products alone.
  static func perceptron() throws {
    let script = """
      seed(1)
      const X = rand(64, 784); const y = clamp(ceil(10*rand(64)), 1, 10)
      W1 = 0.05*randn(784, 128); b1 = zeros(128)
      W2 = 0.1*randn(128, 10); b2 = zeros(10)
      Z1 = X @ W1 + b1; A1 = relu(Z1)
      Z2 = A1 @ W2 + b2
      L = cross_entropy(Z2, y)

      """
    let products = [
      MatrixProductProbe(64, 784, 128), MatrixProductProbe(64, 128, 10),
      MatrixProductProbe(128, 64, 10, true), MatrixProductProbe(64, 10, 128, false, true),
      MatrixProductProbe(784, 64, 128, true),
    ]
    var stages = try stages(of: script)
    var network = Times()
    var alone = Times()
    for _ in 0..<5 {
      stages.forward()
      stages.reverse()
      for product in products { product.run() }
    }
    for _ in 0..<61 {
      network.measure(5) {
        stages.forward()
        stages.reverse()
      }
      alone.measure(5) { for product in products { product.run() } }
    }
    print(
      "MLP 784-128-10, batch 64: \(shown(network.median)) µs; its five products alone:",
      "\(shown(alone.median)) µs; ratio \(shown(network.median / alone.median))")
  }

  /// A network of 2, 3 and 1 units.
  static func small() throws {
    let script = """
      x = [0.5, -1]; const y = [1]
      W1 = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]; b1 = [0, 0.1, -0.1]
      W2 = [[0.7, -0.8, 0.9]]; b2 = [0]
      a1 = sigmoid(W1 @ x + b1); a2 = sigmoid(W2 @ a1 + b2)
      L = bce(a2, y)

      """
    var stages = try stages(of: script)
    var times = Times()
    for _ in 0..<101 {
      times.measure(2000) {
        stages.forward()
        stages.reverse()
      }
    }
    print("2-3-1 network: \(shown(times.median)) µs for forward and backward pass")
  }
}
