// How text is to look: width, digits, characters and colours.

import BackstepTrace

/// What a reader's terminal can show and what the reader has asked for.
public struct Style: Sendable, Equatable {
  /// How many columns a line may have; at least 20.
  public var width: Int
  /// How numbers are written.
  public var numbers: NumberFormat
  /// Whether only ASCII characters may be written.
  public var ascii: Bool
  /// The colours, or nil for none.
  public var theme: Theme?

  /// Chooses a look; by default 80 columns, six digits, Unicode, no colour.
  public init(width: Int = 80, digits: Int = 6, ascii: Bool = false, theme: Theme? = nil) {
    self.width = max(20, width)
    self.numbers = NumberFormat(digits: digits)
    self.ascii = ascii
    self.theme = theme
  }
}

extension Style {
  /// Whether lines of dots can have colours: underlined dots would look like other dots.
  var drawsInColour: Bool { theme.map { $0[.partial].contains("38;") } ?? true }
}

/// What a piece of text is, from which its colour follows.
public enum Role: UInt8, Sendable, CaseIterable {
  /// Text without a part to play.
  case plain
  /// The title of a section.
  case heading
  /// The number of a step.
  case step
  /// The name of a node.
  case name
  /// A formula in terms of names.
  case formula
  /// A node's value.
  case value
  /// A local derivative, as a symbol or as a number.
  case partial
  /// An adjoint, as a symbol or as a number.
  case adjoint
  /// Signs between the parts: `=`, `+=`, `·`.
  case sign
  /// What can be passed over.
  case dim
  /// Something to beware of.
  case warning
  /// Where the text is at fault, and what would be right.
  case hint
}

/// The colour of every role, as the parameters of a terminal's SGR sequence.
public struct Theme: Sendable, Equatable {
  private var parameters: [String]

  /// Chooses the parameters for each role: `1` is bold; the empty string changes nothing.
  public init(_ parameters: (Role) -> String) { self.parameters = Role.allCases.map(parameters) }

  /// The parameters for one role.
  public subscript(role: Role) -> String { parameters[Int(role.rawValue)] }
}
