// What derive answers, as text or as JSON.

import BackstepRender
import BackstepTrace

extension Console {
  func show(derivation: Derivation) {
    write(
      display.json
        ? ResultJSON.derivation(derivation, ascii: display.ascii)
        : DerivationText.lines(derivation, style: style))
  }
}
