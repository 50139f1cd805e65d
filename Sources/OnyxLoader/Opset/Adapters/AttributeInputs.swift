import OnyxGraph
import OnyxTensor

/// Attributes that later became inputs.
enum AttributeInputs {
  /// ONNX: ReduceSum 13, the other reductions 18. An empty list and a missing one both mean every axis, then and now.
  static func reductionAxes(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    if let axes = try node.takeInts("axes"), !axes.isEmpty { node.inputs.append(try editor.constant(axes, "axes")) }
  }

  /// ONNX: Squeeze 13. Without axes every dimension of 1 goes; an empty list was none, as in the reference and ONNX Runtime.
  static func squeezeAxes(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    if let axes = try node.takeInts("axes"), !axes.isEmpty { node.inputs.append(try editor.constant(axes, "axes")) }
  }

  /// ONNX: Unsqueeze 13.
  static func unsqueezeAxes(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    let axes = try node.required("axes", try node.takeInts("axes"))
    node.inputs.append(try editor.constant(axes, "axes"))
  }

  /// ONNX: Slice 10.
  static func sliceBounds(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    let starts = try node.required("starts", try node.takeInts("starts"))
    let ends = try node.required("ends", try node.takeInts("ends"))
    let axes = try node.takeInts("axes")
    guard starts.count == ends.count, axes.map({ $0.count == starts.count }) ?? true else {
      throw .invalid("The attributes 'starts', 'ends' and 'axes' have different lengths.")
    }
    node.inputs += [try editor.constant(starts, "starts"), try editor.constant(ends, "ends")]
    if let axes { node.inputs.append(try editor.constant(axes, "axes")) }
  }

  /// ONNX: TopK 10.
  static func topCount(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    let count = try node.required("k", try node.takeInt("k"))
    node.inputs.append(try editor.constant([count], "k"))
  }

  /// ONNX: Reshape 5.
  static func reshapeTarget(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    node.attributes["consumed_inputs"] = nil
    let shape = try node.required("shape", try node.takeInts("shape"))
    node.inputs.append(try editor.constant(shape, "shape"))
  }

  /// ONNX: DFT 20. The old axis was 1 by default, today's is -2.
  static func transformAxis(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 2)
    let axis = try node.takeInt("axis") ?? 1
    if node.inputs.count == 1 { node.inputs.append(nil) }
    node.inputs.append(editor.constant(try Tensor(scalar: axis), "axis"))
  }

  /// ONNX: Clip 11. A bound that the model leaves out was, and is, the largest magnitude of the element type.
  static func clipBounds(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    node.attributes["consumed_inputs"] = nil
    let data = try node.input(0)
    let bounds = (try node.takeFloat("min"), try node.takeFloat("max"))
    var added: [ValueID?] = [nil, nil]
    if let least = bounds.0 { added[0] = try editor.scalar(least, like: data, "min") }
    if let most = bounds.1 { added[1] = try editor.scalar(most, like: data, "max") }
    node.appendInputs(added)
  }

  /// ONNX: Pad 11; `pads` was `paddings` in version 1.
  static func pads(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try node.expectInputs(atMost: 1)
    let data = try node.input(0)
    let name = editor.opset < 2 ? "paddings" : "pads"
    let pads = try node.required(name, try node.takeInts(name))
    let value = try node.takeFloat("value") ?? 0
    node.inputs.append(try editor.constant(pads, "pads"))
    if value != 0 { node.inputs.append(try editor.scalar(value, like: data, "value")) }
  }
}
