import OnyxGraph
import OnyxTensor
import Testing

/// Products of two matrices with factors and an addend. Expected numbers: numpy.
struct GemmTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func sizesAreSymbolic() throws {
    let a = ValueType.tensor(.float32, shape: ["k", "m"])
    let b = ValueType.tensor(.float32, shape: ["n", "k"])
    #expect(try inferredType("Gemm", [a, b], ["transA": .int(1), "transB": .int(1)]) == "float32[m,n]")
    #expect(try countedProducts("Gemm", [a, b], ["transA": .int(1), "transB": .int(1)]) == "k*m*n")
  }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [3, 4], 1)], gives: f32([20, -15, -17, 25, -3, 40, -5, -6], [2, 4]),
      note: "plain"),
    OperatorCase(
      "Gemm", [ramp(.float32, [3, 2]), ramp(.float32, [3, 4], 1), ramp(.float32, [4], 2)], ["transA": .int(1)],
      gives: f32(
        [
          2,
          -33, 9, 7, 20, 22, -20, 15,
        ], [2, 4]), note: "A transposed"),
    OperatorCase(
      "Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [4, 3], 1), ramp(.float32, [2, 1], 2)], ["transB": .int(1)],
      gives: f32([19, 24, 29, 34, -11, -14, -17, -20], [2, 4]), note: "B transposed"),
    OperatorCase(
      "Gemm", [ramp(.float32, [3, 2]), ramp(.float32, [4, 3], 1), ramp(.float32, [2, 4], 2)],
      [
        "transA": .int(1),
        "transB": .int(1), "alpha": .float(0.5), "beta": .float(2.0),
      ], gives: f32([2.5, -2.5, 14.5, 9.5, 1, 13, 3, -7], [2, 4]),
      note: "both transposed"),
    OperatorCase(
      "Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [3, 4], 1), ramp(.float32, .scalar, 2)], ["beta": .float(0.5)],
      gives: f32([20.5, -14.5, -16.5, 25.5, -2.5, 40.5, -4.5, -5.5], [2, 4]), note: "scalar C"),
    OperatorCase(
      "Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [3, 4], 1), ramp(.float32, [1, 4], 2)],
      [
        "alpha": .float(-1.0),
        "beta": .float(0.0),
      ], gives: f32([-20, 15, 17, -25, 3, -40, 5, 6], [2, 4]), note: "row C"),
    OperatorCase(
      "Gemm", [ramp(.float64, [2, 3]), ramp(.float64, [4, 3], 1), ramp(.float64, [4], 2)],
      [
        "transB": .int(1),
        "alpha": .float(0.25), "beta": .float(4.0),
      ], gives: f64([8.5, -6.25, 23, 8.25, 2, -14.75, 12.5, -4.25], [2, 4]), note: "double"),
    OperatorCase(
      "Gemm", [ramp(.float16, [2, 3]), ramp(.float16, [3, 4], 1), ramp(.float16, [4], 2)],
      [
        "alpha": .float(0.5),
        "beta": .float(0.25),
      ], gives: f16([10.25, -8.25, -7.5, 12.5, -1.25, 19.25, -1.5, -3], [2, 4]), note: "half"),
    OperatorCase(
      "Gemm", [ramp(.bfloat16, [2, 3]), ramp(.bfloat16, [3, 4], 1), ramp(.bfloat16, [4], 2)],
      gives: bf16(
        [
          21, -18, -13, 25,
          -2, 37, -1, -6,
        ], [2, 4]), note: "bfloat16"),
    OperatorCase(
      "Gemm", [ramp(.int32, [2, 3]), ramp(.int32, [4, 3], 1), ramp(.int32, [4], 2)], ["transB": .int(1)],
      gives: tensor(.int32, [19, 20, 32, 33, -7, -14, -10, -17], [2, 4]), note: "int32"),
    OperatorCase(
      "Gemm", [ramp(.int64, [2, 3]), ramp(.int64, [4, 3], 1), ramp(.int64, [4], 2)], ["transB": .int(1)],
      gives: tensor(.int64, [19, 20, 32, 33, -7, -14, -10, -17], [2, 4]), note: "int64"),
    OperatorCase(
      "Gemm", [ramp(.uint32, [2, 3]), ramp(.uint32, [4, 3], 1), ramp(.uint32, [4], 2)], ["transB": .int(1)],
      gives: tensor(.uint32, [94, 80, 77, 63, 108, 86, 75, 53], [2, 4]), note: "uint32"),
    OperatorCase(
      "Gemm", [ramp(.uint64, [2, 3]), ramp(.uint64, [4, 3], 1), ramp(.uint64, [4], 2)], ["transB": .int(1)],
      gives: tensor(.uint64, [94, 80, 77, 63, 108, 86, 75, 53], [2, 4]), note: "uint64"),
    OperatorCase(
      "Gemm", [ramp(.int32, [2, 3]), ramp(.int32, [3, 4], 1), ramp(.int32, [4], 2)],
      [
        "alpha": .float(0.5),
        "beta": .float(2.0),
      ], gives: tensor(.int32, [12, -13, 0, 12, 0, 14, 5, -3], [2, 4]), note: "integers with factors"),
    OperatorCase(
      "Gemm", [ramp(.uint64, [2, 3]), ramp(.uint64, [3, 4], 1), ramp(.uint64, [1], 2)],
      [
        "alpha": .float(0.5),
        "beta": .float(3.0),
      ], gives: tensor(.uint64, [55, 35, 32, 50, 64, 83, 58, 55], [2, 4]), note: "unsigned with factors"),
    OperatorCase(
      "Gemm", [ramp(.float32, [2, 0]), ramp(.float32, [0, 3]), ramp(.float32, [3])],
      gives: f32(
        [-5, 2, -2, -5, 2, -2],
        [
          2,
          3,
        ]), note: "no depth: C alone"),
    OperatorCase(
      "Gemm", [ramp(.float32, [2, 2]), ramp(.float32, [2, 2]), f32([.nan])], ["beta": .float(0.0)],
      gives: f32(
        [21, 0, 0, 21],
        [2, 2]), note: "beta 0 ignores C"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [2, 3])], says: "3 columns meet 2 rows"),
    FailureCase("Gemm", [ramp(.float32, [1, 2, 3]), ramp(.float32, [3, 1])], says: "ranks 3 and 2"),
    FailureCase("Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [3, 4]), ramp(.float32, [3])], says: "cannot be broadcast"),
    FailureCase("Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [3, 4]), ramp(.float32, [1, 2, 4])], says: "cannot be broadcast"),
    FailureCase("Gemm", [ramp(.float32, [2, 3]), ramp(.float32, [3, 4])], ["broadcast": .int(1)], says: "is not defined"),
  ]
}
