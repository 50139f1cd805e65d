import OnyxGraph
import OnyxTensor

/// PRelu before version 7: a slope of rank 1 belongs to the channels (axis 1) of X. Today it is broadcast, ends aligned.
enum ChannelSlope {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    node.attributes["consumed_inputs"] = nil
    let x = try node.input(0)
    let slope = try node.input(1)
    if let shape = editor.shape(of: slope), shape.count != 1 || shape[0] == 1 { return }
    if let rank = editor.rank(of: x), editor.rank(of: slope) != nil {
      guard rank > 2 else { return }
      let axes = try editor.constant((1..<Int64(rank - 1)).map { $0 }, "axes")
      node.inputs[1] = editor.node("Unsqueeze", [slope, axes], "unsqueeze")
      return
    }
    let rank = editor.node("Shape", [editor.node("Shape", [x], "shape")], "rank")
    let ones = editor.node("ConstantOfShape", [rank], "ones", attributes: ["value": .tensor(try Tensor([1]))])
    let bounds = (try editor.constant([2], "start"), try editor.constant([.max], "end"))
    let trailing = editor.node("Slice", [ones, bounds.0, bounds.1], "trailing")
    let channels = try editor.constant([-1], "channels")
    let target = editor.node("Concat", [channels, trailing], "target", attributes: ["axis": .int(0)])
    node.inputs[1] = editor.node("Reshape", [slope, target], "reshape")
  }
}
