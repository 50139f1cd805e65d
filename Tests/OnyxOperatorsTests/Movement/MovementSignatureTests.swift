import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// The signatures of the movement and shape operators against the schemas of onnx 1.23.2 (`onnx.defs`).
struct MovementSignatureTests {
  typealias Row = (op: String, versions: [Int], inputs: String, outputs: String, types: [String: [Int32]])

  /// Parameters as "name:type", with "?" behind an optional and "*" behind a variadic one; types as TensorProto numbers.
  static let rows: [Row] = [
    ("AffineGrid", [20], "theta:T1 size:T2", "grid:T1", ["T1": [1, 10, 11, 16], "T2": [7]]),
    (
      "CenterCropPad", [18], "input_data:T shape:Tind", "output_data:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "Tind": [6, 7]]
    ),
    (
      "Col2Im", [18], "input:T image_shape:int64 block_shape:int64", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]
    ),
    (
      "Compress", [9, 11, 28], "input:T condition:T1", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "T1": [9]]
    ),
    ("Concat", [1, 4, 11, 13], "inputs:T*", "concat_result:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "Constant", [1, 9, 11, 12, 13, 19, 21, 23, 24, 25], "", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
    (
      "ConstantOfShape", [9, 20, 21, 23, 24, 25], "input:T1", "output:T2",
      ["T1": [7], "T2": [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
    ("DepthToSpace", [1, 11, 13, 28], "input:T", "output:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "Dropout", [1, 6, 7, 10, 12, 13, 22], "data:T ratio:T1? training_mode:T2?", "output:T mask:T2?",
      ["T": [1, 10, 11, 16, 17, 18, 19, 20], "T1": [1, 10, 11, 16, 17, 18, 19, 20], "T2": [9]]
    ),
    ("Expand", [8, 13], "input:T shape:int64", "output:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "EyeLike", [9, 22], "input:T1", "output:T2",
      ["T1": [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16], "T2": [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16]]
    ),
    (
      "Flatten", [1, 9, 11, 13, 21, 23, 24, 25], "input:T", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
    (
      "Gather", [1, 11, 13], "data:T indices:Tind", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "Tind": [6, 7]]
    ),
    (
      "GatherElements", [11, 13], "data:T indices:Tind", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "Tind": [6, 7]]
    ),
    ("GatherND", [11, 12, 13], "data:T indices:int64", "output:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "GridSample", [16, 20, 22], "X:T1 grid:T2", "Y:T1",
      ["T1": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "T2": [1, 10, 11, 16]]
    ),
    (
      "Identity", [1, 13, 14, 16, 19, 21, 23, 24, 25], "input:V", "output:V",
      ["V": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
    ("NonZero", [9, 13], "X:T", "Y:int64", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "OneHot", [9, 11, 28], "indices:T1 depth:T2 values:T3", "output:T3",
      [
        "T1": [1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13], "T2": [1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13],
        "T3": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
      ]
    ),
    (
      "Pad", [1, 2, 11, 13, 18, 19, 21, 23, 24, 25], "data:T pads:int64 constant_value:T? axes:Tind?", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26], "Tind": [6, 7]]
    ),
    (
      "Reshape", [1, 5, 13, 14, 19, 21, 23, 24, 25], "data:T shape:int64", "reshaped:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
    (
      "Resize", [10, 11, 13, 18, 19], "X:T1 roi:T2? scales:float32? sizes:int64?", "Y:T1",
      ["T1": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "T2": [1, 10, 11]]
    ),
    ("ReverseSequence", [10, 28], "input:T sequence_lens:int64", "Y:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "ScatterElements", [11, 13, 16, 18], "data:T indices:Tind updates:T", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "Tind": [6, 7]]
    ),
    (
      "ScatterND", [11, 13, 16, 18], "data:T indices:int64 updates:T", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]
    ),
    (
      "Shape", [1, 13, 15, 19, 21, 23, 24, 25], "data:T", "shape:T1",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26], "T1": [7]]
    ),
    (
      "Size", [1, 13, 19, 21, 23, 24, 25], "data:T", "size:T1",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26], "T1": [7]]
    ),
    (
      "Slice", [1, 10, 11, 13], "data:T starts:Tind ends:Tind axes:Tind? steps:Tind?", "output:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "Tind": [6, 7]]
    ),
    ("SpaceToDepth", [1, 13, 28], "input:T", "output:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    ("Split", [1, 2, 11, 13, 18], "input:T split:int64?", "outputs:T*", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "Squeeze", [1, 11, 13, 21, 23, 24, 25], "data:T axes:int64?", "squeezed:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
    ("Tile", [1, 6, 13], "input:T repeats:T1", "output:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "T1": [7]]),
    (
      "Transpose", [1, 13, 21, 23, 24, 25], "data:T", "transposed:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
    ("Trilu", [14], "input:T k:int64?", "output:T", ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
    (
      "Unique", [11, 28], "X:T", "Y:T indices:int64? inverse_indices:int64? counts:int64?",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]
    ),
    (
      "Unsqueeze", [1, 11, 13, 21, 23, 24, 25], "data:T axes:int64", "expanded:T",
      ["T": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]]
    ),
  ]

  @Test(arguments: rows.indices) func agrees(_ index: Int) throws {
    let row = Self.rows[index]
    let signature = try #require(Catalog.definition(of: OperatorName(row.op)), "\(row.op) is missing").signature
    #expect(signature.versions == row.versions)
    #expect(text(signature.inputs) == row.inputs)
    #expect(text(signature.outputs) == row.outputs)
    #expect(signature.types.mapValues { $0.map(\.rawValue).sorted() } == row.types)
  }

  private func text(_ parameters: [Parameter]) -> String {
    parameters.map { parameter in
      let mark =
        switch parameter.presence {
        case .required: ""
        case .optional: "?"
        case .variadic: "*"
        }
      return "\(parameter.name):\(parameter.type)\(mark)"
    }.joined(separator: " ")
  }
}
