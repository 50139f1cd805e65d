import OnyxGraph
import OnyxTensor

/// Attributes whose kind, name of a value, or default has changed.
enum OldAttributes {
  /// ONNX: Cast 6: `to` was the name of a TensorProto.DataType.
  static func castTarget(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    // Exporters wrote the number under older versions too.
    if case .int = node.attributes["to"] { return }
    let name = try node.required("to", try node.takeText("to"))
    guard let number = dataTypes[name.uppercased()] else {
      throw .invalid("The attribute 'to' is '\(name)', which is no element type.")
    }
    node.attributes["to"] = .int(Int64(number.rawValue))
  }

  private static let dataTypes: [String: ElementType] = [
    "FLOAT": .float32, "UINT8": .uint8, "INT8": .int8, "UINT16": .uint16, "INT16": .int16, "INT32": .int32, "INT64": .int64,
    "STRING": .string,
    "BOOL": .bool, "FLOAT16": .float16, "DOUBLE": .float64, "UINT32": .uint32, "UINT64": .uint64, "COMPLEX64": .complex64,
    "COMPLEX128": .complex128, "BFLOAT16": .bfloat16,
  ]

  /// ONNX: Concat 4: the axis was 1 by default.
  static func concatAxis(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    if node.attributes["axis"] == nil { node.attributes["axis"] = .int(1) }
  }

  /// ONNX: Selu 6: the default coefficients had fewer digits.
  static func seluCoefficients(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    node.attributes["consumed_inputs"] = nil
    if node.attributes["alpha"] == nil { node.attributes["alpha"] = .float(1.6732) }
    if node.attributes["gamma"] == nil { node.attributes["gamma"] = .float(1.0507) }
  }

  /// ONNX: LpPool 2, GlobalLpPool 2: `p` was a float.
  static func integralNorm(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    guard let p = try node.takeFloat("p") else { return }
    guard let integer = Int64(exactly: p) else { throw .unsupported("The norm \(p) is no integer, which later versions require.") }
    node.attributes["p"] = .int(integer)
  }

  /// ONNX: ai.onnx.ml LabelEncoder 2: the classes were numbered from 0, and the input said which way the table was read, as CategoryMapper
  /// does it.
  static func classesByIndex(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    let classes = try node.takeTexts("classes_strings") ?? []
    node.op = OperatorName("CategoryMapper", domain: node.op.domain)
    node.attributes["cats_strings"] = .strings(classes.map { Array($0.utf8) })
    node.attributes["cats_int64s"] = .ints(classes.indices.map { Int64($0) })
  }

  /// ONNX: RNN 7, LSTM 7, GRU 7: naming the output is what asks for the sequence. GRU-1 misspells its default direction.
  static func recurrent(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    node.attributes["output_sequence"] = nil
    if case .string(let direction)? = node.attributes["direction"], direction == Array("foward".utf8) {
      node.attributes["direction"] = .text("forward")
    }
  }

  /// ONNX: GridSample 20: modes lost their "bi".
  static func gridSampleMode(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    guard let mode = try node.takeText("mode") else { return }
    let renamed = ["bilinear": "linear", "bicubic": "cubic"]
    node.attributes["mode"] = .text(renamed[mode] ?? mode)
  }

  /// ONNX: RoiAlign 16: the old rule does not shift by half a pixel.
  static func roiAlignment(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    node.attributes["coordinate_transformation_mode"] = .text("output_half_pixel")
  }
}
