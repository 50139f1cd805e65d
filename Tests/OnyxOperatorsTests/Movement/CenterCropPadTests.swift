import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// CenterCropPad. Expected elements: the ONNX reference evaluator 1.23.2.
struct CenterCropPadTests {
  static let moves: [MovedCase] = [
    MovedCase("CenterCropPad", [5], [i64([2])], ["axes": .ints([0])], gives: ([2], [1, 2])),
    MovedCase("CenterCropPad", [5], [i64([8])], ["axes": .ints([0])], gives: ([8], [-1, 0, 1, 2, 3, 4, -1, -1])),
    MovedCase(
      "CenterCropPad", [4, 3], [i64([2, 6])], ["axes": .ints([0, 1])], gives: ([2, 6], [-1, 3, 4, 5, -1, -1, -1, 6, 7, 8, -1, -1])),
    MovedCase("CenterCropPad", [4, 3], [i32([1])], ["axes": .ints([-1])], gives: ([4, 1], [1, 4, 7, 10])),
    MovedCase("CenterCropPad", [3], [i64([0])], ["axes": .ints([0])], gives: ([0], [])),
    MovedCase(
      "CenterCropPad", [3, 2], [i64([4, 5])], ["axes": .ints([1, 0])],
      gives: ([5, 4], [-1, -1, -1, -1, -1, 0, 1, -1, -1, 2, 3, -1, -1, 4, 5, -1, -1, -1, -1, -1])),
    MovedCase("CenterCropPad", [2, 2], [i64([3, 1])], gives: ([3, 1], [0, 2, -1])),
    MovedCase("CenterCropPad", [0], [i64([2])], ["axes": .ints([0])], gives: ([2], [-1, -1])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("CenterCropPad", [symbolic(.float32, ["n", 3, 8]), sizes(["h", 4])], ["axes": .ints([1, 2])], gives: "float32[n,h,4]"),
    RuleCase("CenterCropPad", [symbolic(.float32, ["n", 3, 8]), symbolic(.int64, [1])], ["axes": .ints([-1])], gives: "float32[n,3,t.2]"),
    RuleCase("CenterCropPad", [symbolic(.float32, nil), symbolic(.int64, [1])], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("CenterCropPad", [f32([1, 2]), i64([1, 1])], says: "2 extents are given for 1 axes"),
    FailureCase("CenterCropPad", [f32([1, 2]), i64([-1])], says: "negative dimension"),
    FailureCase("CenterCropPad", [f32([1, 2]), i64([1 << 50])], code: .budgetExceeded, says: "too large"),
    FailureCase("CenterCropPad", [f32([1, 2]), i64([1])], ["axes": .ints([1])], says: "Axis 1 is outside"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
