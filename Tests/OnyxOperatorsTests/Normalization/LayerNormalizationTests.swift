import OnyxGraph
import OnyxTensor
import Testing

/// LayerNormalization and RMSNormalization. Expected numbers: PyTorch 2.15.
struct LayerNormalizationTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "LayerNormalization", [ramp(.float32, [2, 2, 3]), ramp(.float32, [3], 1), ramp(.float32, [3], 2)], ["axis": .int(-1)],
      gives: f32(
        [3.3249514, 3.3936162, 3.8837523, -1.4494886, -3, 2.7752557, -1.4494886, -3, 2.7752557, -1.4494886, -3, 2.7752557],
        [
          2,
          2, 3,
        ]), f32([-1.6666666, 1, 0, -1], [2, 2, 1]), f32([0.3487427, 0.30618608, 0.30618608, 0.30618608], [2, 2, 1]), tolerance: 4e-07),
    OperatorCase(
      "RMSNormalization", [ramp(.float32, [2, 2, 3]), ramp(.float32, [3], 1)], ["axis": .int(-1)],
      gives: f32(
        [
          3.0151122,
          3.0151122, -0.6030224, -2.9276989, 1.4638494, -0.87830967, -2.4494886, 0, -1.2247443, -1.7566193, -1.4638494, -1.4638494,
        ],
        [
          2, 2,
          3,
        ])),
    OperatorCase(
      "LayerNormalization", [ramp(.float32, [2, 2, 3]), ramp(.float32, [2, 3], 1), ramp(.float32, [2, 3], 2)],
      ["axis": .int(1)],
      gives: f32(
        [
          3.786103, 0.4826286, 3.5024817, -4.7761765, -2.407941, 3, -1.7239385, -2.2433505, 2.9406905,
          -3.1779282, -4.6053195, 3,
        ], [2, 2, 3]), f32([-0.33333334, -0.5], [2, 1, 1]), f32([0.29851103, 0.30265984], [2, 1, 1]),
      tolerance: 4e-07),
    OperatorCase(
      "RMSNormalization", [ramp(.float32, [2, 2, 3]), ramp(.float32, [2, 3], 1)], ["axis": .int(1)],
      gives: f32(
        [
          2.9704413,
          2.9704413, -0.59408826, -4.455662, 1.1881765, -0.0, -2.3940213, 0, -1.1970106, -2.693274, -1.1970106, -0.0,
        ], [2, 2, 3])),
    OperatorCase(
      "LayerNormalization", [ramp(.float64, [2, 2, 3]), ramp(.float64, [3], 1), ramp(.float64, [3], 2)], ["axis": .int(-1)],
      gives: f64(
        [
          3.3249513610550774, 3.393616242901464, 3.8837524319472463, -1.4494885945856977, -3, 2.775255702707151,
          -1.4494885945856977, -3, 2.775255702707151, -1.4494885945856977, -3, 2.775255702707151,
        ], [2, 2, 3]),
      f32(
        [-1.6666666, 1, 0, -1],
        [2, 2, 1]), f32([0.3487427, 0.30618608, 0.30618608, 0.30618608], [2, 2, 1])),
    OperatorCase(
      "RMSNormalization", [ramp(.float64, [2, 2, 3]), ramp(.float64, [3], 1)], ["axis": .int(-1)],
      gives: f64(
        [
          3.0151120752724934, 3.0151120752724934, -0.6030224150544987, -2.9276989641177726, 1.4638494820588863,
          -0.8783096892353317, -2.4494885945856977, 0, -1.2247442972928488, -1.7566193784706634, -1.4638494820588863, -1.4638494820588863,
        ],
        [2, 2, 3])),
    OperatorCase(
      "LayerNormalization", [ramp(.float64, [2, 2, 3]), ramp(.float64, [2, 3], 1), ramp(.float64, [2, 3], 2)],
      ["axis": .int(1)],
      gives: f64(
        [
          3.786102891255306, 0.48262861406913204, 3.5024816265615524, -4.776176385009096, -2.407941204996968,
          3, -1.723938422843652, -2.243350438098986, 2.94069061333858, -3.17792815998426, -4.605319649520812, 3,
        ], [2, 2, 3]),
      f32([-0.33333334, -0.5], [2, 1, 1]), f32([0.29851103, 0.30265984], [2, 1, 1])),
    OperatorCase(
      "RMSNormalization", [ramp(.float64, [2, 2, 3]), ramp(.float64, [2, 3], 1)], ["axis": .int(1)],
      gives: f64(
        [
          2.970441318441528, 2.970441318441528, -0.5940882636883056, -4.455661977662292, 1.1881765273766112, -0.0,
          -2.394021334708735, 0, -1.1970106673543675, -2.693274001547327, -1.1970106673543675, -0.0,
        ], [2, 2, 3])),
    OperatorCase(
      "LayerNormalization", [ramp(.float16, [2, 2, 3]), ramp(.float16, [3], 1), ramp(.float16, [3], 2)], ["axis": .int(-1)],
      gives: f16(
        [
          3.32421875, 3.39453125, 3.8828125, -1.44921875, -3, 2.775390625, -1.44921875, -3, 2.775390625, -1.44921875, -3,
          2.775390625,
        ], [2, 2, 3]), f32([-1.6666666, 1, 0, -1], [2, 2, 1]), f32([0.3487427, 0.30618608, 0.30618608, 0.30618608], [2, 2, 1])),
    OperatorCase(
      "RMSNormalization", [ramp(.float16, [2, 2, 3]), ramp(.float16, [3], 1)], ["axis": .int(-1)],
      gives: f16(
        [
          3.015625,
          3.015625, -0.60302734375, -2.927734375, 1.4638671875, -0.87841796875, -2.44921875, 0, -1.224609375, -1.7568359375, -1.4638671875,
          -1.4638671875,
        ], [2, 2, 3])),
    OperatorCase(
      "LayerNormalization", [ramp(.float16, [2, 2, 3]), ramp(.float16, [2, 3], 1), ramp(.float16, [2, 3], 2)],
      ["axis": .int(1)],
      gives: f16(
        [
          3.78515625, 0.482666015625, 3.501953125, -4.77734375, -2.408203125, 3, -1.7236328125, -2.244140625,
          2.94140625, -3.177734375, -4.60546875, 3,
        ], [2, 2, 3]), f32([-0.33333334, -0.5], [2, 1, 1]),
      f32(
        [0.29851103, 0.30265984],
        [
          2, 1,
          1,
        ])),
    OperatorCase(
      "RMSNormalization", [ramp(.float16, [2, 2, 3]), ramp(.float16, [2, 3], 1)], ["axis": .int(1)],
      gives: f16(
        [
          2.970703125,
          2.970703125, -0.59423828125, -4.45703125, 1.1884765625, -0.0, -2.39453125, 0, -1.197265625, -2.693359375, -1.197265625, -0.0,
        ],
        [
          2,
          2, 3,
        ])),
    OperatorCase(
      "LayerNormalization", [ramp(.bfloat16, [2, 2, 3]), ramp(.bfloat16, [3], 1), ramp(.bfloat16, [3], 2)],
      ["axis": .int(-1)],
      gives: bf16(
        [
          3.328125, 3.390625, 3.890625, -1.453125, -3, 2.78125, -1.453125, -3, 2.78125, -1.453125, -3,
          2.78125,
        ], [2, 2, 3]), f32([-1.6666666, 1, 0, -1], [2, 2, 1]), f32([0.3487427, 0.30618608, 0.30618608, 0.30618608], [2, 2, 1])),
    OperatorCase(
      "RMSNormalization", [ramp(.bfloat16, [2, 2, 3]), ramp(.bfloat16, [3], 1)], ["axis": .int(-1)],
      gives: bf16(
        [
          3.015625,
          3.015625, -0.6015625, -2.921875, 1.4609375, -0.87890625, -2.453125, 0, -1.2265625, -1.7578125, -1.4609375, -1.4609375,
        ], [2, 2, 3])),
    OperatorCase(
      "LayerNormalization", [ramp(.bfloat16, [2, 2, 3]), ramp(.bfloat16, [2, 3], 1), ramp(.bfloat16, [2, 3], 2)],
      ["axis": .int(1)],
      gives: bf16(
        [
          3.78125, 0.482421875, 3.5, -4.78125, -2.40625, 3, -1.7265625, -2.25, 2.9375, -3.171875, -4.59375,
          3,
        ], [2, 2, 3]), f32([-0.33333334, -0.5], [2, 1, 1]), f32([0.29851103, 0.30265984], [2, 1, 1])),
    OperatorCase(
      "RMSNormalization", [ramp(.bfloat16, [2, 2, 3]), ramp(.bfloat16, [2, 3], 1)], ["axis": .int(1)],
      gives: bf16(
        [
          2.96875,
          2.96875, -0.59375, -4.46875, 1.1875, -0.0, -2.390625, 0, -1.1953125, -2.6875, -1.1953125, -0.0,
        ], [2, 2, 3])),
    OperatorCase(
      "LayerNormalization", [ramp(.float32, [2, 3]), ramp(.float32, [2, 1], 1)],
      gives: f32(
        [
          2.3249514, -2.5574465,
          0.23249513, 6.1237216, 0, -6.1237216,
        ], [2, 3]), tolerance: 4e-07, note: "scale along a row"),
    OperatorCase(
      "LayerNormalization", [ramp(.float32, [2, 3]), f32([2], .scalar)], ["axis": .int(0), "stash_type": .int(16)],
      gives: f32([-2.786103, 1.3930515, -0.9950367, 3.1841176, 0.7960294, -1.5920588], [2, 3]), bf16([-0.333984375], [1, 1]),
      bf16([0.298828125], [1, 1]), tolerance: 4e-07, note: "bfloat16 statistics"),
    OperatorCase(
      "RMSNormalization", [ramp(.float16, [2, 3]), ramp(.float32, [3], 1)],
      gives: f32(
        [
          3.0151122, 3.0151122, -0.6030224,
          -2.9276989, 1.4638494, -0.87830967,
        ], [2, 3]), note: "the type of the scale"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "LayerNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2])], ["axis": .int(3)],
      says: "Axis 3 is outside the rank 3"),
    FailureCase(
      "LayerNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2])], ["axis": .int(.min)],
      says: "is outside the rank 3"),
    FailureCase("LayerNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [3])], says: "cannot be broadcast"),
    FailureCase("LayerNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [1, 1, 2, 2])], says: "cannot be broadcast"),
    FailureCase(
      "LayerNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [2])], ["stash_type": .int(11)],
      says: "'stash_type' is float64"),
    FailureCase("RMSNormalization", [ramp(.float32, .scalar), ramp(.float32, [2])], says: "is outside the rank 0"),
    FailureCase("RMSNormalization", [ramp(.float32, [1, 2, 2]), ramp(.float32, [3])], says: "cannot be broadcast"),
  ]
}
