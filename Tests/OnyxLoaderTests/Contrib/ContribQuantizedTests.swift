import OnyxGraph
import OnyxTensor
import Testing

/// Operators over bytes. Expected numbers: ONNX Runtime 1.32.0, CPU, unless a case says otherwise.
struct ContribQuantizedTests {
  @Test(arguments: products + elements + windows) func givesTheNumbersOfONNXRuntime(_ test: ContribCase) throws { try test.run() }

  static let products: [ContribCase] = [
    ContribCase(
      "DynamicQuantizeMatMul",
      [
        numbers(.float32, [-0.125, -0.25, -0.375, 0.125, 0, -0.875], [2, 3]), numbers(.int8, [-25, -55, -1, -71, 96, -50], [3, 2]),
        numbers(.float32, [0.02], []),
      ], [:],
      gives: [numbers(.float32, [-0.65505886, 0.870902, -1.741804, 0.7364706], [2, 2])]),
    ContribCase(
      "DynamicQuantizeMatMul",
      [
        numbers(.float32, [0, -0.375, 0.125, 0.125, -0.25, -0.375], [2, 3]), numbers(.uint8, [177, 83, 116, 212, 6, 3], [3, 2]),
        numbers(.float32, [0.02, 0.03], [2]), numbers(.uint8, [120, 130], [2]), numbers(.float32, [0, -1], [2]),
      ], [:],
      gives: [numbers(.float32, [-0.25615686, -2.3994117, 1.0168628, -0.36264706], [2, 2])], note: "columns and bias"),
    ContribCase(
      "MatMulIntegerToFloat",
      [
        numbers(.uint8, [143, 14, 53, 221, 132, 162], [2, 3]), numbers(.int8, [-77, 58, -86, 117, -108, -73], [3, 2]),
        numbers(.float32, [0.02], []), numbers(.float32, [0.03], []), numbers(.uint8, [100], []), numbers(.int8, [3], []),
        numbers(.float32, [0.875, 0.875], [2]),
      ], [:],
      gives: [numbers(.float32, [6.5336, -1.4452, -10.770999, 4.2296], [2, 2])], constants: [1]),
    ContribCase(
      "QGemm",
      [
        numbers(.uint8, [53, 62, 249, 132, 177, 174], [2, 3]), numbers(.float32, [0.02], []), numbers(.uint8, [100], []),
        numbers(.int8, [23, 76, -87, -65, -89, -6], [2, 3]), numbers(.float32, [0.02, 0.03], [2]), numbers(.int8, [0, 0], [2]),
        numbers(.int32, [100, -50], [2]), numbers(.float32, [0.1], []), numbers(.uint8, [128], []),
      ], ["transB": .int(1), "alpha": .float(0.5)],
      gives: [numbers(.uint8, [94, 144, 128, 100], [2, 2])], constants: [3]),
    ContribCase(
      "QGemm",
      [
        numbers(.int8, [-123, -117, -53, -55, 82, 123], [3, 2]), numbers(.float32, [0.02], []), numbers(.int8, [3], []),
        numbers(.int8, [-49, 103, 87, 21, 6, 73], [3, 2]), numbers(.float32, [0.02], []), numbers(.int8, [-2], []),
      ], ["transA": .int(1)],
      gives: [numbers(.float32, [0.62799996, -3.4371998, 0.57519996, -1.9735999], [2, 2])], note: "a float result"),
  ]

