import OnyxGraph
import OnyxTensor
import Testing

/// Expected: numpy views; the codes of the types narrower than a byte.
struct BitCastTests {
  @Test(arguments: cases)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "BitCast", [f32([1, -2.5, .nan], [3, 1])], ["to": .int(6)], gives: i32([1_065_353_216, -1_071_644_672, 2_143_289_344], [3, 1])),
    OperatorCase("BitCast", [i32([1_065_353_216, -1_071_644_672])], ["to": .int(1)], gives: f32([1, -2.5])),
    OperatorCase("BitCast", [f64([1, -2.5])], ["to": .int(7)], gives: i64([4_607_182_418_800_017_408, -4_610_560_118_520_545_280])),
    OperatorCase("BitCast", [i64([4_607_182_418_800_017_408])], ["to": .int(11)], gives: f64([1])),
    OperatorCase("BitCast", [f16([1, -2])], ["to": .int(4)], gives: ints(.uint16, [15360, 49152])),
    OperatorCase("BitCast", [bf16([1, -2])], ["to": .int(5)], gives: ints(.int16, [16256, -16384])),
    OperatorCase("BitCast", [ints(.uint16, [16256])], ["to": .int(16)], gives: bf16([1])),
    OperatorCase("BitCast", [f16([1.5])], ["to": .int(16)], gives: bf16([0.125])),
    OperatorCase("BitCast", [ints(.uint32, [4_294_967_295])], ["to": .int(6)], gives: i32([-1])),
    OperatorCase("BitCast", [ints(.int8, [-1, 5])], ["to": .int(2)], gives: ints(.uint8, [255, 5])),
    OperatorCase("BitCast", [ints(.uint8, [56, 184])], ["to": .int(17)], gives: tensor(.float8e4m3fn, [1, -1])),
    OperatorCase("BitCast", [tensor(.float8e5m2, [1, -2])], ["to": .int(2)], gives: ints(.uint8, [60, 192])),
    OperatorCase("BitCast", [tensor(.float8e8m0, [2])], ["to": .int(3)], gives: ints(.int8, [-128])),
    OperatorCase("BitCast", [bools([true, false])], ["to": .int(2)], gives: ints(.uint8, [1, 0])),
    OperatorCase("BitCast", [ints(.uint8, [1, 0])], ["to": .int(9)], gives: bools([true, false])),
    OperatorCase("BitCast", [f32([], [0, 2])], ["to": .int(12)], gives: ints(.uint32, [], [0, 2])),
    OperatorCase("BitCast", [i64([3])], ["to": .int(7)], gives: i64([3])),
    OperatorCase("BitCast", [f32([2], [])], ["to": .int(12)], gives: ints(.uint32, [1_073_741_824], [])),
    OperatorCase("BitCast", [ints(.int4, [-1, -8, 3])], ["to": .int(21)], gives: ints(.uint4, [15, 8, 3])),
    OperatorCase("BitCast", [ints(.uint4, [15, 8, 3])], ["to": .int(22)], gives: ints(.int4, [-1, -8, 3])),
    OperatorCase("BitCast", [ints(.uint4, [2, 10])], ["to": .int(23)], gives: tensor(.float4e2m1, [1, -1])),
    OperatorCase("BitCast", [ints(.int2, [-1, -2, 1])], ["to": .int(25)], gives: ints(.uint2, [3, 2, 1])),
  ]

  @Test func bytesBecomeTruths() throws {
    expectClose(
      try evaluate("BitCast", [ints(.uint8, [0, 1, 2, 255])], attributes: ["to": .int(9)])[0], bools([false, true, true, true]), "BitCast")
  }

  @Test func complexNumbersKeepTheirBits() throws {
    let result = try evaluate("BitCast", [i64([0x4000_0000_3F80_0000])], attributes: ["to": .int(14)])
    #expect(try result[0].elements(as: Complex64.self) == [Complex64(1, 2)])
  }
}
