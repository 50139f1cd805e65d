import OnyxGraph
import OnyxTensor

/// The slices along `axis` that an index tensor of any rank selects. ONNX: Gather (1, 11, 13).
package struct Gather: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Gather", versions: [1, 11, 13], inputs: [.required("data", "T"), .required("indices", "Tind")], outputs: [.required("output", "T")],
      types: ["T": .unpacked, "Tind": .indices]), Gather.init)

  /// The axis that is indexed; may count from the end.
  package let axis: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: 0)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.tensor(0)
    guard let shape = data.shape else { return [data.resized(nil)] }
    let axis = try Shape.normalize(axis: axis, rank: shape.count)
    guard let picked = try context.shape(1) else { return [data.resized(nil)] }
    let result = shape[..<axis] + picked + shape[(axis + 1)...]
    guard let indices = try context.ints(1) else { return [data.resized(Array(result))] }
    if let extent = shape[axis].known {
      for index in indices { _ = try IndexMap.normalize(index, extent: extent) }
    }
    return [try data.moved(to: Array(result)) { (source, _) throws(OnyxError) in try Self.indices(source, axis, indices) }]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let axis = try Shape.normalize(axis: axis, rank: data.shape.rank)
    let shape = try context.shape()
    guard shape.elementCount > 0 else { return [try .empty(data.elementType, shape)] }
    try ReferenceMemory.check(shape.elementCount)
    return [try data.gathering(try Self.indices(data.shape, axis, try context.input(1).ints()), shape: shape)]
  }

  /// The shape of what indices of a shape select; nil when the data lack the axis.
  package func shape(of data: Shape, at indices: Shape) -> Shape? {
    guard let axis = try? Shape.normalize(axis: axis, rank: data.rank) else { return nil }
    return try? Shape(data[..<axis] + indices.dimensions + data[(axis + 1)...])
  }

  private static func indices(_ source: Shape, _ axis: Int, _ picked: [Int]) throws(OnyxError) -> some Sequence<Int> {
    let length = source[(axis + 1)...].reduce(1, *)
    var rows: [Int] = []
    for index in source.elementCount > 0 ? picked : [] { rows.append(try IndexMap.normalize(index, extent: source[axis])) }
    let count = rows.count
    let starts = (0..<source[..<axis].reduce(1, *) * count).lazy.map { ($0 / count * source[axis] + rows[$0 % count]) * length }
    return IndexRuns(from: starts, length: length)
  }
}
