// Stub.

import BackstepLanguage
import BackstepTrace

struct CondensedTrace {
  var header: any TraceHeader
  func post(to host: any TraceReceiver, _ options: TraceOptions) throws(EvaluationError) {}
}

extension Session {
  func condensed(_ view: View, _ target: Target, _ level: ViewLevel) -> CondensedTrace? { nil }
}
