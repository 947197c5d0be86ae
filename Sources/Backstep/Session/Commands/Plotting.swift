// plot: an expression over one input as a curve, over two as a map with contours.

import BackstepLanguage
import BackstepTrace

extension Command {
  static let plot = Command(
    names: ["plot"], usage: "plot [E] wrt x [from a to b]",
    summary: "the curve over an input with its tangent; over two inputs contours",
    details: """
      The input moves from a to b, everything else stays. At the input's value now the tangent is \
      drawn: its slope is the derivative. Without from and to the plot reaches as far to both sides as \
      shows something. wrt w1, w2 shows heights over two inputs by contours, and the gradient as an \
      arrow, towards where the value grows fastest; from and to then take a number for both, or one for \
      each. An entry of a vector or a matrix is named as in wrt W[1,2].
      """,
    example: "w = 0.5; x = 2; const y = 1\nL = (sigmoid(w*x) - y)^2\nplot L wrt w from -4 to 4",
    form: .expression(clauses: ["wrt", "from", "to"]), completes: .expression,
    seeAlso: ["grad", "check", "tangent"]
  ) { session, call, host throws(Diagnostic) in
    try session.plot(call, host)
  }
}

extension Session {
  /// How many samples a curve has, and how many along each side of a map.
  private static let samples = (curve: 641, across: 97, up: 65)

  fileprivate mutating func plot(
    _ call: CommandCall, _ host: any SessionHost
  ) throws(Diagnostic) {
    guard let wrt = try wrtInputs(call, host), !wrt.isEmpty else {
      throw Diagnostic(
        .missingArgument(command: "plot", what: "wrt and an input"), call.word.range,
        advice: call.usage)
    }
    guard wrt.count <= 2 else {
      throw Diagnostic(
        .unexpectedArgument(command: "plot", found: "a third input"),
        call.clause("wrt")?.last?.range ?? call.word.range,
        advice: "a plot has room for two; name one or two of them")
    }
    let target = try target(of: call, "plot")
    let from = try ends(call, "from", wrt.count, host)
    let to = try ends(call, "to", wrt.count, host)
    var built = try build(target, also: wrt.map(\.name), host)
    let shape = built.graph.shape(of: built.root)
    guard shape.count == 1 else {
      throw Diagnostic(.needsScalar("a plot", shape: "\(shape)"), target.range)
    }
    try compute(&built, wrt: wrt, host)
    let asked = inputs(built, wrt)
    let moved = try asked.map { input throws(Diagnostic) in try entry(input, built, call) }
    let slopes = slopes(built, moved)
    var inputs: [PlotInput] = []
    for (index, place) in moved.enumerated() {
      let name = built.graph.label(of: place.node).map(parser.names.string) ?? ""
      let entries = built.graph.shape(of: place.node)
      var input = PlotInput(
        name: name + entries.index(of: place.entry),
        value: built.reading(of: place.node).elements[place.entry], from: .nan, to: .nan,
        slope: slopes[index])
      try setRange(
        &input, from?[index], to?[index], call,
        { number in
          if host.isInterrupted { return .nan }
          var sampling = Sampling(built)
          return sampling.value(at: [(place.node, place.entry, number)])
        })
      inputs.append(input)
    }
    let counts =
      inputs.count == 1 ? [Self.samples.curve] : [Self.samples.across, Self.samples.up]
    var sampling = Sampling(built)
    var samples: [Double] = []
    for row in 0..<(counts.count == 2 ? counts[1] : 1) {
      for column in 0..<counts[0] {
        if host.isInterrupted { throw Diagnostic(.interrupted, statementText) }
        var places = [
          (moved[0].node, moved[0].entry, inputs[0].place(of: column, among: counts[0]))
        ]
        if inputs.count == 2 {
          places.append((moved[1].node, moved[1].entry, inputs[1].place(of: row, among: counts[1])))
        }
        samples.append(sampling.value(at: places))
      }
    }
    host.show(
      plot: Plot(
        of: target.text, value: built.reading(of: built.root).first, inputs: inputs,
        counts: counts, samples: samples, note: kink(built, moved, slopes)))
  }

