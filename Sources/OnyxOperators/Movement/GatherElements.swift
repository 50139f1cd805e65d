import OnyxGraph
import OnyxTensor

/// For each entry of `indices`, the element at its own coordinates with the one on `axis` replaced by the entry.
/// ONNX: GatherElements (11, 13).
package struct GatherElements: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "GatherElements", versions: [11, 13], inputs: [.required("data", "T"), .required("indices", "Tind")],
      outputs: [.required("output", "T")],
      types: ["T": .unpacked, "Tind": .indices]), GatherElements.init)

  /// The axis that is indexed; may count from the end.
  package let axis: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: 0)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.tensor(0)
    let indices = try context.input(1)
    if let shape = data.shape { try Self.check(axis: axis, data: shape, indices: indices.shape) }
    guard let shape = indices.shape else {
      return [data.resized(data.shape.flatMap { context.unknowns($0.count) })]
    }
    guard let positions = indices.constant, let rank = data.shape?.count else { return [data.resized(shape)] }
    let axis = try Shape.normalize(axis: axis, rank: rank)
    return [try data.moved(to: shape) { (source, _) throws(OnyxError) in try IndexMap.alongAxis(axis, of: source, at: positions) }]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let indices = try context.input(1)
    let shape = try context.shape()
    let axis = try Shape.normalize(axis: axis, rank: shape.rank)
    return [try data.gathering(try IndexMap.alongAxis(axis, of: data.shape, at: indices), shape: shape)]
  }

  /// Equal ranks of at least 1, and no index coordinate beyond the data: for GatherElements and ScatterElements.
  static func check(axis: Int, data: [Dimension], indices: [Dimension]?) throws(OnyxError) {
    let axis = try Shape.normalize(axis: axis, rank: data.count)
    guard let indices else { return }
    guard indices.count == data.count else {
      throw .invalid("The data has rank \(data.count), the indices have rank \(indices.count); they must be equal.")
    }
    for index in data.indices where index != axis {
      if let a = indices[index].known, let b = data[index].known, a > b {
        throw .invalid("The indices have \(a) entries along axis \(index), the data has \(b).")
      }
    }
  }
}
