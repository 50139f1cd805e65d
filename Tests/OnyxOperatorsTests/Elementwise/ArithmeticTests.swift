import OnyxGraph
import OnyxTensor
import Testing

/// Expected: numpy and the ONNX reference evaluator (floats in float64, rounded once); integers divided by zero as documented.
struct ArithmeticTests {
  @Test(arguments: arithmetic + mod + variadic + pow)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let arithmetic: [OperatorCase] = [
    OperatorCase(
      "Add", [f32([1.5, -2, 0, .infinity, .nan, 0.1], [2, 3]), f32([0.25, -0.0, .infinity])],
      gives: f32([1.75, -2, .infinity, .infinity, .nan, .infinity], [2, 3]), tolerance: 0),
    OperatorCase(
      "Add", [f16([1.099609375, -2.69921875, 300], [3, 1]), f16([0.300048828125, 7], [1, 2])],
      gives: f16([1.3994140625, 8.1015625, -2.3984375, 4.30078125, 300.25, 307], [3, 2]), tolerance: 0),
    OperatorCase(
      "Add", [bf16([1.1015625, -2.703125, 300], [3, 1]), bf16([0.30078125, 7], [1, 2])],
      gives: bf16([1.40625, 8.125, -2.40625, 4.3125, 300, 308], [3, 2]), tolerance: 0),
    OperatorCase(
      "Add", [f64([1.1, -2.7, 300], [3, 1]), f64([0.3, 7], [1, 2])],
      gives: f64([1.4000000000000001, 8.1, -2.4000000000000004, 4.3, 300.3, 307], [3, 2]), tolerance: 0),
    OperatorCase("Add", [ints(.int8, [-128, 127, -7, 7]), ints(.int8, [-1, 2, 2, -2])], gives: ints(.int8, [127, -127, -5, 5])),
    OperatorCase(
      "Add", [ints(.int16, [-32768, 32767, -7, 7]), ints(.int16, [-1, 2, 2, -2])], gives: ints(.int16, [32767, -32767, -5, 5])),
    OperatorCase(
      "Add", [i32([-2_147_483_648, 2_147_483_647, -7, 7]), i32([-1, 2, 2, -2])], gives: i32([2_147_483_647, -2_147_483_647, -5, 5])),
    OperatorCase(
      "Add", [i64([.min, 9_223_372_036_854_775_807, -7, 7]), i64([-1, 2, 2, -2])],
      gives: i64([9_223_372_036_854_775_807, -9_223_372_036_854_775_807, -5, 5])),
    OperatorCase("Add", [ints(.uint8, [255, 3, 0]), ints(.uint8, [2, 7, 1])], gives: ints(.uint8, [1, 10, 1])),
    OperatorCase("Add", [ints(.uint16, [65535, 3, 0]), ints(.uint16, [2, 7, 1])], gives: ints(.uint16, [1, 10, 1])),
    OperatorCase("Add", [ints(.uint32, [4_294_967_295, 3, 0]), ints(.uint32, [2, 7, 1])], gives: ints(.uint32, [1, 10, 1])),
    OperatorCase("Add", [ints(.uint64, [-1, 3, 0]), ints(.uint64, [2, 7, 1])], gives: ints(.uint64, [1, 10, 1])),
    OperatorCase(
      "Sub", [f32([1.5, -2, 0, .infinity, .nan, 0.1], [2, 3]), f32([0.25, -0.0, .infinity])],
      gives: f32([1.25, -2, -.infinity, .infinity, .nan, -.infinity], [2, 3]), tolerance: 0),
    OperatorCase(
      "Sub", [f16([1.099609375, -2.69921875, 300], [3, 1]), f16([0.300048828125, 7], [1, 2])],
      gives: f16([0.7998046875, -5.8984375, -3, -9.703125, 299.75, 293], [3, 2]), tolerance: 0),
    OperatorCase(
      "Sub", [bf16([1.1015625, -2.703125, 300], [3, 1]), bf16([0.30078125, 7], [1, 2])],
      gives: bf16([0.80078125, -5.90625, -3, -9.6875, 300, 292], [3, 2]), tolerance: 0),
    OperatorCase(
      "Sub", [f64([1.1, -2.7, 300], [3, 1]), f64([0.3, 7], [1, 2])], gives: f64([0.8, -5.9, -3, -9.7, 299.7, 293], [3, 2]), tolerance: 0),
    OperatorCase("Sub", [ints(.int8, [-128, 127, -7, 7]), ints(.int8, [-1, 2, 2, -2])], gives: ints(.int8, [-127, 125, -9, 9])),
    OperatorCase(
      "Sub", [ints(.int16, [-32768, 32767, -7, 7]), ints(.int16, [-1, 2, 2, -2])], gives: ints(.int16, [-32767, 32765, -9, 9])),
    OperatorCase(
      "Sub", [i32([-2_147_483_648, 2_147_483_647, -7, 7]), i32([-1, 2, 2, -2])], gives: i32([-2_147_483_647, 2_147_483_645, -9, 9])),
    OperatorCase(
      "Sub", [i64([.min, 9_223_372_036_854_775_807, -7, 7]), i64([-1, 2, 2, -2])],
      gives: i64([-9_223_372_036_854_775_807, 9_223_372_036_854_775_805, -9, 9])),
    OperatorCase("Sub", [ints(.uint8, [255, 3, 0]), ints(.uint8, [2, 7, 1])], gives: ints(.uint8, [253, 252, 255])),
    OperatorCase("Sub", [ints(.uint16, [65535, 3, 0]), ints(.uint16, [2, 7, 1])], gives: ints(.uint16, [65533, 65532, 65535])),
    OperatorCase(
      "Sub", [ints(.uint32, [4_294_967_295, 3, 0]), ints(.uint32, [2, 7, 1])],
      gives: ints(.uint32, [4_294_967_293, 4_294_967_292, 4_294_967_295])),
    OperatorCase("Sub", [ints(.uint64, [-1, 3, 0]), ints(.uint64, [2, 7, 1])], gives: ints(.uint64, [-3, -4, -1])),
    OperatorCase(
      "Mul", [f32([1.5, -2, 0, .infinity, .nan, 0.1], [2, 3]), f32([0.25, -0.0, .infinity])],
      gives: f32([0.375, 0, .nan, .infinity, .nan, .infinity], [2, 3]), tolerance: 0),
    OperatorCase(
      "Mul", [f16([1.099609375, -2.69921875, 300], [3, 1]), f16([0.300048828125, 7], [1, 2])],
      gives: f16([0.329833984375, 7.6953125, -0.81005859375, -18.890625, 90, 2100], [3, 2]), tolerance: 0),
    OperatorCase(
      "Mul", [bf16([1.1015625, -2.703125, 300], [3, 1]), bf16([0.30078125, 7], [1, 2])],
      gives: bf16([0.33203125, 7.71875, -0.8125, -18.875, 90, 2096], [3, 2]), tolerance: 0),
    OperatorCase(
      "Mul", [f64([1.1, -2.7, 300], [3, 1]), f64([0.3, 7], [1, 2])],
      gives: f64([0.33, 7.700000000000001, -0.81, -18.900000000000002, 90, 2100], [3, 2]), tolerance: 0),
    OperatorCase("Mul", [ints(.int8, [-128, 127, -7, 7]), ints(.int8, [-1, 2, 2, -2])], gives: ints(.int8, [-128, -2, -14, -14])),
    OperatorCase(
      "Mul", [ints(.int16, [-32768, 32767, -7, 7]), ints(.int16, [-1, 2, 2, -2])], gives: ints(.int16, [-32768, -2, -14, -14])),
    OperatorCase("Mul", [i32([-2_147_483_648, 2_147_483_647, -7, 7]), i32([-1, 2, 2, -2])], gives: i32([-2_147_483_648, -2, -14, -14])),
    OperatorCase("Mul", [i64([.min, 9_223_372_036_854_775_807, -7, 7]), i64([-1, 2, 2, -2])], gives: i64([.min, -2, -14, -14])),
    OperatorCase("Mul", [ints(.uint8, [255, 3, 0]), ints(.uint8, [2, 7, 1])], gives: ints(.uint8, [254, 21, 0])),
    OperatorCase("Mul", [ints(.uint16, [65535, 3, 0]), ints(.uint16, [2, 7, 1])], gives: ints(.uint16, [65534, 21, 0])),
    OperatorCase("Mul", [ints(.uint32, [4_294_967_295, 3, 0]), ints(.uint32, [2, 7, 1])], gives: ints(.uint32, [4_294_967_294, 21, 0])),
    OperatorCase("Mul", [ints(.uint64, [-1, 3, 0]), ints(.uint64, [2, 7, 1])], gives: ints(.uint64, [-2, 21, 0])),
    OperatorCase(
      "Div", [f32([1.5, -2, 0, .infinity, .nan, 0.1], [2, 3]), f32([0.25, -0.0, .infinity])],
      gives: f32([6, .infinity, 0, .infinity, .nan, 0], [2, 3]), tolerance: 0),
    OperatorCase(
      "Div", [f16([1.099609375, -2.69921875, 300], [3, 1]), f16([0.300048828125, 7], [1, 2])],
      gives: f16([3.6640625, 0.1571044921875, -8.9921875, -0.385498046875, 1000, 42.84375], [3, 2]), tolerance: 0),
    OperatorCase(
      "Div", [bf16([1.1015625, -2.703125, 300], [3, 1]), bf16([0.30078125, 7], [1, 2])],
      gives: bf16([3.65625, 0.1572265625, -9, -0.38671875, 996, 42.75], [3, 2]), tolerance: 0),
    OperatorCase(
      "Div", [f64([1.1, -2.7, 300], [3, 1]), f64([0.3, 7], [1, 2])],
      gives: f64([3.666666666666667, 0.15714285714285717, -9.000000000000002, -0.38571428571428573, 1000, 42.857142857142854], [3, 2]),
      tolerance: 0),
    OperatorCase("Div", [ints(.int8, [-128, 127, -7, 7]), ints(.int8, [-1, 2, 2, -2])], gives: ints(.int8, [-128, 63, -3, -3])),
    OperatorCase(
      "Div", [ints(.int16, [-32768, 32767, -7, 7]), ints(.int16, [-1, 2, 2, -2])], gives: ints(.int16, [-32768, 16383, -3, -3])),
    OperatorCase(
      "Div", [i32([-2_147_483_648, 2_147_483_647, -7, 7]), i32([-1, 2, 2, -2])], gives: i32([-2_147_483_648, 1_073_741_823, -3, -3])),
    OperatorCase(
      "Div", [i64([.min, 9_223_372_036_854_775_807, -7, 7]), i64([-1, 2, 2, -2])], gives: i64([.min, 4_611_686_018_427_387_903, -3, -3])),
    OperatorCase("Div", [ints(.uint8, [255, 3, 0]), ints(.uint8, [2, 7, 1])], gives: ints(.uint8, [127, 0, 0])),
    OperatorCase("Div", [ints(.uint16, [65535, 3, 0]), ints(.uint16, [2, 7, 1])], gives: ints(.uint16, [32767, 0, 0])),
    OperatorCase("Div", [ints(.uint32, [4_294_967_295, 3, 0]), ints(.uint32, [2, 7, 1])], gives: ints(.uint32, [2_147_483_647, 0, 0])),
    OperatorCase("Div", [ints(.uint64, [-1, 3, 0]), ints(.uint64, [2, 7, 1])], gives: ints(.uint64, [9_223_372_036_854_775_807, 0, 0])),
    OperatorCase("Div", [i32([5, -5, 0]), i32([0], [])], gives: i32([0, 0, 0]), note: "by zero"),
    OperatorCase("Div", [ints(.uint8, [5, 0]), ints(.uint8, [0], [])], gives: ints(.uint8, [0, 0]), note: "by zero"),
    OperatorCase("Add", [f32([], [0, 1]), f32([1, 2])], gives: f32([], [0, 2]), tolerance: 0),
    OperatorCase("Add", [i64([3], []), i64([4], [])], gives: i64([7], [])),
    OperatorCase("Mul", [i64([2, 3, 4]), i64([5], [])], gives: i64([10, 15, 20])),
    OperatorCase("Sub", [i64([1, 2], [2, 1]), i64([3, 4, 5], [1, 3])], gives: i64([-2, -3, -4, -1, -2, -3], [2, 3])),
  ]

