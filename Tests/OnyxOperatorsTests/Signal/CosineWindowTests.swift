import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Expected: scipy.signal.windows (Hamming with 25/46).
struct CosineWindowTests {
  @Test(arguments: cases) func computes(_ test: OperatorCase) throws { try test.run() }

  static let hann = [0, 0.34549150281252633, 0.90450849718747373, 0.90450849718747373, 0.34549150281252633]
  static let hamming = [0.086956521739130377, 0.40240528517665441, 0.91281210612769348, 0.91281210612769348, 0.40240528517665441]
  static let blackman = [0, 0.20077014326253051, 0.84922985673746942, 0.84922985673746942, 0.20077014326253051]

  static func rows(_ op: String, _ values: [Double]) -> [OperatorCase] {
    [
      OperatorCase(op, [i64([5], [])], ["output_datatype": .int(11)], gives: f64(values), tolerance: 1e-9),
      OperatorCase(op, [i32([5], [1])], gives: f32(values), note: "float32"),
      OperatorCase(
        op, [i64([6], [])], ["output_datatype": .int(11), "periodic": .int(0)], gives: f64(values + [values[0]]), tolerance: 1e-9,
        note: "symmetric"),
      OperatorCase(op, [i64([5], [])], ["output_datatype": .int(10)], gives: f16(values)),
      OperatorCase(op, [i64([5], [])], ["output_datatype": .int(16)], gives: bf16(values)),
      OperatorCase(op, [i64([5], [])], ["output_datatype": .int(3)], gives: ints(.int8, [0, 0, 0, 0, 0]), note: "int8"),
      OperatorCase(op, [i64([4], [])], ["output_datatype": .int(13)], gives: ints(.uint64, [0, 0, 1, 0]), note: "uint64"),
      OperatorCase(op, [i64([1], [])], gives: f32([1]), note: "one element"),
      OperatorCase(op, [i64([1], [])], ["periodic": .int(0)], gives: f32([1]), note: "one element, symmetric"),
      OperatorCase(op, [i64([0], [])], gives: f32([]), note: "no element"),
    ]
  }

  static let cases = rows("HannWindow", hann) + rows("HammingWindow", hamming) + rows("BlackmanWindow", blackman)

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let refused: [FailureCase] = [
    FailureCase("HannWindow", [i64([-1], [])], says: "size of the window is -1"),
    FailureCase("HannWindow", [i64([1, 2])], says: "'size' must hold one number"),
    FailureCase("HannWindow", [i64([5], [])], ["output_datatype": .int(9)], says: "bool, which the operator does not allow"),
    FailureCase("HannWindow", [i64([5], [])], ["output_datatype": .int(99)], says: "99, which is no element type"),
    FailureCase("HannWindow", [i64([1 << 50], [])], code: .budgetExceeded, says: "does not fit in memory"),
  ]

  @Test func infersASymbolicSize() throws {
    #expect(try inferredType("HannWindow", [.tensor(.int64, shape: [])]) == "float32[tested.size]")
  }
}
