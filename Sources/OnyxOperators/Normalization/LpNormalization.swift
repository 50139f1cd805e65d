import OnyxGraph
import OnyxTensor

/// Divides by the 1-norm or 2-norm along an axis; a zero norm gives zeros. ONNX: LpNormalization (1, 22).
package struct LpNormalization: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "LpNormalization", versions: [1, 22], inputs: [.required("input", "T")], outputs: [.required("output", "T")], types: ["T": .floats]),
    LpNormalization.init)

  /// May count from the end.
  package let axis: Int
  /// The order of the norm: 1 or 2.
  package let p: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: -1)
    p = try attributes.normOrder()
    guard p <= 2 else { throw .invalid("The attribute 'p' is \(p); it must be 1 or 2.") }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    if let rank = x.shape?.count { _ = try Shape.normalize(axis: axis, rank: rank) }
    return [Inferred(x.type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let axis = try Shape.normalize(axis: axis, rank: x.shape.rank)
    var y = try x.doubles()
    if y.isEmpty { return [x] }
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    let length = x.shape[axis]
    var pace = WorkPace(every: 1 << 15)
    for line in 0..<y.count / length {
      try pace.check(after: length)
      let start = line / inner * inner * length + line % inner
      let indices = stride(from: start, to: start + length * inner, by: inner)
      let length = norm(indices.map { y[$0] }, p: p)
      for index in indices { y[index] = length == 0 ? 0 : y[index] / length }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: x.shape)]
  }
}
