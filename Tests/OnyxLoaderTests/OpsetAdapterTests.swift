import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import Testing

/// Before → after, as text. Every case is one node "n" over the inputs a, b, c … unless it says otherwise.
struct OpsetAdapterTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let op: String
    let opset: Int
    let shapes: [[Dimension]?]
    let attributes: [String: Attribute]
    let outputs: Int
    let element: ElementType
    /// The lines after the graph's first one.
    let expected: String

    init(
      _ op: String, _ opset: Int, _ shapes: [[Dimension]?], _ attributes: [String: Attribute], outputs: Int = 1,
      element: ElementType = .float32, _ expected: String
    ) {
      self.op = op
      self.opset = opset
      self.shapes = shapes
      self.attributes = attributes
      self.outputs = outputs
      self.element = element
      self.expected = expected
    }

    init(_ op: String, _ opset: Int, _ shapes: [[Dimension]?], outputs: Int = 1, _ expected: String) {
      self.init(op, opset, shapes, [:], outputs: outputs, expected)
    }

    var testDescription: String { "\(op)-\(opset) \(attributes.keys.sorted()) \(shapes)" }
  }

  @Test(arguments: attributeCases + shapeCases + normalizationCases + resizeCases)
  func becomesTodaysForm(_ row: Case) throws {
    var builder = GraphBuilder("g", opset: row.opset)
    let inputs = zip(["a", "b", "c", "d", "e"], row.shapes).map { builder.input($0, row.element, $1) }
    let outputs = builder.nodes(row.op, inputs, outputs: row.outputs, attributes: row.attributes, name: "n")
    for output in outputs { builder.output(output) }
    let graph = try OpsetAdapters.upgrade(builder.graph, opsets: ["": row.opset])
    try graph.validate()
    #expect(graph.nodes.allSatisfy { $0.opset == Catalog.newestOpset })
    #expect(body(of: graph) == row.expected)
  }

  static let vector: [[Dimension]?] = [["n"]]
  static let image: [[Dimension]?] = [["n", 4, 8, 8]]
  static let unknown: [[Dimension]?] = [nil]

  static let attributeCases: [Case] = [
    Case("Relu", 1, vector, ["consumed_inputs": .ints([0])], "n_output = Relu(a)"),
    Case("Relu", 6, vector, "n_output = Relu(a)"),
    Case("Sum", 1, [["n"], ["n"]], ["consumed_inputs": .ints([0, 0])], "n_output = Sum(a, b)"),
    Case("Cast", 1, vector, ["to": .text("DOUBLE")], "n_output = Cast(a) {to=11}"),
    Case("Cast", 1, vector, ["to": .text("int64")], "n_output = Cast(a) {to=7}"),
    Case("Cast", 5, vector, ["to": .int(9)], "n_output = Cast(a) {to=9}"),
    Case("Cast", 6, vector, ["to": .int(9)], "n_output = Cast(a) {to=9}"),
    Case("Concat", 1, [["n", 1], ["n", 2]], "n_output = Concat(a, b) {axis=1}"),
    Case("Concat", 1, [["n", 1], ["n", 1]], ["axis": .int(0)], "n_output = Concat(a, b) {axis=0}"),
    Case("Selu", 1, vector, "n_output = Selu(a) {alpha=1.6732, gamma=1.0507}"),
    Case("Selu", 5, vector, ["alpha": .float(2), "consumed_inputs": .ints([1])], "n_output = Selu(a) {alpha=2.0, gamma=1.0507}"),
    Case("Selu", 6, vector, "n_output = Selu(a)"),
    Case("LpPool", 1, image, ["p": .float(3), "kernel_shape": .ints([2, 2])], "n_output = LpPool(a) {kernel_shape=[2, 2], p=3}"),
    Case("GlobalLpPool", 1, image, "n_output = GlobalLpPool(a)"),
    Case(
      "GRU", 1, [nil, nil, nil], ["direction": .text("foward"), "output_sequence": .int(1)], outputs: 2,
      "n_output_0, n_output_1 = GRU(a, b, c) {direction=\"forward\"}"),
    Case("LSTM", 6, [nil, nil, nil], ["hidden_size": .int(4), "output_sequence": .int(0)], "n_output = LSTM(a, b, c) {hidden_size=4}"),
    Case(
      "RNN", 1, [nil, nil, nil], ["direction": .text("reverse"), "output_sequence": .int(1)],
      "n_output = RNN(a, b, c) {direction=\"reverse\"}"),
    Case("GRU", 7, [nil, nil, nil], ["linear_before_reset": .int(1)], "n_output = GRU(a, b, c) {linear_before_reset=1}"),
    Case("GridSample", 16, [nil, nil], ["mode": .text("bicubic")], "n_output = GridSample(a, b) {mode=\"cubic\"}"),
    Case("GridSample", 16, [nil, nil], ["mode": .text("nearest")], "n_output = GridSample(a, b) {mode=\"nearest\"}"),
    Case("GridSample", 16, [nil, nil], "n_output = GridSample(a, b)"),
    Case("RoiAlign", 10, [nil, nil, nil], "n_output = RoiAlign(a, b, c) {coordinate_transformation_mode=\"output_half_pixel\"}"),
    Case("RoiAlign", 16, [nil, nil, nil], "n_output = RoiAlign(a, b, c)"),
    Case("Scatter", 9, [nil, nil, nil], ["axis": .int(1)], "n_output = ScatterElements(a, b, c) {axis=1}"),
    Case("MaxPool", 1, image, ["kernel_shape": .ints([2, 2])], "n_output = MaxPool(a) {kernel_shape=[2, 2]}"),
    Case("ArgMax", 1, vector, "n_output = ArgMax(a)"),
    Case("NotAnOperator", 3, vector, ["consumed_inputs": .ints([0])], "n_output = NotAnOperator(a) {consumed_inputs=[0]}"),
  ]

  static let shapeCases: [Case] = [
    Case("Squeeze", 11, vector, ["axes": .ints([0, -1])], "n/axes = [0, -1]\nn_output = Squeeze(a, n/axes)"),
    Case("Squeeze", 1, vector, "n_output = Squeeze(a)"),
    // An empty list removes every axis of 1, as in the reference evaluator and ONNX Runtime.
    Case("Squeeze", 1, vector, ["axes": .ints([])], "n_output = Squeeze(a)"),
    Case("Squeeze", 11, vector, ["axes": .ints([])], "n_output = Squeeze(a)"),
    Case("Unsqueeze", 1, vector, ["axes": .ints([1])], "n/axes = [1]\nn_output = Unsqueeze(a, n/axes)"),
    Case(
      "ReduceSum", 12, image, ["axes": .ints([2, 3]), "keepdims": .int(0)],
      "n/axes = [2, 3]\nn_output = ReduceSum(a, n/axes) {keepdims=0}"),
    Case("ReduceMean", 17, image, ["axes": .ints([1])], "n/axes = [1]\nn_output = ReduceMean(a, n/axes)"),
    Case("ReduceMax", 13, image, ["axes": .ints([])], "n_output = ReduceMax(a)"),
    Case("ReduceL2", 1, image, "n_output = ReduceL2(a)"),
    Case("ReduceLogSum", 13, image, ["axes": .ints([1])], "n/axes = [1]\nn_output = ReduceLogSum(a, n/axes)"),
    Case(
      "ReduceLogSum", 11, image, ["axes": .ints([1])], element: .int64,
      """
      n/axes = [1]
      n/floating_output = Cast(a) {to=11}
      n/result_output = ReduceLogSum(n/floating_output, n/axes)
      n_output = Cast(n/result_output) {to=7}
      """),
    Case(
      "ReduceLogSumExp", 18, vector, ["keepdims": .int(0)], element: .uint32,
      """
      n/floating_output = Cast(a) {to=11}
      n/result_output = ReduceLogSumExp(n/floating_output) {keepdims=0}
      n_output = Cast(n/result_output) {to=12}
      """),
    Case("ReduceLogSumExp", 18, vector, [:], element: .float16, "n_output = ReduceLogSumExp(a)"),
    Case("ReduceLogSum", 18, vector, [:], element: .int8, "n_output = ReduceLogSum(a)"),
    Case("ReduceLogSum", 28, vector, [:], element: .int64, "n_output = ReduceLogSum(a)"),
    Case(
      "Erf", 9, vector, [:], element: .uint8,
      "n/floating_output = Cast(a) {to=1}\nn/result_output = Erf(n/floating_output)\nn_output = Cast(n/result_output) {to=2}"),
    Case("Erf", 9, vector, [:], element: .float64, "n_output = Erf(a)"),
    Case("Erf", 13, vector, [:], element: .int32, "n_output = Erf(a)"),
    Case("ReduceMean", 18, image, ["noop_with_empty_axes": .int(1)], "n_output = ReduceMean(a) {noop_with_empty_axes=1}"),
    Case(
      "Slice", 1, image, ["starts": .ints([1]), "ends": .ints([3]), "axes": .ints([2])],
      "n/starts = [1]\nn/ends = [3]\nn/axes = [2]\nn_output = Slice(a, n/starts, n/ends, n/axes)"),
    Case(
      "Slice", 9, vector, ["starts": .ints([1]), "ends": .ints([.max])],
      "n/starts = [1]\nn/ends = [9223372036854775807]\nn_output = Slice(a, n/starts, n/ends)"),
    Case("TopK", 1, vector, ["k": .int(3), "axis": .int(0)], outputs: 2, "n/k = [3]\nn_output_0, n_output_1 = TopK(a, n/k) {axis=0}"),
    Case(
      "Reshape", 1, vector, ["shape": .ints([0, -1]), "consumed_inputs": .ints([0])], "n/shape = [0, -1]\nn_output = Reshape(a, n/shape)"),
    Case("Reshape", 5, [["n"], [2]], "n_output = Reshape(a, b)"),
    Case("DFT", 17, image, "n/axis = 1\nn_output = DFT(a, _, n/axis)"),
    Case("DFT", 17, [nil, nil], ["axis": .int(2), "onesided": .int(1)], "n/axis = 2\nn_output = DFT(a, b, n/axis) {onesided=1}"),
    Case(
      "DFT", 19, image, ["axis": .int(-2), "inverse": .int(1), "onesided": .int(1)],
      "n/axis = -2\nn_output = DFT(a, _, n/axis) {inverse=1, onesided=1}"),
    Case("DFT", 20, [nil, nil, []], "n_output = DFT(a, b, c)"),
    Case("Clip", 6, vector, ["min": .float(0), "max": .float(6)], "n/min = 0.0\nn/max = 6.0\nn_output = Clip(a, n/min, n/max)"),
    Case("Clip", 6, vector, ["max": .float(6)], element: .float16, "n/max = float16 6.0\nn_output = Clip(a, _, n/max)"),
    Case("Clip", 1, vector, ["min": .float(-1), "consumed_inputs": .ints([0])], "n/min = -1.0\nn_output = Clip(a, n/min)"),
    Case("Clip", 6, vector, "n_output = Clip(a)"),
    Case("Pad", 1, vector, ["paddings": .ints([1, 2])], "n/pads = [1, 2]\nn_output = Pad(a, n/pads)"),
    Case(
      "Pad", 2, vector, ["pads": .ints([1, 2]), "value": .float(0.5), "mode": .text("constant")],
      "n/pads = [1, 2]\nn/value = 0.5\nn_output = Pad(a, n/pads, n/value) {mode=\"constant\"}"),
    Case("Split", 2, vector, ["split": .ints([1, 2])], outputs: 2, "n/split = [1, 2]\nn_output_0, n_output_1 = Split(a, n/split)"),
    Case("Split", 11, vector, ["axis": .int(0)], outputs: 3, "n_output_0, n_output_1, n_output_2 = Split(a) {axis=0, num_outputs=3}"),
    Case("Split", 1, [["n"], [2]], outputs: 2, "n/split_output = Cast(b) {to=7}\nn_output_0, n_output_1 = Split(a, n/split_output)"),
    Case("Split", 13, [["n"], [2]], outputs: 2, "n_output_0, n_output_1 = Split(a, b)"),
    Case("Split", 13, vector, outputs: 2, "n_output_0, n_output_1 = Split(a) {num_outputs=2}"),
    Case("Tile", 6, [["n"], [1]], "n_output = Tile(a, b)"),
    Case(
      "Tile", 1, [["n", "m"], [1], [1]],
      """
      n/one = [1]
      n/tiles_int64_output = Cast(b) {to=7}
      n/tiles_output = Reshape(n/tiles_int64_output, n/one)
      n/axis_int64_output = Cast(c) {to=7}
      n/axis_output = Reshape(n/axis_int64_output, n/one)
      n/shape_output = Shape(a)
      n/rank_output = Shape(n/shape_output)
      n/ones_output = ConstantOfShape(n/rank_output) {value=int64[1]}
      n/repeats_output = ScatterElements(n/ones_output, n/axis_output, n/tiles_output) {axis=0}
      n_output = Tile(a, n/repeats_output)
      """),
    Case("Gemm", 6, [[2, 3], [3, 4], [4]], ["broadcast": .int(1), "transA": .int(0)], "n_output = Gemm(a, b, c) {transA=0}"),
    Case(
      "Add", 6, [[2, 3, 4, 5], [3, 4]], ["broadcast": .int(1), "axis": .int(1)],
      "n/axes = [2]\nn/unsqueeze_output = Unsqueeze(b, n/axes)\nn_output = Add(a, n/unsqueeze_output)"),
    Case(
      "Mul", 1, [[2, 3, 4, 5], [3]], ["broadcast": .int(1), "axis": .int(-3), "consumed_inputs": .ints([0, 0])],
      "n/axes = [1, 2]\nn/unsqueeze_output = Unsqueeze(b, n/axes)\nn_output = Mul(a, n/unsqueeze_output)"),
    Case("Equal", 1, [[2, 3], [2, 3]], ["broadcast": .int(1)], "n_output = Equal(a, b)"),
    Case("Pow", 6, [[2, 3], [3]], ["broadcast": .int(1), "axis": .int(1)], "n_output = Pow(a, b)"),
    Case("Sub", 6, [[2, 3], [2, 3]], ["broadcast": .int(0), "axis": .int(0)], "n_output = Sub(a, b)"),
    Case(
      "Add", 6, [nil, [3]], ["broadcast": .int(1), "axis": .int(1)],
      """
      n/axis = [1]
      n/zero = [0]
      n/shape_output = Shape(b)
      n/rank_output = Shape(n/shape_output)
      n/shape_of_A_output = Shape(a)
      n/rank_of_A_output = Shape(n/shape_of_A_output)
      n/end_output = Sub(n/rank_of_A_output, n/axis)
      n/trailing_output = Sub(n/end_output, n/rank_output)
      n/count_output = Max(n/trailing_output, n/zero)
      n/ones_output = ConstantOfShape(n/count_output) {value=int64[1]}
      n/target_output = Concat(n/shape_output, n/ones_output) {axis=0}
      n/reshape_output = Reshape(b, n/target_output) {allowzero=1}
      n_output = Add(a, n/reshape_output)
      """),
    Case(
      "PRelu", 6, [["n", 4, 8, 8], [4]],
      "n/axes = [1, 2]\nn/unsqueeze_output = Unsqueeze(b, n/axes)\nn_output = PRelu(a, n/unsqueeze_output)"),
    Case("PRelu", 1, [["n", 4, 8, 8], [1]], ["consumed_inputs": .ints([0, 0])], "n_output = PRelu(a, b)"),
    Case("PRelu", 6, [["n", 4], [4]], "n_output = PRelu(a, b)"),
    Case("PRelu", 7, [["n", 4, 8, 8], [4, 1, 1]], "n_output = PRelu(a, b)"),
    Case(
      "PRelu", 6, [nil, [4]],
      """
      n/start = [2]
      n/end = [9223372036854775807]
      n/channels = [-1]
      n/shape_output = Shape(a)
      n/rank_output = Shape(n/shape_output)
      n/ones_output = ConstantOfShape(n/rank_output) {value=int64[1]}
      n/trailing_output = Slice(n/ones_output, n/start, n/end)
      n/target_output = Concat(n/channels, n/trailing_output) {axis=0}
      n/reshape_output = Reshape(b, n/target_output)
      n_output = PRelu(a, n/reshape_output)
      """),
  ]
}

/// The lines of the graph's text after the first, with the values of the constants.
func body(of graph: Graph) -> String {
  let constants = graph.initializers.sorted { $0.key < $1.key }.map { "\(graph[$0.key].name) = \(literal($0.value))" }
  let nodes = graph.text.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("  const ") }.map { String($0.dropFirst(2)) }
  return (constants + nodes).joined(separator: "\n")
}

private func literal(_ tensor: Tensor) -> String {
  let values: String
  if tensor.elementType.isInteger, let ints = try? tensor.ints() {
    values = tensor.shape.rank == 0 ? "\(ints[0])" : "\(ints)"
  } else {
    let doubles = (try? tensor.doubles()) ?? []
    values = tensor.shape.rank == 0 ? "\(doubles[0])" : "\(doubles)"
  }
  return tensor.elementType == .float32 || tensor.elementType == .int64 ? values : "\(tensor.elementType) \(values)"
}
