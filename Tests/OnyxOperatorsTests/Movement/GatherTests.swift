import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Gather. Expected elements: the ONNX reference evaluator 1.23.2.
struct GatherTests {
  static let moves: [MovedCase] = [
    MovedCase("Gather", [3, 2], [i64([0, -1])], gives: ([2, 2], [0, 1, 4, 5])),
    MovedCase("Gather", [2, 3], [i64([0, 2, 1, -3], [2, 2])], ["axis": .int(1)], gives: ([2, 2, 2], [0, 2, 1, 0, 3, 5, 4, 3])),
    MovedCase("Gather", [2, 3], [i32([1], [])], ["axis": .int(-1)], gives: ([2], [1, 4])),
    MovedCase("Gather", [4], [i64([2], [])], gives: ([], [2])),
    MovedCase("Gather", [2, 2], [i64([])], gives: ([0, 2], [])),
    MovedCase("Gather", [2, 0], [i64([1, 0])], gives: ([2, 0], [])),
    MovedCase("Gather", [2, 2, 3], [i64([1])], ["axis": .int(-2)], gives: ([2, 1, 3], [3, 4, 5, 9, 10, 11])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Gather", [symbolic(.float32, ["n", 4]), symbolic(.int64, ["i", "j"])], ["axis": .int(1)], gives: "float32[n,i,j]"),
    RuleCase("Gather", [sizes(["b", "c", "h"]), constant(i64([1], []))], gives: "int64[] = [c]"),
    RuleCase("Gather", [sizes(["b", "c", "h"]), constant(i64([-1, 0]))], gives: "int64[2] = [h, b]"),
    RuleCase("Gather", [sizes(["b", "c", "h"]), sizes(["k"])], gives: "int64[1]"),
    RuleCase("Gather", [symbolic(.float32, ["n"]), constant(i64([7], []))], gives: "float32[]"),
    RuleCase("Gather", [symbolic(.float32, nil), constant(i64([7], []))], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Gather", [f32([1, 2]), i64([2])], says: "index 2 is outside the axis of 2"),
    FailureCase("Gather", [f32([1, 2]), i64([.min])], says: "is outside the axis of 2"),
    FailureCase("Gather", [f32([], [0]), i64([0])], says: "outside the axis of 0"),
    FailureCase("Gather", [f32([1], []), i64([0])], says: "outside the rank 0"),
    FailureCase("Gather", [f32([1]), f32([0])], says: "float32, which the operator does not allow"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
