import OnyxGraph
import OnyxTensor

/// QuantizeLinear(DequantizeLinear(a) op DequantizeLinear(b)) for one scale and zero point each, op being Add or Mul. Made by
/// the optimizer only; domain `onyx`, version 1.
package struct QuantizedBinary: TensorOperator {
  /// The standard operators that it can be.
  package enum Operation: String, Sendable {
    case add = "Add"
    case multiply = "Mul"
  }

  static let definition = OperatorDefinition(
    Signature(
      "QuantizedBinary", domain: "onyx", versions: [1],
      inputs: [
        .required("a", "T1"), .required("a_scale", "float32"), .required("a_zero_point", "T1"), .required("b", "T2"),
        .required("b_scale", "float32"), .required("b_zero_point", "T2"), .required("y_scale", "float32"), .required("y_zero_point", "T3"),
      ],
      outputs: [.required("y", "T3")], types: ["T1": .bytes, "T2": .bytes, "T3": .bytes]), QuantizedBinary.init)

  /// What is done to the numbers.
  package let operation: Operation

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let name = try attributes.text("operation", default: "Add")
    guard let operation = Operation(rawValue: name) else { throw .invalid("There is no quantized operation '\(name)'.") }
    self.operation = operation
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    for index in [1, 2, 4, 5, 6, 7] { try checkOneElement(context, index) }
    guard let a = try context.shape(0), let b = try context.shape(3) else { return [try context.tensor(7).resized(nil)] }
    return [try context.tensor(7).resized(context.broadcast([a, b]))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let a = try standard("DequantizeLinear", Array(context.inputs[0..<3]))
    let b = try standard("DequantizeLinear", Array(context.inputs[3..<6]))
    let y = try standard(operation.rawValue, [a, b])
    return [try standard("QuantizeLinear", [y, try context.input(6), try context.input(7)])]
  }
}

/// The one result of a standard operator without attributes.
private func standard(_ name: String, _ inputs: [Tensor?]) throws(OnyxError) -> Tensor {
  let node = Node(
    op: OperatorName(name), opset: Catalog.newestOpset, inputs: inputs.indices.map { ValueID($0) }, outputs: [ValueID(inputs.count)])
  guard let result = try Catalog.makeTensorOperator(node).evaluate(inputs).first else {
    throw .bug("The operator \(name) gave no result.")
  }
  return result
}
