import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Shape and Size. Expected elements: the ONNX reference evaluator 1.23.2.
struct ShapeOfTests {
  static let values: [OperatorCase] = [
    OperatorCase("Shape", [f32([0, 0, 0, 0, 0, 0], [2, 3])], gives: i64([2, 3])),
    OperatorCase(
      "Shape", [f32([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2, 3, 4])], ["start": .int(1)],
      gives: i64([3, 4])),
    OperatorCase(
      "Shape", [f32([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2, 3, 4])],
      ["start": .int(-2), "end": .int(-1)],
      gives: i64([3])),
    OperatorCase(
      "Shape", [f32([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2, 3, 4])],
      ["start": .int(-10), "end": .int(10)],
      gives: i64([2, 3, 4])),
    OperatorCase(
      "Shape", [f32([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2, 3, 4])],
      ["start": .int(2), "end": .int(1)],
      gives: i64([])),
    OperatorCase(
      "Shape", [f32([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2, 3, 4])],
      ["start": .int(-9_223_372_036_854_775_808), "end": .int(9_223_372_036_854_775_807)], gives: i64([2, 3, 4])),
    OperatorCase("Shape", [f64([1], [])], gives: i64([])),
    OperatorCase("Shape", [ints(.int8, [], [0, 2])], gives: i64([0, 2])),
    OperatorCase("Shape", [strings(["a"])], gives: i64([1])),
    OperatorCase("Size", [f32([0, 0, 0, 0, 0, 0], [2, 3])], gives: i64([6], [])),
    OperatorCase("Size", [bools([true], [])], gives: i64([1], [])),
    OperatorCase("Size", [f64([], [2, 0])], gives: i64([0], [])),
    OperatorCase("Size", [strings(["a", "b"])], gives: i64([2], [])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Shape", [symbolic(.float32, ["n", 3, "h"])], gives: "int64[3] = [n, 3, h]"),
    RuleCase("Shape", [symbolic(.float32, ["n", 3, "h"])], ["start": .int(-1)], gives: "int64[1] = [h]"),
    RuleCase("Shape", [symbolic(.float32, ["n", 3, "h"])], ["end": .int(-1)], gives: "int64[2] = [n, 3]"),
    RuleCase("Shape", [symbolic(.float32, nil)], gives: "int64[t.rank]"),
    RuleCase("Shape", [symbolic(.float32, nil)], ["end": .int(2)], gives: "int64[?]"),
    RuleCase("Size", [symbolic(.float32, ["n", 3, "h"])], gives: "int64[] = [3*h*n]"),
    RuleCase("Size", [symbolic(.float32, nil)], gives: "int64[]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  @Test func sequencesHaveNoShape() throws {
    let node = Node(op: OperatorName("Shape"), opset: Catalog.newestOpset, inputs: [ValueID(0)], outputs: [ValueID(1)])
    let context = InferenceContext(inputs: [Inferred(.sequence(.tensor(.float32, shape: nil)))], outputCount: 1)
    #expect(throws: OnyxError.invalid("Input 0 is no tensor.")) { _ = try Catalog.make(node).infer(context) }
  }
}
