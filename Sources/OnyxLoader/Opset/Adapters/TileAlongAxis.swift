import OnyxGraph
import OnyxTensor

/// Tile before version 6 repeats along one axis; both numbers are tensors of one element of the data's type.
enum TileAlongAxis {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    let x = try node.input(0)
    // Exporters wrote the form of version 6 under older versions too: it has no third input.
    guard node.inputs.count == 3 else { return }
    let one = try editor.constant([1], "one")
    let tiles = integer(try node.input(1), one, "tiles", &editor)
    let axis = integer(try node.input(2), one, "axis", &editor)
    let rank = editor.node("Shape", [editor.node("Shape", [x], "shape")], "rank")
    let ones = editor.node("ConstantOfShape", [rank], "ones", attributes: ["value": .tensor(try Tensor([1]))])
    let repeats = editor.node("ScatterElements", [ones, axis, tiles], "repeats", attributes: ["axis": .int(0)])
    node.inputs = [x, repeats]
  }

  /// The number as an int64 tensor of shape [1].
  private static func integer(_ id: ValueID, _ shape: ValueID, _ role: String, _ editor: inout NodeEditor) -> ValueID {
    let cast = editor.node("Cast", [id], role + "_int64", attributes: ["to": .int(Int64(ElementType.int64.rawValue))])
    return editor.node("Reshape", [cast, shape], role)
  }
}
