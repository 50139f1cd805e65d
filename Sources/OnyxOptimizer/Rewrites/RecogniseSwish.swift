import OnyxGraph
import OnyxTensor

extension Rewrite {
  /// x · sigmoid(x) → Swish(x)
  static let recogniseSwish = Rewrite(
    "recognise-swish", changes: .rounding, pattern: .value("x") * .op("Sigmoid", .value("x")),
    becomes: .op("Swish", .value("x"), attributes: ["alpha": .isOrAbsent(.float(1))]))
}
