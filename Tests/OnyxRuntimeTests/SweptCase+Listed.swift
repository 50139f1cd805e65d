import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport

/// Valid nodes of operators that chance would not find, or whose kernels want more than it finds.
extension SweptCase {
  static let listed: [SweptCase] =
    windows + products + normalizations + sequenceModels + movements + shapes + signals + vision + collections + bodies + contributed
    + learned + texts

  // MARK: Inputs

  static func f(_ shape: Int...) -> Input { .tensor(try! .random(.float32, Shape(shape), in: 0.25...1.5, seed: 1)) }
  static func of(_ type: ElementType, _ shape: Int...) -> Input { .tensor(try! .random(type, Shape(shape), in: 0...3, seed: 2)) }
  static func i(_ values: Int64...) -> Input { .tensor(try! Tensor(values)) }
  static func i32(_ values: Int32...) -> Input { .tensor(try! Tensor(values)) }
  static func scalar(_ value: Int64) -> Input { .tensor(try! Tensor(scalar: value)) }
  static func numbers(_ values: Float...) -> Input { .tensor(try! Tensor(values)) }
  static func number(_ value: Float) -> Input { .tensor(try! Tensor(scalar: value)) }
  static func byte(_ value: UInt8) -> Input { .tensor(try! Tensor(scalar: value)) }

  // MARK: Windows

