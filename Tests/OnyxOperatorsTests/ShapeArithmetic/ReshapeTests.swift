import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Reshape and Flatten. Expected shapes: numpy and the standard's text.
struct ReshapeTests {
  static let moves: [MovedCase] = [
    MovedCase("Reshape", [2, 3], [i64([3, 2])], gives: ([3, 2], Array(0..<6))),
    MovedCase("Reshape", [2, 3, 4], [i64([-1, 4])], gives: ([6, 4], Array(0..<24))),
    MovedCase("Reshape", [2, 3, 4], [i64([0, -1])], gives: ([2, 12], Array(0..<24)), isDirect: true),
    MovedCase("Reshape", [2, 3, 4], [i64([4, 0, -1])], gives: ([4, 3, 2], Array(0..<24)), isDirect: true),
    MovedCase("Reshape", [6], [i64([-1])], gives: ([6], Array(0..<6))),
    MovedCase("Reshape", [1, 1], [i64([])], gives: ([], [0])),
    MovedCase("Reshape", [], [i64([1, 1])], gives: ([1, 1], [0])),
    MovedCase("Reshape", [0, 3], [i64([3, 0])], ["allowzero": .int(1)], gives: ([3, 0], []), isDirect: true),
    MovedCase("Reshape", [0, 3], [i64([0, 3])], gives: ([0, 3], []), isDirect: true),
    MovedCase("Reshape", [0, 3, 2], [i64([0, -1])], gives: ([0, 6], []), isDirect: true, note: "the copied 0 cancels"),
    MovedCase("Reshape", [0, 3], [i64([-1, 3])], gives: ([0, 3], [])),
    MovedCase("Flatten", [2, 3, 4], gives: ([2, 12], Array(0..<24))),
    MovedCase("Flatten", [2, 3, 4], [], ["axis": .int(0)], gives: ([1, 24], Array(0..<24))),
    MovedCase("Flatten", [2, 3, 4], [], ["axis": .int(3)], gives: ([24, 1], Array(0..<24))),
    MovedCase("Flatten", [2, 3, 4], [], ["axis": .int(-1)], gives: ([6, 4], Array(0..<24))),
    MovedCase("Flatten", [], [], ["axis": .int(0)], gives: ([1, 1], [0])),
    MovedCase("Flatten", [0, 3, 2], [], ["axis": .int(2)], gives: ([0, 2], [])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Reshape", [symbolic(.float32, ["n", 3, 18]), constant(i64([0, -1]))], gives: "float32[n,54]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 54]), sizes(["n", 54, 1, 1])], gives: "float32[n,54,1,1]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 3, 18]), sizes(["n", -1])], gives: "float32[n,54]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", "t", 64]), constant(i64([0, 0, 8, -1]))], gives: "float32[n,t,8,8]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", "t", 64]), constant(i64([-1, 64]))], gives: "float32[n*t,64]"),
    RuleCase("Reshape", [symbolic(.float32, [try! "n" * "t", 64]), sizes([-1, "t", 64])], gives: "float32[n,t,64]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 6]), constant(i64([-1, 4]))], gives: "float32[floor(6*n/4),4]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 6]), constant(i64([0, 0, -1]))], gives: "float32[n,6,1]"),
    RuleCase("Reshape", [symbolic(.float32, nil), constant(i64([0, 4, -1]))], gives: "float32[t.0,4,t.2]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 4]), symbolic(.int64, [3])], gives: "float32[t.0,t.1,t.2]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 4]), symbolic(.int64, ["k"])], gives: "float32[?]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 4]), symbolic(.int64, nil)], gives: "float32[?]"),
    RuleCase("Reshape", [symbolic(.float32, ["n", 4]), symbolic(.int64, [1_099_511_627_776])], gives: "float32[?]"),
    RuleCase("Reshape", [sizes(["n", 4]), constant(i64([-1]))], gives: "int64[2] = [n, 4]"),
    RuleCase("Reshape", [sizes(["n"]), constant(i64([], [0]))], gives: "int64[] = [n]"),
    RuleCase("Reshape", [sizes(["n", 4]), constant(i64([2, 1]))], gives: "int64[2,1]"),
    RuleCase("Reshape", [sizes([5, 4]), constant(i64([2, 1]))], gives: "int64[2,1] = [5, 4]"),
    RuleCase("Flatten", [symbolic(.float32, ["n", 3, "h"])], gives: "float32[n,3*h]"),
    RuleCase("Flatten", [symbolic(.float32, ["n", 3, "h"])], ["axis": .int(0)], gives: "float32[1,3*h*n]"),
    RuleCase("Flatten", [symbolic(.float32, nil)], gives: "float32[t.0,t.1]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Reshape", [f32([1, 2, 3]), i64([2, 2])], says: "different element counts: 3 and 4"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([2, -1])], says: "3 elements are no multiple of 2"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([-1, -1])], says: "more than one -1"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([-2])], says: "extent -2"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([3, 0])], says: "copies axis 1"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([0, -1])], ["allowzero": .int(1)], says: "cannot have both 0 and -1"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([1, 3], [1, 2])], says: "'shape' has rank 2"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([.max, .max])], says: "overflows"),
    FailureCase("Reshape", [f32([1, 2, 3]), i64([.min])], says: "extent"),
    FailureCase("Reshape", [f32([1]), i32([1])], says: "must be int64"),
    FailureCase("Flatten", [f32([1, 2])], ["axis": .int(2)], says: "Axis 2 is outside"),
    FailureCase("Flatten", [f32([1, 2])], ["axis": .int(.min)], says: "is outside"),
    FailureCase("Flatten", [f32([1], [])], says: "Axis 1 is outside the rank 0"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
