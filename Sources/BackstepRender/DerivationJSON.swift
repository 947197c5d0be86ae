// A derivative as a formula, as a line of JSON.

import BackstepTrace

extension ResultJSON {
  /// `{"event":"derivative","of":"L","wrt":"w1","chain":"…","formula":"(a - y)*x1","value":-0.5}`.
  ///
  /// `formula` is left out where it would be too long.
  public static func derivation(_ derivation: Derivation, ascii: Bool = false) -> ByteBuffer {
    var json = JSONWriter(ascii: ascii)
    json.beginEvent("derivative")
    json.member("of", derivation.of)
    json.member("wrt", derivation.wrt)
    json.member("chain", chain(derivation))
    json.key("factors")
    json.open("[")
    for factor in derivation.factors {
      json.open("{")
      json.member("of", factor.of)
      json.member("wrt", factor.wrt)
      json.member("formula", factor.formula)
      json.close("}")
    }
    json.close("]")
    json.key("steps")
    json.open("[")
    for step in derivation.steps { json.string(step.formula) }
    json.close("]")
    if let formula = derivation.formula { json.member("formula", formula) }
    json.member(shape: derivation.value.shape)
    json.member("value", derivation.value)
    if derivation.formula != nil { json.member("agrees", derivation.outcome == .agrees) }
    json.endEvent()
    return json.output
  }

  private static func chain(_ derivation: Derivation) -> String {
    var equations = derivation.chain.map { equation in
      ([equation.left, equation.right] + (equation.result.map { [$0] } ?? []))
        .joined(separator: " = ")
    }
    if derivation.omitted > 0 { equations.insert("…", at: equations.count / 2) }
    return equations.joined(separator: "; ")
  }
}
