// What a quiz and a lesson tell: questions, what came of the answers, the score.

/// A part of a quiz, in the order in which it happens.
public enum QuizEvent: Sendable, Equatable {
  /// A quiz, or one exercise of it, begins: the values of the forward pass.
  case begin(QuizSheet)
  /// A derivative is asked for.
  case question(QuizQuestion)
  /// What came of an answer.
  case verdict(QuizVerdict)
  /// A hint that was asked for.
  case hint(number: Int, Sentence)
  /// The answer, after the user gave up.
  case solution(number: Int, Sentence, value: Reading)
  /// Something to know that is no verdict.
  case note(Sentence)
  /// The quiz is over.
  case score(QuizScore)
}

/// One of the exercises of a quiz.
public struct QuizExercise: Sendable, Equatable {
  /// What it is about.
  public var title: String
  /// Counted from 1.
  public var number: Int
  /// How many exercises there are.
  public var count: Int

  /// Describes an exercise.
  public init(title: String, number: Int, count: Int) {
    self.title = title
    self.number = number
    self.count = count
  }
}

/// What a quiz shows before its first question.
public struct QuizSheet: Sendable, Equatable {
  /// A node with its formula and its value.
  public struct Row: Sendable, Equatable {
    /// The name.
    public var name: String
    /// How it is computed; nil for an input.
    public var formula: String?
    /// The value.
    public var value: Reading
    /// Whether it is data, which has no derivative.
    public var isData: Bool

    /// Describes one node.
    public init(name: String, formula: String?, value: Reading, isData: Bool) {
      self.name = name
      self.formula = formula
      self.value = value
      self.isData = isData
    }
  }

  /// The output, a name or an expression.
  public var of: String
  /// Which exercise it is; nil for a quiz on the user's own formula.
  public var exercise: QuizExercise?
  /// Inputs first, then the operations in forward order.
  public var rows: [Row]
  /// How many questions follow.
  public var questions: Int

  /// Describes an exercise.
  public init(of: String, exercise: QuizExercise?, rows: [Row], questions: Int) {
    self.of = of
    self.exercise = exercise
    self.rows = rows
    self.questions = questions
  }
}

/// One derivative that is asked for.
public struct QuizQuestion: Sendable, Equatable {
  /// What is asked for.
  public enum Kind: String, Sendable {
    /// The adjoint of the output itself.
    case seed
    /// A local derivative.
    case local
    /// The adjoint of a node that is used once.
    case adjoint
    /// The adjoint of a node that is used more than once.
    case sum
  }

  /// Counted from 1.
  public var number: Int
  /// How many questions there are in this exercise.
  public var total: Int
  /// What is asked for.
  public var kind: Kind
  /// The node whose derivative it is, counted from 0; of a local derivative the operation.
  public var node: NodeIndex
  /// The derivative's symbol: `∂a/∂z`.
  public var symbol: String
  /// The shape of the answer.
  public var shape: Shape
  /// The question.
  public var text: Sentence
  /// What is known: one fact each.
  public var given: [Sentence]

  /// Describes a question.
  public init(
    number: Int, total: Int, kind: Kind, node: NodeIndex, symbol: String, shape: Shape,
    text: Sentence, given: [Sentence]
  ) {
    self.number = number
    self.total = total
    self.kind = kind
    self.node = node
    self.symbol = symbol
    self.shape = shape
    self.text = text
    self.given = given
  }
}

/// What came of an answer.
public struct QuizVerdict: Sendable, Equatable {
  /// How an answer was judged.
  public enum Outcome: String, Sendable {
    /// It is right.
    case right
    /// It is wrong.
    case wrong
    /// It could not be read, or says nothing new; it does not count.
    case unclear
  }

  /// The question's number.
  public var number: Int
  /// What was answered.
  public var answer: String
  /// The judgement.
  public var outcome: Outcome
  /// The name of the misconception that fits a wrong answer.
  public var misconception: String?
  /// What there is to say.
  public var text: Sentence

  /// Describes a judgement.
  public init(
    number: Int, answer: String, outcome: Outcome, misconception: String? = nil, text: Sentence
  ) {
    self.number = number
    self.answer = answer
    self.outcome = outcome
    self.misconception = misconception
    self.text = text
  }
}