  private static let square: [String: Attribute] = [
    "kernel_shape": .ints([3, 3]), "strides": .ints([1, 1]), "dilations": .ints([1, 1]), "pads": .ints([1, 1, 1, 1]),
  ]
  private static let plain: [String: Attribute] = ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "pads": .ints([0, 0, 0, 0])]
  private static let bytes: [Input] = [number(0.5), byte(3)]

  private static let windows: [SweptCase] = [
    SweptCase("Conv", [f(1, 3, 8, 8), f(4, 3, 3, 3), f(4)], square),
    SweptCase("Conv", [f(1, 16, 8, 8), f(16, 16, 1, 1)]),
    SweptCase("Conv", [f(1, 32, 9, 9), f(32, 16, 3, 3)], ["group": .int(2)]),
    SweptCase("Conv", [f(2, 8, 8, 8), f(8, 1, 3, 3)], ["group": .int(8), "pads": .ints([1, 1, 1, 1])]),
    SweptCase("Conv", [f(1, 4, 16), f(4, 4, 3)]),
    SweptCase("Conv", [f(1, 2, 4, 4, 4), f(2, 2, 2, 2, 2)]),
    SweptCase("Conv", [of(.float64, 1, 2, 5, 5), of(.float64, 2, 2, 3, 3)]),
    SweptCase("ConvTranspose", [f(1, 4, 5, 5), f(4, 3, 3, 3)], ["output_padding": .ints([0, 0]), "strides": .ints([2, 2])]),
    SweptCase("ConvTranspose", [f(1, 16, 4, 4), f(16, 16, 2, 2)], ["strides": .ints([2, 2]), "output_shape": .ints([8, 8])]),
    SweptCase("ConvTranspose", [f(1, 8, 5, 5), f(8, 1, 3, 3)], ["group": .int(8)]),
    SweptCase("ConvTranspose", [f(1, 4, 6), f(4, 2, 3)]),
    SweptCase("ConvInteger", [of(.uint8, 1, 3, 6, 6), of(.uint8, 2, 3, 3, 3), byte(1)], square),
    SweptCase(
      "QLinearConv", [of(.uint8, 1, 3, 6, 6)] + bytes + [of(.uint8, 4, 3, 3, 3)] + bytes + bytes + [i32(1, 2, 3, 4)], square),
    SweptCase("MaxPool", [f(1, 3, 8, 8)], square, outputs: 2), SweptCase("MaxPool", [f(1, 16, 8, 8)], plain),
    SweptCase("MaxPool", [of(.uint8, 1, 2, 6, 6)], plain), SweptCase("MaxPool", [f(1, 2, 9)], ["kernel_shape": .ints([3])]),
    SweptCase("AveragePool", [f(1, 3, 8, 8)], square), SweptCase("AveragePool", [f(1, 16, 8, 8)], plain),
    SweptCase("LpPool", [f(1, 3, 8, 8)], square), SweptCase("LpPool", [of(.float64, 1, 3, 8, 8)], plain),
    SweptCase("MaxUnpool", [f(1, 1, 2, 2), .tensor(try! Tensor([0, 2, 8, 10] as [Int64], shape: [1, 1, 2, 2])), i(1, 1, 4, 4)], plain),
    SweptCase("MaxUnpool", [f(1, 1, 2, 2), .tensor(try! Tensor([0, 2, 8, 10] as [Int64], shape: [1, 1, 2, 2]))], plain),
    SweptCase(
      "Col2Im", [f(1, 4, 9), i(4, 4), i(2, 2)], ["strides": .ints([1, 1]), "dilations": .ints([1, 1]), "pads": .ints([0, 0, 0, 0])]),
    SweptCase("DeformConv", [f(1, 2, 5, 5), f(2, 2, 3, 3), f(1, 18, 3, 3)], ["group": .int(1), "offset_group": .int(1)]),
    SweptCase("GlobalLpPool", [f(1, 2, 3, 3)], ["p": .int(2)]),
    SweptCase("LRN", [f(1, 4, 3, 3)], ["size": .int(3)]),
    SweptCase("CausalConvWithState", [f(2, 3, 4), f(3, 1, 3)], outputs: 2),
  ]

  // MARK: Products

  private static let products: [SweptCase] = [
    SweptCase("MatMul", [f(2, 3, 4), f(2, 4, 5)]), SweptCase("Gemm", [f(3, 4), f(4, 5), f(5)], ["alpha": .float(1)]),
    SweptCase("Gemm", [f(3, 4), f(5, 4)], ["transB": .int(1)]),
    SweptCase("Einsum", [f(2, 3), f(3, 4)], ["equation": .text("ij,jk->ik")]), SweptCase("Det", [f(2, 3, 3)]),
    SweptCase("MatMulInteger", [of(.uint8, 2, 3), of(.uint8, 3, 4), byte(1), byte(2)]),
    SweptCase("QLinearMatMul", [of(.uint8, 2, 3)] + bytes + [of(.uint8, 3, 4)] + bytes + bytes),
    SweptCase("QuantizeLinear", [f(2, 4), numbers(0.5, 1), .tensor(try! Tensor([1, 2] as [UInt8]))], ["axis": .int(0)]),
    SweptCase("QuantizeLinear", [f(2, 4), f(2, 2)], ["axis": .int(1), "block_size": .int(2)]),
    SweptCase("DequantizeLinear", [of(.uint8, 2, 4), numbers(0.5, 1), .tensor(try! Tensor([1, 2] as [UInt8]))], ["axis": .int(0)]),
    SweptCase("DequantizeLinear", [of(.uint8, 2, 4), f(2, 2)], ["axis": .int(1), "block_size": .int(2)]),
    SweptCase("DynamicQuantizeLinear", [f(2, 3)], outputs: 3),
  ]

  // MARK: Normalizations

  private static let normalizations: [SweptCase] = [
    SweptCase("BatchNormalization", [f(1, 3, 4, 4), f(3), f(3), f(3), f(3)]),
    SweptCase("LayerNormalization", [f(2, 3, 4), f(4), f(4)]), SweptCase("RMSNormalization", [f(2, 3, 4), f(4)]),
    SweptCase("GroupNormalization", [f(1, 4, 3, 3), f(4), f(4)], ["num_groups": .int(2)]),
    SweptCase("InstanceNormalization", [f(1, 4, 3, 3), f(4), f(4)]), SweptCase("LpNormalization", [f(2, 3)]),
    SweptCase("MeanVarianceNormalization", [f(2, 3, 4, 4)]), SweptCase("Softmax", [f(2, 3, 4)]),
    SweptCase("NegativeLogLikelihoodLoss", [f(2, 3), i(0, 2), f(3)]),
    SweptCase("SoftmaxCrossEntropyLoss", [f(2, 3), i(0, 2), f(3)]),
  ]

  // MARK: Sequences in time

  private static func layer(_ op: String, gates: Int) -> [SweptCase] {
    let sizes: [Input] = [f(3, 2, 4), f(1, gates * 3, 4), f(1, gates * 3, 3), f(1, 2 * gates * 3), i32(3, 2)]
    return [SweptCase(op, sizes, ["hidden_size": .int(3)], outputs: 2), SweptCase(op, Array(sizes.prefix(3)), ["layout": .int(0)])]
  }

  private static let sequenceModels: [SweptCase] =
    layer("LSTM", gates: 4) + layer("GRU", gates: 3) + layer("RNN", gates: 1) + [
      SweptCase("Attention", [f(1, 4, 16), f(1, 4, 16), f(1, 4, 16)], ["q_num_heads": .int(2), "kv_num_heads": .int(2)]),
      SweptCase("Attention", [f(1, 2, 4, 8), f(1, 2, 4, 8), f(1, 2, 4, 8)]),
      SweptCase("RotaryEmbedding", [f(1, 2, 4, 8), f(6, 4), f(6, 4), .tensor(try! Tensor([0, 1, 2, 3] as [Int64], shape: [1, 4]))]),
      SweptCase("RotaryEmbedding", [f(1, 4, 16), f(1, 4, 4), f(1, 4, 4)], ["num_heads": .int(2)]),
      SweptCase(
        "LinearAttention", [f(1, 4, 8), f(1, 4, 8), f(1, 4, 8)],
        ["q_num_heads": .int(2), "kv_num_heads": .int(2), "update_rule": .text("linear")], outputs: 2),
      SweptCase("TensorScatter", [f(2, 4, 3), f(2, 1, 3), i(0, 1)]),
    ]

  // MARK: Movements

  private static let movements: [SweptCase] = [
    SweptCase("Concat", [f(2, 3), f(2, 3)], ["axis": .int(1)]), SweptCase("DepthToSpace", [f(1, 4, 2, 2)], ["blocksize": .int(2)]),
    SweptCase("SpaceToDepth", [f(1, 1, 4, 4)], ["blocksize": .int(2)]), SweptCase("EyeLike", [f(3, 3)]),
    SweptCase("Gather", [f(3, 2), i(0, 2)]),
    SweptCase("GatherElements", [f(2, 2), .tensor(try! Tensor([0, 1, 1, 0] as [Int64], shape: [2, 2]))]),
    SweptCase("GatherND", [f(2, 2, 2), .tensor(try! Tensor([0, 1] as [Int64], shape: [2, 1]))], ["batch_dims": .int(0)]),
    SweptCase("GatherND", [f(2, 2, 2), .tensor(try! Tensor([0, 1] as [Int64], shape: [2, 1]))], ["batch_dims": .int(1)]),
    SweptCase(
      "ScatterElements", [f(3, 2), .tensor(try! Tensor([0, 1] as [Int64], shape: [1, 2])), f(1, 2)], ["axis": .int(0)]),
    SweptCase("ScatterND", [f(3, 2), .tensor(try! Tensor([0, 2] as [Int64], shape: [2, 1])), f(2, 2)]),
    SweptCase("OneHot", [i(0, 2, 1), scalar(3), numbers(0, 1)], ["axis": .int(-1)]),
    SweptCase("Pad", [f(2, 3), i(0, 1, 0, 1), number(1)]), SweptCase("Pad", [f(2, 3), i(1, 1), number(1), i(1)]),
    SweptCase("Pad", [f(2, 3), i(0, 1, 0, 1)], ["mode": .text("reflect")]),
    SweptCase("Pad", [f(2, 3), i(0, 1, 0, 1)], ["mode": .text("wrap")]),
    SweptCase("Pad", [f(2, 3), i(0, 1, 0, 1)], ["mode": .text("edge")]),
    SweptCase("Resize", [f(1, 1, 4, 4), .none, numbers(1, 1, 2, 2)], ["mode": .text("linear")]),
    SweptCase("Resize", [f(1, 1, 4, 4), .none, .none, i(1, 1, 3, 6)], ["mode": .text("cubic"), "antialias": .int(1)]),
    SweptCase("Resize", [f(1, 1, 4, 4), .none, .none, i(8, 8)], ["axes": .ints([2, 3])]),
    SweptCase(
      "Resize", [f(1, 1, 4, 4), numbers(0, 0, 0, 0, 1, 1, 1, 1), .none, i(1, 1, 3, 3)],
      ["coordinate_transformation_mode": .text("tf_crop_and_resize")]),
    SweptCase("ReverseSequence", [f(4, 2), i(2, 3)]), SweptCase("Slice", [f(4, 4), i(0, 0), i(4, 3), i(0, 1), i(1, 2)]),
    SweptCase("Slice", [f(4), i(3), i(-10), i(0), i(-1)]), SweptCase("Split", [f(4, 2), i(2, 2)], outputs: 2),
    SweptCase("Split", [f(4, 2)], ["num_outputs": .int(2)], outputs: 2), SweptCase("Tile", [f(2, 3), i(2, 1)]),
    SweptCase("Transpose", [f(2, 3, 4)], ["perm": .ints([2, 0, 1])]), SweptCase("Trilu", [f(3, 3), scalar(0)]),
    SweptCase("Unique", [i(2, 1, 1, 3)], outputs: 4), SweptCase("Unique", [f(2, 3)], ["axis": .int(1)]),
    SweptCase("Compress", [f(3, 2), .tensor(try! Tensor([true, false, true]))], ["axis": .int(0)]),
    SweptCase("CenterCropPad", [f(4, 4), i(2, 6)], ["axes": .ints([0, 1])]), SweptCase("AffineGrid", [f(1, 2, 3), i(1, 1, 3, 3)]),
    SweptCase("GridSample", [f(1, 1, 4, 4), f(1, 3, 3, 2)]), SweptCase("TopK", [f(2, 4), i(2)], outputs: 2),
    SweptCase("CumSum", [f(2, 4), scalar(1)]), SweptCase("CumProd", [f(2, 4), scalar(1)]),
    SweptCase("ArgMax", [f(2, 4)], ["axis": .int(1)]),
    SweptCase("ArgMin", [f(2, 4)], ["axis": .int(1)]), SweptCase("Range", [scalar(0), scalar(4), scalar(1)]),
    SweptCase("Range", [number(0), number(4), number(1)]),
    SweptCase("BitShift", [of(.uint8, 4), of(.uint8, 4)], ["direction": .text("LEFT")]),
    SweptCase("Clip", [f(4), number(0), number(1)]), SweptCase("Cast", [f(4)], ["to": .int(7)]),
    SweptCase("BitCast", [f(4)], ["to": .int(6)]),
  ]

  // MARK: Shapes

  private static let shapes: [SweptCase] = [
    SweptCase("Constant", [], ["value_int": .int(1)]), SweptCase("Constant", [], ["value_ints": .ints([1, 2])]),
    SweptCase("Constant", [], ["value_floats": .floats([1, 2])]), SweptCase("ConstantOfShape", [i(2, 3)]),
    SweptCase("Expand", [f(2, 1), i(2, 3)]), SweptCase("Flatten", [f(2, 3, 4)], ["axis": .int(1)]),
    SweptCase("Reshape", [f(2, 3), i(3, -1)]), SweptCase("Reshape", [f(2, 3), i(0, 3)], ["allowzero": .int(0)]),
    SweptCase("Shape", [f(2, 3, 4)], ["start": .int(0), "end": .int(2)]), SweptCase("Squeeze", [f(1, 3, 1), i(0, 2)]),
    SweptCase("Unsqueeze", [f(3), i(0, 2)]), SweptCase("RandomNormal", [], ["shape": .ints([2, 3])]),
    SweptCase("RandomUniform", [], ["shape": .ints([2, 3])]),
  ]

  // MARK: Signals

  private static let signals: [SweptCase] = [
    SweptCase("DFT", [f(1, 8, 1), scalar(8), scalar(1)]), SweptCase("DFT", [f(1, 7, 2)], ["inverse": .int(1)]),
    SweptCase("STFT", [f(1, 16, 1), scalar(4), f(8), scalar(8)]), SweptCase("STFT", [f(1, 16, 1), scalar(4), .none, scalar(8)]),
    SweptCase("MelWeightMatrix", [scalar(4), scalar(16), scalar(8000), number(0), number(4000)]),
    SweptCase("BlackmanWindow", [scalar(4)]), SweptCase("HannWindow", [scalar(4)]), SweptCase("HammingWindow", [scalar(4)]),
  ]

  // MARK: Vision

  private static let vision: [SweptCase] = [
    SweptCase("ImageDecoder", [.tensor(try! Tensor(Array("P5 1 1 255\n7".utf8)))], ["pixel_format": .text("Grayscale")]),
    SweptCase("NonMaxSuppression", [f(1, 6, 4), f(1, 2, 6), i(3), numbers(0.5), numbers(0)]),
    SweptCase(
      "RoiAlign", [f(1, 2, 6, 6), .tensor(try! Tensor([0, 0, 3, 3, 1, 1, 5, 4] as [Float], shape: [2, 4])), i(0, 0)],
      ["output_height": .int(2), "output_width": .int(2), "sampling_ratio": .int(2)]),
    SweptCase(
      "RoiAlign", [of(.float64, 1, 2, 6, 6), .tensor(try! Tensor([0, 0, 3, 3] as [Double], shape: [1, 4])), i(0)],
      ["output_height": .int(2), "output_width": .int(2), "sampling_ratio": .int(0)]),
    SweptCase(
      "MaxRoiPool", [f(1, 2, 6, 6), .tensor(try! Tensor([0, 0, 0, 3, 3] as [Float], shape: [1, 5]))], ["pooled_shape": .ints([2, 2])]),
    SweptCase(
      "com.microsoft.CropAndResize",
      [f(1, 2, 6, 6), .tensor(try! Tensor([0, 0, 0.5, 0.5] as [Float], shape: [1, 4])), i32(0), i32(3, 3)]),
  ]

  // MARK: Sequences and optionals

  private static let pair: Input = .sequence([try! Tensor([1, 2] as [Float]), try! Tensor([3, 4] as [Float])])

  private static let collections: [SweptCase] = [
    SweptCase("SequenceConstruct", [f(2), f(2)]), SweptCase("SequenceEmpty", [], ["dtype": .int(1)]),
    SweptCase("SequenceAt", [pair, scalar(1)]), SweptCase("SequenceErase", [pair, scalar(1)]),
    SweptCase("SequenceInsert", [pair, f(2), scalar(1)]), SweptCase("SequenceLength", [pair]),
    SweptCase("ConcatFromSequence", [pair], ["axis": .int(0), "new_axis": .int(0)]),
    SweptCase("SplitToSequence", [f(4, 2), i(2, 2)]), SweptCase("SplitToSequence", [f(4, 2), scalar(2)], ["axis": .int(0)]),
    SweptCase("Optional", [f(2)]), SweptCase("OptionalGetElement", [.optional(try! Tensor([1] as [Float]))]),
    SweptCase("OptionalHasElement", [.optional(try! Tensor([1] as [Float]))]),
  ]

  // MARK: Bodies

  private static func body(
    _ inputs: [(ElementType, [Dimension])], _ make: (inout GraphBuilder, [ValueID]) -> [ValueID]
  ) -> Attribute {
    var builder = GraphBuilder("body", opset: Catalog.newestOpset)
    let ids = inputs.enumerated().map { builder.input("b\($0)", $1.0, $1.1) }
    for id in make(&builder, ids) { builder.output(id) }
    return .graph(builder.graph)
  }

  private static let bodies: [SweptCase] = [
    SweptCase(
      "If", [.tensor(try! Tensor(scalar: true))],
      [
        "then_branch": body([]) { builder, _ in [builder.constant(try! Tensor([1] as [Float]))] },
        "else_branch": body([]) { builder, _ in [builder.constant(try! Tensor([2] as [Float]))] },
      ]),
    SweptCase(
      "Loop", [scalar(3), .tensor(try! Tensor(scalar: true)), f(2)],
      [
        "body": body([(.int64, []), (.bool, []), (.float32, [2])]) { builder, ids in
          let next = builder.node("Add", ids[2], ids[2])
          return [builder.node("Identity", ids[1]), next, builder.node("Neg", next)]
        }
      ], outputs: 2),
    SweptCase(
      "Scan", [f(2), f(3, 2)],
      [
        "num_scan_inputs": .int(1), "scan_input_axes": .ints([0]), "scan_output_axes": .ints([0]), "scan_input_directions": .ints([0]),
        "scan_output_directions": .ints([0]),
        "body": body([(.float32, [2]), (.float32, [2])]) { builder, ids in
          let next = builder.node("Add", ids[0], ids[1])
          return [next, builder.node("Neg", next)]
        },
      ], outputs: 2),
    SweptCase("SequenceMap", [pair], ["body": body([(.float32, [2])]) { builder, ids in [builder.node("Neg", ids[0])] }]),
  ]

  // MARK: Operators of ONNX Runtime

  private static let groupQuery: [Input] = [
    f(1, 3, 32), f(1, 3, 16), f(1, 3, 16), f(1, 2, 4, 8), f(1, 2, 4, 8), i32(6), i32(7),
  ]

  private static let contributed: [SweptCase] = [
    SweptCase(
      "com.microsoft.DynamicQuantizeLSTM",
      [
        f(3, 2, 4), of(.int8, 1, 4, 12), of(.int8, 1, 3, 12), .none, .none, .none, .none, .none, numbers(0.5),
        .tensor(try! Tensor([1] as [Int8])), numbers(0.5), .tensor(try! Tensor([1] as [Int8])),
      ], ["hidden_size": .int(3)]),
    SweptCase(
      "com.microsoft.GatherBlockQuantized", [of(.uint8, 2, 16), i(0, 1), f(2, 1)],
      ["block_size": .int(16), "bits": .int(8), "gather_axis": .int(0), "quantize_axis": .int(1)]),
    SweptCase("com.microsoft.GroupQueryAttention", groupQuery, ["num_heads": .int(4), "kv_num_heads": .int(2)], outputs: 3),
    SweptCase("com.microsoft.Inverse", [.tensor(try! Tensor([2, 0, 0, 3] as [Float], shape: [2, 2]))]),
    SweptCase(
      "com.microsoft.MatMulNBits", [f(2, 32), of(.uint8, 3, 2, 8), f(3, 2)],
      ["K": .int(32), "N": .int(3), "block_size": .int(16), "bits": .int(4)]),
  ]

  // MARK: Traditional learning

  private static let tree: [String: Attribute] = [
    "nodes_treeids": .ints([0, 0, 0]), "nodes_nodeids": .ints([0, 1, 2]), "nodes_featureids": .ints([0, 0, 0]),
    "nodes_modes": .strings(["BRANCH_LEQ", "LEAF", "LEAF"].map { Array($0.utf8) }), "nodes_values": .floats([0.5, 0, 0]),
    "nodes_truenodeids": .ints([1, 0, 0]), "nodes_falsenodeids": .ints([2, 0, 0]),
  ]

  private static let map: Input = .map(try! MapValue(keys: Tensor([1, 2] as [Int64]), values: Tensor([3, 4] as [Float])))

  private static let learned: [SweptCase] = [
    SweptCase("ai.onnx.ml.CastMap", [map], ["map_form": .text("SPARSE"), "max_map": .int(4)]),
    SweptCase("ai.onnx.ml.CastMap", [map]), SweptCase("ai.onnx.ml.DictVectorizer", [map], ["int64_vocabulary": .ints([2, 1])]),
    SweptCase("ai.onnx.ml.ArrayFeatureExtractor", [f(2, 3), i(0, 2)]),
    SweptCase("ai.onnx.ml.CategoryMapper", [i(1, 2)], ["cats_int64s": .ints([1, 2]), "cats_strings": .strings([[97], [98]])]),
    SweptCase("ai.onnx.ml.FeatureVectorizer", [f(2, 2), f(2, 1)], ["inputdimensions": .ints([2, 1])]),
    SweptCase("ai.onnx.ml.Imputer", [f(2, 2)], ["imputed_value_floats": .floats([1, 2]), "replaced_value_float": .float(0.5)]),
    SweptCase("ai.onnx.ml.Imputer", [i(1, 2)], ["imputed_value_int64s": .ints([1]), "replaced_value_int64": .int(2)]),
    SweptCase("ai.onnx.ml.LabelEncoder", [i(1, 2)], ["keys_int64s": .ints([1, 2]), "values_int64s": .ints([3, 4])]),
    SweptCase(
      "ai.onnx.ml.LinearClassifier", [f(2, 2)],
      ["coefficients": .floats([1, 2, 3, 4]), "intercepts": .floats([0, 1]), "classlabels_ints": .ints([0, 1])], outputs: 2),
    SweptCase("ai.onnx.ml.LinearRegressor", [f(2, 2)], ["coefficients": .floats([1, 2]), "intercepts": .floats([0]), "targets": .int(1)]),
    SweptCase("ai.onnx.ml.OneHotEncoder", [i(1, 2)], ["cats_int64s": .ints([1, 2])]),
    SweptCase(
      "ai.onnx.ml.SVMClassifier", [f(2, 2)],
      [
        "classlabels_ints": .ints([0, 1]), "coefficients": .floats([1, -1]), "kernel_params": .floats([1, 0, 2]),
        "rho": .floats([0.1]), "support_vectors": .floats([1, 0, 0, 1]), "vectors_per_class": .ints([1, 1]), "kernel_type": .text("RBF"),
      ], outputs: 2),
    SweptCase(
      "ai.onnx.ml.SVMRegressor", [f(2, 2)],
      [
        "coefficients": .floats([1, -1]), "kernel_params": .floats([1, 0, 2]), "n_supports": .int(2), "rho": .floats([0.1]),
        "support_vectors": .floats([1, 0, 0, 1]),
      ]),
    SweptCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [f(2, 2)],
      tree.merging([
        "n_targets": .int(1), "target_ids": .ints([0, 0]), "target_nodeids": .ints([1, 2]), "target_treeids": .ints([0, 0]),
        "target_weights": .floats([1, 2]),
      ]) { $1 }),
    SweptCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [f(2, 2)],
      tree.merging([
        "classlabels_int64s": .ints([0, 1]), "class_ids": .ints([0, 1]), "class_nodeids": .ints([1, 2]), "class_treeids": .ints([0, 0]),
        "class_weights": .floats([1, 2]),
      ]) { $1 }, outputs: 2),
    SweptCase(
      "ai.onnx.ml.TreeEnsemble", [f(2, 2)],
      [
        "tree_roots": .ints([0]), "nodes_featureids": .ints([0]), "nodes_splits": .tensor(try! Tensor([0.5] as [Float])),
        "nodes_modes": .tensor(try! Tensor([0] as [UInt8])), "nodes_truenodeids": .ints([0]), "nodes_falsenodeids": .ints([1]),
        "nodes_trueleafs": .ints([1]), "nodes_falseleafs": .ints([1]), "leaf_targetids": .ints([0, 0]),
        "leaf_weights": .tensor(try! Tensor([1, 2] as [Float])), "n_targets": .int(1), "post_transform": .int(0),
        "aggregate_function": .int(1),
      ]),
    SweptCase("ai.onnx.ml.ZipMap", [f(2, 2)], ["classlabels_int64s": .ints([0, 1])]),
    SweptCase("ai.onnx.preview.training.Adagrad", [number(0.1), scalar(0), f(2), f(2), f(2)], outputs: 2),
    SweptCase("ai.onnx.preview.training.Adam", [number(0.1), scalar(0), f(2), f(2), f(2), f(2)], outputs: 3),
    SweptCase(
      "ai.onnx.preview.training.Momentum", [number(0.1), scalar(0), f(2), f(2), f(2)],
      ["mode": .text("standard"), "alpha": .float(0.9), "beta": .float(0.9), "norm_coefficient": .float(0.1)], outputs: 2),
  ]

  // MARK: Texts

  private static let texts: [SweptCase] = [
    SweptCase(
      "TfIdfVectorizer", [i(1, 2, 1, 3)],
      [
        "mode": .text("TF"), "min_gram_length": .int(1), "max_gram_length": .int(2), "max_skip_count": .int(1),
        "ngram_counts": .ints([0, 2]), "ngram_indexes": .ints([0, 1, 2]), "pool_int64s": .ints([1, 3, 1, 2]),
      ]),
    SweptCase("StringSplit", [.tensor(try! Tensor(["a b", "c"]))], ["delimiter": .text(" "), "maxsplit": .int(1)], outputs: 2),
    SweptCase("RegexFullMatch", [.tensor(try! Tensor(["ab"]))], ["pattern": .text("a.")]),
    SweptCase("StringNormalizer", [.tensor(try! Tensor(["ab"]))]),
  ]
}
