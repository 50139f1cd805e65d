import OnyxGraph
import OnyxTensor
import Testing

/// Equal numbers have themselves as their mean and no variance: what is left of them is the bias.
struct EqualNumberTests {
  private static func equal(_ value: Double, _ shape: Shape) -> Tensor {
    f32(Array(repeating: value, count: shape.elementCount), shape)
  }

  static let cases: [OperatorCase] = [
    OperatorCase("MeanVarianceNormalization", [equal(0.7, [1, 2, 50, 50])], gives: equal(0, [1, 2, 50, 50])),
    OperatorCase("InstanceNormalization", [equal(0.7, [1, 2, 99]), f32([3, -2]), f32([1, 1])], gives: equal(1, [1, 2, 99])),
    OperatorCase(
      "GroupNormalization", [equal(-1234.1, [1, 2, 99]), f32([3, -2]), f32([1, 1])], ["num_groups": .int(1)], gives: equal(1, [1, 2, 99])),
    OperatorCase(
      "LayerNormalization", [equal(1234.1, [1, 768]), equal(5, [768]), equal(1, [768])], gives: equal(1, [1, 768]), f32([1234.1], [1, 1]),
      f32([316.22776], [1, 1])),
    OperatorCase(
      "BatchNormalization", [equal(1234.1, [3, 1, 99]), f32([7]), f32([1]), f32([0]), f32([1])], ["training_mode": .int(1)],
      gives: equal(1, [3, 1, 99]), f32([123.41]), f32([0.9]), tolerance: 1e-6),
    OperatorCase("InstanceNormalization", [equal(1e30, [1, 1, 100_000]), f32([3]), f32([1])], gives: equal(1, [1, 1, 100_000])),
  ]

  @Test(arguments: cases) func giveTheBias(_ row: OperatorCase) throws { try row.run() }
}
