import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// ReduceMean and ReduceMax over all spatial axes → GlobalAveragePool and GlobalMaxPool.
  static let recogniseGlobalReduction = Rewrite(
    "recognise-global-reduction", changes: .rounding,
    pattern: .anyOf(
      .op("ReduceMean", .value("x"), .optional("axes"), named: "reduce"),
      .op("ReduceMax", .value("x"), .optional("axes"), named: "reduce")),
    when: [
      Clause("The axes must be all after batch and channels.") { match in
        guard let rank = match.shape("x")?.count, rank >= 3, let axes = try? match.constant("axes")?.ints() else { return false }
        return Set(axes.map { $0 < 0 ? $0 + rank : $0 }) == Set(2..<rank)
      },
      Clause("The reduced axes must be kept.") { $0.node("reduce")?.int("keepdims", default: 1) == 1 },
      Clause("The elements must be floating.") { $0.elementType(of: "x").map(Set.floats.contains) ?? false },
    ]
  ) { (match, patch) throws(OnyxError) in
    let isMean = match.node("reduce")?.op == OperatorName("ReduceMean")
    return patch.node(isMean ? "GlobalAveragePool" : "GlobalMaxPool", [try match.required("x")])
  }
}
