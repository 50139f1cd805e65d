import OnyxGraph
import OnyxTensor

/// The slices that index tuples select, after `batch_dims` shared axes. ONNX: GatherND (11, 12, 13).
package struct GatherND: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "GatherND", versions: [11, 12, 13], inputs: [.required("data", "T"), .required("indices", "int64")],
      outputs: [.required("output", "T")],
      types: ["T": .unpacked]), GatherND.init)

  /// Leading axes that data and indices share.
  package let batch: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    batch = try attributes.int("batch_dims", default: 0)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.tensor(0)
    guard let shape = data.shape, let indices = try context.shape(1) else { return [data.resized(nil)] }
    guard batch >= 0, batch < min(shape.count, indices.count) else {
      throw .invalid(
        "The attribute 'batch_dims' is \(batch); data of rank \(shape.count) and indices of rank \(indices.count) must both have more axes."
      )
    }
    for axis in 0..<batch { try requireEqual(shape[axis], indices[axis], "Data and indices differ in batch axis \(axis)") }
    guard let width = indices[indices.count - 1].known else { return [data.resized(nil)] }
    guard width >= 1, width <= shape.count - batch else {
      throw .invalid("Index tuples of \(width) entries are given; they must have 1 to \(shape.count - batch).")
    }
    let result = Array(indices.dropLast() + shape[(batch + width)...])
    guard let tuples = try context.input(1).constant else { return [data.resized(try result.checked())] }
    return [
      try data.moved(to: result) { (source, _) throws(OnyxError) in
        let found = try IndexMap.tuples(of: source, at: tuples, batch: batch)
        return try IndexMap.runs(from: found.starts, length: found.length)
      }
    ]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let shape = try context.shape()
    guard shape.elementCount > 0 else { return [try .empty(data.elementType, shape)] }
    let found = try IndexMap.tuples(of: data.shape, at: try context.input(1), batch: batch)
    return [try data.gathering(IndexRuns(from: found.starts, length: found.length), shape: shape)]
  }

  /// The shape of what index tuples of a shape select; nil for shapes that break the rule.
  package func shape(of data: Shape, at indices: Shape) -> Shape? {
    guard batch >= 0, batch < min(data.rank, indices.rank), data[..<batch].elementsEqual(indices[..<batch]) else { return nil }
    let width = indices[indices.rank - 1]
    guard width >= 1, width <= data.rank - batch else { return nil }
    return try? Shape(indices.dimensions.dropLast() + data[(batch + width)...])
  }
}
