import OnyxGraph
import OnyxTensor

/// The tensors of a sequence one behind the other along an axis, or along a new one. ONNX: ConcatFromSequence (11).
package struct ConcatFromSequence: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ConcatFromSequence", versions: [11], inputs: [.required("input_sequence", "S")], outputs: [.required("concat_result", "T")],
      types: ["T": .sequenceElements], others: ["S": .sequences(of: .sequenceElements)]), ConcatFromSequence.init)

  package let axis: Int
  /// Whether the tensors are stacked along an axis of their own.
  package let newAxis: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.required("axis", try attributes.int("axis"))
    let number = try attributes.int("new_axis", default: 0)
    guard number == 0 || number == 1 else { throw .invalid("The attribute 'new_axis' is \(number); it must be 0 or 1.") }
    newAxis = number == 1
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard case .tensor(let element, let shape) = try context.sequenceElement(0) else { throw .invalid("The input holds no tensors.") }
    guard var shape else { return [Inferred(element, nil)] }
    let axis = try Shape.normalize(axis: axis, rank: shape.count + (newAxis ? 1 : 0))
    if newAxis { shape.insert(context.unknown("count"), at: axis) } else { shape[axis] = context.unknown("length") }
    return [Inferred(element, shape)]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    var tensors: [Tensor] = []
    for value in try context.sequence(0).values { tensors.append(try value.tensor()) }
    guard let first = tensors.first else {
      throw .invalid("The sequence is empty, so the shape of the result is unknown.", remedy: "Give at least one tensor.")
    }
    let axis = try Shape.normalize(axis: axis, rank: first.shape.rank + (newAxis ? 1 : 0))
    if newAxis {
      for (index, tensor) in tensors.enumerated() {
        var dimensions = tensor.shape.dimensions
        dimensions.insert(1, at: min(axis, dimensions.count))
        tensors[index] = try tensor.reshaped(to: try Shape(dimensions))
      }
    }
    return [.tensor(try .concatenated(tensors, axis: axis))]
  }
}
