import OnyxGraph
import OnyxTensor
import Testing

/// Expected: numpy in float64, rounded once; integers truncated. Empty sets as the standard says.
struct ReductionTests {
  @Test(arguments: floats + integers + emptySets + withoutAxes)
  func matchesTheStandard(_ operatorCase: OperatorCase) throws { try operatorCase.run() }

  static let floats: [OperatorCase] = [
    OperatorCase(
      "ReduceSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([20.23], [1, 1, 1])),
    OperatorCase(
      "ReduceSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([5.3599997, 6.19, 3.69, 4.99], [2, 1, 2])),
    OperatorCase(
      "ReduceSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([7.37, 7.14, 5.7200003])),
    OperatorCase(
      "ReduceSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([20.23], [])),
    OperatorCase(
      "ReduceSum", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([5.359375, 6.19140625], [1, 2])),
    OperatorCase(
      "ReduceSum", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([2.703125, 3.9375, 2.03125])),
    OperatorCase("ReduceSum", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([4, 6.5], [1, 2])),
    OperatorCase("ReduceSum", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceMean", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([1.6858333], [1, 1, 1])),
    OperatorCase(
      "ReduceMean", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([1.7866666, 2.0633333, 1.23, 1.6633333], [2, 1, 2])),
    OperatorCase(
      "ReduceMean", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([1.8425, 1.785, 1.4300001])),
    OperatorCase(
      "ReduceMean", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([1.6858333], [])),
    OperatorCase(
      "ReduceMean", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([1.7861328125, 2.064453125], [1, 2])),
    OperatorCase(
      "ReduceMean", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([1.3515625, 1.96875, 1.015625])),
    OperatorCase("ReduceMean", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([2, 3.25], [1, 2])),
    OperatorCase("ReduceMean", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceMax", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([2.71], [1, 1, 1])),
    OperatorCase(
      "ReduceMax", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([2.37, 2.71, 2.43, 2.5], [2, 1, 2])),
    OperatorCase(
      "ReduceMax", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([2.71, 2.43, 2.65])),
    OperatorCase(
      "ReduceMax", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([2.71], [])),
    OperatorCase(
      "ReduceMax", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([2.369140625, 2.7109375], [1, 2])),
    OperatorCase(
      "ReduceMax", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([2.5, 2.4375, 1.046875])),
    OperatorCase("ReduceMax", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([3, 4.5], [1, 2])),
    OperatorCase("ReduceMax", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceMin", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([0.21], [1, 1, 1])),
    OperatorCase(
      "ReduceMin", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([1.04, 0.83, 0.21, 0.98], [2, 1, 2])),
    OperatorCase(
      "ReduceMin", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([0.21, 0.83, 0.98])),
    OperatorCase(
      "ReduceMin", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([0.21], [])),
    OperatorCase(
      "ReduceMin", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([1.0400390625, 0.830078125], [1, 2])),
    OperatorCase(
      "ReduceMin", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([0.2099609375, 1.5078125, 0.98046875])),
    OperatorCase("ReduceMin", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([1, 2], [1, 2])),
    OperatorCase("ReduceMin", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceProd", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([56.789417], [1, 1, 1])),
    OperatorCase(
      "ReduceProd", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([4.80636, 5.960645, 0.535815, 3.6995], [2, 1, 2])),
    OperatorCase(
      "ReduceProd", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([2.7743626, 7.21788, 2.835924])),
    OperatorCase(
      "ReduceProd", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([56.789417], [])),
    OperatorCase(
      "ReduceProd", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([4.8046875, 5.96484375], [1, 2])),
    OperatorCase(
      "ReduceProd", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([0.5234375, 3.671875, 1.0234375])),
    OperatorCase("ReduceProd", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([3, 9], [1, 2])),
    OperatorCase("ReduceProd", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceL1", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([20.23], [1, 1, 1])),
    OperatorCase(
      "ReduceL1", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([5.3599997, 6.19, 3.69, 4.99], [2, 1, 2])),
    OperatorCase(
      "ReduceL1", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([7.37, 7.14, 5.7200003])),
    OperatorCase(
      "ReduceL1", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])], ["keepdims": .int(0)],
      gives: f32([20.23], [])),
    OperatorCase(
      "ReduceL1", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([5.359375, 6.19140625], [1, 2])),
    OperatorCase(
      "ReduceL1", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([2.703125, 3.9375, 2.03125])),
    OperatorCase("ReduceL1", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([4, 6.5], [1, 2])),
    OperatorCase("ReduceL1", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceL2", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([6.4883356], [1, 1, 1])),
    OperatorCase(
      "ReduceL2", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([3.2405245, 3.8801417, 2.655466, 3.0806656], [2, 1, 2])),
    OperatorCase(
      "ReduceL2", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([4.1762066, 3.8066783, 3.1885734])),
    OperatorCase(
      "ReduceL2", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])], ["keepdims": .int(0)],
      gives: f32([6.4883356], [])),
    OperatorCase(
      "ReduceL2", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([3.240234375, 3.880859375], [1, 2])),
    OperatorCase(
      "ReduceL2", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([2.515625, 2.859375, 1.4375])),
    OperatorCase("ReduceL2", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([3.1622776601683795, 4.924428900898052], [1, 2])),
    OperatorCase("ReduceL2", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceLogSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([3.0071666], [1, 1, 1])),
    OperatorCase(
      "ReduceLogSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([1.6789639, 1.8229351, 1.3056265, 1.607436], [2, 1, 2])),
    OperatorCase(
      "ReduceLogSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([1.9974177, 1.9657128, 1.7439688])),
    OperatorCase(
      "ReduceLogSum", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([3.0071666], [])),
    OperatorCase(
      "ReduceLogSum", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([1.6787109375, 1.8232421875], [1, 2])),
    OperatorCase(
      "ReduceLogSum", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([0.99609375, 1.375, 0.70703125])),
    OperatorCase(
      "ReduceLogSum", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([1.3862943611198906, 1.8718021769015913], [1, 2])),
    OperatorCase("ReduceLogSum", [f32([2], [])], ["keepdims": .int(0)], gives: f32([0.6931472], [])),
    OperatorCase(
      "ReduceLogSumExp", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([4.4642496], [1, 1, 1])),
    OperatorCase(
      "ReduceLogSumExp", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([3.0231185, 3.4492455, 2.7376227, 2.9639156], [2, 1, 2])),
    OperatorCase(
      "ReduceLogSumExp", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([3.5688038, 3.363022, 3.1137538])),
    OperatorCase(
      "ReduceLogSumExp", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([4.4642496], [])),
    OperatorCase(
      "ReduceLogSumExp", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([3.0234375, 3.44921875], [1, 2])),
    OperatorCase(
      "ReduceLogSumExp", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([2.59375, 2.765625, 1.7109375])),
    OperatorCase(
      "ReduceLogSumExp", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([3.1269280110429727, 4.57888973429255], [1, 2])),
    OperatorCase("ReduceLogSumExp", [f32([2], [])], ["keepdims": .int(0)], gives: f32([2], [])),
    OperatorCase(
      "ReduceSumSquare", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2])],
      gives: f32([42.0985], [1, 1, 1])),
    OperatorCase(
      "ReduceSumSquare", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([1])],
      gives: f32([10.500999, 15.055501, 7.0515003, 9.4905], [2, 1, 2])),
    OperatorCase(
      "ReduceSumSquare", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([-1, 0])],
      ["keepdims": .int(0)], gives: f32([17.4407, 14.4908, 10.167001])),
    OperatorCase(
      "ReduceSumSquare", [f32([1.95, 2.71, 2.37, 0.83, 1.04, 2.65, 0.21, 2.5, 2.43, 1.51, 1.05, 0.98], [2, 3, 2]), i64([])],
      ["keepdims": .int(0)], gives: f32([42.0985], [])),
    OperatorCase(
      "ReduceSumSquare", [f16([1.9501953125, 2.7109375, 2.369140625, 0.830078125, 1.0400390625, 2.650390625], [3, 2]), i64([0])],
      gives: f16([10.5, 15.0625], [1, 2])),
    OperatorCase(
      "ReduceSumSquare", [bf16([0.2099609375, 2.5, 2.4375, 1.5078125, 1.046875, 0.98046875], [3, 2]), i64([1])], ["keepdims": .int(0)],
      gives: bf16([6.28125, 8.1875, 2.0625])),
    OperatorCase("ReduceSumSquare", [f64([1, 2, 3, 4.5], [2, 2]), i64([-2])], gives: f64([10, 24.25], [1, 2])),
    OperatorCase("ReduceSumSquare", [f32([2], [])], ["keepdims": .int(0)], gives: f32([4], [])),
  ]

  static let integers: [OperatorCase] = [
    OperatorCase("ReduceSum", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([3, -1], [2, 1])),
    OperatorCase("ReduceSum", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([3, -1], [2, 1])),
    OperatorCase(
      "ReduceSum", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [10, 5, 7])),
    OperatorCase(
      "ReduceSum", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [10, 5, 7])),
    OperatorCase("ReduceMean", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([1, 0], [2, 1])),
    OperatorCase("ReduceMean", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([1, 0], [2, 1])),
    OperatorCase(
      "ReduceMean", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [5, 2, 3])),
    OperatorCase(
      "ReduceMean", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [5, 2, 3])),
    OperatorCase("ReduceMax", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([4, 5], [2, 1])),
    OperatorCase("ReduceMax", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([4, 5], [2, 1])),
    OperatorCase(
      "ReduceMax", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [7, 4, 5])),
    OperatorCase(
      "ReduceMax", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [7, 4, 5])),
    OperatorCase("ReduceMin", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([-3, -7], [2, 1])),
    OperatorCase("ReduceMin", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([-3, -7], [2, 1])),
    OperatorCase(
      "ReduceMin", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [3, 1, 2])),
    OperatorCase(
      "ReduceMin", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [3, 1, 2])),
    OperatorCase("ReduceProd", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([-24, -35], [2, 1])),
    OperatorCase("ReduceProd", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([-24, -35], [2, 1])),
    OperatorCase(
      "ReduceProd", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [21, 4, 10])),
    OperatorCase(
      "ReduceProd", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [21, 4, 10])),
    OperatorCase("ReduceL1", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([9, 13], [2, 1])),
    OperatorCase("ReduceL1", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([9, 13], [2, 1])),
    OperatorCase(
      "ReduceL1", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [10, 5, 7])),
    OperatorCase(
      "ReduceL1", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [10, 5, 7])),
    OperatorCase("ReduceL2", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([5, 8], [2, 1])),
    OperatorCase("ReduceL2", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([5, 8], [2, 1])),
    OperatorCase(
      "ReduceL2", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [7, 4, 5])),
    OperatorCase(
      "ReduceL2", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [7, 4, 5])),
    OperatorCase("ReduceSumSquare", [i32([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i32([29, 75], [2, 1])),
    OperatorCase("ReduceSumSquare", [i64([-3, 4, 2, -7, 1, 5], [2, 3]), i64([1])], gives: i64([29, 75], [2, 1])),
    OperatorCase(
      "ReduceSumSquare", [ints(.uint32, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [58, 17, 29])),
    OperatorCase(
      "ReduceSumSquare", [ints(.uint64, [3, 4, 2, 7, 1, 5], [2, 3]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [58, 17, 29])),
    OperatorCase("ReduceMax", [ints(.int8, [3, 100, 2, 7], [2, 2]), i64([1])], gives: ints(.int8, [100, 7], [2, 1])),
    OperatorCase("ReduceMax", [ints(.uint8, [3, 100, 2, 7], [2, 2]), i64([1])], gives: ints(.uint8, [100, 7], [2, 1])),
    OperatorCase(
      "ReduceMax", [bools([true, false, true, true, false, false], [3, 2]), i64([1])], gives: bools([true, true, false], [3, 1])),
    OperatorCase("ReduceMin", [ints(.int8, [3, 100, 2, 7], [2, 2]), i64([1])], gives: ints(.int8, [3, 2], [2, 1])),
    OperatorCase("ReduceMin", [ints(.uint8, [3, 100, 2, 7], [2, 2]), i64([1])], gives: ints(.uint8, [3, 2], [2, 1])),
    OperatorCase(
      "ReduceMin", [bools([true, false, true, true, false, false], [3, 2]), i64([1])], gives: bools([false, true, false], [3, 1])),
    OperatorCase("ReduceMax", [ints(.uint64, [1, -9_223_372_036_854_775_807])], gives: ints(.uint64, [-9_223_372_036_854_775_807])),
    OperatorCase("ReduceSum", [i32([2_147_483_647, 1])], gives: i32([-2_147_483_648]), note: "wraps"),
    OperatorCase("ReduceSum", [i64([9_223_372_036_854_775_807, 1])], gives: i64([.min]), note: "wraps"),
  ]

  static let emptySets: [OperatorCase] = [
    OperatorCase("ReduceSum", [f32([], [2, 0, 2]), i64([1])], gives: f32([0, 0, 0, 0], [2, 1, 2])),
    OperatorCase("ReduceSum", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceMean", [f32([], [2, 0, 2]), i64([1])], gives: f32([.nan, .nan, .nan, .nan], [2, 1, 2])),
    OperatorCase("ReduceMean", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceMax", [f32([], [2, 0, 2]), i64([1])], gives: f32([-.infinity, -.infinity, -.infinity, -.infinity], [2, 1, 2])),
    OperatorCase("ReduceMax", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceMin", [f32([], [2, 0, 2]), i64([1])], gives: f32([.infinity, .infinity, .infinity, .infinity], [2, 1, 2])),
    OperatorCase("ReduceMin", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceProd", [f32([], [2, 0, 2]), i64([1])], gives: f32([1, 1, 1, 1], [2, 1, 2])),
    OperatorCase("ReduceProd", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceL1", [f32([], [2, 0, 2]), i64([1])], gives: f32([0, 0, 0, 0], [2, 1, 2])),
    OperatorCase("ReduceL1", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceL2", [f32([], [2, 0, 2]), i64([1])], gives: f32([0, 0, 0, 0], [2, 1, 2])),
    OperatorCase("ReduceL2", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase(
      "ReduceLogSum", [f32([], [2, 0, 2]), i64([1])], gives: f32([-.infinity, -.infinity, -.infinity, -.infinity], [2, 1, 2])),
    OperatorCase("ReduceLogSum", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase(
      "ReduceLogSumExp", [f32([], [2, 0, 2]), i64([1])], gives: f32([-.infinity, -.infinity, -.infinity, -.infinity], [2, 1, 2])),
    OperatorCase("ReduceLogSumExp", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceSumSquare", [f32([], [2, 0, 2]), i64([1])], gives: f32([0, 0, 0, 0], [2, 1, 2])),
    OperatorCase("ReduceSumSquare", [f32([], [0, 3]), i64([1])], ["keepdims": .int(0)], gives: f32([])),
    OperatorCase("ReduceMax", [ints(.int8, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.int8, [-128, -128])),
    OperatorCase("ReduceMax", [ints(.uint8, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint8, [0, 0])),
    OperatorCase("ReduceMax", [i32([], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: i32([-2_147_483_648, -2_147_483_648])),
    OperatorCase("ReduceMax", [i64([], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: i64([.min, .min])),
    OperatorCase("ReduceMax", [ints(.uint32, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [0, 0])),
    OperatorCase("ReduceMax", [ints(.uint64, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [0, 0])),
    OperatorCase("ReduceMax", [bools([])], ["keepdims": .int(0)], gives: bools([false], [])),
    OperatorCase("ReduceMin", [ints(.int8, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.int8, [127, 127])),
    OperatorCase("ReduceMin", [ints(.uint8, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint8, [255, 255])),
    OperatorCase("ReduceMin", [i32([], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: i32([2_147_483_647, 2_147_483_647])),
    OperatorCase(
      "ReduceMin", [i64([], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: i64([9_223_372_036_854_775_807, 9_223_372_036_854_775_807])),
    OperatorCase(
      "ReduceMin", [ints(.uint32, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint32, [4_294_967_295, 4_294_967_295])),
    OperatorCase("ReduceMin", [ints(.uint64, [], [0, 2]), i64([0])], ["keepdims": .int(0)], gives: ints(.uint64, [-1, -1])),
    OperatorCase("ReduceMin", [bools([])], ["keepdims": .int(0)], gives: bools([true], [])),
    OperatorCase("ReduceSum", [i32([])], gives: i32([0])),
    OperatorCase("ReduceProd", [i32([])], gives: i32([1])),
    OperatorCase("ReduceMean", [i32([])], gives: i32([0]), note: "as documented"),
    OperatorCase("ReduceSum", [i64([])], gives: i64([0])),
    OperatorCase("ReduceProd", [i64([])], gives: i64([1])),
    OperatorCase("ReduceMean", [i64([])], gives: i64([0]), note: "as documented"),
    OperatorCase("ReduceSum", [ints(.uint32, [])], gives: ints(.uint32, [0])),
    OperatorCase("ReduceProd", [ints(.uint32, [])], gives: ints(.uint32, [1])),
    OperatorCase("ReduceMean", [ints(.uint32, [])], gives: ints(.uint32, [0]), note: "as documented"),
    OperatorCase("ReduceSum", [ints(.uint64, [])], gives: ints(.uint64, [0])),
    OperatorCase("ReduceProd", [ints(.uint64, [])], gives: ints(.uint64, [1])),
    OperatorCase("ReduceMean", [ints(.uint64, [])], gives: ints(.uint64, [0]), note: "as documented"),
    OperatorCase("ReduceSum", [f32([], [0, 2])], ["noop_with_empty_axes": .int(1)], gives: f32([], [0, 2])),
  ]

  static let withoutAxes: [OperatorCase] = [
    OperatorCase("ReduceSum", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceSum", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase("ReduceSum", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([5.5], [1, 1])),
    OperatorCase("ReduceMean", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceMean", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceMean", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([1.8333334], [1, 1])),
    OperatorCase("ReduceMax", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceMax", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase("ReduceMax", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([3], [1, 1])),
    OperatorCase("ReduceMin", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceMin", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase("ReduceMin", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5], [1, 1])),
    OperatorCase("ReduceProd", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceProd", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase("ReduceProd", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([3], [1, 1])),
    OperatorCase("ReduceL1", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceL1", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase("ReduceL1", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([5.5], [1, 1])),
    OperatorCase("ReduceL2", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceL2", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase("ReduceL2", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([3.640055], [1, 1])),
    OperatorCase(
      "ReduceLogSum", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)],
      gives: f32([-0.6931472, 0.6931472, 1.0986123], [1, 3])),
    OperatorCase(
      "ReduceLogSum", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([-0.6931472, 0.6931472, 1.0986123], [1, 3])),
    OperatorCase(
      "ReduceLogSum", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([1.704748], [1, 1])),
    OperatorCase("ReduceLogSumExp", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceLogSumExp", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.5, 2, 3], [1, 3])),
    OperatorCase(
      "ReduceLogSumExp", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([3.371539], [1, 1])),
    OperatorCase("ReduceSumSquare", [f32([0.5, 2, 3], [1, 3])], ["noop_with_empty_axes": .int(1)], gives: f32([0.25, 4, 9], [1, 3])),
    OperatorCase(
      "ReduceSumSquare", [f32([0.5, 2, 3], [1, 3]), i64([])], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
      gives: f32([0.25, 4, 9], [1, 3])),
    OperatorCase(
      "ReduceSumSquare", [f32([0.5, 2, 3], [1, 3]), i64([1])], ["noop_with_empty_axes": .int(1)], gives: f32([13.25], [1, 1])),
    OperatorCase("ReduceMax", [f32([1, .nan, .infinity, -.infinity], [2, 2]), i64([1])], gives: f32([.nan, .infinity], [2, 1])),
    OperatorCase("ReduceMin", [f32([1, .nan, .infinity, -.infinity], [2, 2]), i64([1])], gives: f32([.nan, -.infinity], [2, 1])),
    OperatorCase("ReduceSum", [f32([1, .nan, .infinity, -.infinity], [2, 2]), i64([1])], gives: f32([.nan, .nan], [2, 1])),
    OperatorCase("ReduceProd", [f32([1, .nan, .infinity, -.infinity], [2, 2]), i64([1])], gives: f32([.nan, -.infinity], [2, 1])),
    OperatorCase("ReduceL1", [f32([1, .nan, .infinity, -.infinity], [2, 2]), i64([1])], gives: f32([.nan, .infinity], [2, 1])),
    OperatorCase("ReduceMean", [f32([1, .nan, .infinity, -.infinity], [2, 2]), i64([1])], gives: f32([.nan, .nan], [2, 1])),
    OperatorCase(
      "ReduceLogSumExp", [f32([1000, 1000.5, -2000, -.infinity, -.infinity, -.infinity, .infinity, 1, .nan, 1], [5, 2]), i64([1])],
      gives: f32([1000.97406, -2000, -.infinity, .infinity, .nan], [5, 1]), note: "no overflow"),
  ]
}
