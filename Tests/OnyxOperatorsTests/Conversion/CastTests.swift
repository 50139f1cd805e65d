import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the ONNX reference evaluator and ml_dtypes; the tables of Cast-28 for float8e8m0; where the standard leaves the result open,
/// the documented one.
struct CastTests {
  @Test(arguments: floats + integers + narrowIntegers + texts + castLike)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let floats: [OperatorCase] = [
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000])], ["to": .int(11)],
      gives: f64([
        0.4789254665374756, -1.5, 1_000_000, 1.0000000116860974e-07, .nan, .infinity, -.infinity, -1.0000000116860974e-07, -1_000_000,
        448.5, 60000,
      ])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000])], ["to": .int(10)],
      gives: f16([
        0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
        60000,
      ])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000])], ["to": .int(16)],
      gives: bf16([
        0.478515625, -1.5, 999424, 1.0011717677116394e-07, .nan, .infinity, -.infinity, -1.0011717677116394e-07, -999424, 448, 59904,
      ])),
    OperatorCase(
      "Cast", [f64([0.47892547, -1.5, 1_000_000, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1_000_000, 448.5, 60000])], ["to": .int(1)],
      gives: f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000])),
    OperatorCase(
      "Cast", [f64([0.47892547, -1.5, 1_000_000, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1_000_000, 448.5, 60000])], ["to": .int(10)],
      gives: f16([
        0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
        60000,
      ])),
    OperatorCase(
      "Cast", [f64([0.47892547, -1.5, 1_000_000, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1_000_000, 448.5, 60000])], ["to": .int(16)],
      gives: bf16([
        0.478515625, -1.5, 999424, 1.0011717677116394e-07, .nan, .infinity, -.infinity, -1.0011717677116394e-07, -999424, 448, 59904,
      ])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(1)],
      gives: f32([0.4790039, -1.5, .infinity, 1.1920929e-07, .nan, .infinity, -.infinity, -1.1920929e-07, -.infinity, 448.5, 60000])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(11)],
      gives: f64([
        0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
        60000,
      ])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(16)],
      gives: bf16([
        0.478515625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448, 59904,
      ])),
    OperatorCase(
      "Cast",
      [
        bf16([0.478515625, -1.5, 999424, 1.0011717677116394e-07, .nan, .infinity, -.infinity, -1.0011717677116394e-07, -999424, 448, 59904])
      ], ["to": .int(1)],
      gives: f32([0.47851562, -1.5, 999424, 1.0011718e-07, .nan, .infinity, -.infinity, -1.0011718e-07, -999424, 448, 59904])),
    OperatorCase(
      "Cast",
      [
        bf16([0.478515625, -1.5, 999424, 1.0011717677116394e-07, .nan, .infinity, -.infinity, -1.0011717677116394e-07, -999424, 448, 59904])
      ], ["to": .int(11)],
      gives: f64([
        0.478515625, -1.5, 999424, 1.0011717677116394e-07, .nan, .infinity, -.infinity, -1.0011717677116394e-07, -999424, 448, 59904,
      ])),
    OperatorCase(
      "Cast",
      [
        bf16([0.478515625, -1.5, 999424, 1.0011717677116394e-07, .nan, .infinity, -.infinity, -1.0011717677116394e-07, -999424, 448, 59904])
      ], ["to": .int(10)],
      gives: f16([
        0.478515625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448, 59904,
      ])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])], ["to": .int(17)],
      gives: tensor(.float8e4m3fn, [0.46875, -1.5, 448, 0, .nan, 448, -448, -0.0, -448, 448, 448], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(17)], gives: tensor(.float8e4m3fn, [0.46875, -1.5, 448, 0, .nan, 448, -448, -0.0, -448, 448, 448])),
    OperatorCase("Cast", [tensor(.float8e4m3fn, [0.5, -3, 0.0625, .nan])], ["to": .int(1)], gives: f32([0.5, -3, 0.0625, .nan])),
    OperatorCase("Cast", [tensor(.float8e4m3fn, [0.5, -3, .nan])], ["to": .int(10)], gives: f16([0.5, -3, .nan])),
    OperatorCase("Cast", [i32([3, -7, 100000])], ["to": .int(17)], gives: tensor(.float8e4m3fn, [3, -7, 448])),
    OperatorCase("Cast", [tensor(.float8e4m3fn, [2.5, -3.5, 96])], ["to": .int(6)], gives: i32([2, -3, 96])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(17)], gives: tensor(.float8e4m3fn, [1, 0])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])], ["to": .int(18)],
      gives: tensor(.float8e4m3fnuz, [0.46875, -1.5, 240, 0, .nan, 240, -240, 0, -240, 240, 240], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(18)], gives: tensor(.float8e4m3fnuz, [0.46875, -1.5, 240, 0, .nan, 240, -240, 0, -240, 240, 240])),
    OperatorCase("Cast", [tensor(.float8e4m3fnuz, [0.5, -3, 0.0625, .nan])], ["to": .int(1)], gives: f32([0.5, -3, 0.0625, .nan])),
    OperatorCase("Cast", [tensor(.float8e4m3fnuz, [0.5, -3, .nan])], ["to": .int(10)], gives: f16([0.5, -3, .nan])),
    OperatorCase("Cast", [i32([3, -7, 100000])], ["to": .int(18)], gives: tensor(.float8e4m3fnuz, [3, -7, 240])),
    OperatorCase("Cast", [tensor(.float8e4m3fnuz, [2.5, -3.5, 96])], ["to": .int(6)], gives: i32([2, -3, 96])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(18)], gives: tensor(.float8e4m3fnuz, [1, 0])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])], ["to": .int(19)],
      gives: tensor(.float8e5m2, [0.5, -1.5, 57344, 0, .nan, 57344, -57344, -0.0, -57344, 448, 57344], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(19)], gives: tensor(.float8e5m2, [0.5, -1.5, 57344, 0, .nan, 57344, -57344, -0.0, -57344, 448, 57344])),
    OperatorCase("Cast", [tensor(.float8e5m2, [0.5, -3, 0.0625, .nan])], ["to": .int(1)], gives: f32([0.5, -3, 0.0625, .nan])),
    OperatorCase("Cast", [tensor(.float8e5m2, [0.5, -3, .nan])], ["to": .int(10)], gives: f16([0.5, -3, .nan])),
    OperatorCase("Cast", [i32([3, -7, 100000])], ["to": .int(19)], gives: tensor(.float8e5m2, [3, -7, 57344])),
    OperatorCase("Cast", [tensor(.float8e5m2, [2.5, -3.5, 96])], ["to": .int(6)], gives: i32([2, -3, 96])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(19)], gives: tensor(.float8e5m2, [1, 0])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])], ["to": .int(20)],
      gives: tensor(.float8e5m2fnuz, [0.5, -1.5, 57344, 0, .nan, 57344, -57344, 0, -57344, 448, 57344], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(20)], gives: tensor(.float8e5m2fnuz, [0.5, -1.5, 57344, 0, .nan, 57344, -57344, 0, -57344, 448, 57344])),
    OperatorCase("Cast", [tensor(.float8e5m2fnuz, [0.5, -3, 0.0625, .nan])], ["to": .int(1)], gives: f32([0.5, -3, 0.0625, .nan])),
    OperatorCase("Cast", [tensor(.float8e5m2fnuz, [0.5, -3, .nan])], ["to": .int(10)], gives: f16([0.5, -3, .nan])),
    OperatorCase("Cast", [i32([3, -7, 100000])], ["to": .int(20)], gives: tensor(.float8e5m2fnuz, [3, -7, 57344])),
    OperatorCase("Cast", [tensor(.float8e5m2fnuz, [2.5, -3.5, 96])], ["to": .int(6)], gives: i32([2, -3, 96])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(20)], gives: tensor(.float8e5m2fnuz, [1, 0])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])],
      ["to": .int(17), "saturate": .int(0)],
      gives: tensor(.float8e4m3fn, [0.46875, -1.5, .nan, 0, .nan, .nan, .nan, -0.0, .nan, 448, .nan], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(17), "saturate": .int(0)],
      gives: tensor(.float8e4m3fn, [0.46875, -1.5, .nan, 0, .nan, .nan, .nan, -0.0, .nan, 448, .nan])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])],
      ["to": .int(18), "saturate": .int(0)],
      gives: tensor(.float8e4m3fnuz, [0.46875, -1.5, .nan, 0, .nan, .nan, .nan, 0, .nan, .nan, .nan], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(18), "saturate": .int(0)],
      gives: tensor(.float8e4m3fnuz, [0.46875, -1.5, .nan, 0, .nan, .nan, .nan, 0, .nan, .nan, .nan])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])],
      ["to": .int(19), "saturate": .int(0)],
      gives: tensor(.float8e5m2, [0.5, -1.5, .infinity, 0, .nan, .infinity, -.infinity, -0.0, -.infinity, 448, 57344], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(19), "saturate": .int(0)],
      gives: tensor(.float8e5m2, [0.5, -1.5, .infinity, 0, .nan, .infinity, -.infinity, -0.0, -.infinity, 448, 57344])),
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 1e+06, 1e-07, .nan, .infinity, -.infinity, -1e-07, -1e+06, 448.5, 60000], [11, 1])],
      ["to": .int(20), "saturate": .int(0)],
      gives: tensor(.float8e5m2fnuz, [0.5, -1.5, .nan, 0, .nan, .nan, .nan, 0, .nan, 448, 57344], [11, 1])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47900390625, -1.5, .infinity, 1.1920928955078125e-07, .nan, .infinity, -.infinity, -1.1920928955078125e-07, -.infinity, 448.5,
          60000,
        ])
      ], ["to": .int(20), "saturate": .int(0)],
      gives: tensor(.float8e5m2fnuz, [0.5, -1.5, .nan, 0, .nan, .nan, .nan, 0, .nan, 448, 57344])),
    OperatorCase(
      "Cast", [tensor(.float8e5m2, [.infinity, -.infinity, .nan])], ["to": .int(1)], gives: f32([.infinity, -.infinity, .nan])),
    OperatorCase(
      "Cast", [f32([0.48, 0.25, 1.05, -3.5, -8, 9, 1e+06, 1e-07, .infinity, -.infinity, -4, 0.01, 2.5, 5])], ["to": .int(23)],
      gives: tensor(.float4e2m1, [0.5, 0, 1, -4, -6, 6, 6, 0, 6, -6, -4, 0, 2, 4])),
    OperatorCase(
      "Cast",
      [
        f16([
          0.47998046875, 0.25, 1.0498046875, -3.5, -8, 9, .infinity, 1.1920928955078125e-07, .infinity, -.infinity, -4, 0.01000213623046875,
          2.5, 5,
        ])
      ], ["to": .int(23)], gives: tensor(.float4e2m1, [0.5, 0, 1, -4, -6, 6, 6, 0, 6, -6, -4, 0, 2, 4])),
    OperatorCase("Cast", [tensor(.float4e2m1, [0.5, -6, 3, 1.5])], ["to": .int(1)], gives: f32([0.5, -6, 3, 1.5])),
    OperatorCase(
      "Cast", [f32([0.3, -1.2, 7.3, 100, -100, .infinity, -.infinity, 0.06, 0.0625, 0.1, 29, 2.6, -17, 4.25, 4.75])], ["to": .int(27)],
      gives: tensor(.float6e2m3, [0.25, -1.25, 7.5, 7.5, -7.5, 7.5, -7.5, 0, 0, 0.125, 7.5, 2.5, -7.5, 4, 5])),
    OperatorCase(
      "Cast", [f32([0.3, -1.2, 7.3, 100, -100, .infinity, -.infinity, 0.06, 0.0625, 0.1, 29, 2.6, -17, 4.25, 4.75])], ["to": .int(28)],
      gives: tensor(.float6e3m2, [0.3125, -1.25, 7, 28, -28, 28, -28, 0.0625, 0.0625, 0.125, 28, 2.5, -16, 4, 5])),
    OperatorCase("Cast", [i32([7, -8, 100, 2049])], ["to": .int(27)], gives: tensor(.float6e2m3, [7, -7.5, 7.5, 7.5])),
    OperatorCase("Cast", [i32([7, -8, 100, 2049])], ["to": .int(28)], gives: tensor(.float6e3m2, [7, -8, 28, 28])),
    OperatorCase("Cast", [tensor(.float6e2m3, [0.125, 7.5, -3.75])], ["to": .int(1)], gives: f32([0.125, 7.5, -3.75])),
    OperatorCase("Cast", [tensor(.float6e3m2, [0.0625, 28, -3.5])], ["to": .int(6)], gives: i32([0, 28, -3])),
    OperatorCase(
      "Cast", [f32([0.124, 0.25, 0.5, 1.1, 2, 4, 8, 1.4, 1.6, 3e+38])], ["to": .int(24), "round_mode": .text("up")],
      gives: tensor(.float8e8m0, [0.125, 0.25, 0.5, 2, 2, 4, 8, 2, 2, 1.7014118346046923e+38])),
    OperatorCase(
      "Cast", [f32([0.124, 0.25, 0.5, 1.1, 2, 4, 8, 1.4, 1.6, 3e+38])], ["to": .int(24), "round_mode": .text("down")],
      gives: tensor(.float8e8m0, [0.0625, 0.25, 0.5, 1, 2, 4, 8, 1, 1, 1.7014118346046923e+38])),
    OperatorCase(
      "Cast", [f32([0.124, 0.25, 0.5, 1.1, 2, 4, 8, 1.4, 1.6, 3e+38])], ["to": .int(24), "round_mode": .text("nearest")],
      gives: tensor(.float8e8m0, [0.125, 0.25, 0.5, 1, 2, 4, 8, 1, 2, 1.7014118346046923e+38])),
    OperatorCase(
      "Cast", [f32([.nan, .infinity, 1e-45, 0])], ["to": .int(24)],
      gives: tensor(.float8e8m0, [.nan, 1.7014118346046923e+38, 5.877471754111438e-39, 5.877471754111438e-39]),
      note: "special values, saturated"),
    OperatorCase(
      "Cast", [f32([.nan, .infinity, 1e-45, 0, 3e+38, 1.5])], ["to": .int(24), "saturate": .int(0), "round_mode": .text("nearest")],
      gives: tensor(.float8e8m0, [.nan, .nan, .nan, .nan, .nan, 2]), note: "special values, not saturated"),
    OperatorCase("Cast", [tensor(.float8e8m0, [0.25, 1, 128])], ["to": .int(1)], gives: f32([0.25, 1, 128])),
    OperatorCase("Cast", [f64([1.0004882812509095])], ["to": .int(10)], gives: f16([1.0009765625]), note: "one rounding"),
    OperatorCase("Cast", [f32([1, 2], [2, 1])], ["to": .int(1)], gives: f32([1, 2], [2, 1])),
  ]

  static let integers: [OperatorCase] = [
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(3)],
      gives: ints(.int8, [2, -2, 0, 100, 0, 127, -128, 127, -128]), note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([-128, 3.99, -0.5])], ["to": .int(3)], gives: ints(.int8, [-128, 3, 0])),
    OperatorCase("Cast", [f16([7.75, -1])], ["to": .int(3)], gives: ints(.int8, [7, -1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(3)], gives: ints(.int8, [7, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 1])], ["to": .int(1)], gives: f32([-128, 127, 1])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 1])], ["to": .int(11)], gives: f64([-128, 127, 1])),
    OperatorCase("Cast", [ints(.int8, [0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 77])], ["to": .int(16)], gives: bf16([-128, 127, 77])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 3])], ["to": .int(5)], gives: ints(.int16, [-128, 127, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 3])], ["to": .int(6)], gives: i32([-128, 127, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 3])], ["to": .int(7)], gives: i64([-128, 127, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 3])], ["to": .int(2)], gives: ints(.uint8, [128, 127, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 3])], ["to": .int(4)], gives: ints(.uint16, [65408, 127, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 3])], ["to": .int(12)], gives: ints(.uint32, [4_294_967_168, 127, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 3])], ["to": .int(13)], gives: ints(.uint64, [-128, 127, 3])),
    OperatorCase("Cast", [ints(.int8, [-128, 127, 0, 2])], ["to": .int(9)], gives: bools([true, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(3)], gives: ints(.int8, [1, 0])),
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(5)],
      gives: ints(.int16, [2, -2, 0, 100, 0, 32767, -32768, 32767, -32768]), note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([-32768, 3.99, -0.5])], ["to": .int(5)], gives: ints(.int16, [-32768, 3, 0])),
    OperatorCase("Cast", [f16([7.75, -1])], ["to": .int(5)], gives: ints(.int16, [7, -1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(5)], gives: ints(.int16, [7, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 1])], ["to": .int(1)], gives: f32([-32768, 32767, 1])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 1])], ["to": .int(11)], gives: f64([-32768, 32767, 1])),
    OperatorCase("Cast", [ints(.int16, [0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 77])], ["to": .int(16)], gives: bf16([-32768, 32768, 77])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 3])], ["to": .int(3)], gives: ints(.int8, [0, -1, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 3])], ["to": .int(6)], gives: i32([-32768, 32767, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 3])], ["to": .int(7)], gives: i64([-32768, 32767, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 3])], ["to": .int(2)], gives: ints(.uint8, [0, 255, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 3])], ["to": .int(4)], gives: ints(.uint16, [32768, 32767, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 3])], ["to": .int(12)], gives: ints(.uint32, [4_294_934_528, 32767, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 3])], ["to": .int(13)], gives: ints(.uint64, [-32768, 32767, 3])),
    OperatorCase("Cast", [ints(.int16, [-32768, 32767, 0, 2])], ["to": .int(9)], gives: bools([true, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(5)], gives: ints(.int16, [1, 0])),
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(6)],
      gives: i32([2, -2, 0, 100, 0, 2_147_483_647, -2_147_483_648, 2_147_483_647, -2_147_483_648]), note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([-2_147_483_648, 3.99, -0.5])], ["to": .int(6)], gives: i32([-2_147_483_648, 3, 0])),
    OperatorCase("Cast", [f16([7.75, -1])], ["to": .int(6)], gives: i32([7, -1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(6)], gives: i32([7, 3])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 1])], ["to": .int(1)], gives: f32([-2.1474836e+09, 2.1474836e+09, 1])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 1])], ["to": .int(11)], gives: f64([-2_147_483_648, 2_147_483_647, 1])),
    OperatorCase("Cast", [i32([0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 77])], ["to": .int(16)], gives: bf16([-2_147_483_648, 2_147_483_648, 77])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 3])], ["to": .int(3)], gives: ints(.int8, [0, -1, 3])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 3])], ["to": .int(5)], gives: ints(.int16, [0, -1, 3])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 3])], ["to": .int(7)], gives: i64([-2_147_483_648, 2_147_483_647, 3])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 3])], ["to": .int(2)], gives: ints(.uint8, [0, 255, 3])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 3])], ["to": .int(4)], gives: ints(.uint16, [0, 65535, 3])),
    OperatorCase(
      "Cast", [i32([-2_147_483_648, 2_147_483_647, 3])], ["to": .int(12)], gives: ints(.uint32, [2_147_483_648, 2_147_483_647, 3])),
    OperatorCase(
      "Cast", [i32([-2_147_483_648, 2_147_483_647, 3])], ["to": .int(13)], gives: ints(.uint64, [-2_147_483_648, 2_147_483_647, 3])),
    OperatorCase("Cast", [i32([-2_147_483_648, 2_147_483_647, 0, 2])], ["to": .int(9)], gives: bools([true, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(6)], gives: i32([1, 0])),
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(7)],
      gives: i64([2, -2, 0, 100, 0, 9_223_372_036_854_775_807, .min, 9_223_372_036_854_775_807, .min]),
      note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([-9.223372036854776e+18, 3.99, -0.5])], ["to": .int(7)], gives: i64([.min, 3, 0])),
    OperatorCase("Cast", [f16([7.75, -1])], ["to": .int(7)], gives: i64([7, -1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(7)], gives: i64([7, 3])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 1])], ["to": .int(1)], gives: f32([-9.223372e+18, 9.223372e+18, 1])),
    OperatorCase(
      "Cast", [i64([.min, 9_223_372_036_854_775_807, 1])], ["to": .int(11)],
      gives: f64([-9.223372036854776e+18, 9.223372036854776e+18, 1])),
    OperatorCase("Cast", [i64([0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase(
      "Cast", [i64([.min, 9_223_372_036_854_775_807, 77])], ["to": .int(16)],
      gives: bf16([-9.223372036854776e+18, 9.223372036854776e+18, 77])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 3])], ["to": .int(3)], gives: ints(.int8, [0, -1, 3])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 3])], ["to": .int(5)], gives: ints(.int16, [0, -1, 3])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 3])], ["to": .int(6)], gives: i32([0, -1, 3])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 3])], ["to": .int(2)], gives: ints(.uint8, [0, 255, 3])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 3])], ["to": .int(4)], gives: ints(.uint16, [0, 65535, 3])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 3])], ["to": .int(12)], gives: ints(.uint32, [0, 4_294_967_295, 3])),
    OperatorCase(
      "Cast", [i64([.min, 9_223_372_036_854_775_807, 3])], ["to": .int(13)], gives: ints(.uint64, [.min, 9_223_372_036_854_775_807, 3])),
    OperatorCase("Cast", [i64([.min, 9_223_372_036_854_775_807, 0, 2])], ["to": .int(9)], gives: bools([true, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(7)], gives: i64([1, 0])),
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(2)],
      gives: ints(.uint8, [2, 0, 0, 100, 0, 255, 0, 255, 0]), note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([0, 3.99, -0.5])], ["to": .int(2)], gives: ints(.uint8, [0, 3, 0])),
    OperatorCase("Cast", [f16([7.75, 1])], ["to": .int(2)], gives: ints(.uint8, [7, 1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(2)], gives: ints(.uint8, [7, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 1])], ["to": .int(1)], gives: f32([0, 255, 1])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 1])], ["to": .int(11)], gives: f64([0, 255, 1])),
    OperatorCase("Cast", [ints(.uint8, [0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 77])], ["to": .int(16)], gives: bf16([0, 255, 77])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 3])], ["to": .int(3)], gives: ints(.int8, [0, -1, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 3])], ["to": .int(5)], gives: ints(.int16, [0, 255, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 3])], ["to": .int(6)], gives: i32([0, 255, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 3])], ["to": .int(7)], gives: i64([0, 255, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 3])], ["to": .int(4)], gives: ints(.uint16, [0, 255, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 3])], ["to": .int(12)], gives: ints(.uint32, [0, 255, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 3])], ["to": .int(13)], gives: ints(.uint64, [0, 255, 3])),
    OperatorCase("Cast", [ints(.uint8, [0, 255, 0, 2])], ["to": .int(9)], gives: bools([false, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(2)], gives: ints(.uint8, [1, 0])),
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(4)],
      gives: ints(.uint16, [2, 0, 0, 100, 0, 65535, 0, 65535, 0]), note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([0, 3.99, -0.5])], ["to": .int(4)], gives: ints(.uint16, [0, 3, 0])),
    OperatorCase("Cast", [f16([7.75, 1])], ["to": .int(4)], gives: ints(.uint16, [7, 1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(4)], gives: ints(.uint16, [7, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 1])], ["to": .int(1)], gives: f32([0, 65535, 1])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 1])], ["to": .int(11)], gives: f64([0, 65535, 1])),
    OperatorCase("Cast", [ints(.uint16, [0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 77])], ["to": .int(16)], gives: bf16([0, 65536, 77])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 3])], ["to": .int(3)], gives: ints(.int8, [0, -1, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 3])], ["to": .int(5)], gives: ints(.int16, [0, -1, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 3])], ["to": .int(6)], gives: i32([0, 65535, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 3])], ["to": .int(7)], gives: i64([0, 65535, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 3])], ["to": .int(2)], gives: ints(.uint8, [0, 255, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 3])], ["to": .int(12)], gives: ints(.uint32, [0, 65535, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 3])], ["to": .int(13)], gives: ints(.uint64, [0, 65535, 3])),
    OperatorCase("Cast", [ints(.uint16, [0, 65535, 0, 2])], ["to": .int(9)], gives: bools([false, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(4)], gives: ints(.uint16, [1, 0])),
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(12)],
      gives: ints(.uint32, [2, 0, 0, 100, 0, 4_294_967_295, 0, 4_294_967_295, 0]), note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([0, 3.99, -0.5])], ["to": .int(12)], gives: ints(.uint32, [0, 3, 0])),
    OperatorCase("Cast", [f16([7.75, 1])], ["to": .int(12)], gives: ints(.uint32, [7, 1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(12)], gives: ints(.uint32, [7, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 1])], ["to": .int(1)], gives: f32([0, 4.2949673e+09, 1])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 1])], ["to": .int(11)], gives: f64([0, 4_294_967_295, 1])),
    OperatorCase("Cast", [ints(.uint32, [0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 77])], ["to": .int(16)], gives: bf16([0, 4_294_967_296, 77])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 3])], ["to": .int(3)], gives: ints(.int8, [0, -1, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 3])], ["to": .int(5)], gives: ints(.int16, [0, -1, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 3])], ["to": .int(6)], gives: i32([0, -1, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 3])], ["to": .int(7)], gives: i64([0, 4_294_967_295, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 3])], ["to": .int(2)], gives: ints(.uint8, [0, 255, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 3])], ["to": .int(4)], gives: ints(.uint16, [0, 65535, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 3])], ["to": .int(13)], gives: ints(.uint64, [0, 4_294_967_295, 3])),
    OperatorCase("Cast", [ints(.uint32, [0, 4_294_967_295, 0, 2])], ["to": .int(9)], gives: bools([false, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(12)], gives: ints(.uint32, [1, 0])),
    OperatorCase(
      "Cast", [f32([2.9, -2.9, 0.5, 100, .nan, .infinity, -.infinity, 1e+30, -1e+30])], ["to": .int(13)],
      gives: ints(.uint64, [2, 0, 0, 100, 0, -1, 0, -1, 0]), note: "truncates, holds to the bounds"),
    OperatorCase("Cast", [f64([0, 3.99, -0.5])], ["to": .int(13)], gives: ints(.uint64, [0, 3, 0])),
    OperatorCase("Cast", [f16([7.75, 1])], ["to": .int(13)], gives: ints(.uint64, [7, 1])),
    OperatorCase("Cast", [bf16([7.75, 3])], ["to": .int(13)], gives: ints(.uint64, [7, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 1])], ["to": .int(1)], gives: f32([0, 1.8446744e+19, 1])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 1])], ["to": .int(11)], gives: f64([0, 1.8446744073709552e+19, 1])),
    OperatorCase("Cast", [ints(.uint64, [0, 100, 1])], ["to": .int(10)], gives: f16([0, 100, 1])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 77])], ["to": .int(16)], gives: bf16([0, 1.8446744073709552e+19, 77])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 3])], ["to": .int(3)], gives: ints(.int8, [0, -1, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 3])], ["to": .int(5)], gives: ints(.int16, [0, -1, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 3])], ["to": .int(6)], gives: i32([0, -1, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 3])], ["to": .int(7)], gives: i64([0, -1, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 3])], ["to": .int(2)], gives: ints(.uint8, [0, 255, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 3])], ["to": .int(4)], gives: ints(.uint16, [0, 65535, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 3])], ["to": .int(12)], gives: ints(.uint32, [0, 4_294_967_295, 3])),
    OperatorCase("Cast", [ints(.uint64, [0, -1, 0, 2])], ["to": .int(9)], gives: bools([false, true, false, true])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(13)], gives: ints(.uint64, [1, 0])),
    OperatorCase(
      "Cast", [i64([16_777_217, 1_152_921_573_326_323_713, -1_152_921_573_326_323_713])], ["to": .int(1)],
      gives: f32([1.6777216e+07, 1.1529216e+18, -1.1529216e+18]), note: "one rounding"),
    OperatorCase("Cast", [ints(.uint64, [-9_223_371_487_098_961_919])], ["to": .int(1)], gives: f32([9.223373e+18]), note: "one rounding"),
    OperatorCase(
      "Cast", [ints(.uint64, [-9_223_371_487_098_961_919, -1])], ["to": .int(11)],
      gives: f64([9.22337258661059e+18, 1.8446744073709552e+19])),
    OperatorCase("Cast", [f32([0, -0.0, 0.5, .nan, -.infinity])], ["to": .int(9)], gives: bools([false, false, true, true, true])),
    OperatorCase("Cast", [bools([true, false], [1, 2])], ["to": .int(1)], gives: f32([1, 0], [1, 2])),
    OperatorCase("Cast", [f64([0, -0.0, 0.5, .nan, -.infinity])], ["to": .int(9)], gives: bools([false, false, true, true, true])),
    OperatorCase("Cast", [bools([true, false], [1, 2])], ["to": .int(11)], gives: f64([1, 0], [1, 2])),
    OperatorCase("Cast", [f16([0, -0.0, 0.5, .nan, -.infinity])], ["to": .int(9)], gives: bools([false, false, true, true, true])),
    OperatorCase("Cast", [bools([true, false], [1, 2])], ["to": .int(10)], gives: f16([1, 0], [1, 2])),
    OperatorCase("Cast", [bf16([0, -0.0, 0.5, .nan, -.infinity])], ["to": .int(9)], gives: bools([false, false, true, true, true])),
    OperatorCase("Cast", [bools([true, false], [1, 2])], ["to": .int(16)], gives: bf16([1, 0], [1, 2])),
  ]

  static let narrowIntegers: [OperatorCase] = [
    OperatorCase(
      "Cast", [f32([-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [5, 5])], ["to": .int(22)],
      gives: ints(.int4, [7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1], [5, 5])),
    OperatorCase(
      "Cast", [f16([-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])], ["to": .int(22)],
      gives: ints(.int4, [7, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1])),
    OperatorCase("Cast", [ints(.int4, [0, 3, 7])], ["to": .int(1)], gives: f32([0, 3, 7])),
    OperatorCase("Cast", [ints(.int4, [0, 3, 7])], ["to": .int(3)], gives: ints(.int8, [0, 3, 7])),
    OperatorCase("Cast", [i32([100, 7, 3])], ["to": .int(22)], gives: ints(.int4, [4, 7, 3])),
    OperatorCase(
      "Cast", [f32([-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [5, 5])], ["to": .int(21)],
      gives: ints(.uint4, [7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [5, 5])),
    OperatorCase(
      "Cast", [f16([-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])], ["to": .int(21)],
      gives: ints(.uint4, [7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])),
    OperatorCase("Cast", [ints(.uint4, [0, 3, 7])], ["to": .int(1)], gives: f32([0, 3, 7])),
    OperatorCase("Cast", [ints(.uint4, [0, 3, 7])], ["to": .int(2)], gives: ints(.uint8, [0, 3, 7])),
    OperatorCase("Cast", [i32([100, 7, 3])], ["to": .int(21)], gives: ints(.uint4, [4, 7, 3])),
    OperatorCase("Cast", [f32([-3, -2, -1, 0, 1, 2, 3])], ["to": .int(26)], gives: ints(.int2, [1, -2, -1, 0, 1, -2, -1])),
    OperatorCase("Cast", [ints(.int2, [0, 1])], ["to": .int(10)], gives: f16([0, 1])),
    OperatorCase("Cast", [i32([5, 1])], ["to": .int(26)], gives: ints(.int2, [1, 1])),
    OperatorCase("Cast", [ints(.int2, [1, 0])], ["to": .int(7)], gives: i64([1, 0])),
    OperatorCase("Cast", [f32([-3, -2, -1, 0, 1, 2, 3])], ["to": .int(25)], gives: ints(.uint2, [1, 2, 3, 0, 1, 2, 3])),
    OperatorCase("Cast", [ints(.uint2, [0, 1])], ["to": .int(10)], gives: f16([0, 1])),
    OperatorCase("Cast", [i32([5, 1])], ["to": .int(25)], gives: ints(.uint2, [1, 1])),
    OperatorCase("Cast", [ints(.uint2, [1, 0])], ["to": .int(7)], gives: i64([1, 0])),
    OperatorCase("Cast", [ints(.int4, [-8, 7, -1])], ["to": .int(1)], gives: f32([-8, 7, -1])),
    OperatorCase("Cast", [ints(.int2, [-2, -1, 1])], ["to": .int(3)], gives: ints(.int8, [-2, -1, 1])),
    OperatorCase("Cast", [ints(.int4, [-1, 5])], ["to": .int(21)], gives: ints(.uint4, [15, 5])),
    OperatorCase("Cast", [ints(.uint4, [15, 5])], ["to": .int(22)], gives: ints(.int4, [-1, 5])),
    OperatorCase("Cast", [ints(.uint4, [15, 0])], ["to": .int(9)], gives: bools([true, false])),
  ]

  static let texts: [OperatorCase] = [
    OperatorCase(
      "Cast", [f32([0.47892547, -1.5, 100, 1e-05, 1e+20, .nan, .infinity, -.infinity])], ["to": .int(8)],
      gives: strings(["0.47892547", "-1.5", "100.0", "1e-05", "1e+20", "NaN", "INF", "-INF"])),
    OperatorCase("Cast", [f64([0.1, 314.15926])], ["to": .int(8)], gives: strings(["0.1", "314.15926"])),
    OperatorCase("Cast", [f16([0.0999755859375, 2])], ["to": .int(8)], gives: strings(["0.1", "2.0"])),
    OperatorCase("Cast", [bf16([0.5])], ["to": .int(8)], gives: strings(["0.5"])),
    OperatorCase("Cast", [i64([-5, 7], [2, 1])], ["to": .int(8)], gives: strings(["-5", "7"], [2, 1])),
    OperatorCase("Cast", [ints(.uint64, [-1])], ["to": .int(8)], gives: strings(["18446744073709551615"])),
    OperatorCase("Cast", [bools([true, false])], ["to": .int(8)], gives: strings(["1", "0"]), note: "as onnxruntime"),
    OperatorCase(
      "Cast", [strings(["3.14", "1000", "1e-5", "1E8", "+INF", "inf", "-INF", "NaN", "nan", " -2.5 "])], ["to": .int(1)],
      gives: f32([3.14, 1000, 1e-05, 1e+08, .infinity, .infinity, -.infinity, .nan, .nan, -2.5])),
    OperatorCase("Cast", [strings(["0.1", "1e400"])], ["to": .int(11)], gives: f64([0.1, .infinity])),
    OperatorCase("Cast", [strings(["0.1"])], ["to": .int(10)], gives: f16([0.0999755859375])),
    OperatorCase(
      "Cast", [strings(["100", "-7", "2.9", "9223372036854775807"])], ["to": .int(7)], gives: i64([100, -7, 2, 9_223_372_036_854_775_807])),
    OperatorCase("Cast", [strings(["18446744073709551615"])], ["to": .int(13)], gives: ints(.uint64, [-1])),
    OperatorCase("Cast", [strings(["1", "0", "true", "False", "0.5"])], ["to": .int(9)], gives: bools([true, false, true, false, true])),
    OperatorCase("Cast", [strings(["a", ""])], ["to": .int(8)], gives: strings(["a", ""])),
    OperatorCase("Cast", [strings([])], ["to": .int(1)], gives: f32([])),
  ]

  static let castLike: [OperatorCase] = [
    OperatorCase("CastLike", [f32([1.9, -2.2], [2, 1]), i32([0])], gives: i32([1, -2], [2, 1])),
    OperatorCase(
      "CastLike", [f32([1e+06, .nan]), tensor(.float8e4m3fn, [0], [])], ["saturate": .int(0)], gives: tensor(.float8e4m3fn, [.nan, .nan])),
    OperatorCase("CastLike", [strings(["2.5"]), f64([])], gives: f64([2.5])),
    OperatorCase("CastLike", [i64([3, 0]), bools([true])], gives: bools([true, false])),
    OperatorCase("CastLike", [i64([5, 6]), i64([1])], gives: i64([5, 6])),
  ]
}
