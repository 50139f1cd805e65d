import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// BatchNormalization(Reshape(MatMul(a, w))) → Reshape(FusedMatMul(a, w · factor, shift)) where the normalization is over the columns.
  static let foldBatchNormalizationIntoMatMul = Rewrite(
    "fold-batch-normalization-into-matmul", changes: .rounding,
    pattern: .anyOf([
      .normalization(of: .op("Reshape", product, .value("shape"), named: "move")),
      .normalization(of: .op("Flatten", product, named: "move")),
    ]),
    when: [
      .isFloat32,
      Clause("Factors and shifts must be finite.") { $0.normalization != nil },
      Clause("The normalization must be over the columns of the product.") { match in
        guard let w = match.constant("w")?.shape, w.rank == 2, let rows = match.result?.shape, rows.count == 2 else { return false }
        return rows[1].known == w[1] && match.normalization?.factors.count == w[1]
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let (factors, shifts) = match.normalization, let move = match.node("move") else { throw .bug("Checked constants are gone.") }
    let w = try match.requiredConstant("w")
    let product = patch.node(
      OperatorName("FusedMatMul", domain: "onyx"),
      [
        try match.required("a"), patch.constant(try w.scaled(by: factors, run: 1)),
        patch.constant(try Tensor(floating: shifts, as: match.elementType, shape: try Shape([shifts.count]))),
      ], like: match.node("product"))
    return patch.node(move.op, [product] + (match["shape"].map { [$0] } ?? []), move.attributes, like: move)
  }

  private static let product = Expression.op("MatMul", .value("a"), .constant("w"), named: "product")
}
