import OnyxGraph
import OnyxTensor
import Testing

/// Inputs and attributes that break a rule of a reduction.
struct ReductionErrorTests {
  typealias Row = ElementwiseErrorTests.Row

  private static let matrix = f32([1, 2, 3, 4], [2, 2])

  static let rows: [Row] = [
    Row(op: "ReduceSum", inputs: [matrix, i64([2])], fragment: "Axis 2 is outside the rank 2"),
    Row(op: "ReduceSum", inputs: [matrix, i64([-3])], fragment: "Axis -3 is outside the rank 2"),
    Row(op: "ReduceMax", inputs: [matrix, i64([.min])], fragment: "is outside the rank 2"),
    Row(op: "ReduceMean", inputs: [matrix, i64([0, -2])], fragment: "is listed twice"),
    Row(op: "ReduceSum", inputs: [matrix, i32([0])], fragment: "must be int64"),
    Row(op: "ReduceSum", inputs: [matrix], attributes: ["axes": .ints([0])], fragment: "The attribute 'axes' is not defined"),
    Row(op: "ReduceSum", inputs: [f32([1], []), i64([0])], fragment: "is outside the rank 0"),
    Row(op: "ReduceLogSum", inputs: [i32([1])], fragment: "does not allow"),
    Row(op: "ReduceMax", inputs: [ints(.int16, [1])], fragment: "does not allow"),
    Row(op: "ArgMax", inputs: [matrix], attributes: ["axis": .int(2)], fragment: "Axis 2 is outside"),
    Row(op: "ArgMin", inputs: [f32([1], [])], fragment: "is outside the rank 0"),
    Row(op: "ArgMax", inputs: [f32([], [0, 2])], fragment: "has no largest or smallest element"),
    Row(op: "TopK", inputs: [matrix, i64([3])], fragment: "K is 3, and the axis has 2 elements"),
    Row(op: "TopK", inputs: [matrix, i64([-1])], fragment: "K is -1"),
    Row(op: "TopK", inputs: [matrix, i64([1, 1])], fragment: "K must hold one number"),
    Row(op: "TopK", inputs: [matrix, i64([])], fragment: "K must hold one number"),
    Row(op: "TopK", inputs: [matrix, i64([1])], attributes: ["axis": .int(-3)], fragment: "Axis -3 is outside"),
    Row(op: "TopK", inputs: [f32([1], []), i64([1])], fragment: "is outside the rank 0"),
    Row(op: "CumSum", inputs: [matrix, i32([2], [])], fragment: "Axis 2 is outside"),
    Row(op: "CumSum", inputs: [matrix, i64([.min], [])], fragment: "is outside the rank 2"),
    Row(op: "CumProd", inputs: [matrix, i64([0, 1])], fragment: "The axis must be one number"),
    Row(op: "CumSum", inputs: [ints(.int8, [1]), i64([0], [])], fragment: "does not allow"),
    Row(op: "Softmax", inputs: [matrix], attributes: ["axis": .int(2)], fragment: "Axis 2 is outside"),
    Row(op: "LogSoftmax", inputs: [f32([1], [])], fragment: "is outside the rank 0"),
    Row(op: "Hardmax", inputs: [matrix], attributes: ["axis": .int(.min)], fragment: "is outside the rank 2"),
    Row(op: "ReduceSum", inputs: [f32([], [0, 4_000_000_000_000]), i64([0])], code: .budgetExceeded, fragment: "does not fit in memory"),
  ]

  @Test(arguments: rows) func isRefused(_ row: Row) throws {
    let error = try #require(failure(row.op, row.inputs, attributes: row.attributes, outputs: row.op == "TopK" ? 2 : 1))
    #expect(error.code == row.code)
    #expect(error.reason.contains(row.fragment), "\(error.reason)")
  }
}
