import OnyxGraph
import OnyxTensor
import Testing

/// Maximum pools and their indices. Expected numbers: PyTorch 2.15.
struct MaxPoolTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func sizesAreSymbolic() throws {
    let x = ValueType.tensor(.float32, shape: ["n", 3, "h"])
    #expect(try inferredType("MaxPool", [x], ["kernel_shape": .ints([3]), "strides": .ints([2])]) == "float32[n,3,floor((h-3)/2)+1]")
    let ceiling: [String: Attribute] = ["kernel_shape": .ints([3]), "strides": .ints([2]), "ceil_mode": .int(1)]
    #expect(try inferredType("MaxPool", [x], ceiling) == "float32[n,3,ceil((h-3)/2)+1]")
    let padded = ceiling.merging(["pads": .ints([1, 2])]) { $1 }
    #expect(try inferredType("MaxPool", [x], padded) == "float32[n,3,min(ceil(h/2)+1,ceil((h+1)/2))]")
  }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 2, 6])], ["kernel_shape": .ints([3]), "strides": .ints([2])],
      gives: f32(
        [2, 5, 4, 3],
        [1, 2, 2]), tensor(.int64, [1, 3, 6, 9], [1, 2, 2]), note: "one axis with indices"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 4, 5])],
      [
        "kernel_shape": .ints([2, 3]), "pads": .ints([1, 1, 1, 1]),
        "strides": .ints([2, 1]),
      ], gives: f32([2, 2, 5, 5, 5, 4, 4, 4, 5, 5, 1, 4, 4, 4, 0], [1, 1, 3, 5]),
      tensor(
        .int64,
        [
          1, 1, 3, 3, 3,
          6, 6, 6, 14, 14, 15, 17, 17, 17, 18,
        ], [1, 1, 3, 5]), note: "two axes, padded, with indices"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 4, 4])],
      [
        "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]),
        "ceil_mode": .int(1),
      ], gives: f32([4, 5, 5, 5], [1, 1, 2, 2]), tensor(.int64, [6, 3, 14, 14], [1, 1, 2, 2]), note: "ceil mode"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 5])],
      [
        "kernel_shape": .ints([2]), "strides": .ints([3]), "pads": .ints([1, 1]),
        "ceil_mode": .int(1),
      ], gives: f32([-5, 5], [1, 1, 2]), note: "ceil mode drops a window in the padding"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 9])],
      [
        "kernel_shape": .ints([3]), "strides": .ints([4]), "dilations": .ints([2]),
        "ceil_mode": .int(1),
      ], gives: f32([1, 4], [1, 1, 2]), tensor(.int64, [4, 6], [1, 1, 2]), note: "ceil mode with dilation"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 6, 6])],
      [
        "kernel_shape": .ints([2, 2]), "dilations": .ints([2, 3]),
        "strides": .ints([2, 1]),
      ], gives: f32([5, 2, 5, 2, 5, 5], [1, 1, 2, 3]), tensor(.int64, [3, 1, 14, 12, 25, 14], [1, 1, 2, 3]),
      note: "dilation"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 3, 3, 3])],
      [
        "kernel_shape": .ints([2, 2, 2]), "strides": .ints([1, 1, 2]),
        "ceil_mode": .int(1),
      ], gives: f32([5, 5, 5, 5, 3, 5, 5, 5], [1, 1, 2, 2, 2]),
      tensor(
        .int64, [3, 14, 3, 14, 9, 14, 25, 14],
        [
          1, 1,
          2, 2, 2,
        ]), note: "three axes"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 4, 4])], ["kernel_shape": .ints([3, 2]), "pads": .ints([0, 1, 2, 0])],
      gives: f32(
        [
          1,
          3, 4, 5, 2, 3, 5, 5, 2, 3, 5, 5, 2, 2, 5, 5,
        ], [1, 1, 4, 4]), note: "asymmetric pads"),
    OperatorCase(
      "MaxPool", [ramp(.int8, [1, 1, 4, 4])], ["kernel_shape": .ints([2, 2])],
      gives: tensor(
        .int8,
        [
          2, 4, 5, 3, 4, 4, 3, 5,
          5,
        ], [1, 1, 3, 3]), tensor(.int64, [1, 6, 3, 9, 6, 6, 9, 14, 14], [1, 1, 3, 3]), note: "int8"),
    OperatorCase(
      "MaxPool", [ramp(.uint8, [1, 1, 4, 4])], ["kernel_shape": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])],
      gives: tensor(.uint8, [0, 7, 7, 10, 10, 6, 7, 9, 10, 10, 6, 8, 9, 9, 5, 7, 8, 10, 10, 6, 7, 7, 10, 10, 6], [1, 1, 5, 5]),
      tensor(.int64, [0, 1, 1, 3, 3, 4, 1, 6, 3, 3, 4, 9, 6, 6, 7, 12, 9, 14, 14, 15, 12, 12, 14, 14, 15], [1, 1, 5, 5]), note: "uint8"),
    OperatorCase(
      "MaxPool", [ramp(.float16, [1, 1, 5])], ["kernel_shape": .ints([2])], gives: f16([2, 2, 5, 5], [1, 1, 4]), note: "half"),
    OperatorCase(
      "MaxPool", [ramp(.float64, [1, 1, 5])], ["kernel_shape": .ints([2])], gives: f64([2, 2, 5, 5], [1, 1, 4]),
      note: "double"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 4, 4])], ["kernel_shape": .ints([2, 2]), "auto_pad": .text("SAME_UPPER")],
      gives: f32([2, 4, 5, 5, 3, 4, 4, 0, 3, 5, 5, 1, 2, 5, 5, 1], [1, 1, 4, 4]), note: "SAME_UPPER"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 1, 4, 4])], ["kernel_shape": .ints([2, 2]), "auto_pad": .text("SAME_LOWER")],
      gives: f32([-5, 2, 2, 5, 1, 2, 4, 5, 1, 3, 4, 4, 2, 3, 5, 5], [1, 1, 4, 4]), note: "SAME_LOWER"),
    OperatorCase(
      "MaxPool", [f32([1, .nan, 3, 2, .nan], [1, 1, 5])], ["kernel_shape": .ints([2])],
      gives: f32(
        [.nan, .nan, 3, .nan],
        [
          1,
          1, 4,
        ]), tensor(.int64, [1, 1, 2, 4], [1, 1, 4]), note: "NaN is greatest"),
    OperatorCase(
      "MaxPool", [f32([2, 2, 2], [1, 1, 3])], ["kernel_shape": .ints([2])], gives: f32([2, 2], [1, 1, 2]),
      tensor(
        .int64,
        [
          0,
          1,
        ], [1, 1, 2]), note: "the first of equals"),
    OperatorCase(
      "MaxPool", [ramp(.float32, [1, 2, 3, 4])], ["kernel_shape": .ints([2, 2]), "storage_order": .int(1)],
      gives: f32(
        [
          2, 4,
          5, 3, 4, 4, 4, 5, 5, 4, 4, 2,
        ], [1, 2, 2, 3]), tensor(.int64, [3, 7, 9, 5, 7, 7, 16, 18, 18, 16, 16, 23], [1, 2, 2, 3]),
      note: "column-major indices"),
    OperatorCase("MaxPool", [ramp(.float32, [0, 1, 4])], ["kernel_shape": .ints([2])], gives: f32([], [0, 1, 3]), note: "no images"),
    OperatorCase(
      "MaxPool", [f32([3], [1, 1, 1])], ["kernel_shape": .ints([1]), "pads": .ints([1, 1])],
      gives: f32(
        [
          -.infinity, 3,
          -.infinity,
        ], [1, 1, 3]), tensor(.int64, [-1, 0, -1], [1, 1, 3]), note: "windows of padding alone"),
  ]

  static let refused: [FailureCase] = [
    FailureCase("MaxPool", [ramp(.float32, [1, 1, 4])], says: "'kernel_shape' is missing"),
    FailureCase("MaxPool", [ramp(.float32, [1, 1, 4])], ["kernel_shape": .ints([2, 2])], says: "an input with 1 spatial axes needs 1"),
    FailureCase("MaxPool", [ramp(.float32, [1, 1, 4])], ["kernel_shape": .ints([0])], says: "'kernel_shape' is [0]"),
    FailureCase("MaxPool", [ramp(.float32, [1, 1, 4])], ["kernel_shape": .ints([5])], says: "does not fit"),
    FailureCase("MaxPool", [ramp(.float32, [1, 1, 4])], ["kernel_shape": .ints([.max]), "dilations": .ints([2])], says: "overflows"),
    FailureCase(
      "MaxPool", [ramp(.float32, [1, 1, 4])], ["kernel_shape": .ints([2]), "storage_order": .int(2)],
      says: "'storage_order' is 2"),
    FailureCase(
      "MaxPool", [ramp(.float32, [1, 1, 4])], ["kernel_shape": .ints([2]), "count_include_pad": .int(1)],
      says: "is not defined"),
    FailureCase("MaxPool", [ramp(.int32, [1, 1, 4])], ["kernel_shape": .ints([2])], says: "does not allow"),
    FailureCase("MaxPool", [ramp(.float32, [1, 4])], ["kernel_shape": .ints([2])], says: "rank 2"),
  ]
}
