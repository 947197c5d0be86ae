// Exercises of rising difficulty, with numbers that are drawn.

import BackstepTrace

/// One exercise: a graph to be asked about.
struct Exercise {
  /// What it is about.
  var title: String
  /// The definitions; the last is the output.
  var text: String

  /// One exercise of each level, the easiest first.
  static func all(_ random: inout Random) -> [Exercise] {
    levels.map { title, forms in
      let form = forms[min(Int(random.uniform() * Double(forms.count)), forms.count - 1)]
      return Exercise(title: title, text: filled(form, &random))
    }
  }

  /// The levels, each with several forms; `#` is a number that is drawn, `+` after it a positive one.
  private static let levels: [(String, [String])] = [
    (
      "one operation",
      [
        "w = #; x = #\ny = w*x", "w = #; x = #\ny = w - x", "x = #\ny = x^2",
        "u = #; x = #\ny = u/x",
      ]
    ),
    (
      "a chain",
      [
        "w = #; x = #; b = #\ny = (w*x + b)^2", "w = #; const x = #\nz = w*x; y = z^3",
        "x = #+\ny = log(x^2 + 1)", "w = #; const t = #\ny = (w - t)^2*3",
      ]
    ),
    (
      "a value that is used more than once",
      ["x = #\ny = x*x + x", "x = #; w = #\nu = w*x; y = u + x", "x = #; w = #\ny = w*x + w*w"]
    ),
    (
      "one neuron",
      [
        "w = #; const x = #; b = 0; const t = 1\nz = w*x + b; a = relu(z); L = (a - t)^2",
        "w = 0; const x = #; b = 0; const y = 1\nz = w*x + b; a = sigmoid(z); L = bce(a, y)",
        "w = 0; const x = #; b = 0; const t = 1\nz = w*x + b; a = tanh(z); L = (a - t)^2",
      ]
    ),
    (
      "paths of different length",
      [
        "x = #; w = #\nu = x*w; v = u + x; L = u*v", "x = #\nu = x^2; v = u + x; L = v*u",
        "a = #; b = #\nu = a*b; v = u - a; L = v*v + u",
      ]
    ),
    (
      "a layer with a matrix",
      [
        "W = [[#, #], [#, #]]; const x = [#, #]\nz = W @ x; L = sum(z)",
        "W = [[#, #], [#, #]]; x = [#, #]\nz = W @ x; L = dot(z, z)",
      ]
    ),
  ]

  private static func filled(_ form: String, _ random: inout Random) -> String {
    let numbers = [1, 2, 3, 4, 5, -1, -2, -3]
    var text = ""
    var needsNumber = false
    func draw(_ isPositive: Bool) {
      let count = isPositive ? 5 : numbers.count
      text += "\(numbers[min(Int(random.uniform() * Double(count)), count - 1)])"
    }
    for character in form {
      if needsNumber {
        draw(character == "+")
        needsNumber = false
        if character == "+" { continue }
      }
      if character == "#" { needsNumber = true } else { text.append(character) }
    }
    if needsNumber { draw(false) }
    return text
  }
}
