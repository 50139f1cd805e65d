import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// ReverseSequence. Expected elements: the ONNX reference evaluator 1.23.2.
struct ReverseSequenceTests {
  static let moves: [MovedCase] = [
    MovedCase("ReverseSequence", [4, 4], [i64([4, 3, 2, 1])], gives: ([4, 4], [12, 9, 6, 3, 8, 5, 2, 7, 4, 1, 10, 11, 0, 13, 14, 15])),
    MovedCase(
      "ReverseSequence", [4, 4], [i64([1, 2, 3, 4])], ["time_axis": .int(1), "batch_axis": .int(0)],
      gives: ([4, 4], [0, 1, 2, 3, 5, 4, 6, 7, 10, 9, 8, 11, 15, 14, 13, 12])),
    MovedCase("ReverseSequence", [3, 2, 2], [i64([3, 0])], gives: ([3, 2, 2], [8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11])),
    MovedCase("ReverseSequence", [2, 0], [i64([])], gives: ([2, 0], [])),
    MovedCase("ReverseSequence", [0, 2], [i64([0, 0])], gives: ([0, 2], [])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("ReverseSequence", [symbolic(.float32, ["t", "b", 3]), symbolic(.int64, ["b"])], gives: "float32[t,b,3]")
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("ReverseSequence", [f32([1, 2], [2, 1]), i64([3])], says: "length 3 is outside 0 … 2"),
    FailureCase("ReverseSequence", [f32([1, 2], [2, 1]), i64([-1])], says: "length -1 is outside"),
    FailureCase("ReverseSequence", [f32([1, 2], [2, 1]), i64([1, 1])], says: "not the batch size: 2 and 1"),
    FailureCase("ReverseSequence", [f32([1, 2], [2, 1]), i64([1], [])], says: "must have rank 1"),
    FailureCase("ReverseSequence", [f32([1, 2]), i64([1])], says: "needs rank 2"),
    FailureCase("ReverseSequence", [f32([1, 2], [2, 1]), i64([1])], ["time_axis": .int(1)], says: "are 1 and 1"),
    FailureCase("ReverseSequence", [f32([1, 2], [2, 1]), i64([1])], ["time_axis": .int(2)], says: "are 2 and 1"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
