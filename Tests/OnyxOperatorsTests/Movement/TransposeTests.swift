import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Transpose. Expected elements: the ONNX reference evaluator 1.23.2.
struct TransposeTests {
  static let moves: [MovedCase] = [
    MovedCase("Transpose", [2, 3], gives: ([3, 2], [0, 3, 1, 4, 2, 5])),
    MovedCase(
      "Transpose", [2, 3, 4], [], ["perm": .ints([1, 2, 0])],
      gives: ([3, 4, 2], [0, 12, 1, 13, 2, 14, 3, 15, 4, 16, 5, 17, 6, 18, 7, 19, 8, 20, 9, 21, 10, 22, 11, 23])),
    MovedCase(
      "Transpose", [2, 3, 2, 2], [], ["perm": .ints([0, 2, 3, 1])],
      gives: ([2, 2, 2, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23])),
    MovedCase("Transpose", [], gives: ([], [0])),
    MovedCase("Transpose", [2, 0, 3], gives: ([3, 0, 2], [])),
    MovedCase("Transpose", [4], [], ["perm": .ints([0])], gives: ([4], Array(0..<4))),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Transpose", [symbolic(.float32, ["n", 3, "h"])], gives: "float32[h,3,n]"),
    RuleCase("Transpose", [symbolic(.float32, nil)], ["perm": .ints([1, 0])], gives: "float32[t.0,t.1]"),
    RuleCase("Transpose", [sizes(["n", 3])], gives: "int64[2] = [n, 3]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Transpose", [f32([1, 2])], ["perm": .ints([1])], says: "no order of the 1 axes"),
    FailureCase("Transpose", [f32([1, 2], [1, 2])], ["perm": .ints([0, 0])], says: "no order of the 2 axes"),
    FailureCase("Transpose", [f32([1, 2], [1, 2])], ["perm": .ints([-1, 0])], says: "no order"),
    FailureCase("Transpose", [f32([1, 2], [1, 2])], ["perms": .ints([1, 0])], says: "'perms' is not defined"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
