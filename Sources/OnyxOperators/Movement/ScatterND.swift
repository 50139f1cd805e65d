import OnyxGraph
import OnyxTensor

/// The data with slices replaced, or reduced with updates, where index tuples say. ONNX: ScatterND (11, 13, 16, 18).
/// Of several updates of one slice the last wins when nothing is reduced.
package struct ScatterND: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ScatterND", versions: [11, 13, 16, 18], inputs: [.required("data", "T"), .required("indices", "int64"), .required("updates", "T")],
      outputs: [.required("output", "T")], types: ["T": .unpacked]), ScatterND.init)

  /// How an update meets the element it is written to.
  package let reduction: ScatterReduction

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    reduction = try attributes.choice("reduction", default: .none)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    if let shape, let indices = try context.shape(1) { try check(shape, indices, try context.shape(2)) }
    return [try context.tensor(0).resized(shape)]
  }

  private func check(_ data: [Dimension], _ indices: [Dimension], _ updates: [Dimension]?) throws(OnyxError) {
    guard let last = indices.last, !data.isEmpty else { throw .invalid("Data and indices of ScatterND must have a rank of at least 1.") }
    guard let width = last.known else { return }
    guard width >= 1, width <= data.count else {
      throw .invalid("Index tuples of \(width) entries are given; they must have 1 to \(data.count).")
    }
    guard let updates else { return }
    let expected = Array(indices.dropLast() + data[width...])
    guard updates.count == expected.count else { throw .invalid("The updates have rank \(updates.count); it must be \(expected.count).") }
    for axis in expected.indices { try requireEqual(updates[axis], expected[axis], "The updates have a wrong extent in axis \(axis)") }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let updates = try context.input(2)
    guard updates.elementCount > 0 else { return [data] }
    let found = try IndexMap.tuples(of: data.shape, at: try context.input(1), batch: 0)
    return [try reduction.apply(updates, to: data, at: try IndexMap.runs(from: found.starts, length: found.length))]
  }
}
