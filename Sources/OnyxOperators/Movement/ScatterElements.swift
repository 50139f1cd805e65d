import OnyxGraph
import OnyxTensor

/// The data with each update written at its own coordinates, the one on `axis` replaced by its index.
/// ONNX: ScatterElements (11, 13, 16, 18). Of several updates of one element the last wins when nothing is reduced.
package struct ScatterElements: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ScatterElements", versions: [11, 13, 16, 18],
      inputs: [.required("data", "T"), .required("indices", "Tind"), .required("updates", "T")],
      outputs: [.required("output", "T")], types: ["T": .unpacked, "Tind": .indices]), ScatterElements.init)

  /// The axis that is indexed; may count from the end.
  package let axis: Int
  /// How an update meets the element it is written to.
  package let reduction: ScatterReduction

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: 0)
    reduction = try attributes.choice("reduction", default: .none)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    let indices = try context.shape(1)
    if let shape { try GatherElements.check(axis: axis, data: shape, indices: indices) }
    if let indices, let updates = try context.shape(2) {
      guard updates.count == indices.count else {
        throw .invalid("The updates have rank \(updates.count), the indices have rank \(indices.count).")
      }
      for axis in indices.indices { try requireEqual(updates[axis], indices[axis], "Updates and indices differ in axis \(axis)") }
    }
    return [try context.tensor(0).resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let axis = try Shape.normalize(axis: axis, rank: data.shape.rank)
    let targets = try IndexMap.alongAxis(axis, of: data.shape, at: try context.input(1))
    return [try reduction.apply(try context.input(2), to: data, at: targets)]
  }
}
