import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Concat. Expected elements: the ONNX reference evaluator 1.23.2.
struct ConcatTests {
  static let values: [OperatorCase] = [
    OperatorCase(
      "Concat", [f32([1, 2, 3, 4], [2, 2]), f32([5, 6], [2, 1])], ["axis": .int(-1)], gives: f32([1, 2, 5, 3, 4, 6], [2, 3])),
    OperatorCase(
      "Concat", [ints(.int8, [1, 2, 3, 4], [2, 2]), ints(.int8, [5, 6], [2, 1])], ["axis": .int(-1)],
      gives: ints(.int8, [1, 2, 5, 3, 4, 6], [2, 3])),
    OperatorCase(
      "Concat", [f16([1, 2, 3, 4], [2, 2]), f16([5, 6], [2, 1])], ["axis": .int(-1)], gives: f16([1, 2, 5, 3, 4, 6], [2, 3])),
    OperatorCase(
      "Concat", [ints(.uint64, [1, 2, 3, 4], [2, 2]), ints(.uint64, [5, 6], [2, 1])], ["axis": .int(-1)],
      gives: ints(.uint64, [1, 2, 5, 3, 4, 6], [2, 3])),
    OperatorCase(
      "Concat", [bools([true, false, true, false], [2, 2]), bools([true, false], [2, 1])], ["axis": .int(-1)],
      gives: bools([true, false, true, true, false, false], [2, 3])),
    OperatorCase(
      "Concat", [complexes(.complex64, [(1, 1), (2, 2), (3, 3), (4, 4)], [2, 2]), complexes(.complex64, [(5, 5), (6, 6)], [2, 1])],
      ["axis": .int(-1)], gives: complexes(.complex64, [(1, 1), (2, 2), (5, 5), (3, 3), (4, 4), (6, 6)], [2, 3])),
    OperatorCase(
      "Concat", [strings(["s1", "s2", "s3", "s4"], [2, 2]), strings(["s5", "s6"], [2, 1])], ["axis": .int(-1)],
      gives: strings(["s1", "s2", "s5", "s3", "s4", "s6"], [2, 3])),
    OperatorCase(
      "Concat", [f32([1, 2], [1, 2]), f32([3, 4, 5, 6], [2, 2]), f32([7, 8], [1, 2])], ["axis": .int(0)],
      gives: f32([1, 2, 3, 4, 5, 6, 7, 8], [4, 2])),
    OperatorCase("Concat", [f32([], [0, 2]), f32([1, 2, 3, 4], [2, 2])], ["axis": .int(0)], gives: f32([1, 2, 3, 4], [2, 2])),
    OperatorCase("Concat", [f32([], [2, 0]), f32([], [2, 0])], ["axis": .int(1)], gives: f32([], [2, 0])),
    OperatorCase(
      "Concat", [f32([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), f32([9, 10, 11, 12], [2, 1, 2])], ["axis": .int(1)],
      gives: f32([1, 2, 3, 4, 9, 10, 5, 6, 7, 8, 11, 12], [2, 3, 2])),
    OperatorCase("Concat", [f32([1, 2, 3])], ["axis": .int(0)], gives: f32([1, 2, 3])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Concat", [symbolic(.float32, ["n", 2]), symbolic(.float32, ["m", 2])], ["axis": .int(0)], gives: "float32[m+n,2]"),
    RuleCase("Concat", [symbolic(.float32, ["n", 2]), symbolic(.float32, [3, "k"])], ["axis": .int(1)], gives: "float32[3,k+2]"),
    RuleCase("Concat", [sizes(["n"]), constant(i64([54, 1]))], ["axis": .int(0)], gives: "int64[3] = [n, 54, 1]"),
    RuleCase("Concat", [constant(f32([1, 1])), constant(f32([2, 2]))], ["axis": .int(0)], gives: "float32[4] = constant"),
    RuleCase("Concat", [symbolic(.float32, nil), symbolic(.float32, ["n"])], ["axis": .int(0)], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Concat", [f32([1, 2]), f32([1], [1, 1])], ["axis": .int(0)], says: "different ranks"),
    FailureCase("Concat", [f32([1, 2], [2, 1]), f32([1, 2, 3], [3, 1])], ["axis": .int(1)], says: "differ in axis 0: 3 and 2"),
    FailureCase("Concat", [f32([1]), f32([1])], ["axis": .int(1)], says: "Axis 1 is outside the rank 1"),
    FailureCase("Concat", [f32([1], []), f32([1], [])], ["axis": .int(.min)], says: "outside the rank 0"),
    FailureCase("Concat", [f32([1])], says: "'axis' is missing"),
    FailureCase("Concat", [f32([1]), i64([1])], ["axis": .int(0)], says: "same type T"),
    FailureCase("Concat", [], ["axis": .int(0)], says: "0 inputs"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
