import OnyxGraph
import OnyxTensor
import Testing

/// Rotations of all or some features. Expected numbers: the reference evaluator of onnx 1.23.2.
struct RotaryEmbeddingTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "RotaryEmbedding",
      [
        f32(
          [
            -0.625, -0.125, 0, 0.625, -0.375, -1, 0, 0.875, 0.875, 0.375, -0.5, -0.125, 0.625, 0.25, 0.75,
            -0.625,
          ], [1, 2, 2, 4]), f32([0.125, -0.75, 0.375, 0.625, -0.875, -0.25, 0.25, 1], [4, 2]),
        f32(
          [
            1, -0.625, 0.25, 0.125, 0.5, 0.625,
            -0.25, -0.25,
          ], [4, 2]), tensor(.int64, [2, 0], [1, 2]),
      ],
      gives: f32(
        [
          0.546875, -0.359375, -0.3125, -0.234375, -0.046875, 1.296875,
          -0.375, -0.03125, -0.515625, -0.015625, 0.875, 0.265625, -0.671875, -0.578125, 0.71875, 0.3125,
        ], [1, 2, 2, 4]), tolerance: 4e-7,
      note: "positions"),
    OperatorCase(
      "RotaryEmbedding",
      [
        f32(
          [
            -0.625, -0.125, 0, 0.625, -0.375, -1, 0, 0.875, 0.875, 0.375, -0.5, -0.125, 0.625, 0.25, 0.75,
            -0.625,
          ], [1, 2, 2, 4]), f32([0.125, -0.75, 0.375, 0.625, -0.875, -0.25, 0.25, 1], [4, 2]),
        f32(
          [
            1, -0.625, 0.25, 0.125, 0.5, 0.625,
            -0.25, -0.25,
          ], [4, 2]), tensor(.int64, [2, 0], [1, 2]),
      ], ["interleaved": .int(1)],
      gives: f32(
        [
          0.609375, -0.203125, -0.390625,
          -0.15625, 0.953125, -0.5, 0.546875, -0.65625, -0.953125, 0.109375, 0.203125, -0.28125, -0.171875, 0.65625, -0.953125, 0,
        ],
        [
          1, 2, 2,
          4,
        ]), tolerance: 4e-7, note: "interleaved"),
    OperatorCase(
      "RotaryEmbedding",
      [
        f32(
          [
            -0.625, -0.125, 0, 0.625, -0.375, -1, 0, 0.875, 0.875, 0.375, -0.5, -0.125, 0.625, 0.25, 0.75,
            -0.625,
          ], [1, 2, 2, 4]), f32([-0.125, 0, 0.625, -0.125], [1, 2, 2]), f32([1, 0.875, 0, -0.625], [1, 2, 2]),
      ],
      gives: f32(
        [
          0.078125,
          -0.546875, -0.625, -0.109375, -0.234375, 0.671875, 0, 0.515625, 0.390625, 0.109375, 0.9375, 0.328125, 0.390625, -0.421875,
          0.46875,
          -0.078125,
        ], [1, 2, 2, 4]), tolerance: 4e-7, note: "caches per token"),
    OperatorCase(
      "RotaryEmbedding",
      [
        f32(
          [
            -0.25, -0.125, -0.75, 1, 0.625, -0.5, -0.5, 0.5, -0.875, -0.375, -0.875, -0.125, 0.125, 0.125,
            -1, -0.5,
          ], [1, 2, 8]), f32([0.125, -0.75, 0.375, 0.625, -0.875, -0.25, 0.25, 1], [4, 2]),
        f32(
          [
            1, -0.625, 0.25, 0.125, 0.5, 0.625,
            -0.25, -0.25,
          ], [4, 2]), tensor(.int64, [2, 0], [1, 2]),
      ], ["num_heads": .int(2)],
      gives: f32(
        [
          0.59375, -0.59375, 0.53125, -0.328125,
          -0.296875, -0.1875, 0.75, -0.4375, 0.765625, 0.203125, -0.984375, 0.328125, 1.015625, -0.40625, 0, 0.296875,
        ], [1, 2, 8]),
      tolerance: 4e-7, note: "rank 3"),
    OperatorCase(
      "RotaryEmbedding",
      [
        f32(
          [
            -0.625, -0.125, 0, 0.625, -0.375, -1, 0, 0.875, 0.875, 0.375, -0.5, -0.125, 0.625, 0.25, 0.75,
            -0.625,
          ], [1, 2, 2, 4]), f32([1, -0.625, 0.25, -0.875], [4, 1]), f32([-0.5, -0.5, 1, 1], [4, 1]), tensor(.int64, [2, 0], [1, 2]),
      ],
      ["rotary_embedding_dim": .int(2)],
      gives: f32(
        [
          -0.03125, -0.65625, 0, 0.625, -0.875, -0.8125, 0, 0.875, -0.15625, 0.96875, -0.5,
          -0.125, 0.75, -0.0625, 0.75, -0.625,
        ], [1, 2, 2, 4]), tolerance: 4e-7, note: "two of four features"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [4, 2]), ramp(.float32, [4, 2]), i64([0, 4], [1, 2])],
      says: "outside 0 ..< 4"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [4, 2]), ramp(.float32, [4, 2]), i64([0, -1], [1, 2])],
      says: "outside 0 ..< 4"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [4, 2]), ramp(.float32, [4, 2]), i64([0, 1])],
      says: "position ids"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [4, 2]), ramp(.float32, [4, 2])],
      says: "Input 1 has the shape"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 2, 4]), ramp(.float32, .scalar), ramp(.float32, .scalar), i64([0, 1], [1, 2])],
      says: "Input 1 has the shape"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [1, 2, 2, 4])],
      ["rotary_embedding_dim": .int(6)], says: "6 of 4 features"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [1, 2, 2, 4])],
      ["rotary_embedding_dim": .int(3)], says: "must be even"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 4]), ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [1, 2, 2, 4])],
      says: "'num_heads'"),
    FailureCase(
      "RotaryEmbedding", [ramp(.float32, [1, 2, 4]), ramp(.float32, [1, 2, 2, 4]), ramp(.float32, [1, 2, 2, 4])],
      ["num_heads": .int(3)], says: "cannot be shared between 3 heads"),
  ]
}
