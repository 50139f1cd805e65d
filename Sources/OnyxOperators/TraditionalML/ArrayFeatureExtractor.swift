import OnyxGraph
import OnyxTensor

/// The elements at the indices `Y` of the last axis. ONNX: ArrayFeatureExtractor (ai.onnx.ml 1).
///
/// [..,F] with n indices of any shape → [..,n]; [F] gives [1,n], as in ONNX Runtime.
package struct ArrayFeatureExtractor: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ArrayFeatureExtractor", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T"), .required("Y", "int64")],
      outputs: [.required("Z", "T")], types: ["T": Set<ElementType>.features.union([.string])]), ArrayFeatureExtractor())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    guard let shape = x.shape else { return [x.resized(nil)] }
    guard !shape.isEmpty else { throw .invalid("The input is a scalar; it must have an axis of features.") }
    let count = try context.shape(1)?.product() ?? context.unknown("count")
    return [x.resized(try ((shape.count == 1 ? [1] : Array(shape.dropLast())) + [count]).checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let features = x.shape[x.shape.rank - 1]
    let chosen = try context.input(1).ints()
    if let wrong = chosen.first(where: { $0 < 0 || $0 >= features }) {
      throw .invalid("The index \(wrong) is outside the \(features) features.")
    }
    try ReferenceMemory.check(shape.elementCount)
    var places: [Int] = []
    places.reserveCapacity(shape.elementCount)
    if features > 0 {
      for start in stride(from: 0, to: x.elementCount, by: features) { for index in chosen { places.append(start + index) } }
    }
    return [try x.gathering(places, shape: shape)]
  }
}
