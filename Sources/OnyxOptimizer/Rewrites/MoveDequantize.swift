import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// f(DequantizeLinear(x)) → DequantizeLinear(f(x)) for an f that only moves elements or takes their maximum: fewer bytes move,
  /// and the DequantizeLinear may meet a QuantizeLinear.
  static let moveDequantize = Rewrite(
    "move-dequantize", changes: .exact,
    pattern: .anyOf(
      ["Transpose", "Flatten", "MaxPool", "Identity"].map { .op($0, .dequantized("x"), named: "inner") }
        + ["Reshape", "Squeeze", "Unsqueeze"].map { .op($0, .dequantized("x"), .optional("shape"), named: "inner") }),
    when: [
      .oneQuantization("x"),
      Clause("The node must have one output.") { $0.node("inner").map { $0.outputs.count == 1 } ?? false },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let inner = match.node("inner"), let node = match.node("x.node") else { throw .bug("A checked node is gone.") }
    var inputs: [ValueID?] = [try match.required("x"), match["shape"]]
    if inputs[1] == nil { inputs.removeLast() }
    let moved = patch.node(inner.op, inputs, inner.attributes, like: inner)
    var parameters: [ValueID?] = [moved, try match.required("x.scale"), match["x.zero"]]
    if parameters[2] == nil { parameters.removeLast() }
    return patch.node(node.op, parameters, node.attributes, like: node)
  }

  /// QuantizeLinear(DequantizeLinear(x)) → x for one and the same scale and zero point.
  static let removeQuantizeOfDequantize = Rewrite(
    "remove-quantize-of-dequantize", changes: .exact, inner: .mayStay, pattern: .quantized(.dequantized("x")),
    when: [
      .oneQuantization("x", "y"),
      Clause("Both must have the same scale, zero point and type.") { match in
        match.scales("x") == match.scales("y") && match.zeroPoints("x") == match.zeroPoints("y")
          && match.byteType("x") == match.byteType("y")
      },
      // Products and quotients with such a scale stay in the normal range, so that the quotient rounds to the byte again.
      Clause("The scale must be of an ordinary size.") { match in match.scales("x")?.first.map { (1e-30...1e30).contains($0) } ?? false },
    ]
  ) { (match, _) throws(OnyxError) in try match.required("x") }
}
