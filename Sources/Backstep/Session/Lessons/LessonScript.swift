// A lesson as a script: statements, and between them comments that say what to show and to ask.

import BackstepTrace

/// A lesson that has been read: its title and its steps.
///
/// The form is described in `Docs/Teaching.md`. A lesson is a script like any other: comments that
/// begin with `#` and one of the signs below belong to the lesson, all others to its author.
struct LessonScript {
  /// One step.
  enum Step: Equatable {
    /// `#*`: a title; the first is the lesson's.
    case heading(String)
    /// `#:`: a paragraph.
    case prose(String)
    /// Statements that the lesson runs.
    case statements(String)
    /// `#.`: statements that the lesson runs without showing them.
    case hidden(String)
    /// `#?`: something to do.
    case task(Task)
  }

  /// Something to do, and what decides whether it is done.
  struct Task: Equatable {
    /// What is asked for.
    enum Goal: Equatable {
      /// `#=`: the value of an expression.
      case value(String)
      /// Statements below the question: what they define, show or compute.
      case statements(String)
      /// `#+` and `#-`: one of several answers is right.
      case choice([Choice])
      /// `#"`: a sentence; one way to say it, which is shown afterwards.
      case sentence(String)
    }

    /// One of several answers, and what there is to say about it.
    struct Choice: Equatable {
      var text: String
      var remark: String
      var isRight: Bool
    }

    var text: String
    var goal: Goal
    /// What there is to say once it is done.
    var remark = ""
    /// `#~`: hints, one after the other.
    var hints: [String] = []
    var line: Int
  }

  /// Why a script is no lesson.
  struct Flaw: Error, Equatable {
    var line: Int
    var message: String
  }

  private(set) var title = ""
  private(set) var steps: [(line: Int, step: Step)] = []

  /// How many tasks there are.
  var tasks: Int {
    steps.count { if case .task = $0.step { true } else { false } }
  }

  /// Reads a lesson.
  ///
  /// **Errors** A ``Flaw`` with the line at fault.
  init(_ text: String) throws(Flaw) {
    var open: Open?
    var number = 0
    func flush() throws(Flaw) {
      guard let part = open else { return }
      open = nil
      steps.append((part.line, try part.step()))
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let trimmed = Self.trimmed(line)
      guard let (sign, rest) = Self.sign(of: trimmed) else {
        if trimmed.isEmpty {
          // An empty line ends a paragraph, and statements; not a question that has no answer yet.
          if open?.endsWithBlank ?? false { try flush() }
        } else if trimmed.first == "#" {
          // A comment of the author's.
        } else if open?.takesStatements ?? false {
          open?.statements.append(String(line))
        } else {
          try flush()
          open = Open(sign: " ", line: number)
          open?.statements.append(String(line))
        }
        continue
      }
      switch sign {
      case "*":
        try flush()
        if title.isEmpty { title = rest }
        steps.append((number, .heading(rest)))
      case ":":
        if rest.isEmpty || open?.sign != ":" { try flush() }
        if !rest.isEmpty {
          if open == nil { open = Open(sign: ":", line: number) }
          open?.texts.append(rest)
        }
      case ".":
        try flush()
        open = Open(sign: ".", line: number)
      case "?":
        if open?.sign != "?" || open?.hasAnswer ?? false { try flush() }
        if open == nil { open = Open(sign: "?", line: number) }
        open?.texts.append(rest)
      default:
        guard open?.sign == "?", open?.statements.isEmpty ?? false else {
          throw Flaw(line: number, message: "'#\(sign)' belongs below a question, '#?'")
        }
        open?.answers.append((sign, rest))
      }
    }
    try flush()
    guard !title.isEmpty else {
      throw Flaw(line: 1, message: "a lesson needs a title, in a line that begins with '#*'")
    }
  }

  /// A step whose lines are being collected.
  private struct Open {
    var sign: Character
    var line: Int
    var texts: [String] = []
    var statements: [String] = []
    var answers: [(Character, String)] = []

    var hasAnswer: Bool { !statements.isEmpty || answers.contains { $0.0 != "~" } }
    /// Whether statements on the next line belong to it.
    var takesStatements: Bool {
      sign == " " || sign == "." || sign == "?" && !answers.contains { $0.0 != "~" }
    }
    var endsWithBlank: Bool { sign != "?" || hasAnswer }

    func step() throws(Flaw) -> Step {
      let text = texts.joined(separator: " ")
      switch sign {
      case ":": return .prose(text)
      case " ": return .statements(statements.joined(separator: "\n"))
      case ".": return .hidden(statements.joined(separator: "\n"))
      default: break
      }
      let hints = answers.filter { $0.0 == "~" }.map(\.1)
      func lines(_ sign: Character) -> [String] { answers.filter { $0.0 == sign }.map(\.1) }
      let choices = answers.filter { $0.0 == "+" || $0.0 == "-" }.map { sign, text in
        let (text, remark) = LessonScript.split(text)
        return Task.Choice(text: text, remark: remark, isRight: sign == "+")
      }
      let kinds = [
        !statements.isEmpty, !choices.isEmpty, !lines("=").isEmpty, !lines("\"").isEmpty,
      ]
      guard kinds.count(where: { $0 }) <= 1 else {
        throw Flaw(line: line, message: "a question can have one kind of answer only")
      }
      var task = Task(text: text, goal: .sentence(""), hints: hints, line: line)
      if !statements.isEmpty {
        task.goal = .statements(statements.joined(separator: "\n"))
      } else if !choices.isEmpty {
        guard choices.contains(where: \.isRight), choices.count > 1 else {
          throw Flaw(line: line, message: "a choice needs several answers, and a right one, '#+'")
        }
        guard choices.count <= 26 else {
          throw Flaw(
            line: line, message: "there are \(choices.count) answers to choose from, and 26 letters"
          )
        }
        task.goal = .choice(choices)
      } else if let value = lines("=").first {
        let (text, remark) = LessonScript.split(value)
        task.goal = .value(text)
        task.remark = remark
      } else {
        task.goal = .sentence(lines("\"").joined(separator: " "))
      }
      return .task(task)
    }
  }

  /// What stands before and behind ` -- `.
  private static func split(_ text: String) -> (String, String) {
    guard let range = text.firstRange(of: " -- ") else { return (text, "") }
    return (
      String(trimmed(text[..<range.lowerBound])), String(trimmed(text[range.upperBound...]))
    )
  }

  private static func trimmed(_ text: some StringProtocol) -> Substring {
    let text = Substring(text).drop { $0.isWhitespace }
    guard let end = text.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return text[...end]
  }

  /// The sign of a line that belongs to the lesson, and what follows it.
  private static func sign(of line: Substring) -> (Character, String)? {
    guard line.first == "#", let sign = line.dropFirst().first, "*:.?=+-\"~".contains(sign) else {
      return nil
    }
    let rest = line.dropFirst(2)
    guard rest.isEmpty || rest.first == " " else { return nil }
    return (sign, String(trimmed(rest)))
  }
}