  static let mod: [OperatorCase] = [
    OperatorCase(
      "Mod", [f32([5.5, -5.5, 5.5, -5.5, -0.0, .infinity, 1, .nan, 2, -2]), f32([2, 2, -2, -2, 3, 2, 0, 1, .infinity, .infinity])],
      ["fmod": .int(0)], gives: f32([1.5, 0.5, -0.5, -1.5, 0, .nan, .nan, .nan, 2, .infinity]), tolerance: 0, note: "the table of Mod-28"),
    OperatorCase("Mod", [f16([7, -7], [2, 1]), f16([3, -3])], ["fmod": .int(0)], gives: f16([1, -2, 2, -1], [2, 2])),
    OperatorCase("Mod", [bf16([7, -7], [2, 1]), bf16([3, -3])], ["fmod": .int(0)], gives: bf16([1, -2, 2, -1], [2, 2])),
    OperatorCase("Mod", [f64([-4.3, 7.2]), f64([2.1])], ["fmod": .int(0)], gives: f64([2.0000000000000004, 0.8999999999999999])),
    OperatorCase(
      "Mod", [ints(.int8, [7, -7, 7, -7, -128, 5]), ints(.int8, [3, 3, -3, -3, -1, 0])], ["fmod": .int(0)],
      gives: ints(.int8, [1, 2, -2, -1, 0, 0])),
    OperatorCase(
      "Mod", [ints(.int16, [7, -7, 7, -7, -32768, 5]), ints(.int16, [3, 3, -3, -3, -1, 0])], ["fmod": .int(0)],
      gives: ints(.int16, [1, 2, -2, -1, 0, 0])),
    OperatorCase(
      "Mod", [i32([7, -7, 7, -7, -2_147_483_648, 5]), i32([3, 3, -3, -3, -1, 0])], ["fmod": .int(0)], gives: i32([1, 2, -2, -1, 0, 0])),
    OperatorCase(
      "Mod", [i64([7, -7, 7, -7, .min, 5]), i64([3, 3, -3, -3, -1, 0])], ["fmod": .int(0)], gives: i64([1, 2, -2, -1, 0, 0])),
    OperatorCase("Mod", [ints(.uint8, [255, 9, 4]), ints(.uint8, [10, 4, 0])], ["fmod": .int(0)], gives: ints(.uint8, [5, 1, 0])),
    OperatorCase("Mod", [ints(.uint16, [65535, 9, 4]), ints(.uint16, [10, 4, 0])], ["fmod": .int(0)], gives: ints(.uint16, [5, 1, 0])),
    OperatorCase(
      "Mod", [ints(.uint32, [4_294_967_295, 9, 4]), ints(.uint32, [10, 4, 0])], ["fmod": .int(0)], gives: ints(.uint32, [5, 1, 0])),
    OperatorCase("Mod", [ints(.uint64, [-1, 9, 4]), ints(.uint64, [10, 4, 0])], ["fmod": .int(0)], gives: ints(.uint64, [5, 1, 0])),
    OperatorCase(
      "Mod", [f32([5.5, -5.5, 5.5, -5.5, -0.0, .infinity, 1, .nan, 2, -2]), f32([2, 2, -2, -2, 3, 2, 0, 1, .infinity, .infinity])],
      ["fmod": .int(1)], gives: f32([1.5, -1.5, 1.5, -1.5, -0.0, .nan, .nan, .nan, 2, -2]), tolerance: 0, note: "the table of Mod-28"),
    OperatorCase("Mod", [f16([7, -7], [2, 1]), f16([3, -3])], ["fmod": .int(1)], gives: f16([1, 1, -1, -1], [2, 2])),
    OperatorCase("Mod", [bf16([7, -7], [2, 1]), bf16([3, -3])], ["fmod": .int(1)], gives: bf16([1, 1, -1, -1], [2, 2])),
    OperatorCase("Mod", [f64([-4.3, 7.2]), f64([2.1])], ["fmod": .int(1)], gives: f64([-0.09999999999999964, 0.8999999999999999])),
    OperatorCase(
      "Mod", [ints(.int8, [7, -7, 7, -7, -128, 5]), ints(.int8, [3, 3, -3, -3, -1, 0])], ["fmod": .int(1)],
      gives: ints(.int8, [1, -1, 1, -1, 0, 0])),
    OperatorCase(
      "Mod", [ints(.int16, [7, -7, 7, -7, -32768, 5]), ints(.int16, [3, 3, -3, -3, -1, 0])], ["fmod": .int(1)],
      gives: ints(.int16, [1, -1, 1, -1, 0, 0])),
    OperatorCase(
      "Mod", [i32([7, -7, 7, -7, -2_147_483_648, 5]), i32([3, 3, -3, -3, -1, 0])], ["fmod": .int(1)], gives: i32([1, -1, 1, -1, 0, 0])),
    OperatorCase(
      "Mod", [i64([7, -7, 7, -7, .min, 5]), i64([3, 3, -3, -3, -1, 0])], ["fmod": .int(1)], gives: i64([1, -1, 1, -1, 0, 0])),
    OperatorCase("Mod", [ints(.uint8, [255, 9, 4]), ints(.uint8, [10, 4, 0])], ["fmod": .int(1)], gives: ints(.uint8, [5, 1, 0])),
    OperatorCase("Mod", [ints(.uint16, [65535, 9, 4]), ints(.uint16, [10, 4, 0])], ["fmod": .int(1)], gives: ints(.uint16, [5, 1, 0])),
    OperatorCase(
      "Mod", [ints(.uint32, [4_294_967_295, 9, 4]), ints(.uint32, [10, 4, 0])], ["fmod": .int(1)], gives: ints(.uint32, [5, 1, 0])),
    OperatorCase("Mod", [ints(.uint64, [-1, 9, 4]), ints(.uint64, [10, 4, 0])], ["fmod": .int(1)], gives: ints(.uint64, [5, 1, 0])),
    OperatorCase("Mod", [i32([-7]), i32([3])], gives: i32([2])),
  ]

