// The program: options, then scripts, then the prompt.

import Backstep
import BackstepLanguage
import BackstepTerminal

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The entry point.
@main
struct Program {
  static func main() {
    Terminal.prepareStandardDescriptors()
    let output = Output()
    let status = run(words(), output)
    output.flush()
    if let failure = output.failure {
      output.complain("backstep: \(failure)\n")
      exit(1)
    }
    exit(status)
  }

  /// The words of the command line; nil where they are not UTF-8, for repaired they would name other files.
  private static func words() -> [String]? {
    var words: [String] = []
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let bytes = CommandLine.unsafeArgv[index] else { break }
      guard let word = String(validatingCString: bytes) else { return nil }
      words.append(word)
    }
    return words
  }

  /// Runs what the command line asks for; the exit status.
  private static func run(_ words: [String]?, _ output: Output) -> Int32 {
    guard let words else {
      output.complain("backstep: the command line is not UTF-8\nTry 'backstep --help'.\n")
      return 2
    }
    let options: Options
    do {
      options = try Options(words)
    } catch {
      output.complain(
        "backstep: \(printable(error.message))\nTry 'backstep --help'.\n")
      return 2
    }
    if options.showsHelp {
      output.write(Options.usage)
      return 0
    }
    if options.showsVersion {
      output.write("backstep \(version)\n")
      return 0
    }
    let isTerminal = Terminal.isTerminal(0) && Terminal.isTerminal(1)
    let entersPrompt = options.entersPrompt || options.sources.isEmpty && isTerminal
    let console = Console(
      output: output,
      display: Console.Display(
        json: options.json, digits: options.digits, ascii: options.ascii, color: options.color,
        theme: options.theme, width: options.width),
      sandbox: options.sandbox, quiet: options.quiet)
    var runner = Runner(console: console, keepsGoing: options.keepsGoing)
    Interrupt.watch()
    Interruption.watch { Interrupt.isPending }
    if entersPrompt, options.readsInit { runner.runInit() }
    let sources =
      options.sources.isEmpty && !entersPrompt ? [.standardInput] : options.sources
    // A script that asks, and has no answers itself, asks whoever is at the terminal.
    if isTerminal {
      console.answers.makeEditor = { [unowned console] in
        let path = options.sandbox || !entersPrompt ? nil : HistoryFile.standardPath()
        return Prompt.makeEditor(console, options, history: HistoryFile(path: path))
      }
    }
    var outcome = runner.run(sources)
    if outcome == .done, !entersPrompt { outcome = runner.traceLastDefinition() }
    switch outcome {
    case .interrupted where entersPrompt:
      Interrupt.clear()
      output.complain("interrupted\n")
    case .interrupted: return Interrupt.exitStatus
    case .quit: return 0
    case .failed where !options.entersPrompt: return 1
    case .failed, .done: break
    }
    guard entersPrompt else { return 0 }
    var prompt = Prompt(runner.session, console, options)
    switch prompt.run() {
    case .interrupted: return Interrupt.exitStatus
    case .failed: return 1
    case .done, .quit: return outcome == .failed ? 1 : 0
    }
  }

  /// The version, as the changelog counts it.
  static let version = "0.1.0"
}
