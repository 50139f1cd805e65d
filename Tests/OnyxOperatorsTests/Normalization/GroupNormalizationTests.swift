import OnyxGraph
import OnyxTensor
import Testing

/// Groups of channels, and each channel alone. Expected numbers: PyTorch 2.15.
struct GroupNormalizationTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "InstanceNormalization", [ramp(.float32, [1, 4, 3]), ramp(.float32, [4], 1), ramp(.float32, [4], 2)],
      gives: f32(
        [3.3249514, -1.5574465, 1.2324952, 3.1237216, -3, -9.123721, 5.2247443, 4, 2.7752557, -3.674233, 0, 3.674233],
        [
          1, 4,
          3,
        ]), tolerance: 4e-07),
    OperatorCase(
      "GroupNormalization", [ramp(.float32, [1, 4, 3]), ramp(.float32, [4], 1), ramp(.float32, [4], 2)],
      ["num_groups": .int(1), "epsilon": .float(0.01)],
      gives: f32(
        [
          3.7530644, -0.4516158, 1.9510586, 5.134054, -0.87263197, -6.879318,
          5.3264766, 4.125139, 2.9238021, -3.0784266, 0.52558506, 4.1295967,
        ], [1, 4, 3]), tolerance: 4e-07),
    OperatorCase(
      "GroupNormalization", [ramp(.float32, [1, 4, 3]), ramp(.float32, [4], 1), ramp(.float32, [4], 2)],
      ["num_groups": .int(2), "epsilon": .float(0.01)],
      gives: f32(
        [
          3.7848637, -0.39243183, 1.9945941, 4.9567533, -1.0108117, -6.9783764,
          5.3613462, 4.151261, 2.941175, -3.176475, 0.45378214, 4.084039,
        ], [1, 4, 3]), tolerance: 4e-07),
    OperatorCase(
      "GroupNormalization", [ramp(.float32, [1, 4, 3]), ramp(.float32, [4], 1), ramp(.float32, [4], 2)],
      ["num_groups": .int(4), "epsilon": .float(0.01)],
      gives: f32(
        [
          3.3235402, -1.5558943, 1.232354, 3.1208558, -3, -9.120856, 5.224171,
          4, 2.7758288, -3.6725135, 0, 3.6725135,
        ], [1, 4, 3]), tolerance: 4e-07),
    OperatorCase(
      "InstanceNormalization", [ramp(.float64, [1, 4, 3]), ramp(.float64, [4], 1), ramp(.float64, [4], 2)],
      gives: f64(
        [
          3.3249513610550774, -1.5574464971605855, 1.2324951361055076, 3.1237214864642446, -3, -9.123721486464245,
          5.224744297292849, 4, 2.775255702707151, -3.6742328918785465, 0, 3.6742328918785465,
        ], [1, 4, 3])),
    OperatorCase(
      "GroupNormalization", [ramp(.float64, [1, 4, 3]), ramp(.float64, [4], 1), ramp(.float64, [4], 2)],
      ["num_groups": .int(1), "epsilon": .float(0.01)],
      gives: f64(
        [
          3.753064489844387, -0.45161582191794936, 1.9510586419462428,
          5.134054174540234, -0.8726319851202464, -6.8793181447807275, 5.326476526925023, 4.125139294992927, 2.9238020630608306,
          -3.078426656825996, 0.5255850389702921, 4.12959673476658,
        ], [1, 4, 3])),
    OperatorCase(
      "GroupNormalization", [ramp(.float64, [1, 4, 3]), ramp(.float64, [4], 1), ramp(.float64, [4], 2)],
      ["num_groups": .int(2), "epsilon": .float(0.01)],
      gives: f64(
        [
          3.784863628079784, -0.3924318140398918, 1.9945941528856372,
          4.956753223085096, -1.010811694228726, -6.978376611542549, 5.361346460500362, 4.151260717833374, 2.941174975166386,
          -3.1764750745008428, 0.45378215350012047, 4.084039381501084,
        ], [1, 4, 3])),
    OperatorCase(
      "GroupNormalization", [ramp(.float64, [1, 4, 3]), ramp(.float64, [4], 1), ramp(.float64, [4], 2)],
      ["num_groups": .int(4), "epsilon": .float(0.01)],
      gives: f64(
        [
          3.323540240604395, -1.5558942646648348, 1.2323540240604394,
          3.120855877971528, -3, -9.120855877971529, 5.224171175594305, 4, 2.7758288244056946, -3.672513526782917, 0, 3.672513526782917,
        ],
        [
          1,
          4, 3,
        ])),
    OperatorCase(
      "InstanceNormalization", [ramp(.float16, [1, 4, 3]), ramp(.float16, [4], 1), ramp(.float16, [4], 2)],
      gives: f16(
        [
          3.32421875, -1.5576171875, 1.232421875, 3.123046875, -3, -9.125, 5.2265625, 4, 2.775390625, -3.673828125, 0,
          3.673828125,
        ], [1, 4, 3])),
    OperatorCase(
      "GroupNormalization", [ramp(.float16, [1, 4, 3]), ramp(.float16, [4], 1), ramp(.float16, [4], 2)],
      ["num_groups": .int(1), "epsilon": .float(0.01)],
      gives: f16(
        [
          3.75390625, -0.45166015625, 1.951171875, 5.1328125, -0.87255859375,
          -6.87890625, 5.328125, 4.125, 2.923828125, -3.078125, 0.525390625, 4.12890625,
        ], [1, 4, 3])),
    OperatorCase(
      "GroupNormalization", [ramp(.float16, [1, 4, 3]), ramp(.float16, [4], 1), ramp(.float16, [4], 2)],
      ["num_groups": .int(2), "epsilon": .float(0.01)],
      gives: f16(
        [
          3.78515625, -0.392333984375, 1.994140625, 4.95703125, -1.0107421875,
          -6.9765625, 5.36328125, 4.15234375, 2.94140625, -3.17578125, 0.453857421875, 4.0859375,
        ], [1, 4, 3])),
    OperatorCase(
      "GroupNormalization", [ramp(.float16, [1, 4, 3]), ramp(.float16, [4], 1), ramp(.float16, [4], 2)],
      ["num_groups": .int(4), "epsilon": .float(0.01)],
      gives: f16(
        [
          3.32421875, -1.5556640625, 1.232421875, 3.12109375, -3, -9.1171875,
          5.22265625, 4, 2.775390625, -3.671875, 0, 3.671875,
        ], [1, 4, 3])),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "GroupNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2])],
      says: "'num_groups' is missing"),
    FailureCase(
      "GroupNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2])], ["num_groups": .int(0)],
      says: "'num_groups' is 0"),
    FailureCase(
      "GroupNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2])], ["num_groups": .int(.max)],
      says: "2 channels cannot be shared"),
    FailureCase(
      "GroupNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2]), ramp(.float32, [2])],
      [
        "num_groups": .int(1),
        "stash_type": .int(7),
      ], says: "'stash_type' is int64"),
    FailureCase("InstanceNormalization", [ramp(.float32, [2]), ramp(.float32, [2]), ramp(.float32, [2])], says: "rank 1"),
    FailureCase(
      "InstanceNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [3]), ramp(.float32, [2])],
      says: "3 elements for 2 channels"),
  ]
}
