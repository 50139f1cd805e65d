import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Gelu and its relatives.
enum GeluForms {
  static func gelu(_ t: inout Translation) throws(OnyxError) { try t.result("Gelu", [t.input(0)]) }

  /// The approximation by tanh, of X + bias.
  static func fastGelu(_ t: inout Translation) throws(OnyxError) {
    var x = try t.input(0)
    if let bias = t.optional(1) { x = try t.value("Add", [x, bias], "sum") }
    try t.result("Gelu", [x], ["approximate": .text("tanh")])
  }

  static func biasGelu(_ t: inout Translation) throws(OnyxError) {
    let sum = try t.value("Add", [t.input(0), t.input(1)], "sum")
    try t.result("Gelu", [sum])
  }

  /// x · sigmoid(alpha · x)
  static func quickGelu(_ t: inout Translation) throws(OnyxError) {
    let alpha = try t.attributes.float("alpha", default: 1.702)
    try t.result("Swish", [t.input(0)], ["alpha": .float(alpha)])
  }

  /// The left half of X + bias times the Gelu of its right half.
  static func biasSplitGelu(_ t: inout Translation) throws(OnyxError) {
    let sum = try t.value("Add", [t.input(0), t.input(1)], "sum")
    let halves = try t.values("Split", [sum], count: 2, "halves", ["axis": .int(-1), "num_outputs": .int(2)])
    let gate = try t.value("Gelu", [halves[1]], "gate")
    try t.result("Mul", [halves[0], gate])
  }
}
