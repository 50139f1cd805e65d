import OnyxGraph
import OnyxTensor

/// Dropout before version 12 leaves it to the runtime whether it trains. Onyx infers, which is today's default, and then the
/// ratio has no effect. Before version 10 the mask has the element type of the data.
enum OldDropout {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    for name in ["consumed_inputs", "is_test", "ratio"] { node.attributes[name] = nil }
    guard editor.opset < 10, node.outputs.count > 1, let mask = node.outputs[1] else { return }
    let bools = editor.intermediate("mask")
    node.outputs[1] = bools
    editor.nodeAfter("CastLike", [bools, try node.input(0)], "cast", making: mask)
  }
}
