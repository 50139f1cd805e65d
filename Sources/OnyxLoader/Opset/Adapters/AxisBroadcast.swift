import OnyxGraph
import OnyxTensor

/// Limited broadcasting before version 7: with `broadcast` set, the shape of B stands in the shape of A from `axis` on, or at
/// its end. Today's rule aligns the ends, so B gets dimensions of 1 behind its own.
enum AxisBroadcast {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    node.attributes["consumed_inputs"] = nil
    let isBroadcast = try node.takeInt("broadcast") ?? 0 != 0
    let axis = try node.takeInt("axis")
    guard isBroadcast, let axis else { return }
    guard axis.magnitude <= 1 << 16 else { throw .invalid("The attribute 'axis' is \(axis), more than the rank of any tensor.") }
    let a = try node.input(0)
    let b = try node.input(1)
    guard let rankA = editor.rank(of: a), let rankB = editor.rank(of: b) else {
      node.inputs[1] = try reshaped(b, beside: a, axis: axis, &editor)
      return
    }
    let start = try Shape.normalize(axis: Int(axis), rank: rankA)
    // A single element of any rank fits everywhere; only then can the dimensions reach past the end of A.
    let trailing = rankA - start - rankB
    guard trailing > 0 else { return }
    let axes = try editor.constant((0..<trailing).map { Int64(rankB + $0) }, "axes")
    node.inputs[1] = editor.node("Unsqueeze", [b, axes], "unsqueeze")
  }

  /// The same for ranks that only shape inference or the run will know: Shape(B) followed by as many ones as are needed.
  private static func reshaped(_ b: ValueID, beside a: ValueID, axis: Int64, _ editor: inout NodeEditor) throws(OnyxError) -> ValueID {
    let shape = editor.node("Shape", [b], "shape")
    let rank = editor.node("Shape", [shape], "rank")
    let end: ValueID
    if axis < 0 {
      end = try editor.constant([-axis], "end")
    } else {
      let rankA = editor.node("Shape", [editor.node("Shape", [a], "shape_of_A")], "rank_of_A")
      end = editor.node("Sub", [rankA, try editor.constant([axis], "axis")], "end")
    }
    let trailing = editor.node("Sub", [end, rank], "trailing")
    let count = editor.node("Max", [trailing, try editor.constant([0], "zero")], "count")
    let ones = editor.node("ConstantOfShape", [count], "ones", attributes: ["value": .tensor(try Tensor([1]))])
    let target = editor.node("Concat", [shape, ones], "target", attributes: ["axis": .int(0)])
    return editor.node("Reshape", [b, target], "reshape", attributes: ["allowzero": .int(1)])
  }
}
