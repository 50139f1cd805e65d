import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// GatherElements. Expected elements: the ONNX reference evaluator 1.23.2.
struct GatherElementsTests {
  static let moves: [MovedCase] = [
    MovedCase("GatherElements", [2, 2], [i64([0, 0, 1, 0], [2, 2])], ["axis": .int(1)], gives: ([2, 2], [0, 0, 3, 2])),
    MovedCase("GatherElements", [3, 3], [i32([1, 2, 0, 2, 0, 0], [2, 3])], gives: ([2, 3], [3, 7, 2, 6, 1, 2])),
    MovedCase("GatherElements", [3, 2], [i64([-1, -2], [1, 2])], gives: ([1, 2], [4, 3])),
    MovedCase("GatherElements", [3], [i64([2, -3, 0, 1])], gives: ([4], [2, 0, 0, 1])),
    MovedCase("GatherElements", [2, 2], [i64([], [2, 0])], ["axis": .int(-1)], gives: ([2, 0], [])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("GatherElements", [symbolic(.float32, ["n", 4]), symbolic(.int64, ["n", 2])], ["axis": .int(1)], gives: "float32[n,2]"),
    RuleCase("GatherElements", [sizes(["a", "b"]), constant(i64([1, 1, 0]))], gives: "int64[3] = [b, b, a]"),
    RuleCase("GatherElements", [symbolic(.float32, ["n", 4]), symbolic(.int64, nil)], gives: "float32[t.0,t.1]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("GatherElements", [f32([1, 2], [1, 2]), i64([0])], says: "must be equal"),
    FailureCase("GatherElements", [f32([1, 2]), i64([2])], says: "index 2 is outside"),
    FailureCase("GatherElements", [f32([1, 2], [1, 2]), i64([0, 0, 0, 0], [2, 2])], ["axis": .int(1)], says: "2 entries along axis 0"),
    FailureCase("GatherElements", [f32([1], []), i64([0], [])], says: "outside the rank 0"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