/// How a quiz went.
public struct QuizScore: Sendable, Equatable {
  /// Something to practise.
  public struct Topic: Sendable, Equatable {
    /// The misconception's name, or what was asked.
    public var name: String
    /// How often it came.
    public var count: Int
    /// What it is, and what helps.
    public var advice: Sentence

    /// Describes a topic.
    public init(name: String, count: Int, advice: Sentence) {
      self.name = name
      self.count = count
      self.advice = advice
    }
  }

  /// How many questions there were.
  public var questions: Int
  /// How many were answered right at once.
  public var first: Int
  /// How many were answered right later, or with a hint.
  public var later: Int
  /// How many were given up.
  public var givenUp: Int
  /// What to practise, the most frequent first.
  public var practise: [Topic]
  /// How many were not reached.
  public var open: Int { questions - first - later - givenUp }

  /// Starts with nothing answered.
  public init(questions: Int) {
    self.questions = questions
    (first, later, givenUp) = (0, 0, 0)
    practise = []
  }
}

/// A part of a lesson, in the order in which it happens.
public enum LessonEvent: Sendable, Equatable {
  /// The lessons there are.
  case list([LessonTitle])
  /// A lesson begins.
  case begin(title: String)
  /// A title within the lesson.
  case heading(String)
  /// A paragraph.
  case prose(String)
  /// A statement that the lesson runs itself, the first of several or a further one; what it answers
  /// follows.
  case statement(String, isFirst: Bool)
  /// Something is asked, or is to be typed.
  case task(number: Int, total: Int, kind: LessonTask, text: String, choices: [String])
  /// What came of an answer; `right` is nil where there is no right or wrong.
  case verdict(number: Int, answer: String, right: Bool?, text: Sentence)
  /// A hint.
  case hint(number: Int, String)
  /// What would have been right, after `skip`.
  case solution(number: Int, Sentence)
  /// The lesson is over.
  case end(tasks: Int, done: Int, skipped: Int, isComplete: Bool)
}

/// What a lesson asks for.
public enum LessonTask: String, Sendable {
  /// A value, before it is seen.
  case predict
  /// Statements to type.
  case type
  /// One of several answers.
  case choose
  /// A sentence in one's own words.
  case say
}

/// A lesson in the list.
public struct LessonTitle: Sendable, Equatable {
  /// Its number.
  public var number: Int
  /// Its title.
  public var title: String

  /// Describes a lesson.
  public init(number: Int, title: String) {
    self.number = number
    self.title = title
  }
}

/// A trace done wrong on purpose beside the right one.
public struct MistakeReport: Sendable, Equatable {
  /// One number of the trace, right and wrong.
  public struct Row: Sendable, Equatable {
    /// What it is.
    public enum Kind: String, Sendable {
      /// The adjoint a node passes on.
      case adjoint
      /// What one node sends to another.
      case contribution
      /// What the slot of a node that is used more than once holds after that.
      case slot
      /// A result: an input's derivative.
      case gradient
      /// An input's value after a step of gradient descent.
      case update
    }

    /// What it is.
    public var kind: Kind
    /// The step of the backward pass, counted from 1; 0 for results.
    public var step: Int
    /// The number's symbol, or the operation: `v1 = w*x`.
    public var label: Sentence
    /// The number as it should be.
    public var right: Reading
    /// The number with the mistake; nil where it is never computed.
    public var wrong: Reading?
    /// Whether the two differ.
    public var differs: Bool

    /// Puts both numbers side by side.
    public init(
      kind: Kind, step: Int, label: Sentence, right: Reading, wrong: Reading?, differs: Bool
    ) {
      self.kind = kind
      self.step = step
      self.label = label
      self.right = right
      self.wrong = wrong
      self.differs = differs
    }
  }

  /// The mistake's name.
  public var mistake: String
  /// The output.
  public var of: String
  /// What is done wrong.
  public var summary: String
  /// The numbers in the order of the right backward pass.
  public var rows: [Row]
  /// What there is to say: where it goes wrong first, where it spreads, or why nothing changes.
  public var findings: [Sentence]

  /// Puts a report together.
  public init(
    mistake: String, of: String, summary: String, rows: [Row], findings: [Sentence]
  ) {
    self.mistake = mistake
    self.of = of
    self.summary = summary
    self.rows = rows
    self.findings = findings
  }
}
