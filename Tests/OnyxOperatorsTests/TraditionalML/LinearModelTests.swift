import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Linear models. Expected numbers: ONNX Runtime 1.32, unless a row says otherwise.
struct LinearModelTests {
  @Test(arguments: cases + casesByHand) func gives(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.LinearRegressor", [f32([-0.819492936, -0.650819957, -1.03028488], [1, 3])],
      [
        "coefficients": .floats([
          0.495349407, -1.41930056, -0.660850585, -0.412850469, -1.15621066, -1.37099969, -1.0060817, -0.0119236419, 0.589982152,
        ]), "targets": .int(3), "post_transform": .text("SOFTMAX"),
      ],
      gives: f32([0.197470784, 0.727988899, 0.0745402947], [1, 3]), tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearRegressor", [f32([0.742005587, 2.75119615], [2, 1])],
      [
        "coefficients": .floats([-0.773641944, 1.0164479, 0.13996774]), "intercepts": .floats([-0.379746616, -0.755662501, 0.296268672]),
        "targets": .int(3), "post_transform": .text("NONE"),
      ],
      gives: f32([-0.953793287, -0.00145250559, 0.400125504, -2.50818729, 2.04078507, 0.68134737], [2, 3]), tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearRegressor", [f32([4.38152838, 0.645905793, -0.173691019, 0.60625273], [1, 4])],
      [
        "coefficients": .floats([
          -0.018964693, 2.09932494, -0.882021248, 0.694050193, -1.00182676, 1.817101, -0.330565453, -0.0581892729, 0.924236894, 1.2553407,
          -1.11187685, -0.346158981,
        ]), "targets": .int(3), "post_transform": .text("SOFTMAX"),
      ],
      gives: f32([0.0475549139, 0.00030768686, 0.95213747], [1, 3]), tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearRegressor", [f32([-1.56215215, 3.09457016, 2.8377037, -1.47678626], [4, 1])],
      [
        "coefficients": .floats([-0.498116404, -1.58406579]), "intercepts": .floats([-1.2801789, -1.21038961]), "targets": .int(2),
        "post_transform": .text("SOFTMAX_ZERO"),
      ],
      gives: f32([0.146014616, 0.853985369, 0.964110434, 0.035889633, 0.953105032, 0.0468950197, 0.157957509, 0.842042565], [4, 2]),
      tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [f32([-2.76861453, 3.74265671], [1, 2])],
      [
        "coefficients": .floats([-0.916024625, 1.21368074]), "intercepts": .floats([-1.38562024]), "post_transform": .text("LOGISTIC"),
        "multi_class": .int(0), "classlabels_strings": texts(["w7é", "w17é"]),
      ],
      gives: strings(["w17é"]), f32([0.00335848331, 0.996641517], [1, 2]), tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [i64([0, -1, 0], [3, 1])],
      [
        "coefficients": .floats([-0.462330908, -0.05116928, 1.14695323, -1.29181147]),
        "intercepts": .floats([0.466701508, 0.609972417, 0.558288693, 0.466306329]), "post_transform": .text("SOFTMAX_ZERO"),
        "multi_class": .int(0), "classlabels_strings": texts(["w27é", "w14é", "w0é", "w42é"]),
      ],
      gives: strings(["w14é", "w42é", "w14é"]),
      f32(
        [
          0.235318512, 0.271567553, 0.257888466, 0.235225543, 0.233894631, 0.178927377, 0.0512734875, 0.535904527, 0.235318512, 0.271567553,
          0.257888466, 0.235225543,
        ], [3, 4]), tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [i32([-1, -2, -5, -1, 1])],
      [
        "coefficients": .floats([
          0.0721677467, -0.170382649, 0.462836057, 0.826635659, 0.239704624, -0.673816144, -0.779953837, 1.65917051, -0.280037671,
          -0.291102141, 1.46500742, 1.08786118, 0.533837914, -0.399396539, 2.35319757,
        ]), "intercepts": .floats([0.392973781, 0.546985507, -0.17110613]), "post_transform": .text("SOFTMAX"), "multi_class": .int(0),
        "classlabels_ints": .ints([40, 33, 41]),
      ],
      gives: i64([40]), f32([0.791765094, 0.0295947623, 0.178640142], [1, 3]), tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [f32([0.81395638, 0.783658862, -0.479996651, -2.34336758, -2.8833158, -0.655701339], [2, 3])],
      [
        "coefficients": .floats([
          -0.271464497, 0.294890404, -0.392404586, -1.48510182, 0.906104386, -1.05812657, 0.679160953, 0.420152783, -1.6560334,
        ]), "intercepts": .floats([-0.944681585, -0.514100611, -0.82071805]), "post_transform": .text("LOGISTIC"), "multi_class": .int(1),
        "classlabels_strings": texts(["w42é", "w2é", "w20é"]),
      ],
      gives: strings(["w20é", "w2é"]), f32([0.321650863, 0.376381695, 0.70187372, 0.288741827, 0.740250111, 0.0732496083], [2, 3]),
      tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [i64([4, -4, 1, 5], [2, 2])],
      [
        "coefficients": .floats([
          -0.0709627122, 0.382954776, -1.88926053, -0.783853292, -0.555422664, 0.0325348154, -0.586284161, 0.933214605,
        ]), "intercepts": .floats([-0.0582761168, 0.0170141608, 0.0135381734, 0.707985461]), "post_transform": .text("SOFTMAX_ZERO"),
        "multi_class": .int(1), "classlabels_ints": .ints([45, 57, 62, 9]),
      ],
      gives: i64([45, 9]),
      f32([0.575218916, 0.0457907431, 0.361551702, 0.0174386147, 0.0470680185, 2.41021589e-05, 0.00540242624, 0.947505474], [2, 4]),
      tolerance: 5e-5),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [i32([1, 3, 0, 1, -5, -4, -3, 1, 5, -4, -5, 2, 3, 4, 0], [5, 3])],
      [
        "coefficients": .floats([1.81207681, 0.284106523, 1.21769798]), "intercepts": .floats([-1.02728391]),
        "post_transform": .text("SOFTMAX"), "multi_class": .int(1), "classlabels_strings": texts(["w40é", "w12é"]),
      ],
      gives: strings(["w12é", "w40é", "w40é", "w40é", "w12é"]),
      f32(
        [-0.637112379, 1.63711238, 6.50653172, -5.50653172, 1.09091794, -0.0909179449, 8.26072693, -7.26072693, -4.54537296, 5.54537296],
        [5, 2]), tolerance: 5e-5),
  ]

  /// By the standard's text: one score is transformed as any other.
  static let casesByHand: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.LinearRegressor", [i64([1, 2, 3, 4], [2, 2])], ["coefficients": .floats([1, -1]), "post_transform": .text("LOGISTIC")],
      gives: f32([0.268941421, 0.268941421], [2, 1]), tolerance: 1e-6),
    OperatorCase(
      "ai.onnx.ml.LinearRegressor", [f64([0.75])], ["coefficients": .floats([1]), "post_transform": .text("PROBIT")],
      gives: f32([0.674490], [1, 1]), tolerance: 3e-3, note: "the quantile of the normal distribution, approximated"),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [f32([0, 0], [1, 2])],
      [
        "coefficients": .floats([1, 1, 1, 1]), "classlabels_ints": .ints([5, 6]), "post_transform": .text("SOFTMAX_ZERO"),
      ], gives: i64([5]), f32([0.5, 0.5], [1, 2]), note: "all scores are 0"),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [i32([2], [1, 1])], ["coefficients": .floats([0.25]), "classlabels_strings": texts(["n", "y"])],
      gives: strings(["y"]), f32([0.5, 0.5], [1, 2]), note: "one row for two classes, no intercepts"),
    OperatorCase(
      "ai.onnx.ml.LinearClassifier", [f32([], [0, 1])], ["coefficients": .floats([1, 2, 3]), "classlabels_ints": .ints([1, 2, 3])],
      gives: i64([]), f32([], [0, 3]), note: "no rows"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "ai.onnx.ml.LinearClassifier", [f32([], [1 << 60, 0])],
      ["coefficients": .floats([]), "intercepts": .floats([0, 0]), "classlabels_ints": .ints([1, 2])], outputs: 2, code: .budgetExceeded,
      says: "does not fit in memory"),
    FailureCase(
      "ai.onnx.ml.LinearRegressor", [f32([1, 2])], ["coefficients": .floats([1])], says: "1 coefficients for 2 features and 1 outputs"),
    FailureCase("ai.onnx.ml.LinearRegressor", [f32([1])], ["coefficients": .floats([1]), "targets": .int(0)], says: "'targets' is 0"),
    FailureCase("ai.onnx.ml.LinearRegressor", [f32([1])], ["coefficients": .floats([1]), "targets": .int(.max)], says: "1 coefficients"),
    FailureCase(
      "ai.onnx.ml.LinearRegressor", [f32([1])], ["coefficients": .floats([1]), "intercepts": .floats([1, 2])],
      says: "2 intercepts for 1 targets"),
    FailureCase("ai.onnx.ml.LinearRegressor", [f32([1], [])], ["coefficients": .floats([1])], says: "rank 0"),
    FailureCase("ai.onnx.ml.LinearClassifier", [f32([1])], ["coefficients": .floats([1])], outputs: 2, says: "Exactly one"),
    FailureCase("ai.onnx.ml.LinearClassifier", [f32([1])], ["classlabels_ints": .ints([1])], outputs: 2, says: "'coefficients' is missing"),
    FailureCase(
      "ai.onnx.ml.LinearClassifier", [f32([1])],
      ["coefficients": .floats([1, 2, 3]), "intercepts": .floats([1]), "classlabels_ints": .ints([1, 2, 3])], outputs: 2,
      says: "1 intercepts for 3 classes"),
  ]
}
