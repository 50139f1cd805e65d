import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Operators that look values up. Expected values: ONNX Runtime 1.32, unless a row says otherwise.
struct LabelTests {
  @Test(arguments: cases + casesByHand) func gives(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.CategoryMapper", [strings(["no", "w18é", "no", "no", "no", "no"], [2, 3])],
      [
        "cats_strings": texts(["w18é", "w29é"]), "cats_int64s": .ints([12, 8]), "default_string": .text("other"), "default_int64": .int(-7),
      ],
      gives: i64([-7, 12, -7, -7, -7, -7], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.CategoryMapper", [i64([2, 2, 12, 12, 2, 99])],
      [
        "cats_strings": texts(["w43é", "w6é", "w36é", "w2é"]), "cats_int64s": .ints([12, 2, 4, 18]), "default_string": .text("other"),
        "default_int64": .int(-7),
      ],
      gives: strings(["w6é", "w6é", "w43é", "w43é", "w6é", "other"])),
    OperatorCase(
      "ai.onnx.ml.OneHotEncoder", [strings(["w39é", "w12é", "w35é", "no", "w35é", "w12é"], [3, 2])],
      ["cats_strings": texts(["w39é", "w12é", "w35é"])],
      gives: f32([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0], [3, 2, 3]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.OneHotEncoder", [strings(["w10é", "w5é", "w33é", "no", "w33é", "w5é"], [3, 2])],
      ["cats_strings": texts(["w33é", "w5é", "w10é"])],
      gives: f32([0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0], [3, 2, 3]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.OneHotEncoder", [f32([0.854182422, -0.283125669, -0.878409624, 1.10467982], [4, 1])], ["cats_int64s": .ints([3])],
      gives: f32([0, 0, 0, 0], [4, 1, 1]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.OneHotEncoder", [strings(["w14é", "w15é", "w3é", "w14é", "w3é", "w15é"], [3, 2])],
      ["cats_strings": texts(["w3é", "w14é", "w15é"])],
      gives: f32([0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1], [3, 2, 3]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [strings(["no", "w37é", "w37é", "w37é", "no", "w37é"], [2, 3])],
      ["keys_strings": texts(["w37é"]), "values_strings": texts(["w25é"])],
      gives: strings(["_Unused", "w25é", "w25é", "w25é", "_Unused", "w25é"], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [strings(["w44é", "w44é", "no", "w44é", "w44é", "no"], [2, 3])],
      [
        "keys_tensor": .tensor(strings(["w7é", "w44é"])), "values_tensor": .tensor(ints(.int16, [27, 13])),
        "default_tensor": .tensor(ints(.int16, [5])),
      ],
      gives: ints(.int16, [13, 13, 5, 13, 13, 5], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [i64([8, 12345, 12345, 8, 8, 22], [2, 3])],
      ["keys_int64s": .ints([22, 8]), "values_strings": texts(["w48é", "w35é"]), "default_string": .text("dd")],
      gives: strings(["w35é", "dd", "dd", "w35é", "w35é", "w48é"], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [strings(["no", "w6é", "no", "w24é", "w6é", "w21é"], [2, 3])],
      [
        "keys_strings": texts(["w49é", "w24é", "w6é", "w21é", "w0é"]),
        "values_floats": .floats([-1.06986511, 0.182638332, -1.06012976, 1.13463044, 2.31282139]),
      ],
      gives: f32([-0.0, -1.06012976, -0.0, 0.182638332, -1.06012976, 1.13463044], [2, 3]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [f32([-0.67599082, -0.359874547, 12345, -0.337377727, 1.2603749, -0.337377727], [2, 3])],
      [
        "keys_floats": .floats([0.653632164, 1.2603749, -0.359874547, -0.67599082, -0.337377727]),
        "values_strings": texts(["w4é", "w7é", "w20é", "w36é", "w24é"]),
      ],
      gives: strings(["w36é", "w20é", "_Unused", "w24é", "w7é", "w24é"], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [i64([4, 25, 25, 25, 12345, 4], [2, 3])],
      ["keys_int64s": .ints([25, 4]), "values_floats": .floats([-0.0448725857, 1.2088995]), "default_float": .float(0.5)],
      gives: f32([1.2088995, -0.0448725857, -0.0448725857, -0.0448725857, 0.5, 1.2088995], [2, 3]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [f32([-0.691247046, -0.888004959, -0.631562769, -0.888004959, -0.146268278, -0.691247046], [2, 3])],
      ["keys_floats": .floats([-0.888004959, -0.691247046, -0.631562769, -0.146268278]), "values_int64s": .ints([20, 25, 4, 28])],
      gives: i64([25, 20, 4, 20, 28, 25], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [i64([23, 12345, 12345, 24, 23, 23], [2, 3])],
      ["keys_int64s": .ints([5, 24, 19, 23]), "values_int64s": .ints([5, 2, 28, 12])],
      gives: i64([12, -1, -1, 2, 12, 12], [2, 3])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [strings(["no", "w45é", "w45é", "w45é", "w45é", "w45é"], [2, 3])],
      ["keys_strings": texts(["w45é"]), "values_int64s": .ints([19])],
      gives: i64([-1, 19, 19, 19, 19, 19], [2, 3])),
  ]

  /// Texts that all look alike, each in other bytes: a table must not put them into one bucket.
  @Test(.timeLimit(.minutes(Sanitizer.patience))) func textsThatLookAlikeAreDifferentKeys() throws {
    let looks = (0..<1 << 14).map { number in (0..<14).map { number >> $0 & 1 == 0 ? "é" : "e\u{301}" }.joined() }
    let attributes: [String: Attribute] = ["keys_strings": texts(looks), "values_int64s": .ints((0..<1 << 14).map { Int64($0) })]
    let results = try evaluate("ai.onnx.ml.LabelEncoder", [strings(Array(looks.prefix(8)))], attributes: attributes)
    #expect(results[0] == i64(Array(0..<8)))
  }

  /// By the standard's text.
  static let casesByHand: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [f32([.nan, 0, -0.0, 7])],
      ["keys_floats": .floats([.nan, 0]), "values_strings": texts(["missing", "zero"])],
      gives: strings(["missing", "zero", "zero", "_Unused"])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [i64([1, 2])], ["keys_int64s": .ints([1, 1]), "values_floats": .floats([3, 4])], gives: f32([4, -0.0]),
      tolerance: 0, note: "the last of equal keys, and the default"),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [ints(.int16, [5, 6])], ["keys_tensor": .tensor(ints(.int16, [6])), "values_tensor": .tensor(i32([60]))],
      gives: i32([-1, 60])),
    OperatorCase(
      "ai.onnx.ml.LabelEncoder", [strings(["\u{e9}", "e\u{301}"])],
      ["keys_strings": texts(["\u{e9}"]), "values_int64s": .ints([1])], gives: i64([1, -1]), note: "texts that look alike"),
    OperatorCase(
      "ai.onnx.ml.OneHotEncoder", [f64([1.9, -1.9, .nan, 1e300])], ["cats_int64s": .ints([1, -1])],
      gives: f32([1, 0, 0, 1, 0, 0, 0, 0], [4, 2]), note: "truncated"),
    OperatorCase("ai.onnx.ml.OneHotEncoder", [i32([3], [])], ["cats_int64s": .ints([3])], gives: f32([1])),
    OperatorCase("ai.onnx.ml.CategoryMapper", [strings(["a"])], gives: i64([-1]), note: "an empty list"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("ai.onnx.ml.LabelEncoder", [i64([1])], ["values_int64s": .ints([1])], says: "'keys_…' must be given; there are 0"),
    FailureCase(
      "ai.onnx.ml.LabelEncoder", [i64([1])], ["keys_int64s": .ints([1]), "keys_floats": .floats([1]), "values_int64s": .ints([1])],
      says: "there are 2"),
    FailureCase(
      "ai.onnx.ml.LabelEncoder", [i64([1])], ["keys_int64s": .ints([1, 2]), "values_int64s": .ints([1])], says: "2 keys for 1 values"),
    FailureCase(
      "ai.onnx.ml.LabelEncoder", [f32([1])], ["keys_int64s": .ints([1]), "values_int64s": .ints([1])], says: "the keys are int64"),
    FailureCase(
      "ai.onnx.ml.LabelEncoder", [i64([1])],
      ["keys_int64s": .ints([1]), "values_int64s": .ints([1]), "default_tensor": .tensor(f32([1]))], says: "'default_tensor'"),
    FailureCase("ai.onnx.ml.CategoryMapper", [i64([1])], ["cats_int64s": .ints([1])], says: "1 numbers for the 0 texts"),
    FailureCase("ai.onnx.ml.OneHotEncoder", [i64([1])], says: "Exactly one"),
    FailureCase("ai.onnx.ml.OneHotEncoder", [i64([1])], ["cats_strings": texts(["a"])], says: "another kind"),
    FailureCase(
      "ai.onnx.ml.OneHotEncoder", [i64([1])], ["cats_int64s": .ints([2]), "zeros": .int(0)],
      says: "element 0 of the input belongs to no category"),
  ]
}
