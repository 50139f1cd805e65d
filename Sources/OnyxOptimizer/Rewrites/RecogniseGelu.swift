import OnyxGraph
import OnyxTensor

extension Rewrite {
  /// x · ½ · (1 + erf(x / √2)) → Gelu(x), in any bracketing.
  static let recogniseGelu = Rewrite(
    "recognise-gelu", changes: .rounding, pattern: .value("x") * 0.5 * (1 + .op("Erf", scaled)),
    becomes: .op("Gelu", .value("x"), attributes: ["approximate": .isOrAbsent(.text("none"))]))

  private static let scaled = Expression.anyOf(
    .value("x") / .number(2.0.squareRoot(), ulps: 1), .value("x") * .number(0.5.squareRoot(), ulps: 1))
}
