import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Matrix products of bytes whose sums are scaled to floats.
enum QuantizedProducts {
  /// A is quantized by its own range.
  static func dynamicMatMul(_ t: inout Translation) throws(OnyxError) {
    let a = try t.values("DynamicQuantizeLinear", [t.input(0)], count: 3, "a")
    let product = try scaled(
      a[0], t.input(1), scales: (a[1], t.input(2)), zeroPoints: (a[2], t.optional(3)), isResult: t.optional(4) == nil, &t)
    if let bias = t.optional(4) { try t.result("Add", [product, bias]) }
  }

  static func matMulToFloat(_ t: inout Translation) throws(OnyxError) {
    let product = try scaled(
      t.input(0), t.input(1), scales: (t.input(2), t.input(3)), zeroPoints: (t.optional(4), t.optional(5)),
      isResult: t.optional(6) == nil, &t)
    if let bias = t.optional(6) { try t.result("Add", [product, bias]) }
  }

  /// (A − a_zero) · (B − b_zero) · (a_scale · b_scale) in the type of the scales.
  static func scaled(
    _ a: ValueID, _ b: ValueID, scales: (a: ValueID, b: ValueID), zeroPoints: (a: ValueID?, b: ValueID?), isResult: Bool = false,
    _ t: inout Translation
  ) throws(OnyxError) -> ValueID {
    let sums = try t.value("MatMulInteger", [a, b, zeroPoints.a, zeroPoints.b], "sums")
    let floats = try t.value("CastLike", [sums, scales.a], "floats")
    let factor = try t.value("Mul", [scales.a, scales.b], "factor")
    return try isResult ? t.result(0, "Mul", [floats, factor]) : t.value("Mul", [floats, factor], "product")
  }

  /// alpha · A' · B' + C, quantized when an output scale is given; the elements of C count alpha · a_scale · b_scale.
  static func gemm(_ t: inout Translation) throws(OnyxError) {
    let alpha = try t.attributes.float("alpha", default: 1)
    let a = try factor(0, "transA", "A", &t)
    let b = try factor(3, "transB", "B", &t)
    var sums = try t.value("MatMulInteger", [a, b, t.input(2), t.input(5)], "sums")
    if let c = t.optional(6) { sums = try t.value("Add", [sums, c], "biased") }
    let floats = try t.value("CastLike", [sums, t.input(1)], "floats")
    var scale = try t.value("Mul", [t.input(1), t.input(4)], "scales")
    if alpha != 1 { scale = try t.value("Mul", [scale, t.scalar(alpha, like: scale, "alpha")], "factor") }
    guard let outputScale = t.optional(7) else {
      guard t.optional(8) == nil else { throw .invalid("The output has a zero point but no scale.") }
      try t.result("Mul", [floats, scale])
      return
    }
    guard let zeroPoint = t.optional(8) else { throw .invalid("The output has a scale but no zero point.") }
    let y = try t.value("Mul", [floats, scale], "product")
    try t.result("QuantizeLinear", [y, outputScale, zeroPoint])
  }

  private static func factor(_ index: Int, _ attribute: String, _ role: String, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let x = try t.input(index)
    guard try t.attributes.flag(attribute, default: false) else { return x }
    return try t.value("Transpose", [x], role, ["perm": .ints([1, 0])])
  }
}
