import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// d / √(mean(d²) + ε) · scale with d = x − mean(x) → LayerNormalization(x, scale)
  static let recogniseLayerNormalization = Rewrite(
    "recognise-layer-normalization", changes: .rounding,
    pattern: normalized * .value("scale"),
    when: [
      Clause("The means must be over the same last axes, which are kept.") { firstAxis($0) != nil },
      Clause("The scale must have the shape of the normalized axes.") { match in
        guard let x = match.shape("x"), let first = firstAxis(match) else { return false }
        return match.shape("scale") == Array(x[first...])
      },
      Clause("LayerNormalization computes in float32, so the elements must not be wider.") { match in
        match.elementType(of: "x").map { [.float32, .float16, .bfloat16].contains($0) } ?? false
      },
      Clause("The epsilon must be one positive number.") { match in (match.constant("epsilon")?.number).map { $0 > 0 } ?? false },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let epsilon = match.constant("epsilon")?.number, let axis = firstAxis(match) else { throw .bug("A checked constant is gone.") }
    let rank = match.shape("x")?.count ?? 0
    return patch.node(
      "LayerNormalization", [try match.required("x"), try match.required("scale")],
      ["axis": .int(Int64(axis - rank)), "epsilon": .float(Float(epsilon))])
  }

  private static let deviation = (Expression.value("x") - mean(.value("x"), "mean")).named("deviation")
  private static let square = Expression.anyOf(.op("Pow", deviation, 2), deviation * deviation)
  private static let spread = Expression.op("Sqrt", mean(square, "variance") + .constant("epsilon"))
  private static let normalized = Expression.anyOf(deviation / spread, deviation * .op("Reciprocal", spread))

  /// The mean over all axes after two may have its other form already.
  private static func mean(_ x: Expression, _ name: String) -> Expression {
    .anyOf(.op("ReduceMean", x, .optional("\(name).axes"), named: name), .op("GlobalAveragePool", x, named: name))
  }

  /// The first of the normalized axes, when both means are over all axes from it on.
  private static func firstAxis(_ match: Match) -> Int? {
    guard let rank = match.shape("x")?.count else { return nil }
    var first: Int?
    for name in ["mean", "variance"] {
      guard let node = match.node(name), node.int("keepdims", default: 1) == 1 else { return nil }
      let isPool = node.op == OperatorName("GlobalAveragePool")
      guard let given = isPool ? Array(2..<max(rank, 2)) : try? match.constant("\(name).axes")?.ints() else { return nil }
      let axes = Set(given.map { $0 < 0 ? $0 + rank : $0 })
      guard let least = axes.min(), least >= 0, axes == Set(least..<rank), first ?? least == least else { return nil }
      first = least
    }
    return first
  }
}
