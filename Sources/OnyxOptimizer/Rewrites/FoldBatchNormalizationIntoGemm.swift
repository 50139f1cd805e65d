import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// BatchNormalization(Gemm(A, B, C)) → Gemm with each column of B times its factor, and factor · beta · C + shift.
  static let foldBatchNormalizationIntoGemm = Rewrite(
    "fold-batch-normalization-into-gemm", changes: .rounding,
    pattern: .normalization(of: .op("Gemm", .value("a"), .constant("b"), .optional("c"), named: "gemm")),
    when: [
      Clause("Factors and shifts must be finite.") { $0.normalization != nil },
      Clause("The input 'C' must be a constant with one number for each column.") { columns($0) != nil },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let (factors, shifts) = match.normalization, let columns = columns(match), let gemm = match.node("gemm") else {
      throw .bug("Checked constants are gone.")
    }
    let count = columns.count
    guard factors.count == count else { throw .invalid("The normalization is not for the columns of the product.") }
    let b = try match.requiredConstant("b")
    let isTransposed = gemm.int("transB", default: 0) != 0
    let depth = count == 0 ? 1 : max(b.elementCount / count, 1)
    let scaled = try b.scaled(by: factors, run: isTransposed ? depth : 1)
    // C that is absent or has the factor 0 does not count, whatever the other is.
    let beta = match["c"] == nil ? 1 : Double(gemm.float("beta", default: 1))
    let c = columns.indices.map { (beta == 0 ? 0 : columns[$0] * beta * factors[$0]) + shifts[$0] }
    var attributes = gemm.attributes
    attributes["beta"] = nil
    return patch.node(
      gemm.op,
      [
        try match.required("a"), patch.constant(scaled),
        patch.constant(try Tensor(floating: c, as: match.elementType, shape: try Shape([count]))),
      ],
      attributes, like: gemm)
  }

  /// The addend of each column; zeros when there is none.
  private static func columns(_ match: Match) -> [Double]? {
    guard let count = match.result?.shape?.last?.known else { return nil }
    guard match["c"] != nil else { return Array(repeating: 0, count: count) }
    return match.constant("c").flatMap { ChannelVector.read($0, channels: count, rank: 2) }
  }
}
