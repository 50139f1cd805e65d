import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Trilu. Expected elements: the ONNX reference evaluator 1.23.2.
struct TriluTests {
  static let moves: [MovedCase] = [
    MovedCase("Trilu", [3, 3], gives: ([3, 3], [0, 1, 2, -1, 4, 5, -1, -1, 8])),
    MovedCase("Trilu", [3, 4], [i64([1], [])], gives: ([3, 4], [-1, 1, 2, 3, -1, -1, 6, 7, -1, -1, -1, 11])),
    MovedCase("Trilu", [3, 4], [i64([-1], [])], gives: ([3, 4], [0, 1, 2, 3, 4, 5, 6, 7, -1, 9, 10, 11])),
    MovedCase("Trilu", [3, 4], [], ["upper": .int(0)], gives: ([3, 4], [0, -1, -1, -1, 4, 5, -1, -1, 8, 9, 10, -1])),
    MovedCase("Trilu", [2, 2, 3], [i64([1], [])], ["upper": .int(0)], gives: ([2, 2, 3], [0, 1, -1, 3, 4, 5, 6, 7, -1, 9, 10, 11])),
    MovedCase("Trilu", [2, 2], [i64([.max], [])], gives: ([2, 2], [-1, -1, -1, -1])),
    MovedCase("Trilu", [2, 2], [i64([.min], [])], gives: ([2, 2], Array(0..<4))),
    MovedCase("Trilu", [2, 2], [i64([-5], [])], ["upper": .int(0)], gives: ([2, 2], [-1, -1, -1, -1])),
    MovedCase("Trilu", [3, 0], gives: ([3, 0], [])),
    MovedCase("Trilu", [2, 2], [i64([1])], gives: ([2, 2], [-1, 1, -1, -1])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Trilu", [symbolic(.float32, ["n", "n"])], gives: "float32[n,n]"),
    RuleCase("Trilu", [symbolic(.float32, nil)], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Trilu", [f32([1, 2])], says: "needs rank 2"),
    FailureCase("Trilu", [f32([1], [1, 1]), i64([1, 2])], says: "'k' has 2 elements"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
