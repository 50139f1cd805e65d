import OnyxGraph
import OnyxTensor
import Testing

/// Expected: numpy; BitShift-28 from the text of the standard.
struct LogicTests {
  @Test(arguments: logic + shifts + comparisons + choices)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let logic: [OperatorCase] = [
    OperatorCase(
      "And", [bools([true, true, false, false]), bools([true, false, true, false])], gives: bools([true, false, false, false])),
    OperatorCase(
      "And", [bools([true, false], [2, 1]), bools([true, false, true])], gives: bools([true, false, true, false, false, false], [2, 3])),
    OperatorCase("And", [bools([]), bools([true])], gives: bools([])),
    OperatorCase("Or", [bools([true, true, false, false]), bools([true, false, true, false])], gives: bools([true, true, true, false])),
    OperatorCase(
      "Or", [bools([true, false], [2, 1]), bools([true, false, true])], gives: bools([true, true, true, true, false, true], [2, 3])),
    OperatorCase("Or", [bools([]), bools([true])], gives: bools([])),
    OperatorCase(
      "Xor", [bools([true, true, false, false]), bools([true, false, true, false])], gives: bools([false, true, true, false])),
    OperatorCase(
      "Xor", [bools([true, false], [2, 1]), bools([true, false, true])], gives: bools([false, true, false, true, false, true], [2, 3])),
    OperatorCase("Xor", [bools([]), bools([true])], gives: bools([])),
    OperatorCase("BitwiseAnd", [ints(.int8, [12, -7, 0]), ints(.int8, [10], [])], gives: ints(.int8, [8, 8, 0])),
    OperatorCase("BitwiseAnd", [ints(.int16, [12, -7, 0]), ints(.int16, [10], [])], gives: ints(.int16, [8, 8, 0])),
    OperatorCase("BitwiseAnd", [i32([12, -7, 0]), i32([10], [])], gives: i32([8, 8, 0])),
    OperatorCase("BitwiseAnd", [i64([12, -7, 0]), i64([10], [])], gives: i64([8, 8, 0])),
    OperatorCase("BitwiseAnd", [ints(.uint8, [12, 255]), ints(.uint8, [10, 5], [2, 1])], gives: ints(.uint8, [8, 10, 4, 5], [2, 2])),
    OperatorCase(
      "BitwiseAnd", [ints(.uint16, [12, 65535]), ints(.uint16, [10, 5], [2, 1])], gives: ints(.uint16, [8, 10, 4, 5], [2, 2])),
    OperatorCase(
      "BitwiseAnd", [ints(.uint32, [12, 4_294_967_295]), ints(.uint32, [10, 5], [2, 1])], gives: ints(.uint32, [8, 10, 4, 5], [2, 2])),
    OperatorCase(
      "BitwiseAnd", [ints(.uint64, [12, -1]), ints(.uint64, [10, 5], [2, 1])], gives: ints(.uint64, [8, 10, 4, 5], [2, 2])),
    OperatorCase("BitwiseOr", [ints(.int8, [12, -7, 0]), ints(.int8, [10], [])], gives: ints(.int8, [14, -5, 10])),
    OperatorCase("BitwiseOr", [ints(.int16, [12, -7, 0]), ints(.int16, [10], [])], gives: ints(.int16, [14, -5, 10])),
    OperatorCase("BitwiseOr", [i32([12, -7, 0]), i32([10], [])], gives: i32([14, -5, 10])),
    OperatorCase("BitwiseOr", [i64([12, -7, 0]), i64([10], [])], gives: i64([14, -5, 10])),
    OperatorCase(
      "BitwiseOr", [ints(.uint8, [12, 255]), ints(.uint8, [10, 5], [2, 1])], gives: ints(.uint8, [14, 255, 13, 255], [2, 2])),
    OperatorCase(
      "BitwiseOr", [ints(.uint16, [12, 65535]), ints(.uint16, [10, 5], [2, 1])], gives: ints(.uint16, [14, 65535, 13, 65535], [2, 2])),
    OperatorCase(
      "BitwiseOr", [ints(.uint32, [12, 4_294_967_295]), ints(.uint32, [10, 5], [2, 1])],
      gives: ints(.uint32, [14, 4_294_967_295, 13, 4_294_967_295], [2, 2])),
    OperatorCase(
      "BitwiseOr", [ints(.uint64, [12, -1]), ints(.uint64, [10, 5], [2, 1])], gives: ints(.uint64, [14, -1, 13, -1], [2, 2])),
    OperatorCase("BitwiseXor", [ints(.int8, [12, -7, 0]), ints(.int8, [10], [])], gives: ints(.int8, [6, -13, 10])),
    OperatorCase("BitwiseXor", [ints(.int16, [12, -7, 0]), ints(.int16, [10], [])], gives: ints(.int16, [6, -13, 10])),
    OperatorCase("BitwiseXor", [i32([12, -7, 0]), i32([10], [])], gives: i32([6, -13, 10])),
    OperatorCase("BitwiseXor", [i64([12, -7, 0]), i64([10], [])], gives: i64([6, -13, 10])),
    OperatorCase(
      "BitwiseXor", [ints(.uint8, [12, 255]), ints(.uint8, [10, 5], [2, 1])], gives: ints(.uint8, [6, 245, 9, 250], [2, 2])),
    OperatorCase(
      "BitwiseXor", [ints(.uint16, [12, 65535]), ints(.uint16, [10, 5], [2, 1])], gives: ints(.uint16, [6, 65525, 9, 65530], [2, 2])),
    OperatorCase(
      "BitwiseXor", [ints(.uint32, [12, 4_294_967_295]), ints(.uint32, [10, 5], [2, 1])],
      gives: ints(.uint32, [6, 4_294_967_285, 9, 4_294_967_290], [2, 2])),
    OperatorCase(
      "BitwiseXor", [ints(.uint64, [12, -1]), ints(.uint64, [10, 5], [2, 1])], gives: ints(.uint64, [6, -11, 9, -6], [2, 2])),
  ]