  static let variadic: [OperatorCase] = [
    OperatorCase(
      "Max", [f32([1, -2, .nan, .infinity, 2]), f32([0.5, .nan, 1, -.infinity, 2]), f32([0])], gives: f32([1, .nan, .nan, .infinity, 2]),
      tolerance: 0),
    OperatorCase("Max", [f32([3, 1])], gives: f32([3, 1])),
    OperatorCase("Max", [f16([1, 5], [2, 1]), f16([2, 3])], gives: f16([2, 3, 5, 5], [2, 2])),
    OperatorCase("Max", [bf16([1, 5]), bf16([2])], gives: bf16([2, 5])),
    OperatorCase("Max", [f64([1, 5]), f64([2], [])], gives: f64([2, 5])),
    OperatorCase(
      "Max", [ints(.int8, [-128, 127, 4]), ints(.int8, [3]), ints(.int8, [1, 9], [2, 1])],
      gives: ints(.int8, [3, 127, 4, 9, 127, 9], [2, 3])),
    OperatorCase(
      "Max", [ints(.int16, [-32768, 32767, 4]), ints(.int16, [3]), ints(.int16, [1, 9], [2, 1])],
      gives: ints(.int16, [3, 32767, 4, 9, 32767, 9], [2, 3])),
    OperatorCase(
      "Max", [i32([-2_147_483_648, 2_147_483_647, 4]), i32([3]), i32([1, 9], [2, 1])],
      gives: i32([3, 2_147_483_647, 4, 9, 2_147_483_647, 9], [2, 3])),
    OperatorCase(
      "Max", [i64([.min, 9_223_372_036_854_775_807, 4]), i64([3]), i64([1, 9], [2, 1])],
      gives: i64([3, 9_223_372_036_854_775_807, 4, 9, 9_223_372_036_854_775_807, 9], [2, 3])),
    OperatorCase(
      "Max", [ints(.uint8, [0, 255, 4]), ints(.uint8, [3]), ints(.uint8, [1, 9], [2, 1])],
      gives: ints(.uint8, [3, 255, 4, 9, 255, 9], [2, 3])),
    OperatorCase(
      "Max", [ints(.uint16, [0, 65535, 4]), ints(.uint16, [3]), ints(.uint16, [1, 9], [2, 1])],
      gives: ints(.uint16, [3, 65535, 4, 9, 65535, 9], [2, 3])),
    OperatorCase(
      "Max", [ints(.uint32, [0, 4_294_967_295, 4]), ints(.uint32, [3]), ints(.uint32, [1, 9], [2, 1])],
      gives: ints(.uint32, [3, 4_294_967_295, 4, 9, 4_294_967_295, 9], [2, 3])),
    OperatorCase(
      "Max", [ints(.uint64, [0, -1, 4]), ints(.uint64, [3]), ints(.uint64, [1, 9], [2, 1])],
      gives: ints(.uint64, [3, -1, 4, 9, -1, 9], [2, 3])),
    OperatorCase(
      "Min", [f32([1, -2, .nan, .infinity, 2]), f32([0.5, .nan, 1, -.infinity, 2]), f32([0])], gives: f32([0, .nan, .nan, -.infinity, 0]),
      tolerance: 0),
    OperatorCase("Min", [f32([3, 1])], gives: f32([3, 1])),
    OperatorCase("Min", [f16([1, 5], [2, 1]), f16([2, 3])], gives: f16([1, 1, 2, 3], [2, 2])),
    OperatorCase("Min", [bf16([1, 5]), bf16([2])], gives: bf16([1, 2])),
    OperatorCase("Min", [f64([1, 5]), f64([2], [])], gives: f64([1, 2])),
    OperatorCase(
      "Min", [ints(.int8, [-128, 127, 4]), ints(.int8, [3]), ints(.int8, [1, 9], [2, 1])],
      gives: ints(.int8, [-128, 1, 1, -128, 3, 3], [2, 3])),
    OperatorCase(
      "Min", [ints(.int16, [-32768, 32767, 4]), ints(.int16, [3]), ints(.int16, [1, 9], [2, 1])],
      gives: ints(.int16, [-32768, 1, 1, -32768, 3, 3], [2, 3])),
    OperatorCase(
      "Min", [i32([-2_147_483_648, 2_147_483_647, 4]), i32([3]), i32([1, 9], [2, 1])],
      gives: i32([-2_147_483_648, 1, 1, -2_147_483_648, 3, 3], [2, 3])),
    OperatorCase(
      "Min", [i64([.min, 9_223_372_036_854_775_807, 4]), i64([3]), i64([1, 9], [2, 1])], gives: i64([.min, 1, 1, .min, 3, 3], [2, 3])),
    OperatorCase(
      "Min", [ints(.uint8, [0, 255, 4]), ints(.uint8, [3]), ints(.uint8, [1, 9], [2, 1])], gives: ints(.uint8, [0, 1, 1, 0, 3, 3], [2, 3])),
    OperatorCase(
      "Min", [ints(.uint16, [0, 65535, 4]), ints(.uint16, [3]), ints(.uint16, [1, 9], [2, 1])],
      gives: ints(.uint16, [0, 1, 1, 0, 3, 3], [2, 3])),
    OperatorCase(
      "Min", [ints(.uint32, [0, 4_294_967_295, 4]), ints(.uint32, [3]), ints(.uint32, [1, 9], [2, 1])],
      gives: ints(.uint32, [0, 1, 1, 0, 3, 3], [2, 3])),
    OperatorCase(
      "Min", [ints(.uint64, [0, -1, 4]), ints(.uint64, [3]), ints(.uint64, [1, 9], [2, 1])],
      gives: ints(.uint64, [0, 1, 1, 0, 3, 3], [2, 3])),
    OperatorCase("Sum", [f32([1, -2, .nan]), f32([0.5, 4, 1]), f32([2], [])], gives: f32([3.5, 4, .nan])),
    OperatorCase("Sum", [f32([3, 1])], gives: f32([3, 1])),
    OperatorCase("Sum", [f16([0.0999755859375, 5], [2, 1]), f16([2, 3])], gives: f16([2.099609375, 3.099609375, 7, 8], [2, 2])),
    OperatorCase("Sum", [bf16([1.1015625, 5]), bf16([2])], gives: bf16([3.09375, 7])),
    OperatorCase("Sum", [f64([0.1, 5]), f64([2], [])], gives: f64([2.1, 7])),
    OperatorCase("Mean", [f32([1, -2, .nan]), f32([0.5, 4, 1]), f32([2], [])], gives: f32([1.1666666, 1.3333334, .nan])),
    OperatorCase("Mean", [f32([3, 1])], gives: f32([3, 1])),
    OperatorCase("Mean", [f16([0.0999755859375, 5], [2, 1]), f16([2, 3])], gives: f16([1.0498046875, 1.5498046875, 3.5, 4], [2, 2])),
    OperatorCase("Mean", [bf16([1.1015625, 5]), bf16([2])], gives: bf16([1.546875, 3.5])),
    OperatorCase("Mean", [f64([0.1, 5]), f64([2], [])], gives: f64([1.05, 3.5])),
  ]

