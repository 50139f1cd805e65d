import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Operators over bytes: the inputs are dequantized, the standard operator computes floats, and the result is quantized.
enum QuantizedElements {
  static func binary(_ op: String, _ t: inout Translation) throws(OnyxError) {
    let a = try t.dequantized(t.input(0), t.input(1), t.optional(2), "A")
    let b = try t.dequantized(t.input(3), t.input(4), t.optional(5), "B")
    let y = try t.value(op, [a, b], "y")
    try t.quantize(y, t.input(6), t.optional(7), like: t.input(0))
  }

  static func sigmoid(_ t: inout Translation) throws(OnyxError) { try unary("Sigmoid", [:], &t) }

  static func leakyRelu(_ t: inout Translation) throws(OnyxError) {
    let alpha = try t.attributes.float("alpha", default: 0.01)
    try unary("LeakyRelu", ["alpha": .float(alpha)], &t)
  }

  private static func unary(_ op: String, _ attributes: [String: Attribute], _ t: inout Translation) throws(OnyxError) {
    let x = try t.dequantized(t.input(0), t.input(1), t.optional(2), "X")
    let y = try t.value(op, [x], "y", attributes)
    try t.quantize(y, t.input(3), t.optional(4), like: t.input(0))
  }

  /// The attribute `opset` says which Softmax is meant: before 13 it works on the input flattened to a matrix at the axis.
  static func softmax(_ t: inout Translation) throws(OnyxError) {
    let axis = try t.attributes.int("axis", default: -1)
    let opset = try t.attributes.required("opset", t.attributes.int("opset"))
    let x = try t.dequantized(t.input(0), t.input(1), t.optional(2), "X")
    let y: ValueID
    if opset >= 13 || axis == -1 {
      y = try t.value("Softmax", [x], "y", ["axis": .int(Int64(axis))])
    } else {
      let flat = try t.value("Flatten", [x], "flat", ["axis": .int(Int64(axis))])
      let rows = try t.value("Softmax", [flat], "rows", ["axis": .int(-1)])
      y = try t.value("Reshape", [rows, t.value("Shape", [x], "shape")], "y", ["allowzero": .int(1)])
    }
    try t.quantize(y, t.input(3), t.input(4), like: t.input(0))
  }

  /// After the output's scale and zero point, each input has three places: bytes, scale, zero point.
  static func concat(_ t: inout Translation) throws(OnyxError) {
    let axis = try t.attributes.required("axis", t.attributes.int("axis"))
    let count = t.node.inputs.count - 2
    guard count % 3 == 0 else { throw .invalid("The node has \(count) inputs after the first two; each tensor has three.") }
    var parts: [ValueID] = []
    for first in stride(from: 2, to: count + 2, by: 3) {
      parts.append(try t.dequantized(t.input(first), t.input(first + 1), t.optional(first + 2), "part_\(parts.count)"))
    }
    let y = try t.value("Concat", parts, "y", ["axis": .int(Int64(axis))])
    try t.quantize(y, t.input(0), t.input(1), like: t.input(2))
  }

  static func choose(_ t: inout Translation) throws(OnyxError) {
    let x = try t.dequantized(t.input(1), t.input(2), t.input(3), "X")
    let y = try t.dequantized(t.input(4), t.input(5), t.input(6), "Y")
    let z = try t.value("Where", [t.input(0), x, y], "z")
    try t.quantize(z, t.input(7), t.input(8), like: t.input(1))
  }

  static func reduceMean(_ t: inout Translation) throws(OnyxError) {
    let axes = try t.attributes.required("axes", t.attributes.ints("axes"))
    let keeps = try t.attributes.required("keepdims", t.attributes.int("keepdims"))
    let x = try t.dequantized(t.input(0), t.input(1), t.optional(2), "X")
    let y = try t.value("ReduceMean", [x, t.constant(axes, "axes")], "y", ["keepdims": .int(Int64(keeps))])
    try t.quantize(y, t.input(3), t.optional(4), like: t.input(0))
  }
}

extension Translation {
  /// The floats that bytes of one scale mean.
  mutating func dequantized(_ x: ValueID, _ scale: ValueID, _ zeroPoint: ValueID?, _ role: String) throws(OnyxError) -> ValueID {
    try value("DequantizeLinear", [x, scale, zeroPoint], role + "_floats")
  }

  /// The current node's result: y in bytes; without a zero point in the type of `bytes`.
  mutating func quantize(_ y: ValueID, _ scale: ValueID, _ zeroPoint: ValueID?, like bytes: ValueID) throws(OnyxError) {
    let point: ValueID
    if let zeroPoint { point = zeroPoint } else { point = try scalar(0, like: bytes, "zero_point") }
    try result("QuantizeLinear", [y, scale, point])
  }
}
