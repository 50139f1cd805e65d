import OnyxGraph
import OnyxTensor

extension Rewrite {
  /// clip(x + 3, 0, 6) / 6 → HardSigmoid(x, 1/6, 1/2)
  static let recogniseHardSigmoid = Rewrite(
    "recognise-hard-sigmoid", changes: .rounding,
    pattern: .anyOf(relu6OfShifted / 6, relu6OfShifted * .number(1.0 / 6, ulps: 1)),
    when: [floatingResult],
    becomes: .op("HardSigmoid", .value("x"), attributes: ["alpha": .is(.float(1 / 6)), "beta": .is(.float(0.5))]))

  /// clip(x + 3, 0, 6)
  static let relu6OfShifted = Expression.op("Clip", .value("x") + 3, 0, 6)

  static let floatingResult = Clause("The elements must be floating.") { $0.elementType.isFloating }
}