  static let pow: [OperatorCase] = [
    OperatorCase("Pow", [f32([2, -3, 0.5, 0, 4]), f32([3, 2, -1, 0, 0.5])], gives: f32([8, 9, 2, 1, 2])),
    OperatorCase("Pow", [f16([2, -3, 0.5, 0, 4]), f16([3, 2, -1, 0, 0.5])], gives: f16([8, 9, 2, 1, 2])),
    OperatorCase("Pow", [bf16([2, -3, 0.5, 0, 4]), bf16([3, 2, -1, 0, 0.5])], gives: bf16([8, 9, 2, 1, 2])),
    OperatorCase("Pow", [f64([2, -3, 0.5, 0, 4]), f64([3, 2, -1, 0, 0.5])], gives: f64([8, 9, 2, 1, 2])),
    OperatorCase("Pow", [f32([-8, .nan, 1, .infinity, -1]), f32([0.5, 0, .nan, -1, .infinity])], gives: f32([.nan, 1, 1, 0, 1])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), ints(.int8, [0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), ints(.int16, [0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), i32([0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), i64([0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), ints(.uint8, [0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), ints(.uint16, [0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), ints(.uint32, [0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [f32([1.5, 2], [2, 1]), ints(.uint64, [0, 3, 2])], gives: f32([1, 3.375, 2.25, 1, 8, 4], [2, 3])),
    OperatorCase("Pow", [i32([-3, 2, 10]), ints(.int8, [3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i32([-3, 2, 10]), ints(.int16, [3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i32([-3, 2, 10]), i32([3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i32([-3, 2, 10]), i64([3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i32([-3, 2, 10]), ints(.uint8, [3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i32([-3, 2, 10]), ints(.uint16, [3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i32([-3, 2, 10]), ints(.uint32, [3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i32([-3, 2, 10]), ints(.uint64, [3, 5, 2])], gives: i32([-27, 32, 100])),
    OperatorCase("Pow", [i64([4, 9, -2]), f32([0.5, 1.5, 3])], gives: i64([2, 27, -8])),
    OperatorCase("Pow", [i64([4, 9, -2]), f16([0.5, 1.5, 3])], gives: i64([2, 27, -8])),
    OperatorCase("Pow", [i64([4, 9, -2]), bf16([0.5, 1.5, 3])], gives: i64([2, 27, -8])),
    OperatorCase("Pow", [i64([4, 9, -2]), f64([0.5, 1.5, 3])], gives: i64([2, 27, -8])),
    OperatorCase("Pow", [i64([2, 3]), i64([63, 41])], gives: i64([.min, -420_491_770_248_316_829]), note: "wraps"),
    OperatorCase(
      "Pow", [i32([1, -1, -1, 2, 0]), i32([-5, -5, -4, -1, -1])], gives: i32([1, -1, 1, 0, 2_147_483_647]), note: "negative exponents"),
    OperatorCase("Pow", [i32([10, -10]), f32([20], [])], gives: i32([2_147_483_647, 2_147_483_647]), note: "held to the bounds"),
  ]
}
