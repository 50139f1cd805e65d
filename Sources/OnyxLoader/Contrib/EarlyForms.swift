import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Operators that the domain `com.microsoft` had before the standard had them, or in another form.
enum EarlyForms {
  static func expandDims(_ t: inout Translation) throws(OnyxError) {
    try t.result("Unsqueeze", [t.input(0), integers(t.input(1), "axis", &t)])
  }

  /// Scalars may come as vectors of one element; the step is 1 by default.
  static func range(_ t: inout Translation) throws(OnyxError) {
    let scalar = try t.constant([], "scalar")
    let start = try t.value("Reshape", [t.input(0), scalar], "start")
    let limit = try t.value("Reshape", [t.input(1), scalar], "limit")
    let step: ValueID
    if let given = t.optional(2) {
      step = try t.value("Reshape", [given, scalar], "delta")
    } else {
      step = try t.scalar(1, like: start, "one")
    }
    try t.result("Range", [start, limit, step])
  }

  /// The pads may be [1, 2 · rank], and the value a vector of one element.
  static func pad(_ t: inout Translation) throws(OnyxError) {
    let attributes = t.taken("mode")
    let pads = try integers(t.input(1), "pads", &t)
    var value: ValueID?
    if let given = t.optional(2) { value = try t.value("Reshape", [given, t.constant([], "scalar")], "value") }
    try t.result("Pad", [t.input(0), pads, value], attributes)
  }

  static func gatherND(_ t: inout Translation) throws(OnyxError) {
    let indices = try t.value("Cast", [t.input(1)], "indices", ["to": .int(Int64(ElementType.int64.rawValue))])
    try t.result("GatherND", [t.input(0), indices])
  }

  /// The modes lost their "bi" in the standard's version 20.
  static func gridSample(_ t: inout Translation) throws(OnyxError) {
    var attributes = t.taken("align_corners", "padding_mode")
    let mode = try t.attributes.text("mode", default: "bilinear")
    guard let name = ["bilinear": "linear", "nearest": "nearest", "bicubic": "cubic"][mode] else {
      throw .invalid("The attribute 'mode' is '\(mode)'.", remedy: "Valid values: bilinear, nearest, bicubic.")
    }
    attributes["mode"] = .text(name)
    try t.result("GridSample", [t.input(0), t.input(1)], attributes)
  }

  /// In the order of the first occurrences.
  static func unique(_ t: inout Translation) throws(OnyxError) {
    let outputs = (0..<3).map { t.node.outputs.indices.contains($0) ? t.node.outputs[$0] : nil }
    try t.emit(OperatorName("Unique"), [t.input(0)], making: [outputs[0], nil, outputs[1], outputs[2]], "", ["sorted": .int(0)])
  }

  static func biasAdd(_ t: inout Translation) throws(OnyxError) {
    let sum = try t.value("Add", [t.input(0), t.input(1)], "sum")
    try t.result("Add", [sum, t.input(2)])
  }

  /// Distances between the rows of two matrices by |a|² + |b|² − 2ab, as ONNX Runtime computes them.
  static func distances(_ t: inout Translation) throws(OnyxError) {
    let metric = try t.attributes.text("metric", default: "sqeuclidean")
    guard ["euclidean", "sqeuclidean"].contains(metric) else {
      throw .unsupported("The metric '\(metric)' of \(t.node.op) is not supported; euclidean and sqeuclidean are.")
    }
    let (a, b) = (try t.input(0), try t.input(1))
    let axis = try t.constant([1], "axis")
    let swap: [String: Attribute] = ["perm": .ints([1, 0])]
    let lengths = try t.value("ReduceSumSquare", [a, axis], "a_squares")
    let others = try t.value("Transpose", [t.value("ReduceSumSquare", [b, axis], "b_column")], "b_squares", swap)
    let product = try t.value("MatMul", [a, t.value("Transpose", [b], "b_transposed", swap)], "product")
    let twice = try t.value("Mul", [product, t.scalar(2, like: a, "two")], "twice")
    let difference = try t.value("Sub", [t.value("Add", [lengths, others], "squares"), twice], "difference")
    let bounds = [difference, try t.scalar(0, like: a, "zero")]
    guard metric == "euclidean" else {
      try t.result("Max", bounds)
      return
    }
    try t.result("Sqrt", [t.value("Max", bounds, "squared")])
  }

  /// Integers as an int64 vector.
  private static func integers(_ x: ValueID, _ role: String, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let wide = try t.value("Cast", [x], role + "_int64", ["to": .int(Int64(ElementType.int64.rawValue))])
    return try t.value("Reshape", [wide, t.constant([-1], role + "_shape")], role)
  }
}
