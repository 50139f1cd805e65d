import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Col2Im. Expected elements: the ONNX reference evaluator 1.23.2.
struct Col2ImTests {
  static let values: [OperatorCase] = [
    OperatorCase(
      "Col2Im",
      [
        f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25], [1, 5, 5]), i64([5, 5]),
        i64([1, 5]),
      ],
      gives: f32([1, 6, 11, 16, 21, 2, 7, 12, 17, 22, 3, 8, 13, 18, 23, 4, 9, 14, 19, 24, 5, 10, 15, 20, 25], [1, 1, 5, 5])),
    OperatorCase(
      "Col2Im", [f32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [1, 4, 4]), i64([3, 3]), i64([2, 2])],
      gives: f32([1, 7, 6, 12, 34, 22, 11, 27, 16], [1, 1, 3, 3])),
    OperatorCase(
      "Col2Im",
      [
        f32(
          [
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
            35, 36,
          ],
          [1, 4, 9]), i64([4, 4]), i64([2, 2]),
      ], ["strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])],
      gives: f32([28, 20, 29, 21, 13, 5, 14, 6, 31, 23, 32, 24, 16, 8, 17, 9], [1, 1, 4, 4])),
    OperatorCase(
      "Col2Im",
      [
        i32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24], [1, 4, 6]), i64([4, 5]), i64([2, 2]),
      ],
      ["dilations": .ints([2, 2])], gives: i32([1, 2, 10, 8, 9, 4, 5, 16, 11, 12, 13, 14, 34, 20, 21, 16, 17, 40, 23, 24], [1, 1, 4, 5])),
    OperatorCase(
      "Col2Im", [f64([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [2, 4, 2]), i64([2, 3]), i64([2, 2])],
      gives: f64([1, 5, 4, 5, 13, 8, 9, 21, 12, 13, 29, 16], [2, 1, 2, 3])),
    OperatorCase(
      "Col2Im",
      [
        f32(
          [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32],
          [1, 8, 4]),
        i64([2, 3, 3]), i64([2, 2, 2]),
      ], gives: f32([1, 7, 6, 12, 34, 22, 11, 27, 16, 17, 39, 22, 44, 98, 54, 27, 59, 32], [1, 1, 2, 3, 3])),
    OperatorCase(
      "Col2Im", [ints(.uint8, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 4, 3]), i64([3, 3]), i64([2, 2])],
      ["strides": .ints([1, 1]), "pads": .ints([0, 1, 0, 0]), "dilations": .ints([2, 1])],
      gives: ints(.uint8, [6, 8, 6, 0, 0, 0, 18, 20, 12], [1, 1, 3, 3])),
    OperatorCase("Col2Im", [f32([], [0, 4, 4]), i64([3, 3]), i64([2, 2])], gives: f32([], [0, 1, 3, 3])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Col2Im", [symbolic(.float32, ["n", 12, 9]), constant(i64([4, 4])), constant(i64([2, 2]))], gives: "float32[n,3,4,4]"),
    RuleCase("Col2Im", [symbolic(.float32, ["n", 12, "l"]), sizes(["h", "w"]), constant(i64([2, 2]))], gives: "float32[n,3,h,w]"),
    RuleCase(
      "Col2Im", [symbolic(.float32, ["n", 12, "l"]), symbolic(.int64, [2]), symbolic(.int64, [2])], gives: "float32[t.0,t.1,t.2,t.3]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Col2Im", [f32([1, 2], [1, 1, 2]), i64([1, 1]), i64([1, 1])], says: "not the number of blocks: 2 and 1"),
    FailureCase("Col2Im", [f32([1], [1, 1, 1]), i64([2, 2]), i64([2, 2])], says: "1 is no multiple of 4"),
    FailureCase("Col2Im", [f32([1], [1, 1, 1]), i64([1, 1]), i64([0, 1])], says: "extent below 1"),
    FailureCase("Col2Im", [f32([1, 2], [1, 2, 1]), i64([1, 1]), i64([1, 2])], says: "larger than the padded image in axis 1"),
    FailureCase("Col2Im", [f32([1], [1, 1]), i64([1, 1]), i64([1, 1])], says: "must have rank 3"),
    FailureCase("Col2Im", [f32([1], [1, 1, 1]), i64([1, 1]), i64([1, 1])], ["strides": .ints([0, 1])], says: "must be at least 1"),
    FailureCase("Col2Im", [f32([1], [1, 1, 1]), i64([1, 1]), i64([1, 1])], ["pads": .ints([0, 0])], says: "entries"),
    FailureCase("Col2Im", [f32([1], [1, 1, 1]), i64([1, 1]), i64([1, 1])], ["pads": .ints([.max, 0, .max, 0])], says: "overflows"),
    FailureCase("Col2Im", [strings(["a"], [1, 1, 1]), i64([1, 1]), i64([1, 1])], code: .unsupported, says: "strings"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
