import OnyxGraph
import OnyxTensor

extension Rewrite {
  /// x · HardSigmoid(x, 1/6, 1/2) → HardSwish(x), also when the division by 6 comes last.
  static let recogniseHardSwish = Rewrite(
    "recognise-hard-swish", changes: .rounding,
    pattern: .anyOf(
      .value("x") * .op("HardSigmoid", .value("x"), named: "gate"),
      (.value("x") * relu6OfShifted) / 6,
      (.value("x") * relu6OfShifted) * .number(1.0 / 6, ulps: 1)),
    when: [
      Clause("The gate must be HardSigmoid with alpha 1/6 and beta 1/2.") { match in
        guard let gate = match.node("gate") else { return true }
        return abs(gate.float("alpha", default: 0.2) - 1 / 6) <= Float(1.0 / 6).ulp && gate.float("beta", default: 0.5) == 0.5
      }
    ],
    becomes: .op("HardSwish", .value("x")))
}
