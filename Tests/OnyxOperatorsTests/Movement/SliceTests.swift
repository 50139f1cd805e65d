import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Slice. Expected elements: the ONNX reference evaluator 1.23.2.
struct SliceTests {
  static let moves: [MovedCase] = [
    MovedCase("Slice", [3, 4], [i64([1, 0]), i64([3, 2])], gives: ([2, 2], [4, 5, 8, 9])),
    MovedCase("Slice", [3, 4], [i64([1]), i64([.max]), i64([-1]), i64([2])], gives: ([3, 2], [1, 3, 5, 7, 9, 11])),
    MovedCase("Slice", [5], [i64([-1]), i64([.min]), i64([0]), i64([-1])], gives: ([5], [4, 3, 2, 1, 0])),
    MovedCase("Slice", [5], [i32([4]), i32([-2_147_483_648]), i32([0]), i32([-2])], gives: ([3], [4, 2, 0])),
    MovedCase("Slice", [5], [i64([-3]), i64([-1])], gives: ([2], [2, 3])),
    MovedCase("Slice", [5], [i64([3]), i64([1])], gives: ([0], [])),
    MovedCase("Slice", [5], [i64([0]), i64([1000]), i64([0]), i64([.max])], gives: ([1], [0])),
    MovedCase("Slice", [5], [i64([.max]), i64([.min]), i64([0]), i64([.min])], gives: ([1], [4]), note: "step INT64_MIN"),
    MovedCase(
      "Slice", [5], [i64([-100]), i64([.min]), i64([0]), i64([-1])], gives: ([1], [0]), note: "start clamped to 0, as the standard says"),
    MovedCase("Slice", [0, 3], [i64([0]), i64([5]), i64([0]), i64([-1])], gives: ([0, 3], [])),
    MovedCase(
      "Slice", [2, 3, 4], [i64([0, 1, -1]), i64([2, .max, -4]), i64([0, 1, 2]), i64([1, 1, -1])],
      gives: ([2, 2, 3], [7, 6, 5, 11, 10, 9, 19, 18, 17, 23, 22, 21])),
    MovedCase("Slice", [2, 3], [i64([.min]), i64([.max]), i64([1])], gives: ([2, 3], Array(0..<6))),
    MovedCase("Slice", [2, 3], [i64([]), i64([])], gives: ([2, 3], Array(0..<6)), note: "no axes"),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Slice", [symbolic(.float32, ["n", 8]), constant(i64([0])), constant(i64([.max]))], gives: "float32[n,8]"),
    RuleCase("Slice", [symbolic(.float32, ["n", 8]), constant(i64([0])), constant(i64([2_147_483_647]))], gives: "float32[n,8]"),
    RuleCase("Slice", [symbolic(.float32, ["n"]), constant(i64([1])), constant(i64([.max]))], gives: "float32[slice(n,1:)]"),
    RuleCase("Slice", [symbolic(.float32, [try! "n" + 3]), constant(i64([1])), constant(i64([.max]))], gives: "float32[n+2]"),
    RuleCase("Slice", [symbolic(.float32, [try! "n" + 3]), constant(i64([0])), constant(i64([-2]))], gives: "float32[n+1]"),
    RuleCase("Slice", [symbolic(.float32, [try! "n" + 3]), constant(i64([-1])), constant(i64([.max]))], gives: "float32[1]"),
    RuleCase("Slice", [symbolic(.float32, [try! "n" + 3]), constant(i64([1])), constant(i64([3]))], gives: "float32[2]"),
    RuleCase("Slice", [symbolic(.float32, ["n"]), constant(i64([0])), constant(i64([-1]))], gives: "float32[slice(n,:-1)]"),
    RuleCase("Slice", [symbolic(.float32, ["n"]), constant(i64([-1])), constant(i64([.max]))], gives: "float32[slice(n,-1:)]"),
    RuleCase("Slice", [symbolic(.float32, ["n"]), constant(i64([.max])), constant(i64([.max]))], gives: "float32[0]"),
    RuleCase(
      "Slice", [symbolic(.float32, ["n"]), constant(i64([0])), constant(i64([.max])), constant(i64([0])), constant(i64([2]))],
      gives: "float32[ceil(n/2)]"),
    RuleCase(
      "Slice", [symbolic(.float32, ["n"]), constant(i64([-1])), constant(i64([.min])), constant(i64([0])), constant(i64([-1]))],
      gives: "float32[n]"),
    RuleCase(
      "Slice", [symbolic(.float32, ["n"]), constant(i64([3])), constant(i64([.min])), constant(i64([0])), constant(i64([-1]))],
      gives: "float32[slice(n,3::-1)]"),
    RuleCase("Slice", [symbolic(.float32, ["n", 8]), constant(i64([0])), sizes(["n"])], gives: "float32[n,8]"),
    RuleCase("Slice", [symbolic(.float32, ["n", 8]), sizes(["m"]), constant(i64([.max]))], gives: "float32[slice(n,m:),8]"),
    RuleCase("Slice", [symbolic(.float32, ["n", 8]), symbolic(.int64, [1]), symbolic(.int64, [1])], gives: "float32[t.0,8]"),
    RuleCase(
      "Slice", [symbolic(.float32, ["n", 8]), symbolic(.int64, [1]), symbolic(.int64, [1]), symbolic(.int64, [1])],
      gives: "float32[t.0,t.1]"),
    RuleCase("Slice", [symbolic(.float32, nil), constant(i64([0])), constant(i64([1]))], gives: "float32[?]"),
    RuleCase("Slice", [sizes(["b", "c", "h", "w"]), constant(i64([2])), constant(i64([4]))], gives: "int64[2] = [h, w]"),
    RuleCase(
      "Slice", [sizes(["b", "c"]), constant(i64([-1])), constant(i64([.min])), constant(i64([0])), constant(i64([-1]))],
      gives: "int64[2] = [c, b]"),
    RuleCase("Slice", [sizes(["b", "c"]), sizes(["k"]), sizes([try! "k" + 1])], gives: "int64[slice(2,k:k+1)]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Slice", [f32([1, 2]), i64([0]), i64([1]), i64([0]), i64([0])], says: "step of Slice is 0"),
    FailureCase("Slice", [f32([1, 2]), i64([0]), i64([1]), i64([1])], says: "Axis 1 is outside the rank 1"),
    FailureCase("Slice", [f32([1, 2], [1, 2]), i64([0, 0]), i64([1, 1]), i64([1, -1])], says: "given twice"),
    FailureCase("Slice", [f32([1, 2]), i64([0, 0]), i64([1])], says: "'ends' of Slice has 1 elements"),
    FailureCase("Slice", [f32([1, 2]), i64([0, 0]), i64([1, 1])], says: "2 axes of a tensor of rank 1"),
    FailureCase("Slice", [f32([1, 2]), i64([0], [1, 1]), i64([1])], says: "'starts' has rank 2"),
    FailureCase("Slice", [f32([1, 2]), i64([0]), i32([1])], says: "same type Tind"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
