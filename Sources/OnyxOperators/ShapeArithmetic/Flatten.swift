import OnyxGraph
import OnyxTensor

/// A matrix: the axes before `axis` become its rows, the others its columns. ONNX: Flatten (1, 9, 11, 13, 21, 23, 24, 25).
package struct Flatten: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Flatten", versions: [1, 9, 11, 13, 21, 23, 24, 25], inputs: [.required("input", "T")], outputs: [.required("output", "T")],
      types: ["T": .all]), Flatten.init)

  /// The first axis of the columns, up to the rank; may count from the end.
  package let axis: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: 1)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.tensor(0)
    guard let shape = input.shape else { return [input.resized(context.unknowns(2))] }
    // The axis may stand behind the last one: all elements in rows.
    let axis = axis == shape.count ? axis : try Shape.normalize(axis: axis, rank: shape.count)
    return [try input.reshaped(to: [try Array(shape[..<axis]).product(), try Array(shape[axis...]).product()])]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try context.input(0).reshaped(to: try context.shape())]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? {
    guard let data = inputs[0], axis >= -data.shape.rank, axis <= data.shape.rank else { return nil }
    let first = axis < 0 ? axis + data.shape.rank : axis
    return try? data.reshaped(to: try Shape([data.shape[..<first].reduce(1, *), data.shape[first...].reduce(1, *)]))
  }
}
