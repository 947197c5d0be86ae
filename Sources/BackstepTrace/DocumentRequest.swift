// What `export` asks for: a document made of a trace, and what the session can say about it.

/// Which document is wanted, and where it goes.
public struct DocumentRequest: Sendable, Equatable {
  /// The kinds of documents, by the ending that asks for them.
  public enum Form: String, Sendable, CaseIterable {
    /// The graph in Graphviz's language.
    case dot
    /// The graph as a drawing.
    case svg, png, pdf
    /// A page that stands by itself.
    case html
    /// LaTeX.
    case tex
    /// Markdown with mathematics.
    case markdown = "md"
    /// Every event in one document.
    case json
    /// A script for another framework.
    case python = "py"
    /// A lesson, which is a script for Backstep.
    case grad

    /// The ending of a file: `svg`.
    public var ending: String { rawValue }

    /// Whether it is drawn by Graphviz.
    public var isDrawing: Bool { self == .svg || self == .png || self == .pdf }

    /// Whether it is text, which a terminal and a JSON string can hold.
    public var isText: Bool { self != .png && self != .pdf }

    /// The form that an ending stands for, in capitals or not; nil where there is none.
    public init?(ending: String) {
      switch ending.lowercased() {
      case "htm": self = .html
      case "markdown": self = .markdown
      case let ending: self.init(rawValue: ending)
      }
    }
  }

  /// What a script can be written for.
  public static let frameworks = ["torch", "jax", "numpy"]

  /// The file; `-` for standard output.
  public var file: String
  /// The kind of document.
  public var form: Form
  /// What a script is written for: `torch`, `jax` or `numpy`; nil where it was not said.
  public var framework: String?
  /// Whether results are left blank, with the answers in a second document.
  public var worksheet = false
  /// How many results, counted from the last, a worksheet leaves blank; nil where it was not said.
  public var fade: Int?
  /// Whether a lesson is made of the trace.
  public var isLesson = false
  /// Whether a file may be replaced that Backstep did not write.
  public var overwrites = false
  /// Whether a line says what was written.
  public var reports = false
  /// How many significant digits numbers for people have; the host knows.
  public var digits = 6

  /// Asks for a document of a trace.
  public init(file: String, form: Form) {
    self.file = file
    self.form = form
  }

  /// Whether it goes to standard output.
  public var isForStandardOutput: Bool { file == "-" }
}

/// What the session knows beyond the trace: how it was written.
public struct DocumentSource: Sendable, Equatable {
  /// A definition that the expression depends on.
  public struct Definition: Sendable, Equatable {
    /// The name.
    public var name: String
    /// What it stands for.
    public var kind: Listing.Kind
    /// The definition as it was written, or as it could have been: `w = 0.5`.
    public var text: String

    /// Describes a definition.
    public init(name: String, kind: Listing.Kind, text: String) {
      self.name = name
      self.kind = kind
      self.text = text
    }
  }

  /// What the expression depends on, in the order in which it was defined.
  public var definitions: [Definition]
  /// The expression that is traced, as it was written.
  public var expression: String
  /// What derivatives are taken with respect to, as written; nil where it was not said.
  public var wrt: [String]?
  /// The seed as it was written; nil where it was not.
  public var seed: String?

  /// Says how a trace was asked for.
  public init(
    definitions: [Definition], expression: String, wrt: [String]? = nil, seed: String? = nil
  ) {
    self.definitions = definitions
    self.expression = expression
    self.wrt = wrt
    self.seed = seed
  }
}
