import OnyxGraph
import OnyxTensor
import Testing

/// Inputs and attributes that break a rule of an elementwise operator.
struct ElementwiseErrorTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let op: String
    let inputs: [Tensor?]
    var attributes: [String: Attribute] = [:]
    var code = OnyxError.Code.invalidModel
    let fragment: String
    var testDescription: String { "\(op): \(fragment)" }
  }

  static let rows: [Row] = [
    Row(op: "Add", inputs: [f32([1, 2]), f32([1, 2, 3])], fragment: "cannot be broadcast"),
    Row(op: "Add", inputs: [f32([1, 2]), f64([1, 2])], fragment: "another input of the same type T is float32"),
    Row(op: "Add", inputs: [f32([1])], fragment: "the operator takes 2"),
    Row(op: "Add", inputs: [f32([1]), f32([1])], attributes: ["axis": .int(0)], fragment: "The attribute 'axis' is not defined"),
    Row(op: "Add", inputs: [bools([true]), bools([true])], fragment: "does not allow"),
    Row(op: "Max", inputs: [], fragment: "at least 1"),
    Row(op: "Max", inputs: [f32([1, 2]), f32([1, 2, 3])], fragment: "cannot be broadcast"),
    Row(op: "Mean", inputs: [i32([1])], fragment: "does not allow"),
    Row(op: "Sqrt", inputs: [i32([1])], fragment: "does not allow"),
    Row(op: "Neg", inputs: [ints(.uint8, [1])], fragment: "does not allow"),
    Row(op: "Not", inputs: [i32([1])], fragment: "does not allow"),
    Row(op: "Shrink", inputs: [bf16([1])], fragment: "does not allow"),
    Row(
      op: "Gelu", inputs: [f32([1])], attributes: ["approximate": .text("sigmoid")], fragment: "The attribute 'approximate' is 'sigmoid'"),
    Row(op: "Elu", inputs: [f32([1])], attributes: ["alpha": .int(1)], fragment: "of kind int, not float"),
    Row(op: "PRelu", inputs: [f32([1, 2]), f32([1, 2, 3, 4], [2, 2])], fragment: "cannot be broadcast to the shape"),
    Row(op: "PRelu", inputs: [f32([1, 2], [2, 1]), f32([1, 2])], fragment: "cannot be broadcast to the shape"),
    Row(op: "SwiGLU", inputs: [f32([1, 2]), f32([1])], fragment: "must have one shape"),
    Row(op: "SwiGLU", inputs: [f32([1, 2], [1, 2]), f32([1, 2])], fragment: "must have one shape"),
    Row(op: "SwiGLU", inputs: [f32([1]), f64([1])], fragment: "another input of the same type T"),
    Row(op: "SwiGLU", inputs: [i32([1]), i32([1])], fragment: "does not allow"),
    Row(op: "Clip", inputs: [f32([1]), f32([1, 2])], fragment: "must be a scalar"),
    Row(op: "Clip", inputs: [f32([1]), nil, f32([1], [1, 1])], fragment: "must be a scalar"),
    Row(op: "BitShift", inputs: [i32([1]), i32([1])], fragment: "The attribute 'direction' is missing"),
    Row(
      op: "BitShift", inputs: [i32([1]), i32([1])], attributes: ["direction": .text("UP")], fragment: "The attribute 'direction' is 'UP'"),
    Row(op: "Pow", inputs: [ints(.int8, [1]), i32([1])], fragment: "does not allow"),
    Row(op: "And", inputs: [bools([true]), i32([1])], fragment: "does not allow"),
    Row(op: "Less", inputs: [strings(["a"]), strings(["b"])], fragment: "does not allow"),
    Row(op: "Where", inputs: [i32([1]), f32([1]), f32([1])], fragment: "does not allow"),
    Row(op: "Where", inputs: [bools([true, false]), f32([1, 2, 3]), f32([1])], fragment: "cannot be broadcast"),
    Row(op: "Range", inputs: [i64([0], []), i64([9], []), i64([0], [])], fragment: "The step of Range is 0"),
    Row(op: "Range", inputs: [f32([0], []), f32([9], []), f32([0], [])], fragment: "The step of Range is 0"),
    Row(op: "Range", inputs: [f32([.nan], []), f32([9], []), f32([1], [])], fragment: "not finite"),
    Row(op: "Range", inputs: [i64([0, 1]), i64([9], []), i64([1], [])], fragment: "must be a scalar"),
    Row(
      op: "Range", inputs: [f16([0], []), f16([9], []), f16([1], [])], attributes: ["stash_type": .int(7)], fragment: "'stash_type' is 7"),
    Row(op: "Range", inputs: [i64([0], []), i64([.max], []), i64([1], [])], code: .budgetExceeded, fragment: "does not fit in memory"),
    Row(op: "Range", inputs: [i64([.min], []), i64([.max], []), i64([1], [])], code: .budgetExceeded, fragment: "than fit in memory"),
    Row(op: "Range", inputs: [f64([0], []), f64([1e300], []), f64([1], [])], code: .budgetExceeded, fragment: "than fit in memory"),
    Row(op: "Range", inputs: [f32([0], []), f32([.infinity], []), f32([1], [])], code: .budgetExceeded, fragment: "than fit in memory"),
  ]

  @Test(arguments: rows) func isRefused(_ row: Row) throws {
    let error = try #require(failure(row.op, row.inputs, attributes: row.attributes))
    #expect(error.code == row.code)
    #expect(error.reason.contains(row.fragment), "\(error.reason)")
  }

  /// Two small inputs whose common shape no machine can hold.
  @Test(arguments: ["Add", "Max", "Equal", "Pow", "Mul", "Greater"]) func hugeBroadcastIsRefused(_ op: String) throws {
    let column = f32([Double](repeating: 1, count: 1_000_000), [1_000_000, 1])
    let error = try #require(failure(op, [column, f32([Double](repeating: 1, count: 1_000_000))]))
    #expect(error.code == .budgetExceeded)
  }
}
