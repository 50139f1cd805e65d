import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// ConstantOfShape. Expected: numpy.full.
struct ConstantOfShapeTests {
  static let values: [OperatorCase] = [
    OperatorCase("ConstantOfShape", [i64([2, 3])], gives: f32([0, 0, 0, 0, 0, 0], [2, 3])),
    OperatorCase("ConstantOfShape", [i64([])], gives: f32([0], [])),
    OperatorCase("ConstantOfShape", [i64([0, 2])], gives: f32([], [0, 2])),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("ConstantOfShape", [sizes(["n", 3])], gives: "float32[n,3]"),
    RuleCase("ConstantOfShape", [symbolic(.int64, [2])], gives: "float32[t.0,t.1]"),
    RuleCase("ConstantOfShape", [symbolic(.int64, nil)], gives: "float32[?]"),
    RuleCase("ConstantOfShape", [constant(i64([2]))], ["value": .tensor(i64([7]))], gives: "int64[2] = [7, 7]"),
    RuleCase("ConstantOfShape", [constant(i64([1 << 40, 1 << 20]))], gives: "float32[1099511627776,1048576]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("ConstantOfShape", [i64([-1])], says: "negative dimension"),
    FailureCase("ConstantOfShape", [i64([.max, 2])], says: "more elements than fit"),
    FailureCase("ConstantOfShape", [i64([1 << 50])], code: .budgetExceeded, says: "too large"),
    FailureCase("ConstantOfShape", [i64([2])], ["value": .tensor(i64([1, 2]))], says: "must have one"),
    FailureCase("ConstantOfShape", [i64([2])], ["value": .tensor(strings(["a"]))], says: "string, which the operator does not allow"),
    FailureCase("ConstantOfShape", [i64([2], [1, 1])], says: "'input' has rank 2"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }

  /// Every type that the standard allows as the fill.
  @Test func fillsWithAnyType() throws {
    let types = try #require(Catalog.definition(of: OperatorName("ConstantOfShape"))).signature.types["T2"]
    for type in try #require(types) {
      let result = try evaluate("ConstantOfShape", [i64([2, 2])], attributes: ["value": .tensor(samples(type, [5], [1]))])
      expectClose(result[0], samples(type, [5, 5, 5, 5], [2, 2]), tolerance: 0, "\(type)")
    }
    #expect(types?.count == 23)
  }
}
