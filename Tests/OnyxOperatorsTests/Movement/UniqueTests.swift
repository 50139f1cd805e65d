import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Unique. Expected: numpy.unique.
struct UniqueTests {
  static let values: [OperatorCase] = [
    OperatorCase(
      "Unique", [f32([2, 1, 1, 3, 4, 3])], ["sorted": .int(0)], gives: f32([2, 1, 3, 4]), i64([0, 1, 3, 4]), i64([0, 1, 1, 2, 3, 2]),
      i64([1, 2, 2, 1])),
    OperatorCase(
      "Unique", [f32([2, 1, 1, 3, 4, 3])], gives: f32([1, 2, 3, 4]), i64([1, 0, 3, 4]), i64([1, 0, 0, 2, 3, 2]), i64([2, 1, 2, 1])),
    OperatorCase("Unique", [i64([1, 3, 2, 3], [2, 2])], gives: i64([1, 2, 3]), i64([0, 2, 1]), i64([0, 2, 1, 2]), i64([1, 1, 2])),
    OperatorCase(
      "Unique", [f32([1, 0, 0, 1, 0, 0, 2, 3, 4], [3, 3])], ["axis": .int(0)], gives: f32([1, 0, 0, 2, 3, 4], [2, 3]), i64([0, 2]),
      i64([0, 0, 1]),
      i64([2, 1])),
    OperatorCase(
      "Unique", [f32([1, 1, 0, 1, 2, 1, 0, 1, 1, 1, 0, 1, 2, 1, 0, 1], [2, 4, 2])], ["axis": .int(1)],
      gives: f32([0, 1, 1, 1, 2, 1, 0, 1, 1, 1, 2, 1], [2, 3, 2]), i64([1, 0, 2]), i64([1, 0, 2, 0]), i64([2, 1, 1])),
    OperatorCase(
      "Unique", [i32([3, 1, 3, 2, 0, 2], [2, 3])], ["sorted": .int(0), "axis": .int(-1)], gives: i32([3, 1, 2, 0], [2, 2]), i64([0, 1]),
      i64([0, 1, 0]), i64([2, 1])),
    OperatorCase(
      "Unique", [strings(["b", "a", "b", "ab", "é"])], gives: strings(["a", "ab", "b", "é"]), i64([1, 3, 0, 4]), i64([2, 0, 2, 1, 3]),
      i64([1, 1, 2, 1])),
    OperatorCase("Unique", [ints(.uint8, [255, 1, 255])], gives: ints(.uint8, [1, 255]), i64([1, 0]), i64([1, 0, 1]), i64([1, 2])),
    OperatorCase("Unique", [bools([true, false, true])], gives: bools([false, true]), i64([1, 0]), i64([1, 0, 1]), i64([1, 2])),
    OperatorCase(
      "Unique", [complexes(.complex128, [(1, 1), (1, 0), (1, 1)])], gives: complexes(.complex128, [(1, 0), (1, 1)]), i64([1, 0]),
      i64([1, 0, 1]),
      i64([1, 2])),
    OperatorCase(
      "Unique", [f64([.nan, 1, .nan, -.infinity])], gives: f64([-.infinity, 1, .nan]), i64([3, 1, 0]), i64([2, 1, 2, 0]), i64([1, 1, 2])),
    OperatorCase("Unique", [f32([])], gives: f32([]), i64([]), i64([]), i64([])),
    OperatorCase("Unique", [ints(.uint64, [3, 1, 3])], gives: ints(.uint64, [1, 3]), i64([1, 0]), i64([1, 0, 1]), i64([1, 2])),
    OperatorCase("Unique", [i64([5], [])], gives: i64([5]), note: "rank 0"),
    OperatorCase(
      "Unique", [f32([], [2, 0])], ["axis": .int(0)], gives: f32([], [1, 0]), i64([0]), i64([0, 0]), i64([2]),
      note: "empty slices are equal"),
    OperatorCase("Unique", [f32([], [0, 2])], ["axis": .int(0)], gives: f32([], [0, 2])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase(
      "Unique", [symbolic(.float32, ["n", 4])], gives: "float32[t.unique]", "int64[t.unique]", "int64[4*n]", "int64[t.unique]"),
    RuleCase("Unique", [symbolic(.float32, ["n", 4])], ["axis": .int(1)], gives: "float32[n,t.unique]", "int64[t.unique]", "int64[4]"),
    RuleCase("Unique", [symbolic(.float32, nil)], ["axis": .int(1)], gives: "float32[?]", "int64[t.unique]", "int64[t.items]"),
    RuleCase("Unique", [constant(i64([3, 3]))], gives: "int64[1]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Unique", [f32([1])], ["axis": .int(1)], says: "Axis 1 is outside"),
    FailureCase("Unique", [f32([1], [])], ["axis": .int(0)], says: "outside the rank 0"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }

  /// Swift takes "é" as one character in both spellings; to ONNX they are different strings.
  @Test func stringsAreComparedByCodePoints() throws {
    let result = try evaluate("Unique", [strings(["e\u{301}", "\u{e9}", "e\u{301}"])], outputs: 4)
    #expect(try result[0].strings().map { Array($0.utf8) } == [[0x65, 0xCC, 0x81], [0xC3, 0xA9]])
    #expect(try result[3].ints() == [2, 1])
  }
}
