import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Operators on features. Expected numbers: ONNX Runtime 1.32, unless a row says otherwise.
struct FeatureTests {
  @Test(arguments: cases + casesByHand) func gives(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.Binarizer", [f32([0.293573856, -1.95703816, -1.61767447, 2.12179732, -1.61506939, -0.0650434121], [3, 2])],
      ["threshold": .float(0.884389867)],
      gives: f32([0, 0, 0, 1, 0, 0], [3, 2]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Binarizer",
      [f32([0.220928282, 0.127563551, -2.45011163, 0.152280465, 2.71764684, -3.0942893, 1.71876538, 0.238708049], [4, 2])],
      ["threshold": .float(-0.641470394)],
      gives: f32([1, 1, 0, 1, 1, 0, 1, 1], [4, 2]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Scaler", [i64([1, 4, 5])],
      ["offset": .floats([-0.428024948, -0.30368039, 0.352589071]), "scale": .floats([-0.120770447, -0.197284222, -1.1140672])],
      gives: f32([-0.172463223, -0.849048257, -5.1775279]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Scaler", [f64([-0.887162446, 2.33225555, 1.30617701, -0.048287226], [4, 1])],
      ["offset": .floats([1.05212641]), "scale": .floats([-0.00539956056])],
      gives: f32([0.0104713077, -0.00691213505, -0.00137176155, 0.00594175002], [4, 1]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Scaler", [i32([-1])], ["offset": .floats([-2.03532887]), "scale": .floats([-0.304476887])],
      gives: f32([-0.315233707]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Normalizer", [i32([-3, -3, -3, -3], [4, 1])], ["norm": .text("L2")],
      gives: f32([-1, -1, -1, -1], [4, 1]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Normalizer", [f64([-1.69099407, 1.55798217, 0.261902415, -3.07366988, 2.4982975, 2.88341431], [3, 2])],
      ["norm": .text("MAX")],
      gives: f32([-1.08537436, 1, 1, -11.7359352, 0.866437197, 1], [3, 2]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Normalizer", [i64([0, 0, 0, 0, 0])], ["norm": .text("L1")],
      gives: f32([0, 0, 0, 0, 0]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Normalizer",
      [f32([-1.34246647, -2.10818768, 0.674652636, 2.81454444, -2.90804863, -0.417043686, -1.26410508, -3.52203894, 1.4698534], [3, 3])],
      ["norm": .text("L2")],
      gives: f32(
        [-0.518569291, -0.81435287, 0.260605514, 0.69179672, -0.714779496, -0.10250663, -0.314426869, -0.876053512, 0.365603626], [3, 3]),
      tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Imputer", [i64([-5], [1, 1])], ["imputed_value_int64s": .ints([-9]), "replaced_value_int64": .int(-5)],
      gives: i64([-9], [1, 1])),
    OperatorCase(
      "ai.onnx.ml.Imputer", [i64([4, 3, 4, -4, 5, 5, 2, 3, 3, 4, 4, 0, 3, 5, -2, -5, -4, -5, -1, -5, -3, -3, 2, -3], [6, 4])],
      ["imputed_value_int64s": .ints([8, 1, -5, -9]), "replaced_value_int64": .int(4)],
      gives: i64([8, 3, -5, -4, 5, 5, 2, 3, 3, 1, -5, 0, 3, 5, -2, -5, -4, -5, -1, -5, -3, -3, 2, -3], [6, 4])),
    OperatorCase(
      "ai.onnx.ml.Imputer", [f32([1.93289423, -0.281416804, 1.08376765, .nan, .nan, .nan, .nan, 3.02994585, -2.49318624], [3, 3])],
      ["imputed_value_floats": .floats([-1.6437974, -2.10998034, 0.25929901]), "replaced_value_float": .float(.nan)],
      gives: f32(
        [1.93289423, -0.281416804, 1.08376765, -1.6437974, -2.10998034, 0.25929901, -1.6437974, 3.02994585, -2.49318624], [3, 3]),
      tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.Imputer", [f32([-0.491606146, 0.0770695284, -1.72103119, -3.02698874], [2, 2])],
      ["imputed_value_floats": .floats([-1.64348137]), "replaced_value_float": .float(-0.491606146)],
      gives: f32([-1.64348137, 0.0770695284, -1.72103119, -3.02698874], [2, 2]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.ArrayFeatureExtractor", [f64([3.65875683, -8.90365447], [2, 1]), i64([0, 0], [2, 1])], [:],
      gives: f64([3.65875683, 3.65875683, -8.90365447, -8.90365447], [2, 2]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.ArrayFeatureExtractor", [i32([-7, 1, -7]), i64([1])], [:],
      gives: i32([1], [1, 1])),
    OperatorCase(
      "ai.onnx.ml.ArrayFeatureExtractor", [i64([-12, 7], [2, 1]), i64([0, 0], [2, 1])], [:],
      gives: i64([-12, -12, 7, 7], [2, 2])),
    OperatorCase(
      "ai.onnx.ml.ArrayFeatureExtractor", [strings(["s0", "s1", "s2"]), i64([1, 1, 0])], [:],
      gives: strings(["s1", "s1", "s0"], [1, 3])),
    OperatorCase(
      "ai.onnx.ml.ArrayFeatureExtractor",
      [f32([-2.61645007, 10.3911276, -0.1932531, -19.8037415, -6.22865295, -17.7191696], [2, 3]), i64([0, 0, 0])], [:],
      gives: f32([-2.61645007, -2.61645007, -2.61645007, -19.8037415, -19.8037415, -19.8037415], [2, 3]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.FeatureVectorizer",
      [i32([2, -1, -4, 2, 3, -5, 3, 0], [4, 2]), i32([4, 2, -2, -1, 2, -5, -3, 0, 5, 3, 3, -3, -2, -3, 3, 0, -3, 3, 2, 4], [4, 5])],
      ["inputdimensions": .ints([2, 4])],
      gives: f32([2, -1, 4, 2, -2, -1, -4, 2, -5, -3, 0, 5, 3, -5, 3, -3, -2, -3, 3, 0, 0, -3, 3, 2], [4, 6]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.FeatureVectorizer", [i64([3, -1, 2, -4], [4, 1])], ["inputdimensions": .ints([2])],
      gives: f32([3, 0, -1, 0, 2, 0, -4, 0], [4, 2]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.FeatureVectorizer", [i32([-2, -1], [1, 2])], ["inputdimensions": .ints([3])],
      gives: f32([-2, -1, 0], [1, 3]), tolerance: 2e-6),
  ]

  /// By the standard's text: types and forms that ONNX Runtime lacks.
  static let casesByHand: [OperatorCase] = [
    OperatorCase("ai.onnx.ml.Binarizer", [f64([-1, 0.5, .nan, 2])], ["threshold": .float(0.5)], gives: f64([0, 0, 0, 1])),
    OperatorCase("ai.onnx.ml.Binarizer", [i64([-1, 0, 3], [3, 1])], gives: i64([0, 0, 1], [3, 1])),
    OperatorCase("ai.onnx.ml.Binarizer", [i32([-1, 2])], ["threshold": .float(1.5)], gives: i32([0, 1])),
    OperatorCase("ai.onnx.ml.Scaler", [i32([2, 4], [1, 2])], ["scale": .floats([2])], gives: f32([4, 8], [1, 2]), note: "no offset"),
    OperatorCase("ai.onnx.ml.Scaler", [f64([2, 4])], ["offset": .floats([1, 2])], gives: f32([1, 2]), note: "no scale"),
    OperatorCase("ai.onnx.ml.Scaler", [f32([2, 4])], gives: f32([2, 4]), note: "neither"),
    OperatorCase("ai.onnx.ml.Normalizer", [i64([0, 0, 3, -4], [2, 2])], ["norm": .text("L2")], gives: f32([0, 0, 0.6, -0.8], [2, 2])),
    OperatorCase("ai.onnx.ml.Normalizer", [f64([-2, -4])], gives: f32([1, 2]), note: "the largest is negative"),
    OperatorCase(
      "ai.onnx.ml.Imputer", [f64([1, .nan, 3, .nan], [2, 2])],
      ["imputed_value_floats": .floats([7, 8]), "replaced_value_float": .float(.nan)], gives: f64([1, 8, 3, 8], [2, 2])),
    OperatorCase(
      "ai.onnx.ml.Imputer", [i32([0, 5, 0])], ["imputed_value_int64s": .ints([-9])], gives: i32([-9, 5, -9]), note: "replaces 0"),
    OperatorCase(
      "ai.onnx.ml.FeatureVectorizer", [i64([1, 2], [2, 1]), i64([3, 4, 5, 6], [2, 2])], gives: f32([1, 3, 4, 2, 5, 6], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.FeatureVectorizer", [f32([1, 2]), f32([3])], ["inputdimensions": .ints([1, 2])], gives: f32([1, 3, 0], [1, 3])),
    OperatorCase("ai.onnx.ml.ArrayFeatureExtractor", [f32([], [0, 3]), i64([2, 0])], gives: f32([], [0, 2]), note: "no rows"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("ai.onnx.ml.Scaler", [f32([1, 2])], ["offset": .floats([1]), "scale": .floats([1, 2])], says: "'offset' has 1 numbers"),
    FailureCase("ai.onnx.ml.Scaler", [f32([1, 2])], ["scale": .floats([1, 2, 3])], says: "not one for each feature: 3 and 2"),
    FailureCase("ai.onnx.ml.Scaler", [f32([1], [])], ["scale": .floats([1, 2])], says: "scalar"),
    FailureCase("ai.onnx.ml.Normalizer", [f32([1], [1, 1, 1])], says: "rank 3"),
    FailureCase("ai.onnx.ml.Normalizer", [f32([1])], ["norm": .text("L3")], says: "'norm' is 'L3'"),
    FailureCase("ai.onnx.ml.Imputer", [f32([1])], says: "Exactly one"),
    FailureCase(
      "ai.onnx.ml.Imputer", [f32([1])], ["imputed_value_floats": .floats([1]), "imputed_value_int64s": .ints([1])], says: "Exactly one"),
    FailureCase("ai.onnx.ml.Imputer", [i64([1])], ["imputed_value_floats": .floats([1])], says: "another kind"),
    FailureCase("ai.onnx.ml.Imputer", [i32([0])], ["imputed_value_int64s": .ints([1 << 40])], says: "does not fit int32"),
    FailureCase("ai.onnx.ml.Imputer", [f32([1, 2])], ["imputed_value_floats": .floats([1, 2, 3])], says: "not one for each feature"),
    FailureCase("ai.onnx.ml.ArrayFeatureExtractor", [f32([1, 2]), i64([2])], says: "index 2 is outside the 2 features"),
    FailureCase("ai.onnx.ml.ArrayFeatureExtractor", [f32([1, 2]), i64([-1])], says: "index -1"),
    FailureCase("ai.onnx.ml.ArrayFeatureExtractor", [f32([1], []), i64([0])], says: "scalar"),
    FailureCase("ai.onnx.ml.FeatureVectorizer", [f32([1], [1, 1]), f32([1, 2], [2, 1])], says: "numbers of rows"),
    FailureCase("ai.onnx.ml.FeatureVectorizer", [f32([1])], ["inputdimensions": .ints([1, 1])], says: "'inputdimensions'"),
    FailureCase("ai.onnx.ml.FeatureVectorizer", [f32([1])], ["inputdimensions": .ints([-1])], says: "'inputdimensions'"),
    FailureCase(
      "ai.onnx.ml.FeatureVectorizer", [f32([1], [1, 1]), f32([1], [1, 1])], ["inputdimensions": .ints([.max, 1])], says: ""),
  ]
}
