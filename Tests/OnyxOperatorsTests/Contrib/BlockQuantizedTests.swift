import OnyxGraph
import OnyxTensor
import Testing

/// MatMulNBits and GatherBlockQuantized. Expected numbers: ONNX Runtime 1.32.0, CPU.
struct BlockQuantizedTests {
  @Test(arguments: products + gathers) func givesTheNumbersOfONNXRuntime(_ test: OperatorCase) throws { try test.run() }

  static let products: [OperatorCase] = [
    OperatorCase(
      "MatMulNBits",
      [
        tensor(
          .float32,
          [
            0.5, -0.125, 0.375, -0.875, 1, -0.25, -0.25, 0.875, 0.25, -0.125, -0.875, 0.25, -0.875, 0.125, -0.5, 0.5, -0.5, 1, -0.125,
            -0.375, -0.625, 0, 0.875, -0.75, -0.125, -0.125, -0.25, -0.875, 0.875, 0.875, 0.625, 0.625, 0.625, -0.875, 0.875, 0.875, 0.5,
            -0.125, -0.375, 0.875,
          ], [2, 20]),
        tensor(
          .uint8,
          [
            246, 40, 6, 29, 229, 135, 107, 79, 86, 251, 121, 28, 102, 13, 220, 138, 206, 190, 191, 6, 59, 227, 112, 105, 19, 43, 190, 16,
            10, 122, 101, 216,
          ], [2, 2, 8]), tensor(.float32, [0.25, 0.4375, 0.25, 0.1875], [2, 2]), nil, nil, nil,
      ], ["K": .int(20), "N": .int(2), "bits": .int(4), "block_size": .int(16)],
      gives: tensor(.float32, [-5.4375, 3.1328125, 6.9453125, -1.65625], [2, 2]), tolerance: 2e-06, domain: "com.microsoft",
      note: "two blocks"),
    OperatorCase(
      "MatMulNBits",
      [
        tensor(
          .float32,
          [
            0.75, -0.625, -0.625, 0.75, 0.5, -0.25, -0.5, -0.625, -0.125, 0.875, 0.25, 0.125, -0.375, 0, -0.625, 0.75, 0.125, -0.125, 0.625,
            0.125, 1, -1, -0.375, 0.125, -0.5, 0.25, -0.875, -0.625, -0.625, 0, -1, -0.75, -0.5, 0.75, 0.5, 0, -0.875, 0.875, 0.25, 0.5,
          ], [2, 20]),
        tensor(
          .uint8,
          [
            75, 73, 58, 179, 123, 230, 111, 247, 114, 158, 30, 29, 144, 169, 230, 207, 2, 26, 20, 124, 150, 54, 81, 116, 64, 57, 252, 59,
            78, 27, 235, 163,
          ], [2, 2, 8]), tensor(.float32, [0.5, 0.3125, 0.1875, 0.3125], [4]), tensor(.uint8, [38, 254], [2, 1]), nil,
        tensor(.float32, [0.75, -0.25], [2]),
      ], ["K": .int(20), "N": .int(2), "bits": .int(4), "block_size": .int(16)],
      gives: tensor(.float32, [6.546875, -2.9375, -1.2265625, 3.328125], [2, 2]), tolerance: 2e-06, domain: "com.microsoft",
      note: "zero points in bytes"),
    OperatorCase(
      "MatMulNBits",
      [
        tensor(.float32, [-0.5, -0.125, -0.875, -0.625, 0.125, 0.5, 0.875, 0.25, -1, 0.375, -1, -0.5, -1, -0.75, -0.5, 0.375], [1, 16]),
        tensor(.uint8, [42, 153, 247, 87, 198, 161, 240, 82], [2, 1, 4]), tensor(.float32, [0.0625, 0.0625], [2, 1]),
        tensor(.uint8, [157, 92], [2, 1]), nil, nil,
      ], ["K": .int(16), "N": .int(2), "bits": .int(2), "block_size": .int(16)],
      gives: tensor(.float32, [-0.4453125, -0.453125], [1, 2]), tolerance: 2e-06, domain: "com.microsoft", note: "2 bits"),
    OperatorCase(
      "MatMulNBits",
      [
        tensor(
          .float32, [0.5, -1, -0.5, 0.5, 0.375, -0.25, -0.5, 0, -0.125, -0.625, 0.625, -0.25, -0.625, -0.5, -0.75, 0.875, 0.75, -0.625],
          [1, 18]),
        tensor(
          .uint8,
          [
            118, 145, 44, 3, 81, 225, 71, 181, 229, 48, 121, 110, 235, 149, 120, 82, 240, 33, 234, 157, 145, 134, 201, 50, 73, 62, 29, 6,
            154, 159, 14, 158,
          ], [1, 2, 16]), tensor(.float32, [0.4375, 0.0625], [1, 2]), tensor(.uint8, [148, 85], [1, 2]), nil, nil,
      ], ["K": .int(18), "N": .int(1), "bits": .int(8), "block_size": .int(16)],
      gives: tensor(.float32, [-27.890625], [1, 1]), tolerance: 2e-06, domain: "com.microsoft", note: "8 bits"),
    OperatorCase(
      "MatMulNBits",
      [
        tensor(
          .float32, [0.625, 1, 0.875, -0.375, -0.625, -0.5, 0.75, -0.25, 0, -0.875, 0.25, -0.125, -0.125, 0.375, 0.75, 0.125], [1, 16]),
        tensor(.uint8, [76, 82, 2, 241, 212, 41, 169, 145, 183, 33, 31, 175, 52, 137, 160, 244], [2, 1, 8]),
        tensor(.float32, [0.3125, 0.3125], [2, 1]), tensor(.float32, [3.5, 3.75], [2, 1]), nil, nil,
      ], ["K": .int(16), "N": .int(2), "bits": .int(4), "block_size": .int(16)],
      gives: tensor(.float32, [-1.3476562, 4.560547], [1, 2]), tolerance: 2e-06, domain: "com.microsoft", note: "zero points as floats"),
    OperatorCase(
      "MatMulNBits",
      [
        tensor(
          .float32, [0.375, 0.375, 0.25, 0.625, 0.375, 0.625, -0.75, -1, -0.125, 0.625, -0.375, 0.5, 0.5, 0.625, 0, 0.875, 0.5, 0.125],
          [1, 18]), tensor(.uint8, [177, 148, 231, 163, 219, 217, 13, 75, 170, 170, 95, 212, 25, 99, 122, 36], [1, 2, 8]),
        tensor(.float32, [0.375, 0.5], [1, 2]), nil, tensor(.int32, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0], [18]), nil,
      ], ["K": .int(18), "N": .int(1), "bits": .int(4), "block_size": .int(16)],
      gives: tensor(.float32, [1.578125], [1, 1]), tolerance: 2e-06, domain: "com.microsoft", note: "groups"),
  ]

  static let gathers: [OperatorCase] = [
    OperatorCase(
      "GatherBlockQuantized",
      [
        tensor(.uint8, [215, 12, 203, 230, 27, 112, 51, 216, 177, 79, 247, 50], [3, 4]), tensor(.int64, [2, -3], [1, 2]),
        tensor(.float32, [-0.875, -0.25, -0.875], [3, 1]), nil,
      ], ["block_size": .int(16), "gather_axis": .int(0), "quantize_axis": .int(1)],
      gives: tensor(
        .float32, [6.125, -2.625, -6.125, 3.5, 0.875, -6.125, 5.25, 4.375, 0.875, -4.375, -3.5, 7, -2.625, -3.5, 1.75, -5.25], [1, 2, 8]),
      domain: "com.microsoft", note: "4 bits"),
    OperatorCase(
      "GatherBlockQuantized",
      [
        tensor(
          .uint8,
          [
            148, 178, 224, 157, 9, 207, 129, 50, 163, 126, 94, 205, 161, 97, 209, 102, 235, 8, 111, 204, 140, 114, 129, 96, 219, 167, 247,
            218, 251, 221, 115, 87, 67, 155, 100, 99,
          ], [2, 18]), tensor(.int32, [1], [1]), tensor(.float32, [0.5, 0.75, 0.625, 0.625], [2, 2]),
        tensor(.uint8, [204, 169, 28, 210], [2, 2]),
      ], ["block_size": .int(16), "bits": .int(8)],
      gives: tensor(
        .float32,
        [
          51.875, 110, 70, 53.75, 63.125, 42.5, 119.375, 86.875, 136.875, 118.75, 139.375, 120.625, 54.375, 36.875, 24.375, 79.375, -68.75,
          -69.375,
        ], [1, 18]), domain: "com.microsoft", note: "8 bits, two blocks"),
    OperatorCase(
      "GatherBlockQuantized",
      [
        tensor(.uint8, [205, 130, 82, 146], [2, 2]), tensor(.int32, [1, 0], [2]), tensor(.float32, [0.625, -0.75], [2, 1]),
        tensor(.uint8, [68, 181], [2, 1]),
      ], ["block_size": .int(16), "bits": .int(2)],
      gives: tensor(.float32, [-0.75, 0.75, -0, -0, -0.75, 0.75, -0, -0.75, 0.625, 1.875, 0, 1.875, 1.25, 0, 0, 1.25], [2, 8]),
      domain: "com.microsoft", note: "2 bits"),
    OperatorCase(
      "GatherBlockQuantized",
      [
        tensor(
          .int4,
          [2, -4, 4, 0, -3, -8, 5, -2, 0, 1, 6, 2, 2, 1, 1, -4, 0, 2, -3, 2, 2, 1, 4, -2, -2, -6, 3, 0, 0, -8, 1, 6, -8, -3, -1, -4],
          [18, 2]), tensor(.int64, [1, 0], [2]), tensor(.float32, [-0.75, -0.125, 1, -0.875], [2, 2]),
        tensor(.int4, [-6, 6, 6, 7], [2, 2]),
      ], ["block_size": .int(16), "gather_axis": .int(1), "quantize_axis": .int(0)],
      gives: tensor(
        .float32,
        [
          1.25, -6, 0.75, -7.5, 1.75, -2.25, 1, -8.25, 0.625, -4.5, 0.5, -9, 0.625, -6, 1.25, -5.25, 0.5, -4.5, 0.5, -2.25, 0.625, -6, 1,
          -7.5, 1.5, -3, 0.75, -6.75, 1.75, -4.5, -0, -5.25, 8.75, -14, 9.625, -7,
        ], [18, 2]), domain: "com.microsoft", note: "int4, along the first axis"),
  ]
}
