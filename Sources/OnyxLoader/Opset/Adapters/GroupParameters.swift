import OnyxGraph
import OnyxTensor

/// GroupNormalization before version 21 has one scale and bias for each group; today each channel has its own.
enum GroupParameters {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    let x = try node.input(0)
    let parameters = (try node.input(1), try node.input(2))
    guard case .int(let groups)? = node.attributes["num_groups"], groups > 0 else {
      throw .invalid("The attribute 'num_groups' must be given and positive.")
    }
    let repeats: ValueID
    if let shape = editor.shape(of: x), shape.count > 1, let channels = shape[1].known {
      guard channels % Int(groups) == 0 else {
        throw .invalid("\(channels) channels cannot be divided into \(groups) groups.")
      }
      if channels == Int(groups) { return }
      repeats = try editor.constant([1, Int64(channels / Int(groups))], "repeats")
    } else {
      let channels = editor.node("Shape", [x], "channels", attributes: ["start": .int(1), "end": .int(2)])
      let each = editor.node("Div", [channels, try editor.constant([groups], "groups")], "channels_of_group")
      repeats = editor.node("Concat", [try editor.constant([1], "one"), each], "repeats", attributes: ["axis": .int(0)])
    }
    let axis = try editor.constant([1], "axis")
    let vector = try editor.constant([-1], "vector")
    for (index, role, parameter) in [(1, "scale", parameters.0), (2, "bias", parameters.1)] {
      let column = editor.node("Unsqueeze", [parameter, axis], role + "_column")
      let rows = editor.node("Expand", [column, repeats], role + "_rows")
      node.inputs[index] = editor.node("Reshape", [rows, vector], role)
    }
  }
}
