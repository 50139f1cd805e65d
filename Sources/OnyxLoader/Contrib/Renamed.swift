import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Operators of `com.microsoft` that the standard took over with their inputs and attributes.
enum Renamed {
  static func apply(_ op: String, _ attribute: String, _ t: inout Translation) throws(OnyxError) {
    let attributes = t.taken(attribute)
    try t.result(op, t.node.inputs, attributes)
  }
}