  /// What differences say about the slope of a curve, where the point lies at a kink.
  private func kink(
    _ built: BuiltGraph, _ moved: [(node: Int, entry: Int)], _ slopes: [Double]
  ) -> String? {
    guard moved.count == 1, let place = moved.first, let slope = slopes.first, slope.isFinite
    else { return nil }
    var differences = Differences(built)
    return differences.slope(of: place.node, place.entry, expected: slope).note
  }

  /// The entry that an input asked for is moved at.
  private func entry(
    _ input: AskedInput, _ built: BuiltGraph, _ call: CommandCall
  ) throws(Diagnostic) -> (node: Int, entry: Int) {
    let name = built.graph.label(of: input.node).map(parser.names.string) ?? "it"
    let written = call.clause("wrt")?.first { parser.source.string($0.range) == name }
    let range = written?.range ?? call.word.range
    guard built.graph.operations[input.node] == .input else {
      throw Diagnostic(
        .derivativeTarget("the formula '\(name)', which cannot be moved"), range,
        advice: "name an input that it depends on")
    }
    let shape = built.graph.shape(of: input.node)
    guard let entry = input.entry ?? (shape.count == 1 ? 0 : nil) else {
      throw Diagnostic(
        .needsScalar("an axis of a plot", shape: "\(shape)"), range,
        advice: "name one entry: wrt \(name)\(shape.index(of: 0))")
    }
    return (input.node, entry)
  }

  /// The derivatives at the values now.
  private func slopes(_ built: BuiltGraph, _ moved: [(node: Int, entry: Int)]) -> [Double] {
    let active = built.graph.dependents(of: moved.map(\.node))
    var silence = Silence()
    let adjoints = Reverse.sweep(
      built, from: built.root, seed: .ones(built.graph.shape(of: built.root)), active: active,
      observer: &silence)
    return moved.map { adjoints.number(of: $0.node, at: $0.entry) }
  }

  // MARK: Ranges

  /// The numbers behind `from` or `to`, one for each input.
  private mutating func ends(
    _ call: CommandCall, _ word: String, _ count: Int, _ host: any SessionHost
  ) throws(Diagnostic) -> [Double]? {
    guard let list = call.clause(word) else { return nil }
    var numbers: [Double] = []
    for item in list {
      let value = try evaluate(item.syntax, host)
      let number = value.reading.first
      guard value.shape.count == 1, number.isFinite
      else {
        throw Diagnostic(
          .unexpectedArgument(command: word, found: "what is no finite number"), item.range)
      }
      numbers.append(number)
    }
    guard numbers.count == count || numbers.count == 1 else {
      throw Diagnostic(
        .unexpectedArgument(command: word, found: "\(numbers.count) numbers"),
        list.last?.range ?? call.word.range,
        advice: "it takes one for each input, or one for both")
    }
    return numbers.count == count ? numbers : Array(repeating: numbers[0], count: count)
  }

  /// Chooses where the samples begin and end.
  ///
  /// By default three units to both sides, or as much as twice the value where that is more; closer
  /// where most of it has no value.
  private func setRange(
    _ input: inout PlotInput, _ from: Double?, _ to: Double?, _ call: CommandCall,
    _ value: (Double) -> Double
  ) throws(Diagnostic) {
    let now = input.value.isFinite ? input.value : 0
    var reach = min(max(3, 2 * abs(now)), 1e300)
    if from == nil, to == nil {
      for _ in 0..<8 {
        let isSeen = (0...16).count { step in
          value(now + reach * (Double(step) / 8 - 1)).isFinite
        }
        if isSeen >= 6 { break }
        reach /= 2
      }
    }
    input.from = from ?? min(now, to ?? now) - reach
    input.to = to ?? max(now, from ?? now) + reach
    guard input.from < input.to, (input.to / 2 - input.from / 2).isFinite else {
      throw Diagnostic(
        .unexpectedArgument(command: "plot", found: "an empty range"),
        call.clause("to")?.last?.range ?? call.clause("from")?.last?.range ?? call.word.range,
        advice: "from must be less than to")
    }
  }
}
