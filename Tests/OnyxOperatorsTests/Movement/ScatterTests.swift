import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// ScatterElements and ScatterND. Expected elements: the ONNX reference evaluator 1.23.2. Wrapping, NaN and strings: the standard's text.
struct ScatterTests {
  static let values: [OperatorCase] = [
    OperatorCase(
      "ScatterElements",
      [f32([0, 0, 0, 0, 0, 0, 0, 0, 0], [3, 3]), i64([1, 0, 2, 0, 2, 1], [2, 3]), f32([1, 1.1, 1.2, 2, 2.1, 2.2], [2, 3])],
      gives: f32([2, 1.1, 0, 1, 0, 2.2, 0, 2.1, 1.2], [3, 3])),
    OperatorCase(
      "ScatterElements", [f32([1, 2, 3, 4, 5], [1, 5]), i32([1, -2], [1, 2]), f32([1.5, 2.5], [1, 2])], ["axis": .int(-1)],
      gives: f32([1, 1.5, 3, 2.5, 5], [1, 5])),
    OperatorCase(
      "ScatterElements", [f32([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f32([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("add")],
      gives: f32([1, 8, 5], [1, 3])),
    OperatorCase(
      "ScatterElements", [f16([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f16([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("add")],
      gives: f16([1, 8, 5], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.int8, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.int8, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("add")], gives: ints(.int8, [1, 8, 5], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.uint64, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.uint64, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("add")], gives: ints(.uint64, [1, 8, 5], [1, 3])),
    OperatorCase(
      "ScatterElements", [f32([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f32([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("mul")],
      gives: f32([1, 16, 6], [1, 3])),
    OperatorCase(
      "ScatterElements", [f16([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f16([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("mul")],
      gives: f16([1, 16, 6], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.int8, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.int8, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("mul")], gives: ints(.int8, [1, 16, 6], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.uint64, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.uint64, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("mul")], gives: ints(.uint64, [1, 16, 6], [1, 3])),
    OperatorCase(
      "ScatterElements", [f32([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f32([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("max")],
      gives: f32([1, 4, 3], [1, 3])),
    OperatorCase(
      "ScatterElements", [f16([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f16([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("max")],
      gives: f16([1, 4, 3], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.int8, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.int8, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("max")], gives: ints(.int8, [1, 4, 3], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.uint64, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.uint64, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("max")], gives: ints(.uint64, [1, 4, 3], [1, 3])),
    OperatorCase(
      "ScatterElements", [f32([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f32([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("min")],
      gives: f32([1, 2, 2], [1, 3])),
    OperatorCase(
      "ScatterElements", [f16([1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), f16([4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("min")],
      gives: f16([1, 2, 2], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.int8, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.int8, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("min")], gives: ints(.int8, [1, 2, 2], [1, 3])),
    OperatorCase(
      "ScatterElements", [ints(.uint64, [1, 2, 3], [1, 3]), i64([1, 1, -1], [1, 3]), ints(.uint64, [4, 2, 2], [1, 3])],
      ["axis": .int(1), "reduction": .text("min")], gives: ints(.uint64, [1, 2, 2], [1, 3])),
    OperatorCase(
      "ScatterElements", [bools([true, false, true]), i64([0, 1]), bools([false, true])], ["reduction": .text("add")],
      gives: bools([true, true, true])),
    OperatorCase(
      "ScatterElements", [bools([true, false, true]), i64([0, 1]), bools([false, true])], ["reduction": .text("mul")],
      gives: bools([false, false, true])),
    OperatorCase(
      "ScatterElements", [complexes(.complex64, [(1, 1), (2, 0)]), i64([0, 0]), complexes(.complex64, [(0, 1), (2, 0)])],
      ["reduction": .text("mul")],
      gives: complexes(.complex64, [(-2, 2), (2, 0)])),
    OperatorCase("ScatterElements", [strings(["a", "b"]), i64([1]), strings(["z"])], gives: strings(["a", "z"])),
    OperatorCase(
      "ScatterElements", [ints(.uint64, [-1, 1]), i64([1]), ints(.uint64, [.min])], ["reduction": .text("max")],
      gives: ints(.uint64, [-1, .min])),
    OperatorCase(
      "ScatterElements", [ints(.int8, [120, 1]), i64([0]), ints(.int8, [10])], ["reduction": .text("add")], gives: ints(.int8, [-126, 1]),
      note: "wraps"),
    OperatorCase("ScatterElements", [f32([1, 2]), i64([0]), f32([.nan])], ["reduction": .text("max")], gives: f32([.nan, 2])),
    OperatorCase("ScatterElements", [f32([1, 2]), i64([]), f32([])], gives: f32([1, 2])),
    OperatorCase(
      "ScatterND", [f32([1, 2, 3, 4, 5, 6, 7, 8]), i64([4, 3, 1, 7], [4, 1]), f32([9, 10, 11, 12])],
      gives: f32([1, 11, 3, 10, 9, 6, 7, 12])),
    OperatorCase(
      "ScatterND", [i32([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]), i64([1, -2], [1, 2]), i32([50, 60], [1, 2])],
      gives: i32([0, 1, 2, 3, 50, 60, 6, 7], [2, 2, 2])),
    OperatorCase(
      "ScatterND", [f64([0, 1, 2, 3], [2, 2]), i64([0, 0, 1], [3, 1]), f64([1, 2, 3, 4, 5, 6], [3, 2])], ["reduction": .text("add")],
      gives: f64([4, 7, 7, 9], [2, 2])),
    OperatorCase(
      "ScatterND", [f32([1, 2, 3]), i64([0, 0, 2], [3, 1]), f32([3, 2, -1])], ["reduction": .text("mul")], gives: f32([6, 2, -3])),
    OperatorCase(
      "ScatterND", [f32([1, 2, 3]), i64([0, 0, 2], [3, 1]), f32([3, 2, -1])], ["reduction": .text("max")], gives: f32([3, 2, 3])),
    OperatorCase(
      "ScatterND", [f32([1, 2, 3]), i64([0, 0, 2], [3, 1]), f32([3, 2, -1])], ["reduction": .text("min")], gives: f32([1, 2, -1])),
    OperatorCase("ScatterND", [strings(["a", "b"]), i64([1], [1, 1]), strings(["z"])], gives: strings(["a", "z"])),
    OperatorCase("ScatterND", [f32([1, 2]), i64([], [0, 1]), f32([])], gives: f32([1, 2])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase(
      "ScatterElements", [symbolic(.float32, ["n", 4]), symbolic(.int64, ["m", 4]), symbolic(.float32, ["m", 4])], gives: "float32[n,4]"),
    RuleCase(
      "ScatterND", [symbolic(.float32, ["n", 4]), symbolic(.int64, ["m", 1]), symbolic(.float32, ["m", 4])], gives: "float32[n,4]"),
    RuleCase("ScatterND", [symbolic(.float32, nil), symbolic(.int64, ["m", 1]), symbolic(.float32, ["m", 4])], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("ScatterElements", [f32([1]), i64([1]), f32([1])], says: "index 1 is outside"),
    FailureCase("ScatterElements", [f32([1]), i64([0]), f32([1, 2])], says: "differ in axis 0: 2 and 1"),
    FailureCase("ScatterElements", [f32([1]), i64([0]), f32([1], [1, 1])], says: "updates have rank 2"),
    FailureCase("ScatterElements", [f32([1]), i64([0], [1, 1]), f32([1], [1, 1])], says: "must be equal"),
    FailureCase("ScatterElements", [f32([1]), i64([0]), f32([1])], ["reduction": .text("mean")], says: "'reduction' is 'mean'"),
    FailureCase(
      "ScatterElements", [strings(["a"]), i64([0]), strings(["b"])], ["reduction": .text("add")], code: .unsupported, says: "strings"),
    FailureCase(
      "ScatterElements", [complexes(.complex64, [(1, 0)]), i64([0]), complexes(.complex64, [(1, 0)])], ["reduction": .text("max")],
      code: .unsupported, says: "complex"),
    FailureCase("ScatterND", [f32([1]), i64([0, 0]), f32([1])], says: "must have 1 to 1"),
    FailureCase("ScatterND", [f32([1]), i64([1]), f32([1], [])], says: "index 1 is outside"),
    FailureCase("ScatterND", [f32([1, 2]), i64([0], [1, 1]), f32([1, 2])], says: "wrong extent in axis 0: 2 and 1"),
    FailureCase("ScatterND", [f32([1, 2]), i64([0], [1, 1]), f32([1], [])], says: "rank 0; it must be 1"),
    FailureCase("ScatterND", [f32([1], []), i64([0]), f32([1])], says: "at least 1"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
