import OnyxGraph
import OnyxTensor

extension Rewrite {
  /// Two of Relu and Clip in a row become one: Clip(Clip(x, a, b), c, d) → Clip(x, clip(a, c, d), clip(b, c, d)).
  static let mergeClamps = Rewrite(
    "merge-clamps", changes: .exact, inner: .mayStay, pattern: clamp("outer", .anyOf(clamp("inner", .value("x")))),
    when: [
      Clause("The bounds must be constants.") { bounds("inner", $0) != nil && bounds("outer", $0) != nil },
      Clause("A lower bound must not be above its upper bound.") { match in
        [bounds("inner", match), bounds("outer", match)].allSatisfy { $0.map { $0.low <= $0.high } ?? true }
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let inner = bounds("inner", match), let outer = bounds("outer", match) else { throw .bug("Checked bounds are gone.") }
    let x = try match.required("x")
    if match.node("inner")?.op == relu, match.node("outer")?.op == relu { return patch.node(relu, [x]) }
    func constant(_ bound: Double, _ absent: Double) throws(OnyxError) -> ValueID? {
      bound == absent ? nil : patch.constant(try Tensor(number: bound, as: match.elementType))
    }
    let low = try constant(min(max(inner.low, outer.low), outer.high), -.infinity)
    let high = try constant(min(max(inner.high, outer.low), outer.high), .infinity)
    return patch.node("Clip", high == nil ? (low == nil ? [x] : [x, low]) : [x, low, high])
  }

  private static let relu = OperatorName("Relu")

  private static func clamp(_ name: String, _ x: Expression) -> Expression {
    .anyOf(.op("Relu", x, named: name), .op("Clip", x, .optional("\(name).low"), .optional("\(name).high"), named: name))
  }

  /// nil when a bound is not constant, or an integer too large to be computed here.
  private static func bounds(_ name: String, _ match: Match) -> (low: Double, high: Double)? {
    if match.node(name)?.op == relu { return (0, .infinity) }
    func bound(_ key: String, _ absent: Double) -> Double? {
      guard match[key] != nil else { return absent }
      return match.constant(key)?.number.flatMap { match.elementType.isFloating || abs($0) <= 0x1p52 ? $0 : nil }
    }
    guard let low = bound("\(name).low", -.infinity), let high = bound("\(name).high", .infinity) else { return nil }
    return low.isNaN || high.isNaN ? nil : (low, high)
  }
}
