import OnyxGraph
import OnyxTensor

/// (x − offset) · scale, with one offset and scale for all elements or for each feature of the last axis. ONNX: Scaler (ai.onnx.ml 1).
///
/// The result is float32, computed in `Double`. An absent offset is 0, an absent scale 1.
package struct Scaler: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Scaler", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "float32")],
      types: ["T": .features]), Scaler.init)

  /// Subtracted first; as many as `scale`.
  package let offset: [Float]
  /// Multiplied by then.
  package let scale: [Float]

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let offset = try attributes.floats("offset") ?? []
    let scale = try attributes.floats("scale") ?? []
    guard offset.isEmpty || scale.isEmpty || offset.count == scale.count else {
      throw .invalid("The attribute 'offset' has \(offset.count) numbers, 'scale' \(scale.count).")
    }
    let count = max(offset.count, scale.count, 1)
    self.offset = offset.isEmpty ? [Float](repeating: 0, count: count) : offset
    self.scale = scale.isEmpty ? [Float](repeating: 1, count: count) : scale
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.tensor(0).shape
    if let shape, scale.count != 1 {
      guard let features = shape.last else { throw .invalid("The input is a scalar; it must have an axis of features.") }
      try requireEqual(Dimension(scale.count), features, "The scales are not one for each feature")
    }
    return [Inferred(.float32, shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    guard scale.count == 1 || x.shape.last == scale.count else { throw .invalid("The scales are not one for each feature.") }
    var values = try x.doubles()
    for index in values.indices {
      let feature = index % scale.count
      values[index] = (values[index] - Double(offset[feature])) * Double(scale[feature])
    }
    return [try .float32(values, x.shape)]
  }
}
