import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// QuantizeLinear(Gemm(DequantizeLinear(a), DequantizeLinear(b), c)) → QuantizedGemm, MatMul likewise, and both without the
  /// QuantizeLinear. The sum is exact instead of rounded.
  static let fuseQuantizedGemm = Rewrite(
    "fuse-quantized-gemm", changes: .rounding, inner: .mayStay,
    pattern: .anyOf(.quantized(.quantizedGemm), .quantized(.quantizedMatMul), .quantizedGemm, .quantizedMatMul),
    when: [
      .oneQuantization("x"),
      Clause("The right factor must be a constant matrix of bytes with a scale for all or for each column.") { match in
        match.constant("w") != nil && match.shape("w")?.count == 2 && match.shape("x").map { $0.count >= 2 } ?? false && columnScales(match)
      },
      Clause("The addend must be one number, or one for each column.") { match in
        guard match["c"] != nil else { return true }
        guard let c = match.shape("c"), let columns = match.result?.shape?.last else { return false }
        return c.allSatisfy { $0 == 1 } || c.last == columns && c.dropLast().allSatisfy { $0 == 1 }
      },
      Clause("The output must be bytes with one constant scale and zero point, or floats that nothing quantizes.") { match in
        guard let product = match.node("product"), case let output?? = product.outputs.first else { return false }
        let readers = match.workspace.readers(of: output)
        if match.node("y.node") != nil {
          return match.isOneQuantization("y") && readers.count == 1 && !match.workspace.pinned.contains(output)
        }
        return match.elementType == .float32 && !readers.contains { match.workspace.node($0)?.op == OperatorName("QuantizeLinear") }
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let product = match.node("product") else { throw .bug("A checked product is gone.") }
    var inputs = try match.parameters("x", in: &patch) + match.parameters("w", in: &patch)
    inputs += try match.node("y.node") == nil ? [nil, nil] : match.outputParameters(in: &patch)
    var c = match["c"]
    if let value = c, let shape = match.shape("c"), shape.count > 1 {
      let target = patch.constant(try Tensor([Int64(-1)], shape: Shape([1])))
      c = patch.node("Reshape", [value, target])
    }
    inputs.append(c)
    while inputs.last == .some(nil) { inputs.removeLast() }
    let attributes: [String: Attribute] = product.int("transB", default: 0) == 1 ? ["trans_b": .int(1)] : [:]
    return patch.node(OperatorName("QuantizedGemm", domain: "onyx"), inputs, attributes, like: product)
  }

  private static func columnScales(_ match: Match) -> Bool {
    guard match.byteType("w") != nil, let node = match.node("w.node"), let shape = match.constant("w")?.shape,
      let scales = match.scales("w"),
      let points = match.zeroPoints("w"), scales.allSatisfy({ $0.isFinite && $0 > 0 })
    else { return false }
    let columnAxis = match.node("product")?.int("transB", default: 0) == 1 ? 0 : 1
    let axis = node.int("axis", default: 1)
    return scales.count == 1 && points.count == 1
      || scales.count == shape[columnAxis] && [1, scales.count].contains(points.count) && (axis == columnAxis || axis == columnAxis - 2)
  }
}

extension Expression {
  fileprivate static let quantizedGemm = Expression.op(
    "Gemm", .dequantized("x"), .dequantized("w"), .optional("c"),
    attributes: ["alpha": .isOrAbsent(.float(1)), "beta": .isOrAbsent(.float(1)), "transA": .isOrAbsent(.int(0))], named: "product")
  fileprivate static let quantizedMatMul = Expression.op("MatMul", .dequantized("x"), .dequantized("w"), named: "product")
}

extension Rewrite {
  /// QuantizeLinear(MatMul(DequantizeLinear(x), DequantizeLinear(w))) → QLinearMatMul for two runtime factors.
  static let fuseQuantizedMatMul = Rewrite(
    "fuse-quantized-matmul", changes: .rounding, inner: .mayStay,
    pattern: .quantized(.quantizedMatMul),
    when: [
      .oneQuantization("x", "w", "y"), .readOnce("product"),
      Clause("Both factors must be matrices.") { match in
        (match.shape("x")?.count ?? 0) >= 2 && (match.shape("w")?.count ?? 0) >= 2
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    let inputs = try match.parameters("x", in: &patch) + match.parameters("w", in: &patch) + match.outputParameters(in: &patch)
    return patch.node(OperatorName("QLinearMatMul"), inputs, [:], like: match.node("product"))
  }
}
