import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Small tensors of shape arithmetic are made without types and kernels. That they are right, `evaluate(_:_:)` says of every case of these
/// operators; here, that they are made at all, and not for large ones.
struct SmallResultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let op: String
    let inputs: [Tensor?]
    var attributes: [String: Attribute] = [:]

    var testDescription: String { "\(op)(\(inputs.map { $0.map(\.typeDescription) ?? "-" }.joined(separator: ", ")))" }

    func result() throws -> Tensor? {
      var given = inputs
      return try make(op, attributes, inputs: inputs.count).smallResult(&given)
    }
  }

  static let sixty = ramp(.float32, [3, 4, 5])
  static let made: [Case] = [
    Case(op: "Shape", inputs: [sixty]),
    Case(op: "Shape", inputs: [strings(["a", "b"])], attributes: ["start": .int(-1)]),
    Case(op: "Size", inputs: [sixty]),
    Case(op: "ConstantOfShape", inputs: [i64([4, 16])]),
    Case(op: "ConstantOfShape", inputs: [i64([0])], attributes: ["value": .tensor(i64([7]))]),
    Case(op: "Reshape", inputs: [sixty, i64([0, -1])]),
    Case(op: "Squeeze", inputs: [ramp(.int64, [1, 3, 1])]),
    Case(op: "Squeeze", inputs: [ramp(.int64, [1, 3, 1]), i64([-1])]),
    Case(op: "Unsqueeze", inputs: [sixty, i64([0, -1])]),
    Case(op: "Flatten", inputs: [sixty], attributes: ["axis": .int(-1)]),
    Case(op: "Slice", inputs: [i64([1, 2, 3, 4]), i64([1]), i64([9])]),
    Case(op: "Slice", inputs: [sixty, i64([-1, 3]), i64([-9, 1]), i64([1, 2]), i64([-2, -1])]),
    Case(op: "Concat", inputs: [i64([1]), i64([2, 3])], attributes: ["axis": .int(0)]),
  ]

  @Test(arguments: made) func isMade(_ row: Case) throws {
    let result = try #require(try row.result(), "\(row)")
    expectClose(result, try make(row.op, row.attributes, inputs: row.inputs.count).evaluate(row.inputs)[0], tolerance: 0, "\(row)")
  }

  static let left: [Case] = [
    Case(op: "ConstantOfShape", inputs: [i64([5, 13])]),
    Case(op: "ConstantOfShape", inputs: [i64([Int64.max, 2])]),
    Case(op: "Reshape", inputs: [sixty, i64([7, -1])]),
    Case(op: "Squeeze", inputs: [sixty, i64([0])]),
    Case(op: "Unsqueeze", inputs: [sixty, i64([1, 1])]),
    Case(op: "Flatten", inputs: [sixty], attributes: ["axis": .int(4)]),
    Case(op: "Slice", inputs: [ramp(.float32, [65]), i64([0]), i64([65])]),
    Case(op: "Slice", inputs: [sixty, i64([0]), i64([2]), i64([0]), i64([0])]),
    Case(op: "Slice", inputs: [sixty, i64([0, 0]), i64([2])]),
    Case(op: "Slice", inputs: [sixty, i64([5]), i64([2])]),
  ]

  @Test(arguments: left) func largeAndWrongOnesAreLeft(_ row: Case) throws { #expect(try row.result() == nil) }
}
