import OnyxGraph
import OnyxTensor
import Testing

/// numpy.matmul in every element type. Expected numbers: numpy.
struct MatMulTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func sizesAreSymbolic() throws {
    let a = ValueType.tensor(.float32, shape: ["b", 1, "s", 4])
    let b = ValueType.tensor(.float32, shape: [5, 4, "t"])
    #expect(try inferredType("MatMul", [a, b]) == "float32[b,5,s,t]")
    #expect(try countedProducts("MatMul", [a, b]) == "20*b*s*t")
  }

  static let cases: [OperatorCase] = [
    OperatorCase("MatMul", [ramp(.float32, [3]), ramp(.float32, [3], 1)], gives: f32([18], .scalar), note: "two vectors"),
    OperatorCase("MatMul", [ramp(.float32, [2, 3]), ramp(.float32, [3], 1)], gives: f32([18, -8]), note: "matrix and vector"),
    OperatorCase("MatMul", [ramp(.float32, [3]), ramp(.float32, [3, 2], 1)], gives: f32([4, -31]), note: "vector and matrix"),
    OperatorCase(
      "MatMul", [ramp(.float32, [2, 1, 2, 3]), ramp(.float32, [2, 3, 2], 1)],
      gives: f32(
        [
          4, -31, -21, 22, 14, -21, -27, 16,
          -24, 20, -27, 18, -24, 20, -21, 24,
        ], [2, 2, 2, 2]), note: "batches broadcast"),
    OperatorCase(
      "MatMul", [ramp(.float32, [3]), ramp(.float32, [2, 3, 2], 1)], gives: f32([4, -31, 14, -21], [2, 2]),
      note: "vector and batch"),
    OperatorCase("MatMul", [ramp(.int32, [2, 3]), ramp(.int32, [3, 2], 1)], gives: tensor(.int32, [4, -31, -21, 22], [2, 2])),
    OperatorCase("MatMul", [ramp(.int64, [2, 3]), ramp(.int64, [3, 2], 1)], gives: tensor(.int64, [4, -31, -21, 22], [2, 2])),
    OperatorCase("MatMul", [ramp(.uint32, [2, 3]), ramp(.uint32, [3, 2], 1)], gives: tensor(.uint32, [69, 29, 84, 122], [2, 2])),
    OperatorCase("MatMul", [ramp(.uint64, [2, 3]), ramp(.uint64, [3, 2], 1)], gives: tensor(.uint64, [69, 29, 84, 122], [2, 2])),
    OperatorCase("MatMul", [ramp(.float16, [2, 3]), ramp(.float16, [3, 2], 1)], gives: f16([4, -31, -21, 22], [2, 2])),
    OperatorCase("MatMul", [ramp(.bfloat16, [2, 3]), ramp(.bfloat16, [3, 2], 1)], gives: bf16([4, -31, -21, 22], [2, 2])),
    OperatorCase("MatMul", [ramp(.float64, [2, 3]), ramp(.float64, [3, 2], 1)], gives: f64([4, -31, -21, 22], [2, 2])),
    OperatorCase(
      "MatMul", [ramp(.float32, [2, 0]), ramp(.float32, [0, 3], 1)], gives: f32([0, 0, 0, 0, 0, 0], [2, 3]), note: "no depth"),
    OperatorCase("MatMul", [ramp(.float32, [0, 3]), ramp(.float32, [3, 2], 1)], gives: f32([], [0, 2]), note: "no rows"),
    OperatorCase(
      "MatMul", [tensor(.int32, [2_147_483_647, 2], [1, 2]), tensor(.int32, [2, 3], [2, 1])], gives: tensor(.int32, [4], [1, 1]),
      note: "int32 wraps"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("MatMul", [ramp(.float32, [2, 3]), ramp(.float32, [2, 3])], says: "3 columns meet 2 rows"),
    FailureCase("MatMul", [ramp(.float32, .scalar), ramp(.float32, [2])], says: "rank 1 or more"),
    FailureCase("MatMul", [ramp(.float32, [2, 1, 3]), ramp(.float32, [3, 3, 1])], says: "cannot be broadcast"),
    FailureCase("MatMul", [ramp(.int8, [1]), ramp(.int8, [1])], says: "does not allow"),
    FailureCase("MatMul", [f32([], [1 << 30, 0]), f32([], [0, 1 << 30])], code: .budgetExceeded, says: "does not fit in memory"),
  ]
}
