import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Expected: numpy.fft.
struct DFTTests {
  /// Element i is ((7·i + 3·seed) mod 11 − 5) / 8.
  static func wave(_ shape: Shape, _ seed: Int, _ type: ElementType = .float64) -> Tensor {
    tensor(type, (0..<shape.elementCount).map { Double(($0 * 7 + seed * 3) % 11 - 5) / 8 }, shape)
  }

  @Test(arguments: cases) func computes(_ test: OperatorCase) throws { try test.run() }

  static let five = [
    0.625, 0, 0.29989836726555275, -0.41277469068313077, -1.2373983672655526, 0.40205510161101765, -1.2373983672655526,
    -0.40205510161101765, 0.29989836726555275, 0.41277469068313077,
  ]
  static let padded = [
    -0.125, 0, -0.25, 0, 0.625, 0.5, 0.625, -0.375, 0.875, 0, -1, 0, 0.625, -0.5, 0.625, 0.375, 0.5, 0, 0.375, 0, 0.625, -0.625, -0.75,
    -0.125, -0.75, 0, 0.125, 0, 0.625, 0.625, -0.75, 0.125,
  ]

  static let cases: [OperatorCase] = [
    OperatorCase("DFT", [wave([5, 1], 1)], gives: f64(five, [5, 2]), tolerance: 1e-10),
    OperatorCase("DFT", [wave([5, 1], 1)], ["onesided": .int(1)], gives: f64(Array(five[..<6]), [3, 2]), tolerance: 1e-10),
    OperatorCase("DFT", [wave([1, 5, 1], 1, .float32)], gives: f32(five, [1, 5, 2]), tolerance: 1e-7),
    OperatorCase("DFT", [wave([5, 1], 1, .float16)], gives: f16(five, [5, 2])),
    OperatorCase("DFT", [wave([5, 1], 1, .bfloat16)], gives: bf16(five, [5, 2])),
    OperatorCase(
      "DFT", [wave([8, 1], 1)],
      gives: f64(
        [
          0.5, 0, 0.22227182413150293, -0.53661165235168151, 0.625, -0.625, -1.7222718241315029, 0.71338834764831849, -0.75, 0,
          -1.7222718241315029, -0.71338834764831849, 0.625, 0.625, 0.22227182413150293, 0.53661165235168151,
        ], [8, 2]), tolerance: 1e-10, note: "a power of two"),
    OperatorCase(
      "DFT", [wave([7, 2], 2)],
      gives: f64(
        [
          0.5, -0.25, -0.2473901653576433, 1.1892299495799361, -0.24024808494479022, -3.1166664131476183, -0.71549770724397033,
          -1.2126444382462807, 0.84049770724397033, 0.57457700662614508, 0.36524808494479022, 0.15206945803610106, 0.3723901653576433,
          0.038434437151716572,
        ], [7, 2]), tolerance: 1e-10, note: "complex"),
    OperatorCase(
      "DFT", [wave([7, 2], 2)], ["inverse": .int(1)],
      gives: f64(
        [
          0.071428571428571425, -0.035714285714285712, 0.053198595051091896, 0.0054906338788166531, 0.052178297849255741,
          0.021724208290871579, 0.1200711010348529, 0.082082429518020722, -0.10221395817771003, -0.17323491974946867, -0.034321154992112884,
          -0.44523805902108832, -0.03534145219394904, 0.16988999279713371,
        ], [7, 2]), tolerance: 1e-10, note: "inverse"),
    OperatorCase(
      "DFT", [wave([2, 3, 2, 1], 3), i64([4], []), i64([1], [])], gives: f64(padded, [2, 4, 2, 2]), tolerance: 1e-10, note: "padded"),
    OperatorCase(
      "DFT", [wave([2, 3, 2, 1], 3), i32([4], [1]), i64([-3], [])], gives: f64(padded, [2, 4, 2, 2]), tolerance: 1e-10,
      note: "an axis from the end"),
    OperatorCase(
      "DFT", [wave([2, 3, 2, 1], 3), i64([2], []), i64([1], [])], ["onesided": .int(1)],
      gives: f64([0, 0, 0.375, 0, 1, 0, -0.375, 0, 0.875, 0, -0.125, 0, -0.375, 0, -0.375, 0], [2, 2, 2, 2]), tolerance: 1e-10,
      note: "truncated"),
    OperatorCase("DFT", [f32([3], [1, 1])], gives: f32([3, 0], [1, 2]), note: "one sample"),
    OperatorCase("DFT", [f32([], [0, 4, 1])], gives: f32([], [0, 4, 2]), note: "no signals"),
    OperatorCase("DFT", [f32([], [0, 1]), i64([2], [])], gives: f32([0, 0, 0, 0], [2, 2]), note: "padding only"),
  ]

