// What is typed at a task of a lesson, and whether that does it.

import BackstepLanguage
import BackstepTrace

extension LessonRun {
  /// Looks at what was typed; true where the task is done.
  mutating func isDone(
    _ task: LessonScript.Task, _ number: Int, _ line: String, _ goals: inout [LessonGoal],
    _ host: any SessionHost
  ) throws(Failure) -> Bool {
    let text = session.answerText(line)
    func verdict(_ right: Bool?, _ words: Sentence) {
      host.show(lesson: .verdict(number: number, answer: text, right: right, text: words))
    }
    switch task.goal {
    case .sentence(let model):
      verdict(nil, model.isEmpty ? "" : "One way to say it: \(model)")
      return true
    case .choice(let choices):
      let index =
        choices.indices.first { text.lowercased() == Self.letter($0) }
        ?? choices.firstIndex { $0.text.lowercased() == text.lowercased() }
      guard let index else {
        // Anything longer may be a statement to try.
        let isTried = text.count > 1 ? try runTyped(line, host) != nil : false
        if !isTried {
          let last = Self.letter(choices.count - 1)
          verdict(nil, "Answer with a letter, a \(choices.count > 2 ? "to" : "or") \(last).")
        }
        return false
      }
      let remark = choices[index].remark
      verdict(choices[index].isRight, remark.isEmpty ? "" : "\(remark)")
      return choices[index].isRight
    case .value(let expected):
      guard session.isExpression(line) else {
        _ = try runTyped(line, host)
        return false
      }
      let right = try value(of: expected, task, host)
      let answer: AnswerSheet.Answer
      do {
        answer = try session.value(ofText: text, host)
      } catch {
        if error.kind == .interrupted { throw .interrupted }
        session.complain(error, about: text, host)
        return false
      }
      if answer.hasDerivative {
        verdict(nil, "Predict it first, from the numbers you know; Backstep shows it afterwards.")
        return false
      }
      let digits = host.settings.first { $0.name == "digits" }.flatMap { Int($0.value) } ?? 6
      let isRight = Closeness(text, digits: digits, isFormula: answer.isFormula)
        .agree(answer.value, right)
      verdict(
        isRight,
        isRight
          ? "\(value: right)." + behind(task.remark)
          : remark(answer.value, right) + "Think again, or press Enter to see."
            + (task.hints.isEmpty ? "" : " 'hint' helps."))
      return isRight
    case .statements:
      guard let typed = try runTyped(line, host) else { return false }
      var advice: Sentence = ""
      for goal in goals {
        do {
          let state = try goal.state(session, typed, host)
          if case .missing(let words) = state {
            if advice.isEmpty { advice = words }
          } else if goal.isOfTheMoment {
            goals.removeAll { $0 == goal }
          }
        } catch {
          if error.kind == .interrupted { throw .interrupted }
        }
      }
      guard advice.isEmpty else {
        verdict(nil, advice)
        return false
      }
      verdict(true, "")
      return true
    }
  }
}

/// How a number that was predicted compares with what it is; nothing about anything else.
private func remark(_ given: Reading, _ right: Reading) -> Sentence {
  guard given.shape.isScalar, right.shape.isScalar, given.isFinite, right.isFinite,
    right.first != 0
  else { return "" }
  let (given, right) = (given.first, right.first)
  if given == 0 { return "It is not 0. " }
  if (given < 0) != (right < 0) { return "The sign is wrong. " }
  let ratio = given / right
  if (0.9...1.1).contains(ratio) { return "That is close. " }
  return "Too \(ratio > 1 ? "large" : "small")\(right < 0 ? " in size" : ""). "
}

extension Session {
  /// Whether a text stops in the middle of a statement.
  func isIncomplete(_ text: String) -> Bool {
    var copy = self
    copy.begin(file: nil)
    guard (try? copy.append((text + "\n").utf8)) != nil else { return false }
    do {
      while try copy.parser.next() != nil {
        if copy.parser.isIncomplete { return true }
      }
      return false
    } catch {
      return copy.parser.isIncomplete
    }
  }

  /// Whether a text is an expression, or at least no other statement.
  fileprivate func isExpression(_ text: String) -> Bool {
    var copy = self
    copy.begin(file: nil)
    guard (try? copy.append((text + "\n").utf8)) != nil,
      let statement = try? copy.parser.next()
    else { return true }
    if case .expression = statement.kind { return true }
    return false
  }

  /// Shows a mistake in a text that is not kept.
  fileprivate func complain(_ mistake: Diagnostic, about text: String, _ host: any SessionHost) {
    host.complain(
      mistake,
      at: SourceLocation(
        file: nil, line: 1, column: 1, lineText: text, length: max(1, text.count)))
  }
}
