import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Pad. Expected elements: the ONNX reference evaluator 1.23.2. Negative pads against numpy on the cropped array.
struct PadTests {
  static let moves: [MovedCase] = [
    MovedCase("Pad", [2, 3], [i64([0, 1, 1, 2])], gives: ([3, 6], [-1, 0, 1, 2, -1, -1, -1, 3, 4, 5, -1, -1, -1, -1, -1, -1, -1, -1])),
    MovedCase("Pad", [5], [i64([-1, -2])], gives: ([2], [1, 2])),
    MovedCase("Pad", [3], [i64([-2, 3])], gives: ([4], [2, -1, -1, -1])),
    MovedCase("Pad", [2, 3], [i64([1, 1]), nil, i64([-1])], gives: ([2, 5], [-1, 0, 1, 2, -1, -1, 3, 4, 5, -1])),
    MovedCase("Pad", [2, 3], [i64([1, 0, 0, 1]), nil, i32([1, 0])], gives: ([3, 4], [-1, 0, 1, 2, -1, 3, 4, 5, -1, -1, -1, -1])),
    MovedCase("Pad", [], [i64([])], gives: ([], [0])),
    MovedCase("Pad", [0], [i64([1, 1])], gives: ([2], [-1, -1])),
    MovedCase("Pad", [2, 3], [i64([0, 0, 1, 0]), nil, i64([-2, -1])], gives: ([3, 3], [0, 1, 2, 3, 4, 5, -1, -1, -1])),
    MovedCase("Pad", [2], [i64([-3, 4])], gives: ([3], [-1, -1, -1]), note: "the crop is larger than the data"),
    MovedCase(
      "Pad", [2, 3], [i64([1, 2, 1, 2])], ["mode": .text("reflect")],
      gives: ([4, 7], [5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0, 5, 4, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 1, 0])),
    MovedCase("Pad", [3], [i64([5, 7])], ["mode": .text("reflect")], gives: ([15], [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1])),
    MovedCase("Pad", [1], [i64([2, 1])], ["mode": .text("reflect")], gives: ([4], [0, 0, 0, 0])),
    MovedCase("Pad", [4], [i64([-1, 3])], ["mode": .text("reflect")], gives: ([6], [1, 2, 3, 2, 1, 2])),
    MovedCase("Pad", [0, 2], [i64([0, 1, 0, 0])], ["mode": .text("reflect")], gives: ([0, 3], [])),
    MovedCase(
      "Pad", [3, 2], [i64([2, 1]), nil, i64([-2])], ["mode": .text("reflect")], gives: ([6, 2], [4, 5, 2, 3, 0, 1, 2, 3, 4, 5, 2, 3])),
    MovedCase(
      "Pad", [2, 3], [i64([1, 2, 1, 2])], ["mode": .text("edge")],
      gives: ([4, 7], [0, 0, 0, 1, 2, 2, 2, 0, 0, 0, 1, 2, 2, 2, 3, 3, 3, 4, 5, 5, 5, 3, 3, 3, 4, 5, 5, 5])),
    MovedCase("Pad", [3], [i64([5, 7])], ["mode": .text("edge")], gives: ([15], [0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2])),
    MovedCase("Pad", [1], [i64([2, 1])], ["mode": .text("edge")], gives: ([4], [0, 0, 0, 0])),
    MovedCase("Pad", [4], [i64([-1, 3])], ["mode": .text("edge")], gives: ([6], [1, 2, 3, 3, 3, 3])),
    MovedCase("Pad", [0, 2], [i64([0, 1, 0, 0])], ["mode": .text("edge")], gives: ([0, 3], [])),
    MovedCase(
      "Pad", [3, 2], [i64([2, 1]), nil, i64([-2])], ["mode": .text("edge")], gives: ([6, 2], [0, 1, 0, 1, 0, 1, 2, 3, 4, 5, 4, 5])),
    MovedCase(
      "Pad", [2, 3], [i64([1, 2, 1, 2])], ["mode": .text("wrap")],
      gives: ([4, 7], [4, 5, 3, 4, 5, 3, 4, 1, 2, 0, 1, 2, 0, 1, 4, 5, 3, 4, 5, 3, 4, 1, 2, 0, 1, 2, 0, 1])),
    MovedCase("Pad", [3], [i64([5, 7])], ["mode": .text("wrap")], gives: ([15], [1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0])),
    MovedCase("Pad", [1], [i64([2, 1])], ["mode": .text("wrap")], gives: ([4], [0, 0, 0, 0])),
    MovedCase("Pad", [4], [i64([-1, 3])], ["mode": .text("wrap")], gives: ([6], [1, 2, 3, 1, 2, 3])),
    MovedCase("Pad", [0, 2], [i64([0, 1, 0, 0])], ["mode": .text("wrap")], gives: ([0, 3], [])),
    MovedCase(
      "Pad", [3, 2], [i64([2, 1]), nil, i64([-2])], ["mode": .text("wrap")], gives: ([6, 2], [2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let values: [OperatorCase] = [
    OperatorCase("Pad", [f32([1, 2]), i64([1, 1]), f32([7.5], [])], gives: f32([7.5, 1, 2, 7.5])),
    OperatorCase("Pad", [i32([1, 2]), i64([0, 2]), i32([-3])], gives: i32([1, 2, -3, -3])),
    OperatorCase("Pad", [strings(["a"]), i64([1, 0]), strings(["x"], [])], gives: strings(["x", "a"])),
    OperatorCase("Pad", [bools([true]), i64([0, 1]), bools([true], [])], gives: bools([true, true])),
    OperatorCase(
      "Pad", [complexes(.complex128, [(1, 2)]), i64([1, 0]), complexes(.complex128, [(3, -1)], [])],
      gives: complexes(.complex128, [(3, -1), (1, 2)])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Pad", [symbolic(.float32, ["n", 3, "h"]), constant(i64([0, 0, 1, 0, 0, 1]))], gives: "float32[n,3,h+2]"),
    RuleCase("Pad", [symbolic(.float32, ["n"]), sizes(["p", 0])], gives: "float32[n+p]"),
    RuleCase("Pad", [symbolic(.float32, ["n", 3]), symbolic(.int64, [4])], gives: "float32[t.0,t.1]"),
    RuleCase("Pad", [symbolic(.float32, ["n", 3]), symbolic(.int64, [2]), nil, constant(i64([1]))], gives: "float32[n,t.1]"),
    RuleCase("Pad", [symbolic(.float32, nil), constant(i64([1, 1]))], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Pad", [f32([1, 2]), i64([1])], says: "1 pads are given for 1 axes"),
    FailureCase("Pad", [f32([1, 2]), i64([-2, -1])], says: "negative dimension"),
    FailureCase("Pad", [f32([1, 2]), i64([.max, 1])], says: "overflows"),
    FailureCase("Pad", [f32([1, 2]), i64([.min, .max])], ["mode": .text("edge")], says: "out of range"),
    FailureCase("Pad", [f32([1, 2]), i64([.max, .min + 2])], says: "overflows"),
    FailureCase("Pad", [f32([1, 2]), i64([.min + 2, .max])], says: "out of range"),
    FailureCase("Pad", [f32([], [0]), i64([1, 0])], ["mode": .text("reflect")], says: "no elements left to pad with"),
    FailureCase("Pad", [f32([1, 2]), i64([-2, 1])], ["mode": .text("edge")], says: "no elements left to pad with"),
    FailureCase("Pad", [f32([1, 2]), i64([0, 0])], ["mode": .text("mirror")], says: "'mode' is 'mirror'"),
    FailureCase("Pad", [f32([1, 2]), i64([0, 0]), f32([1, 2])], says: "'constant_value' has 2 elements"),
    FailureCase("Pad", [f32([1, 2], [1, 2]), i64([0, 0, 0, 0]), nil, i64([1, -1])], says: "given twice"),
    FailureCase("Pad", [f32([1]), i64([1 << 50, 0])], code: .budgetExceeded, says: "too large"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