  static let half = wave([4, 2], 4)
  static let realInverses: [OperatorCase] = [
    OperatorCase(
      "DFT", [half], ["inverse": .int(1), "onesided": .int(1)],
      gives: f64(
        [0.0625, 0.0025907427704612664, 0.10825317547305482, -0.0625, -0.10825317547305482, -0.50259074277046123], [6, 1]),
      tolerance: 1e-10, note: "2 · (4 − 1) numbers"),
    OperatorCase(
      "DFT", [half, i64([7], [])], ["inverse": .int(1), "onesided": .int(1)],
      gives: f64(
        [
          0.14285714285714285, -0.076723089703472108, 0.15452627759239912, -0.047636727846134957, -0.021267286308271179,
          -0.18752397706060311, -0.46423233953106047,
        ], [7, 1]), tolerance: 1e-10, note: "odd"),
    OperatorCase(
      "DFT", [half, i64([4], [])], ["inverse": .int(1), "onesided": .int(1)], gives: f64([-0.125, 0.125, 0, -0.5], [4, 1]),
      tolerance: 1e-10, note: "truncated"),
    OperatorCase(
      "DFT", [half, i64([10], [])], ["inverse": .int(1), "onesided": .int(1)],
      gives: f64(
        [
          0.1, 0.0038478700064432467, -0.036337440416159827, 0.12258913266707712, 0.026447316689412127, -0.1, 0.022159481060566855,
          -0.085785733792087648, -0.36226935733381915, -0.19065126888143272,
        ], [10, 1]), tolerance: 1e-10, note: "padded"),
    OperatorCase("DFT", [f64([5, 3], [1, 2]), i64([1], [])], ["inverse": .int(1), "onesided": .int(1)], gives: f64([5], [1, 1])),
  ]

  @Test(arguments: realInverses) func makesRealSignals(_ test: OperatorCase) throws { try test.run() }

  /// The defining sum, its angles reduced to a turn exactly.
  @Test(arguments: Array(1...40) + [64, 97, 100, 127, 256, 360, 500]) func agreesWithTheSum(_ length: Int) throws {
    let x = Self.wave([length, 2], length)
    let values = try x.doubles()
    let y = try make("DFT").evaluate([x])[0].doubles()
    for k in 0..<length {
      var (real, imaginary) = (0.0, 0.0)
      for j in 0..<length {
        let angle = 2 * Double.pi * Double(j * k % length) / Double(length)
        real += values[2 * j] * cos(angle) + values[2 * j + 1] * sin(angle)
        imaginary += values[2 * j + 1] * cos(angle) - values[2 * j] * sin(angle)
      }
      let error = max(abs(y[2 * k] - real), abs(y[2 * k + 1] - imaginary))
      // The numbers are at most 5/8 · √2 in size, and the rounding errors of a sum grow with its length at most.
      #expect(error < 4e-16 * Double(length + 8), "length \(length), frequency \(k)")
    }
  }

  /// A long signal of prime length comes back from its spectrum.
  @Test func invertsALongTransform() throws {
    let x = Self.wave([16381, 2], 3)
    let spectrum = try make("DFT").evaluate([x])
    expectClose(try make("DFT", ["inverse": .int(1)]).evaluate(spectrum)[0], x, tolerance: 1e-8, "16381 numbers")
  }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let refused: [FailureCase] = [
    FailureCase("DFT", [f32([1], [1])], says: "rank 1"),
    FailureCase("DFT", [f32([1, 2, 3], [1, 3])], says: "extent 3"),
    FailureCase("DFT", [f32([1, 2], [1, 2])], ["onesided": .int(1)], says: "one-sided transform of complex numbers"),
    FailureCase(
      "DFT", [f32([1, 2], [2, 1])], ["onesided": .int(1), "inverse": .int(1)], says: "one-sided inverse of real numbers"),
    FailureCase("DFT", [f32([1, 2], [1, 2, 1]), nil, i64([2], [])], says: "real and imaginary parts"),
    FailureCase("DFT", [f32([1, 2], [1, 2, 1]), nil, i64([-1], [])], says: "real and imaginary parts"),
    FailureCase("DFT", [f32([1, 2], [1, 2, 1]), nil, i64([3], [])], says: "Axis 3"),
    FailureCase("DFT", [f32([1, 2], [1, 2, 1]), nil, i64([.min], [])], says: "outside the rank 3"),
    FailureCase("DFT", [f32([1, 2], [1, 2, 1]), nil, i64([0, 1])], says: "'axis' must hold one number"),
    FailureCase("DFT", [f32([1, 2], [2, 1]), i64([0], [])], says: "length of the transform is 0"),
    FailureCase("DFT", [f32([1, 2], [2, 1]), i64([-4], [])], says: "length of the transform is -4"),
    FailureCase("DFT", [f32([], [0, 1])], says: "length of the transform is 0"),
    FailureCase("DFT", [f32([1, 2], [1, 2])], ["onesided": .int(1), "inverse": .int(1)], says: "length of the transform is 0"),
    FailureCase("DFT", [f32([1, 2], [2, 1]), i64([2, 2])], says: "'dft_length' must hold one number"),
    FailureCase("DFT", [f32([1, 2], [2, 1]), i64([.max], [])], says: "more elements than fit"),
    FailureCase("DFT", [f32([1, 2], [2, 1]), i64([1 << 50], [])], code: .budgetExceeded, says: "does not fit in memory"),
  ]

  @Test func infersSymbolicLengths() throws {
    let signal = ValueType.tensor(.float32, shape: ["batch", "n", 1])
    #expect(try inferredType("DFT", [signal]) == "float32[batch,n,2]")
    #expect(try inferredType("DFT", [signal], ["onesided": .int(1)]) == "float32[batch,floor(n/2)+1,2]")
    let spectrum = ValueType.tensor(.float32, shape: ["batch", "n", 2])
    #expect(try inferredType("DFT", [spectrum], ["onesided": .int(1), "inverse": .int(1)]) == "float32[batch,2*n-2,1]")
    let axis = ValueType.tensor(.int64, shape: [])
    #expect(try inferredType("DFT", [signal, axis]) == "float32[batch,tested.length,2]")
    #expect(try inferredType("DFT", [signal, axis, axis]) == "float32[tested.axis0,tested.axis1,2]")
  }
}
