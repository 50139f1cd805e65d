import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// FusedMatMul(a, w, c) · s → FusedMatMul(a, w · s, c · s) for a constant s with one number for each column.
  static let foldScaleIntoMatMul = Rewrite(
    "fold-scale-into-matmul", changes: .rounding,
    pattern: .onyx("FusedMatMul", .value("a"), .constant("w"), .constant("c"), named: "product") * .constant("s"),
    when: [
      Clause("The factor must be one finite number for each column.") { factors($0) != nil },
      Clause("Nothing may follow the bias.") { ($0.node("product")?.text("activation", default: "none") ?? "") == "none" },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let factors = factors(match), let product = match.node("product") else { throw .bug("A checked factor is gone.") }
    let (w, c) = (try match.requiredConstant("w"), try match.requiredConstant("c"))
    return patch.node(
      product.op,
      [
        try match.required("a"), patch.constant(try w.scaled(by: factors, run: 1)),
        patch.constant(try c.scaled(by: factors, run: 1)),
      ],
      product.attributes, like: product)
  }

  private static func factors(_ match: Match) -> [Double]? {
    guard let columns = match.shape("w")?.last?.known, columns > 0, let s = match.constant("s"), s.elementType.isFloating,
      s.elementCount == columns && s.shape.last == columns || s.elementCount == 1, let values = try? s.doubles(),
      values.allSatisfy(\.isFinite)
    else { return nil }
    return values.count == columns ? values : Array(repeating: values[0], count: columns)
  }
}
