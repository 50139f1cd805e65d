import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Tile. Expected elements: the ONNX reference evaluator 1.23.2.
struct TileTests {
  static let moves: [MovedCase] = [
    MovedCase("Tile", [2], [i64([3])], gives: ([6], [0, 1, 0, 1, 0, 1])),
    MovedCase("Tile", [1, 2], [i64([2, 2])], gives: ([2, 4], [0, 1, 0, 1, 0, 1, 0, 1])),
    MovedCase("Tile", [2, 2], [i64([1, 0])], gives: ([2, 0], [])),
    MovedCase("Tile", [], [i64([])], gives: ([], [0])),
    MovedCase("Tile", [0, 2], [i64([2, 1])], gives: ([0, 2], [])),
    MovedCase("Tile", [2, 1, 2], [i64([1, 2, 1])], gives: ([2, 2, 2], [0, 1, 0, 1, 2, 3, 2, 3])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Tile", [symbolic(.float32, ["n", 2]), constant(i64([1, 3]))], gives: "float32[n,6]"),
    RuleCase("Tile", [symbolic(.float32, [1, 2]), sizes(["b", 1])], gives: "float32[b,2]"),
    RuleCase("Tile", [symbolic(.float32, ["n"]), sizes(["b"])], gives: "float32[b*n]"),
    RuleCase("Tile", [symbolic(.float32, ["n", 2]), symbolic(.int64, [2])], gives: "float32[t.0,t.1]"),
    RuleCase("Tile", [sizes(["n"]), constant(i64([2]))], gives: "int64[2] = [n, n]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Tile", [f32([1, 2]), i64([1, 1])], says: "2 repeats are given for a tensor of rank 1"),
    FailureCase("Tile", [f32([1, 2]), i64([-1])], says: "negative"),
    FailureCase("Tile", [f32([1, 2]), i64([.max])], says: "overflows"),
    FailureCase("Tile", [f32([1, 2], [1, 2]), i64([1 << 40, 1 << 40])], says: "more elements than fit"),
    FailureCase("Tile", [f32([1, 2]), i64([1 << 50])], code: .budgetExceeded, says: "too large"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