  static let elements: [ContribCase] = [
    ContribCase(
      "QLinearAdd",
      [
        numbers(.uint8, [25, 230, 48, 84, 218, 251], [2, 3]), numbers(.float32, [0.02], []), numbers(.uint8, [100], []),
        numbers(.uint8, [28, 114, 232], [3]), numbers(.float32, [0.03], []), numbers(.uint8, [120], []), numbers(.float32, [0.05], []),
        numbers(.uint8, [128], []),
      ], [:],
      gives: [numbers(.uint8, [43, 176, 174, 66, 172, 255], [2, 3])]),
    ContribCase(
      "QLinearAdd",
      [
        numbers(.int8, [-88, -2, 7], [3]), numbers(.float32, [0.02], []), numbers(.int8, [1], []), numbers(.int8, [-124, 23, -15], [3]),
        numbers(.float32, [0.03], []), numbers(.int8, [2], []), numbers(.float32, [0.05], []),
      ], [:],
      gives: [numbers(.int8, [-111, 11, -8], [3])], note: "no output zero point"),
    ContribCase(
      "QLinearMul",
      [
        numbers(.int8, [49, 86, 43, 110, -118, 85], [2, 3]), numbers(.float32, [0.02], []), numbers(.int8, [3], []),
        numbers(.int8, [35], [1]), numbers(.float32, [0.03], []), numbers(.int8, [-4], []), numbers(.float32, [0.05], []),
        numbers(.int8, [2], []),
      ], [:],
      gives: [numbers(.int8, [24, 41, 21, 52, -55, 40], [2, 3])]),
    ContribCase(
      "QLinearSigmoid",
      [
        numbers(.uint8, [243, 235, 153, 171, 144], [5]), numbers(.float32, [0.03], []), numbers(.uint8, [128], []),
        numbers(.float32, [0.00390625], []), numbers(.uint8, [0], []),
      ], [:],
      gives: [numbers(.uint8, [248, 246, 174, 201, 158], [5])]),
    ContribCase(
      "QLinearLeakyRelu",
      [
        numbers(.int8, [121, -84, 2, 91, 79], [5]), numbers(.float32, [0.03], []), numbers(.int8, [5], []), numbers(.float32, [0.02], []),
        numbers(.int8, [0], []),
      ], ["alpha": .float(0.25)],
      gives: [numbers(.int8, [127, -33, -1, 127, 111], [5])]),
    ContribCase(
      "QLinearSoftmax",
      [
        numbers(.uint8, [101, 35, 84, 229, 76, 111], [2, 3]), numbers(.float32, [0.05], []), numbers(.uint8, [128], []),
        numbers(.float32, [0.00390625], []), numbers(.uint8, [0], []),
      ], ["axis": .int(0), "opset": .int(13)],
      gives: [numbers(.uint8, [0, 29, 53, 255, 227, 203], [2, 3])]),
    ContribCase(
      "QLinearSoftmax",
      [
        numbers(.uint8, [43, 224, 121, 82, 22, 159], [2, 3]), numbers(.float32, [0.05], []), numbers(.uint8, [128], []),
        numbers(.float32, [0.00390625], []), numbers(.uint8, [0], []),
      ], ["axis": .int(0), "opset": .int(11)],
      gives: [numbers(.uint8, [0, 245, 1, 0, 0, 9], [2, 3])], note: "flattened"),
    ContribCase(
      "QLinearConcat",
      [
        numbers(.float32, [0.05], []), numbers(.uint8, [128], []), numbers(.uint8, [114, 216], [1, 2]), numbers(.float32, [0.02], []),
        numbers(.uint8, [100], []), numbers(.uint8, [244, 182, 33, 158], [2, 2]), numbers(.float32, [0.03], []), numbers(.uint8, [120], []),
      ], ["axis": .int(0)],
      gives: [numbers(.uint8, [134, 174, 202, 165, 76, 151], [3, 2])], constants: [0, 1, 3, 4, 6, 7]),
    ContribCase(
      "QLinearWhere",
      [
        numbers(.bool, [1, 0, 1], [3]), numbers(.uint8, [223, 248, 81], [3]), numbers(.float32, [0.02], []), numbers(.uint8, [100], []),
        numbers(.uint8, [22, 53, 26], [3]), numbers(.float32, [0.03], []), numbers(.uint8, [120], []), numbers(.float32, [0.05], []),
        numbers(.uint8, [128], []),
      ], [:],
      gives: [numbers(.uint8, [177, 88, 120], [3])], constants: [2, 3, 5, 6, 7, 8]),
    ContribCase(
      "QLinearReduceMean",
      [
        numbers(.uint8, [158, 141, 117, 244, 46, 175], [2, 3]), numbers(.float32, [0.02], []), numbers(.uint8, [100], []),
        numbers(.float32, [0.05], []), numbers(.uint8, [128], []),
      ], ["axes": .ints([1]), "keepdims": .int(1)],
      gives: [numbers(.uint8, [143, 150], [2, 1])], note: "from numpy: no CPU kernel"),
  ]

