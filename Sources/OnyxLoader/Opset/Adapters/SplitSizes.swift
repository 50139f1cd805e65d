import OnyxGraph
import OnyxTensor

/// Split: sizes were an attribute before version 13 (in version 1 also an input of the data's type), and equal parts are
/// asked for by `num_outputs` since version 18.
enum SplitSizes {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    if editor.opset < 13 {
      try node.expectInputs(atMost: editor.opset < 2 ? 2 : 1)
      if let sizes = try node.takeInts("split") {
        node.inputs = [node.inputs.first ?? nil, try editor.constant(sizes, "split")]
      } else if node.inputs.count == 2, let sizes = node.inputs[1] {
        node.inputs[1] = editor.node("Cast", [sizes], "split", attributes: ["to": .int(Int64(ElementType.int64.rawValue))])
      }
    }
    if node.inputs.count < 2 { node.attributes["num_outputs"] = .int(Int64(node.outputs.count)) }
  }
}
