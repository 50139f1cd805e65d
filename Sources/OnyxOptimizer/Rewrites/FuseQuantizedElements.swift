import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// QuantizeLinear(DequantizeLinear(x) + DequantizeLinear(w)) → QuantizedBinary, products likewise.
  static let fuseQuantizedBinary = Rewrite(
    "fuse-quantized-binary", changes: .exact, inner: .mayStay,
    pattern: .anyOf(
      .quantized(.op("Add", .dequantized("x"), .dequantized("w"), named: "inner")),
      .quantized(.op("Mul", .dequantized("x"), .dequantized("w"), named: "inner"))),
    when: [.oneQuantization("x", "w", "y"), .readOnce("inner")]
  ) { (match, patch) throws(OnyxError) in
    guard let inner = match.node("inner") else { throw .bug("A checked node is gone.") }
    let inputs = try match.parameters("x", in: &patch) + match.parameters("w", in: &patch) + match.outputParameters(in: &patch)
    return patch.node(OperatorName("QuantizedBinary", domain: "onyx"), inputs, ["operation": .text(inner.op.name)], like: inner)
  }

  /// QuantizeLinear(GlobalAveragePool(DequantizeLinear(x))) → QuantizedMean. The sum is exact instead of rounded.
  static let fuseQuantizedMean = Rewrite(
    "fuse-quantized-mean", changes: .rounding, inner: .mayStay,
    pattern: .quantized(.op("GlobalAveragePool", .dequantized("x"), named: "inner")),
    when: [
      .oneQuantization("x", "y"), .readOnce("inner"),
      Clause("The input must have spatial axes.") { $0.shape("x").map { $0.count > 2 } ?? false },
    ]
  ) { (match, patch) throws(OnyxError) in
    let inputs = try match.parameters("x", in: &patch) + match.outputParameters(in: &patch)
    return patch.node(OperatorName("QuantizedMean", domain: "onyx"), inputs, [:], like: match.node("inner"))
  }

  /// QuantizeLinear(f(DequantizeLinear(x))) → a table of the 256 results of f's reference, for a function of one element.
  static let fuseByteTable = Rewrite(
    "fuse-byte-table", changes: .rounding, inner: .mayStay,
    pattern: .anyOf(
      byteFunctions.map { .quantized(.op($0, .dequantized("x"), named: "inner")) } + [
        .quantized(.op("Clip", .dequantized("x"), .optional("low"), .optional("high"), named: "inner"))
      ]),
    when: [
      .oneQuantization("x", "y"), .readOnce("inner"),
      Clause("The bounds must be constants.") { match in
        ["low", "high"].allSatisfy { match[$0] == nil || match.constant($0) != nil }
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let inner = match.node("inner"), let type = match.byteType("x"), let zero = match.zeroPoints("x")?.first else {
      throw .bug("A checked function is gone.")
    }
    // Entry i belongs to the byte with the bits of i.
    let bytes = (0..<256).map { (index: Int64) in type == .int8 && index > 127 ? index - 256 : index }
    let x = try Tensor(integral: bytes, as: type, shape: Shape([256]))
    let xParameters = [try match.requiredConstant("x.scale"), try Tensor(integral: [zero], as: type, shape: .scalar)]
    let real = try evaluate("DequantizeLinear", [x] + xParameters)
    let function = try evaluate(inner.op.name, [real] + ["low", "high"].map { match.constant($0) }, inner.attributes)
    guard let yType = match.byteType("y"), let yZero = match.zeroPoints("y")?.first else { throw .bug("A checked output is gone.") }
    let table = try evaluate(
      "QuantizeLinear", [function, try match.requiredConstant("y.scale"), try Tensor(integral: [yZero], as: yType, shape: .scalar)])
    return patch.node(OperatorName("ByteTable", domain: "onyx"), [try match.required("x"), patch.constant(table)], [:], like: inner)
  }

  private static let byteFunctions = ElementFunction.names(for: [.activation, .blocks]).filter { $0 != "Clip" } + ["Sqrt"]

  /// The one result of a standard operator.
  private static func evaluate(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) throws(OnyxError) -> Tensor {
    var inputs = inputs
    while let last = inputs.last, last == nil { inputs.removeLast() }
    let node = Node(
      op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { inputs[$0] == nil ? nil : ValueID($0) },
      outputs: [ValueID(inputs.count)], attributes: attributes)
    guard let result = try Catalog.makeTensorOperator(node).evaluate(inputs).first else {
      throw .bug("The operator \(op) gave no result.")
    }
    return result
  }

  /// QuantizeLinear(Relu(x)) → QuantizeLinear(x) where zero is the least byte, and Clip where its bounds are past the bytes'.
  static let removeClampBeforeQuantize = Rewrite(
    "remove-clamp-before-quantize", changes: .exact,
    pattern: .anyOf(
      .quantized(.op("Relu", .value("x"), named: "inner")),
      .quantized(.op("Clip", .value("x"), .optional("low"), .optional("high"), named: "inner"))),
    when: [
      .oneQuantization("y"),
      Clause("The bounds must quantize to the least and the greatest byte.") { match in
        guard let type = match.byteType("y"), let scale = match.scales("y")?.first, let zero = match.zeroPoints("y")?.first else {
          return false
        }
        let range = Match.byteRange(type)
        let isRelu = match.node("inner")?.op == OperatorName("Relu")
        func byte(_ name: String, absent: Float) -> Float? {
          guard match[name] != nil else { return absent }
          return match.constant(name)?.number.map { Float($0) }
        }
        guard let low = isRelu ? 0 : byte("low", absent: -.infinity), let high = byte("high", absent: .infinity) else { return false }
        return (low / scale).rounded(.toNearestOrEven) + Float(zero) <= Float(range.lowerBound)
          && (high / scale).rounded(.toNearestOrEven) + Float(zero) >= Float(range.upperBound)
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("y.node") else { throw .bug("A checked node is gone.") }
    var inputs: [ValueID?] = [try match.required("x"), try match.required("y.scale"), match["y.zero"]]
    while inputs.last == .some(nil) { inputs.removeLast() }
    return patch.node(node.op, inputs, node.attributes, like: node)
  }
}
