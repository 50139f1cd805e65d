import OnyxGraph
import OnyxTensor

/// BatchNormalization before version 14: the number of outputs says whether the node trains, version 6 has `is_test`, and
/// `spatial = 0` (before version 9) keeps one statistic for each feature instead of each channel.
enum OldBatchNormalization {
  static func apply(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    node.attributes["consumed_inputs"] = nil
    let isTest = try node.takeInt("is_test") ?? 0 != 0
    let isSpatial = try node.takeInt("spatial") ?? 1 != 0
    let trains = try keepOutputs(&node, isTest: isTest, &editor)
    if trains { node.attributes["training_mode"] = .int(1) }
    guard !isSpatial else { return }
    guard !trains else { throw .unsupported("BatchNormalization with 'spatial' = 0 is not supported while training.") }
    try flatten(&node, &editor)
  }

  /// Exporters name all five outputs of inference nodes too, so a node trains only when its statistics are read.
  private static func keepOutputs(_ node: inout Node, isTest: Bool, _ editor: inout NodeEditor) throws(OnyxError) -> Bool {
    let statistics = node.outputs.dropFirst().map { id in id.map { editor.isRead($0) } ?? false }
    guard statistics.contains(true) else {
      node.outputs = Array(node.outputs.prefix(1))
      return false
    }
    guard !isTest else { throw .invalid("BatchNormalization gives statistics only while training, and 'is_test' is set.") }
    guard !statistics.dropFirst(2).contains(true) else {
      throw .unsupported(
        "The saved statistics of BatchNormalization are outputs that opset 14 dropped.", remedy: "Export the model with opset 14 or newer.")
    }
    node.outputs = Array(node.outputs.prefix(3))
    return true
  }

  /// [N, C, D…] as [N, C*D…], parameters as vectors: then every feature is a channel.
  private static func flatten(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    let x = try node.input(0)
    guard let y = node.outputs.first ?? nil else { return }
    let shape = editor.node("Shape", [x], "shape")
    let vector = try editor.constant([-1], "vector")
    node.inputs[0] = editor.node("Flatten", [x], "flatten", attributes: ["axis": .int(1)])
    for (index, role) in zip(1..., ["scale", "bias", "mean", "variance"]) {
      node.inputs[index] = editor.node("Reshape", [try node.input(index), vector], role)
    }
    let flat = editor.intermediate("flat")
    node.outputs = [flat]
    editor.nodeAfter("Reshape", [flat, shape], "reshape", attributes: ["allowzero": .int(1)], making: y)
  }
}
