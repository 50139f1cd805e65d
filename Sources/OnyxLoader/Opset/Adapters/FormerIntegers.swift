import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Operators that took integers in older versions and take floats today: integers are computed as floats, and the result is cut
/// towards zero. An element type that the model does not say is taken for a floating one.
enum FormerIntegers {
  /// ONNX: Erf (9), whose integral results are the float32 ones of the reference evaluator, cut: 1 from 4 on.
  static func erf(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try compute(.integers, as: .float32, &node, &editor)
  }

  /// ONNX: ReduceLogSum, ReduceLogSumExp (18). The sum does not wrap, and its logarithm is cut, as in ONNX Runtime. That of a
  /// negative sum is NaN, of which Cast makes 0; the standard leaves both undefined.
  static func logarithm(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try compute([.int32, .int64, .uint32, .uint64], as: .float64, &node, &editor)
  }

  /// The same with axes that are an attribute. ONNX: ReduceLogSum, ReduceLogSumExp (1, 11, 13).
  static func logarithmOverAxes(_ node: inout Node, _ editor: inout NodeEditor) throws(OnyxError) {
    try AttributeInputs.reductionAxes(&node, &editor)
    try logarithm(&node, &editor)
  }

  private static func compute(
    _ integers: Set<ElementType>, as floating: ElementType, _ node: inout Node, _ editor: inout NodeEditor
  ) throws(OnyxError) {
    let x = try node.input(0)
    guard let type = editor.elementType(of: x), integers.contains(type), let output = node.outputs.first ?? nil else { return }
    node.inputs[0] = editor.node("Cast", [x], "floating", attributes: to(floating))
    let result = editor.intermediate("result")
    node.outputs[0] = result
    editor.nodeAfter("Cast", [result], "cut", attributes: to(type), making: output)
  }

  private static func to(_ type: ElementType) -> [String: Attribute] { ["to": .int(Int64(type.rawValue))] }
}