  static let shifts: [OperatorCase] = [
    OperatorCase(
      "BitShift", [ints(.uint8, [255, 255, 1, 16, 16]), ints(.uint8, [1, 7, 8, 2, 13])], ["direction": .text("LEFT")],
      gives: ints(.uint8, [254, 128, 0, 64, 0])),
    OperatorCase(
      "BitShift", [ints(.uint16, [65535, 65535, 1, 16, 16]), ints(.uint16, [1, 15, 16, 2, 21])], ["direction": .text("LEFT")],
      gives: ints(.uint16, [65534, 32768, 0, 64, 0])),
    OperatorCase(
      "BitShift", [ints(.uint32, [4_294_967_295, 4_294_967_295, 1, 16, 16]), ints(.uint32, [1, 31, 32, 2, 37])],
      ["direction": .text("LEFT")], gives: ints(.uint32, [4_294_967_294, 2_147_483_648, 0, 64, 0])),
    OperatorCase(
      "BitShift", [ints(.uint64, [-1, -1, 1, 16, 16]), ints(.uint64, [1, 63, 64, 2, 69])], ["direction": .text("LEFT")],
      gives: ints(.uint64, [-2, .min, 0, 64, 0])),
    OperatorCase(
      "BitShift", [ints(.int8, [-5, 5, -5, 5, -5, -1, 3]), ints(.int8, [1, 1, 8, 8, -1, 7, 7])], ["direction": .text("LEFT")],
      gives: ints(.int8, [-10, 10, 0, 0, 0, -128, -128]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [ints(.int16, [-5, 5, -5, 5, -5, -1, 3]), ints(.int16, [1, 1, 16, 16, -1, 15, 15])], ["direction": .text("LEFT")],
      gives: ints(.int16, [-10, 10, 0, 0, 0, -32768, -32768]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [i32([-5, 5, -5, 5, -5, -1, 3]), i32([1, 1, 32, 32, -1, 31, 31])], ["direction": .text("LEFT")],
      gives: i32([-10, 10, 0, 0, 0, -2_147_483_648, -2_147_483_648]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [i64([-5, 5, -5, 5, -5, -1, 3]), i64([1, 1, 64, 64, -1, 63, 63])], ["direction": .text("LEFT")],
      gives: i64([-10, 10, 0, 0, 0, .min, .min]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [ints(.uint8, [255, 255, 1, 16, 16]), ints(.uint8, [1, 7, 8, 2, 13])], ["direction": .text("RIGHT")],
      gives: ints(.uint8, [127, 1, 0, 4, 0])),
    OperatorCase(
      "BitShift", [ints(.uint16, [65535, 65535, 1, 16, 16]), ints(.uint16, [1, 15, 16, 2, 21])], ["direction": .text("RIGHT")],
      gives: ints(.uint16, [32767, 1, 0, 4, 0])),
    OperatorCase(
      "BitShift", [ints(.uint32, [4_294_967_295, 4_294_967_295, 1, 16, 16]), ints(.uint32, [1, 31, 32, 2, 37])],
      ["direction": .text("RIGHT")], gives: ints(.uint32, [2_147_483_647, 1, 0, 4, 0])),
    OperatorCase(
      "BitShift", [ints(.uint64, [-1, -1, 1, 16, 16]), ints(.uint64, [1, 63, 64, 2, 69])], ["direction": .text("RIGHT")],
      gives: ints(.uint64, [9_223_372_036_854_775_807, 1, 0, 4, 0])),
    OperatorCase(
      "BitShift", [ints(.int8, [-5, 5, -5, 5, -5, -1, 3]), ints(.int8, [1, 1, 8, 8, -1, 7, 7])], ["direction": .text("RIGHT")],
      gives: ints(.int8, [-3, 2, -1, 0, -1, -1, 0]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [ints(.int16, [-5, 5, -5, 5, -5, -1, 3]), ints(.int16, [1, 1, 16, 16, -1, 15, 15])], ["direction": .text("RIGHT")],
      gives: ints(.int16, [-3, 2, -1, 0, -1, -1, 0]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [i32([-5, 5, -5, 5, -5, -1, 3]), i32([1, 1, 32, 32, -1, 31, 31])], ["direction": .text("RIGHT")],
      gives: i32([-3, 2, -1, 0, -1, -1, 0]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [i64([-5, 5, -5, 5, -5, -1, 3]), i64([1, 1, 64, 64, -1, 63, 63])], ["direction": .text("RIGHT")],
      gives: i64([-3, 2, -1, 0, -1, -1, 0]), note: "signed, BitShift-28"),
    OperatorCase(
      "BitShift", [ints(.uint8, [1, 4], [2, 1]), ints(.uint8, [1, 2, 3])], ["direction": .text("LEFT")],
      gives: ints(.uint8, [2, 4, 8, 8, 16, 32], [2, 3])),
  ]

  static let comparisons: [OperatorCase] = [
    OperatorCase(
      "Equal", [f32([1, 2, .nan, .infinity, -0.0, -.infinity], [2, 3]), f32([2, 2, .nan])],
      gives: bools([false, true, false, false, false, false], [2, 3])),
    OperatorCase("Equal", [f32([0]), f32([-0.0])], gives: bools([true])),
    OperatorCase(
      "Equal", [strings(["é", "é", "a"]), strings(["é", "e\u{301}", "b"])], gives: bools([true, false, false]), note: "texts of other bytes"
    ),
    OperatorCase("Equal", [f16([1, 2, 3], [3, 1]), f16([2, 3])], gives: bools([false, false, true, false, false, true], [3, 2])),
    OperatorCase("Equal", [bf16([1, 2, 3], [3, 1]), bf16([2, 3])], gives: bools([false, false, true, false, false, true], [3, 2])),
    OperatorCase("Equal", [f64([1, 2, 3], [3, 1]), f64([2, 3])], gives: bools([false, false, true, false, false, true], [3, 2])),
    OperatorCase("Equal", [ints(.int8, [127, -128, 2]), ints(.int8, [2])], gives: bools([false, false, true])),
    OperatorCase("Equal", [ints(.int16, [32767, -32768, 2]), ints(.int16, [2])], gives: bools([false, false, true])),
    OperatorCase("Equal", [i32([2_147_483_647, -2_147_483_648, 2]), i32([2])], gives: bools([false, false, true])),
    OperatorCase("Equal", [i64([9_223_372_036_854_775_807, .min, 2]), i64([2])], gives: bools([false, false, true])),
    OperatorCase("Equal", [ints(.uint8, [255, 0, 2]), ints(.uint8, [2])], gives: bools([false, false, true])),
    OperatorCase("Equal", [ints(.uint16, [65535, 0, 2]), ints(.uint16, [2])], gives: bools([false, false, true])),
    OperatorCase("Equal", [ints(.uint32, [4_294_967_295, 0, 2]), ints(.uint32, [2])], gives: bools([false, false, true])),
    OperatorCase("Equal", [ints(.uint64, [-1, 0, 2]), ints(.uint64, [2])], gives: bools([false, false, true])),
    OperatorCase(
      "Less", [f32([1, 2, .nan, .infinity, -0.0, -.infinity], [2, 3]), f32([2, 2, .nan])],
      gives: bools([true, false, false, false, true, false], [2, 3])),
    OperatorCase("Less", [f32([0]), f32([-0.0])], gives: bools([false])),
    OperatorCase("Less", [f16([1, 2, 3], [3, 1]), f16([2, 3])], gives: bools([true, true, false, true, false, false], [3, 2])),
    OperatorCase("Less", [bf16([1, 2, 3], [3, 1]), bf16([2, 3])], gives: bools([true, true, false, true, false, false], [3, 2])),
    OperatorCase("Less", [f64([1, 2, 3], [3, 1]), f64([2, 3])], gives: bools([true, true, false, true, false, false], [3, 2])),
    OperatorCase("Less", [ints(.int8, [127, -128, 2]), ints(.int8, [2])], gives: bools([false, true, false])),
    OperatorCase("Less", [ints(.int16, [32767, -32768, 2]), ints(.int16, [2])], gives: bools([false, true, false])),
    OperatorCase("Less", [i32([2_147_483_647, -2_147_483_648, 2]), i32([2])], gives: bools([false, true, false])),
    OperatorCase("Less", [i64([9_223_372_036_854_775_807, .min, 2]), i64([2])], gives: bools([false, true, false])),
    OperatorCase("Less", [ints(.uint8, [255, 0, 2]), ints(.uint8, [2])], gives: bools([false, true, false])),
    OperatorCase("Less", [ints(.uint16, [65535, 0, 2]), ints(.uint16, [2])], gives: bools([false, true, false])),
    OperatorCase("Less", [ints(.uint32, [4_294_967_295, 0, 2]), ints(.uint32, [2])], gives: bools([false, true, false])),
    OperatorCase("Less", [ints(.uint64, [-1, 0, 2]), ints(.uint64, [2])], gives: bools([false, true, false])),
    OperatorCase(
      "Greater", [f32([1, 2, .nan, .infinity, -0.0, -.infinity], [2, 3]), f32([2, 2, .nan])],
      gives: bools([false, false, false, true, false, false], [2, 3])),
    OperatorCase("Greater", [f32([0]), f32([-0.0])], gives: bools([false])),
    OperatorCase("Greater", [f16([1, 2, 3], [3, 1]), f16([2, 3])], gives: bools([false, false, false, false, true, false], [3, 2])),
    OperatorCase("Greater", [bf16([1, 2, 3], [3, 1]), bf16([2, 3])], gives: bools([false, false, false, false, true, false], [3, 2])),
    OperatorCase("Greater", [f64([1, 2, 3], [3, 1]), f64([2, 3])], gives: bools([false, false, false, false, true, false], [3, 2])),
    OperatorCase("Greater", [ints(.int8, [127, -128, 2]), ints(.int8, [2])], gives: bools([true, false, false])),
    OperatorCase("Greater", [ints(.int16, [32767, -32768, 2]), ints(.int16, [2])], gives: bools([true, false, false])),
    OperatorCase("Greater", [i32([2_147_483_647, -2_147_483_648, 2]), i32([2])], gives: bools([true, false, false])),
    OperatorCase("Greater", [i64([9_223_372_036_854_775_807, .min, 2]), i64([2])], gives: bools([true, false, false])),
    OperatorCase("Greater", [ints(.uint8, [255, 0, 2]), ints(.uint8, [2])], gives: bools([true, false, false])),
    OperatorCase("Greater", [ints(.uint16, [65535, 0, 2]), ints(.uint16, [2])], gives: bools([true, false, false])),
    OperatorCase("Greater", [ints(.uint32, [4_294_967_295, 0, 2]), ints(.uint32, [2])], gives: bools([true, false, false])),
    OperatorCase("Greater", [ints(.uint64, [-1, 0, 2]), ints(.uint64, [2])], gives: bools([true, false, false])),
    OperatorCase(
      "LessOrEqual", [f32([1, 2, .nan, .infinity, -0.0, -.infinity], [2, 3]), f32([2, 2, .nan])],
      gives: bools([true, true, false, false, true, false], [2, 3])),
    OperatorCase("LessOrEqual", [f32([0]), f32([-0.0])], gives: bools([true])),
    OperatorCase("LessOrEqual", [f16([1, 2, 3], [3, 1]), f16([2, 3])], gives: bools([true, true, true, true, false, true], [3, 2])),
    OperatorCase("LessOrEqual", [bf16([1, 2, 3], [3, 1]), bf16([2, 3])], gives: bools([true, true, true, true, false, true], [3, 2])),
    OperatorCase("LessOrEqual", [f64([1, 2, 3], [3, 1]), f64([2, 3])], gives: bools([true, true, true, true, false, true], [3, 2])),
    OperatorCase("LessOrEqual", [ints(.int8, [127, -128, 2]), ints(.int8, [2])], gives: bools([false, true, true])),
    OperatorCase("LessOrEqual", [ints(.int16, [32767, -32768, 2]), ints(.int16, [2])], gives: bools([false, true, true])),
    OperatorCase("LessOrEqual", [i32([2_147_483_647, -2_147_483_648, 2]), i32([2])], gives: bools([false, true, true])),
    OperatorCase("LessOrEqual", [i64([9_223_372_036_854_775_807, .min, 2]), i64([2])], gives: bools([false, true, true])),
    OperatorCase("LessOrEqual", [ints(.uint8, [255, 0, 2]), ints(.uint8, [2])], gives: bools([false, true, true])),
    OperatorCase("LessOrEqual", [ints(.uint16, [65535, 0, 2]), ints(.uint16, [2])], gives: bools([false, true, true])),
    OperatorCase("LessOrEqual", [ints(.uint32, [4_294_967_295, 0, 2]), ints(.uint32, [2])], gives: bools([false, true, true])),
    OperatorCase("LessOrEqual", [ints(.uint64, [-1, 0, 2]), ints(.uint64, [2])], gives: bools([false, true, true])),
    OperatorCase(
      "GreaterOrEqual", [f32([1, 2, .nan, .infinity, -0.0, -.infinity], [2, 3]), f32([2, 2, .nan])],
      gives: bools([false, true, false, true, false, false], [2, 3])),
    OperatorCase("GreaterOrEqual", [f32([0]), f32([-0.0])], gives: bools([true])),
    OperatorCase(
      "GreaterOrEqual", [f16([1, 2, 3], [3, 1]), f16([2, 3])], gives: bools([false, false, true, false, true, true], [3, 2])),
    OperatorCase(
      "GreaterOrEqual", [bf16([1, 2, 3], [3, 1]), bf16([2, 3])], gives: bools([false, false, true, false, true, true], [3, 2])),
    OperatorCase(
      "GreaterOrEqual", [f64([1, 2, 3], [3, 1]), f64([2, 3])], gives: bools([false, false, true, false, true, true], [3, 2])),
    OperatorCase("GreaterOrEqual", [ints(.int8, [127, -128, 2]), ints(.int8, [2])], gives: bools([true, false, true])),
    OperatorCase("GreaterOrEqual", [ints(.int16, [32767, -32768, 2]), ints(.int16, [2])], gives: bools([true, false, true])),
    OperatorCase("GreaterOrEqual", [i32([2_147_483_647, -2_147_483_648, 2]), i32([2])], gives: bools([true, false, true])),
    OperatorCase("GreaterOrEqual", [i64([9_223_372_036_854_775_807, .min, 2]), i64([2])], gives: bools([true, false, true])),
    OperatorCase("GreaterOrEqual", [ints(.uint8, [255, 0, 2]), ints(.uint8, [2])], gives: bools([true, false, true])),
    OperatorCase("GreaterOrEqual", [ints(.uint16, [65535, 0, 2]), ints(.uint16, [2])], gives: bools([true, false, true])),
    OperatorCase("GreaterOrEqual", [ints(.uint32, [4_294_967_295, 0, 2]), ints(.uint32, [2])], gives: bools([true, false, true])),
    OperatorCase("GreaterOrEqual", [ints(.uint64, [-1, 0, 2]), ints(.uint64, [2])], gives: bools([true, false, true])),
    OperatorCase("Equal", [bools([true, false]), bools([true], [])], gives: bools([true, false])),
    OperatorCase("Equal", [strings(["a", "b", ""]), strings(["a", "c", ""])], gives: bools([true, false, true])),
    OperatorCase("Equal", [strings(["é", "b"], [2, 1]), strings(["é", "b"])], gives: bools([true, false, false, true], [2, 2])),
    OperatorCase("Equal", [i64([3, 4]), i64([3], [])], gives: bools([true, false])),
    OperatorCase("Less", [i64([3, 4]), i64([4], [])], gives: bools([true, false])),
    OperatorCase(
      "Equal", [i64([9_007_199_254_740_992, 9_007_199_254_740_993]), i64([9_007_199_254_740_993], [])], gives: bools([false, true]),
      note: "past 2^53"),
    OperatorCase("Equal", [f32([], [0, 2]), f32([1, 2])], gives: bools([], [0, 2])),
  ]

  static let choices: [OperatorCase] = [
    OperatorCase("Where", [bools([true, false], [2, 1]), f32([1, 2, 3]), f32([9], [])], gives: f32([1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase("Where", [bools([true, false], [2, 1]), f16([1, 2, 3]), f16([9], [])], gives: f16([1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase("Where", [bools([true, false], [2, 1]), bf16([1, 2, 3]), bf16([9], [])], gives: bf16([1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase("Where", [bools([true, false], [2, 1]), f64([1, 2, 3]), f64([9], [])], gives: f64([1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), ints(.int8, [1, 2, 3]), ints(.int8, [9], [])],
      gives: ints(.int8, [1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), ints(.int16, [1, 2, 3]), ints(.int16, [9], [])],
      gives: ints(.int16, [1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase("Where", [bools([true, false], [2, 1]), i32([1, 2, 3]), i32([9], [])], gives: i32([1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase("Where", [bools([true, false], [2, 1]), i64([1, 2, 3]), i64([9], [])], gives: i64([1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), ints(.uint8, [1, 2, 3]), ints(.uint8, [9], [])],
      gives: ints(.uint8, [1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), ints(.uint16, [1, 2, 3]), ints(.uint16, [9], [])],
      gives: ints(.uint16, [1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), ints(.uint32, [1, 2, 3]), ints(.uint32, [9], [])],
      gives: ints(.uint32, [1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), ints(.uint64, [1, 2, 3]), ints(.uint64, [9], [])],
      gives: ints(.uint64, [1, 2, 3, 9, 9, 9], [2, 3])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), bools([true, false]), bools([false], [])], gives: bools([true, false, false, false], [2, 2])),
    OperatorCase(
      "Where", [bools([true, false], [2, 1]), strings(["x", "y"]), strings(["z"])], gives: strings(["x", "y", "z", "z"], [2, 2])),
    OperatorCase("Where", [bools([true], []), i64([3, 4]), i64([5, 6])], gives: i64([3, 4])),
    OperatorCase("Where", [bools([]), i64([3]), i64([5])], gives: i64([])),
    OperatorCase("Where", [bools([true, false]), f32([.nan, 1]), f32([2, .nan])], gives: f32([.nan, .nan])),
  ]

  @Test func whereMovesComplexNumbers() throws {
    let x = try Tensor([Complex64(1, 2), Complex64(3, 4)], shape: [2])
    let y = try Tensor([Complex64(5, -6)], shape: [1])
    let result = try evaluate("Where", [bools([true, false]), x, y])
    #expect(try result[0].elements(as: Complex64.self) == [Complex64(1, 2), Complex64(5, -6)])
  }
}
