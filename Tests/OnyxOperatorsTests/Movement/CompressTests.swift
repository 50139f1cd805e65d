import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Compress. Expected elements: the ONNX reference evaluator 1.23.2.
struct CompressTests {
  static let moves: [MovedCase] = [
    MovedCase("Compress", [3, 2], [bools([false, true, true])], ["axis": .int(0)], gives: ([2, 2], [2, 3, 4, 5])),
    MovedCase("Compress", [3, 2], [bools([false, true])], ["axis": .int(1)], gives: ([3, 1], [1, 3, 5])),
    MovedCase("Compress", [3, 2], [bools([false, true, false, false, true])], gives: ([2], [1, 4])),
    MovedCase("Compress", [3, 2], [bools([false, true])], ["axis": .int(-2)], gives: ([1, 2], [2, 3])),
    MovedCase("Compress", [3], [bools([])], gives: ([0], [])),
    MovedCase("Compress", [0, 2], [bools([false])], ["axis": .int(1)], gives: ([0, 0], [])),
    MovedCase(
      "Compress", [2, 2], [bools([true, false, false])], ["axis": .int(0)], gives: ([1, 2], [0, 1]), note: "false beyond the end"),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Compress", [symbolic(.float32, ["n", 4]), symbolic(.bool, ["k"])], ["axis": .int(1)], gives: "float32[n,t.count]"),
    RuleCase("Compress", [symbolic(.float32, ["n", 4]), symbolic(.bool, ["k"])], gives: "float32[t.count]"),
    RuleCase("Compress", [symbolic(.float32, ["n", 4]), constant(bools([true, false, true]))], ["axis": .int(1)], gives: "float32[n,2]"),
    RuleCase("Compress", [symbolic(.float32, nil), constant(bools([true]))], ["axis": .int(1)], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Compress", [f32([1, 2]), bools([false, false, true])], says: "holds at 2, beyond the 2 elements"),
    FailureCase("Compress", [f32([1, 2]), bools([true])], ["axis": .int(1)], says: "Axis 1 is outside"),
    FailureCase("Compress", [f32([1, 2]), bools([true], [1, 1])], says: "condition has rank 2"),
    FailureCase("Compress", [f32([1], []), bools([true])], says: "rank of at least 1"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
