import OnyxGraph
import OnyxTensor
import Testing

/// Expected: the formulas of the standard in numpy float64, rounded once; the ONNX reference evaluator for integers.
struct ActivationTests {
  @Test(arguments: activations + shrink + prelu + swiGLU + clip)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let activations: [OperatorCase] = [
    OperatorCase(
      "LeakyRelu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])],
      gives: f32([-0.03, -0.01, -0.005, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])),
    OperatorCase(
      "LeakyRelu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f16([-0.029998779296875, -0.01000213623046875, -0.005001068115234375, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "LeakyRelu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-0.029999999329447746, -0.009999999776482582, -0.004999999888241291, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "LeakyRelu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: bf16([-0.030029296875, -0.010009765625, -0.0050048828125, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "LeakyRelu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])], ["alpha": .float(0.5)],
      gives: f32([-1.5, -0.5, -0.25, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])),
    OperatorCase(
      "LeakyRelu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], ["alpha": .float(0.5)], gives: f16([-1.5, -0.5, -0.25, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "LeakyRelu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], ["alpha": .float(0.5)], gives: f64([-1.5, -0.5, -0.25, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "LeakyRelu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], ["alpha": .float(0.5)], gives: bf16([-1.5, -0.5, -0.25, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "Elu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])],
      gives: f32([-0.95021296, -0.63212055, -0.39346933, 0, 0.5, 1, 3, 20, .infinity, -1, .nan])),
    OperatorCase(
      "Elu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: f16([-0.9501953125, -0.63232421875, -0.3935546875, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "Elu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-0.950212931632136, -0.6321205588285577, -0.3934693402873666, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "Elu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: bf16([-0.94921875, -0.6328125, -0.392578125, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "Elu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])], ["alpha": .float(2.0)],
      gives: f32([-1.9004259, -1.2642411, -0.78693867, 0, 0.5, 1, 3, 20, .infinity, -2, .nan])),
    OperatorCase(
      "Selu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])],
      gives: f32([-1.6705687, -1.1113307, -0.6917582, 0, 0.5253505, 1.050701, 3.152103, 21.01402, .infinity, -1.7580993, .nan])),
    OperatorCase(
      "Selu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f16([-1.6708984375, -1.111328125, -0.69189453125, 0, 0.525390625, 1.05078125], [2, 3])),
    OperatorCase(
      "Selu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-1.670568733989153, -1.1113307412864784, -0.6917581899652425, 0, 0.5253505110740662, 1.0507010221481323], [2, 3])),
    OperatorCase(
      "Selu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: bf16([-1.671875, -1.109375, -0.69140625, 0, 0.5234375, 1.046875], [2, 3])),
    OperatorCase(
      "Selu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])], ["alpha": .float(2.0), "gamma": .float(3.0)],
      gives: f32([-5.7012777, -3.7927234, -2.360816, 0, 1.5, 3, 9, 60, .infinity, -6, .nan])),
    OperatorCase(
      "Celu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])],
      gives: f32([-0.95021296, -0.63212055, -0.39346933, 0, 0.5, 1, 3, 20, .infinity, -1, .nan])),
    OperatorCase(
      "Celu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: f16([-0.9501953125, -0.63232421875, -0.3935546875, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "Celu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-0.950212931632136, -0.6321205588285577, -0.3934693402873666, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "Celu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: bf16([-0.94921875, -0.6328125, -0.392578125, 0, 0.5, 1], [2, 3])),
    OperatorCase(
      "Celu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])], ["alpha": .float(2.0)],
      gives: f32([-1.5537397, -0.78693867, -0.44239843, 0, 0.5, 1, 3, 20, .infinity, -2, .nan])),
    OperatorCase(
      "HardSigmoid", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])],
      gives: f32([0, 0.3, 0.4, 0.5, 0.6, 0.7, 1, 1, 1, 0, .nan])),
    OperatorCase(
      "HardSigmoid", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f16([0, 0.300048828125, 0.39990234375, 0.5, 0.60009765625, 0.7001953125], [2, 3])),
    OperatorCase(
      "HardSigmoid", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([0, 0.29999999701976776, 0.3999999985098839, 0.5, 0.6000000014901161, 0.7000000029802322], [2, 3])),
    OperatorCase(
      "HardSigmoid", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: bf16([0, 0.30078125, 0.400390625, 0.5, 0.6015625, 0.69921875], [2, 3])),
    OperatorCase(
      "HardSigmoid", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])], ["alpha": .float(0.5), "beta": .float(0.25)],
      gives: f32([0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 0, .nan])),
    OperatorCase(
      "HardSwish", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, .nan])],
      gives: f32([-0.0, -0.33333334, -0.20833333, 0, 0.29166666, 0.6666667, 3, 20, .infinity, .nan])),
    OperatorCase(
      "HardSwish", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f16([-0.0, -0.333251953125, -0.2083740234375, 0, 0.291748046875, 0.66650390625], [2, 3])),
    OperatorCase(
      "HardSwish", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-0.0, -0.33333333333333337, -0.20833333333333334, 0, 0.2916666666666667, 0.6666666666666666], [2, 3])),
    OperatorCase(
      "HardSwish", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: bf16([-0.0, -0.333984375, -0.2080078125, 0, 0.291015625, 0.66796875], [2, 3])),
    OperatorCase(
      "Gelu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, .nan])],
      gives: f32([-0.004049694, -0.15865526, -0.15426877, 0, 0.34573123, 0.8413448, 2.9959502, 20, .infinity, .nan])),
    OperatorCase(
      "Gelu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f16([-0.00405120849609375, -0.15869140625, -0.154296875, 0, 0.345703125, 0.84130859375], [2, 3])),
    OperatorCase(
      "Gelu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-0.00404969409489031, -0.15865525393145707, -0.15426876936299344, 0, 0.34573123063700656, 0.8413447460685429], [2, 3])),
    OperatorCase(
      "Gelu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: bf16([-0.004058837890625, -0.158203125, -0.154296875, 0, 0.345703125, 0.83984375], [2, 3])),
    OperatorCase(
      "Gelu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, .nan])], ["approximate": .text("tanh")],
      gives: f32([-0.003637392, -0.15880801, -0.154286, 0, 0.345714, 0.841192, 2.9963627, 20, .infinity, .nan])),
    OperatorCase(
      "Gelu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], ["approximate": .text("tanh")],
      gives: f16([-0.0036373138427734375, -0.1588134765625, -0.154296875, 0, 0.345703125, 0.84130859375], [2, 3])),
    OperatorCase(
      "Gelu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], ["approximate": .text("tanh")],
      gives: f64([-0.0036373920817729943, -0.1588080093917233, -0.15428599017485606, 0, 0.34571400982514394, 0.8411919906082768], [2, 3])),
    OperatorCase(
      "Gelu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], ["approximate": .text("tanh")],
      gives: bf16([-0.003631591796875, -0.1591796875, -0.154296875, 0, 0.345703125, 0.83984375], [2, 3])),
    OperatorCase(
      "Gelu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20])], ["approximate": .text("none")],
      gives: f32([-0.004049694, -0.15865526, -0.15426877, 0, 0.34573123, 0.8413448, 2.9959502, 20])),
    OperatorCase(
      "Mish", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, .nan])],
      gives: f32([-0.14564747, -0.30340147, -0.22074378, 0, 0.3752452, 0.8650984, 2.986535, 20, .infinity, .nan])),
    OperatorCase(
      "Mish", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f16([-0.1456298828125, -0.303466796875, -0.220703125, 0, 0.375244140625, 0.865234375], [2, 3])),
    OperatorCase(
      "Mish", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-0.1456474612756246, -0.30340146137410895, -0.22074377465173, 0, 0.3752452113048951, 0.8650983882673103], [2, 3])),
    OperatorCase(
      "Mish", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: bf16([-0.1455078125, -0.302734375, -0.220703125, 0, 0.375, 0.86328125], [2, 3])),
    OperatorCase(
      "ThresholdedRelu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])],
      gives: f32([0, 0, 0, 0, 0, 0, 3, 20, .infinity, 0, 0])),
    OperatorCase("ThresholdedRelu", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: f16([0, 0, 0, 0, 0, 0], [2, 3])),
    OperatorCase("ThresholdedRelu", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: f64([0, 0, 0, 0, 0, 0], [2, 3])),
    OperatorCase("ThresholdedRelu", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])], gives: bf16([0, 0, 0, 0, 0, 0], [2, 3])),
    OperatorCase(
      "ThresholdedRelu", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, -.infinity, .nan])], ["alpha": .float(-0.75)],
      gives: f32([0, 0, -0.5, 0, 0.5, 1, 3, 20, .infinity, 0, 0])),
    OperatorCase(
      "Swish", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, .nan])],
      gives: f32([-0.14227761, -0.26894143, -0.18877034, 0, 0.31122968, 0.7310586, 2.8577223, 20, .infinity, .nan])),
    OperatorCase(
      "Swish", [f16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f16([-0.142333984375, -0.26904296875, -0.188720703125, 0, 0.311279296875, 0.73095703125], [2, 3])),
    OperatorCase(
      "Swish", [f64([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: f64([-0.14227761953270035, -0.2689414213699951, -0.1887703343990727, 0, 0.3112296656009273, 0.7310585786300049], [2, 3])),
    OperatorCase(
      "Swish", [bf16([-3, -1, -0.5, 0, 0.5, 1], [2, 3])],
      gives: bf16([-0.142578125, -0.26953125, -0.1884765625, 0, 0.310546875, 0.73046875], [2, 3])),
    // Infinity times zero, as PyTorch and ONNX Runtime have it.
    OperatorCase("Swish", [f32([-.infinity, -1000])], gives: f32([.nan, -0.0])),
    OperatorCase("Swish", [f32([-.infinity, .infinity, 1000])], ["alpha": .float(-1)], gives: f32([-.infinity, .nan, 0])),
    OperatorCase("Mish", [f32([-.infinity, -1000])], gives: f32([.nan, -0.0])),
    OperatorCase("HardSwish", [f32([-.infinity, -1000])], gives: f32([.nan, -0.0])),
    OperatorCase("Gelu", [f32([-.infinity, -1000])], gives: f32([.nan, -0.0])),
    OperatorCase("Gelu", [f32([-.infinity, -1000])], ["approximate": .text("tanh")], gives: f32([.nan, -0.0])),
    OperatorCase(
      "Swish", [f32([-3, -1, -0.5, 0, 0.5, 1, 3, 20, .infinity, .nan])], ["alpha": .float(2.0)],
      gives: f32([-0.0074178693, -0.11920292, -0.13447072, 0, 0.3655293, 0.8807971, 2.992582, 20, .infinity, .nan])),
  ]

  static let shrink: [OperatorCase] = [
    OperatorCase("Shrink", [f32([-2, -0.5, 0, 0.5, 2])], gives: f32([-2, 0, 0, 0, 2])),
    OperatorCase("Shrink", [f32([-2, -0.5, 0, 0.5, 2])], ["bias": .float(1.5), "lambd": .float(1.5)], gives: f32([-0.5, 0, 0, 0, 0.5])),
    OperatorCase("Shrink", [f32([.nan, -.infinity, -2, 0.25, .infinity])], gives: f32([0, -.infinity, -2, 0, .infinity])),
    OperatorCase(
      "Shrink", [f32([.nan, -.infinity, -2, 0.25, 2])], ["bias": .float(.nan)], gives: f32([0, .nan, .nan, 0, .nan])),
    OperatorCase("Shrink", [f64([-2, 0.25, 2])], ["bias": .float(.nan)], gives: f64([.nan, 0, .nan])),
    OperatorCase("Shrink", [f32([-2, 0.25, .infinity])], ["lambd": .float(.nan)], gives: f32([0, 0, 0])),
    OperatorCase("Shrink", [f16([-2, -0.5, 0, 0.5, 2])], gives: f16([-2, 0, 0, 0, 2])),
    OperatorCase("Shrink", [f16([-2, -0.5, 0, 0.5, 2])], ["bias": .float(1.5), "lambd": .float(1.5)], gives: f16([-0.5, 0, 0, 0, 0.5])),
    OperatorCase("Shrink", [f64([-2, -0.5, 0, 0.5, 2])], gives: f64([-2, 0, 0, 0, 2])),
    OperatorCase("Shrink", [f64([-2, -0.5, 0, 0.5, 2])], ["bias": .float(1.5), "lambd": .float(1.5)], gives: f64([-0.5, 0, 0, 0, 0.5])),
    OperatorCase(
      "Shrink", [ints(.int8, [-4, -1, 0, 1, 4])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: ints(.int8, [-3, 0, 0, 0, 3])),
    OperatorCase(
      "Shrink", [ints(.int8, [-4, -2, 0, 2, 4])], ["bias": .float(1.5), "lambd": .float(1.5)], gives: ints(.int8, [-2, 0, 0, 0, 2])),
    OperatorCase(
      "Shrink", [ints(.int16, [-4, -1, 0, 1, 4])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: ints(.int16, [-3, 0, 0, 0, 3])),
    OperatorCase(
      "Shrink", [ints(.int16, [-4, -2, 0, 2, 4])], ["bias": .float(1.5), "lambd": .float(1.5)], gives: ints(.int16, [-2, 0, 0, 0, 2])),
    OperatorCase("Shrink", [i32([-4, -1, 0, 1, 4])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: i32([-3, 0, 0, 0, 3])),
    OperatorCase("Shrink", [i32([-4, -2, 0, 2, 4])], ["bias": .float(1.5), "lambd": .float(1.5)], gives: i32([-2, 0, 0, 0, 2])),
    OperatorCase("Shrink", [i64([-4, -1, 0, 1, 4])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: i64([-3, 0, 0, 0, 3])),
    OperatorCase("Shrink", [i64([-4, -2, 0, 2, 4])], ["bias": .float(1.5), "lambd": .float(1.5)], gives: i64([-2, 0, 0, 0, 2])),
    OperatorCase("Shrink", [ints(.uint8, [0, 1, 2, 9])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: ints(.uint8, [0, 0, 1, 8])),
    OperatorCase(
      "Shrink", [ints(.uint16, [0, 1, 2, 9])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: ints(.uint16, [0, 0, 1, 8])),
    OperatorCase(
      "Shrink", [ints(.uint32, [0, 1, 2, 9])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: ints(.uint32, [0, 0, 1, 8])),
    OperatorCase(
      "Shrink", [ints(.uint64, [0, 1, 2, 9])], ["bias": .float(1.0), "lambd": .float(1.5)], gives: ints(.uint64, [0, 0, 1, 8])),
    OperatorCase(
      "Shrink", [i64([4_611_686_018_427_387_905, -4_611_686_018_427_387_905])], ["bias": .float(1.0)],
      gives: i64([4_611_686_018_427_387_904, -4_611_686_018_427_387_904]), note: "exact past 2^53"),
  ]

  static let prelu: [OperatorCase] = [
    OperatorCase("PRelu", [f32([-1, 2, -3, 4, -5, .nan], [2, 3]), f32([0.5, 2, -1])], gives: f32([-0.5, 2, 3, 4, -10, .nan], [2, 3])),
    OperatorCase("PRelu", [f16([-1, 2, -3, 4], [2, 2]), f16([0.5], [1, 1])], gives: f16([-0.5, 2, -1.5, 4], [2, 2])),
    OperatorCase("PRelu", [bf16([-1, 2, -3, 4], [1, 2, 2]), bf16([0.5, 4], [2, 1])], gives: bf16([-0.5, 2, -12, 4], [1, 2, 2])),
    OperatorCase("PRelu", [f64([-1, 2]), f64([3], [])], gives: f64([-3, 2])),
    OperatorCase("PRelu", [i32([-3, 0, 5]), i32([2])], gives: i32([-6, 0, 5])),
    OperatorCase("PRelu", [i64([-3, 0, 5]), i64([2])], gives: i64([-6, 0, 5])),
    OperatorCase("PRelu", [ints(.uint32, [3, 0, 5]), ints(.uint32, [2])], gives: ints(.uint32, [3, 0, 5])),
    OperatorCase("PRelu", [ints(.uint64, [3, 0, 5]), ints(.uint64, [2])], gives: ints(.uint64, [3, 0, 5])),
    OperatorCase("PRelu", [f32([], [0, 2]), f32([1, 2])], gives: f32([], [0, 2])),
  ]

  /// A * sigmoid(alpha * A) * B in numpy float64, rounded once.
  static let swiGLU: [OperatorCase] = {
    let (a, b): ([Double], [Double]) = ([-3, -1, -0.5, 0, 0.5, 1, 3, 20], [2, -1, 0.5, 3, -0.75, 1, -0.25, 0.5])
    let alpha: [String: Attribute] = ["alpha": .float(0.5)]
    return [
      OperatorCase(
        "SwiGLU", [f32(a + [.infinity, -1000, .nan], [11]), f32(b + [2, 1, 1], [11])],
        gives: f32([-0.28455523, 0.26894143, -0.09438517, 0, -0.23342225, 0.7310586, -0.7144306, 10, .infinity, -0.0, .nan])),
      OperatorCase(
        "SwiGLU", [f32(a, [2, 4]), f32(b, [2, 4])], alpha,
        gives: f32([-1.0945531, 0.37754068, -0.109455876, 0, -0.21081619, 0.62245935, -0.6131809, 9.999546], [2, 4])),
      OperatorCase(
        "SwiGLU", [f32(a), f32(b)], ["alpha": .float(1.702)],
        gives: f32([-0.036142617, 0.15420423, -0.07480578, 0, -0.26279134, 0.84579575, -0.74548215, 10])),
      OperatorCase(
        "SwiGLU", [f16(a, [2, 2, 2]), f16(b, [2, 2, 2])],
        gives: f16(
          [-0.28466796875, 0.26904296875, -0.0943603515625, 0, -0.2333984375, 0.73095703125, -0.71435546875, 10], [2, 2, 2])),
      OperatorCase(
        "SwiGLU", [f64(a), f64(b)],
        gives: f64([
          -0.2845552390654007, 0.2689414213699951, -0.09438516719953635, 0, -0.2334222492006955, 0.7310585786300049,
          -0.7144305951168249, 9.999999979388463,
        ])),
      OperatorCase(
        "SwiGLU", [bf16(a), bf16(b)],
        gives: bf16([-0.28515625, 0.26953125, -0.09423828125, 0, -0.2333984375, 0.73046875, -0.71484375, 10])),
      OperatorCase("SwiGLU", [f32([], [0, 3]), f32([], [0, 3])], gives: f32([], [0, 3])),
    ]
  }()

  static let clip: [OperatorCase] = [
    OperatorCase(
      "Clip", [f32([-2, 0.5, 3, .nan, .infinity, -.infinity]), f32([-1], []), f32([1], [])], gives: f32([-1, 0.5, 1, .nan, 1, -1])),
    OperatorCase("Clip", [f32([-2, 3]), nil, f32([1], [])], gives: f32([-2, 1])),
    OperatorCase("Clip", [f32([-2, 3]), f32([1], [])], gives: f32([1, 3])),
    OperatorCase("Clip", [f32([-2, 3, .nan])], gives: f32([-2, 3, .nan])),
    OperatorCase("Clip", [f32([-2, 3]), f32([2], []), f32([1], [])], gives: f32([1, 1]), note: "min above max"),
    OperatorCase("Clip", [f32([-2, 3]), f32([.nan], []), f32([1], [])], gives: f32([.nan, .nan]), note: "NaN bound"),
    OperatorCase("Clip", [f16([-20, -3, 0, 4, 90], [5, 1]), f16([-3], []), f16([50], [])], gives: f16([-3, -3, 0, 4, 50], [5, 1])),
    OperatorCase("Clip", [bf16([-20, -3, 0, 4, 90], [5, 1]), bf16([-3], []), bf16([50], [])], gives: bf16([-3, -3, 0, 4, 50], [5, 1])),
    OperatorCase("Clip", [f64([-20, -3, 0, 4, 90], [5, 1]), f64([-3], []), f64([50], [])], gives: f64([-3, -3, 0, 4, 50], [5, 1])),
    OperatorCase(
      "Clip", [ints(.int8, [-20, -3, 0, 4, 90], [5, 1]), ints(.int8, [-3], []), ints(.int8, [50], [])],
      gives: ints(.int8, [-3, -3, 0, 4, 50], [5, 1])),
    OperatorCase(
      "Clip", [ints(.int16, [-20, -3, 0, 4, 90], [5, 1]), ints(.int16, [-3], []), ints(.int16, [50], [])],
      gives: ints(.int16, [-3, -3, 0, 4, 50], [5, 1])),
    OperatorCase("Clip", [i32([-20, -3, 0, 4, 90], [5, 1]), i32([-3], []), i32([50], [])], gives: i32([-3, -3, 0, 4, 50], [5, 1])),
    OperatorCase("Clip", [i64([-20, -3, 0, 4, 90], [5, 1]), i64([-3], []), i64([50], [])], gives: i64([-3, -3, 0, 4, 50], [5, 1])),
    OperatorCase("Clip", [ints(.uint8, [0, 3, 200]), ints(.uint8, [2], []), ints(.uint8, [100], [])], gives: ints(.uint8, [2, 3, 100])),
    OperatorCase(
      "Clip", [ints(.uint16, [0, 3, 200]), ints(.uint16, [2], []), ints(.uint16, [100], [])], gives: ints(.uint16, [2, 3, 100])),
    OperatorCase(
      "Clip", [ints(.uint32, [0, 3, 200]), ints(.uint32, [2], []), ints(.uint32, [100], [])], gives: ints(.uint32, [2, 3, 100])),
    OperatorCase(
      "Clip", [ints(.uint64, [0, 3, 200]), ints(.uint64, [2], []), ints(.uint64, [100], [])], gives: ints(.uint64, [2, 3, 100])),
    OperatorCase(
      "Clip", [ints(.uint64, [1, -9_223_372_036_854_775_803]), nil, ints(.uint64, [.min], [])], gives: ints(.uint64, [1, .min]),
      note: "past 2^63"),
    OperatorCase("Clip", [ints(.int8, [-128, 127]), nil, ints(.int8, [0], [])], gives: ints(.int8, [-128, 0])),
  ]
}
