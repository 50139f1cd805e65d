import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Expected: by hand where the numbers are small integers, else numpy.linalg.det.
struct DetTests {
  @Test(arguments: cases) func givesTheDeterminant(_ test: OperatorCase) throws { try test.run() }

  /// 1 / 266716800000.
  @Test func givesTheDeterminantOfTheHilbertMatrixOfOrderFive() throws {
    let elements = (0..<25).map { position -> Double in
      let denominator: Int = position / 5 + position % 5 + 1
      return 1 / Double(denominator)
    }
    let determinant = f64([1.0 / 266_716_800_000], [])
    try OperatorCase("Det", [f64(elements, [5, 5])], gives: determinant, tolerance: 1e-9).run()
  }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    // The standard's own cases.
    OperatorCase("Det", [f32([0, 1, 2, 3], [2, 2])], gives: f32([-2], [])),
    OperatorCase("Det", [f32([1, 2, 3, 4, 1, 2, 2, 1, 1, 3, 3, 1], [3, 2, 2])], gives: f32([-2, -3, -8], [3])),
    OperatorCase("Det", [f32([7], [1, 1])], gives: f32([7], [])),
    OperatorCase("Det", [f64([0, 0, 3, 0, 2, 0, 5, 0, 0], [3, 3])], gives: f64([-30], []), note: "no pivot in place"),
    OperatorCase("Det", [f64([0, 1, 0, 0, 0, 1, 1, 0, 0], [3, 3])], gives: f64([1], []), note: "two exchanges"),
    OperatorCase("Det", [f64([1e-20, 1, 1, 1], [2, 2])], gives: f64([-1], []), note: "a tiny pivot is passed over"),
    OperatorCase("Det", [f64([1, 2, 3, 2, 4, 6, 1, 0, 1], [3, 3])], gives: f64([0], []), note: "dependent rows"),
    OperatorCase("Det", [f32([0, 5, 0, 7], [2, 2])], gives: f32([0], []), note: "a column of zeros"),
    // By expansion along the first column.
    OperatorCase("Det", [f32([2, -1, 0, 3, 1, 4, -2, 0.5, 0, 5, 1, -3, -2, 1, 6, 2], [4, 4])], gives: f32([247], [])),
    OperatorCase("Det", [f16([0.5, 3, -1.5, 2], [2, 2])], gives: f16([5.5], [])),
    OperatorCase("Det", [bf16([0.5, 3, -1.5, 2], [2, 2])], gives: bf16([5.5], [])),
    OperatorCase("Det", [f32([.nan, 1, 0, 1], [2, 2])], gives: f32([.nan], [])),
    OperatorCase("Det", [f32([], [2, 3, 0, 0])], gives: f32([1, 1, 1, 1, 1, 1], [2, 3]), note: "no rows"),
    OperatorCase("Det", [f32([], [0, 2, 2])], gives: f32([], [0]), note: "no matrices"),
    OperatorCase("Det", [f32([2, 0, 0, 3, 1, 1, 1, 1], [1, 2, 2, 2])], gives: f32([6, 0], [1, 2])),
  ]

  static let refused: [FailureCase] = [
    FailureCase("Det", [f32([1, 2], [2])], says: "rank 1"),
    FailureCase("Det", [f32([1, 2, 3, 4, 5, 6], [2, 3])], says: "not square: 2 and 3"),
    FailureCase("Det", [i32([1, 2, 3, 4], [2, 2])], says: "int32"),
    FailureCase("Det", [f32([1], [1, 1])], ["upper": .int(1)], says: "'upper' is not defined"),
    FailureCase("Det", [f32([], [1 << 40, 0, 0])], code: .budgetExceeded, says: "does not fit in memory"),
  ]

  @Test func infersSymbolicBatches() throws {
    #expect(try inferredType("Det", [.tensor(.float32, shape: ["batch", "heads", 4, "n"])]) == "float32[batch,heads]")
    #expect(try inferredType("Det", [.tensor(.float64, shape: nil)]) == "float64[?]")
  }

  /// Eliminating column k takes (n − k)² of them, k = 1 … n.
  @Test func countsTheProductsOfTheElimination() throws {
    #expect(try countedProducts("Det", [.tensor(.float32, shape: [10, 4, 4])]) == "140")
  }
}