  static let windows: [ContribCase] = [
    ContribCase(
      "QLinearAveragePool",
      [
        numbers(.uint8, [245, 79, 138, 27, 90, 114, 187, 122, 202], [1, 1, 3, 3]), numbers(.float32, [0.02], []),
        numbers(.uint8, [100], []), numbers(.float32, [0.03], []), numbers(.uint8, [120], []),
      ], ["kernel_shape": .ints([2, 2]), "pads": .ints([1, 0, 0, 0])],
      gives: [numbers(.uint8, [161, 126, 127, 124, 124, 141], [1, 1, 3, 2])]),
    ContribCase(
      "QLinearAveragePool",
      [
        numbers(.int8, [-9, -77, 30, -89, -59, 98, 97, 81, -55, 45, -101, 67, -39, -85, 111, -4, -88, 44], [1, 3, 3, 2]),
        numbers(.float32, [0.02], []), numbers(.int8, [1], []), numbers(.float32, [0.03], []), numbers(.int8, [2], []),
      ], ["kernel_shape": .ints([2, 2]), "channels_last": .int(1), "count_include_pad": .int(1)],
      gives: [numbers(.int8, [12, -5, -30, 22, 20, 8, -21, 27], [1, 2, 2, 2])]),
    ContribCase(
      "QLinearGlobalAveragePool",
      [
        numbers(.uint8, [71, 174, 237, 90, 89, 47, 215, 92, 11, 109, 227, 28], [1, 2, 2, 3]), numbers(.float32, [0.02], []),
        numbers(.uint8, [100], []), numbers(.float32, [0.03], []), numbers(.uint8, [120], []),
      ], ["channels_last": .int(1)],
      gives: [numbers(.uint8, [134, 150, 107], [1, 1, 1, 3])]),
    ContribCase(
      "QLinearGlobalAveragePool",
      [
        numbers(.uint8, [60, 242, 46, 28, 190, 19, 253, 218, 245, 179, 192, 31], [1, 2, 2, 3]), numbers(.float32, [0.02], []),
        numbers(.uint8, [100], []), numbers(.float32, [0.03], []), numbers(.uint8, [120], []),
      ], ["channels_last": .int(0)],
      gives: [numbers(.uint8, [118, 178], [1, 2, 1, 1])]),
    ContribCase(
      "NhwcMaxPool", [numbers(.uint8, [234, 235, 252, 158, 141, 46, 37, 159, 217, 181, 101, 162, 80, 6, 128, 240, 8, 67], [1, 3, 3, 2])],
      ["kernel_shape": .ints([2, 2])],
      gives: [numbers(.uint8, [252, 235, 252, 181, 217, 240, 217, 240], [1, 2, 2, 2])]),
    ContribCase(
      "QLinearConv",
      [
        numbers(.uint8, [4, 99, 67, 41, 152, 217, 191, 225, 245, 209, 209, 17, 240, 19, 162, 253, 187, 187], [1, 3, 3, 2]),
        numbers(.float32, [0.02], []), numbers(.uint8, [100], []),
        numbers(.int8, [22, -56, -108, 36, -113, 6, 66, -84, -77, 104, 74, 55, -10, 113, -127, -64], [2, 2, 2, 2]),
        numbers(.float32, [0.02, 0.03], [2]), numbers(.int8, [0, 0], [2]), numbers(.float32, [0.2], []), numbers(.uint8, [128], []),
        numbers(.int32, [50, -70], [2]),
      ], ["channels_last": .int(1)],
      gives: [numbers(.uint8, [116, 95, 140, 218, 27, 228, 95, 50], [1, 2, 2, 2])], constants: [3, 4, 5]),
    ContribCase(
      "QuantizeLinear",
      [numbers(.float32, [0.125, -1, -0.125, 0, -0.875, -0.75], [2, 3]), numbers(.float32, [0.02], []), numbers(.int8, [5], [])], [:],
      gives: [numbers(.int8, [11, -45, -1, 5, -39, -33], [2, 3])]),
    ContribCase(
      "DequantizeLinear",
      [numbers(.uint8, [66, 245, 78, 165, 88, 74], [2, 3]), numbers(.float32, [0.25, 0.5], [2]), numbers(.uint8, [100, 120], [2])],
      ["axis": .int(0)],
      gives: [numbers(.float32, [-8.5, 36.25, -5.5, 22.5, -16, -23], [2, 3])]),
  ]
}
