import OnyxGraph
import OnyxTensor

/// Upsample, and Resize before version 13.
enum OldResize {
  /// ONNX: Upsample (1, 7, 9, 10): output coordinates divided by the scale, rounded down for `nearest`.
  static func upsample(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    let x = try node.input(0)
    let scales: ValueID
    if editor.opset < 7 {
      let height = try node.required("height_scale", try node.takeFloat("height_scale"))
      let width = try node.required("width_scale", try node.takeFloat("width_scale"))
      scales = editor.constant(try Tensor([1, 1, height, width], shape: [4]), "scales")
    } else if editor.opset < 9 {
      let values = try node.required("scales", try node.takeFloats("scales"))
      scales = editor.constant(try Tensor(values, shape: try Shape([values.count])), "scales")
    } else {
      scales = try node.input(1)
    }
    let mode = try node.takeText("mode") ?? "nearest"
    node.op = OperatorName("Resize")
    node.attributes["mode"] = .text(mode == "bilinear" ? "linear" : mode)
    use(scales, of: x, rounding: "floor", &node)
  }

  /// ONNX: Resize (10). The standard does not say how `nearest` rounds; ONNX Runtime rounds up where the scale shrinks and down
  /// elsewhere. Axes are resized one by one, so a mixture becomes two nodes, and so do scales that only the run knows. The node that
  /// shrinks comes first: the picture between them is the smaller one.
  static func scalesOnly(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    let x = try node.input(0)
    let scales = try node.input(1)
    let mode = try node.takeText("mode") ?? "nearest"
    node.attributes["mode"] = .text(mode)
    guard mode == "nearest" else { return use(scales, of: x, rounding: "floor", &node) }
    let shrinking: ValueID
    let growing: ValueID
    if let tensor = editor.constantTensor(of: scales) {
      guard tensor.elementType == .float32 else { return use(scales, of: x, rounding: "floor", &node) }
      let factors = try tensor.elements(as: Float.self)
      let grows = factors.contains { $0 > 1 }
      let shrinks = factors.contains { $0 < 1 }
      guard grows && shrinks else { return use(scales, of: x, rounding: shrinks ? "ceil" : "floor", &node) }
      shrinking = editor.constant(try Tensor(factors.map { min($0, 1) }, shape: tensor.shape), "shrinking")
      growing = editor.constant(try Tensor(factors.map { max($0, 1) }, shape: tensor.shape), "growing")
    } else {
      let one = editor.constant(try Tensor(scalar: Float(1)), "one")
      shrinking = editor.node("Min", [scales, one], "shrinking")
      growing = editor.node("Max", [scales, one], "growing")
    }
    let shrunk = editor.node(
      "Resize", [x, nil, shrinking], "shrink", attributes: coordinates(rounding: "ceil").merging(["mode": .text(mode)]) { $1 })
    use(growing, of: shrunk, rounding: "floor", &node)
  }

  /// ONNX: Resize (11): inputs without effect had to be given as empty tensors. One coordinate rule has left the standard:
  /// tf_half_pixel_for_nn rounded down is half_pixel rounded to nearest, halves up.
  static func requiredInputs(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    for index in node.inputs.indices.dropFirst() {
      if let id = node.inputs[index], editor.constantTensor(of: id)?.elementCount == 0 { node.inputs[index] = nil }
    }
    node.appendInputs([])
    guard case .string(let rule)? = node.attributes["coordinate_transformation_mode"], rule == Array("tf_half_pixel_for_nn".utf8) else {
      return
    }
    guard case .string(let rounding)? = node.attributes["nearest_mode"], rounding == Array("floor".utf8) else {
      throw .unsupported("The coordinate rule tf_half_pixel_for_nn is supported with nearest_mode 'floor' only.")
    }
    node.attributes["coordinate_transformation_mode"] = .text("half_pixel")
    node.attributes["nearest_mode"] = .text("round_prefer_ceil")
  }

  private static func use(_ scales: ValueID, of x: ValueID, rounding: String, _ node: inout Node) {
    node.inputs = [x, nil, scales]
    node.attributes.merge(coordinates(rounding: rounding)) { $1 }
  }

  private static func coordinates(rounding: String) -> [String: Attribute] {
    ["coordinate_transformation_mode": .text("asymmetric"), "nearest_mode": .text(rounding)]
  }
}
