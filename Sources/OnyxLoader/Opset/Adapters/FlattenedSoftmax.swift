import OnyxGraph
import OnyxTensor

/// Softmax, LogSoftmax and Hardmax before version 13 work on the input flattened to a matrix at `axis` (1 by default).
/// That is today's form when nothing but ones follows the axis; otherwise Flatten and Reshape stand around the node.
enum FlattenedSoftmax {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    let x = try node.input(0)
    let axis = try node.takeInt("axis") ?? 1
    if axis == -1 {
      node.attributes["axis"] = .int(-1)
      return
    }
    if let shape = editor.shape(of: x), let narrow = Int(exactly: axis) {
      let normal = try Shape.normalize(axis: narrow, rank: shape.count)
      if shape[(normal + 1)...].allSatisfy({ $0 == 1 }) {
        node.attributes["axis"] = .int(normal == shape.count - 1 ? -1 : Int64(normal))
        return
      }
    }
    guard let y = node.outputs.first ?? nil else { return }
    node.inputs = [editor.node("Flatten", [x], "flatten", attributes: ["axis": .int(axis)])]
    node.attributes["axis"] = .int(-1)
    let flat = editor.intermediate("flat")
    node.outputs = [flat]
    let shape = editor.node("Shape", [x], "shape")
    editor.nodeAfter("Reshape", [flat, shape], "reshape", attributes: ["allowzero": .int(1)], making: y)
  }
}
