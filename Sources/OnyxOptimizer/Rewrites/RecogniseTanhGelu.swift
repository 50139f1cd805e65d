import OnyxGraph
import OnyxTensor

extension Rewrite {
  /// x · ½ · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) → Gelu(x, approximate: tanh), in any bracketing.
  static let recogniseTanhGelu = Rewrite(
    "recognise-tanh-gelu", changes: .rounding, pattern: .value("x") * 0.5 * (1 + .op("Tanh", inner)),
    becomes: .op("Gelu", .value("x"), attributes: ["approximate": .is(.text("tanh"))]))

  private static let x = Expression.value("x")
  private static let coefficient = Expression.number(0.044715, ulps: 1)
  private static let inner =
    .number((2 / Double.pi).squareRoot(), ulps: 1) * (x + .anyOf(coefficient * .op("Pow", x, 3), coefficient * (x * x * x)))
}
